function Export-PPAttributeBackup {
    <#
    .SYNOPSIS
    Writes the attributes that Practice Protect overwrites into a file, for every user of the tenant.

    .DESCRIPTION
    Reads all users page by page and writes them to a file, from which Restore-PPAttribute puts them back: display name, usage
    location, mail, sign-in name and Immutable ID, and beside them what tells whether that can be done (addresses, whether the user is
    synchronized, type, whether it may sign in). The tenant is only read. A million users take no more memory than a hundred.

    The file is JSON Lines: a header with the tenant, the time (UTC, by the service) and the module's version; a user a line; the
    service's link to what changes from then on, which Compare-PPAttribute -Since goes by for seven days; an end with the number of users and the SHA-256 of all that stands before it. It holds no secret, and it holds names and addresses: its
    owner alone may read it (on Windows: whoever its folder lets).

    Until it is whole it lies beside its place, with .partial behind its name. A backup that was stopped, as by Ctrl+C, a broken
    network or a full disk, is taken up there by running the same command again within a day; TakenUp says from where. -Force begins anew.
    What isn't taken up is kept beside it, with a number behind its name (.partial-1), and a warning says where: where users were provisioned
    since, it alone has what they had before. Let a backup be finished before anything is provisioned.

    Whom a Restore-PPAttribute that was killed has left under a name for the time being, a warning names: that name is never put back.

    .PARAMETER Force
    Overwrites a file that is there, and begins anew where a backup was stopped; what that has is kept beside it.

    .EXAMPLE
    Export-PPAttributeBackup -Path ./contoso.jsonl

    Writes the attributes of all users to a file, before the first provisioning.

    .EXAMPLE
    $connections | ForEach-Object { Export-PPAttributeBackup -Connection $_ -Path "./$($_.TenantId).jsonl" }

    Writes a file for each of several tenants.

    .OUTPUTS
    PPFederation.AttributeBackup
    TenantId, TenantName, Path, Users, Time, TakenUp, Hash (SHA-256 of the file, as Get-FileHash shows it).

    .LINK
    Restore-PPAttribute

    .LINK
    Compare-PPAttribute

    .LINK
    Get-PPAttributeOwnership
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low', PositionalBinding = $false)]
    [OutputType('PPFederation.AttributeBackup')]
    param(
        [Shared('BackupFile')]$Path,

        [Shared()]$Connection,

        [switch]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        if (-not ($number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        if (-not $PSCmdlet.ShouldProcess($file, 'Write the attributes of all users to the file')) { return }
        $field = @{ connection = $number; path = $file; force = [bool]$Force }
        Invoke-PPJob -Caller $PSCmdlet -Op 'backupAttributes' -Field $field | ForEach-Object -Process {
            $_
            Write-PPClosing -Row $_ -Text "The attributes of $($_.Users) users are in $($_.Path). Restore-PPAttribute -Path puts them back."
        }
    }
}
