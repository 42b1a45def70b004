function Invoke-PPWait {
    # Waits for directory synchronization to be off.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        [Parameter(Mandatory = $true)]
        [uint64]$Connection,

        [Parameter(Mandatory = $true)]
        [int]$TimeoutSec,

        # It was switched off just now: on would mean on again.
        [switch]$SwitchedOff
    )

    Invoke-PPJob -Caller $Caller -Op 'waitDirSync' -Field @{
        connection     = $Connection
        timeoutSeconds = $TimeoutSec
        switchedOff    = [bool]$SwitchedOff
    }
}
