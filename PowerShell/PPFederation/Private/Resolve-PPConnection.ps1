function Resolve-PPConnection {
    # The number of the connection to use: of the one given, or of the one that the session has chosen. Whether that connection
    # is still open is for the native library to say.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        [AllowNull()]
        $Connection
    )

    $handle = if ($null -eq $Connection) { $script:PPSession.Chosen } else { Find-PPConnectionHandle -Caller $Caller -Connection $Connection }
    if ($null -eq $handle) {
        Write-PPNoConnection -Caller $Caller
    }
    $handle.Number
}

function Find-PPConnectionHandle {
    # What keeps the connection of an object open.
    param($Caller, $Connection)

    $names = 'PPFederation.Connection', 'Deserialized.PPFederation.Connection'
    if ($Connection -is [array] -or $names -notcontains $Connection.PSObject.TypeNames[0]) {
        Write-PPError -Caller $Caller -Failure (
            Get-PPFailure -Id 'PPFederation.NotAConnection' -Category InvalidArgument -Target $Connection `
                -Message "What was given as the connection is of type $($Connection.GetType().FullName)." `
                -Advice 'Pass one object that Connect-PPTenant returned; to use several, pipe them.')
    }
    $handle = [PPFederation.Native.ConnectionHandle]::Of($Connection.PSObject.BaseObject)
    if ($null -eq $handle) {
        # A property bag, as it comes out of a file or another process.
        Write-PPError -Caller $Caller -Failure (
            Get-PPFailure -Id 'PPFederation.ConnectionClosed' -Category InvalidOperation -Target $Connection `
                -Message "The connection to tenant $($Connection.TenantId) is not one of this process." `
                -Advice 'Connect again with Connect-PPTenant.')
    }
    $handle
}

function Write-PPNoConnection {
    # Which tenant is meant must never be a guess: where connections are open and none is chosen, they are listed.
    param($Caller)

    $open = @(Get-PPOpenConnection -Caller $Caller | ForEach-Object { [PPFederation.Native.ViewText]::Tenant($_.TenantName, $_.TenantId) })
    if ($open.Count -eq 0) {
        Write-PPError -Caller $Caller -Failure (
            Get-PPFailure -Id 'PPFederation.NotConnected' -Category ConnectionError `
                -Message 'There is no connection to a tenant in this session.' `
                -Advice 'Run Connect-PPTenant first, or pass -Connection.')
    }
    Write-PPError -Caller $Caller -Failure (
        Get-PPFailure -Id 'PPFederation.NoConnectionChosen' -Category InvalidOperation `
            -Message "No connection is chosen in this session. Open are: $($open -join ', ')." `
            -Advice 'Choose one with Select-PPConnection, or pass -Connection.')
}
