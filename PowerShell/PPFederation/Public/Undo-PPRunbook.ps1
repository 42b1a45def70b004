function Undo-PPRunbook {
    <#
    .SYNOPSIS
    Takes back what a plan that was carried out has changed.

    .DESCRIPTION
    Reads a plan that Get-PPPlan -Path has written, and turns each of its changes round from the values before, the last one first:
    what was made is removed, what was changed gets the value it had. Only what still is as the plan has made it is taken back, found
    by its id or key in the tenant as it is now. What was there before, what somebody has changed since, and an object on which others have built since
    (a client secret, a permission) stay, and a warning says which and why. A client secret that took the place of the plan's is known by
    its start, where the plan has made the application. Of an application that was there a rotation's secret looks like the plan's: the
    last one that works stays, and the warning of another says when it started.

    Some things can't be taken back: directory synchronization isn't switched on again, since Microsoft doesn't allow that before
    it is completely off, which takes up to 72 hours; switched on again it no longer takes over accounts that have a Microsoft
    Entra role. The text of a client secret can't be read again once that is removed, and whoever signs in with it is locked out.

    It asks for each step, and reads back until each is seen to be undone. A second undo changes nothing. -WhatIf shows what would be undone
    and sends no write. A script that runs unattended needs -Confirm:$false.

    .PARAMETER Plan
    The file of the plan, as Get-PPPlan -Path wrote it before it was carried out.

    .PARAMETER PlanHash
    The SHA-256 of the file, as Get-PPPlan says it and Get-FileHash. Another file is refused.

    .EXAMPLE
    Undo-PPRunbook -Plan ./contoso.json -WhatIf

    Shows what would be undone, and what can't be and why. Nothing is changed.

    .EXAMPLE
    Undo-PPRunbook -Plan ./contoso.json -PlanHash $approved -Confirm:$false

    Undoes the plan of this SHA-256, without asking.

    .OUTPUTS
    PPFederation.TakenBack
    One for each change of the plan: TenantId, TenantName, Step, Change, Result (Done, AlreadyDone, Skipped, NotConfirmed, NotDone),
    Detail.

    .LINK
    Get-PPPlan

    .LINK
    Remove-PPFederationApp
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', PositionalBinding = $false)]
    [OutputType('PPFederation.TakenBack')]
    param(
        [Shared()]$Connection,

        [Parameter(Mandatory = $true, Position = 0)]
        [string]$Plan,

        [string]$PlanHash
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = @{ path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Plan) }
        if ($PSBoundParameters.ContainsKey('PlanHash')) {
            $field.hash = $PlanHash
        }
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        Invoke-PPTakeBack -Caller $PSCmdlet -Look 'planUndo' -Do 'undo' -Field $field
    }
}
