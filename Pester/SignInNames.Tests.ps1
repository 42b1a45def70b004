# The names that hands know: a tenant by its domain, other names of parameters, and what of a piped object is taken.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    $domain = 'contosoaccounting.onmicrosoft.com'
    $admin = (Get-TestClient $tenant).clientId
    $secret = ConvertTo-TestSecret (Get-TestClient $tenant).clientSecret
    $cloud = @{ Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph }
    $as = $cloud + @{ ClientSecret = $secret }
}

AfterAll {
    Get-PPConnection -ListAvailable | Disconnect-PPTenant
    Stop-TestTenant $tenant
}

Describe 'A tenant by its domain' {
    It 'is looked up: Connect-PPTenant -TenantId contoso.onmicrosoft.com' {
        $connection = Connect-PPTenant -TenantId $domain -ClientId $admin @as
        $connection.TenantId | Should -Be $tenant.TenantId
        $connection.DefaultDomain | Should -Be $domain
        (Connect-PPTenant -TenantId $domain.ToUpperInvariant() -ClientId $admin @as).TenantId | Should -Be $tenant.TenantId
    }

    It 'is named where no tenant has it' {
        $failure = Get-Failure { Connect-PPTenant -TenantId nobody.example -ClientId $admin @as }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.TenantUnknown,Connect-PPTenant'
        $failure.ToString() | Should -Match "'nobody.example'"
        $failure.TargetObject | Should -Be 'nobody.example'
    }

    It 'is refused before any request where it is none: <Given>' -ForEach @(
        @{ Given = 'contoso.com/x' }, @{ Given = 'contoso..com' }, @{ Given = 'contoso.com?x=y' }, @{ Given = 'con toso.com' }, @{ Given = 'contoso' }
    ) {
        Clear-TestRequest $tenant
        $failure = Get-Failure { Connect-PPTenant -TenantId $Given -ClientId $admin @as }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.TenantIdInvalid,Connect-PPTenant'
        @(Get-TestRequest $tenant).Count | Should -Be 0
    }
}

Describe 'Other names of the parameters of Connect-PPTenant' {
    It '-Tenant, -Organization: the tenant' {
        (Connect-PPTenant -Tenant $domain -ClientId $admin @as).TenantId | Should -Be $tenant.TenantId
        (Connect-PPTenant -Organization $domain -ClientId $admin @as).TenantId | Should -Be $tenant.TenantId
    }

    It '-AppId, -ApplicationId: the application to sign in as' {
        (Connect-PPTenant -TenantId $domain -AppId $admin @as).ClientId | Should -Be $admin
        (Connect-PPTenant -TenantId $domain -ApplicationId $admin @as).ClientId | Should -Be $admin
    }

    It '-Thumbprint, -UseDeviceCode, -UseDeviceAuthentication, -Identity' {
        $parameters = (Get-Command -Name Connect-PPTenant).Parameters
        $parameters['CertificateThumbprint'].Aliases | Should -Be @('Thumbprint')
        $parameters['DeviceCode'].Aliases | Should -Be @('UseDeviceCode', 'UseDeviceAuthentication')
        $parameters['ManagedIdentity'].Aliases | Should -Be @('Identity')
        { Connect-PPTenant @cloud -TenantId $domain -ClientId $admin -Thumbprint ABC } | Should -Throw -ErrorId 'PPFederation.Certificate*'
    }

    It '-Credential: client id and secret in one' {
        $credential = [pscredential]::new($admin, $secret)
        $connection = Connect-PPTenant -TenantId $domain -Credential $credential @cloud
        $connection.ClientId | Should -Be $admin
        $connection.SignIn | Should -Be 'ClientSecret'
    }

    It '-Environment in any case' {
        (Connect-PPTenant -TenantId $domain -ClientId $admin -ClientSecret $secret -Environment custom -LoginEndpoint $tenant.Login -GraphEndpoint $tenant.Graph).Environment |
            Should -Be 'Custom'
    }

    It '-Demo is offered no cloud and no addresses' {
        $set = (Get-Command -Name Connect-PPTenant).ParameterSets | Where-Object Name -EQ 'Demo'
        foreach ($name in 'Environment', 'LoginEndpoint', 'GraphEndpoint', 'TenantId', 'ClientId') {
            $set.Parameters.Name | Should -Not -Contain $name
        }
    }
}

Describe 'A list of tenants in the pipeline' {
    It 'has columns TenantId, Tenant or Organization, and ClientId: Import-Csv tenants.csv | Connect-PPTenant' {
        foreach ($column in 'TenantId', 'Tenant', 'Organization') {
            $path = Join-Path $TestDrive "$column.csv"
            "$column,ClientId", "$domain,$admin", "$($tenant.TenantId),$admin" | Set-Content -LiteralPath $path
            $connections = @(Import-Csv -LiteralPath $path | Connect-PPTenant @as)
            $connections.TenantId | Should -Be @($tenant.TenantId, $tenant.TenantId)
            $connections.ClientId | Should -Be @($admin, $admin)
        }
    }

    It 'never gives the application that a run made to sign in as: $run | Connect-PPTenant' {
        [void](Connect-PPTenant -TenantId $domain -ClientId $admin @as)
        $run = Invoke-PPRunbook -Confirm:$false
        $run.AppId | Should -Not -BeNullOrEmpty
        $run.ClientSecret | Should -BeOfType ([securestring])
        foreach ($piped in $run, ($run | Select-Object -Property TenantId, AppId)) {
            Clear-TestRequest $tenant
            $failure = Get-Failure { $piped | Connect-PPTenant @as }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ClientIdInvalid,Connect-PPTenant'
            $failure.ToString() | Should -Match 'AppId'
            @(Get-TestRequest $tenant).Count | Should -Be 0
        }
        ($run | Connect-PPTenant -ClientId $admin @as).ClientId | Should -Be $admin
    }
}
