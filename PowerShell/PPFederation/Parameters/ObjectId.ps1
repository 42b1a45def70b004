<#
.PARAMETER ObjectId
The object id of the application to work with, where several could be meant. None is made for it.
#>
param(
    [string]$ObjectId
)
