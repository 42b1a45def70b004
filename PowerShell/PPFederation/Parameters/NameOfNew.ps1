<#
.PARAMETER DisplayName
What a new application is called. Without it: Practice Protect Federation. An application of this module's that is there under
another name is an error: it is neither renamed nor passed over.
#>
param(
    [string]$DisplayName
)
