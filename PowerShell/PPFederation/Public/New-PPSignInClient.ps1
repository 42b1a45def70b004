function New-PPSignInClient {
    <#
    .SYNOPSIS
    Registers a public client of your own for people to sign in with, in place of Microsoft's.

    .DESCRIPTION
    People sign in with a client. The default one, Microsoft Graph Command Line Tools, is Microsoft's own and on loan: Microsoft has
    announced that it will be closed to other tools, some clouds lack it, and firms restrict it. This makes one of your own: a public
    client with the redirect address http://localhost, without a secret and without permissions of its own, and its service
    principal. Who signs in with it consents to what is asked for, to this client alone.

    What it returns has the line to use it: Connect-PPTenant -ClientId. In place of that, the environment variable
    PPFEDERATION_CLIENT_ID names it for every sign-in of a person, and in a list of tenants the column ClientId does.

    Run it again as often as you like: one that is there is found again and kept, what it lacks is added, and one that was deleted
    less than 30 days ago is restored with its client id and its service principal, on which consents hang. One that somebody has
    deactivated or disabled is left so: a warning and Detail say it. It takes the permission Application.ReadWrite.All, which a
    person has after Connect-PPTenant -Step Application. Where the default client can't be used at all, connect with -AccessToken or as an
    application, or make it in the portal: about_PPFederation_SignIn has the steps.

    -WhatIf says what would be made and sends no write.

    .PARAMETER DisplayName
    The name of a client that is made, 1 to 120 characters. Without it: PPFederation sign-in. One that is there keeps its name.

    .PARAMETER MultiTenant
    People of any organization may sign in with it: for an MSP, whose people sign in to customers' tenants. In each customer's
    tenant an administrator consents once, at the ConsentLink of the result or when signing in. One that is there is opened;
    without this parameter it is never closed again.

    .EXAMPLE
    Connect-PPTenant -TenantId contoso.onmicrosoft.com -Step Application
    $client = New-PPSignInClient
    Connect-PPTenant -TenantId contoso.onmicrosoft.com -ClientId $client.ClientId

    Makes the client, and signs in with it.

    .EXAMPLE
    $client = New-PPSignInClient -MultiTenant
    $client.ConsentLink

    Makes the client of an MSP in its own tenant, and shows where an administrator of a customer consents to it.

    .OUTPUTS
    PPFederation.SignInClient
    TenantId, TenantName, ClientId, ObjectId, ServicePrincipalId, DisplayName, Audience, Result (Made, Restored, Changed,
    AlreadyThere), Connect, Variable, ConsentLink, Detail.

    .LINK
    Remove-PPSignInClient

    .LINK
    Connect-PPTenant

    .LINK
    about_PPFederation_SignIn
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium', PositionalBinding = $false)]
    [OutputType('PPFederation.SignInClient')]
    param(
        [Shared()]$Connection,

        [string]$DisplayName,

        [switch]$MultiTenant
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = @{ multiTenant = [bool]$MultiTenant }
        if ($PSBoundParameters.ContainsKey('DisplayName')) {
            $field.displayName = $DisplayName
        }
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        foreach ($change in Invoke-PPJob -Caller $PSCmdlet -Op 'planSignInClient' -Field $field) {
            # Nothing is asked where nothing is to be changed.
            if ($change.Change -and -not (Test-PPApproval -Caller $PSCmdlet -Row $change)) {
                continue
            }
            if ($WhatIfPreference) {
                Write-PPWhatIf -Text "Nothing is left to change for $($change.Target): the sign-in client is there."
                continue
            }
            Invoke-PPJob -Caller $PSCmdlet -Op 'makeSignInClient' -Field $field | ForEach-Object {
                $_
                Write-PPClosing -Row $_ -Text "Sign-in client $($_.ClientId): $($_.Detail)"
            }
        }
    }
}
