<#
.SYNOPSIS
Walks over all users of a tenant with Invoke-RestMethod and compares them with the portal's: what Bench measures the comparison against.
Prints what it reads: a line of JSON.

.DESCRIPTION
As a script that is written in an afternoon does: who holds which address in a table, the users in a list, no verdicts, and of the
provisioning script what it comes to. Counts the values that would be written and aren't there, as the rows of a comparison.
#>
param(
    # The address of Graph without its version.
    [string]$Graph,
    [string]$Token,
    # The portal's users as CSV (Username,DisplayName,ImmutableId).
    [string]$Portal
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$watch = [System.Diagnostics.Stopwatch]::StartNew()
$immutableIds = [System.Collections.Generic.Dictionary[string, object]]::new()
$names = @{}
foreach ($user in Import-Csv -LiteralPath $Portal) {
    $immutableIds[$user.ImmutableId] = $user
    $names[$user.Username] = $user
}
$select = 'id,userPrincipalName,mail,displayName,usageLocation,onPremisesImmutableId,proxyAddresses,onPremisesSyncEnabled,userType,accountEnabled'
$users = [System.Collections.Generic.List[object]]::new()
$holders = @{}
$next = "$Graph/v1.0/users/delta?`$select=$select"
while ($next) {
    $page = Invoke-RestMethod -Uri $next -Headers @{ Authorization = "Bearer $Token" }
    foreach ($user in $page.value) {
        $users.Add($user)
        foreach ($address in $user.proxyAddresses) {
            $holders[$address.Substring($address.IndexOf(':') + 1)] = $user.id
        }
    }
    $next = if ($page.PSObject.Properties['@odata.nextLink']) { $page.'@odata.nextLink' }
}
$differing = 0
foreach ($user in $users) {
    $written = $null
    if (-not $immutableIds.TryGetValue("$($user.onPremisesImmutableId)", [ref]$written)) {
        $written = $names[$user.userPrincipalName]
    }
    if (-not $written) {
        $differing++
        continue
    }
    $changed = 0
    if ($user.displayName -cne $written.DisplayName) { $changed++ }
    if ($user.usageLocation -cne 'AU') { $changed++ }
    if ($user.onPremisesImmutableId -cne $written.ImmutableId) { $changed++ }
    if ($user.userPrincipalName -cne $written.Username) { $changed++ }
    if ($user.mail -cne $written.Username) { $changed++ }
    $holder = $holders[$written.Username]
    $differing += if ($changed -eq 0 -and $holder -and $holder -ne $user.id) { 1 } else { $changed }
}
$watch.Stop()
$process = [System.Diagnostics.Process]::GetCurrentProcess()
@{
    seconds = [math]::Round($watch.Elapsed.TotalSeconds, 2); users = $users.Count; differing = $differing
    memoryKiB = [long]($process.PeakWorkingSet64 / 1KB)
} | ConvertTo-Json -Compress
