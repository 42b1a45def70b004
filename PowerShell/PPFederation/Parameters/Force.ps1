<#
.PARAMETER Force
For SealedFile: overwrites a file that is there. For KeyVault: adds a version to a secret that is not this application's.
#>
param(
    [switch]$Force
)
