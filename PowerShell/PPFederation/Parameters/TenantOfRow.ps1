<#
.PARAMETER TenantId
The tenant, by id or domain, whose open connection is used where -Connection is not given. A row that is piped has it: what is done goes to the
tenant that the row came from.
#>
param(
    [Parameter(ValueFromPipelineByPropertyName = $true)]
    [string]$TenantId
)
