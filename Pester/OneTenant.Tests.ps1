# One tenant's trouble is one tenant's error: the next one goes on, and -ErrorAction decides.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $first = Start-TestTenant
    $second = Start-TestTenant -Argument '--seed 7 --policy-max-secret-days 180'
    $third = Start-TestTenant -Argument '--seed 8'
    $connections = $first, $second, $third | ForEach-Object { Connect-TestTenant $_ }
}

AfterAll {
    Get-PPConnection -ListAvailable | Disconnect-PPTenant
    $first, $second, $third | ForEach-Object { Stop-TestTenant $_ }
}

Describe 'What befell one tenant' {
    It 'is no more than nothing where it is ignored: if (-not (Get-PPFederationApp -ErrorAction Ignore))' {
        $said = if (-not (Get-PPFederationApp -Connection $connections[0] -ErrorAction Ignore)) { 'no app' }
        $said | Should -Be 'no app'
        $app = 'of another tenant'
        $app = Get-PPFederationApp -Connection $connections[0] -ErrorAction SilentlyContinue -ErrorVariable failure
        $app | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'PPFederation.AppNotFound,Get-PPFederationApp'
    }

    It 'is an error with the tenant in its text, and by -ErrorAction Stop it ends the command' {
        $app = Get-PPFederationApp -Connection $connections[0] -ErrorAction SilentlyContinue -ErrorVariable failure
        $app | Should -BeNullOrEmpty
        [string]$failure[0] | Should -Match $first.TenantId
        $failure[0].TargetObject | Should -Not -BeNullOrEmpty
        { Get-PPFederationApp -Connection $connections[0] -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.AppNotFound,Get-PPFederationApp'
    }

    It 'leaves the others: $c1,$c2,$c3 | Get-PPDirSync, where the second is closed' {
        $closed = Connect-TestTenant $second
        $closed | Disconnect-PPTenant
        $rows = @($connections[0], $closed, $connections[2] | Get-PPDirSync -ErrorAction SilentlyContinue -ErrorVariable failures)
        $rows.TenantId | Should -Be @($first.TenantId, $third.TenantId)
        $failures.Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -Be 'PPFederation.ConnectionClosed,Get-PPDirSync'
        [string]$failures[0] | Should -Match $second.TenantId
    }

    It 'leaves the others: Import-Csv tenants.csv | Connect-PPTenant, where a row is stale' {
        $stale = [string][guid]::NewGuid()
        $client = Get-TestClient $first
        $file = Join-Path $TestDrive 'tenants.csv'
        $row = { param($Id) [pscustomobject]@{ TenantId = $Id; ClientId = $client.clientId; Environment = 'Custom'; LoginEndpoint = $first.Login; GraphEndpoint = $first.Graph } }
        @(& $row $first.TenantId; & $row $stale; & $row 'no tenant'; & $row $first.TenantId) | Export-Csv -Path $file
        $made = @(Import-Csv -Path $file |
                Connect-PPTenant -ClientSecret (ConvertTo-TestSecret $client.clientSecret) -ErrorAction SilentlyContinue -ErrorVariable failures)
        $made.TenantId | Should -Be @($first.TenantId, $first.TenantId)
        @($failures | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }).Count | Should -Be 2
        [string]$failures[0] | Should -Match $stale
        $made | Disconnect-PPTenant
    }
}

Describe 'A run of many tenants' {
    BeforeAll {
        $runs = @($connections | Invoke-PPRunbook -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failures)
    }

    It 'gives a RunResult a tenant, of which the one that failed says why' {
        $runs.Count | Should -Be 3
        $runs.TenantId | Should -Be @($first.TenantId, $second.TenantId, $third.TenantId)
        $runs.Result | Should -Be @('Pending', 'Failed', 'Pending')
        $runs[1].Detail | Should -Match 'PPFederation.LifetimeForbiddenByPolicy'
        $runs[1].Detail | Should -Match $second.TenantId
        $runs[0].ClientSecret, $runs[2].ClientSecret | Should -BeOfType ([securestring])
        @(Get-TestWrite $second).Count | Should -Be 0
    }

    It 'writes one error, which names the tenant' {
        @($failures | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }).Count | Should -Be 1
        [string]$failures[0] | Should -Match $second.TenantId
    }

    It 'groups, exports flat rows, and trips over nothing in strict mode' {
        Set-StrictMode -Version Latest
        ($runs | Group-Object -Property Result).Name | Sort-Object | Should -Be @('Failed', 'Pending')
        $file = Join-Path $TestDrive 'runs.csv'
        $runs | Export-Csv -Path $file
        $back = Import-Csv -Path $file
        $back.AppId[0], $back.AppId[2] | Should -Be @($runs[0].AppId, $runs[2].AppId)
        @($runs | Where-Object { $_.ClientSecretResult -eq 'Done' }).Count | Should -Be 2
    }
}

Describe 'pwsh -File for a schedule' {
    It 'ends non-zero by $ErrorActionPreference = ''Stop'', where a tenant failed' {
        $client = Get-TestClient $second
        $file = Join-Path $TestDrive 'run.ps1'
        Set-Content -Path $file -Value @"
`$ErrorActionPreference = 'Stop'
Import-Module '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
[void](Connect-PPTenant -TenantId $($second.TenantId) -ClientId $($client.clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($second.Login) -GraphEndpoint $($second.Graph))
Invoke-PPRunbook -Confirm:`$false
'not reached'
"@
        $said = & (Get-ShellProgram) (Get-ShellArgument) -NonInteractive -File $file 2>&1
        $LASTEXITCODE | Should -Not -Be 0
        [string]$said | Should -Match $second.TenantId
        [string]$said | Should -Not -Match 'not reached'
    }
}
