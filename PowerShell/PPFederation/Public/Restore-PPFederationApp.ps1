function Restore-PPFederationApp {
    <#
    .SYNOPSIS
    Brings back this module's application after it was deleted, with its service principal, and makes what is missing then.

    .DESCRIPTION
    An application that was deleted can be restored for 30 days. It has the same ids then, and the client secrets it had work
    again, for whoever has them: Get-PPClientSecret lists them. Its service principal is restored by a call of its own;
    what of its consents and roles came back is looked at, and what is missing is made. No client secret is made, and directory
    synchronization is left alone: that is for Invoke-PPRunbook.

    An application that is there already is said to be, and nothing is changed; a restoration that was stopped half-way is taken
    up by running it again. -WhatIf shows what would be restored and made, and sends no write. Where nothing is
    listed, it looks for half a minute before it says so: a replica may lag.

    .PARAMETER AppId
    The application (client) id of the deleted application, where several of this module's are deleted.

    .PARAMETER ObjectId
    Likewise its object id.

    .EXAMPLE
    Restore-PPFederationApp -WhatIf

    Shows what would be restored, and changes nothing.

    .EXAMPLE
    Restore-PPFederationApp -Confirm:$false
    Get-PPClientSecret

    Restores it without asking, and shows which client secrets work again.

    .OUTPUTS
    PPFederation.App
    TenantId, AppId, ObjectId, ServicePrincipalId and DisplayName.

    .LINK
    Invoke-PPRunbook

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', DefaultParameterSetName = 'Only', PositionalBinding = $false)]
    [OutputType('PPFederation.App')]
    param(
        [Shared()]$Connection,

        [Parameter(Mandatory = $true, ParameterSetName = 'AppId')]
        [string]$AppId,

        [Parameter(Mandatory = $true, ParameterSetName = 'ObjectId')]
        [string]$ObjectId
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if (-not ($number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        $field = @{
            connection = $number
            deletedApp = 'RestoreOnly'
            steps      = [string[]]@('Application', 'ServicePrincipal', 'DelegatedConsent', 'ApplicationConsent', 'GlobalAdministrator')
        }
        foreach ($name in 'AppId', 'ObjectId') {
            if ($PSBoundParameters.ContainsKey($name)) {
                $field.deletedId = $PSBoundParameters[$name]
            }
        }
        Invoke-PPStep -Caller $PSCmdlet -Field $field | Select-PPApp
    }
}
