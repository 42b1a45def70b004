<#
.PARAMETER Connection
The connection to use, as Connect-PPTenant returned it. Without it, the one that the last Connect-PPTenant or
Select-PPConnection of this session chose is used.
#>
param(
    [ValidateNotNull()]
    [psobject]$Connection
)
