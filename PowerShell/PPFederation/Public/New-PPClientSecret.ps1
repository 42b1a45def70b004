function New-PPClientSecret {
    <#
    .SYNOPSIS
    Makes the client secret PPToken: step 5 of the runbook.

    .DESCRIPTION
    Adds the secret PPToken to the application and returns it as a SecureString, once: it cannot be read again. Where there
    is a PPToken already, that one is kept and no other is made, unless -NewSecret is given.

    The tenant's app management policy is read before anything is written; if it forbids the lifetime, an error says what it
    allows. -WhatIf says what would be made and sends no write.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
    last connection that Connect-PPTenant made in this session is used.

    .PARAMETER DisplayName
    The display name of the application. Without it: Practice Protect Federation.

    .PARAMETER Adopt
    Takes over an existing application of the same display name that was not made by this module, if there is exactly one.
    Without it such an application is reported and left alone.

    .PARAMETER NewSecret
    Makes another secret PPToken although there is one. The existing secrets stay valid.

    .PARAMETER ClientSecretLifetime
    How long the new client secret is valid: a duration such as P2Y (two years) or P180D, a time span such as 180.00:00:00, or
    Longest for what the tenant's app management policy allows. Without it: Runbook, 100 years. The policy is read before
    anything is written.

    .PARAMETER SecretSink
    Where the new secret goes instead of into the result: KeyVault (see VaultUri), SealedFile (see RecipientCertificate and
    Path), or a script block that gets the SecureString and the application: { param($secret, $app) ... }. The sink is made
    ready before there is a secret. If it fails all the same, the error's TargetObject holds the secret. See
    about_PPFederation_Secrets.

    .PARAMETER VaultUri
    For KeyVault: the address of an Azure Key Vault of the connection's tenant, such as https://contoso.vault.azure.net. The
    connection's sign-in needs the role Key Vault Secrets Officer on it.

    .PARAMETER SecretName
    For KeyVault: the name of the secret in the vault. Without it: PPToken.

    .PARAMETER RecipientCertificate
    For SealedFile: the certificate of whoever may open the file, as a path (PEM or DER) or an X509Certificate2. RSA.

    .PARAMETER Path
    For SealedFile: the file. It is CMS, which openssl cms -decrypt and Unprotect-CmsMessage open.

    .PARAMETER Force
    For SealedFile: overwrites a file that is there. For KeyVault: adds a version to a secret that is not this application's.

    .EXAMPLE
    $app = New-PPClientSecret
    $app.ClientSecret

    Makes the secret where there is none. It is a SecureString, and is not shown.

    .EXAMPLE
    New-PPClientSecret -NewSecret -ClientSecretLifetime P2Y

    Makes another secret, for two years.

    .EXAMPLE
    New-PPClientSecret -SecretSink KeyVault -VaultUri https://contoso.vault.azure.net

    Puts the secret into the vault as PPToken and reads it back. The result says where it is and holds no secret.

    .EXAMPLE
    New-PPClientSecret -SecretSink SealedFile -RecipientCertificate ./vault-team.cer -Path ./PPToken.cms

    Seals the secret for the vault team. The result says where it is and holds no secret.

    .OUTPUTS
    PPFederation.App
    The application, with SecretId, SecretEndDateTime and ClientSecret where a secret was made; with a sink SecretSink and
    SecretLocation instead of ClientSecret.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    [OutputType('PPFederation.App')]
    param(
        [Parameter(ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$Connection,

        [string]$DisplayName,

        [switch]$Adopt,

        [switch]$NewSecret,

        [string]$ClientSecretLifetime,

        [object]$SecretSink,

        [string]$VaultUri,

        [string]$SecretName,

        [object]$RecipientCertificate,

        [string]$Path,

        [switch]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        $field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection
        $field.steps = [string[]]@('ClientSecret')
        $target = @{ Sink = Get-PPSink -Caller $PSCmdlet -Bound $PSBoundParameters; ScriptBlock = Get-PPSinkScript -Bound $PSBoundParameters }
        Invoke-PPStep -Caller $PSCmdlet -Field $field @target | Select-PPApp -WarnOfKept
    }
}
