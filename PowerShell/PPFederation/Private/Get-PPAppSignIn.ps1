function Get-PPAppSignIn {
    # The credential of an application that signs in, from the parameters that were given. Where one is missing or of no use
    # the library says so.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The sign-in, by the name of its parameter set in Connect-PPTenant.
        [Parameter(Mandatory = $true)]
        [string]$Kind,

        # The exported function's $PSBoundParameters.
        [Parameter(Mandatory = $true)]
        $Bound
    )

    $field = switch ($Kind) {
        'ClientSecret' { @{ kind = 'clientSecret'; clientSecret = $Bound['ClientSecret'] } }
        'Credential' {
            # The user name is the client id, the password the secret.
            @{ kind = 'clientSecret'; clientId = $Bound['Credential'].UserName; clientSecret = $Bound['Credential'].Password }
        }
        'AccessToken' { @{ kind = 'accessToken'; accessToken = $Bound['AccessToken'] } }
        'Certificate' { Get-PPCertificateSignIn -Certificate $Bound['Certificate'] }
        'CertificatePath' {
            $path = $Caller.GetUnresolvedProviderPathFromPSPath($Bound['CertificatePath'])
            @{ kind = 'certificateFile'; path = $path; password = $Bound['CertificatePassword'] }
        }
        'CertificateThumbprint' { @{ kind = 'certificateStore'; thumbprint = $Bound['CertificateThumbprint'] } }
        'FederatedTokenFile' {
            @{ kind = 'federatedTokenFile'; path = $Caller.GetUnresolvedProviderPathFromPSPath($Bound['FederatedTokenFile']) }
        }
        'WorkloadIdentity' {
            $variables = Get-PPVariable -Plain AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE
            @{ kind = 'workloadIdentity'; variables = $variables }
        }
        'GitHubActions' {
            $variables = Get-PPVariable -Plain ACTIONS_ID_TOKEN_REQUEST_URL -Secret ACTIONS_ID_TOKEN_REQUEST_TOKEN
            @{ kind = 'gitHubActions'; variables = $variables }
        }
        'AzurePipelines' {
            $variables = Get-PPVariable -Plain SYSTEM_OIDCREQUESTURI -Secret SYSTEM_ACCESSTOKEN
            @{ kind = 'azurePipelines'; serviceConnectionId = $Bound['ServiceConnectionId']; variables = $variables }
        }
        'ManagedIdentity' {
            $plain = 'IDENTITY_ENDPOINT', 'IDENTITY_SERVER_THUMBPRINT', 'IMDS_ENDPOINT', 'MSI_ENDPOINT', 'AZURE_POD_IDENTITY_AUTHORITY_HOST'
            @{ kind = 'managedIdentity'; variables = (Get-PPVariable -Plain $plain -Secret IDENTITY_HEADER, MSI_SECRET) }
        }
    }
    if ($Bound.ContainsKey('ClientId')) {
        $field.clientId = $Bound['ClientId']
    }
    $field
}

function Get-PPCertificateSignIn {
    # Of a certificate object: by the Windows store where that has it, so that the key stays there; else with the key itself.
    param([System.Security.Cryptography.X509Certificates.X509Certificate2]$Certificate)

    if ([PPFederation.Native.CertificateKey]::IsInWindowsStore($Certificate)) {
        return @{ kind = 'certificateStore'; thumbprint = $Certificate.Thumbprint }
    }
    $key = [PPFederation.Native.CertificateKey]::new($Certificate)
    @{ kind = 'certificate'; certificate = $key.Pkcs12; password = $key.Password }
}

function Get-PPVariable {
    # Environment variables that are set, by their names: those that are secrets as SecureStrings.
    param([string[]]$Plain, [string[]]$Secret = @())

    $variables = @{}
    foreach ($name in $Plain + $Secret) {
        $value = [System.Environment]::GetEnvironmentVariable($name)
        if ($value) {
            $variables[$name] = if ($Secret -contains $name) { ConvertTo-PPSecureString -Text $value } else { $value }
        }
    }
    $variables
}

function ConvertTo-PPSecureString {
    # The text stays in the environment, whatever is done here.
    param([string]$Text)

    $secure = [securestring]::new()
    foreach ($character in $Text.ToCharArray()) {
        $secure.AppendChar($character)
    }
    $secure.MakeReadOnly()
    $secure
}
