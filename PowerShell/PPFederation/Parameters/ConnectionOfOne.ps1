<#
.PARAMETER Connection
The connection to use, as Connect-PPTenant returned it. Without it, the last connection that Connect-PPTenant made in
this session is used.
#>
param(
    [ValidateNotNull()]
    [psobject]$Connection
)
