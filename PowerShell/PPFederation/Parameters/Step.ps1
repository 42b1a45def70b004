<#
.PARAMETER Step
Only these steps of the runbook. Without it: all.
#>
param(
    [ValidateSet({{'Steps'}})]
    [string[]]$Step
)
