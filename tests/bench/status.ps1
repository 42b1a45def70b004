<#
.SYNOPSIS
Looks at the status of every tenant of a twin, in a process of its own: what Bench measures of a fleet. Prints what it took: a line of JSON.

.DESCRIPTION
The tenants come on its input as one line of JSON, since they have their secrets with them.
#>
param(
    # Fleet: Invoke-PPFleet. Parallel: Connect-PPTenant and Get-PPFederationStatus in the runspaces of ForEach-Object -Parallel.
    [ValidateSet('Fleet', 'Parallel')]
    [string]$By,
    # So many tenants at once.
    [int]$Lanes,
    # The best of so many rounds counts.
    [int]$Rounds,
    # The twin's process.
    [int]$Twin
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module -Name $env:PPFEDERATION_MODULE

$customers = @([Console]::In.ReadLine() | ConvertFrom-Json | ForEach-Object { $_ } | ForEach-Object {
        [pscustomobject]@{
            TenantId = $_.TenantId; ClientId = $_.ClientId
            ClientSecret = [System.Net.NetworkCredential]::new('', $_.ClientSecret).SecurePassword
            Environment = 'Custom'; LoginEndpoint = $_.LoginEndpoint; GraphEndpoint = $_.GraphEndpoint
        }
    })
$served = [System.Diagnostics.Process]::GetProcessById($Twin)
$self = [System.Diagnostics.Process]::GetCurrentProcess()

function Get-Taken {
    # Seconds that the processor has worked for a process.
    param($Process)

    $Process.Refresh()
    $Process.TotalProcessorTime.TotalSeconds
}

function Get-MostMemory {
    # In KiB.
    $self.Refresh()
    [long]($self.PeakWorkingSet64 / 1KB)
}

function Invoke-Fleet {
    # A number of steps for each tenant.
    param($Customer)

    $Customer | Invoke-PPFleet -Action Status -ThrottleLimit $Lanes | ForEach-Object { $_.Rows.Count }
}

function Invoke-Parallel {
    # The same, as a script does it. A runspace is used again, and has the module from its first tenant on.
    param($Customer)

    # Not on the command line: Windows PowerShell has no such parameter.
    $each = @{
        ThrottleLimit = $Lanes
        Parallel      = {
            $ErrorActionPreference = 'Stop'
            Import-Module -Name $env:PPFEDERATION_MODULE
            $connection = Connect-PPTenant -TenantId $_.TenantId -ClientId $_.ClientId -ClientSecret $_.ClientSecret -Environment $_.Environment `
                -LoginEndpoint $_.LoginEndpoint -GraphEndpoint $_.GraphEndpoint
            try {
                @(Get-PPFederationStatus -Connection $connection).Count
            }
            finally {
                Disconnect-PPTenant -Connection $connection
            }
        }
    }
    $Customer | ForEach-Object @each
}

$one = 0
if ($By -eq 'Fleet') {
    $alone = foreach ($customer in $customers | Select-Object -First 5) {
        ($customer | Invoke-PPFleet -Action Status).Duration.TotalSeconds
    }
    $one = @($alone | Sort-Object)[[int][math]::Floor(@($alone).Count / 2)]
}
$before = Get-MostMemory
$best = foreach ($round in 1..$Rounds) {
    $own, $twins = (Get-Taken $self), (Get-Taken $served)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $steps = @(& "Invoke-$By" $customers)
    $seconds = $watch.Elapsed.TotalSeconds
    $wrong = @($steps | Where-Object { $_ -ne 7 })
    if ($steps.Count -ne $customers.Count -or $wrong) {
        throw "$($steps.Count) of $($customers.Count) tenants have a status, $($wrong.Count) of them less than 7 steps."
    }
    [pscustomobject]@{ Seconds = $seconds; Own = (Get-Taken $self) - $own; Twin = (Get-Taken $served) - $twins }
}
$best = $best | Sort-Object -Property Seconds | Select-Object -First 1
@{
    one = $one; seconds = [math]::Round($best.Seconds, 2); own = [math]::Round($best.Own, 2); twin = [math]::Round($best.Twin, 2)
    before = $before; memory = Get-MostMemory
} | ConvertTo-Json -Compress
