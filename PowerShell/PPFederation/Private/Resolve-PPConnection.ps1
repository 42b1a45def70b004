function Resolve-PPConnection {
    # The number of the connection to use: of the one given, of the one to the tenant of a row, or of the one that the session has
    # chosen. Nothing where it is the trouble of one of several, which was said. Whether that connection is still open is for the
    # native library to say.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        [AllowNull()]
        $Connection,

        # The tenant of a row.
        [string]$TenantId
    )

    if ($null -ne $Connection) {
        $handle = Find-PPConnectionHandle -Caller $Caller -Connection $Connection
        if ($handle -and $TenantId -and @($Connection.TenantId) + $handle.Domains -notcontains $TenantId.Trim()) {
            return Write-PPOtherTenant -Caller $Caller -Connection $Connection -TenantId $TenantId
        }
    }
    elseif ($TenantId) {
        $handle = [PPFederation.Native.ConnectionHandle]::Of((Find-PPOpenConnection -Caller $Caller -TenantId $TenantId -OfRow))
    }
    else {
        $handle = $script:PPSession.Chosen
        if ($null -eq $handle) {
            Write-PPNoConnection -Caller $Caller
        }
    }
    if ($handle) {
        $handle.Number
    }
}

function Find-PPConnectionHandle {
    # What keeps the connection of an object open: of a connection, or of a row, of the connection to its tenant. Nothing where
    # there is none, which was said.
    param($Caller, $Connection)

    $name = $Connection.PSObject.TypeNames[0]
    if ($Connection -is [array] -or $name -notmatch '^(Deserialized\.)?PPFederation\.\w+$') {
        Write-PPError -Caller $Caller -Failure (
            Get-PPFailure -Id 'PPFederation.NotAConnection' -Category InvalidArgument -Target $Connection `
                -Message "What was given as the connection is of type $($Connection.GetType().FullName)." `
                -Advice 'Pass one object that Connect-PPTenant returned; to use several, pipe them.')
    }
    if ($name -notmatch '\.Connection$') {
        return [PPFederation.Native.ConnectionHandle]::Of((Find-PPOpenConnection -Caller $Caller -TenantId $Connection.TenantId -OfRow))
    }
    $handle = [PPFederation.Native.ConnectionHandle]::Of($Connection.PSObject.BaseObject)
    if ($null -eq $handle) {
        # A property bag, as it comes out of a file or another process.
        $failure = Get-PPFailure -OfOne -Id 'PPFederation.ConnectionClosed' -Category InvalidOperation -Target $Connection `
            -Message "The connection to tenant $($Connection.TenantId) is not one of this process." `
            -Advice 'Connect again with Connect-PPTenant.'
        Write-PPError -Caller $Caller -Failure $failure
    }
    elseif (-not $script:PPWhose.ContainsKey([string]$handle.Number)) {
        # Another session of this process made it, as one around ForEach-Object -Parallel.
        Add-PPWhose -Connection $handle.Number -Row $Connection
    }
    $handle
}

function Write-PPOtherTenant {
    # A row of one tenant, and the connection of another: neither is a guess.
    param($Caller, $Connection, [string]$TenantId)

    $whose = [PPFederation.Native.ViewText]::Tenant($Connection.TenantName, $Connection.TenantId)
    $failure = Get-PPFailure -OfOne -Id 'PPFederation.ConnectionOfAnother' -Category InvalidArgument -Target $TenantId `
        -Message "What was given is of tenant '$TenantId', and -Connection is to $whose." `
        -Advice 'Leave -Connection out: what is piped goes to the connection of its own tenant.'
    Write-PPError -Caller $Caller -Failure $failure
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
