function Read-PPAutomationConnection {
    # The parameters that a connection of Azure Automation stands for, beside those that were given with it, which go before.
    # Kind is the sign-in, by the name of its parameter set in Connect-PPTenant.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The exported function's $PSBoundParameters.
        [Parameter(Mandatory = $true)]
        [hashtable]$Bound
    )

    $given = $Bound['AutomationConnection']
    $read = @{ Kind = Get-PPAutomationSignInKind -Caller $Caller -Given $given }
    foreach ($name in 'TenantId', 'ClientId', 'Environment', 'LoginEndpoint', 'GraphEndpoint', 'CertificateThumbprint') {
        if ("$($given[$name])") {
            $read[$name] = "$($given[$name])"
        }
    }
    if (-not $read['ClientId'] -and "$($given['ApplicationId'])") {
        # As Automation's own type AzureServicePrincipal calls it.
        $read.ClientId = "$($given['ApplicationId'])"
    }
    foreach ($name in $Bound.Keys) {
        $read[$name] = $Bound[$name]
    }
    foreach ($name in 'TenantId', 'ClientId') {
        if ($read.Kind -ne 'ManagedIdentity' -and -not $read[$name]) {
            Write-PPAutomationFailure -Caller $Caller -Message "The Automation connection has no $name." `
                -Advice "Fill the field $name of the connection in the Automation account, under Connections."
        }
    }
    switch ($read.Kind) {
        'ClientSecret' { $read.ClientSecret = ConvertTo-PPSecureString -Text $given['ClientSecret'] }
        'Certificate' { $read.Certificate = Get-PPAutomationCertificate -Caller $Caller -Name $given['CertificateName'] }
    }
    $read
}

function Get-PPAutomationSignInKind {
    # How a connection signs in: by the one field that says so. One that says nothing is no managed identity by silence, since
    # that would be somebody else than was meant.
    param($Caller, [hashtable]$Given)

    $kinds = @{ CertificateName = 'Certificate'; CertificateThumbprint = 'CertificateThumbprint'; ClientSecret = 'ClientSecret'; ManagedIdentity = 'ManagedIdentity' }
    $filled = @($kinds.Keys | Where-Object { "$($Given[$_])" -notin '', 'False' } | Sort-Object)
    if ($filled.Count -ne 1) {
        $said = if ($filled) { "names several ways to sign in: $($filled -join ', ')" } else { 'names no way to sign in' }
        Write-PPAutomationFailure -Caller $Caller -Message "The Automation connection $said." `
            -Advice 'Fill exactly one of its fields CertificateName, CertificateThumbprint, ClientSecret and ManagedIdentity (true).'
    }
    $kinds[$filled[0]]
}

function Get-PPAutomationCertificate {
    # A certificate among the account's assets; only a job of Automation has the command for it.
    param($Caller, [string]$Name)

    $command = Get-Command -Name Get-AutomationCertificate -ErrorAction Ignore
    $certificate = if ($command) { & $command -Name $Name }
    if (-not $certificate) {
        $why = if ($command) { 'the Automation account has no such certificate' } else { 'this is no job of Azure Automation' }
        Write-PPAutomationFailure -Caller $Caller -Message "The certificate '$Name' of the Automation connection can't be had: $why." `
            -Advice 'Upload it to the Automation account, under Certificates, as a PFX that is exportable, under the name in the field CertificateName.'
    }
    $certificate
}

function Write-PPAutomationFailure {
    param($Caller, [string]$Message, [string]$Advice)

    Write-PPError -Caller $Caller -Failure (
        Get-PPFailure -Id 'PPFederation.AutomationConnectionInvalid' -Category InvalidArgument -Message $Message -Advice $Advice)
}

function Get-PPAutomationJob {
    # The id of the job of Azure Automation that this session is of; an empty text outside of one, and in a session that a job has begun.
    $metadata = Get-Variable -Name 'PSPrivateMetadata' -Scope Global -ValueOnly -ErrorAction Ignore
    if ($metadata -is [System.Collections.IDictionary]) { "$($metadata['JobId'])" } else { '' }
}
