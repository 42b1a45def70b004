<#
.PARAMETER VaultUri
For KeyVault: the address of an Azure Key Vault of the connection's tenant, such as https://contoso.vault.azure.net. The
connection's sign-in needs the role Key Vault Secrets Officer on it.
#>
param(
    [string]$VaultUri
)
