function Get-PPFederationStatus {
    <#
    .SYNOPSIS
    Shows for each step of the runbook whether it is done.

    .DESCRIPTION
    Observes the tenant and returns a row a step. A step that cannot be observed is Unknown, never Done, and Detail says why.
    Nothing is changed.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
    last connection that Connect-PPTenant made in this session is used.

    .PARAMETER Step
    The steps to show. Without it: all.

    .PARAMETER DisplayName
    The display name of the application. Without it: Practice Protect Federation.

    .PARAMETER Adopt
    Takes over an existing application of the same display name that was not made by this module, if there is exactly one.
    Without it such an application is reported and left alone.

    .EXAMPLE
    Get-PPFederationStatus

    Shows all steps.

    .EXAMPLE
    Get-PPFederationStatus -Step DirSync, GlobalAdministrator

    Shows two of them.

    .OUTPUTS
    PPFederation.Status
    Step, State (Done, Pending, NotDone, Unknown) and Detail.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding()]
    [OutputType('PPFederation.Status')]
    param(
        [Parameter(ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$Connection,

        [ValidateSet('DirSync', 'Application', 'ServicePrincipal', 'DelegatedConsent', 'ApplicationConsent', 'GlobalAdministrator', 'ClientSecret')]
        [string[]]$Step,

        [string]$DisplayName,

        [switch]$Adopt
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        $field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection
        $field.steps = $Step
        Invoke-PPJob -Caller $PSCmdlet -Op 'status' -Field $field
    }
}
