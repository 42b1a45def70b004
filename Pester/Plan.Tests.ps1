# Plans that are kept: Get-PPPlan shows one and writes it, Invoke-PPRunbook -Plan carries it out.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
}

Describe 'Get-PPPlan' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        $path = Join-Path $TestDrive 'plan.json'
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'returns a row a change, and sends reads alone' {
        $rows = Get-PPPlan
        $rows | Should -BeOfType 'PPFederation.PlanItem'
        $rows.Count | Should -Be 15
        $rows.TenantName | Sort-Object -Unique | Should -Be 'Contoso Accounting'
        $last = $rows | Where-Object { -not $_.Reversible }
        $last.Step | Should -Be 'DirSync'
        $last.Reason | Should -Match 'before it is completely off'
        $last.Request | Should -Match '^PATCH /organization/[0-9a-f-]{36}\s+\{"onPremisesSyncEnabled":false\}$'
        $rows[0].PlanHash | Should -BeNullOrEmpty
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'takes the choices of Invoke-PPRunbook' {
        $rows = @(Get-PPPlan -Step Application, ClientSecret -DisplayName 'Mine' -ClientSecretLifetime P2Y)
        $rows.Step | Should -Be 'Application', 'ClientSecret'
        (Get-PPPlan -Skip DirSync, ClientSecret).Step | Should -Not -Contain 'ClientSecret'
        $rows[0].Change | Should -Be "Register the application 'Mine'"
        $rows[1].After | Should -Be 'it will live for 730 days'
    }

    It 'writes nothing with -WhatIf, and shows the plan all the same' {
        @(Get-PPPlan -Path $path -WhatIf).Count | Should -Be 15
        Test-Path -LiteralPath $path | Should -Be $false
    }

    It 'writes a file and says its SHA-256' {
        $said = Get-PPPlan -Path $path 6>&1
        $rows = @($said | Where-Object { $_ -is [PPFederation.PlanItem] })
        $hash = (Get-FileHash -LiteralPath $path).Hash
        $rows.PlanHash | Sort-Object -Unique | Should -Be $hash
        ($said | Where-Object { $_ -is [System.Management.Automation.InformationRecord] }).MessageData | Should -Match $hash
        $plan = [System.IO.File]::ReadAllText($path) | ConvertFrom-Json
        $plan.tenantId | Should -Be $tenant.TenantId
        $plan.changes.Count | Should -Be 15
        [System.IO.File]::ReadAllBytes($path)[0] | Should -Be 0x7B -Because 'there is no byte order mark'
    }

    It 'writes it for its owner alone' -Skip:($env:OS -eq 'Windows_NT') {
        (Get-Item -LiteralPath $path).UnixMode | Should -Be '-rw-------'
    }

    It 'overwrites no file without -Force' {
        $before = (Get-FileHash -LiteralPath $path).Hash
        (Get-Failure { Get-PPPlan -Path $path }).FullyQualifiedErrorId | Should -Match '^PPFederation.PlanFileExists'
        (Get-FileHash -LiteralPath $path).Hash | Should -Be $before
        @(Get-PPPlan -Path $path -Force -Step Application 6>$null).PlanHash | Should -Be (Get-FileHash -LiteralPath $path).Hash
    }

    It 'says so where it cannot be written' {
        $failure = Get-Failure { Get-PPPlan -Path (Join-Path $TestDrive 'none/plan.json') }
        $failure.FullyQualifiedErrorId | Should -Match '^PPFederation.PlanFileNotWritable'
    }
}

Describe 'Invoke-PPRunbook -Plan' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        $path = Join-Path $TestDrive 'plan.json'
        $hash = @(Get-PPPlan -Path $path 6>$null)[0].PlanHash

        function Get-PlanFailure {
            # The id of the error that refuses a file.
            param([string]$Text, [hashtable]$More = @{})

            $file = Join-Path $TestDrive 'other.json'
            [System.IO.File]::WriteAllText($file, $Text)
            (Get-Failure { Invoke-PPRunbook -Plan $file -Confirm:$false @More }).FullyQualifiedErrorId -replace ',.*'
        }
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'refuses what was not approved, before anything is written' {
        $text = [System.IO.File]::ReadAllText($path)
        Get-PlanFailure $text @{ PlanHash = '00' } | Should -Be 'PPFederation.PlanAltered'
        Get-PlanFailure $text.Replace('"directoryScopeId": "/"', '"directoryScopeId": "/x"') | Should -Be 'PPFederation.PlanAltered'
        Get-PlanFailure $text.Substring(0, 900) | Should -Be 'PPFederation.PlanAltered'
        Get-PlanFailure $text.Replace('"schema": 3', '"schema": 9') | Should -Be 'PPFederation.PlanOfAnotherSchema'
        Get-PlanFailure $text.Replace($tenant.TenantId, [guid]::NewGuid()) | Should -Be 'PPFederation.PlanOfAnotherTenant'
        $failure = Get-Failure { Invoke-PPRunbook -Plan (Join-Path $TestDrive 'none.json') }
        $failure.FullyQualifiedErrorId | Should -Match '^PPFederation.PlanNotReadable'
        $failure.Exception.Message | Should -Match 'none\.json'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'takes no other choice beside it' {
        (Get-Failure { Invoke-PPRunbook -Plan $path -Step Application }).FullyQualifiedErrorId | Should -Match '^AmbiguousParameterSet'
    }

    It 'sends no write with -WhatIf' {
        Invoke-PPRunbook -Plan $path -PlanHash $hash -WhatIf | Should -BeNullOrEmpty
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'carries it out, and a second time changes nothing and says so' {
        $placed = [System.Collections.Generic.List[string]]::new()
        $run = Invoke-PPRunbook -Plan $path -PlanHash $hash -Confirm:$false -SecretSink {
            param($secret, $app)
            $placed.Add("$($app.SecretId) $($secret.Length)")
        }
        $run.Result | Should -Be 'Pending'
        $run.Steps.Count | Should -Be 7
        $placed | Should -Match "^$($run.SecretId) [1-9]"
        Clear-TestRequest $tenant
        $again = Invoke-PPRunbook -Plan $path -PlanHash $hash -Confirm:$false -WarningVariable said -WarningAction SilentlyContinue
        $again.ClientSecretResult | Should -Be 'AlreadyDone'
        "$said" | Should -Match 'carried out already'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'refuses one whose tenant has moved, and names what' {
        $late = Join-Path $TestDrive 'late.json'
        [void](Get-PPPlan -NewSecret -Step ClientSecret -Path $late 6>$null)
        [void](New-PPClientSecret -NewSecret -WarningAction SilentlyContinue)
        Clear-TestRequest $tenant
        $failure = Get-Failure { Invoke-PPRunbook -Plan $late -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -Match '^PPFederation.PlanMoved'
        $failure.Exception.Message | Should -Match 'the client secrets PPToken'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'asks for the same confirmations, and <Case>' -ForEach @(
        @{ Case = 'leaves out what is declined'; Answer = "n`ny`ny`n"; DirSync = 'Skipped'; Done = 6 }
        @{ Case = 'does not switch synchronization off where another step is declined'; Answer = "y`ny`nn`n"; DirSync = 'NotDone'; Done = 5 }
    ) {
        $own = Start-TestTenant
        try {
            [void](Connect-TestTenant $own)
            $file = Join-Path $TestDrive 'own.json'
            [void](Get-PPPlan -Path $file -Force 6>$null)
            $client = Get-TestClient $own
            $said = Invoke-TestShell -Script @"
Import-Module '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
[void](Connect-PPTenant -TenantId $($own.TenantId) -ClientId $($client.clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($own.Login) -GraphEndpoint $($own.Graph))
(Invoke-PPRunbook -Plan '$file').Steps | ForEach-Object { "row `$(`$_.Step) `$(`$_.Result)" }
"@ -Answer $Answer
            # With answers that are not typed, a row may stand in the line of the question.
            $rows = @([regex]::Matches($said.Text, 'row \w+ \w+') | ForEach-Object { $_.Value })
            $rows[0] | Should -Be "row DirSync $DirSync"
            @($rows -match ' Done$').Count | Should -Be $Done
        }
        finally {
            Stop-TestTenant $own
        }
    }
}
