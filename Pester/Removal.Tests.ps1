# The way back: removing the application, undoing a plan, and the lock of credentials.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')

    function Get-Ours {
        # The application, as the tenant has it.
        param($Tenant)

        @((Get-TestState $Tenant).applications | Where-Object displayName -EQ 'Practice Protect Federation')
    }
}

Describe 'Remove-PPFederationApp' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        [void](New-PPFederationApp -DeletedApp Purge -Confirm:$false 3>$null)
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'warns with -WhatIf of whom it locks out, and changes nothing' {
        Clear-TestRequest $tenant
        $warned = @(Remove-PPFederationApp -WhatIf 3>&1)
        "$warned" | Should -Match 'client secrets that work'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'takes role, consents, service principal and application away, in this order' {
        $rows = @(Remove-PPFederationApp -Confirm:$false 3>$null 6>$null)
        $rows[0].PSObject.TypeNames[0] | Should -Be 'PPFederation.TakenBack'
        $rows.Result | Select-Object -Unique | Should -Be 'Done'
        ($rows.Step | Select-Object -Unique) -join ' ' |
            Should -Be 'GlobalAdministrator ApplicationConsent DelegatedConsent ServicePrincipal Application'
        @(Get-Ours $tenant).Count | Should -Be 0
    }

    It 'says until when what was deleted can be restored' {
        [void](New-PPFederationApp -DeletedApp Purge -Confirm:$false 3>$null)
        $rows = @(Remove-PPFederationApp -Confirm:$false 3>$null 6>&1)
        $until = @($rows | Where-Object { $_.RecoverableUntil })
        $until.Step | Should -Be 'ServicePrincipal', 'Application'
        $deleted = @((Get-TestState $tenant).deletedApplications | Where-Object displayName -EQ 'Practice Protect Federation')[-1]
        $until[-1].RecoverableUntil.ToUniversalTime() | Should -Be ([datetime]$deleted.deletedDateTime).ToUniversalTime().AddDays(30)
        "$($rows[-1])" | Should -BeLike '*: 13 of 13 changes are taken back. Restore-PPFederationApp restores what was deleted until ????-??-??.'
    }

    It 'says where nothing is left, and changes nothing' {
        Clear-TestRequest $tenant
        $said = Remove-PPFederationApp -Confirm:$false 6>&1
        "$said" | Should -BeLike '*: Nothing is left to take back.'
        # Shown under every preference.
        $said.Tags | Should -Contain 'PSHOST'
        "$(Remove-PPFederationApp -WhatIf 6>&1)" | Should -BeLike 'What if: Nothing is left to change for tenant *'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'deletes for good what was deleted before, with -Permanently' {
        $appId = @((Get-TestState $tenant).deletedApplications | Where-Object displayName -EQ 'Practice Protect Federation')[-1].appId
        $rows = @(Remove-PPFederationApp -Permanently -Confirm:$false 6>$null)
        $rows.Result | Select-Object -Unique | Should -Be 'Done'
        @((Get-TestState $tenant).deletedApplications | Where-Object displayName -EQ 'Practice Protect Federation').Count | Should -Be 0
        @((Get-TestState $tenant).deletedServicePrincipals | Where-Object appId -EQ $appId).Count | Should -Be 0
        @(Get-PPFederationApp -ErrorAction SilentlyContinue).Count | Should -Be 0
    }

    It 'says, where a tenant guards the deletion for good, who can do it' {
        [void](New-PPFederationApp -DeletedApp Purge -Confirm:$false 3>$null)
        [void](Set-TestTenant $tenant '/faults' @{ fault = 'denied'; method = 'DELETE'; path = '/directory/deletedItems/*'; target = 'item'; forEver = $true })
        $failure = @()
        $rows = @(Remove-PPFederationApp -Permanently -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue 3>$null 6>$null)
        [void](Invoke-RestMethod -Method Delete -Uri "$($tenant.Control)/faults")
        $failure[0].FullyQualifiedErrorId | Should -Be 'PPFederation.PermanentDeletionRefused,Remove-PPFederationApp'
        @($rows | Where-Object Result -EQ 'Done').Count | Should -Be 13
        @(Get-Ours $tenant).Count | Should -Be 0
        [void](Remove-PPFederationApp -Permanently -Confirm:$false 6>$null)
    }

    It 'takes its connection from the pipeline' {
        [void](New-PPFederationApp -DeletedApp Purge -Confirm:$false 3>$null)
        @(Get-PPConnection | Remove-PPFederationApp -Confirm:$false 3>$null 6>$null).Count | Should -Be 13
    }
}

Describe 'Undo-PPRunbook' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        $plan = Join-Path $TestDrive 'plan.json'
        $hash = @(Get-PPPlan -Skip DirSync -Path $plan 6>$null)[0].PlanHash
        [void](Invoke-PPRunbook -Plan $plan -PlanHash $hash -Confirm:$false 3>$null 6>$null)
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'shows with -WhatIf what it would undo, and changes nothing' {
        Clear-TestRequest $tenant
        Undo-PPRunbook -Plan $plan -WhatIf 3>$null 6>$null | Should -BeNullOrEmpty
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'refuses another file than the one that was approved' {
        { Undo-PPRunbook -Plan $plan -PlanHash ('0' * 64) -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.PlanAltered,Undo-PPRunbook'
    }

    It 'takes back all that the plan has made, the last first' {
        $rows = @(Undo-PPRunbook $plan -PlanHash $hash -Confirm:$false 3>$null 6>$null)
        $rows.Result | Select-Object -Unique | Should -Be 'Done'
        $rows[0].Step | Should -Be 'ClientSecret'
        $rows[-1].Step | Should -Be 'Application'
        @(Get-Ours $tenant).Count | Should -Be 0
    }

    It 'changes nothing the second time, and says so' {
        Clear-TestRequest $tenant
        "$(Undo-PPRunbook $plan -Confirm:$false 6>&1)" | Should -BeLike '*: Nothing is left to take back.'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }
}

Describe 'Undo-PPRunbook of a plan that has switched synchronization off' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        $plan = Join-Path $TestDrive 'all.json'
        [void](Get-PPPlan -Path $plan 6>$null)
        [void](Invoke-PPRunbook -Plan $plan -Confirm:$false 3>$null 6>$null)
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'says that it stays off and why, and undoes the rest' {
        $all = @(Undo-PPRunbook $plan -Confirm:$false 3>&1 6>$null)
        $warned = $all | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }
        "$warned" | Should -Match 'step DirSync: .* not undone: .* up to 72 hours'
        $left = @($all | Where-Object { $_.Result -eq 'NotDone' })
        $left.Step | Should -Be 'DirSync'
        @(Get-Ours $tenant).Count | Should -Be 0
    }
}

Describe '-LockCredentials' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'ends in a cloud that knows no such lock with an error that says so, and nothing is made' {
        $fault = @{ fault = 'propertyUnknown'; property = 'servicePrincipalLockConfiguration'; method = 'PATCH'; path = '/applications*'; target = 'call'; forEver = $true }
        [void](Set-TestTenant $tenant '/faults' $fault)
        $failure = Get-Failure { New-PPFederationApp -LockCredentials -Confirm:$false -ErrorAction Stop 3>$null }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.CredentialLockNotOffered,New-PPFederationApp'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'without -LockCredentials'
        @(Get-Ours $tenant).Count | Should -Be 0
        [void](Invoke-RestMethod -Method Delete -Uri "$($tenant.Control)/faults")
    }

    It 'is off by default, and locks when it is given; the secret is made all the same' {
        [void](New-PPFederationApp -DeletedApp Purge -Confirm:$false 3>$null)
        (Get-Ours $tenant)[0].servicePrincipalLockConfiguration | Should -BeNullOrEmpty
        $all = @(New-PPFederationApp -LockCredentials -NewSecret -Confirm:$false -Verbose 3>$null 4>&1)
        "$($all -match '^Performing')" | Should -BeLike '*"Update the application *: the service principal''s credentials locked"*'
        $app = $all[-1]
        (Get-Ours $tenant)[0].servicePrincipalLockConfiguration.allProperties | Should -BeTrue
        $app.ClientSecret | Should -BeOfType [securestring]
        (Get-PPFederationStatus | Where-Object Step -EQ 'Application').Detail | Should -Match 'credentials are locked'
    }
}
