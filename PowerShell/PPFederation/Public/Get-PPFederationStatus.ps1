function Get-PPFederationStatus {
    <#
    .SYNOPSIS
    Shows for each step of the runbook whether it is done.

    .DESCRIPTION
    Observes the tenant and returns a row a step. A step that cannot be observed is Unknown, never Done, and Detail says why.
    Nothing is changed.

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
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.Status')]
    param(
        [Shared()]$Connection,
        [Shared()]$Step,
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
        $field.steps = $Step
        Invoke-PPJob -Caller $PSCmdlet -Op 'status' -Field $field
    }
}
