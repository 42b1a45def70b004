function Wait-PPDirSync {
    <#
    .SYNOPSIS
    Waits until directory synchronization is off.

    .DESCRIPTION
    Asks the tenant again and again, and shows the progress, until nothing counts as synchronized any more. Ctrl+C ends the
    waiting and changes nothing; the next Wait-PPDirSync takes it up, on any computer, since the tenant itself is asked.

    A look that fails because the network or a service is down ends no waiting: the next one may succeed. Each look may wait
    as long for that as Connect-PPTenant -RetryBudgetSec says. What doesn't pass by itself, as a missing permission, is an
    error at once. So is synchronization that is on again after it had been off; a client that reports after the waiting has
    begun is warned of, since with it the conversion doesn't end.

    Microsoft Graph v1.0 does not tell how far it is or when it will be complete: the progress shows what is known, the time
    passed and the objects that still count as synchronized.

    .EXAMPLE
    Wait-PPDirSync

    Waits up to 72 hours.

    .EXAMPLE
    Wait-PPDirSync -TimeoutSec 1800

    Waits half an hour.

    .OUTPUTS
    PPFederation.DirSync
    The state once it is Off.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.DirSync')]
    param(
        [Shared()]$Connection,
        [Shared()]$TimeoutSec
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if (-not ($number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        Invoke-PPWait -Caller $PSCmdlet -Connection $number -TimeoutSec $TimeoutSec
    }
}
