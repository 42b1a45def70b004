<#
.PARAMETER Adopt
Uses an existing application of the same display name that was not made by this module, if there is exactly one. It is
not taken over: the next cmdlet needs -Adopt again. Without it such an application is reported and left alone.
#>
param(
    [switch]$Adopt
)
