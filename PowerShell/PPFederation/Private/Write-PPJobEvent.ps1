function Write-PPJobEvent {
    # Writes a verbose, debug, warning or information event to the stream of that name. What the library says as information is
    # for the person at the keyboard, as a code to sign in with, and has to be seen under every preference of the caller:
    # by the tag PSHOST the host shows the record as one of Write-Host, and Invoke-PPJob says -InformationAction Continue.
    # Write-Information refuses that tag, the method doesn't. A warning says whose it is, as an error does.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)]
        [PPFederation.Native.JobEvent]$JobEvent,

        # The tenant, as Get-PPWhose returned it.
        [AllowNull()]
        $Whose
    )

    switch ($JobEvent.Kind) {
        'Verbose' { Write-Verbose -Message $JobEvent.Text }
        'Debug' { Write-Debug -Message $JobEvent.Text }
        'Warning' { Write-Warning -Message "$(if ($Whose) { "$($Whose.Name): " })$($JobEvent.Text)" }
        'Information' { $PSCmdlet.WriteInformation($JobEvent.Text, [string[]]('PPFederation', 'PSHOST')) }
    }
}

function Write-PPProgress {
    # Writes a progress event and returns its activity. Percent and seconds are -1 where nobody knows them, which
    # Write-Progress takes to mean the same.
    param(
        [Parameter(Mandatory = $true)]
        [string]$Text
    )

    $progress = [System.Management.Automation.PSSerializer]::Deserialize($Text)
    $bar = @{
        Activity         = $progress.Activity
        PercentComplete  = $progress.PercentComplete
        SecondsRemaining = $progress.SecondsRemaining
    }
    if ($progress.Status) {
        $bar.Status = $progress.Status
    }
    Write-Progress @bar
    $progress.Activity
}
