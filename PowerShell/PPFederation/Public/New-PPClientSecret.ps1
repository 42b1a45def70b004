function New-PPClientSecret {
    <#
    .SYNOPSIS
    Makes the client secret PPToken: step 5 of the runbook.

    .DESCRIPTION
    Adds the secret PPToken to the application and returns it as a SecureString: it cannot be read again from the tenant, and
    stays in this session until it is claimed (Get-PPClientSecret -Unclaimed). Where there is a PPToken already, that one is
    kept and no other is made, unless -NewSecret is given.

    The tenant's app management policy is read before anything is written; if it forbids the lifetime, an error says what it
    allows. -WhatIf says what would be made and sends no write.

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
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium', PositionalBinding = $false)]
    [OutputType('PPFederation.App')]
    param(
        [Shared()]$Connection,
        [Shared()]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,
        [Shared('AdoptOnce')]$Adopt,
        [Shared()]$NewSecret,
        [Shared()]$ClientSecretLifetime,
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
        $field.steps = [string[]]@('ClientSecret')
        $target = @{ Sink = Get-PPSink -Caller $PSCmdlet -Bound $PSBoundParameters; ScriptBlock = Get-PPSinkScript -Bound $PSBoundParameters }
        Invoke-PPStep -Caller $PSCmdlet -Field $field @target | Select-PPApp -WarnOfKept
    }
}
