function New-PPFederationApp {
    <#
    .SYNOPSIS
    Registers the application with its permissions, consents, role and client secret: steps 2 to 5 of the runbook.

    .DESCRIPTION
    Creates the single-tenant application and its service principal, declares the {{PermissionCount}} Microsoft Graph permissions, grants
    admin consent for the delegated and the application ones, makes the service principal a Global Administrator, and adds
    the client secret PPToken. What is there already is kept and only completed: running it again changes nothing.
    Permissions, grants and owners that others added stay.

    The secret is returned as a SecureString, or goes to -SecretSink: it cannot be read again. Where there is a valid PPToken
    already, that one is kept and no other is made, unless -NewSecret is given.

    It plans first, asks before it grants the application permissions and the role, and before it restores what was deleted or enables a
    service principal that somebody has disabled, and checks afterwards. -WhatIf shows
    the plan and sends no write. A script that runs unattended needs -Confirm:$false.

    .EXAMPLE
    New-PPFederationApp -WhatIf

    Shows what is missing in the tenant, and changes nothing.

    .EXAMPLE
    $app = New-PPFederationApp -Confirm:$false
    $app.ClientSecret

    Makes what is missing, without asking. The secret is a SecureString, and is not shown.

    .EXAMPLE
    New-PPFederationApp -DisplayName 'Practice Protect Federation' -Adopt

    Completes an application that was registered by hand.

    .EXAMPLE
    New-PPFederationApp -SecretSink SealedFile -RecipientCertificate ./vault-team.cer -Path ./PPToken.cms -Confirm:$false

    Makes what is missing, and seals the secret for the vault team. The result says where it is and holds no secret.

    .OUTPUTS
    PPFederation.App
    TenantId, AppId, ObjectId, ServicePrincipalId and DisplayName, and where a secret was made SecretId, SecretEndDateTime and
    ClientSecret; with a sink SecretSink and SecretLocation instead of ClientSecret.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', PositionalBinding = $false)]
    [OutputType('PPFederation.App')]
    param(
        [Shared()]$Connection,
        [Shared('NameOfNew')]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,
        [Shared()]$Adopt,
        [Shared()]$DeletedApp,
        [Shared()]$NewSecret,
        [Shared()]$ClientSecretLifetime,
        [Shared()]$LockCredentials,
        [Shared()]$SecretSink,
        [Shared()]$VaultUri,
        [Shared()]$SecretName,
        [Shared()]$RecipientCertificate,
        [Shared()]$Path,
        [Shared()]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        $field.steps = [string[]]@(
            'Application', 'ServicePrincipal', 'DelegatedConsent', 'ApplicationConsent', 'GlobalAdministrator', 'ClientSecret')
        $target = @{ Sink = Get-PPSink -Caller $PSCmdlet -Bound $PSBoundParameters; ScriptBlock = Get-PPSinkScript -Bound $PSBoundParameters }
        Invoke-PPStep -Caller $PSCmdlet -Field $field @target | Select-PPApp
    }
}
