<#
.SYNOPSIS
Azure Automation runbook: looks where directory synchronization stands, once, and remembers it.

.DESCRIPTION
Switching directory synchronization off can take 72 hours, and a job may run for three: so a schedule starts this short one every
hour or every few. What it saw is kept in a variable of the Automation account as JSON, with when it was first seen on its way to
off. The job fails once it takes longer than WarnAfterHours, so that an alert on failed jobs tells somebody; what is left is in
its output, for a support case with Microsoft. Once it is off, further jobs say so. Those that find it on again, after it was on its
way to off or off, fail: a synchronization client that still runs can switch it on. A variable is one tenant's: a job of another one fails.

.PARAMETER ConnectionName
The connection among the Automation account's assets, of the type PPFederation.

.PARAMETER TenantId
The tenant, by its id or a domain. Empty: that of the connection.

.PARAMETER CheckpointVariable
The variable of the Automation account in which to remember what was seen, one a tenant. It must be there, with any text in it.

.PARAMETER WarnAfterHours
After how many hours on the way to off the job fails. Empty: 72.
#>
param(
    [string]$ConnectionName = 'PPFederation',
    [string]$TenantId = '',
    [string]$CheckpointVariable = 'PPFederationDirSync',
    [string]$WarnAfterHours = ''
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module -Name PPFederation

function Get-ErrorText {
    # What went wrong, by its id, and what to do about it.
    param($Record)

    $id = @($Record.FullyQualifiedErrorId -split ',')[0]
    $advice = if ($Record.ErrorDetails) { $Record.ErrorDetails.RecommendedAction }
    "$(if ($id -like 'PPFederation.*') { "$id`: " })$Record $(if ("$Record" -notlike "*$advice") { $advice })".Trim()
}

function Read-Checkpoint {
    # What an earlier job has seen of the tenant; nothing where none has written the variable yet.
    param([string]$Name, [string]$Tenant)

    try {
        $seen = Get-AutomationVariable -Name $Name
    }
    catch {
        throw "The Automation account has no variable '$Name'. Create it there under Variables (a string, not encrypted), or name another one in CheckpointVariable: a job can change a variable, not create one."
    }
    if ("$seen" -notlike '{*') { return }
    try {
        $checkpoint = $seen | ConvertFrom-Json
        [void](ConvertFrom-Time $checkpoint.Since)
    }
    catch {
        throw "What the variable '$Name' remembers of directory synchronization can't be read: it is not as a job writes it. Put back what it held; or set it to -, and the hours count anew."
    }
    if ($checkpoint.TenantId -ne $Tenant) {
        throw "The variable '$Name' remembers another tenant, $(Get-TenantLabel $checkpoint): two would silence each other. Name a variable of this tenant's own in CheckpointVariable, or set that one to - where the other is watched no more."
    }
    $checkpoint
}

function ConvertFrom-Time {
    # A time as a checkpoint has it.
    param([string]$Text)

    [datetime]::ParseExact($Text, 'yyyy-MM-dd HH:mm:ssZ', [cultureinfo]::InvariantCulture).ToUniversalTime()
}

function ConvertTo-Number {
    # The number that a parameter's text says; of an empty one, as a webhook or a schedule may pass it, the default.
    param([string]$Name, [string]$Text, [int]$Default, [int]$Most)

    if (-not $Text.Trim()) { return $Default }
    $number = 0
    $isNumber = [int]::TryParse($Text, [System.Globalization.NumberStyles]::Integer, [cultureinfo]::InvariantCulture, [ref]$number)
    if (-not $isNumber -or -not ($number -ge 0 -and $number -le $Most)) {
        throw "$Name is '$Text'. Give a whole number from 0 to $Most, or nothing for $Default."
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
    $most = ConvertTo-Number -Name 'WarnAfterHours' -Text $WarnAfterHours -Default 72 -Most 1000000
    $tenant = @{}
    if ($TenantId) { $tenant.TenantId = $TenantId }
    $connection = Connect-PPTenant -AutomationConnection (Get-AutomationConnection -Name $ConnectionName) @tenant
    $before = Read-Checkpoint -Name $CheckpointVariable -Tenant $connection.TenantId
    $now = [datetime]::UtcNow
    $state = Get-PPDirSync -Connection $connection
    $last = if ($before) { $before.State } else { '' }
    if ($state.State -eq 'On' -and $last -in 'Pending', 'Off') {
        # A replica may not know of the switch yet. Back to back two looks say little: one replica may answer both.
        Start-Sleep -Seconds 5
        $state = Get-PPDirSync -Connection $connection
    }
    $whose = Get-TenantLabel $state
    Write-Output "$whose`: directory synchronization is $($state.State): $($state.Detail)".TrimEnd(': ')
    if ($state.State -eq 'Unknown') {
        throw "It can't be read where directory synchronization stands in $whose`: $($state.Detail)"
    }
    # Remembered as such, so that each job says so until it is off or on its way there once more: from then on the hours count anew.
    $onAgain = $state.State -eq 'On' -and $last -in 'Pending', 'Off', 'OnAgain'
    $found = if ($onAgain) { 'OnAgain' } else { $state.State }
    $since = if ($last -eq $found) { $before.Since } else { '' }
    if (-not $since) { $since = $now.ToString('yyyy-MM-dd HH:mm:ssZ') }
    $checkpoint = [ordered]@{
        TenantId = $state.TenantId; TenantName = $state.TenantName; State = $found; Since = $since; Seen = $now.ToString('yyyy-MM-dd HH:mm:ssZ')
    }
    Set-AutomationVariable -Name $CheckpointVariable -Value ($checkpoint | ConvertTo-Json -Compress)
    if ($onAgain) {
        throw "$whose`: directory synchronization had been switched off, and is on again: $("$($state.Detail)".TrimEnd('.')). A job first saw so at $since. Uninstall what synchronizes, and switch it off once more: Disable-PPDirSync."
    }
    if ($last -eq 'Off' -and $found -eq 'Off') {
        Write-Output "  It has been off since $since. Nothing is left to watch: switch the schedule off, or leave it on to hear of it should it be on again."
    }
    if ($state.State -eq 'Pending') {
        $hours = [int][math]::Floor(($now - (ConvertFrom-Time $since)).TotalHours)
        Write-Output "  On its way to off for $hours hours that were watched."
        if ($hours -ge $most) {
            $state.SyncedObjects | ForEach-Object { Write-Output "  Still synchronized: $_" }
            throw "Directory synchronization has been on its way to off for $hours hours, more than the $most that Microsoft names. See that the synchronization client is gone; else open a support case with Microsoft and name the objects in the output."
        }
    }
}
catch {
    throw (Get-ErrorText $_)
}
finally {
    if ($connection) { Disconnect-PPTenant -Connection $connection }
}
