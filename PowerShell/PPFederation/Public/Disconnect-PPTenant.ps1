function Disconnect-PPTenant {
    <#
    .SYNOPSIS
    Closes a connection.

    .DESCRIPTION
    Closes the connection and forgets its token, and the secret that it signed in with. A demonstration tenant ends with its
    connection. Nothing in the tenant is changed.

    A client secret that the connection made and nobody has claimed is named in a warning. Its text stays in this session,
    until it is claimed or the process ends: see Get-PPClientSecret -Unclaimed.

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
    [CmdletBinding(PositionalBinding = $false)]
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
