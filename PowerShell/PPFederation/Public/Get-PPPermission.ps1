function Get-PPPermission {
    <#
    .SYNOPSIS
    Shows for each of the {{PermissionCount}} permissions whether it is declared and granted.

    .DESCRIPTION
    Returns a row for each permission of the runbook, {{DelegatedCount}} delegated and {{ApplicationCount}} application ones. Granted means that the grant
    itself was seen, not that the application asks for it. Where a grant cannot be read the status is Unknown, never Granted,
    and Evidence says what was seen. NotOffered means that Microsoft Graph has no such permission in this cloud or tenant: nobody
    can grant it, and a run is complete without it.

    .EXAMPLE
    Get-PPPermission

    Lists the {{PermissionCount}} permissions.

    .EXAMPLE
    Get-PPPermission | Where-Object Status -ne 'Granted'

    Lists those that are not granted, or not known to be.

    .OUTPUTS
    PPFederation.Permission
    Name, Type (Delegated, Application), Declared, Status (Granted, NotGranted, NotOffered, Unknown), Evidence, PermissionId.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.Permission')]
    param(
        [Shared()]$Connection,
        [Shared()]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,
        [Shared('AdoptOnce')]$Adopt
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        Invoke-PPJob -Caller $PSCmdlet -Op 'permissions' -Field $field
    }
}
