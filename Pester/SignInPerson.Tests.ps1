# A person signs in: Connect-PPTenant -Interactive and -DeviceCode. The tests are the person: what the cmdlet says goes down
# the pipeline while it waits, and whoever reads it there opens the address.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant

    function Set-TestPerson {
        # How people sign in from now on: the properties of the twin's control endpoint /signIn.
        param([hashtable]$Setting = @{})

        [void](Set-TestTenant $tenant '/signIn' $Setting)
    }

    function Connect-TestPerson {
        # Signs in in the browser; what was said and what the browser showed are left in $script:said and $script:page.
        param([hashtable]$Option = @{})

        $script:said = @()
        $script:page = ''
        $parameters = @{ TenantId = $tenant.TenantId; Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph; NoBrowser = $true }
        Connect-PPTenant @parameters @Option 6>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.InformationRecord]) {
                $script:said += $_
                $address = ([string]$_ -split "`n")[-1]
                if ($address -like 'http*') {
                    $script:page = (Invoke-WebRequest -Uri $address -UseBasicParsing).Content
                }
            }
            else {
                $_
            }
        }
    }

    function Connect-TestDevice {
        # The device's person has nothing to open: the twin lets them in by itself.
        param([hashtable]$Option = @{})

        $script:said = @()
        $parameters = @{ TenantId = $tenant.TenantId; Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph; DeviceCode = $true }
        Connect-PPTenant @parameters @Option 6>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.InformationRecord]) { $script:said += $_ } else { $_ }
        }
    }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'Connect-PPTenant -Interactive' {
    BeforeEach {
        Set-TestPerson
    }

    It 'is the default, and returns the connection of who signed in' {
        $connection = Connect-TestPerson
        $connection.SignIn | Should -Be 'Interactive'
        $connection.User | Should -Be 'ada@partner.example'
        $connection.ClientId | Should -Be '14d82eec-204b-4c2f-b7e8-296a70dab67e'
        $page | Should -Match 'You may close this page'
        $page | Should -Not -Match '<script'
        (Get-PPDirSync -Connection $connection).TenantId | Should -Be $tenant.TenantId
    }

    It 'says the address as a record that the host shows' {
        [void](Connect-TestPerson -Option @{ Interactive = $true })
        $said.Count | Should -Be 1
        $said[0].Tags | Should -Contain 'PPFederation'
        $said[0].Tags | Should -Contain 'PSHOST'
        [string]$said[0] | Should -Match "$($tenant.TenantId)/oauth2/v2.0/authorize"
    }

    It 'asks for what the steps need, and no more' {
        $connection = Connect-TestPerson -Option @{ Step = 'DirSync' }
        $connection.Permissions | Should -Contain 'Organization.ReadWrite.All'
        $connection.Permissions | Should -Not -Contain 'Application.ReadWrite.All'
        $sync = $connection.Steps | Where-Object { $_.Step -eq 'DirSync' }
        @($sync.Missing).Count | Should -Be 0
        $sync.RoleHeld | Should -Be $true
        ($connection.Steps | Where-Object { $_.Step -eq 'GlobalAdministrator' }).Missing | Should -Contain 'RoleManagement.ReadWrite.Directory'
        $text = $connection.Steps | Out-String
        $text | Should -Match 'RoleManagement.ReadWrite.Directory'
    }

    It 'signs in with a public client of the tenant' {
        $client = Set-TestTenant $tenant '/edit' @{ edit = 'addPublicClient'; displayName = 'Sign-in' }
        (Connect-TestPerson -Option @{ ClientId = $client.appId }).ClientId | Should -Be $client.appId
    }

    It 'shows a refusal of Conditional Access whole' {
        Set-TestPerson @{ answer = 53003 }
        $failure = Get-Failure { Connect-TestPerson }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ConditionalAccess,Connect-PPTenant'
        $failure.Exception.Message | Should -Match 'AADSTS53003: Access has been blocked by Conditional Access policies'
        $page | Should -Match 'was not completed'
        $page | Should -Not -Match 'AADSTS'
    }

    It 'says where to consent when consent is missing' {
        Set-TestPerson @{ person = 'globalReader'; consented = $false }
        $failure = Get-Failure { Connect-TestPerson }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ConsentMissing,Connect-PPTenant'
        $failure.ErrorDetails.RecommendedAction | Should -Match "$($tenant.TenantId)/v2.0/adminconsent\?client_id=14d82eec"
    }

    It 'says that the person declined' {
        Set-TestPerson @{ answer = 'declines' }
        { Connect-TestPerson } | Should -Throw -ErrorId 'PPFederation.SignInDeclined,Connect-PPTenant'
    }

    It 'waits no longer than it may' {
        Set-TestPerson @{ answer = 'waits' }
        { Connect-TestPerson -Option @{ TimeoutSec = 1 } } | Should -Throw -ErrorId 'PPFederation.SignInTimedOut,Connect-PPTenant'
        { Connect-TestPerson -Option @{ TimeoutSec = 0 } } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Connect-PPTenant'
    }

    It 'refuses a client id that is none' {
        { Connect-TestPerson -Option @{ ClientId = 'contoso' } } | Should -Throw -ErrorId 'PPFederation.ClientIdInvalid,Connect-PPTenant'
    }
}

Describe 'Connect-PPTenant -DeviceCode' {
    BeforeEach {
        Set-TestPerson @{ interval = 1; pendingPolls = 0 }
    }

    It 'shows the code and signs in' {
        $connection = Connect-TestDevice
        $connection.SignIn | Should -Be 'DeviceCode'
        $connection.User | Should -Be 'ada@partner.example'
        [string]$said[0] | Should -Match 'enter the code [0-9A-F]{9} to authenticate'
        $said[0].Tags | Should -Contain 'PSHOST'
    }

    It 'says that the person declined, or that a policy refused' {
        Set-TestPerson @{ interval = 1; pendingPolls = 0; answer = 'declines' }
        { Connect-TestDevice } | Should -Throw -ErrorId 'PPFederation.SignInDeclined,Connect-PPTenant'
        Set-TestPerson @{ interval = 1; pendingPolls = 0; answer = 53003 }
        { Connect-TestDevice } | Should -Throw -ErrorId 'PPFederation.ConditionalAccess,Connect-PPTenant'
    }

    It 'tells <Code> from other refusals, as <Id>' -ForEach @(
        @{ Code = 530036; Id = 'FlowBlocked'; Advice = 'browser on this machine' }
        @{ Code = 'flowBlocked'; Id = 'FlowBlocked'; Advice = 'browser on this machine' }
        @{ Code = 53003; Id = 'ConditionalAccess'; Advice = 'the browser on this machine \(-Interactive\) passes it' }
        @{ Code = 53000; Id = 'DeviceNotAccepted'; Advice = 'compliant' }
        @{ Code = 53001; Id = 'DeviceNotAccepted'; Advice = 'compliant' }
        @{ Code = 53002; Id = 'DeviceNotAccepted'; Advice = 'compliant' }
        @{ Code = 530084; Id = 'DeviceNotAccepted'; Advice = 'no person.s sign-in of this module passes' }
        @{ Code = 53011; Id = 'UserAtRisk'; Advice = 'at home' }
        @{ Code = 530034; Id = 'UserAtRisk'; Advice = 'at home' }
        @{ Code = 50020; Id = 'UserNotInTenant'; Advice = 'GDAP' }
        @{ Code = 90072; Id = 'UserNotInTenant'; Advice = 'GDAP' }
        @{ Code = 500213; Id = 'UserNotInTenant'; Advice = 'GDAP' }
        @{ Code = 500014; Id = 'ResourceDisabled'; Advice = 'Enable it' }
        @{ Code = 650053; Id = 'ScopeUnknown'; Advice = '-ClientId' }
    ) {
        Set-TestPerson @{ interval = 1; pendingPolls = 0; answer = $Code }
        $failure = Get-Failure { Connect-TestDevice }
        $failure.FullyQualifiedErrorId | Should -Be "PPFederation.$Id,Connect-PPTenant"
        $failure.ErrorDetails.RecommendedAction | Should -Match $Advice
    }
}

Describe 'What a person has to see' {
    BeforeAll {
        Set-TestPerson @{ interval = 1; pendingPolls = 0 }
        $custom = "-TenantId $($tenant.TenantId) -Environment Custom -LoginEndpoint $($tenant.Login) -GraphEndpoint $($tenant.Graph)"
    }

    It 'is written by the host where the preference is <Preference>, as a variable and as a parameter' -ForEach @(
        @{ Preference = 'Continue' }, @{ Preference = 'SilentlyContinue' }, @{ Preference = 'Ignore' }, @{ Preference = 'Stop' }, @{ Preference = 'Inquire' }
    ) {
        $said = Invoke-TestShell -Script @"
Import-Module '$env:PPFEDERATION_MODULE'
function Connect-ByVariable { `$InformationPreference = '$Preference'; (Connect-PPTenant $custom -DeviceCode).User }
Connect-ByVariable
(Connect-PPTenant $custom -DeviceCode -InformationAction $Preference).User
"@
        @($said.Lines -match 'enter the code [0-9A-F]{9} to authenticate').Count | Should -Be 2 -Because $said.Text
        @($said.Lines -eq 'ada@partner.example').Count | Should -Be 2 -Because $said.Text
    }

    It 'is in the information stream of a runspace that has no host to show it' {
        $shell = [System.Management.Automation.PowerShell]::Create()
        try {
            [void]$shell.AddScript("Import-Module '$env:PPFEDERATION_MODULE'; (Connect-PPTenant $custom -DeviceCode).User")
            $shell.Invoke() | Should -Be 'ada@partner.example'
            $shell.Streams.Error | Should -BeNullOrEmpty
            [string]$shell.Streams.Information[0] | Should -Match 'enter the code [0-9A-F]{9} to authenticate'
        }
        finally {
            $shell.Dispose()
        }
    }
}

Describe 'The connection of a person' {
    It 'carries the whole runbook out' {
        Set-TestPerson
        $connection = Connect-TestPerson
        $result = Invoke-PPRunbook -Connection $connection -Confirm:$false
        @($result.Steps | Where-Object { $_.Result -eq 'Done' }).Count | Should -Be 6
        $result.ClientSecret | Should -BeOfType ([securestring])
    }

    It 'is warned of roles that are missing, and renewed for as long as the service allows' {
        Set-TestPerson @{ person = 'globalReader' }
        $connection = Connect-TestPerson
        ($connection.Steps | Where-Object { $_.Step -eq 'DirSync' }).RoleHeld | Should -Be $false
        Step-TestClock $tenant -By '02:00:00'
        Set-TestPerson @{ refuseRefresh = 50173 }
        # Its own clock did not move: the token is good until Microsoft Graph refuses it.
        $failure = Get-Failure { Get-PPDirSync -Connection $connection }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.SignInAgain,Get-PPDirSync'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Sign in again'
        Set-TestPerson @{ person = 'globalReader' }
        (Get-PPDirSync -Connection $connection).TenantId | Should -Be $tenant.TenantId
    }

    It 'is told that a role is not active, where the permission is in the token' {
        Set-TestPerson @{ person = 'member' }
        $connection = Connect-TestPerson
        $failure = Get-Failure { Invoke-PPRunbook -Connection $connection -WhatIf }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.DirectoryRoleNotActive,Invoke-PPRunbook'
        "$failure" | Should -Match 'none of the directory roles that let its person use it: Global Reader or '
        $failure.ErrorDetails.RecommendedAction | Should -Match 'activate it.*connect again'
    }
}

Describe 'A cloud that does not know a permission' {
    It 'is signed in to without it, by <How>' -ForEach @(@{ How = 'the browser' }, @{ How = 'a code' }) {
        Set-TestPerson @{ interval = 1; pendingPolls = 0 }
        [void](Set-TestTenant $tenant '/edit' @{ edit = 'withhold'; permission = 'OrgContact.Read.All' })
        $option = @{ WarningVariable = 'warned'; WarningAction = 'SilentlyContinue' }
        $connection = if ($How -eq 'a code') { Connect-TestDevice $option } else { Connect-TestPerson $option }
        $connection.Permissions | Should -Contain 'Directory.Read.All'
        $connection.Permissions | Should -Not -Contain 'OrgContact.Read.All'
        (Get-PPDirSync -Connection $connection).SyncedContacts | Should -Not -BeNullOrEmpty
    }
}
