<#
.PARAMETER Connection
The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
one that the last Connect-PPTenant or Select-PPConnection of this session chose is used.
#>
param(
    [Parameter(ValueFromPipeline = $true)]
    [ValidateNotNull()]
    [psobject]$Connection
)
