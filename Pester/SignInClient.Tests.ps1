# A public client of one's own: made, used to sign in by parameter and by the environment, opened to other tenants, removed; and
# the refusals that lead to it.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    [void](Set-TestTenant $tenant '/signIn' @{ interval = 1; pendingPolls = 0 })
    $custom = @{ TenantId = $tenant.TenantId; Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph }

    function Connect-TestDevice {
        param([hashtable]$Option = @{})

        Connect-PPTenant @custom -DeviceCode @Option 6>$null
    }

    function Get-TestSignInClient {
        @((Get-TestState $tenant).applications | Where-Object { $_.uniqueName -eq 'practice-protect-federation-sign-in' })
    }
}

AfterAll {
    $env:PPFEDERATION_CLIENT_ID = $null
    Stop-TestTenant $tenant
}

Describe 'New-PPSignInClient' {
    BeforeAll {
        $admin = Connect-TestTenant $tenant
        [void](New-PPSignInClient -Connection $admin -WhatIf)
        $foreseen = @(Get-TestSignInClient).Count
        $made = New-PPSignInClient -Connection $admin
    }

    AfterEach {
        $env:PPFEDERATION_CLIENT_ID = $null
    }

    It 'makes nothing with -WhatIf, and one public client without permissions of its own without' {
        $foreseen | Should -Be 0
        $client = Get-TestSignInClient
        $client.Count | Should -Be 1
        $client[0].appId | Should -Be $made.ClientId
        $client[0].displayName | Should -Be 'PPFederation sign-in'
        $client[0].requiredResourceAccess | Should -BeNullOrEmpty
        $made.Result | Should -Be 'Made'
        $made.Audience | Should -Be 'AzureADMyOrg'
        $made.ServicePrincipalId | Should -Not -BeNullOrEmpty
        $made.ConsentLink | Should -BeNullOrEmpty
    }

    It 'says the line that signs in with it, which does' {
        $made.Connect | Should -BeLike "Connect-PPTenant -TenantId $($tenant.TenantId) -ClientId $($made.ClientId)*"
        $line = [scriptblock]::Create("$($made.Connect) -DeviceCode 6>`$null")
        (& $line).ClientId | Should -Be $made.ClientId
        ($made | Connect-PPTenant -DeviceCode -Environment Custom -LoginEndpoint $tenant.Login -GraphEndpoint $tenant.Graph 6>$null).ClientId |
            Should -Be $made.ClientId
    }

    It 'is the client of whoever has its line in the environment, which -Verbose says' {
        & ([scriptblock]::Create($made.Variable))
        $all = @(Connect-PPTenant @custom -DeviceCode -Verbose 4>&1 6>$null)
        ($all | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }).ClientId | Should -Be $made.ClientId
        "$($all -match 'environment variable')" | Should -BeLike "*$($made.ClientId)*PPFEDERATION_CLIENT_ID*"
    }

    It 'loses to -ClientId, and a value that is no id names the variable' {
        $env:PPFEDERATION_CLIENT_ID = 'contoso'
        (Connect-TestDevice @{ ClientId = $made.ClientId }).ClientId | Should -Be $made.ClientId
        $failure = Get-Failure { Connect-TestDevice }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ClientIdInvalid,Connect-PPTenant'
        $failure.Exception.Message | Should -BeLike "*'contoso'*PPFEDERATION_CLIENT_ID*"
    }

    It 'changes nothing when it is run again, and asks nothing' {
        Clear-TestRequest $tenant
        $again = New-PPSignInClient -Connection $admin
        $again.Result, $again.ClientId | Should -Be 'AlreadyThere', $made.ClientId
        @(Get-TestWrite $tenant).Count | Should -Be 0
        New-PPSignInClient -Connection $admin -WhatIf 6>&1 | Should -BeLike 'What if: Nothing is left to change*'
    }

    It 'opens it to other tenants with -MultiTenant, and gives the link for their consent' {
        $open = New-PPSignInClient -Connection $admin -MultiTenant
        $open.Result, $open.Audience, $open.ClientId | Should -Be 'Changed', 'AzureADMultipleOrgs', $made.ClientId
        $open.ConsentLink | Should -BeLike "$($tenant.Login)/{tenant}/v2.0/adminconsent?client_id=$($made.ClientId)&redirect_uri=*"
    }

    It 'refuses a name of <Length> characters' -ForEach @(@{ Length = 0 }, @{ Length = 121 }) {
        { New-PPSignInClient -Connection $admin -DisplayName ('x' * $Length) -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.DisplayNameInvalid,New-PPSignInClient'
    }

    It 'tells a sign-in that may not which permission it takes' {
        $reader = Connect-TestTenant $tenant -Kind 'reader'
        $failure = Get-Failure { New-PPSignInClient -Connection $reader -DisplayName 'x' -MultiTenant -ErrorAction Stop; Remove-PPSignInClient -Connection $reader -Confirm:$false -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PPFederation.PermissionMissing,*'
        $failure.Exception.Message | Should -BeLike '*Application.ReadWrite.All*'
        $none = Connect-TestTenant $tenant -Kind 'noRole'
        $failure = Get-Failure { New-PPSignInClient -Connection $none -WhatIf -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PPFederation.PermissionMissing,*'
        $failure.Exception.Message | Should -BeLike '*Application.ReadWrite.All*'
    }
}

Describe 'Remove-PPSignInClient' {
    It 'removes it, and New-PPSignInClient brings it back with the same client id' {
        $admin = Connect-TestTenant $tenant
        $client = New-PPSignInClient -Connection $admin
        Remove-PPSignInClient -Connection $admin -WhatIf
        @(Get-TestSignInClient).Count | Should -Be 1
        (Remove-PPSignInClient -Connection $admin -Confirm:$false).Result | Should -Be 'Removed'
        @(Get-TestSignInClient).Count | Should -Be 0
        $back = New-PPSignInClient -Connection $admin
        $back.Result, $back.ClientId | Should -Be 'Restored', $client.ClientId
    }

    It 'leaves its service principal to be restored with it, and New-PPSignInClient says of a disabled one that nobody signs in with it' {
        $admin = Connect-TestTenant $tenant
        $client = New-PPSignInClient -Connection $admin
        [void](Remove-PPSignInClient -Connection $admin -Confirm:$false)
        (New-PPSignInClient -Connection $admin).ServicePrincipalId | Should -Be $client.ServicePrincipalId
        $disabled = @{ edit = 'set'; collection = 'servicePrincipals'; id = $client.ServicePrincipalId; property = 'accountEnabled'; value = $false }
        [void](Set-TestTenant $tenant '/edit' $disabled)
        $again = New-PPSignInClient -Connection $admin -WarningVariable warned -WarningAction SilentlyContinue
        $again.Result | Should -Be 'AlreadyThere'
        $again.Detail | Should -Match 'is disabled: nobody signs in with it'
        "$warned" | Should -Match 'is disabled: nobody signs in with it'
        $disabled.value = $true
        [void](Set-TestTenant $tenant '/edit' $disabled)
    }

    It 'warns where it is the client that the connection signed in with' {
        $admin = Connect-TestTenant $tenant
        $client = New-PPSignInClient -Connection $admin
        $person = Connect-TestDevice @{ ClientId = $client.ClientId }
        Remove-PPSignInClient -Connection $person -WhatIf -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeLike "*$($client.ClientId)*"
    }

    It 'says where there is none' {
        $admin = Connect-TestTenant $tenant
        [void](New-PPSignInClient -Connection $admin)
        [void](Remove-PPSignInClient -Connection $admin -Confirm:$false)
        { Remove-PPSignInClient -Connection $admin -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.SignInClientNotFound,Remove-PPSignInClient'
    }
}

Describe 'A refusal of the default client' {
    AfterAll {
        [void](Set-TestTenant $tenant '/signIn' @{ interval = 1; pendingPolls = 0 })
    }

    It 'by <Code> leads to a client of one''s own' -ForEach @(@{ Code = 50011 }, @{ Code = 65002 }, @{ Code = 700016 }, @{ Code = 7000218 }) {
        [void](Set-TestTenant $tenant '/signIn' @{ interval = 1; pendingPolls = 0; answer = $Code })
        $failure = Get-Failure { Connect-TestDevice }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.DefaultClientRefused,Connect-PPTenant'
        $failure.Exception.Code | Should -Be "AADSTS$Code"
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*PPFEDERATION_CLIENT_ID: New-PPSignInClient*about_PPFederation_SignIn*'
    }

    It 'by <Code> is told by its own kind, <Id>' -ForEach @(
        @{ Code = 50105; Id = 'UserNotAssigned'; Advice = 'New-PPSignInClient' }
        @{ Code = 65001; Id = 'ConsentMissing'; Advice = 'adminconsent' }
        @{ Code = 50076; Id = 'MoreFactorsWanted'; Advice = 'browser' }
        @{ Code = 50079; Id = 'MoreFactorsWanted'; Advice = 'register' }
        @{ Code = 7000112; Id = 'ApplicationDisabled'; Advice = 'Enable' }
    ) {
        [void](Set-TestTenant $tenant '/signIn' @{ interval = 1; pendingPolls = 0; answer = $Code })
        $failure = Get-Failure { Connect-TestDevice }
        $failure.FullyQualifiedErrorId | Should -Be "PPFederation.$Id,Connect-PPTenant"
        $failure.ErrorDetails.RecommendedAction | Should -Match $Advice
    }

    It 'that was begun with a code and is renewed no more says: not by device code' {
        [void](Set-TestTenant $tenant '/signIn' @{ interval = 1; pendingPolls = 0 })
        $connection = Connect-TestDevice
        Step-TestClock $tenant -By '02:00:00'
        [void](Set-TestTenant $tenant '/signIn' @{ refuseRefresh = 530036 })
        $failure = Get-Failure { Get-PPDirSync -Connection $connection -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.FlowBlocked,Get-PPDirSync'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike 'Sign in again, not by device code*'
    }
}
