function Get-PPClientSecret {
    <#
    .SYNOPSIS
    Lists the client secrets of the application, or gives those that this session made and nobody has claimed.

    .DESCRIPTION
    Returns a row for each client secret that the application has, the oldest first. The text of a secret cannot be read
    again; the hint, its first characters, tells one from another. Secrets of another name than PPToken, which the runbook
    did not make, are listed too. Certificates are not.

    With -Unclaimed it gives the secrets that this session made and that are not claimed yet, as SecureStrings: no sink has
    confirmed them, they were not shown to the end, and nobody has let go of them with -Claim. That a result with a secret
    was written to the pipeline claims nothing. They are kept in locked memory until then, or until the process ends; after
    their connection was closed too. Nothing is asked of the tenant.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped to list the secrets of each. Without it,
    the one that the last Connect-PPTenant or Select-PPConnection chose is used; with -Unclaimed the secrets of all tenants are given.

    .PARAMETER Adopt
    Lists also those of an application of that name that was not made by this module, if there is exactly one. It is not
    taken over.

    .PARAMETER Unclaimed
    Gives the secrets of this session that are not claimed yet, the oldest first.

    .PARAMETER KeyId
    With -Unclaimed: the secret of this id alone. The result of the command that made it can be piped.

    .PARAMETER Claim
    With -Unclaimed: lets go of each secret after it was given, and wipes it from the library's memory. Whoever runs it has
    the secret then, and nobody else.

    .EXAMPLE
    Get-PPClientSecret

    Lists the secrets.

    .EXAMPLE
    Get-PPClientSecret | Where-Object DaysLeft -lt 30

    Lists those that end within 30 days, and those that have ended.

    .EXAMPLE
    Get-PPClientSecret | Where-Object State -eq 'Expired' | Remove-PPClientSecret

    Removes the secrets that have ended, after asking for each.

    .EXAMPLE
    $held = Get-PPClientSecret -Unclaimed
    $held | Save-PPClientSecret -SecretSink KeyVault -VaultUri https://contoso.vault.azure.net

    Puts what a run made, and nobody took, into a key vault.

    .EXAMPLE
    $run = Invoke-PPRunbook -Confirm:$false
    $mine = $run | Get-PPClientSecret -Unclaimed -Claim

    Takes the secret of a run: it is in $mine.ClientSecret, and no longer in the library's memory.

    .OUTPUTS
    PPFederation.ClientSecret
    TenantId, AppId, KeyId, Name, Hint, StartDateTime, EndDateTime, DaysLeft (whole days, negative once it has ended), State
    (Valid, Expired, NotYetValid), OfRunbook (its name is PPToken), Detail.

    .OUTPUTS
    PPFederation.UnclaimedSecret
    With -Unclaimed: TenantId, TenantName, AppId, KeyId, End, ClientSecret.

    .LINK
    Remove-PPClientSecret

    .LINK
    about_PPFederation_Secrets
    #>
    [CmdletBinding(DefaultParameterSetName = 'List', PositionalBinding = $false)]
    [OutputType('PPFederation.ClientSecret', ParameterSetName = 'List')]
    [OutputType('PPFederation.UnclaimedSecret', ParameterSetName = 'Unclaimed')]
    param(
        [Parameter(ParameterSetName = 'List', ValueFromPipeline = $true)]
        [Parameter(ParameterSetName = 'Unclaimed')]
        [ValidateNotNull()]
        [psobject]$Connection,

        [Parameter(ParameterSetName = 'List')]
        [Shared()]$DisplayName,

        [Parameter(ParameterSetName = 'List')]
        [Shared()]$AppId,

        [Parameter(ParameterSetName = 'List')]
        [Shared()]$ObjectId,

        [Parameter(ParameterSetName = 'List')]
        [switch]$Adopt,

        [Parameter(Mandatory = $true, ParameterSetName = 'Unclaimed')]
        [switch]$Unclaimed,

        [Parameter(ParameterSetName = 'Unclaimed', ValueFromPipelineByPropertyName = $true)]
        [Alias('SecretId')]
        [AllowEmptyString()]
        [string]$KeyId,

        [Parameter(ParameterSetName = 'Unclaimed')]
        [switch]$Claim
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if (-not $Unclaimed) {
            $field = Get-PPOption -Bound $PSBoundParameters
            if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
            return Invoke-PPJob -Caller $PSCmdlet -Op 'clientSecrets' -Field $field
        }
        $field = @{}
        if ($PSBoundParameters.ContainsKey('Connection')) {
            if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        }
        if ($PSBoundParameters.ContainsKey('KeyId')) {
            if (-not $KeyId) {
                # A run that made no secret has none to give.
                return
            }
            $field.keyId = $KeyId
        }
        Invoke-PPJob -Caller $PSCmdlet -Op 'unclaimedSecrets' -Field $field | ForEach-Object -Process {
            $held = $_
            $held
            # After it was passed on: what stops the pipeline leaves it unclaimed.
            if ($Claim) {
                Invoke-PPJob -Caller $PSCmdlet -Op 'claimSecret' -Field @{ keyId = $held.KeyId }
            }
        }
    }
}
