<#
.PARAMETER OverlapDays
Of a rotation: how many days the older secrets stay after the new one was put in place; parts of a day count. Without it: 7. Zero
removes them at once.
#>
param(
    [ValidateRange(0, 36525)]
    [double]$OverlapDays = 7
)
