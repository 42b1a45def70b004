function Remove-PPSignInClient {
    <#
    .SYNOPSIS
    Removes the client for people to sign in with that New-PPSignInClient made.

    .DESCRIPTION
    Asks for confirmation, deletes the client, its service principal with it, and reads back until it is gone. Nobody signs in
    with it any more, nor is a connection renewed that was signed in with it; where that is this connection's, it warns. Only the client that
    New-PPSignInClient made is taken, by its mark.

    For 30 days New-PPSignInClient brings it back with the same client id. In customers' tenants its service principal and the consents
    that were given to it stay, without use, until they are removed there.

    -WhatIf says what would be removed and sends no write. A script that runs unattended needs -Confirm:$false.

    .EXAMPLE
    Remove-PPSignInClient -WhatIf

    Says which client would be removed.

    .EXAMPLE
    Remove-PPSignInClient -Confirm:$false

    Removes it without asking.

    .OUTPUTS
    PPFederation.SignInClient
    TenantId, TenantName, ClientId, ObjectId, DisplayName, Audience, Result (Removed, AlreadyGone), Detail.

    .LINK
    New-PPSignInClient
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', PositionalBinding = $false)]
    [OutputType('PPFederation.SignInClient')]
    param(
        [Shared()]$Connection
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if (-not ($number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        $field = @{ connection = $number }
        foreach ($change in Invoke-PPJob -Caller $PSCmdlet -Op 'planSignInClientRemoval' -Field $field) {
            if (Test-PPApproval -Caller $PSCmdlet -Row $change) {
                Invoke-PPJob -Caller $PSCmdlet -Op 'removeSignInClient' -Field $field | ForEach-Object {
                    $_
                    Write-PPClosing -Row $_ -Text "Sign-in client $($_.ClientId): $($_.Detail)"
                }
            }
        }
    }
}
