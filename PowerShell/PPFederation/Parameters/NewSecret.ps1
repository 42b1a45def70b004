<#
.PARAMETER NewSecret
Makes another secret PPToken although there is one. The existing secrets stay valid.
#>
param(
    [switch]$NewSecret
)
