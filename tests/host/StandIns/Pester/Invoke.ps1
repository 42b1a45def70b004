function New-PesterConfiguration {
    [CmdletBinding()]
    param([hashtable] $Hashtable = @{})

    [PesterConfiguration] $Hashtable
}

function New-PesterContainer {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string[]] $Path,
        [System.Collections.IDictionary[]] $Data = @(@{})
    )

    foreach ($file in Find-TestFile -Path $Path -Extension '.Tests.ps1') {
        foreach ($entry in $Data) { [pscustomobject] @{ PSTypeName = 'Pester.ContainerInfo'; Path = $file; Data = $entry } }
    }
}

function Find-TestFile {
    param([string[]] $Path, [string] $Extension, [string[]] $Exclude = @())

    foreach ($entry in $Path) {
        if (-not (Test-Path -Path $entry)) { throw "The path '$entry' of the tests does not exist." }
        foreach ($item in Get-Item -Path $entry) {
            $files = if ($item.PSIsContainer) { Get-ChildItem -LiteralPath $item.FullName -Recurse -File -Filter "*$Extension" } else { $item }
            $files | ForEach-Object { $_.FullName } | Where-Object { $name = $_; -not ($Exclude | Where-Object { $name -like $_ }) } | Sort-Object
        }
    }
}

function Invoke-Pester {
    [CmdletBinding(DefaultParameterSetName = 'Simple')]
    param(
        [Parameter(Position = 0, ParameterSetName = 'Simple')] [string[]] $Path = '.',
        [Parameter(ParameterSetName = 'Simple')] [string[]] $ExcludePath = @(),
        [Parameter(ParameterSetName = 'Simple')] [Alias('Tag')] [string[]] $TagFilter = @(),
        [Parameter(ParameterSetName = 'Simple')] [string[]] $ExcludeTagFilter = @(),
        [Parameter(ParameterSetName = 'Simple')] [string[]] $FullNameFilter = @(),
        [Parameter(ParameterSetName = 'Simple')] [object[]] $Container = @(),
        [Parameter(ParameterSetName = 'Simple')] [ValidateSet('None', 'Normal', 'Detailed', 'Diagnostic')] [string] $Output = 'Normal',
        [Parameter(ParameterSetName = 'Simple')] [switch] $CI,
        [Parameter(ParameterSetName = 'Simple')] [switch] $PassThru,
        [Parameter(ParameterSetName = 'Advanced', Mandatory)] [PesterConfiguration] $Configuration
    )

    if ($PSCmdlet.ParameterSetName -eq 'Simple') {
        $Configuration = [PesterConfiguration] @{
            Run    = @{ Path = $Path; ExcludePath = $ExcludePath; Container = $Container; PassThru = [bool] $PassThru; Exit = [bool] $CI }
            Filter = @{ Tag = $TagFilter; ExcludeTag = $ExcludeTagFilter; FullName = $FullNameFilter }
            Output = @{ Verbosity = $Output }
        }
        # Containers alone are meant when no path was given.
        if ($Container -and -not $PSBoundParameters.ContainsKey('Path')) { $Configuration.Run.Path = @() }
    }
    $result = Invoke-TestRun -Configuration $Configuration -Session $PSCmdlet.SessionState
    $failures = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
    $global:LASTEXITCODE = $failures
    if ($Configuration.Run.PassThru.Value) { $result }
    if ($failures -and $Configuration.Run.Throw.Value) { throw "Pester run failed, because $failures tests, blocks or files failed" }
    if ($failures -and $Configuration.Run.Exit.Value) { exit $failures }
}

function Invoke-TestRun {
    # The whole run. A run inside a test of another run is possible: state of the outer one is put back after it.
    param([PesterConfiguration] $Configuration, [System.Management.Automation.SessionState] $Session)

    $outer = Get-RunState
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    try {
        $script:Verbosity = $Configuration.Output.Verbosity.Value
        Initialize-Scope -Session $Session
        $filter = @{ Tag = $Configuration.Filter.Tag.Value; ExcludeTag = $Configuration.Filter.ExcludeTag.Value; FullName = $Configuration.Filter.FullName.Value }
        $files = @(Get-Container -Configuration $Configuration)
        $found = @(foreach ($file in $files) { @{ Path = $file.Path; Root = (Find-Test -Container $file -Filter $filter) } })
        $containers = @(foreach ($entry in $found) { Invoke-Found -Path $entry.Path -Root $entry.Root })
        $result = New-RunResult -Containers $containers -Duration $watch.Elapsed
        Write-Summary -Result $result
        $result
    }
    finally { Set-RunState -State $outer }
}

$script:Session = $null
$script:Wrapper = $null
$script:Block = $null
$script:Discovering = $false
$script:Verbosity = 'Normal'

function Get-RunState {
    @{ Session = $script:Session; Wrapper = $script:Wrapper; Block = $script:Block; Discovering = $script:Discovering; Verbosity = $script:Verbosity; Drive = (Get-Variable -Name TestDrive -Scope Global -ValueOnly -ErrorAction Ignore) }
}

function Set-RunState {
    param([hashtable] $State)

    $script:Session = $State.Session
    $script:Wrapper = $State.Wrapper
    $script:Block = $State.Block
    $script:Discovering = $State.Discovering
    $script:Verbosity = $State.Verbosity
    # A run that found nothing to run has left the drive alone.
    if ($State.Drive -and $State.Drive -ne (Get-Variable -Name TestDrive -Scope Global -ValueOnly -ErrorAction Ignore)) {
        $null = New-PSDrive -Name TestDrive -PSProvider FileSystem -Root $State.Drive -Scope Global
        Set-Variable -Name TestDrive -Scope Global -Value $State.Drive
    }
}

function Get-Container {
    param([PesterConfiguration] $Configuration)

    $run = $Configuration.Run
    foreach ($file in Find-TestFile -Path $run.Path.Value -Extension $run.TestExtension.Value -Exclude $run.ExcludePath.Value) {
        [pscustomobject] @{ Path = $file; Data = @{} }
    }
    $run.Container.Value
}

function Invoke-Found {
    param([string] $Path, $Root)

    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    if ($Root.ShouldRun -or $Root.ErrorRecord.Count) { Write-Report -Text "Running tests from '$Path'" -Color Cyan -From Detailed }
    Invoke-Container -Root $Root
    $tests = @(Get-BlockTest -Block $Root)
    $blocks = @(Get-ChildBlock -Block $Root)
    # A test that should have run and could not, because the set-up around it failed, has failed.
    $kept = @($tests | Where-Object { $Root.Executed -and $_.ShouldRun -and $_.Result -eq 'NotRun' })
    foreach ($test in $kept) { $test.Result = 'Failed' }
    $failed = $Root.ErrorRecord.Count -or ($tests | Where-Object Result -EQ 'Failed') -or ($blocks | Where-Object Result -EQ 'Failed')
    $container = [pscustomobject] @{
        Path = $Path; Root = $Root; Tests = $tests; Blocks = $blocks; Duration = $watch.Elapsed
        Result = $(if ($failed) { 'Failed' } else { 'Passed' })
    }
    if ($Root.ShouldRun -or $Root.ErrorRecord.Count) { Write-ContainerEnd -Container $container }
    $container
}

function Get-BlockTest {
    param($Block)

    foreach ($item in $Block.Items) {
        if ($item.ItemType -eq 'Test') { $item } else { Get-BlockTest -Block $item }
    }
}

function Get-ChildBlock {
    param($Block)

    foreach ($item in $Block.Items) {
        if ($item.ItemType -eq 'Block') {
            $item
            Get-ChildBlock -Block $item
        }
    }
}

function New-RunResult {
    param([object[]] $Containers, [timespan] $Duration)

    $tests = @($Containers | ForEach-Object { $_.Tests })
    $of = { param($result) , @($tests | Where-Object Result -EQ $result) }
    $failed = & $of 'Failed'
    $failedBlocks = @($Containers | ForEach-Object { $_.Blocks } | Where-Object Result -EQ 'Failed')
    $failedContainers = @($Containers | Where-Object { $_.Root.ErrorRecord.Count })
    [pscustomobject] @{
        PSTypeName            = 'Pester.Run'
        Result                = $(if ($failed.Count + $failedBlocks.Count + $failedContainers.Count) { 'Failed' } else { 'Passed' })
        TotalCount            = $tests.Count
        PassedCount           = (& $of 'Passed').Count
        FailedCount           = $failed.Count
        SkippedCount          = (& $of 'Skipped').Count
        InconclusiveCount     = (& $of 'Inconclusive').Count
        NotRunCount           = (& $of 'NotRun').Count
        FailedBlocksCount     = $failedBlocks.Count
        FailedContainersCount = $failedContainers.Count
        Duration              = $Duration
        Tests                 = $tests
        Passed                = (& $of 'Passed')
        Failed                = $failed
        Skipped               = (& $of 'Skipped')
        NotRun                = (& $of 'NotRun')
        FailedBlocks          = $failedBlocks
        FailedContainers      = $failedContainers
        Containers            = $Containers
    }
}
