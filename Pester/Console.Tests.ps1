# In a console: Ctrl+C ends what runs, and what is shown fits. Scripts in a shell of their own.

BeforeDiscovery {
    # Another shell than the host of these tests can't be told the width of a console, nor on Windows be sent Ctrl+C.
    $isOther = $Host.Name -ne 'PPFederation test host'
}

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    $tools = Join-Path $PSScriptRoot 'TestTenant.ps1'
    . $tools
    . (Join-Path (Split-Path -Parent $PSScriptRoot) 'tests/host/Shell.ps1')

    $tenant = Start-TestTenant
    [void](Connect-TestTenant $tenant)
    $known = $tenant | Select-Object -Property Login, Graph, Control, TenantId, Clients | ConvertTo-Json -Depth 5 -Compress

    function New-TestScript {
        # A script file that is connected to the tenant before it does its work.
        param([string]$Work)

        $file = Join-Path $TestDrive 'work.ps1'
        [System.IO.File]::WriteAllText($file, @"
Import-Module -Name `$env:PPFEDERATION_MODULE
. '$tools'
`$tenant = '$known' | ConvertFrom-Json
[void](Connect-TestTenant `$tenant)
Clear-TestRequest `$tenant
$Work
"@)
        $file
    }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'A console of <Columns> columns' -Skip:$isOther -ForEach @(@{ Columns = 80 }, @{ Columns = 200 }) {
    It 'shows every view within its width, and nothing of it is cut off' {
        $script = New-TestScript @'
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
)
foreach ($kind in $shown | Group-Object -Property { $_.PSObject.TypeNames[0] }) {
    $kind.Group | Out-Default
}
'@
        $before = $env:COLUMNS
        $env:COLUMNS = $Columns
        try {
            $said = Invoke-Shell -Argument '-File', $script
        }
        finally {
            $env:COLUMNS = $before
        }
        $said.Error | Should -BeNullOrEmpty
        $lines = $said.Output -split "`n"
        $lines.Count | Should -BeGreaterThan 20
        $lines | Where-Object { $_.TrimEnd().Length -gt $Columns } | Should -BeNullOrEmpty
        foreach ($last in 'Evidence', 'Effect', 'Note', 'Detail', 'State') {
            # The engine leaves out the columns for which there is no room.
            $lines | Where-Object { $_ -match "^\S.*\b$last\b" } | Should -Not -BeNullOrEmpty -Because $last
        }
        $lines | Where-Object { $_ -match '\u2026|\.\.\.' } | Should -BeNullOrEmpty
    }
}

Describe 'Ctrl+C' -Skip:$isOther {
    BeforeAll {
        [void](Disable-PPDirSync -Confirm:$false)
    }

    It 'ends a cmdlet that waits; the finally block runs and the rest of the script does not' {
        $script = New-TestScript "'ready'`ntry { Wait-PPDirSync; 'waited' } finally { Write-Host 'cleaned' }`n'rest'"
        $process = Start-Shell -Interruptible -Argument '-File', $script
        try {
            $process.StandardOutput.ReadLine() | Should -Be 'ready'
            $asked = [System.Threading.SpinWait]::SpinUntil({ @(Get-TestRequest $tenant).Count -gt 0 }, 60000)
            $asked | Should -Be $true
            Send-Interrupt $process
            $process.WaitForExit(60000) | Should -Be $true -Because 'directory synchronization takes three days'
            $process.ExitCode | Should -Be 130
            $process.StandardOutput.ReadToEnd().Trim() | Should -Be 'cleaned'
        }
        finally {
            if (-not $process.HasExited) {
                $process.Kill()
            }
        }
    }
}
