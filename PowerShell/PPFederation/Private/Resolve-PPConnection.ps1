function Resolve-PPConnection {
    # The number of the connection to use: of the one given, or of the session's last Connect-PPTenant. Whether that
    # connection is still open, and of this process, is for the native library to say.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        [AllowNull()]
        $Connection
    )

    if ($null -eq $Connection) {
        $Connection = $script:PPConnection
    }
    if ($null -eq $Connection) {
        Write-PPError -Caller $Caller -Failure (
            Get-PPFailure -Id 'PPFederation.NotConnected' -Category ConnectionError `
                -Message 'There is no connection to a tenant in this session.' `
                -Advice 'Run Connect-PPTenant first, or pass -Connection.')
    }
    # One of another process, which came as a property bag, has a number too; the library refuses it with its reason.
    $names = 'PPFederation.Connection', 'Deserialized.PPFederation.Connection'
    if ($Connection -is [array] -or $names -notcontains $Connection.PSObject.TypeNames[0]) {
        Write-PPError -Caller $Caller -Failure (
            Get-PPFailure -Id 'PPFederation.NotAConnection' -Category InvalidArgument -Target $Connection `
                -Message "What was given as the connection is of type $($Connection.GetType().FullName)." `
                -Advice 'Pass one object that Connect-PPTenant returned; to use several, pipe them.')
    }
    [uint64]$Connection.Number
}
