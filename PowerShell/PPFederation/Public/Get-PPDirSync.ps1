function Get-PPDirSync {
    <#
    .SYNOPSIS
    Shows whether directory synchronization is on, off, or on its way to off.

    .DESCRIPTION
    Reads the tenant's onPremisesSyncEnabled, when it last synchronized, and how many users, groups and contacts still count as
    synchronized. Microsoft Graph v1.0 has no state between on and off; State says what can be concluded, and Detail says
    from what. State is Unknown where that cannot be read: never Off.

    SyncClient says what is known of the client on the firm's side, by when it last reported: Running within the last three
    hours, Silent before that. One that runs has to be uninstalled (Entra Connect) or switched off (Cloud Sync), or the conversion
    doesn't end. One that is silent for less than a week may come back, as after a weekend; one that is longer silent may be one
    of Entra Connect below 2.5.79, which stopped on 2026-09-30. One that runs where State is Off can switch synchronization on
    again: Detail says so, and Test-PPFederation warns of it.

    SyncedObjects names the first ten users, groups and contacts that still count as synchronized. When synchronization was
    switched off isn't among what Microsoft Graph tells: where it is more than 72 hours ago and objects are left, open a support
    case with Microsoft and name them.

    .EXAMPLE
    Get-PPDirSync

    Shows the state in the session's last connected tenant.

    .EXAMPLE
    $first, $second | Get-PPDirSync | Where-Object State -ne 'Off'

    Shows which of two tenants are not through yet.

    .EXAMPLE
    (Get-PPDirSync).SyncedObjects

    Names what is left, for a support case.

    .OUTPUTS
    PPFederation.DirSync
    TenantId, TenantName, State (On, Pending, Off, Unknown), OnPremisesSyncEnabled, OnPremisesLastSyncDateTime, the three
    counts (empty where they cannot be read), SyncClient (Running, Silent, Unknown), SyncedObjects, and Detail.

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
