# A deleted application of this module: -DeletedApp, Restore-PPFederationApp, and what is said of it.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')

    function Remove-TestApp {
        # Deletes the module's application as an admin would in the portal, and returns it as it was.
        $app = Get-PPFederationApp
        [void](Invoke-RestMethod -Method Delete -Uri "$($tenant.Graph)/v1.0/applications/$($app.ObjectId)" `
                -Headers @{ Authorization = "Bearer $(Get-TestToken $tenant)" })
        Clear-TestRequest $tenant
        $app
    }
}

Describe 'An application that was deleted' {
    BeforeEach {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        [void](New-PPFederationApp -Confirm:$false)
        $was = Remove-TestApp
    }

    AfterEach {
        Stop-TestTenant $tenant
    }

    It 'is shown by Get-PPFederationStatus and Test-PPFederation, with its dates' {
        $row = Get-PPFederationStatus -Step Application
        $row.State | Should -Be 'NotDone'
        $row.Detail | Should -BeLike "*$($was.AppId)*deleted 20*restorable until 20*"
        Test-PPFederation -WarningVariable said 3>$null | Should -Be $false
        "$said" | Should -BeLike '*restorable until 20*'
    }

    It 'ends <Name> before any write where nobody says what becomes of it' -ForEach @(
        @{ Name = 'Invoke-PPRunbook'; Call = { Invoke-PPRunbook -Confirm:$false -ErrorVariable failed -ErrorAction SilentlyContinue; $failed } }
        @{ Name = 'New-PPFederationApp'; Call = { New-PPFederationApp -Confirm:$false -ErrorVariable failed -ErrorAction SilentlyContinue; $failed } }
        @{ Name = 'Get-PPPlan'; Call = { Get-PPPlan -ErrorVariable failed -ErrorAction SilentlyContinue; $failed } }
    ) {
        $failure = (& $Call)[-1]
        $failure.FullyQualifiedErrorId | Should -Be "PPFederation.ApplicationDeleted,$Name"
        "$failure" | Should -BeLike "*$($was.AppId)*"
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Restore.*Purge.*Ignore'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'is restored by Restore-PPFederationApp, with the ids it had and no new secret' {
        Restore-PPFederationApp -WhatIf | Should -BeNullOrEmpty
        @(Get-TestWrite $tenant).Count | Should -Be 0
        $all = @(Restore-PPFederationApp -Confirm:$false 3>&1)
        $said, $app = $all[0..($all.Count - 2)], $all[-1]
        $app.PSObject.TypeNames[0] | Should -Be 'PPFederation.App'
        $app.AppId, $app.ObjectId, $app.ServicePrincipalId | Should -Be $was.AppId, $was.ObjectId, $was.ServicePrincipalId
        $app.SecretId | Should -BeNullOrEmpty
        "$said" | Should -BeLike '*client secrets that haven''t ended (1) work again*'
        @(Get-PPFederationStatus -Step Application, ServicePrincipal, DelegatedConsent, ApplicationConsent, GlobalAdministrator).State |
            Select-Object -Unique | Should -Be 'Done'
        Clear-TestRequest $tenant
        $said = Restore-PPFederationApp -Confirm:$false 3>&1
        "$said" | Should -BeLike '*is not deleted: there is nothing to restore*'
        $failure = Get-Failure { Restore-PPFederationApp -AppId (New-Guid) -Confirm:$false -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PPFederation.NothingToRestore,*'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'is found by its id, and another id is an error that names it' {
        $other = [guid]::NewGuid()
        Restore-PPFederationApp -AppId $other -Confirm:$false -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'PPFederation.NothingToRestore,Restore-PPFederationApp'
        "$($failed[0])" | Should -BeLike "*$other*$($was.AppId)*"
        (Restore-PPFederationApp -ObjectId $was.ObjectId -Confirm:$false 3>$null).AppId | Should -Be $was.AppId
    }

    It 'is gone about as New-PPFederationApp -DeletedApp <Choice> says, and -WhatIf shows it' -ForEach @(
        @{ Choice = 'Restore'; Same = $true; Left = 0 }
        @{ Choice = 'Purge'; Same = $false; Left = 0 }
        @{ Choice = 'Ignore'; Same = $false; Left = 1 }
    ) {
        $plan = @(Get-PPPlan -DeletedApp $Choice -Step Application 3>$null)
        $plan[0].Change | Should -Match @{ Restore = 'Restore the deleted'; Purge = 'for good'; Ignore = 'beside the deleted one' }[$Choice]
        [void](New-PPFederationApp -DeletedApp $Choice -WhatIf 3>$null)
        @(Get-TestWrite $tenant).Count | Should -Be 0
        $app = New-PPFederationApp -DeletedApp $Choice -Confirm:$false 3>$null
        ($app.AppId -eq $was.AppId) | Should -Be $Same
        @((Get-TestState $tenant).deletedApplications).Count | Should -Be $Left
        (Get-PPFederationApp).AppId | Should -Be $app.AppId
    }

    It 'is asked about where somebody can be asked, and a stop changes nothing' {
        $script = "Import-Module '$env:PPFEDERATION_MODULE'
            `$secret = ConvertTo-SecureString '$((Get-TestClient $tenant).clientSecret)' -AsPlainText -Force
            [void](Connect-PPTenant -TenantId $($tenant.TenantId) -ClientId $((Get-TestClient $tenant).clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($tenant.Login) -GraphEndpoint $($tenant.Graph) -RetryBudgetSec 4)
            New-PPFederationApp 3>`$null | Out-Null
            `$Error[0].FullyQualifiedErrorId"
        $said = Invoke-TestShell -Script $script -Answer "s`n"
        if ($env:OS -ne 'Windows_NT') {
            # A console of Windows whose output is redirected shows no question, only the answer.
            $said.Text | Should -Match '(?s)The application was deleted.*Restore.*Purge.*Ignore.*Stop'
        }
        $said.Text | Should -Match 'PPFederation\.ApplicationDeleted,New-PPFederationApp'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }
}

Describe 'Where nothing was deleted' {
    It 'Restore-PPFederationApp says so' {
        $tenant = Start-TestTenant
        try {
            [void](Connect-TestTenant $tenant)
            { Restore-PPFederationApp -Confirm:$false -ErrorAction Stop } |
                Should -Throw -ErrorId 'PPFederation.NothingToRestore,Restore-PPFederationApp'
        }
        finally {
            Stop-TestTenant $tenant
        }
    }
}
