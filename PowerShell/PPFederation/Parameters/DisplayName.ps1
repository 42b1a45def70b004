<#
.PARAMETER DisplayName
The display name of the application. Without it: Practice Protect Federation.
#>
param(
    [string]$DisplayName
)
