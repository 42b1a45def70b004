function Compare-PPAttribute {
    <#
    .SYNOPSIS
    Shows what Practice Protect will overwrite of each user, and who couldn't sign in afterwards.

    .DESCRIPTION
    Reads every user of the tenant, pairs them with the portal's users, and returns a row for each attribute that Practice Protect owns
    and that will be written with another value, lock somebody out, or can't be judged. Nothing is changed.

    The portal's users come from -Path, a CSV or JSON file, or through the pipeline. Their columns are known by their names (Username,
    Login name, UPN, E-mail, Display name, Immutable ID and the like; case, spaces and underscores don't matter); -Verbose shows which
    column was taken for what, and -ColumnMap says it otherwise. Without the portal's users next to nothing is certain, and the rows
    say Unknown. What comes through the pipeline counts as some of the portal's users, a file as all of them.

    A severity is LockedOut (the user can't sign in afterwards), Unknown (it can't be known, and Reason says why and what it takes to
    know it), Renamed (the sign-in name or the mail address changes), Changed, or Equal, which only -IncludeEqual shows. What a verdict
    builds on is read first: the domains, the policy about federated tokens, who has which directory role. What can't be read is Unknown
    and never taken for none.

    All users are read twice: once to know who holds which address, group, contact and deleted user included, and once to compare them. The
    memory that this takes doesn't grow with the tenant but for some bytes of each address.

    .PARAMETER Path
    The portal's users, all of them: a CSV file (with commas, semicolons or tabs), a JSON list, JSON Lines, or the answer of the portal's query.

    .PARAMETER InputObject
    A user of the portal, such as Import-Csv gives it, whose properties are its columns.

    .PARAMETER Script
    The provisioning script, as text: what it writes for each user is what is compared. It runs in a sandbox on this machine; what the
    portal's own engine would do differently is unknown.

    .PARAMETER ScriptPath
    The file of the provisioning script; it counts where a text is given, too.

    .PARAMETER FederatedDomain
    The domains that are federated with Practice Protect, or are going to be. Needed where none is federated yet, or several are.

    .PARAMETER UserPrincipalName
    Shows only users of these sign-in names; wildcards are allowed. All users are read even so: somebody else may have the address.

    .PARAMETER IncludeEqual
    Shows what stays as it is, too.

    .EXAMPLE
    Compare-PPAttribute -Path ./portal-users.csv

    Shows what will change for whom.

    .EXAMPLE
    Compare-PPAttribute -Path ./portal-users.csv -FederatedDomain contoso.com | Where-Object Severity -eq 'LockedOut' | Format-List

    Shows who couldn't sign in afterwards, why, and what to do.

    .EXAMPLE
    Compare-PPAttribute -Path ./users.csv -ColumnMap @{ Username = 'Login' } -Verbose

    Takes the sign-in name from the column Login, and shows which column was taken for what else.

    .EXAMPLE
    Compare-PPAttribute -Path ./users.csv -ScriptPath ./provisioning.js -ColumnMap @{ CanonicalizeName = 'Login' }

    Compares what the firm's own provisioning script writes.

    .EXAMPLE
    Import-Csv ./portal-users.csv | Where-Object Department -eq 'Tax' | Compare-PPAttribute

    Compares some of the portal's users.

    .OUTPUTS
    PPFederation.AttributeDifference
    TenantId, TenantName, Severity, UserPrincipalName, Attribute, Before, After, Reason, Advice, UserId, PortalPlace,
    OnPremisesSyncEnabled.

    .LINK
    Get-PPAttributeOwnership

    .LINK
    Test-PPProvisioningScript

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

        [SupportsWildcards()]
        [string[]]$UserPrincipalName,

        [switch]$IncludeEqual
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
        $users = [System.Collections.Generic.List[object]]::new()
    }
    process {
        if ($PSCmdlet.ParameterSetName -eq 'Pipeline') {
            $users.Add(@(foreach ($property in $InputObject.PSObject.Properties) { , @($property.Name, [string]$property.Value) }))
        }
    }
    end {
        $field = @{ includeEqual = [bool]$IncludeEqual }
        if ($PSBoundParameters.ContainsKey('Path')) {
            $field.path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        }
        if ($users.Count -gt 0) {
            $field.users = $users
        }
        if ($PSBoundParameters.ContainsKey('ColumnMap')) {
            $field.columnMap = @{}
            foreach ($attribute in $ColumnMap.Keys) {
                $field.columnMap[[string]$attribute] = [string]$ColumnMap[$attribute]
            }
        }
        if ($PSBoundParameters.ContainsKey('ScriptPath')) {
            $field.script = @{ path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($ScriptPath) }
        }
        elseif ($PSBoundParameters.ContainsKey('Script')) {
            $field.script = @{ text = $Script }
        }
        foreach ($name in 'FederatedDomain', 'UserPrincipalName') {
            if ($PSBoundParameters.ContainsKey($name)) {
                $field[$name.Substring(0, 1).ToLowerInvariant() + $name.Substring(1)] = $PSBoundParameters[$name]
            }
        }
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        Invoke-PPJob -Caller $PSCmdlet -Op 'compareAttributes' -Field $field
    }
}
