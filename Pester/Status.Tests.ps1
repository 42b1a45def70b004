# Get-PPFederationStatus and Test-PPFederation.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    [void](Connect-TestTenant $tenant)
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'A fresh tenant' {
    It 'has no step done' {
        $rows = @(Get-PPFederationStatus)
        $rows.Step | Should -Be @('DirSync', 'Application', 'ServicePrincipal', 'DelegatedConsent', 'ApplicationConsent', 'GlobalAdministrator', 'ClientSecret')
        $rows.State | Sort-Object -Unique | Should -Be 'NotDone'
    }

    It 'fails Test-PPFederation, with the reasons as warnings' {
        $passed = Test-PPFederation -WarningVariable reasons -WarningAction SilentlyContinue
        $passed | Should -BeOfType ([bool])
        $passed | Should -Be $false
        @($reasons).Count | Should -BeGreaterThan 0
    }

    It 'is named by each warning, so that one of several tenants is told from the others' {
        [void](Test-PPFederation -WarningVariable reasons -WarningAction SilentlyContinue)
        [void](Invoke-PPRunbook -WhatIf -WarningVariable doubts -WarningAction SilentlyContinue 6>$null)
        $all = @($reasons) + @($doubts)
        @($all -match "^Contoso Accounting \($($tenant.TenantId)\): [A-Z]").Count | Should -Be $all.Count
        @($doubts).Count | Should -BeGreaterThan 0
    }

    It 'shows the steps that are asked for' {
        (Get-PPFederationStatus -Step DirSync, ClientSecret).Step | Should -Be @('DirSync', 'ClientSecret')
    }
}

Describe 'A tenant after the runbook' {
    BeforeAll {
        $run = Invoke-PPRunbook -Confirm:$false
    }

    It 'waits for directory synchronization only' {
        $rows = @(Get-PPFederationStatus)
        ($rows | Where-Object { $_.Step -eq 'DirSync' }).State | Should -Be 'Pending'
        @($rows | Where-Object { $_.State -eq 'Done' }).Count | Should -Be 6
        Test-PPFederation -WarningAction SilentlyContinue | Should -Be $false
    }

    It 'passes 72 hours later' {
        Step-TestClock $tenant -By '3.00:00:00'
        [void](Connect-TestTenant $tenant)
        (Get-PPFederationStatus).State | Sort-Object -Unique | Should -Be 'Done'
        Test-PPFederation | Should -Be $true
    }

    It 'passes with the secret that signs in, and fails with another one' {
        Test-PPFederation -ClientSecret $run.ClientSecret | Should -Be $true
        $wrong = ConvertTo-TestSecret 'another text'
        Test-PPFederation -ClientSecret $wrong -WarningVariable reasons -WarningAction SilentlyContinue | Should -Be $false
        "$reasons" | Should -Match 'AADSTS7000215'
    }

    It 'fails while the application is deactivated' {
        $edit = @{ edit = 'set'; collection = 'applications'; id = $run.ObjectId; property = 'isDisabled' }
        [void](Set-TestTenant $tenant '/edit' ($edit + @{ value = $true }))
        Test-PPFederation -WarningVariable reasons -WarningAction SilentlyContinue | Should -Be $false
        "$reasons" | Should -Match 'activates it again'
        Test-PPFederation -ClientSecret $run.ClientSecret -WarningAction SilentlyContinue | Should -Be $false
        (Get-PPFederationStatus | Where-Object { $_.State -ne 'Done' }).Step | Should -Be 'Application'
        [void](Set-TestTenant $tenant '/edit' ($edit + @{ value = $false }))
        Test-PPFederation -ClientSecret $run.ClientSecret | Should -Be $true
    }
}

Describe 'A client that may not read' {
    It 'sees Unknown, never Done' {
        $connection = Connect-TestTenant $tenant -Kind noRole
        (Get-PPFederationStatus -Connection $connection).State | Sort-Object -Unique | Should -Be 'Unknown'
        Test-PPFederation -Connection $connection -WarningAction SilentlyContinue | Should -Be $false
    }
}

Describe 'A cloud that lacks a permission' {
    BeforeAll {
        $lacking = Start-TestTenant
        [void](Set-TestTenant $lacking '/edit' @{ edit = 'withhold'; permission = 'User.ManageIdentities.All' })
        $connection = Connect-TestTenant $lacking
    }

    AfterAll {
        Stop-TestTenant $lacking
        [void](Connect-TestTenant $tenant)
    }

    It 'gets the others at once, and what it lacks is said once' {
        $run = Invoke-PPRunbook -Connection $connection -Confirm:$false -WarningVariable warned -WarningAction SilentlyContinue
        ($run.Steps | Where-Object { $_.Step -ne 'DirSync' }).Result | Sort-Object -Unique | Should -Be 'Done'
        ($run.Steps | Where-Object { $_.Step -eq 'Application' }).Detail | Should -Match '16 of 16 permissions declared'
        @($warned -match 'User\.ManageIdentities\.All').Count | Should -Be 1
        "$warned" | Should -Match 'manage the identities that users sign in with'
    }

    It 'shows them as NotOffered' {
        $rows = @(Get-PPPermission -Connection $connection)
        @($rows | Where-Object { $_.Status -eq 'NotOffered' }).Name | Sort-Object -Unique | Should -Be 'User.ManageIdentities.All'
        @($rows | Where-Object { $_.Status -eq 'Granted' }).Count | Should -Be 16
    }

    It 'passes Test-PPFederation with a warning' {
        Step-TestClock $lacking -By '3.00:00:00'
        $connection = Connect-TestTenant $lacking
        Test-PPFederation -Connection $connection -WarningVariable warned -WarningAction SilentlyContinue | Should -Be $true
        @($warned).Count | Should -Be 1
        "$warned" | Should -Match "doesn't offer 2 of the runbook's 18 permissions"
    }
}
