function Get-PPConnection {
    <#
    .SYNOPSIS
    Shows the connection that is in use, or all that are open.

    .DESCRIPTION
    Shows the tenant, the endpoints, how the connection signed in and who did, which permissions its token names, and when
    the token expires. In Steps it holds the token against the runbook, a row a step: what the step needs, what of that the
    token holds, and what is missing; for a person also which directory roles the step usually takes and whether the token
    shows one.

    With -ListAvailable it lists the open connections of this session, as far as they are known: it asks no service. IsDefault
    marks the one that cmdlets without -Connection use; Select-PPConnection chooses another. State says of each object whether
    its connection is Open, Expired (its token can't be renewed and has ended by this computer's clock; an access token that was given is used
    all the same, since whether it has ended is for Microsoft Graph to say) or Closed, whenever it is looked at.

    Where there is no connection, or none is chosen, it returns nothing.

    .PARAMETER Connection
    The connection to show, as Connect-PPTenant returned it; connections can be piped. Without it, the one in use.

    .PARAMETER ListAvailable
    Lists all open connections of this session.

    .EXAMPLE
    Get-PPConnection

    Shows the connection that cmdlets without -Connection use.

    .EXAMPLE
    Get-PPConnection -ListAvailable | Format-Table

    Lists the open connections, with the tenant's name and id, and which is the default.

    .EXAMPLE
    Get-PPConnection -ListAvailable | Disconnect-PPTenant

    Closes all of them.

    .EXAMPLE
    (Get-PPConnection).Steps | Where-Object { $_.Missing -or $_.RoleHeld -eq $false }

    Lists the steps that this sign-in may not carry out, with what is missing.

    .OUTPUTS
    PPFederation.Connection
    The connection; it can be passed as -Connection.

    .LINK
    Select-PPConnection

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(DefaultParameterSetName = 'Connection', PositionalBinding = $false)]
    [OutputType('PPFederation.Connection')]
    param(
        [Parameter(ParameterSetName = 'Connection', ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$Connection,

        [Parameter(Mandatory = $true, ParameterSetName = 'ListAvailable')]
        [switch]$ListAvailable
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if ($ListAvailable) {
            Get-PPOpenConnection -Caller $PSCmdlet
            return
        }
        $handle = $script:PPSession.Chosen
        if ($null -ne $Connection) {
            $handle = Find-PPConnectionHandle -Caller $PSCmdlet -Connection $Connection
        }
        if ($handle) {
            Read-PPConnection -Caller $PSCmdlet -Op 'connection' -Field @{ connection = $handle.Number } -Handle $handle
        }
    }
}
