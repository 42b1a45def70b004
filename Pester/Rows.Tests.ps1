# What cmdlets return: classes whose properties complete, rows that say whose they are, and views that outlive the process.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    $connection = Connect-TestTenant $tenant
    $run = Invoke-PPRunbook -Confirm:$false
    $rows = @(
        Get-PPConnection
        $run
        $run.Steps
        Get-PPFederationApp
        Get-PPPermission
        Get-PPFederationStatus
        Get-PPClientSecret
        Get-PPDirSync
        Get-PPHandover
        Compare-PPAttribute | Select-Object -First 1
        Get-PPPlan -NewSecret
    )
    # What has no tenant, or belongs to something else.
    $others = @(
        $rows[0].Steps
        Get-PPClientSecret -Unclaimed
        New-PPClientSecret -NewSecret -WarningAction SilentlyContinue
        Remove-PPClientSecret -KeyId $run.SecretId -Confirm:$false
        Get-PPAttributeOwnership
        Get-PPProvisioningScript -UsageLocation AU
        Merge-PPProvisioningScript -UsageLocation AU -Script ''
        Test-PPProvisioningScript -Script 'trace(1)'
    )
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'The rows of a tenant' {
    It 'say whose they are' {
        foreach ($row in $rows) {
            $row.TenantId | Should -Be $tenant.TenantId -Because $row.GetType().Name
            $row.TenantName | Should -Be 'Contoso Accounting' -Because $row.GetType().Name
        }
    }

    It 'say so from the first read of a connection on' {
        [void](Connect-TestTenant $tenant)
        (Get-PPClientSecret).TenantName | Should -Be 'Contoso Accounting'
        (Get-PPConnection).TenantName | Should -Be 'Contoso Accounting'
    }

    It 'take no request more for that' {
        $fresh = Connect-TestTenant $tenant
        $known = Connect-TestTenant $tenant
        [void](Get-PPDirSync -Connection $known)
        $counts = foreach ($each in $fresh, $known) {
            Clear-TestRequest $tenant
            [void](Get-PPPermission -Connection $each)
            (Invoke-RestMethod -Uri "$($tenant.Control)/chain").longestChain
        }
        $counts[0] | Should -Be $counts[1]
    }

    It 'are grouped by tenant in tables' {
        $lines = (Get-PPFederationStatus | Out-String -Width 120) -split '\r?\n'
        @($lines -match "^ +Tenant: Contoso Accounting \($($tenant.TenantId)\)$").Count | Should -Be 1
    }
}

Describe 'The types of rows' {
    It 'are classes, which every cmdlet names that returns one' {
        foreach ($command in (Get-Module -Name PPFederation).ExportedFunctions.Values) {
            foreach ($type in $command.OutputType.Name | Where-Object { $_ -like 'PPFederation.*' }) {
                $type -as [type] | Should -Not -BeNullOrEmpty -Because $command.Name
            }
        }
        foreach ($row in $rows) {
            $row.GetType().FullName | Should -Be $row.PSObject.TypeNames[0]
        }
    }

    It 'complete their properties after the pipe: <Line>' -ForEach @(
        @{ Line = 'Get-PPPermission | Where-Object '; Property = 'Evidence' }
        @{ Line = 'Invoke-PPRunbook | Select-Object -Property '; Property = 'SecretLocation' }
        @{ Line = '(Get-PPConnection).'; Property = 'ExpiresOn' }
    ) {
        $found = (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.ListItemText
        $found | Should -Contain $Property
    }
}

Describe 'The views' {
    AfterEach {
        [cultureinfo]::CurrentCulture = $culture
    }

    BeforeAll {
        $culture = [cultureinfo]::CurrentCulture
    }

    It 'keep ids and dates in one line, and lines within <Width> columns, in the culture "<Culture>"' -ForEach @(
        foreach ($width in 80, 120, 200) {
            # In the invariant culture, that of containers, PowerShell breaks lines within words.
            @{ Width = $width; Culture = '' }
            @{ Width = $width; Culture = 'en-AU' }
        }
    ) {
        [cultureinfo]::CurrentCulture = $Culture
        $text = @(
            foreach ($kind in $rows + $others | Group-Object -Property { $_.GetType().Name }) {
                foreach ($view in 'Format-Table', 'Format-List') {
                    $kind.Group | & $view | Out-String -Width $Width
                }
            }
            $run | Out-String -Width $Width
        )
        $lines = ($text -join "`n") -split '\r?\n'
        $lines | Where-Object { $_.Length -gt $Width } | Should -BeNullOrEmpty
        $dates = $lines -match '^(\w+DateTime|ExpiresOn|End) +: \S'
        $dates.Count | Should -BeGreaterThan 5
        $dates | Where-Object { $_ -notmatch ': \d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d$' } | Should -BeNullOrEmpty
        $lines | Where-Object { $_ -match '(^|\s)\d{4}-(\d\d-?)?\s*$' } | Should -BeNullOrEmpty
        $ids = [regex]::Matches($text -join "`n", '(?<![0-9a-f-])[0-9a-f]{8}-[0-9a-f-]*|[0-9a-f]*(-[0-9a-f]{4})*-[0-9a-f]{12}\b')
        $ids.Count | Should -BeGreaterThan 40
        @($ids | Where-Object { $_.Length -ne 36 }).Value | Should -BeNullOrEmpty
    }

    It 'show the permissions at 80 columns in a line each' {
        $lines = (Get-PPPermission | Out-String -Width 80) -split '\r?\n'
        $lines.Count | Should -BeLessThan 27
        @($lines -match '^\S+ +(Delegated|Application) +True +Granted').Count | Should -Be 18
    }
}

Describe 'A row that leaves the process' {
    It 'is a property bag with the same values and the same view' {
        $again = Invoke-PPRunbook -Confirm:$false
        $path = Join-Path $TestDrive 'rows.clixml'
        foreach ($row in @($again) + @(Get-PPPermission)[0] + @(Get-PPClientSecret) + (Get-PPDirSync)) {
            $row | Export-Clixml -LiteralPath $path
            $back = Import-Clixml -LiteralPath $path
            $back.PSObject.TypeNames[0] | Should -Be "Deserialized.$($row.GetType().FullName)"
            $back | Out-String -Width 120 | Should -Be ($row | Out-String -Width 120)
        }
        (Import-Clixml -LiteralPath $path).SyncedUsers | Should -Be (Get-PPDirSync).SyncedUsers
    }
}
