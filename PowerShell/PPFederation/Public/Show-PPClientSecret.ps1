function Show-PPClientSecret {
    <#
    .SYNOPSIS
    Shows a client secret in clear, on the screen alone, after confirmation.

    .DESCRIPTION
    Writes the secret to the console until a key is pressed, then overwrites it. Nothing is returned, and nothing goes through
    the host's own output, which a transcript records. Where output or input is redirected, or there is no console, it is
    refused. A terminal that keeps what scrolls by, or a recording of the screen, has seen it all the same.

    .PARAMETER ClientSecret
    The secret, as the command that made it returned it. The whole result can be piped.

    .EXAMPLE
    $app = New-PPClientSecret
    $app | Show-PPClientSecret

    Shows the secret that was just made, after asking.

    .EXAMPLE
    Show-PPClientSecret -ClientSecret $held.ClientSecret

    Shows the secret that the error of a failed sink holds, where $held is its TargetObject.

    .OUTPUTS
    None
    The secret is on the screen only.

    .LINK
    about_PPFederation_Secrets
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [securestring]$ClientSecret
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if (-not $WhatIfPreference -and -not [PPFederation.Native.SecretScreen]::IsAvailable) {
            Write-PPError -Caller $PSCmdlet -Failure (
                New-PPFailure -Id 'PPFederation.NoScreen' -Category InvalidOperation `
                    -Message 'There is no screen to show the client secret on: output or input is redirected, or this host has no console.' `
                    -Advice 'Run it at a console, or send the secret where it belongs with -SecretSink.')
        }
        if (-not $PSCmdlet.ShouldProcess('the screen', 'Show the client secret in clear')) {
            return
        }
        $screen = [PPFederation.Native.SecretScreen]::new($ClientSecret, 'Press any key to clear it.')
        try {
            while (-not [PPFederation.Native.SecretScreen]::TakeKey()) {
                # So that Ctrl+C ends it too.
                Start-Sleep -Milliseconds 50
            }
        }
        finally {
            $screen.Dispose()
        }
    }
}
