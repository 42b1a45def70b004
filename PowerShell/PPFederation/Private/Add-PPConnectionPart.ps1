function Add-PPConnectionPart {
    # Adds to a new connection what belongs to this session: the handle that closes it when nothing refers to it any more,
    # and for a demonstration tenant the address of its controls. Neither is in the views.
    param($Connection, $Handle, $Twin)

    $Connection.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new('Handle', $Handle))
    if ($Twin) {
        $Connection.PSObject.Properties.Add(
            [System.Management.Automation.PSNoteProperty]::new('ControlEndpoint', $Twin.ControlEndpoint))
    }
    $Connection
}

function Clear-PPConnection {
    # Forgets a connection that is closed: as the session's default, and so that its finalizer has nothing left to do.
    param([uint64]$Number, $Connection)

    if ($script:PPConnection -and $script:PPConnection.Number -eq $Number) {
        $Connection = $script:PPConnection
        $script:PPConnection = $null
    }
    $handle = $Connection.PSObject.Properties['Handle']
    if ($handle -and $handle.Value -is [PPFederation.Native.ConnectionHandle]) {
        $handle.Value.SetHandleAsInvalid()
    }
}

function Copy-PPConnectionPart {
    # Takes these parts over from the object of the same connection. One that came from another process has none.
    param($From, $To)

    foreach ($name in 'Handle', 'ControlEndpoint') {
        $part = $From.PSObject.Properties[$name]
        if ($part) {
            $To.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new($name, $part.Value))
        }
    }
}
