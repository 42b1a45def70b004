<#
.SYNOPSIS
Prints measured figures as JSON lines: name, value, unit. Started by build.ps1 Bench.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot '../Pester/TestTenant.ps1')
. (Join-Path $PSScriptRoot 'footprint.ps1')

function Write-Figure {
    param([string]$Name, $Value, [string]$Unit)

    [pscustomobject]@{ name = $Name; value = $Value; unit = $Unit } | ConvertTo-Json -Compress
}

function Get-Median {
    param([double[]]$Value)

    $sorted = @($Value | Sort-Object)
    [math]::Round($sorted[[int][math]::Floor($sorted.Count / 2)], 1)
}

function Measure-Run {
    # A run of the runbook on a tenant: time, requests, and the longest chain of dependent ones, as the twin derives it.
    param($Tenant, [string]$Name)

    Clear-TestRequest $Tenant
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    [void](Invoke-PPRunbook -Confirm:$false)
    Write-Figure "$Name, duration" $watch.ElapsedMilliseconds 'ms'
    $chain = Invoke-RestMethod -Uri "$($Tenant.Control)/chain"
    Write-Figure "$Name, longest chain of dependent requests" $chain.longestChain 'requests'
    Write-Figure "$Name, requests" $chain.requests 'requests'
}

function Measure-Tenant {
    # The runbook on a fresh tenant, then on the finished one. Without a latency: with the twin's own, since without any
    # one of two parallel requests can be answered before the other arrives, and would count as a chain.
    param([int]$Latency)

    $tenant = Start-TestTenant
    $condition = 'default latency'
    try {
        # The token is there before the first measured request.
        [void](Connect-TestTenant $tenant)
        [void](Get-PPConnection)
        if ($Latency) {
            $condition = "$Latency ms latency"
            [void](Invoke-RestMethod -Method Post -Uri "$($tenant.Control)/latency" -ContentType 'application/json' -Body "{`"ms`": $Latency}")
        }
        Measure-Run -Tenant $tenant -Name "fresh tenant, $condition"
        Step-TestClock $tenant -By '3.00:00:00'
        [void](Connect-TestTenant $tenant)
        Measure-Run -Tenant $tenant -Name "finished tenant, $condition"
    }
    finally {
        Stop-TestTenant $tenant
    }
}

function Measure-Stop {
    # Ctrl+C during Wait-PPDirSync, as the engine sees it: how long until the pipeline has ended, finally blocks included.
    $tenant = Start-TestTenant
    try {
        $connection = Connect-TestTenant $tenant
        [void](Disable-PPDirSync -Connection $connection -Confirm:$false)
        $times = for ($i = 0; $i -lt 5; $i++) {
            Measure-OneStop -Connection $connection -Tenant $tenant
        }
        Write-Figure 'Ctrl+C during Wait-PPDirSync until the prompt is back, median of 5' (Get-Median $times) 'ms'
    }
    finally {
        Stop-TestTenant $tenant
    }
}

function Measure-OneStop {
    param($Connection, $Tenant)

    $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
    $runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($state)
    $runspace.Open()
    $shell = [System.Management.Automation.PowerShell]::Create()
    try {
        $shell.Runspace = $runspace
        [void]$shell.AddScript("Import-Module '$env:PPFEDERATION_MODULE'; `$args[0] | Wait-PPDirSync").AddArgument($Connection)
        Clear-TestRequest $Tenant
        $running = $shell.BeginInvoke()
        while (@(Get-TestRequest $Tenant).Count -eq 0 -and -not $running.IsCompleted) {
            [System.Threading.Thread]::Sleep(20)
        }
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $watch.Elapsed.TotalMilliseconds
    }
    finally {
        $shell.Dispose()
        $runspace.Dispose()
    }
}

Import-Module -Name $env:PPFEDERATION_MODULE
foreach ($latency in 0, 100) {
    Measure-Tenant -Latency $latency
}
Measure-Stop
Measure-Import
Measure-Memory
Measure-File
$folder = Split-Path -Parent $env:PPFEDERATION_MODULE
$library = Get-ChildItem -LiteralPath (Join-Path $folder 'bin') -Recurse | Where-Object { $_.Name -match '^ppfederation\.(so|dll|dylib)$' }
Write-Figure 'size of the native library' ([math]::Round($library.Length / 1MB, 2)) 'MiB'
