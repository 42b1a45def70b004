<#
.SYNOPSIS
The share of one worker: looks at its part of the tenants, says what it found, and fails where a tenant could not be read.

.PARAMETER TenantPath
The list of tenants, a CSV with the column TenantId. Each worker has the same.

.PARAMETER Worker
The number of this worker, from 0: an Indexed Job of Kubernetes sets JOB_COMPLETION_INDEX.

.PARAMETER Workers
How many workers there are.

.PARAMETER SignIn
How to sign in to your own tenant, as parameters of Connect-PPTenant, and in the same way to all others: as the workload identity of the
pod, if nothing else is said.
#>
param(
    [string]$TenantPath = '/etc/ppfederation/tenants.csv',
    [int]$Worker = $env:JOB_COMPLETION_INDEX,
    [int]$Workers = $env:WORKERS,
    [hashtable]$SignIn = @{ WorkloadIdentity = $true }
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module -Name PPFederation

$own = Connect-PPTenant @SignIn
$rows = @(Invoke-PPFleet -Action Status -Connection $own -TenantPath $TenantPath -Shard "$($Worker + 1)/$Workers" -ErrorAction SilentlyContinue -ErrorVariable errors)
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
