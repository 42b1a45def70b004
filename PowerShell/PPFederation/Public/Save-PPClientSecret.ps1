function Save-PPClientSecret {
    <#
    .SYNOPSIS
    Puts an unclaimed client secret of this session into a sink.

    .DESCRIPTION
    Takes a secret that this session made and nobody has claimed, gives it to the sink, and has the tenant remember that it is
    in place, as the command that made it would have done with -SecretSink. The secret must sign in, and belong to the
    connection's tenant and to its application. When the sink has confirmed it, it is claimed; whatever goes wrong before
    leaves it unclaimed.

    .PARAMETER KeyId
    The secret's id. What Get-PPClientSecret -Unclaimed gives, and the results of the commands that make secrets, can be piped.
    Without it, the only one of the connection's tenant that is unclaimed.

    .EXAMPLE
    Get-PPClientSecret -Unclaimed | Save-PPClientSecret -SecretSink KeyVault -VaultUri https://contoso.vault.azure.net

    Puts what is unclaimed into the vault as PPToken, and reads it back.

    .EXAMPLE
    Save-PPClientSecret -KeyId $run.SecretId -SecretSink { param($secret, $app) Set-OurVault -Name PPToken -Value $secret }

    Hands the secret of a run to the script block.

    .OUTPUTS
    PPFederation.App
    The application, with SecretId, SecretEndDateTime, SecretSink and SecretLocation.

    .LINK
    about_PPFederation_Secrets
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium', PositionalBinding = $false)]
    [OutputType('PPFederation.App')]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName = $true)]
        [Alias('SecretId')]
        [string]$KeyId,

        [Shared('ConnectionOfOne')]$Connection,
        [Shared('TenantOfRow')]$TenantId,
        [Shared()]$DisplayName,
        [Shared('AppIdOfRow')]$AppId,
        [Shared()]$ObjectId,
        [Shared('AdoptOnce')]$Adopt,
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
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection -TenantId $TenantId)) { return }
        # A row of the pipeline that has no secret is not one to choose another for.
        if (-not $KeyId -and -not $PSBoundParameters.ContainsKey('KeyId') -and -not $MyInvocation.ExpectingInput) {
            $only = Invoke-PPJob -Caller $PSCmdlet -Op 'unclaimedSecrets' -Field @{ connection = $field.connection; only = $true }
            if (-not $only) { return }
            $KeyId = $only.KeyId
        }
        $field.keyId = $KeyId
        $field.sink = Get-PPSink -Caller $PSCmdlet -Bound $PSBoundParameters
        if (-not $field.sink) {
            # What is missing is for the library to say.
            $field.sink = @{}
        }
        if ($PSCmdlet.ShouldProcess("client secret $KeyId", 'Put it into its sink')) {
            Invoke-PPJob -Caller $PSCmdlet -Op 'saveSecret' -Field $field |
                Invoke-PPSinkBlock -Caller $PSCmdlet -Field $field -ScriptBlock (Get-PPSinkScript -Bound $PSBoundParameters) |
                ForEach-Object {
                    $_
                    if ($_.SecretSink) {
                        Write-PPClosing -Row $_ -Text "Client secret $($_.SecretId) is in place: $($_.SecretSink) $($_.SecretLocation)".TrimEnd()
                    }
                }
        }
    }
}
