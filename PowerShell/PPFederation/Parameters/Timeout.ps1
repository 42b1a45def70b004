<#
.PARAMETER Timeout
How long to wait at most, as a time span. When it is over, an error says so. Without it: 72 hours.
#>
param(
    [timespan]$Timeout = '3.00:00:00'
)
