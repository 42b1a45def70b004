<#
.PARAMETER AppId
The application (client) id of the application to work with, where several could be meant. A row that is piped has it.
#>
param(
    [Parameter(ValueFromPipelineByPropertyName = $true)]
    [Alias('ApplicationId', 'ClientId')]
    [string]$AppId
)
