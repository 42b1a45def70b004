function Disconnect-PPTenant {
    <#
    .SYNOPSIS
    Closes a connection.

    .DESCRIPTION
    Closes the connection and forgets its token, and the secret that it signed in with. A demonstration tenant ends with its
    connection. Nothing in the tenant is changed.

    A client secret that the connection made and nobody has claimed is named in a warning. Its text stays in this session,
    until it is claimed or the process ends: see Get-PPClientSecret -Unclaimed.

    Where there is none to close, or it is closed already, nothing happens. After the chosen connection was closed, none is
    chosen: Select-PPConnection chooses another. The connections of a session end with it.

    .EXAMPLE
    Disconnect-PPTenant

    Closes the connection that cmdlets without -Connection use.

    .EXAMPLE
    Get-PPConnection -ListAvailable | Disconnect-PPTenant

    Closes all connections of this session.

    .OUTPUTS
    None
    This cmdlet returns nothing.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType([void])]
    param(
        [Shared()]$Connection
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $handle = $script:PPSession.Chosen
        if ($null -ne $Connection) {
            $handle = Find-PPConnectionHandle -Caller $PSCmdlet -Connection $Connection
        }
        if ($null -eq $handle -or -not $handle.IsOpen) {
            Write-Verbose -Message 'There is no open connection to close.'
            return
        }
        Invoke-PPJob -Caller $PSCmdlet -Op 'disconnect' -Field @{ connection = $handle.Number }
        # Its finalizer has nothing left to do.
        $handle.SetHandleAsInvalid()
    }
}
