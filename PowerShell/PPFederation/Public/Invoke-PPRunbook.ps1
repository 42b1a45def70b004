function Invoke-PPRunbook {
    <#
    .SYNOPSIS
    Carries out the Microsoft 365 half of the runbook: plans, asks, applies, checks.

    .DESCRIPTION
    Observes the tenant, plans what is missing, asks for confirmation where a change is grave (switching directory synchronization
    off, granting the application permissions and the role), applies the plan and checks it. What is there already is kept: running it again changes nothing, and
    after an interruption the next run takes up what is missing.

    -WhatIf prints the plan and sends no write. A script that runs unattended needs -Confirm:$false. It never waits for the 72
    hours that switching directory synchronization off can take: that row says Pending, and the next run takes it up.

    The steps, in this order: DirSync, Application, ServicePrincipal, DelegatedConsent, ApplicationConsent, GlobalAdministrator,
    ClientSecret.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
    last connection that Connect-PPTenant made in this session is used.

    .PARAMETER Step
    The steps to carry out. Without it: all.

    .PARAMETER Skip
    The steps to leave out.

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
    Invoke-PPRunbook -WhatIf

    Prints the plan. Nothing is changed.

    .EXAMPLE
    $result = Invoke-PPRunbook -Confirm:$false
    $result[-1].ClientSecret

    Carries out all steps without asking. The secret is a SecureString in the last object.

    .EXAMPLE
    Invoke-PPRunbook -Skip DirSync -ClientSecretLifetime P2Y

    Leaves directory synchronization alone, and makes a secret for two years.

    .OUTPUTS
    PPFederation.StepResult
    A row a step: Step, Action, Result (Done, AlreadyDone, Pending, Skipped) and Detail.

    .OUTPUTS
    PPFederation.App
    The last object: the application, with SecretId, SecretEndDateTime and ClientSecret where a secret was made; with a
    sink SecretSink and SecretLocation instead of ClientSecret.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('PPFederation.StepResult', 'PPFederation.App')]
    param(
        [Parameter(ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$Connection,

        [ValidateSet('DirSync', 'Application', 'ServicePrincipal', 'DelegatedConsent', 'ApplicationConsent', 'GlobalAdministrator', 'ClientSecret')]
        [string[]]$Step,

        [ValidateSet('DirSync', 'Application', 'ServicePrincipal', 'DelegatedConsent', 'ApplicationConsent', 'GlobalAdministrator', 'ClientSecret')]
        [string[]]$Skip,

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
        $field.steps = $Step
        $field.skip = $Skip
        $field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection
        $target = @{ Sink = Get-PPSink -Caller $PSCmdlet -Bound $PSBoundParameters; ScriptBlock = Get-PPSinkScript -Bound $PSBoundParameters }
        Invoke-PPStep -Caller $PSCmdlet -Field $field @target
    }
}
