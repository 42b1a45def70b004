<#
.SYNOPSIS
The share of one worker: looks at its part of the tenants, says what it found, and fails where a tenant could not be read.

.PARAMETER TenantPath
The list of tenants, a CSV with the column TenantId. Each worker has the same.

.PARAMETER Worker
The number of this worker, from 0: an Indexed Job of Kubernetes sets JOB_COMPLETION_INDEX.

.PARAMETER Workers
How many workers there are. Where nobody numbers them: none, and a ledger.

.PARAMETER Ledger
The ledger that the workers share, as an address in Azure Blob Storage: each takes the tenants that nobody has. {Date} in it is the day, in
UTC. It goes with numbered workers, too. What has failed by it is taken up, once by each worker that comes to it.

.PARAMETER ClientId
The multi-tenant application to sign in to the tenants as, which trusts the managed identity of the container by a federated credential.
Without it: the application of the connection.

.PARAMETER TimeBudget
How long tenants are begun: each of the others has a row that says so, and the worker fails. It has to end well before whatever stops the
worker, since the rows are written once all are there. Without it: as the two attempts of the Job that share three hours.

.PARAMETER SignIn
How to sign in to your own tenant, as parameters of Connect-PPTenant, and in the same way to all others. Without it: with ClientId by the
managed identity, else as the workload identity of the pod.
#>
param(
    [string]$TenantPath = '/etc/ppfederation/tenants.csv',
    [int]$Worker = $env:JOB_COMPLETION_INDEX,
    [int]$Workers = $env:WORKERS,
    [string]$Ledger,
    [string]$ClientId,
    [timespan]$TimeBudget = '1:15:00',
    [hashtable]$SignIn = $(if ($ClientId) { @{ ManagedIdentity = $true } } else { @{ WorkloadIdentity = $true } })
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module -Name PPFederation

$share = @{ TenantPath = $TenantPath }
if ($Workers -gt 0) { $share.Shard = "$($Worker + 1)/$Workers" }
if ($Ledger) {
    $share.Ledger = $Ledger.Replace('{Date}', [datetime]::UtcNow.ToString('yyyy-MM-dd'))
    # A worker that is started once more reads again what failed; without it that is passed over.
    $share.Retry = 'Failed'
}
if ($share.Count -eq 1) {
    throw 'Nothing says which tenants are this worker''s. Set WORKERS, as an Indexed Job has it, or give -Ledger, the address of a ledger that the workers share.'
}
$share.TimeBudget = $TimeBudget
if ($ClientId) { $share.ClientId = $ClientId }

$own = Connect-PPTenant @SignIn
$rows = @(Invoke-PPFleet -Action Status -Connection $own @share -ErrorAction SilentlyContinue -ErrorVariable errors)
if ($rows.Count -eq 0 -and $errors.Count -gt 0) {
    throw $errors[0]
}
foreach ($row in $rows) {
    # A line a tenant, for whatever collects the logs. No names of people are in it, and no secret.
    $row | Select-Object -Property TenantId, TenantName, Result, Detail, ErrorId, ErrorMessage | ConvertTo-Json -Compress
}
$failed = @($rows | Where-Object { $_.Result -ne 'Done' })
if ($failed.Count -gt 0) {
    throw "$($failed.Count) of $($rows.Count) tenants could not be read: $(($failed | Select-Object -First 20 -ExpandProperty TenantId) -join ', ')."
}
