# What a run shows. Nothing at verbosity None; files and failures at Normal; every test at Detailed.

function Write-Report {
    param([string] $Text, [System.ConsoleColor] $Color = 'Gray', [string] $From = 'Normal')

    $levels = 'None', 'Normal', 'Detailed', 'Diagnostic'
    if ($levels.IndexOf($script:Verbosity) -ge $levels.IndexOf($From)) { Write-Host $Text -ForegroundColor $Color }
}

function Get-Indent {
    param($Block)

    $depth = 0
    for ($at = $Block; $null -ne $at.Parent; $at = $at.Parent) { $depth++ }
    ' ' * $depth
}

function Write-BlockStart {
    param($Block)

    if ($null -eq $Block.Parent) { return }
    $word = if ($Block.CommandUsed -eq 'Context') { 'Context' } else { 'Describing' }
    Write-Report -Text "$(Get-Indent -Block $Block.Parent)$word $($Block.ExpandedName)" -Color Green -From Detailed
}

function Write-TestResult {
    param($Test)

    $indent = (Get-Indent -Block $Test.Block)
    $time = '{0:0}ms' -f $Test.Duration.TotalMilliseconds
    switch ($Test.Result) {
        'Passed' { Write-Report -Text "$indent[+] $($Test.ExpandedName) $time" -Color DarkGreen -From Detailed }
        'Failed' {
            Write-Report -Text "$indent[-] $($Test.ExpandedPath) $time" -Color Red
            Write-ErrorList -Records $Test.ErrorRecord -Indent $indent
        }
        default { Write-Report -Text "$indent[!] $($Test.ExpandedName)$(Get-Reason -Test $Test) $time" -Color Yellow -From Detailed }
    }
}

function Get-Reason {
    param($Test)

    if ($Test.ErrorRecord.Count) { " $($Test.ErrorRecord[0].Exception.Message)" }
}

function Write-BlockFailure {
    param($Block)

    $indent = Get-Indent -Block $Block
    Write-Report -Text "$indent[-] $($Block.CommandUsed) $($Block.ExpandedPath) failed" -Color Red
    Write-ErrorList -Records $Block.ErrorRecord -Indent $indent
}

function Write-DiscoveryFailure {
    param($Root)

    Write-Report -Text "[-] Discovery in $($Root.Name) failed with:" -Color Red
    Write-ErrorList -Records $Root.ErrorRecord -Indent ''
}

function Write-ErrorList {
    param($Records, [string] $Indent)

    foreach ($record in $Records) {
        foreach ($line in Get-ErrorLine -Record $record) { Write-Report -Text "$Indent $line" -Color Red }
    }
}

function Get-ErrorLine {
    # The message, then where: the line of a failed assertion, and the calls that led there, up to the test's own.
    param($Record)

    $isAssertion = $Record.FullyQualifiedErrorId -eq 'PesterAssertionFailed'
    for ($problem = $Record.Exception; $null -ne $problem; $problem = $problem.InnerException) {
        $kind = if (-not $isAssertion) { "$($problem.GetType().Name): " }
        "$kind$($problem.Message)" -split '\r?\n'
    }
    if ($isAssertion) { "at $($Record.TargetObject.LineText), $($Record.TargetObject.File):$($Record.TargetObject.Line)" }
    foreach ($call in @("$($Record.ScriptStackTrace)" -split '\r?\n')) {
        if ($call -match '<No file>') { break }
        if ($call -and $call -notlike "*$PSScriptRoot*") { $call -replace ': line (\d+)\s*$', ':$1' }
    }
}

function Write-ContainerEnd {
    param($Container)

    $color = if ($Container.Result -eq 'Failed') { 'Red' } else { 'Green' }
    $mark = if ($Container.Result -eq 'Failed') { '[-]' } else { '[+]' }
    if ($script:Verbosity -eq 'Normal') {
        Write-Report -Text ('{0} {1} {2:0.00}s' -f $mark, $Container.Path, $Container.Duration.TotalSeconds) -Color $color
    }
}

function Write-Summary {
    param($Result)

    $color = if ($Result.Result -eq 'Failed') { 'Red' } else { 'Green' }
    Write-Report -Text ('Tests completed in {0:0.00}s, {1} not run, {2} inconclusive' -f $Result.Duration.TotalSeconds, $Result.NotRunCount, $Result.InconclusiveCount)
    foreach ($block in $Result.FailedBlocks) { Write-Report -Text "Failed: $($block.CommandUsed) $($block.ExpandedPath)" -Color Red }
    foreach ($test in $Result.Failed) { Write-Report -Text "Failed: $($test.ExpandedPath)" -Color Red }
    # A broken file, or a block whose tear-down failed, counts: a run that failed never says "0 failed".
    $broken = @($Result.FailedContainers).Count + @($Result.FailedBlocks | Where-Object { -not (Get-BlockTest -Block $_ | Where-Object Result -EQ 'Failed') }).Count
    Write-Report -Text "$($Result.PassedCount) passed, $($Result.FailedCount + $broken) failed, $($Result.SkippedCount) skipped" -Color $color
}
