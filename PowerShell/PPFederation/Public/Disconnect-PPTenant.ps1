function Disconnect-PPTenant {
    <#
    .SYNOPSIS
    Closes a connection.

    .DESCRIPTION
    Closes the connection and forgets its token and secret. A demonstration tenant ends with its connection. Nothing in the
    tenant is changed.

    A connection that nothing refers to any more is closed by PowerShell itself after a while.

    .EXAMPLE
    Disconnect-PPTenant

    Closes the session's last connection.

    .EXAMPLE
    $first, $second | Disconnect-PPTenant

    Closes two connections.

    .OUTPUTS
    None
    This cmdlet returns nothing.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Shared()]$Connection
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection
        Invoke-PPJob -Caller $PSCmdlet -Op 'disconnect' -Field @{ connection = $number }
        Clear-PPConnection -Number $number -Connection $Connection
    }
}
