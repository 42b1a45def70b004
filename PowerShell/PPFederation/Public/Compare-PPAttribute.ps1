function Compare-PPAttribute {
    <#
    .SYNOPSIS
    Shows what Practice Protect will overwrite of each user, and who couldn't sign in afterwards.

    .DESCRIPTION
    Reads every user of the tenant, pairs them with the portal's users, and returns a row for each attribute that Practice Protect owns
    and that will be written with another value, lock somebody out, or can't be judged. Nothing is changed.

    The portal's users come from -Path, a CSV or JSON file, or through the pipeline. Their columns are known by their names (Username,
    Login name, UPN, E-mail, Display name, Immutable ID and the like; case, spaces and underscores don't matter); which column was taken
    for what is said in the information stream, and -ColumnMap says it otherwise. Without the portal's users next to nothing is certain, and the rows
    say Unknown. What comes through the pipeline counts as some of the portal's users, a file as all of them. Of accounts that pair with none
    of some users nothing can be said: they are left out, and a warning says how many they are.

    A severity is LockedOut (the user can't sign in afterwards), Unknown (it can't be known, and Reason says why and what it takes to
    know it), Renamed (the sign-in name or the mail address changes), Changed, or Equal, which only -IncludeEqual shows. What a verdict
    builds on is read first: the domains, the policy about federated tokens, who has which directory role. What can't be read is Unknown
    and never taken for none. Each row of an administrator, and of yourself, says so; roles that somebody has through a group, or is
    eligible for, are not read, and a warning says where groups have some.

    All users are read once, with groups, contacts, deleted users and deleted Microsoft 365 groups, to know who holds which address; then
    each is compared. Whoever else holds one is named in Reason, with the object id, or by that alone where the name can't be read. Between
    the two the users are kept in a file without a name in the folder for temporary files, which is gone when the comparison ends however it
    does. The memory that this takes doesn't grow with the tenant but for some bytes of each address.

    -Since takes a backup (Export-PPAttributeBackup) and compares only who has changed since: the service is asked for the changes alone, and
    who holds which address is known from the backup and these. Of everybody else nothing is said, and a warning reminds of that. The
    service remembers the changes of seven days; after that all users are read, and those compared that differ from the backup.

    .PARAMETER Path
    The portal's users, all of them: a CSV file (with commas, semicolons or tabs), a JSON list, JSON Lines, or the answer of the portal's query.
    An answer that is one page of several, by its FullCount, is refused.

    .PARAMETER InputObject
    A user of the portal, such as Import-Csv gives it, whose properties are its columns. Where nobody comes, nobody is compared.

    .PARAMETER Script
    The provisioning script, as text: what it writes for each user is what is compared. It runs in a sandbox on this machine; what the
    portal's own engine would do differently is unknown.

    .PARAMETER ScriptPath
    The file of the provisioning script; it counts where a text is given, too.

    .PARAMETER FederatedDomain
    The domains that are federated with Practice Protect, or are going to be. Needed where none is federated yet, or several are. Where
    one is, it is taken for Practice Protect's, which a warning and the reasons say: name the domain if that one is another provider's.

    .PARAMETER Since
    A backup of this tenant, as Export-PPAttributeBackup has written it: compares only who has changed since.

    .PARAMETER IncludeEqual
    Shows what stays as it is, too; and with users through the pipeline the accounts that pair with none of them.

    .EXAMPLE
    Compare-PPAttribute -Path ./portal-users.csv

    Shows what will change for whom.

    .EXAMPLE
    Compare-PPAttribute -Path ./portal-users.csv -FederatedDomain contoso.com | Where-Object Severity -eq 'LockedOut' | Format-List

    Shows who couldn't sign in afterwards, why, and what to do.

    .EXAMPLE
    Compare-PPAttribute -Path ./users.csv -ColumnMap @{ Username = 'Login' }

    Takes the sign-in name from the column Login.

    .EXAMPLE
    Compare-PPAttribute -Path ./users.csv -ScriptPath ./provisioning.js -ColumnMap @{ CanonicalizeName = 'Login' }

    Compares what the firm's own provisioning script writes.

    .EXAMPLE
    Compare-PPAttribute -Path ./portal-users.csv -Since ./before.jsonl

    Compares who has changed since the backup.

    .EXAMPLE
    Import-Csv ./portal-users.csv | Where-Object Department -eq 'Tax' | Compare-PPAttribute

    Compares some of the portal's users with their accounts.

    .OUTPUTS
    PPFederation.AttributeDifference
    TenantId, TenantName, Severity, UserPrincipalName, Attribute, Before, After, Reason, Advice, UserId, PortalPlace,
    OnPremisesSyncEnabled.

    .LINK
    Get-PPAttributeOwnership

    .LINK
    Test-PPProvisioningScript

    .LINK
    Export-PPAttributeBackup

    .LINK
    about_PPFederation_Attributes
    #>
    [CmdletBinding(DefaultParameterSetName = 'File', PositionalBinding = $false)]
    [OutputType('PPFederation.AttributeDifference')]
    param(
        [Shared('ConnectionOfOne')]$Connection,

        [Parameter(ParameterSetName = 'File', Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string]$Path,

        [Parameter(Mandatory = $true, ParameterSetName = 'Pipeline', ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$InputObject,

        [Shared()]$ColumnMap,

        [AllowEmptyString()]
        [string]$Script,

        [ValidateNotNullOrEmpty()]
        [string]$ScriptPath,

        [string[]]$FederatedDomain,

        [ValidateNotNullOrEmpty()]
        [string]$Since,

        [Shared()]$UserPrincipalName,

        [switch]$IncludeEqual
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
        $users = [System.Collections.Generic.List[object]]::new()
    }
    process {
        if ($PSCmdlet.ParameterSetName -eq 'Pipeline') {
            $users.Add((ConvertTo-PPGivenUser -InputObject $InputObject))
        }
    }
    end {
        $field = @{ includeEqual = [bool]$IncludeEqual }
        foreach ($name in 'Path', 'Since') {
            if ($PSBoundParameters.ContainsKey($name)) {
                $field[$name.ToLowerInvariant()] = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($PSBoundParameters[$name])
            }
        }
        Add-PPGivenUser -Field $field -User $users -Bound $PSBoundParameters
        if ($PSBoundParameters.ContainsKey('Script') -or $PSBoundParameters.ContainsKey('ScriptPath')) {
            $field.script = Get-PPGivenScript -Caller $PSCmdlet -Bound $PSBoundParameters -Text $Script -PathName 'ScriptPath'
        }
        foreach ($name in 'FederatedDomain', 'UserPrincipalName') {
            if ($PSBoundParameters.ContainsKey($name)) {
                $field[$name.Substring(0, 1).ToLowerInvariant() + $name.Substring(1)] = $PSBoundParameters[$name]
            }
        }
        $isResolved = $false
        $failed = [System.Collections.Generic.List[object]]::new()
        try {
            $field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection
            $isResolved = [bool]$field.connection
            # Who piped nobody doesn't mean everybody.
            $isNobody = $MyInvocation.ExpectingInput -and $users.Count -eq 0 -and -not $PSBoundParameters.ContainsKey('Path')
            if ($isResolved -and $isNobody) {
                $failure = Get-PPFailure -Id 'PPFederation.PortalUsersUnreadable' -Category InvalidArgument `
                    -Message 'No user came through the pipeline: nobody was compared.' `
                    -Advice 'See what the command before it gives. To compare all users without a list of the portal''s, run it without a pipeline.'
                $failed.Add($failure)
                Write-PPError -Caller $PSCmdlet -Failure $failure
            }
            elseif ($isResolved) {
                Invoke-PPJob -Caller $PSCmdlet -OfCall -Op 'compareAttributes' -Field $field -Failed $failed
            }
        }
        finally {
            if (-not $isResolved -or $failed.Count -gt 0) {
                $whose = Get-PPWhose -Field $field
                [PPFederation.Native.ReportHandle]::AddNotCompared($(if ($whose) { $whose.Name } else { 'a tenant' }), (Get-PPAutomationJob))
            }
        }
    }
}
