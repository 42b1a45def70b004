function Disable-PPDirSync {
    <#
    .SYNOPSIS
    Switches directory synchronization off, step 1 of the runbook.

    .DESCRIPTION
    Sets the tenant's onPremisesSyncEnabled to false. Microsoft takes up to 72 hours to complete it; it cannot be cancelled, and
    synchronization cannot be switched on again before it completes. People can sign in meanwhile, but users cannot be created
    or changed. Switched on again, it no longer takes over accounts that have a Microsoft Entra role: the plan says so. Uninstall
    the synchronization client first: the plan warns of one that is running, or may come back.

    In Practice Protect's variant with Active Directory synchronization it stays on: ask first which variant is yours.

    Where it is off or on its way already, nothing is sent. It asks for confirmation; -WhatIf says what it would do and sends
    no write. A script that runs unattended needs -Confirm:$false.

    .PARAMETER Wait
    Waits until it is complete, as Wait-PPDirSync does, but no longer than -TimeoutSec says.

    .EXAMPLE
    Disable-PPDirSync -WhatIf

    Says what would change.

    .EXAMPLE
    Disable-PPDirSync -Confirm:$false

    Switches it off without asking, and returns at once.

    .EXAMPLE
    Disable-PPDirSync -Wait -TimeoutSec 3600

    Switches it off after asking, and waits up to an hour. Ctrl+C ends the waiting only; Wait-PPDirSync takes it up again.

    .OUTPUTS
    PPFederation.DirSync
    The state afterwards, as Get-PPDirSync shows it.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', PositionalBinding = $false)]
    [OutputType('PPFederation.DirSync')]
    param(
        [Shared()]$Connection,

        [switch]$Wait,

        [Shared()]$TimeoutSec
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if (-not ($number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        $run = Invoke-PPStep -Caller $PSCmdlet -Field @{ connection = $number; steps = [string[]]@('DirSync') }
        if ($run -and 'Skipped', 'Failed' -notcontains $run.Result) {
            if ($Wait) {
                Invoke-PPWait -Caller $PSCmdlet -Connection $number -TimeoutSec $TimeoutSec -SwitchedOff
            }
            else {
                Invoke-PPJob -Caller $PSCmdlet -Op 'dirSync' -Field @{ connection = $number; switchedOff = $true }
            }
        }
    }
}
