<#
.PARAMETER AppId
The application (client) id of the application to work with, where several could be meant. None is made for it.
#>
param(
    [Alias('ApplicationId', 'ClientId')]
    [string]$AppId
)
