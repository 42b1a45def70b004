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
    # A run of the runbook on a tenant: time, requests, and the longest chain of dependent ones, as the twin derives it. The
    # retry budget of Connect-TestTenant doesn't hold the time between two looks that must agree, so that this isn't waited for.
    param($Tenant, [string]$Name)

    Clear-TestRequest $Tenant
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    [void](Invoke-PPRunbook -Confirm:$false)
    Write-Figure "$Name, duration, time between agreeing looks not counted" $watch.ElapsedMilliseconds 'ms'
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

function Get-RunWrite {
    # The writes that a run has made on a tenant, in their order, with the bodies that make the same on another; {...} stands for
    # what an answer before has told.
    param($State)

    $app = $State.applications | Where-Object { $_.displayName -eq 'Practice Protect Federation' }
    $principal = $State.servicePrincipals | Where-Object { $_.appId -eq $app.appId }
    $grant = $State.oauth2PermissionGrants | Where-Object { $_.clientId -eq $principal.id }
    $role = $State.roleAssignments | Where-Object { $_.principalId -eq $principal.id }
    @{ To = 'applications'; Body = @{ displayName = $app.displayName; signInAudience = $app.signInAudience; requiredResourceAccess = @($app.requiredResourceAccess) } }
    @{ To = 'servicePrincipals'; Body = @{ appId = '{appId}' } }
    @{ To = 'oauth2PermissionGrants'; Body = @{ clientId = '{principal}'; consentType = 'AllPrincipals'; resourceId = '{graph}'; scope = $grant.scope } }
    foreach ($assigned in $State.appRoleAssignments | Where-Object { $_.principalId -eq $principal.id }) {
        @{ To = 'servicePrincipals/{graph}/appRoleAssignedTo'; Body = @{ principalId = '{principal}'; resourceId = '{graph}'; appRoleId = $assigned.appRoleId } }
    }
    @{ To = 'roleManagement/directory/roleAssignments'; Body = @{ principalId = '{principal}'; directoryScopeId = '/'; roleDefinitionId = $role.roleDefinitionId } }
    @{ To = 'applications/{application}/addPassword'; Body = @{ passwordCredential = @{ displayName = 'PPToken' } } }
    @{ To = 'organization/{organization}'; Method = 'PATCH'; Body = @{ onPremisesSyncEnabled = $false } }
}

function Measure-Blind {
    # The writes of a run one after the other, as a script sends them: nothing is looked at before, nothing read back, no secret
    # tried. In milliseconds, after the sign-in.
    param($Tenant, $Write)

    $state = Get-TestState $Tenant
    $known = @{
        '{graph}'        = ($state.servicePrincipals | Where-Object { $_.appId -eq '00000003-0000-0000-c000-000000000000' }).id
        '{organization}' = $state.organization[0].id
    }
    $header = @{ Authorization = "Bearer $(Get-TestToken $Tenant)" }
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    foreach ($one in $Write) {
        $to, $body = $one.To, ($one.Body | ConvertTo-Json -Depth 9 -Compress)
        foreach ($name in $known.Keys) {
            $to, $body = $to.Replace($name, $known[$name]), $body.Replace($name, $known[$name])
        }
        $method = if ($one.ContainsKey('Method')) { $one.Method } else { 'POST' }
        $made = Invoke-RestMethod -Method $method -Uri "$($Tenant.Graph)/v1.0/$to" -Body $body -ContentType 'application/json' -Headers $header
        switch ($one.To) {
            'applications' { $known['{application}'], $known['{appId}'] = $made.id, $made.appId }
            'servicePrincipals' { $known['{principal}'] = $made.id }
        }
    }
    $watch.ElapsedMilliseconds
}

function Measure-BesideBlind {
    # A run, with all that it looks at and verifies, beside its writes alone. The secret signs in at once; the time between two
    # looks that must agree isn't waited for, as in Measure-Run.
    $times = foreach ($i in 1..3) {
        $tenants = @(Start-TestTenant; Start-TestTenant)
        try {
            [void](Connect-TestTenant $tenants[0])
            [void](Get-PPConnection)
            foreach ($tenant in $tenants) {
                [void](Set-TestTenant $tenant '/latency' @{ ms = 100 })
            }
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            [void](Invoke-PPRunbook -Confirm:$false)
            $run = $watch.ElapsedMilliseconds
            $write = @(Get-RunWrite (Get-TestState $tenants[0]))
            [pscustomobject]@{ Run = $run; Blind = Measure-Blind -Tenant $tenants[1] -Write $write; Writes = $write.Count }
        }
        finally {
            $tenants | ForEach-Object { Stop-TestTenant $_ }
        }
    }
    $run, $blind = (Get-Median $times.Run), (Get-Median $times.Blind)
    Write-Figure 'fresh tenant, 100 ms latency, time between agreeing looks not counted, median of 3' $run 'ms'
    Write-Figure "its $($times[0].Writes) writes one by one and blindly, median of 3" $blind 'ms'
    Write-Figure 'times as fast as these' ([math]::Round($blind / $run, 2)) 'x'
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
Measure-BesideBlind
Measure-Stop
Measure-Import
Measure-Memory
Measure-File
$folder = Split-Path -Parent $env:PPFEDERATION_MODULE
$library = Get-ChildItem -LiteralPath (Join-Path $folder 'bin') -Recurse | Where-Object { $_.Name -match '^ppfederation\.(so|dll|dylib)$' }
Write-Figure 'size of the native library' ([math]::Round($library.Length / 1MB, 2)) 'MiB'
