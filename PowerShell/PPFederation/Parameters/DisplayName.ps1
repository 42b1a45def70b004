<#
.PARAMETER DisplayName
Works with the application of this display name only; wildcards are taken, and case does not matter. Without it: this module's
application whatever it is called, or with -Adopt the one named Practice Protect Federation.
#>
param(
    [SupportsWildcards()]
    [string]$DisplayName
)
