function Get-PPPermission {
    <#
    .SYNOPSIS
    Shows for each of the 18 permissions whether it is declared and granted.

    .DESCRIPTION
    Returns a row for each permission of the runbook, nine delegated and nine application ones. Granted means that the grant
    itself was seen, not that the application asks for it. Where a grant cannot be read the status is Unknown, never Granted,
    and Evidence says what was seen.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
    last connection that Connect-PPTenant made in this session is used.

    .PARAMETER DisplayName
    The display name of the application. Without it: Practice Protect Federation.

    .PARAMETER Adopt
    Takes over an existing application of the same display name that was not made by this module, if there is exactly one.
    Without it such an application is reported and left alone.

    .EXAMPLE
    Get-PPPermission

    Lists the 18 permissions.

    .EXAMPLE
    Get-PPPermission | Where-Object Status -ne 'Granted'

    Lists those that are not granted, or not known to be.

    .OUTPUTS
    PPFederation.Permission
    Name, Type (Delegated, Application), Declared, Status (Granted, NotGranted, Unknown), Evidence, PermissionId.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding()]
    [OutputType('PPFederation.Permission')]
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
        Invoke-PPJob -Caller $PSCmdlet -Op 'permissions' -Field $field
    }
}
