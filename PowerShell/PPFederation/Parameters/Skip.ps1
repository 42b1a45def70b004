<#
.PARAMETER Skip
The steps to leave out.
#>
param(
    [ValidateSet({{'Steps'}})]
    [string[]]$Skip
)
