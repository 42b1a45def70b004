function Get-PPConnection {
    <#
    .SYNOPSIS
    Shows a connection as it is now.

    .DESCRIPTION
    Shows the tenant, the endpoints, how the connection signed in and who did, which permissions its token names, and when
    the token expires. In Steps it holds the token against the runbook, a row a step: what the step needs, what of that the
    token holds, and what is missing; for a person also which directory roles the step usually takes and whether the token
    shows one.

    .EXAMPLE
    Get-PPConnection

    Shows the session's last connection.

    .EXAMPLE
    (Get-PPConnection).Permissions

    Lists the permissions in the token.

    .EXAMPLE
    (Get-PPConnection).Steps | Where-Object { $_.Missing -or $_.RoleHeld -eq $false }

    Lists the steps that this sign-in may not carry out, with what is missing.

    .OUTPUTS
    PPFederation.Connection
    The connection; it can be passed as -Connection.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.Connection')]
    param(
        [Shared()]$Connection
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection
        if ($null -eq $Connection) {
            $Connection = $script:PPConnection
        }
        $now = Invoke-PPJob -Caller $PSCmdlet -Op 'connection' -Field @{ connection = $number }
        if ($now) {
            Copy-PPConnectionPart -From $Connection -To $now
            $now
        }
    }
}
