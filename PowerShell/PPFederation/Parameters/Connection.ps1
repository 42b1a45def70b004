<#
.PARAMETER Connection
The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
last connection that Connect-PPTenant made in this session is used.
#>
param(
    [Parameter(ValueFromPipeline = $true)]
    [ValidateNotNull()]
    [psobject]$Connection
)
