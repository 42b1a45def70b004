function Remove-PPClientSecret {
    <#
    .SYNOPSIS
    Removes one client secret of the application, by its key id.

    .DESCRIPTION
    Asks for confirmation, removes the secret and reads back until it is gone everywhere. Whoever still signs in with it is
    locked out, and a removed secret cannot be brought back. The last secret PPToken that works is removed with -Force only.

    -WhatIf says what would be removed and sends no write. A script that runs unattended needs -Confirm:$false.

    .PARAMETER KeyId
    The secret's id, as Get-PPClientSecret lists it. Rows of Get-PPClientSecret can be piped.

    .PARAMETER Force
    Removes even the last secret that works. It still asks for confirmation.

    .EXAMPLE
    Remove-PPClientSecret -KeyId 8f69709d-4d80-4f9c-a404-24a0d96e5646

    Removes this secret after asking.

    .EXAMPLE
    Get-PPClientSecret | Where-Object State -eq 'Expired' | Remove-PPClientSecret -Confirm:$false

    Removes the secrets that have ended, without asking.

    .OUTPUTS
    PPFederation.SecretRemoval
    TenantId, AppId, KeyId, Result (Removed, AlreadyGone), Detail.

    .LINK
    Get-PPClientSecret
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', PositionalBinding = $false)]
    [OutputType('PPFederation.SecretRemoval')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true)]
        [string]$KeyId,

        [Shared('ConnectionOfOne')]$Connection,
        [Shared('TenantOfRow')]$TenantId,
        [Shared()]$DisplayName,
        [Shared('AppIdOfRow')]$AppId,
        [Shared()]$ObjectId,
        [Shared('AdoptOnce')]$Adopt,

        [switch]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        $field.keyId = $KeyId
        $field.force = [bool]$Force
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection -TenantId $TenantId)) { return }
        Invoke-PPSecretRemoval -Caller $PSCmdlet -Field $field
    }
}
