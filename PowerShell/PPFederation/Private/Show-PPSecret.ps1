function Show-PPSecret {
    # Shows one secret after asking, until a key is pressed, and lets go of it then: broken off before, it stays unclaimed.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        [Parameter(Mandatory = $true)]
        [securestring]$Secret,

        [Parameter(Mandatory = $true)]
        [string]$Action
    )

    if (-not $Caller.ShouldProcess('the screen', $Action)) {
        return
    }
    $screen = [PPFederation.Native.SecretScreen]::new($Secret, 'Press any key to clear it.')
    try {
        while (-not [PPFederation.Native.SecretScreen]::TakeKey()) {
            # So that Ctrl+C ends it too.
            Start-Sleep -Milliseconds 50
        }
    }
    finally {
        $screen.Dispose()
    }
    Invoke-PPJob -Caller $Caller -Op 'claimSecret' -Field @{ secret = $Secret }
}
