function Get-PPOpenConnection {
    # The session's open connections, as far as they are known: nobody is asked for anything.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller
    )

    $open = $script:PPSession.Open
    if ($open.Count -gt 0) {
        Read-PPConnection -Caller $Caller -Op 'connections' -Field @{ connections = [uint64[]]$open.Number }
    }
}

function Read-PPConnection {
    # Runs an op that gives connections. Each comes after its number, so that it has from the start what keeps it open.
    param(
        $Caller,
        [string]$Op,
        [hashtable]$Field,

        # Of an object that is there already. Without it, the session's own of that number, or a new one.
        [PPFederation.Native.ConnectionHandle]$Handle
    )

    $current = $Handle
    Invoke-PPJob -Caller $Caller -Op $Op -Field $Field | ForEach-Object {
        if ($_ -is [PPFederation.Connection]) {
            $script:PPSession.Attach($_, $current)
            $_
        }
        elseif ($null -eq $Handle) {
            $current = $script:PPSession.Hold($_.Number, $_.Renews, [string[]]$_.Domains)
        }
        else {
            $current.Domains = [string[]]$_.Domains
        }
    }
}
