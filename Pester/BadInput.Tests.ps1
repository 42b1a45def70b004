# Wrong input gets an error that says what was wrong, where, and what to do.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    [void](Connect-TestTenant $tenant)

    function Get-SignIn {
        # The parameters of a good sign-in, with some changed.
        param([hashtable]$Change = @{})

        $client = Get-TestClient $tenant
        $parameters = @{
            TenantId = $tenant.TenantId; ClientId = $client.clientId; ClientSecret = ConvertTo-TestSecret $client.clientSecret
            Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph
        }
        foreach ($name in $Change.Keys) {
            $parameters[$name] = $Change[$name]
        }
        $parameters
    }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'Connect-PPTenant' {
    It 'says that a tenant id is none: <Given>' -ForEach @(@{ Given = 'contoso' }, @{ Given = '../common' }, @{ Given = '2f6e1c1a' }) {
        $parameters = Get-SignIn @{ TenantId = $Given }
        $failure = Get-Failure { Connect-PPTenant @parameters }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.TenantIdInvalid,Connect-PPTenant'
        $failure.ToString() | Should -Match ([regex]::Escape($Given))
    }

    It 'says that the tenant is unknown' {
        $parameters = Get-SignIn @{ TenantId = '11111111-2222-3333-4444-555555555555' }
        $failure = Get-Failure { Connect-PPTenant @parameters }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.TenantUnknown,Connect-PPTenant'
        $failure.Exception.Message | Should -Match '11111111-2222-3333-4444-555555555555'
    }

    It 'says that the secret is wrong, without showing it' {
        $parameters = Get-SignIn @{ ClientSecret = ConvertTo-TestSecret 'no-such-secret-here' }
        $failure = Get-Failure { Connect-PPTenant @parameters }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ClientSecretWrong,Connect-PPTenant'
        $failure.CategoryInfo.Category | Should -Be 'AuthenticationError'
        $failure.Exception.Advice | Should -Not -BeNullOrEmpty
        $failure | Out-String | Should -Not -Match 'no-such-secret-here'
    }

    It 'says that the secret has expired' {
        [void](Connect-TestTenant $tenant)
        $app = Invoke-PPRunbook -Skip DirSync -ClientSecretLifetime P1D -Confirm:$false
        Step-TestClock $tenant -By '2.00:00:00'
        $parameters = Get-SignIn @{ ClientId = $app.AppId; ClientSecret = $app.ClientSecret }
        $failure = Get-Failure { Connect-PPTenant @parameters }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ClientSecretExpired,Connect-PPTenant'
        [void](Connect-TestTenant $tenant)
    }

    It 'refuses http to another computer, before it sends the secret' {
        $parameters = Get-SignIn @{ LoginEndpoint = 'http://login.example.com' }
        $failure = Get-Failure { Connect-PPTenant @parameters }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.EndpointNotHttps,Connect-PPTenant'
        $failure.ToString() | Should -Match ([regex]::Escape('http://login.example.com'))
    }

    It 'wants both endpoints with Custom, and none with another environment' {
        $parameters = Get-SignIn
        $parameters.Remove('GraphEndpoint')
        (Get-Failure { Connect-PPTenant @parameters }).ToString() | Should -Match 'GraphEndpoint'
        $parameters = Get-SignIn @{ Environment = 'Global' }
        (Get-Failure { Connect-PPTenant @parameters }).ToString() | Should -Match 'Custom'
    }
}

Describe 'A client without a permission' {
    It 'is told which permission, and for which step, before anything is written' {
        $fresh = Start-TestTenant
        $connection = Connect-TestTenant $fresh -Kind reader
        Clear-TestRequest $fresh
        $failure = Get-Failure { New-PPFederationApp -Connection $connection -Confirm:$false -WarningAction SilentlyContinue }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.PermissionMissing,New-PPFederationApp'
        $failure.CategoryInfo.Category | Should -Be 'PermissionDenied'
        $failure.ToString() | Should -Match 'Application\.ReadWrite'
        $failure.ToString() | Should -Match 'step Application '
        @(Get-TestWrite $fresh).Count | Should -Be 0
        Stop-TestTenant $fresh
        [void](Connect-TestTenant $tenant)
    }
}

Describe 'Names and lifetimes' {
    It 'refuses a display name that is <What>' -ForEach @(
        @{ What = 'empty'; Given = '' }
        @{ What = 'only spaces'; Given = '   ' }
        @{ What = 'over 120 characters'; Given = 'x' * 121 }
    ) {
        Clear-TestRequest $tenant
        $failure = Get-Failure { New-PPFederationApp -DisplayName $Given -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.DisplayNameInvalid,New-PPFederationApp'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'refuses the lifetime <Given>' -ForEach @(
        @{ Given = 'P0D' }, @{ Given = '-P1D' }, @{ Given = '00:00:00' }, @{ Given = 'P9000Y' }, @{ Given = 'a year' }, @{ Given = '' }
    ) {
        Clear-TestRequest $tenant
        $failure = Get-Failure { New-PPClientSecret -NewSecret -ClientSecretLifetime $Given }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.LifetimeInvalid,New-PPClientSecret'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'refuses a step that there is not' {
        { Invoke-PPRunbook -Step Everything } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Invoke-PPRunbook'
    }
}

Describe 'An error' {
    It 'carries a stable id, a category, the target and what to do' {
        Get-PPConnection -ListAvailable | Disconnect-PPTenant
        $failure = Get-Failure { Get-PPDirSync }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.NotConnected,Get-PPDirSync'
        $failure.CategoryInfo.Category | Should -Be 'ConnectionError'
        $failure.ErrorDetails.RecommendedAction | Should -Be 'Run Connect-PPTenant first, or pass -Connection.'
        $failure.Exception.GetType().FullName | Should -Be 'PPFederation.Native.FederationException'
        [void](Connect-TestTenant $tenant)
    }

    It 'of the service carries the HTTP status, its code and its request id' {
        $parameters = Get-SignIn @{ ClientSecret = ConvertTo-TestSecret 'wrong' }
        $failure = Get-Failure { Connect-PPTenant @parameters }
        $failure.Exception.HttpStatus | Should -BeIn 400, 401
        $failure.Exception.Code | Should -Not -BeNullOrEmpty
        $failure.Exception.RequestId | Should -Not -BeNullOrEmpty
    }
}

Describe 'What is given without a name' {
    BeforeAll {
        [void](Connect-TestTenant $tenant)
    }

    It 'is the step of Invoke-PPRunbook, in any case' {
        Invoke-PPRunbook dirsync -WhatIf -ErrorVariable failures
        $failures | Should -BeNullOrEmpty
        { Invoke-PPRunbook Nothing -WhatIf } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Invoke-PPRunbook'
    }

    It 'is the key id of Remove-PPClientSecret' {
        $failure = Get-Failure { Remove-PPClientSecret 'no-key' -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.KeyIdInvalid,Remove-PPClientSecret'
    }

    It 'is nothing of another cmdlet: no text is taken for a connection' {
        $positions = foreach ($command in Get-Command -Module PPFederation) {
            foreach ($parameter in $command.Parameters.Values) {
                if (@($parameter.ParameterSets.Values | Where-Object Position -GE 0).Count -gt 0) {
                    "$($command.Name) $($parameter.Name)"
                }
            }
        }
        $positions | Should -Be 'Compare-PPAttribute Path', 'Export-PPAttributeBackup Path', 'Get-PPFederationApp DisplayName', 'Get-PPLedger Ledger', 'Invoke-PPRunbook Step',
            'Remove-PPClientSecret KeyId', 'Restore-PPAttribute Path', 'Save-PPClientSecret KeyId', 'Select-PPConnection Connection',
            'Select-PPConnection TenantId', 'Show-PPClientSecret ClientSecret', 'Undo-PPRunbook Plan'
        { Get-PPDirSync 'contoso' } | Should -Throw -ErrorId 'PositionalParameterNotFound,Get-PPDirSync'
    }
}
