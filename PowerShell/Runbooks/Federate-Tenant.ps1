<#
.SYNOPSIS
Azure Automation runbook: carries out the Microsoft 365 half of the federation in one tenant. Run again it changes nothing.

.DESCRIPTION
The secret goes into an Azure Key Vault and into no output. Directory synchronization, once switched off, can take 72 hours: the
job doesn't wait for it and says Pending; Watch-DirSync looks on. A job that was stopped is simply started again. Where a secret works
and none is known to be in place, as one that was typed into the portal by hand or made by a job that was stopped, the job makes no
other and fails: its error says how to tell what is so.

.PARAMETER ConnectionName
The connection among the Automation account's assets, of the type PPFederation.

.PARAMETER TenantId
The tenant, by its id or a domain. Empty: that of the connection.

.PARAMETER VaultUri
The address of the key vault for the client secret, as https://contoso.vault.azure.net. Needed unless SkipSteps names ClientSecret.

.PARAMETER SecretName
The name of the secret in the vault. Empty: PPToken.

.PARAMETER Steps
The steps to take, with commas between them or as a JSON list. Empty: all.

.PARAMETER SkipSteps
The steps to leave out, likewise.

.PARAMETER ClientSecretLifetime
How long the client secret is valid, as P1Y. Empty: as the runbook says, 100 years.

.PARAMETER Adopt
Takes over an application of the same name that somebody has made by hand.

.PARAMETER PlanOnly
Says what would be changed, and changes nothing.
#>
param(
    [string]$ConnectionName = 'PPFederation',
    [string]$TenantId = '',
    [string]$VaultUri = '',
    [string]$SecretName = '',
    [string]$Steps = '',
    [string]$SkipSteps = '',
    [string]$ClientSecretLifetime = '',
    [bool]$Adopt = $false,
    [bool]$PlanOnly = $false
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'
Import-Module -Name PPFederation

function ConvertFrom-List {
    # The items of a text with commas between them, or of a JSON list: Automation takes both for what is one parameter.
    param([string]$Text)

    @($Text -split '[\[\],"\s]+' | Where-Object { $_ })
}

function Get-ErrorText {
    # What went wrong, by its id, and what to do about it.
    param($Record)

    $id = @($Record.FullyQualifiedErrorId -split ',')[0]
    $advice = if ($Record.ErrorDetails) { $Record.ErrorDetails.RecommendedAction }
    "$(if ($id -like 'PPFederation.*') { "$id`: " })$Record $(if ("$Record" -notlike "*$advice") { $advice })".Trim()
}

function Get-TenantLabel {
    # The tenant for people: by its name where that could be read, and by its id.
    param($Tenant)

    if ($Tenant.TenantName) { "$($Tenant.TenantName) ($($Tenant.TenantId))" } else { $Tenant.TenantId }
}

$connection = $null
try {
    $choice = @{}
    if ($Steps) { $choice.Step = ConvertFrom-List $Steps }
    if ($SkipSteps) { $choice.Skip = ConvertFrom-List $SkipSteps }
    if ($ClientSecretLifetime) { $choice.ClientSecretLifetime = $ClientSecretLifetime }
    if ($Adopt) { $choice.Adopt = $true }
    $makesSecret = $choice['Skip'] -notcontains 'ClientSecret' -and (-not $Steps -or $choice.Step -contains 'ClientSecret')
    $sink = @{}
    if ($VaultUri) { $sink = @{ SecretSink = 'KeyVault'; VaultUri = $VaultUri } }
    if ($VaultUri -and $SecretName) { $sink.SecretName = $SecretName }
    if ($makesSecret -and -not $VaultUri -and -not $PlanOnly) {
        throw 'VaultUri is empty: a job has nobody to hand the client secret to. Give the address of a key vault, or name ClientSecret in SkipSteps.'
    }
    $tenant = @{}
    if ($TenantId) { $tenant.TenantId = $TenantId }
    $connection = Connect-PPTenant -AutomationConnection (Get-AutomationConnection -Name $ConnectionName) @tenant
    $whose = Get-TenantLabel $connection

    if ($PlanOnly) {
        $changes = @(Get-PPPlan -Connection $connection @choice)
        Write-Output "$whose`: $($changes.Count) changes would be made."
        $changes | ForEach-Object { Write-Output "  $($_.Step): $($_.Change)" }
        return
    }
    # What was done stands in the output first, whatever befell the rest: an error is told after it.
    $failed = @()
    $run = Invoke-PPRunbook -Connection $connection @choice @sink -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failed
    if ($run) {
        Write-Output "$whose`: $($run.Result). $($run.Detail)".TrimEnd()
        # Of a run that broke off the tenant itself says where the steps stand.
        $stands = if ($run.Steps.Result -contains 'Unknown') {
            Get-PPFederationStatus -Connection $connection -Step $run.Steps.Step -ErrorAction SilentlyContinue -ErrorVariable +failed |
                Select-Object -Property Step, @{ Name = 'Result'; Expression = { $_.State } }, Detail
        }
        $(if ($stands) { $stands } else { $run.Steps }) | ForEach-Object { Write-Output "  $($_.Step): $($_.Result). $($_.Detail)".TrimEnd() }
        if ($run.SecretLocation) {
            Write-Output "  The client secret is in $($run.SecretLocation), until $($run.SecretEndDateTime.ToString('yyyy-MM-dd'))."
        }
        elseif ($run.SecretId) {
            Write-Output "  The client secret $($run.SecretId) was made, and is not in place: once this job has ended nobody can read it. Remove-PPClientSecret -Force -KeyId $($run.SecretId) removes it, and the next job makes another."
        }
    }
    if ($failed.Count -gt 0) {
        throw $failed[0]
    }
    if ($run.Result -in 'Failed', 'NotConfirmed') {
        throw "The run ended as $($run.Result): $($run.Detail) Start the job again."
    }
    if ($makesSecret -and -not $run.SecretLocation) {
        # A job that was stopped before the vault had it, or somebody who typed it into the portal: nothing tells one from the other, and
        # once another is in place Rotate-Secret removes it.
        $secrets = @(Get-PPClientSecret -Connection $connection | Where-Object { $_.OfRunbook -and $_.State -eq 'Valid' })
        if ($secrets.Count -gt 0 -and -not ($secrets | Where-Object { $_.PlacedDateTime })) {
            throw "Client secret $($secrets.KeyId -join ', ') works, and is not known to be in place. If it is in use, as typed into the portal by hand, say so: Update-PPClientSecret -Complete -KeyId $($secrets[-1].KeyId). If nobody has it, as after a job that was stopped, Remove-PPClientSecret -Force -KeyId $($secrets[-1].KeyId) removes it, and the next job puts another into the vault."
        }
    }
}
catch {
    throw (Get-ErrorText $_)
}
finally {
    if ($connection) { Disconnect-PPTenant -Connection $connection }
}
