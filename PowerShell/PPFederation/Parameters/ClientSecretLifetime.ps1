<#
.PARAMETER ClientSecretLifetime
How long the new client secret is valid: a duration such as P2Y (two years) or P180D, a time span such as 180.00:00:00, or
Longest for what the tenant's app management policy allows. Without it: Runbook, 100 years. The policy is read before
anything is written.
#>
param(
    [string]$ClientSecretLifetime
)
