# A sandbox of the emulator in Account.ps1, which starts it: a process that runs jobs, each in a runspace, and writes what
# became of them. It reads of Linux's /proc what the process has taken.
param([string]$Account, [string]$Work)

$ErrorActionPreference = 'Stop'

function ConvertFrom-JobParameter {
    # What a runbook gets of a text: of JSON what it says, of any other the text.
    # Of https://learn.microsoft.com/azure/automation/start-runbooks: arrays and objects are given as JSON.
    # Assumption: that JSON is read whatever the type of the parameter, so that a list comes as an array also where it is a string.
    param([string]$Text)

    $value = $Text
    if ($Text) {
        try {
            $value = ConvertFrom-Json -InputObject $Text -NoEnumerate
        }
        catch [ArgumentException] {
            # No JSON.
            $value = $Text
        }
    }
    Write-Output -InputObject $value -NoEnumerate
}

function Start-RunbookJob {
    # A job that has been started: a runspace without anybody to ask, and with the account's assets.
    param($Job)

    $runspace = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault())
    $runspace.Open()
    $runspace.SessionStateProxy.SetVariable('AutomationFolder', $Account)
    $runspace.SessionStateProxy.SetVariable('PSPrivateMetadata', @{ JobId = [guid]::NewGuid() })
    $runspace.SessionStateProxy.SetVariable('ProgressPreference', 'SilentlyContinue')
    $prepare = [powershell]::Create()
    $prepare.Runspace = $runspace
    [void]$prepare.AddScript(". '$(Join-Path $PSScriptRoot 'Assets.ps1')'", $false).Invoke()
    $shell = [powershell]::Create()
    $shell.Runspace = $runspace
    [void]$shell.AddCommand($Job.runbook)
    foreach ($parameter in $Job.parameters.PSObject.Properties) {
        [void]$shell.AddParameter($parameter.Name, (ConvertFrom-JobParameter $parameter.Value))
    }
    $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $running = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]$null, $output)
    [pscustomobject]@{ Job = $Job; Shell = $shell; Output = $output; Running = $running; Clock = [System.Diagnostics.Stopwatch]::StartNew() }
}

function Wait-RunbookJob {
    # What became of a job, at the latest when its time is over.
    param($Started)

    $left = [math]::Max(0, $Started.Job.limitSec * 1000 - $Started.Clock.ElapsedMilliseconds)
    $inTime = $Started.Running.AsyncWaitHandle.WaitOne([int]$left)
    if (-not $inTime) {
        $Started.Shell.Stop()
    }
    $info = $Started.Shell.InvocationStateInfo
    $lines = @($Started.Output | ForEach-Object { if ($_ -is [string]) { $_ } else { ($_ | Out-String).TrimEnd() } })
    $streams = $Started.Shell.Streams
    $all = $lines + @($streams.Warning + $streams.Error + $streams.Verbose + $streams.Information | ForEach-Object { "$_" })
    [pscustomobject]@{
        Runbook   = [System.IO.Path]::GetFileNameWithoutExtension($Started.Job.runbook)
        Status    = if (-not $inTime) { 'Stopped' } else { [string]$info.State }
        Exception = if (-not $inTime) { "The job was stopped: it ran for more than $($Started.Job.limitSec) seconds." } elseif ($info.Reason) { $info.Reason.Message } else { '' }
        Output    = $lines
        Warnings  = @($streams.Warning | ForEach-Object { "$_" })
        Errors    = @($streams.Error | ForEach-Object { "$_" })
        Progress  = $streams.Progress.Count
        Bytes     = ($all | ForEach-Object { [System.Text.Encoding]::UTF8.GetByteCount($_) } | Measure-Object -Sum).Sum
    }
}

function Get-PeakByte {
    # The most memory that the process has had at once.
    $line = [System.IO.File]::ReadAllLines('/proc/self/status') -like 'VmHWM:*'
    [long]($line[0] -replace '\D') * 1KB
}

function Test-Child {
    # Whether another process was started. Of one that has ended Linux adds to its parent the page faults that it took: a
    # process without any there is not.
    $words = [System.IO.File]::ReadAllText('/proc/self/stat') -replace '^.*\) ' -split ' '
    # Fields 11 and 13 of proc(5), cminflt and cmajflt; the first word here is field 3.
    if ([long]$words[8] + [long]$words[10] -gt 0) {
        return $true
    }
    foreach ($process in [System.IO.Directory]::GetDirectories('/proc') -match '/\d+$') {
        $file = Join-Path $process 'stat'
        try {
            $parent = ([System.IO.File]::ReadAllText($file) -replace '^.*\) ' -split ' ')[1]
        }
        catch [System.IO.IOException] {
            # It has ended since.
            continue
        }
        if ($parent -eq $PID) {
            return $true
        }
    }
    $false
}

$todo = [System.IO.File]::ReadAllText("$Work.jobs") | ConvertFrom-Json
$ended = if ($todo.InTurn) {
    @($todo.Jobs | ForEach-Object { Wait-RunbookJob -Started (Start-RunbookJob -Job $_) })
}
else {
    $started = @($todo.Jobs | ForEach-Object { Start-RunbookJob -Job $_ })
    @($started | ForEach-Object { Wait-RunbookJob -Started $_ })
}
$result = [pscustomobject]@{ Jobs = $ended; PeakBytes = Get-PeakByte; Children = Test-Child }
[System.IO.File]::WriteAllText("$Work.results", (ConvertTo-Json -InputObject $result -Depth 5))
