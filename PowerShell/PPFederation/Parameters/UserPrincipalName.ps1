<#
.PARAMETER UserPrincipalName
Of a comparison: shows only users of these sign-in names; wildcards are allowed. All users are read even so: somebody else may have the
address.
#>
param(
    [SupportsWildcards()]
    [string[]]$UserPrincipalName
)
