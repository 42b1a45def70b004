# What every view of the module has to hold at any width. Dot-source it in BeforeAll.

function Get-ViewScript {
    # The text of a script, connected to a tenant, that shows one object or more of each kind.
    @'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$shown = @(
    Get-PPConnection
    Invoke-PPRunbook -Step Application, ServicePrincipal -Confirm:$false
    New-PPClientSecret -WarningAction SilentlyContinue
    Get-PPClientSecret
    Get-PPPermission
    Get-PPFederationStatus
    Get-PPDirSync
    Get-PPAttributeOwnership
    Get-PPHandover
    Compare-PPAttribute | Select-Object -First 4
    Get-PPPlan
    Merge-PPProvisioningScript -UsageLocation AU -Script 'if (isPerson()) { }' 6>$null
    Test-PPProvisioningScript -Script 'destination.Mail = source.Mail; trace(1);'
)
foreach ($kind in $shown | Group-Object -Property { $_.PSObject.TypeNames[0] }) {
    $kind.Group | Out-Default
}
'@
}

function Assert-View {
    # What it shows is within the width, nothing of it is cut off, and each id is in one line, whole.
    param([string[]]$Lines, [int]$Columns)

    $Lines.Count | Should -BeGreaterThan 20
    $Lines | Where-Object { $_.TrimEnd().Length -gt $Columns } | Should -BeNullOrEmpty
    foreach ($last in 'Status', 'Effect', 'Detail', 'State') {
        # The engine leaves out the columns for which there is no room.
        $Lines | Where-Object { $_ -match "^\S.*\b$last\b" } | Should -Not -BeNullOrEmpty -Because $last
    }
    $Lines | Where-Object { $_ -match '\u2026|\.\.\.' } | Should -BeNullOrEmpty
    $ids = [regex]::Matches($Lines -join "`n", '(?<![0-9a-f-])[0-9a-f]{8}-[0-9a-f-]*|[0-9a-f]*(-[0-9a-f]{4})*-[0-9a-f]{12}\b')
    $ids.Count | Should -BeGreaterThan 20
    $ids | Where-Object { $_.Length -ne 36 } | Should -BeNullOrEmpty
    @($Lines -match '^\S+ +(Delegated|Application) +(True|False) +(Not)?Granted').Count | Should -Be 18
}
