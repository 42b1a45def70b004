function Find-PPTenant {
    <#
    .SYNOPSIS
    Lists a partner's customers, and what the delegated administration of each is good for.

    .DESCRIPTION
    Reads the partner's customers and the relationships of granular delegated administration (GDAP) with them, and gives a row a customer: the
    relationship's state, its roles, and until when they last: EndDateTime is when the first step of the runbook loses its role.
    SufficesForSteps says whether they are enough for every step, as are Privileged Role Administrator, Application Administrator and
    Hybrid Identity Administrator together; Detail names the steps without a role, and which they take. The rows can be piped to
    Invoke-PPFleet.

    The sign-in needs DelegatedAdminRelationship.Read.All in the partner's tenant.

    .EXAMPLE
    Find-PPTenant | Where-Object { -not $_.SufficesForSteps }

    Shows the customers in whose tenants the runbook can't be carried out by delegated administration.

    .EXAMPLE
    Find-PPTenant | Where-Object { $_.State -eq 'active' } | Invoke-PPFleet -Action Status

    Looks into the tenant of every customer whose relationship is active.

    .OUTPUTS
    PPFederation.CustomerTenant
    One a customer: TenantId, TenantName, State, EndDateTime, Roles, SufficesForSteps, Detail.

    .LINK
    Invoke-PPFleet

    .LINK
    about_PPFederation_SignIn
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.CustomerTenant')]
    param(
        [Shared()]$Connection
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if (-not ($number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        Invoke-PPJob -Caller $PSCmdlet -Op 'findTenants' -Field @{ connection = $number }
    }
}
