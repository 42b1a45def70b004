function Select-PPConnection {
    <#
    .SYNOPSIS
    Chooses the connection that cmdlets without -Connection use.

    .DESCRIPTION
    Connect-PPTenant chooses the connection that it makes. This chooses another open one of this session, by the object, by
    the tenant's id or one of its domains, or by its name, and returns it. No service is asked.

    After a Connect-PPTenant that failed, and after the chosen connection was closed, none is chosen: cmdlets without
    -Connection then refuse, and list those that are open, instead of working on a tenant that was not meant.

    .PARAMETER Connection
    The connection to choose, as Connect-PPTenant or Get-PPConnection returned it, or a row, which chooses the connection to its
    tenant; it can be piped.

    .PARAMETER TenantId
    The tenant of the connection to choose: its id, or one of its domains.

    .PARAMETER TenantName
    The name of the tenant of the connection to choose; wildcards are taken.

    .EXAMPLE
    Select-PPConnection -TenantId contoso.onmicrosoft.com

    Chooses the connection to the tenant that has this domain.

    .EXAMPLE
    Get-PPConnection -ListAvailable | Where-Object DefaultDomain -eq fabrikam.com | Select-PPConnection

    Chooses a connection from the list of those that are open.

    .EXAMPLE
    Select-PPConnection -TenantName Fabrikam*

    Chooses by the tenant's name.

    .OUTPUTS
    PPFederation.Connection
    The connection that is chosen now.

    .LINK
    Get-PPConnection

    .LINK
    about_PPFederation_SignIn
    #>
    [CmdletBinding(DefaultParameterSetName = 'TenantId', PositionalBinding = $false)]
    [OutputType('PPFederation.Connection')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ParameterSetName = 'Connection', ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$Connection,

        [Parameter(Mandatory = $true, Position = 0, ParameterSetName = 'TenantId')]
        [Alias('Tenant', 'Organization')]
        [string]$TenantId,

        [Parameter(Mandatory = $true, ParameterSetName = 'TenantName')]
        [SupportsWildcards()]
        [string]$TenantName
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if ($PSCmdlet.ParameterSetName -ne 'Connection') {
            $Connection = Find-PPOpenConnection -Caller $PSCmdlet -TenantId $TenantId -TenantName $TenantName
        }
        $handle = Find-PPConnectionHandle -Caller $PSCmdlet -Connection $Connection
        if (-not $handle) {
            return
        }
        if ($Connection.PSObject.BaseObject -isnot [PPFederation.Connection]) {
            # A row, whose tenant has this connection.
            $Connection = Find-PPOpenConnection -Caller $PSCmdlet -TenantId $Connection.TenantId -OfRow
        }
        if (-not $handle.IsOpen) {
            Write-PPError -Caller $PSCmdlet -Failure (
                Get-PPFailure -Id 'PPFederation.ConnectionClosed' -Category InvalidOperation -Target $Connection `
                    -Message "The connection to tenant $($Connection.TenantId) was closed." -Advice 'Connect again with Connect-PPTenant.')
        }
        $script:PPSession.Choose($handle)
        $script:PPSession.Attach($Connection.PSObject.BaseObject, $handle)
        $Connection
    }
}
