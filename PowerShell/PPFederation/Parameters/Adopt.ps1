<#
.PARAMETER Adopt
Takes over an existing application of the same display name that was not made by this module, if there is exactly one.
Without it such an application is reported and left alone.
#>
param(
    [switch]$Adopt
)
