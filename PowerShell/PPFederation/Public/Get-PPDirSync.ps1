function Get-PPDirSync {
    <#
    .SYNOPSIS
    Shows whether directory synchronization is on, off, or on its way to off.

    .DESCRIPTION
    Reads the tenant's onPremisesSyncEnabled, when it last synchronized, and how many users, groups and contacts still count as
    synchronized. Microsoft Graph v1.0 has no state between on and off; State says what can be concluded, and Detail says
    from what. State is Unknown where that cannot be read: never Off.

    .EXAMPLE
    Get-PPDirSync

    Shows the state in the session's last connected tenant.

    .EXAMPLE
    $first, $second | Get-PPDirSync | Where-Object State -ne 'Off'

    Shows which of two tenants are not through yet.

    .OUTPUTS
    PPFederation.DirSync
    TenantId, TenantName, State (On, Pending, Off, Unknown), OnPremisesSyncEnabled, OnPremisesLastSyncDateTime, the three
    counts (empty where they cannot be read), and Detail.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.DirSync')]
    param(
        [Shared()]$Connection
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if (-not ($number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        Invoke-PPJob -Caller $PSCmdlet -Op 'dirSync' -Field @{ connection = $number }
    }
}
