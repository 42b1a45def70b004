function Invoke-PPWait {
    # Waits for directory synchronization to be off; a part of a second counts as a whole one.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        [Parameter(Mandatory = $true)]
        [uint64]$Connection,

        [Parameter(Mandatory = $true)]
        [timespan]$Timeout
    )

    Invoke-PPJob -Caller $Caller -Op 'waitDirSync' -Field @{
        connection     = $Connection
        timeoutSeconds = [long][math]::Ceiling($Timeout.TotalSeconds)
    }
}

function Assert-PPTimeout {
    # Refuses a negative timeout, before anything is sent.
    param($Caller, [timespan]$Timeout)

    if ($Timeout -lt [timespan]::Zero) {
        Write-PPError -Caller $Caller -Failure (
            New-PPFailure -Id 'PPFederation.TimeoutInvalid' -Category InvalidArgument -Target $Timeout `
                -Message "The timeout $Timeout is negative." -Advice "Give a time span such as '3.00:00:00' for three days.")
    }
}
