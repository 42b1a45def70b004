<#
.SYNOPSIS
Azure Automation runbook: renews the client secret before it ends, puts the new one into a key vault, and removes the old one after an overlap.

.DESCRIPTION
For a schedule, as once a day: where nothing is due it changes nothing. The new secret is made, signs in, goes into the vault,
and only then do the days of the overlap begin to count. The job never waits for them: a later one removes what is old. A new secret
that surely isn't in the vault is taken back. Where a secret works and none is known to be in place, as one that was typed into the
portal by hand, the job makes none and fails: whoever uses it would lose it. Its error says how to tell what is so.

.PARAMETER ConnectionName
The connection among the Automation account's assets, of the type PPFederation.

.PARAMETER TenantId
The tenant, by its id or a domain. Empty: that of the connection.

.PARAMETER VaultUri
The address of the key vault for the client secret, as https://contoso.vault.azure.net.

.PARAMETER SecretName
The name of the secret in the vault. Empty: PPToken.

.PARAMETER RenewWithinDays
Makes a new secret where the one in place ends within so many days, or none works. Empty: 30.

.PARAMETER OverlapDays
How many days the old secret stays after the new one is in the vault: the time in which whoever uses it takes the new one.
Empty: 7. With 0 it goes at once.

.PARAMETER ClientSecretLifetime
How long the new secret is valid, as P1Y.
#>
param(
    [string]$ConnectionName = 'PPFederation',
    [string]$TenantId = '',
    [string]$VaultUri = '',
    [string]$SecretName = '',
    [string]$RenewWithinDays = '',
    [string]$OverlapDays = '',
    [string]$ClientSecretLifetime = 'P1Y'
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'
Import-Module -Name PPFederation

function Get-ErrorText {
    # What went wrong, by its id, and what to do about it.
    param($Record)

    $id = @($Record.FullyQualifiedErrorId -split ',')[0]
    $advice = if ($Record.ErrorDetails) { $Record.ErrorDetails.RecommendedAction }
    "$(if ($id -like 'PPFederation.*') { "$id`: " })$Record $(if ("$Record" -notlike "*$advice") { $advice })".Trim()
}

function ConvertTo-Number {
    # The number that a parameter's text says; of an empty one, as a webhook or a schedule may pass it, the default.
    param([string]$Name, [string]$Text, [double]$Default, [double]$Most)

    if (-not $Text.Trim()) { return $Default }
    $number = 0.0
    $isNumber = [double]::TryParse($Text, [System.Globalization.NumberStyles]::Float, [cultureinfo]::InvariantCulture, [ref]$number)
    if (-not $isNumber -or -not ($number -ge 0 -and $number -le $Most)) {
        throw "$Name is '$Text'. Give a number from 0 to $Most, with a point for decimals, or nothing for $Default."
    }
    $number
}

function Get-TenantLabel {
    # The tenant for people: by its name where that could be read, and by its id.
    param($Tenant)

    if ($Tenant.TenantName) { "$($Tenant.TenantName) ($($Tenant.TenantId))" } else { $Tenant.TenantId }
}

$connection = $null
try {
    if (-not $VaultUri) {
        throw 'VaultUri is empty: a job has nobody to hand the client secret to. Give the address of a key vault.'
    }
    $terms = @{
        SecretSink = 'KeyVault'; VaultUri = $VaultUri; ClientSecretLifetime = $ClientSecretLifetime; Confirm = $false
        RenewWithinDays = ConvertTo-Number -Name 'RenewWithinDays' -Text $RenewWithinDays -Default 30 -Most 36525
        OverlapDays = ConvertTo-Number -Name 'OverlapDays' -Text $OverlapDays -Default 7 -Most 36525
    }
    if ($SecretName) { $terms.SecretName = $SecretName }
    $tenant = @{}
    if ($TenantId) { $tenant.TenantId = $TenantId }
    $connection = Connect-PPTenant -AutomationConnection (Get-AutomationConnection -Name $ConnectionName) @tenant
    $whose = Get-TenantLabel $connection

    # What was done stands in the output first, whatever befell the rest: an error is told after it.
    $failed = @()
    $rows = @(Update-PPClientSecret -Connection $connection @terms -ErrorAction SilentlyContinue -ErrorVariable failed 3>&1)
    $warned = @($rows | Where-Object { $_ -is [System.Management.Automation.WarningRecord] })
    $warned | ForEach-Object { Write-Warning -Message $_.Message }
    $made = @($rows | Where-Object { $_.PSObject.Properties['SecretId'] -and $_.SecretId })
    $placed = @($made | Where-Object { $_.SecretLocation })
    $old = @($rows | Where-Object { $_.PSObject.Properties['KeyId'] })
    $result = if ($placed) { 'a new client secret is in place.' }
    elseif ($made) { 'a new client secret was made, and is not in place: once this job has ended nobody can read it. The next one makes another; the older ones stay.' }
    elseif ($failed) { 'it failed, and no new client secret is in place.' }
    elseif ("$warned" -like '*was taken back before anybody had it*') { 'another job made a new client secret at the same moment, and that one stays.' }
    elseif ($old) { 'no new client secret is due.' }
    else { 'nothing is due.' }
    Write-Output "$whose`: $result"
    $placed | ForEach-Object { Write-Output "  $($_.SecretId) is in $($_.SecretLocation), until $($_.SecretEndDateTime.ToString('yyyy-MM-dd'))." }
    $old | ForEach-Object { Write-Output "  $($_.KeyId): $($_.Result). $($_.Detail)".TrimEnd() }
    Get-PPClientSecret -Connection $connection -ErrorAction SilentlyContinue -ErrorVariable +failed | Where-Object { $_.OfRunbook } | ForEach-Object {
        Write-Output "  There is $($_.KeyId): $($_.State), $($_.DaysLeft) days left, $(if ($_.PlacedDateTime) { 'in place' } else { 'not known to be in place' })."
    }
    if ($failed.Count -gt 0) {
        throw $failed[0]
    }
}
catch {
    throw (Get-ErrorText $_)
}
finally {
    if ($connection) { Disconnect-PPTenant -Connection $connection }
}
