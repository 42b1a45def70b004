<#
.SYNOPSIS
Prints figures of fleets as JSON lines: name, value, unit. Started by build.ps1 Bench.

.DESCRIPTION
For each number of tenants in PPFEDERATION_BENCH_TENANTS (with commas between): so many federated tenants on a twin in a process of its own,
which answers after 50 ms, and the status of all of them. By Invoke-PPFleet, beside the floor: the time of one tenant alone, times the
tenants, by the lanes. And as a script does it, by Connect-PPTenant and Get-PPFederationStatus in ForEach-Object -Parallel with as many
runspaces as lanes. Each in a process of its own (status.ps1); the best of three rounds counts, of one above 500 tenants.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
. (Join-Path $PSScriptRoot '../../Pester/TestTenant.ps1')
# Requests are not held against Graph's description, which would cost the twin time.
Remove-Item -Path Env:PPFEDERATION_REFERENCE -ErrorAction SilentlyContinue

# As many as Invoke-PPFleet has where nothing is said.
$lanes = 32

function Write-Figure {
    param([string]$Name, $Value, [string]$Unit)

    [pscustomobject]@{ name = "$tenants tenants, $Name"; value = $Value; unit = $Unit } | ConvertTo-Json -Compress
}

function Measure-Status {
    # What a process of its own took for the status of all tenants.
    param([string]$By, [string]$Customer, [int]$Twin, [int]$Round)

    $script = "& '$(Join-Path $PSScriptRoot 'status.ps1')' -By $By -Lanes $lanes -Rounds $Round -Twin $Twin"
    $done = Invoke-TestShell -Script $script -Answer "$Customer`n"
    if ($done.ExitCode -ne 0 -or -not $done.Lines) {
        throw "The status by $By failed: $($done.Text)"
    }
    $done.Lines[-1] | ConvertFrom-Json
}

function Write-Taken {
    # The figures of one process.
    param([string]$By, $Measured)

    Write-Figure "the status of all by $By" $Measured.seconds 's'
    Write-Figure "$By, its processor" $Measured.own 's'
    Write-Figure "$By, the twin's processor meanwhile" $Measured.twin 's'
    Write-Figure "$By, the twin's part of both" ([math]::Round(100 * $Measured.twin / ($Measured.own + $Measured.twin))) '%'
    Write-Figure "$By, most memory before it, the shell's own included" $Measured.before 'KiB'
    Write-Figure "$By, most memory" $Measured.memory 'KiB'
}

Import-Module -Name $env:PPFEDERATION_MODULE
foreach ($tenants in $env:PPFEDERATION_BENCH_TENANTS -split ',') {
    $tenants = [int]$tenants
    $twin = Start-TestTenant "--latency-ms 50 --neighbours $($tenants - 1)"
    try {
        $customers = @(foreach ($each in @($twin) + @($twin.Neighbours)) {
                $client = $each.Clients | Where-Object { $_.kind -eq 'admin' }
                @{
                    TenantId = $each.TenantId; ClientId = $client.clientId; ClientSecret = $client.clientSecret
                    LoginEndpoint = $twin.Login; GraphEndpoint = $twin.Graph
                }
            })
        $vault = ($twin.Vault -replace '/vault.*') + $(if ($tenants -gt 1) { '/vault/of/{TenantId}' } else { '/vault' })
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $rows = $customers | ForEach-Object { [pscustomobject]($_ + @{ Environment = 'Custom' }) } |
            Select-Object -ExcludeProperty ClientSecret -Property *, @{ Name = 'ClientSecret'; Expression = { ConvertTo-TestSecret $_.ClientSecret } } |
            Invoke-PPFleet -Action Runbook -Skip DirSync -SecretSink KeyVault -VaultUri $vault -RetryBudgetSec 4 -ThrottleLimit $lanes -Confirm:$false |
            Where-Object { $_.Result -ne 'Done' }
        if ($rows) {
            throw "The runbook failed in a tenant: $(@($rows)[0].Detail)"
        }
        Write-Figure 'the runbook in all by Invoke-PPFleet, time between agreeing looks not counted' ([math]::Round($watch.Elapsed.TotalSeconds, 2)) 's'
        $given = @{ Customer = ConvertTo-Json -InputObject $customers -Compress; Twin = $twin.Process.Id; Round = $(if ($tenants -le 500) { 3 } else { 1 }) }
        Clear-TestRequest $twin
        $fleet = Measure-Status -By Fleet @given
        $floor = $fleet.one * [math]::Max(1, $tenants / $lanes)
        Write-Figure 'the status of one of them alone, median of 5' ([math]::Round($fleet.one * 1000)) 'ms'
        Write-Figure "the floor: that time in $lanes lanes" ([math]::Round($floor, 2)) 's'
        Write-Taken 'Invoke-PPFleet' $fleet
        Write-Figure 'Invoke-PPFleet, of the floor' ([math]::Round($fleet.seconds / $floor, 2)) 'times'
        if ($PSVersionTable.PSVersion.Major -ge 7) {
            $parallel = Measure-Status -By Parallel @given
            Write-Taken 'ForEach-Object -Parallel' $parallel
            Write-Figure 'ForEach-Object -Parallel, of the time of Invoke-PPFleet' ([math]::Round($parallel.seconds / $fleet.seconds, 2)) 'times'
        }
    }
    finally {
        Stop-TestTenant $twin
    }
}
