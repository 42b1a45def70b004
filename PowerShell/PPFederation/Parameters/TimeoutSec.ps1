<#
.PARAMETER TimeoutSec
How many seconds to wait at most. When they are over, an error says so. Without it: 259200, which is 72 hours.
#>
param(
    [ValidateRange(0, 31536000)]
    [int]$TimeoutSec = 259200
)
