<#
.PARAMETER SecretName
For KeyVault: the name of the secret in the vault. Without it: PPToken.
#>
param(
    [string]$SecretName
)
