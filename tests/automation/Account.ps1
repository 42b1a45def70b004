# The least of an emulator of Azure Automation, which has none: it runs runbooks as a cloud sandbox does, as far as that is
# documented, and finds what a sandbox would refuse. It is no Azure Automation: there is no service, no schedule, no Runtime
# Environment, and what the sandbox's own commands say when they fail is an assumption (Assets.ps1). Tests dot-source this.
#
#   an account   a folder: Modules/PPFederation, laid out as the zip is, and assets as files
#   a sandbox    a pwsh process without prompts, with the heap limited to 400 MB, whose jobs are runspaces (Sandbox.ps1)
#   a job        a runbook with parameters, which are texts, Completed, Failed (a terminating error) or Stopped (its time was over)

. (Join-Path $PSScriptRoot '../shell.ps1')

# Of https://learn.microsoft.com/azure/automation/automation-runbook-execution and azure-subscription-service-limits.
$sandboxBytes = 400MB
$streamBytes = 1MB

function New-AutomationAccount {
    # An account with the module of the tests in it. Managed is the address of a managed identity's endpoint and its header; Environment
    # are variables that a machine of one's own has, a Hybrid Runbook Worker.
    param([string]$Folder, [string]$Managed = '', [string]$Header = '', [hashtable]$Environment = @{})

    foreach ($name in 'Modules', 'Variable', 'Connection', 'Certificate', 'PSCredential', 'Jobs') {
        [void](New-Item -ItemType Directory -Path (Join-Path $Folder $name) -Force)
    }
    # Azure Automation unpacks the zip, which has no folder for the version.
    Copy-Item -LiteralPath (Split-Path -Parent $env:PPFEDERATION_MODULE) -Destination (Join-Path $Folder 'Modules/PPFederation') -Recurse
    [pscustomobject]@{ Folder = $Folder; Runbooks = Join-Path $Folder 'Modules/PPFederation/Runbooks'; Managed = $Managed; Header = $Header; Environment = $Environment }
}

function Set-AutomationAsset {
    # What the account keeps under a name: a Variable's value, a Connection's fields, a Certificate's file and password.
    param($Account, [string]$Kind, [string]$Name, $Value)

    $text = ConvertTo-Json -InputObject $Value -Compress
    [System.IO.File]::WriteAllText((Join-Path $Account.Folder "$Kind/$Name.json"), $text)
}

function Get-AutomationAsset {
    param($Account, [string]$Kind, [string]$Name)

    [System.IO.File]::ReadAllText((Join-Path $Account.Folder "$Kind/$Name.json")) | ConvertFrom-Json
}

function ConvertTo-JobParameter {
    # Parameters as the service hands them over: texts. One is what somebody types into the form of the portal, anything else is JSON.
    param([hashtable]$Parameter)

    $texts = @{}
    foreach ($name in $Parameter.Keys) {
        $value = $Parameter[$name]
        $texts[$name] = if ($value -is [string]) { $value } else { ConvertTo-Json -InputObject $value -Compress }
    }
    $texts
}

function Start-AutomationSandbox {
    # Starts a sandbox with jobs, all at once or one after the other: a list of Runbook (a name, or a path), Parameters, and
    # LimitSec, after which the service stops a job: three hours where none is said.
    param($Account, [hashtable[]]$Job, [switch]$InTurn)

    $work = Join-Path $Account.Folder "Jobs/$([guid]::NewGuid())"
    $jobs = foreach ($each in $Job) {
        $path = if ([System.IO.Path]::IsPathRooted($each.Runbook)) { $each.Runbook } else { Join-Path $Account.Runbooks "$($each.Runbook).ps1" }
        $parameters = if ($each['Parameters']) { $each['Parameters'] } else { @{} }
        $taken = (Get-Command -Name $path).Parameters.Keys
        $strange = @($parameters.Keys | Where-Object { $taken -notcontains $_ })
        if ($strange) {
            throw "The runbook $(Split-Path -Path $path -Leaf) has no parameter $($strange -join ', ')."
        }
        @{
            runbook = $path; parameters = ConvertTo-JobParameter $parameters
            limitSec = $(if ($each['LimitSec']) { $each['LimitSec'] } else { 10800 })
        }
    }
    [System.IO.File]::WriteAllText("$work.jobs", (ConvertTo-Json -InputObject @{ InTurn = [bool]$InTurn; Jobs = @($jobs) } -Depth 5))
    $words = @(Get-ShellArgument) + '-NonInteractive' + '-File' + (Join-Path $PSScriptRoot 'Sandbox.ps1') + $Account.Folder + $work
    $start = [System.Diagnostics.ProcessStartInfo]::new((Get-ShellProgram), (($words | ForEach-Object { "`"$_`"" }) -join ' '))
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.EnvironmentVariables['DOTNET_GCHeapHardLimit'] = '{0:x}' -f $sandboxBytes
    $start.EnvironmentVariables['PSModulePath'] = "$(Join-Path $Account.Folder 'Modules')$([System.IO.Path]::PathSeparator)$(Join-Path $PSHOME 'Modules')"
    foreach ($name in 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER') {
        [void]$start.EnvironmentVariables.Remove($name)
    }
    if ($Account.Managed) {
        $start.EnvironmentVariables['IDENTITY_ENDPOINT'] = $Account.Managed
        $start.EnvironmentVariables['IDENTITY_HEADER'] = $Account.Header
    }
    foreach ($name in $Account.Environment.Keys) {
        $start.EnvironmentVariables[$name] = $Account.Environment[$name]
    }
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    [pscustomobject]@{ Process = $process; Results = "$work.results"; Errors = $process.StandardError.ReadToEndAsync(); Output = $process.StandardOutput.ReadToEndAsync() }
}

function Receive-AutomationSandbox {
    # Waits for the end of a sandbox, and returns what became of it: Jobs, PeakBytes, Children.
    param($Sandbox)

    $Sandbox.Process.WaitForExit()
    if (-not (Test-Path -LiteralPath $Sandbox.Results)) {
        throw "The sandbox ended with $($Sandbox.Process.ExitCode), and without a result: $($Sandbox.Output.Result) $($Sandbox.Errors.Result)"
    }
    [System.IO.File]::ReadAllText($Sandbox.Results) | ConvertFrom-Json
}

function Invoke-AutomationJob {
    # Runs jobs in a sandbox of their own, and refuses what Azure Automation would not let them have. Returns a result a job:
    # Status, Exception, Output, Warnings, Errors, Bytes.
    param($Account, [hashtable[]]$Job, [switch]$InTurn)

    $done = Receive-AutomationSandbox -Sandbox (Start-AutomationSandbox -Account $Account -Job $Job -InTurn:$InTurn)
    $broken = Test-SandboxLimit -Done $done
    if ($broken) {
        throw "Azure Automation doesn't allow that: $($broken -join '; ')."
    }
    $done.Jobs
}

function Test-SandboxLimit {
    # What of a sandbox's result Azure Automation would not allow, a sentence each.
    param($Done)

    if ($Done.PeakBytes -gt $sandboxBytes) {
        "the sandbox took $([math]::Round($Done.PeakBytes / 1MB)) MB of memory, of 400"
    }
    if ($Done.Children) {
        'a job started another process'
    }
    foreach ($job in $Done.Jobs) {
        if ($job.Bytes -gt $streamBytes) {
            "the streams of $($job.Runbook) have $($job.Bytes) bytes, of 1 MiB"
        }
        if ($job.Progress -gt 0) {
            "$($job.Runbook) writes progress, which a runbook has no place for"
        }
    }
}
