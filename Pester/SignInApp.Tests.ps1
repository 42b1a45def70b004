# An application signs in: Connect-PPTenant with a certificate's file, another issuer's token, and as a managed identity.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'TestCertificate.ps1')
    $tenant = Start-TestTenant
    $admin = (Get-TestClient $tenant).clientId
    $reader = (Get-TestClient $tenant -Kind 'reader').clientId
    $origin = $tenant.Login -replace '/login$'
    $cloud = @{ Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph }
    $subject = 'system:serviceaccount:federation:runbook'
    $connectionId = [string][guid]::NewGuid()
    Register-TestCertificate $tenant -ClientId $admin

    function Add-TestTrust {
        # The administrator's application trusts the twin's issuer for a subject.
        param([string]$Subject)

        $credential = @{ edit = 'addFederatedCredential'; appId = $admin; issuer = "$origin/oidc"; subject = $Subject; audience = 'api://AzureADTokenExchange' }
        [void](Set-TestTenant $tenant '/edit' $credential)
    }

    function New-TestToken {
        # A token of the twin's issuer.
        param([string]$Subject)

        (Set-TestTenant $tenant '/federatedToken' @{ subject = $Subject; audience = 'api://AzureADTokenExchange'; lifeSeconds = 3600 }).token
    }

    function Set-TestVariable {
        # Sets environment variables; $null takes one away.
        param([hashtable]$Variable)

        foreach ($name in $Variable.Keys) {
            $value = if ($null -eq $Variable[$name]) { [NullString]::Value } else { $Variable[$name] }
            [System.Environment]::SetEnvironmentVariable($name, $value)
        }
    }

    function Invoke-WithVariable {
        # Runs a block while environment variables are set.
        param([hashtable]$Variable, [scriptblock]$Block)

        $before = @{}
        foreach ($name in $Variable.Keys) {
            $before[$name] = [System.Environment]::GetEnvironmentVariable($name)
        }
        Set-TestVariable $Variable
        try {
            & $Block
        }
        finally {
            Set-TestVariable $before
        }
    }

    function Set-TestMachine {
        # The managed identities of this machine: the administrator's, and user-assigned the reader's.
        param([hashtable]$Other = @{})

        [void](Set-TestTenant $tenant '/machine' (@{ system = $admin; user = @($reader) } + $Other))
    }

    Add-TestTrust $subject
    Add-TestTrust 'repo:contoso/tenant:ref:refs/heads/main'
    Add-TestTrust "sc://contoso/tenant/$connectionId"
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'Connect-PPTenant -CertificatePath' {
    BeforeAll {
        $as = @{ TenantId = $tenant.TenantId; ClientId = $admin } + $cloud
        $pfx = Join-Path $certificates 'modern.pfx'
        $password = ConvertTo-TestSecret 'pfx-password'
    }

    It 'signs in with a PFX file' {
        $connection = Connect-PPTenant @as -CertificatePath $pfx -CertificatePassword $password
        $connection.SignIn | Should -Be 'Certificate'
        $connection.ClientId | Should -Be $admin
        (Get-PPDirSync -Connection $connection).TenantId | Should -Be $tenant.TenantId
    }

    It 'signs in with a PEM file, by a path that is relative to the location' {
        $text = foreach ($name in 'certificate.pem', 'key.pem') { [System.IO.File]::ReadAllText((Join-Path $certificates $name)) }
        [System.IO.File]::WriteAllText((Join-Path $TestDrive 'both.pem'), -join $text)
        Push-Location -LiteralPath $TestDrive
        try {
            (Connect-PPTenant @as -CertificatePath './both.pem').SignIn | Should -Be 'Certificate'
        }
        finally {
            Pop-Location
        }
    }

    It 'carries a list of tenants out of the pipeline' {
        $rows = @(
            [pscustomobject]@{ TenantId = $tenant.TenantId; ClientId = $admin }
            [pscustomobject]@{ TenantId = $tenant.TenantId; ClientId = $admin }
        )
        @($rows | Connect-PPTenant @cloud -CertificatePath $pfx -CertificatePassword $password).Count | Should -Be 2
    }

    It 'names the file that is of no use, and why' {
        $failure = Get-Failure { Connect-PPTenant @as -CertificatePath (Join-Path $TestDrive 'absent.pfx') }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.CertificateFileNotFound,Connect-PPTenant'
        $failure.Exception.Message | Should -Match 'absent\.pfx'
        $failure = Get-Failure { Connect-PPTenant @as -CertificatePath $pfx }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.CertificatePasswordWrong,Connect-PPTenant'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-CertificatePassword'
    }

    It 'says that the application has no such certificate' {
        $as.ClientId = $reader
        { Connect-PPTenant @as -CertificatePath $pfx -CertificatePassword $password } |
            Should -Throw -ErrorId 'PPFederation.AssertionRefused,Connect-PPTenant'
    }
}

Describe 'Connect-PPTenant -Certificate' {
    It 'refuses one without its key, and says what to use instead' {
        $certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new((Join-Path $certificates 'certificate.pem'))
        $failure = Get-Failure { Connect-PPTenant -TenantId $tenant.TenantId -ClientId $admin @cloud -Certificate $certificate }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.CertificateKeyNotExportable,Connect-PPTenant'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-CertificatePath'
    }
}

Describe 'Connect-PPTenant -CertificateThumbprint' {
    It 'refuses what is no thumbprint' {
        { Connect-PPTenant -TenantId $tenant.TenantId -ClientId $admin @cloud -CertificateThumbprint 'ab' } |
            Should -Throw -ErrorId "PPFederation.$(if ($env:OS -eq 'Windows_NT') { 'CertificateNotFound' } else { 'CertificateStoreUnavailable' }),Connect-PPTenant"
    }

    It 'says where no such certificate is, or no store' {
        $failure = Get-Failure { Connect-PPTenant -TenantId $tenant.TenantId -ClientId $admin @cloud -CertificateThumbprint ('ab' * 20) }
        $failure.FullyQualifiedErrorId | Should -Match '^PPFederation\.(CertificateNotFound|CertificateStoreUnavailable),'
    }
}

Describe 'Connect-PPTenant with a token of another issuer' {
    BeforeAll {
        $as = @{ ClientId = $admin } + $cloud
        $file = Join-Path $TestDrive 'token'
        [System.IO.File]::WriteAllText($file, (New-TestToken $subject))
    }

    It 'takes it from a file' {
        $connection = Connect-PPTenant @as -TenantId $tenant.TenantId -FederatedTokenFile $file
        $connection.SignIn | Should -Be 'FederatedTokenFile'
        (Get-PPDirSync -Connection $connection).TenantId | Should -Be $tenant.TenantId
        { Connect-PPTenant @as -TenantId $tenant.TenantId -FederatedTokenFile "$file.absent" } |
            Should -Throw -ErrorId 'PPFederation.FederatedTokenUnavailable,Connect-PPTenant'
    }

    It 'takes all from the variables of a pod' {
        $pod = @{ AZURE_TENANT_ID = $tenant.TenantId; AZURE_CLIENT_ID = $admin; AZURE_FEDERATED_TOKEN_FILE = $file }
        $connection = Invoke-WithVariable $pod { Connect-PPTenant @cloud -WorkloadIdentity }
        $connection.TenantId | Should -Be $tenant.TenantId
        $connection.ClientId | Should -Be $admin
        $pod.AZURE_CLIENT_ID = $reader
        $failure = Get-Failure { Invoke-WithVariable $pod { Connect-PPTenant @cloud -WorkloadIdentity } }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.FederationNotTrusted,Connect-PPTenant'
        # A parameter goes before the variable.
        (Invoke-WithVariable $pod { Connect-PPTenant @as -WorkloadIdentity }).ClientId | Should -Be $admin
    }

    It 'asks GitHub for it in a job' {
        $job = @{ ACTIONS_ID_TOKEN_REQUEST_URL = "$origin/oidc/github?api-version=2.0"; ACTIONS_ID_TOKEN_REQUEST_TOKEN = 'pipeline' }
        (Invoke-WithVariable $job { Connect-PPTenant @as -TenantId $tenant.TenantId -GitHubActions }).SignIn | Should -Be 'GitHubActions'
    }

    It 'asks Azure Pipelines for it in a job' {
        $job = @{ SYSTEM_OIDCREQUESTURI = "$origin/oidc/pipelines"; SYSTEM_ACCESSTOKEN = 'pipeline' }
        $connection = Invoke-WithVariable $job {
            Connect-PPTenant @as -TenantId $tenant.TenantId -AzurePipelines -ServiceConnectionId $connectionId
        }
        $connection.SignIn | Should -Be 'AzurePipelines'
    }

    It 'names the variable that is missing, and what sets it' {
        $nothing = @{
            AZURE_TENANT_ID = $null; AZURE_CLIENT_ID = $null; AZURE_FEDERATED_TOKEN_FILE = $null; ACTIONS_ID_TOKEN_REQUEST_URL = $null
            ACTIONS_ID_TOKEN_REQUEST_TOKEN = $null; SYSTEM_OIDCREQUESTURI = $null; SYSTEM_ACCESSTOKEN = $null
        }
        $of = @{ TenantId = $tenant.TenantId }
        $failure = Get-Failure { Invoke-WithVariable $nothing { Connect-PPTenant @as @of -WorkloadIdentity } }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.FederatedTokenUnavailable,Connect-PPTenant'
        $failure.Exception.Message | Should -Match 'AZURE_FEDERATED_TOKEN_FILE'
        $failure = Get-Failure { Invoke-WithVariable $nothing { Connect-PPTenant @as @of -GitHubActions } }
        $failure.Exception.Message | Should -Match 'ACTIONS_ID_TOKEN_REQUEST_URL, .* id-token: write'
        $failure = Get-Failure { Invoke-WithVariable $nothing { Connect-PPTenant @as @of -AzurePipelines -ServiceConnectionId $connectionId } }
        $failure.Exception.Message | Should -Match 'SYSTEM_OIDCREQUESTURI'
        $nothing.AZURE_FEDERATED_TOKEN_FILE = $file
        $failure = Get-Failure { Invoke-WithVariable $nothing { Connect-PPTenant @as -WorkloadIdentity } }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.TenantIdInvalid,Connect-PPTenant'
        $failure.Exception.Message | Should -Match 'AZURE_TENANT_ID'
    }
}

Describe 'Connect-PPTenant -ManagedIdentity' {
    BeforeAll {
        $automation = @{ IDENTITY_ENDPOINT = "$origin/msi/token"; IDENTITY_HEADER = 'header' }
        $none = @{ IDENTITY_ENDPOINT = $null; IDENTITY_HEADER = $null; MSI_ENDPOINT = $null; MSI_SECRET = $null; IMDS_ENDPOINT = $null }
    }

    It 'needs nothing else in a job of Azure Automation' {
        Set-TestMachine @{ header = 'header' }
        $connection = Invoke-WithVariable $automation { Connect-PPTenant @cloud -ManagedIdentity }
        $connection.SignIn | Should -Be 'ManagedIdentity'
        $connection.TenantId | Should -Be $tenant.TenantId
        $connection.ClientId | Should -Be $admin
        # The variables were read when the connection was made.
        (Get-PPDirSync -Connection $connection).TenantId | Should -Be $tenant.TenantId
    }

    It 'is the user-assigned identity of -ClientId' {
        (Invoke-WithVariable $automation { Connect-PPTenant @cloud -ManagedIdentity -ClientId $reader }).ClientId | Should -Be $reader
        { Invoke-WithVariable $automation { Connect-PPTenant @cloud -ManagedIdentity -ClientId ([guid]::NewGuid()) } } |
            Should -Throw -ErrorId 'PPFederation.IdentityNotAssigned,Connect-PPTenant'
    }

    It 'serves the tenant that it is of, and no other' {
        $other = [string][guid]::NewGuid()
        { Invoke-WithVariable $automation { Connect-PPTenant @cloud -ManagedIdentity -TenantId $other } } |
            Should -Throw -ErrorId 'PPFederation.TokenUnfit,Connect-PPTenant'
    }

    It 'knows the older form, and virtual machines' {
        Set-TestMachine @{ header = 'header' }
        $older = $none + @{}
        $older.MSI_ENDPOINT = "$origin/msi/token"
        $older.MSI_SECRET = 'header'
        (Invoke-WithVariable $older { Connect-PPTenant @cloud -ManagedIdentity }).ClientId | Should -Be $admin
        Set-TestMachine
        $machine = $none + @{ AZURE_POD_IDENTITY_AUTHORITY_HOST = $origin }
        (Invoke-WithVariable $machine { Connect-PPTenant @cloud -ManagedIdentity }).ClientId | Should -Be $admin
    }

    It 'carries the runbook out' {
        Set-TestMachine @{ header = 'header' }
        $connection = Invoke-WithVariable $automation { Connect-PPTenant @cloud -ManagedIdentity }
        $result = Invoke-PPRunbook -Connection $connection -Confirm:$false
        $result.ClientSecret | Should -BeOfType ([securestring])
    }
}

Describe 'Connect-PPTenant -Demo' {
    It 'goes with no other cloud' {
        { Connect-PPTenant -Demo -Environment China } | Should -Throw -ErrorId 'AmbiguousParameterSet,Connect-PPTenant'
        { Connect-PPTenant -Demo -TenantId $tenant.TenantId } | Should -Throw -ErrorId 'AmbiguousParameterSet,Connect-PPTenant'
    }
}
