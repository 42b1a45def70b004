function Remove-PPFederationApp {
    <#
    .SYNOPSIS
    Takes the application away again: its role, its consents, its service principal and itself.

    .DESCRIPTION
    Withdraws what the runbook has granted, in the right order: the role Global Administrator, the admin consents, then the service
    principal, then the application. It asks for each step, sends it, and reads back until it is seen to be gone. After an
    interruption the next call takes up what is left; where nothing is left it says so and changes nothing.

    Whoever signs in with one of its client secrets is locked out at once, and Practice Protect's provisioning of Microsoft 365
    stops: that is warned of before. What others have granted to this service principal (other permissions and directory roles,
    assignments of users to it, owners) goes with it and is named before; what belongs to another service principal is not touched.
    A step that is declined stays, and so do the service principal and the application, which would take it along.
    It is the application that was asked about that goes: another one of its name or mark stays, with -Adopt too.

    A deleted application and its service principal can be restored for 30 days (Restore-PPFederationApp), and the application
    keeps its unique name for so long; RecoverableUntil says until when. -Permanently deletes both for good, also those that were deleted before and are this module's;
    it is asked for by itself. A tenant can guard that as a protected action: PPFederation.PermanentDeletionRefused.

    Directory synchronization stays as it is. -WhatIf says what would be removed and sends no write. A script that runs unattended needs -Confirm:$false.

    .PARAMETER Permanently
    Deletes the application and its service principal for good, so that they can't be restored and the unique name is free
    again. With no application left it deletes for good those that were deleted before and carry this module's name or mark.

    .EXAMPLE
    Remove-PPFederationApp -WhatIf

    Says what would be removed, and warns of who is locked out. Nothing is changed.

    .EXAMPLE
    Remove-PPFederationApp

    Removes the application after asking for each step.

    .EXAMPLE
    $connections | Remove-PPFederationApp -Permanently -Confirm:$false

    Removes it in several tenants for good, without asking.

    .OUTPUTS
    PPFederation.TakenBack
    One for each thing: TenantId, TenantName, Step, Change, Result (Done, AlreadyDone, Skipped, NotConfirmed, NotDone), Detail,
    RecoverableUntil.

    .LINK
    Restore-PPFederationApp

    .LINK
    Undo-PPRunbook
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', PositionalBinding = $false)]
    [OutputType('PPFederation.TakenBack')]
    param(
        [Shared()]$Connection,
        [Shared()]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,
        [Shared('AdoptOnce')]$Adopt,

        [switch]$Permanently
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        $field.permanently = [bool]$Permanently
        Invoke-PPTakeBack -Caller $PSCmdlet -Look 'planAppRemoval' -Do 'removeApp' -Field $field
    }
}
