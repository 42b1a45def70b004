function New-PPFederationApp {
    <#
    .SYNOPSIS
    Registers the application with its permissions, consents and role: steps 2 and 3 of the runbook.

    .DESCRIPTION
    Creates the single-tenant application and its service principal, declares the 18 Microsoft Graph permissions, grants
    admin consent for the delegated and the application ones, and makes the service principal a Global Administrator. What is
    there already is kept and only completed: running it again changes nothing. Permissions, grants and owners that others
    added stay.

    It plans first, asks before it grants the application permissions and the role, and checks afterwards. -WhatIf shows
    the plan and sends no write. A script that runs unattended needs -Confirm:$false. The client secret is made by
    New-PPClientSecret.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
    last connection that Connect-PPTenant made in this session is used.

    .PARAMETER DisplayName
    The display name of the application. Without it: Practice Protect Federation.

    .PARAMETER Adopt
    Takes over an existing application of the same display name that was not made by this module, if there is exactly one.
    Without it such an application is reported and left alone.

    .EXAMPLE
    New-PPFederationApp -WhatIf

    Shows what is missing in the tenant, and changes nothing.

    .EXAMPLE
    New-PPFederationApp -Confirm:$false

    Makes what is missing, without asking.

    .EXAMPLE
    New-PPFederationApp -DisplayName 'Practice Protect Federation' -Adopt

    Completes an application that was registered by hand.

    .OUTPUTS
    PPFederation.App
    TenantId, AppId, ObjectId, ServicePrincipalId and DisplayName.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('PPFederation.App')]
    param(
        [Parameter(ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$Connection,

        [string]$DisplayName,

        [switch]$Adopt
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        $field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection
        $field.steps = [string[]]@('Application', 'ServicePrincipal', 'DelegatedConsent', 'ApplicationConsent', 'GlobalAdministrator')
        Invoke-PPStep -Caller $PSCmdlet -Field $field | Select-PPApp
    }
}
