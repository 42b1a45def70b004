# Invoke-PPRunbook on a fresh tenant, a half-done one and a finished one.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $steps = 'DirSync', 'Application', 'ServicePrincipal', 'DelegatedConsent', 'ApplicationConsent', 'GlobalAdministrator', 'ClientSecret'
}

Describe 'Invoke-PPRunbook on a fresh tenant' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        $runs = @(Invoke-PPRunbook -Confirm:$false)
        $app = $runs[0]
        $rows = $app.Steps
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'returns one object, with a row a step in the order of the runbook' {
        $runs.Count | Should -Be 1
        $app | Should -BeOfType 'PPFederation.RunResult'
        $rows | Should -BeOfType 'PPFederation.StepResult'
        $rows.Step | Should -Be $steps
        $rows[1].Action | Should -Match '^Registered application '
    }

    It 'says whose it is, and how long it took' {
        $app.TenantName | Should -Be 'Contoso Accounting'
        $rows.TenantName | Sort-Object -Unique | Should -Be 'Contoso Accounting'
        $app.Duration | Should -BeGreaterThan ([timespan]::Zero)
    }

    It 'comes to what its steps come to' {
        $app.Result | Should -Be 'Pending'
        $app.Detail | Should -Be '6 of 7 steps are done. Pending: DirSync. Wait-PPDirSync waits for it.'
        ($app | Group-Object -Property Result).Name | Should -Be 'Pending'
    }

    It 'is one flat row of a CSV, with a column a step' {
        $path = Join-Path $TestDrive 'runs.csv'
        $app | Export-Csv -LiteralPath $path -NoTypeInformation
        $row = Import-Csv -LiteralPath $path
        @($row).Count | Should -Be 1
        $row.DirSync | Should -Be 'Pending'
        foreach ($name in ($steps[1..5] + 'ClientSecretResult')) {
            $row.$name | Should -Be 'Done' -Because $name
        }
        $row.AppId | Should -Be $app.AppId
        $row.ClientSecret | Should -Be 'System.Security.SecureString'
    }

    It 'shows its steps under the name of its tenant, and at last what comes next' {
        $lines = ($app | Out-String -Width 120) -split '\r?\n' | Where-Object { $_ }
        $lines[0] | Should -Match "^ +Tenant: Contoso Accounting \($($tenant.TenantId)\)$"
        foreach ($step in $steps) {
            @($lines -match "^$step +(Done|Pending) ").Count | Should -Be 1 -Because $step
        }
        $lines[-1] | Should -Be $app.Detail
    }

    It 'has done every step but the one that takes up to 72 hours, which is pending' {
        $rows[0].Result | Should -Be 'Pending'
        $rows[1..6].Result | Sort-Object -Unique | Should -Be 'Done'
    }

    It 'names the application, and holds its secret' {
        $app.TenantId | Should -Be $tenant.TenantId
        foreach ($name in 'AppId', 'ObjectId', 'ServicePrincipalId', 'SecretId') {
            $app.$name | Should -Match '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' -Because $name
        }
        $app.DisplayName | Should -Be 'Practice Protect Federation'
        $app.ClientSecret | Should -BeOfType ([securestring])
        $app.SecretEndDateTime.Year | Should -BeGreaterOrEqual ((Get-Date).Year + 99)
    }

    It 'returns a secret that signs in' {
        $parameters = @{
            TenantId = $tenant.TenantId; ClientId = $app.AppId; ClientSecret = $app.ClientSecret
            Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph
        }
        (Connect-PPTenant @parameters).ClientId | Should -Be $app.AppId
        [void](Connect-TestTenant $tenant)
    }

    It 'has left a single-tenant application with 18 permissions, all granted' {
        @(Get-PPPermission | Where-Object { $_.Status -eq 'Granted' }).Count | Should -Be 18
        $state = Get-TestState $tenant
        $made = $state.applications | Where-Object { $_.appId -eq $app.AppId }
        $made.signInAudience | Should -Be 'AzureADMyOrg'
        $made.uniqueName | Should -Be 'practice-protect-federation'
    }
}

Describe 'Invoke-PPRunbook on a finished tenant' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        $first = Invoke-PPRunbook -Confirm:$false
        Step-TestClock $tenant -By '3.00:00:00'
        [void](Connect-TestTenant $tenant)
        Clear-TestRequest $tenant
        $result = Invoke-PPRunbook -Confirm:$false
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'changes nothing and sends no write' {
        $result.Steps.Result | Sort-Object -Unique | Should -Be 'AlreadyDone'
        $result.Result | Should -Be 'Done'
        $result.Detail | Should -Match '^7 of 7 steps are done\. Next: Get-PPHandover'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'keeps the secret and returns none' {
        $result.AppId | Should -Be $first.AppId
        $result.ClientSecret | Should -Be $null
        $result.SecretId | Should -Be $null
    }

    It 'makes another secret with -NewSecret, and keeps the first' {
        $again = Invoke-PPRunbook -NewSecret -Confirm:$false
        $again.ClientSecret | Should -BeOfType ([securestring])
        $again.SecretId | Should -Not -Be $first.SecretId
        $made = (Get-TestState $tenant).applications | Where-Object { $_.appId -eq $first.AppId }
        @($made.passwordCredentials).Count | Should -Be 2
    }
}

Describe 'Invoke-PPRunbook with a selection' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'carries out the steps of -Step only' {
        $run = Invoke-PPRunbook -Step Application, ServicePrincipal -Confirm:$false
        $run.Steps.Step | Should -Be @('Application', 'ServicePrincipal')
        $run.Result | Should -Be 'Done'
        $run.Detail | Should -Match '^2 of 2 chosen steps are done\.'
        $run.DirSync | Should -Be $null
        @((Get-TestState $tenant).applications | Where-Object { $_.uniqueName -eq 'practice-protect-federation' }).Count | Should -Be 1
        (Get-PPDirSync).State | Should -Be 'On'
    }

    It 'leaves out the steps of -Skip' {
        (Invoke-PPRunbook -Skip DirSync, ClientSecret -Confirm:$false).Steps.Step | Should -Be $steps[1..5]
        (Get-PPDirSync).State | Should -Be 'On'
    }

    It 'takes the lifetime of the secret' {
        $app = Invoke-PPRunbook -Step ClientSecret -ClientSecretLifetime P2Y -Confirm:$false
        $app.SecretEndDateTime.Year | Should -Be ((Get-Date).Year + 2)
    }

    It 'refuses -Step and -Skip that contradict each other, before anything is sent' {
        Clear-TestRequest $tenant
        { Invoke-PPRunbook -Step DirSync -Skip DirSync } | Should -Throw -ErrorId 'PPFederation.StepsContradict,Invoke-PPRunbook'
        { Invoke-PPRunbook -Skip $steps } | Should -Throw -ErrorId 'PPFederation.StepsContradict,Invoke-PPRunbook'
        @(Get-TestRequest $tenant).Count | Should -Be 0
    }
}

Describe 'Invoke-PPRunbook and an application made by hand' {
    It 'reports it, and adopts it with -Adopt only' {
        $tenant = Start-TestTenant -Argument '--application "Practice Protect Federation"'
        try {
            [void](Connect-TestTenant $tenant)
            $made = (Get-TestState $tenant).applications | Where-Object { $_.displayName -eq 'Practice Protect Federation' }
            { Invoke-PPRunbook -Confirm:$false } | Should -Throw -ErrorId 'PPFederation.AppNotAdopted,Invoke-PPRunbook'
            (Invoke-PPRunbook -Adopt -Confirm:$false).AppId | Should -Be $made.appId
        }
        finally {
            Stop-TestTenant $tenant
        }
    }

    It 'reports two, and adopts neither' {
        $name = '--application "Practice Protect Federation"'
        $tenant = Start-TestTenant -Argument "$name $name"
        try {
            [void](Connect-TestTenant $tenant)
            $failure = Get-Failure { Invoke-PPRunbook -Adopt -Confirm:$false }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.AppAmbiguous,Invoke-PPRunbook'
            foreach ($made in (Get-TestState $tenant).applications | Where-Object { $_.displayName -eq 'Practice Protect Federation' }) {
                $failure.ToString() | Should -Match $made.appId
            }
            @(Get-TestWrite $tenant).Count | Should -Be 0
        }
        finally {
            Stop-TestTenant $tenant
        }
    }
}

Describe 'Invoke-PPRunbook when it asks' {
    BeforeAll {
        $tenant = Start-TestTenant
        $client = Get-TestClient $tenant
        $script = @"
`$ErrorActionPreference = 'Stop'
Import-Module '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
[void](Connect-PPTenant -TenantId $($tenant.TenantId) -ClientId $($client.clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($tenant.Login) -GraphEndpoint $($tenant.Graph))
Set-StrictMode -Version Latest
`$run = Invoke-PPRunbook
`$run.Steps | ForEach-Object { "row `$(`$_.Step) `$(`$_.Result)" }
"run `$(`$run.Result) `$(`$run.AppId)"
"@
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'changes nothing where nobody can be asked, and says what to do' {
        $said = Invoke-TestShell -Script $script
        $said.Text | Should -Match '-Confirm:\$false'
        $said.ExitCode | Should -Be 1
        Connect-TestTenant $tenant | Get-PPFederationStatus | ForEach-Object { $_.State | Should -Be 'NotDone' }
    }

    It 'asks for the three grave steps only, and reports a declined one as Skipped' {
        $said = Invoke-TestShell -Script $script -Answer "n`ny`ny`n"
        # With answers that are not typed, a row may stand in the line of the question.
        $rows = @([regex]::Matches($said.Text, 'row \w+ \w+') | ForEach-Object { $_.Value })
        $rows | Should -Be @(
            'row DirSync Skipped', 'row Application Done', 'row ServicePrincipal Done', 'row DelegatedConsent Done'
            'row ApplicationConsent Done', 'row GlobalAdministrator Done', 'row ClientSecret Done')
        $said.Lines[-1] | Should -Match '^run Skipped [0-9a-f-]{36}$'
        (Connect-TestTenant $tenant | Get-PPDirSync).State | Should -Be 'On'
    }

    It 'returns a run of skipped steps where all that asks is declined, and has sent nothing' {
        [void](Connect-TestTenant $tenant)
        $secret = (Get-TestState $tenant).applications.passwordCredentials.Count
        $alone = $script.Replace('Invoke-PPRunbook', 'Invoke-PPRunbook -Step DirSync')
        $said = Invoke-TestShell -Script $alone -Answer "n`n"
        $said.Lines[-1] | Should -Match '^run Skipped $'
        (Get-TestState $tenant).applications.passwordCredentials.Count | Should -Be $secret
        (Get-PPDirSync).State | Should -Be 'On'
    }
}

Describe 'Invoke-PPRunbook where another step is declined' {
    BeforeAll {
        $tenant = Start-TestTenant '--latency-ms 0 --seed 5403'
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'leaves synchronization on, and says why' {
        $client = Get-TestClient $tenant
        [void](Connect-TestTenant $tenant)
        Clear-TestRequest $tenant
        $said = Invoke-TestShell -Answer "y`ny`nn`n" -Script @"
Import-Module '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
[void](Connect-PPTenant -TenantId $($tenant.TenantId) -ClientId $($client.clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($tenant.Login) -GraphEndpoint $($tenant.Graph))
`$run = Invoke-PPRunbook
`$run.Steps | ForEach-Object { "row `$(`$_.Step) `$(`$_.Result)" }
"detail `$(`$run.Steps[0].Detail)"
"@
        # With answers that are not typed, a row may stand in the line of the question.
        $rows = @([regex]::Matches($said.Text, 'row \w+ \w+') | ForEach-Object { $_.Value })
        $rows | Should -Be @(
            'row DirSync NotDone', 'row Application Done', 'row ServicePrincipal Done', 'row DelegatedConsent Done'
            'row ApplicationConsent Done', 'row GlobalAdministrator Skipped', 'row ClientSecret Done')
        $said.Text | Should -Match 'GlobalAdministrator \(declined\)'
        ConvertTo-Json -Depth 9 -InputObject @(Get-TestWrite $tenant) | Should -Not -Match '/organization/'
        (Get-PPDirSync).State | Should -Be 'On'
    }
}

Describe 'Invoke-PPRunbook where the tenant changes while it asks' {
    BeforeAll {
        $tenant = Start-TestTenant '--latency-ms 0 --seed 5402 --no-dir-sync'
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'does not switch synchronization off that was switched on since the plan' {
        $client = Get-TestClient $tenant
        $edit = @{ edit = 'set'; collection = 'organization'; id = $tenant.TenantId; property = 'onPremisesSyncEnabled'; value = $true } | ConvertTo-Json -Compress
        # So many other plans as the library keeps, so that it reads the tenant again, as it does after five minutes.
        $said = Invoke-TestShell -Answer "y`ny`n" -Script @"
`$ErrorActionPreference = 'Stop'
Import-Module '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
[void](Connect-PPTenant -TenantId $($tenant.TenantId) -ClientId $($client.clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($tenant.Login) -GraphEndpoint $($tenant.Graph) -RetryBudgetSec 4)
`$run = Invoke-PPRunbook -Verbose 4>&1 | ForEach-Object {
    if (`$_ -isnot [System.Management.Automation.VerboseRecord]) {
        `$_
    }
    elseif ("`$_" -like 'Performing the operation "Register*') {
        1..16 | ForEach-Object { [void](Invoke-PPRunbook -Step Application -WhatIf) }
        [void](Invoke-RestMethod -Method Post -Uri '$($tenant.Control)/edit' -ContentType 'application/json' -Body '$edit')
    }
}
`$run.Steps | ForEach-Object { "row `$(`$_.Step) `$(`$_.Result) `$(`$_.Detail)" }
"@
        $said.Text | Should -Match 'row DirSync NotDone .*held back: .*Run again to be asked about it'
        $said.Text | Should -Match 'row GlobalAdministrator Done'
        (Get-TestState $tenant).organization[0].onPremisesSyncEnabled | Should -Be $true
    }
}
