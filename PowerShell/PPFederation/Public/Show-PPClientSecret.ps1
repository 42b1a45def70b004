function Show-PPClientSecret {
    <#
    .SYNOPSIS
    Shows a client secret in clear, on the screen alone, after confirmation.

    .DESCRIPTION
    Writes the secret to the console until a key is pressed, then overwrites it. Nothing is returned, and nothing goes through
    the host's own output, which a transcript records. Where output or input is redirected, or there is no console, it is
    refused. A terminal that keeps what scrolls by, or a recording of the screen, has seen it all the same.

    Without a secret it offers those that this session made and nobody has claimed, one after the other, each with its tenant.
    A secret that was shown until a key was pressed is claimed: it is no longer in the library's memory. One that was declined,
    or whose showing was broken off, stays unclaimed.

    .PARAMETER ClientSecret
    The secret, as the command that made it returned it. The whole result can be piped. Without it: each unclaimed one.

    .EXAMPLE
    $app = New-PPClientSecret
    $app | Show-PPClientSecret

    Shows the secret that was just made, after asking.

    .EXAMPLE
    Show-PPClientSecret -ClientSecret $held.ClientSecret

    Shows the secret that the error of a failed sink holds, where $held is its TargetObject.

    .EXAMPLE
    Show-PPClientSecret

    Offers each secret that this session made and nobody has claimed.

    .OUTPUTS
    None
    The secret is on the screen only.

    .LINK
    about_PPFederation_Secrets
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', DefaultParameterSetName = 'Unclaimed', PositionalBinding = $false)]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true, Position = 0, ParameterSetName = 'Given', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [securestring]$ClientSecret
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if (-not $WhatIfPreference -and -not [PPFederation.Native.SecretScreen]::IsAvailable) {
            Write-PPError -Caller $PSCmdlet -Failure (
                Get-PPFailure -Id 'PPFederation.NoScreen' -Category InvalidOperation `
                    -Message 'There is no screen to show the client secret on: output or input is redirected, or this host has no console.' `
                    -Advice 'Run it at a console, or send the secret where it belongs: Save-PPClientSecret -SecretSink.')
        }
        if ($PSCmdlet.ParameterSetName -eq 'Given') {
            return Show-PPSecret -Caller $PSCmdlet -Secret $ClientSecret -Action 'Show the client secret in clear'
        }
        $held = @(Invoke-PPJob -Caller $PSCmdlet -Op 'unclaimedSecrets')
        if ($held.Count -eq 0) {
            Write-Warning -Message 'This session holds no unclaimed client secret. The text of any other cannot be read again.'
        }
        foreach ($one in $held) {
            $tenant = if ($one.TenantName) { "$($one.TenantName) ($($one.TenantId))" } else { $one.TenantId }
            Show-PPSecret -Caller $PSCmdlet -Secret $one.ClientSecret -Action "Show client secret $($one.KeyId) of tenant $tenant in clear"
        }
    }
}
