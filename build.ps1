<#
.SYNOPSIS
Builds, tests and shows PPFederation. Without a task it lists them.

.DESCRIPTION
Needs Rust and the .NET SDK. Runs unchanged in Windows PowerShell 5.1, in PowerShell 7 and in the PowerShell that the .NET
SDK fetches. Everything it makes lies in target/. Where crates.io can't be reached and a shared/offline-cargo lies beside the clone, that
is used.

.PARAMETER Task
Build, Test, Demo, Bench, Package or Clean.

.PARAMETER Full
With Test: the whole matrix of faults instead of a sample, which takes many minutes more.

.PARAMETER NoPackage
With Test: tests the package that is there already.

.PARAMETER Platform
What to build for; without it for this system. win-x64 on Linux takes a Rust with x86_64-pc-windows-gnu and mingw-w64, or
a shared/windows-target beside the clone; Test runs its tests under Wine.

.PARAMETER Libraries
With Package: a folder with native libraries that were built elsewhere, as <platform>/ppfederation.*; none is built then.

.PARAMETER Certificate
With Package, on Windows: the thumbprint of a code signing certificate of the current user. Without it nothing is signed.

.EXAMPLE
pwsh build.ps1 Test

.EXAMPLE
pwsh build.ps1 Package -Platform linux-x64,win-x64

.EXAMPLE
dotnet tool exec -y powershell build.ps1 Demo
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('', 'Build', 'Test', 'Demo', 'Bench', 'Package', 'Clean')]
    [string]$Task = '',

    [switch]$Full,

    [switch]$NoPackage,

    [string[]]$Platform = @(),

    [string]$Libraries = '',

    [string]$Certificate = ''
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$root = $PSScriptRoot
$target = Join-Path $root 'target'
$durations = @()
$failures = @()
$failureLines = 0
$tasks = [ordered]@{
    Build   = 'Compiles the native library and the bridge, and assembles the module in target/module.'
    Test    = 'Runs every check and test; the last line says how many passed and failed.'
    Demo    = 'Carries out the runbook on the embedded demonstration tenant.'
    Bench   = 'Prints measured figures as JSON lines: name, value, unit.'
    Package = 'Makes what is released in target/package: module, zip, nupkg, bill of materials, check sums.'
    Clean   = 'Removes everything that was built.'
}

# ---- Tasks

function Invoke-BuildTask {
    if (-not $Libraries) {
        Invoke-AllLibraryBuild
    }
    Invoke-BridgeBuild
    New-Module -Folder (Get-ModuleFolder)
    Write-Host "Built $(Get-ModuleFolder)"
}

function Invoke-TestTask {
    $script:passed = 0
    $script:failed = 0
    if ($Full) {
        $env:PPFEDERATION_FULL = '1'
    }
    # What a second build would save is as much again on the disk.
    $env:CARGO_INCREMENTAL = '0'
    # No process of the tests lives long enough for .NET to earn what it spends on counting which way its code goes.
    $env:DOTNET_TieredPGO = '0'
    $system = $Platform -contains (Get-SystemName)
    $wine = $Platform -contains 'win-x64' -and (Get-SystemName) -notlike 'win-*'
    if ($system -and $wine -and -not $Full) {
        # For what is called from here on. Optimizing a second library as a whole takes as long as the tests of Windows: these load the one
        # that their own build makes. What ships there is tested with -Full, and on Windows itself.
        $Platform = @($Platform -ne 'win-x64')
    }
    Use-GraphDescription
    $compiling = if ($system -and -not $NoPackage) { Start-TestCompiling }
    # Much of either half waits for one program at a time. What runs under Wine waits for the package only where that has its library.
    $beside = $null
    try {
        Initialize-Shell
        Initialize-Pester
        Initialize-Azurite
        Initialize-Yaml
        Initialize-DeployTool
        if (-not $NoPackage) {
            Remove-Folder (Get-PackageFolder)
            if ($system -and $wine -and -not $Full) {
                Invoke-BridgeBuild
                $beside = Start-WineTest
            }
            Invoke-PackageTask
        }
        if ($compiling) {
            $compiling.WaitForExit()
        }
        if ($system -and $wine -and -not $beside) {
            $beside = Start-WineTest
        }
        if ($system) {
            Invoke-SystemTest
        }
        elseif ($wine) {
            Invoke-WineTest
        }
        if ($beside) {
            Receive-Check $beside
        }
    }
    finally {
        Stop-Check $beside
        if ($compiling) {
            $compiling.WaitForExit()
        }
    }
    Write-Duration
    if ($script:failed -gt 0) {
        Write-Host '== What failed, as it was said above:'
        $script:failures | ForEach-Object { Write-Host $_ }
    }
    Write-Host "$($script:passed) passed, $($script:failed) failed"
    if ($script:failed -gt 0) {
        exit 1
    }
}

function Start-TestCompiling {
    # Compiles the tests beside what comes before them: link-time optimization takes one processor alone. What doesn't compile fails once more,
    # as a test.
    Start-Tool cargo @('test', '--no-run', '--quiet', '--locked', '--workspace')
}

function Invoke-DemoTask {
    # By a profile that takes the least time to build, and in a folder of its own: it is not what ships.
    Invoke-ForPlatform (Get-SystemName) { Invoke-Tool cargo (Get-LibraryBuild -CargoProfile 'demo') }
    Invoke-BridgeBuild
    $folder = Join-Path $target "demo/PPFederation/$(Get-Version)"
    New-Module -Folder $folder -For (Get-SystemName) -Library (Get-LibraryPath -CargoProfile 'demo')
    $env:PPFEDERATION_MODULE = Join-Path $folder 'PPFederation.psd1'
    Invoke-Tool (Get-ShellProgram) (Get-ScriptArgument 'tests/demo.ps1')
}

function Invoke-CleanTask {
    Invoke-Tool cargo clean
    foreach ($project in 'PowerShell/Native', 'tests', 'tests/deploy', 'tests/ps51') {
        # What a stale build would come from.
        Remove-Folder (Get-RepositoryPath "$project/obj")
    }
}

# ---- Steps

function Invoke-BridgeBuild {
    Invoke-Tool dotnet @(
        'build', (Get-RepositoryPath 'PowerShell/Native'), '--nologo', '-v:quiet',
        '-c', 'Release', '-o', (Join-Path $target 'bridge'), "-p:Version=$(Get-Version)")
}

function Invoke-SystemTest {
    # Every check and test of this system. The Pester files and the taint test wait for one process after the other, and so run
    # beside those of cargo.
    Initialize-TestRun
    $pester, $taint = $null
    try {
        $pester = Start-Check -Name 'pester' -Tool (Get-ShellProgram) -Argument (Get-TestScriptArgument 'Pester')
        $taint = Start-TaintTest
        Invoke-Check cargo @('fmt', '--all', '--check')
        Invoke-Check cargo @('test', '--locked', '--workspace', '--no-fail-fast')
        Invoke-TestOpsCheck
        Invoke-Check (Get-ShellProgram) (Get-TestScriptArgument 'tests/abi')
        Invoke-Check (Get-OwnProgram 'bindings') @('--check')
        Invoke-LibraryCheck
        Invoke-WindowsPowerShellCheck
        # Last, since it alone keeps every processor busy when the others are through.
        Invoke-Check cargo @('clippy', '--locked', '--workspace', '--all-targets', '--', '-D', 'warnings')
        Receive-Check $taint
        Receive-Check $pester
    }
    finally {
        Stop-Check $taint
        Stop-Check $pester
    }
}

function Start-TaintTest {
    # Whether anything secret is to be found that shouldn't be.
    Start-Check -Name 'taint' -Tool (Get-OwnProgram 'taint') -Argument (@($env:PPFEDERATION_MODULE, (Get-ShellProgram)) + (Get-ShellArgument))
}

function Initialize-TestRun {
    # Tells the tests where the twin and the module are: a copy of the package in a fresh folder.
    $env:PPFEDERATION_TWIN = Get-OwnProgram 'tenant-twin'
    $module = Copy-PackageForTest -Folder (Join-Path $target 'test')
    $env:PPFEDERATION_PACKAGE = Get-PackageFolder
    $env:PPFEDERATION_MODULE = Join-Path $module 'PPFederation.psd1'
    $env:PPFEDERATION_PACKAGED_LIBRARY = Get-ModuleLibrary -Folder $module
}

function Copy-PackageForTest {
    # The module of the package, copied to a fresh folder.
    param([string]$Folder)

    Remove-Folder $Folder
    New-Item -ItemType Directory -Path $Folder | Out-Null
    Copy-Item -LiteralPath (Join-Path (Get-PackageFolder) 'PPFederation') -Destination $Folder -Recurse
    Join-Path $Folder "PPFederation/$(Get-Version)"
}

function Use-GraphDescription {
    # The twin holds every request against Microsoft Graph's own description, where that lies beside the clone or where
    # the caller says; a run without it says so.
    $beside = Join-Path (Split-Path -Parent $root) 'shared/reference'
    if (-not $env:PPFEDERATION_REFERENCE -and (Test-Path -LiteralPath (Join-Path $beside 'graph-contract.json'))) {
        $env:PPFEDERATION_REFERENCE = $beside
    }
    if ($env:PPFEDERATION_REFERENCE) {
        Write-Host "== requests are held against the description of Microsoft Graph in $env:PPFEDERATION_REFERENCE"
    }
    else {
        Write-Host '== no graph-contract.json is at hand: requests are not held against the description of Microsoft Graph'
    }
}

function Invoke-LibraryCheck {
    # Each library of the package exports the seven functions, and needs nothing that its system lacks.
    foreach ($each in $Platform) {
        $library = Get-ModuleLibrary -Folder (Get-ModuleFolder) -Platform $each
        Invoke-Check (Get-OwnProgram 'bindings') @('--exports', $library)
        Invoke-Check (Get-OwnProgram 'package') @('needs', $library)
    }
}

function Invoke-TestOpsCheck {
    # The rules of the ABI that need ops which no shipped library has: a panic, a full queue, an endless wait. Their library
    # has the same file name as the one without them, and so has a folder of its own; the module around it is for the
    # tests in tests/abi alone.
    $build = '--locked', '--workspace', '--features', 'ppfederation/test-ops', '--test', 'abi_*'
    $env:CARGO_TARGET_DIR = Join-Path $target 'test-ops'
    try {
        Copy-Dependency -To $env:CARGO_TARGET_DIR
        Invoke-Tool cargo (@('build', '--lib') + $build)
        Invoke-Check cargo (@('test', '--no-fail-fast') + $build)
        Invoke-MemoryCheck
    }
    finally {
        $env:CARGO_TARGET_DIR = $target
    }
    $folder = Join-Path $target "test-ops/module/PPFederation/$(Get-Version)"
    New-Module -Folder $folder -For (Get-SystemName) -Library (Join-Path $target "test-ops/debug/$(Get-LibraryName)")
    $env:PPFEDERATION_TEST_OPS_MODULE = Join-Path $folder 'PPFederation.psd1'
}

function Copy-Dependency {
    # What the tests are built on, into another target folder that has nothing yet: compiling it there would take as long again.
    param([string]$To)

    if (Test-Path -LiteralPath $To) {
        return
    }
    $deps = New-Item -ItemType Directory -Path (Join-Path $To 'debug/deps') -Force
    foreach ($name in 'build', '.fingerprint') {
        Copy-Item -LiteralPath (Join-Path $target "debug/$name") -Destination (Join-Path $To 'debug') -Recurse
    }
    Get-ChildItem -LiteralPath (Join-Path $target 'debug/deps') -File |
        Where-Object { $_.Extension -in '.rlib', '.rmeta', '.d', '.so', '.dll', '.dylib' -and $_.Name -notlike '*ppfederation*' } |
        Copy-Item -Destination $deps.FullName
}

function Invoke-MemoryCheck {
    # The rules of the ABI once more under valgrind, where that is installed: no byte is read or written that isn't the
    # library's to use, and none is lost. Without abi_growth, which asks the system what the process holds: that is valgrind's.
    if (-not (Get-Command -Name valgrind -CommandType Application -ErrorAction SilentlyContinue)) {
        Write-Host '== valgrind is not installed: the ABI tests are not run under it'
        return
    }
    # In single quotes: Windows PowerShell would lose double ones.
    $runner = "target.'cfg(unix)'.runner=['valgrind','-q','--leak-check=full','--show-leak-kinds=definite','--errors-for-leak-kinds=definite','--error-exitcode=1']"
    $tests = 'abi_misuse', 'abi_jobs', 'abi_limits', 'abi_workers' | ForEach-Object { '--test', $_ }
    Invoke-Check cargo (@('test', '--config', $runner, '--locked', '--workspace', '--features', 'ppfederation/test-ops') + $tests)
}

function Get-TestScriptArgument {
    # How the *.Tests.ps1 of a folder are run, in a process of their own: a process can load one copy of the bridge only.
    param([string]$Folder)

    (Get-ScriptArgument 'tests/run.ps1') + (Get-RepositoryPath $Folder)
}

function Initialize-Pester {
    # Fetches the Pester that the tests run in, where it isn't there already, and tells them where it is.
    $project = Get-RepositoryPath 'tests/Pester.csproj'
    $packages = Join-Path $target 'packages'
    Invoke-Tool dotnet @('restore', $project, '--packages', $packages, '-v:quiet')
    # Another version may lie there from before.
    $version = ([xml][System.IO.File]::ReadAllText($project)).Project.ItemGroup.PackageDownload.Version.Trim('[', ']')
    $env:PPFEDERATION_PESTER = Join-Path $packages "pester/$version/tools/Pester.psd1"
}

function Initialize-NodePackage {
    # Fetches a package from npm into a folder of its own, where it isn't there already. Returns that folder; nothing where there is no npm.
    param([string]$Name, [string]$Version)

    $folder = Join-Path $target $Name
    $there = Join-Path $folder "node_modules/$Name/package.json"
    $npm = Get-Command -Name npm -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($npm -and -not (Test-Path -LiteralPath $there)) {
        New-Item -ItemType Directory -Path $folder -Force | Out-Null
        & $npm.Source install --prefix $folder --no-audit --no-fund --no-save "$Name@$Version" | ForEach-Object { Write-Host $_ }
    }
    if (Test-Path -LiteralPath $there) {
        $folder
    }
}

function Initialize-Azurite {
    # The tests of a ledger in Azure Blob Storage talk to Azurite. A run without it says so.
    if ($folder = Initialize-NodePackage -Name 'azurite' -Version '3.37.0') {
        $env:PPFEDERATION_AZURITE = $folder
        Write-Host "== the ledger in Azure Blob Storage is tested against Azurite in $folder"
    }
    else {
        Write-Host '== Azurite is not at hand (npm install azurite): the ledger in Azure Blob Storage is not tested'
    }
}

function Initialize-Yaml {
    # The tests of deploy/ read YAML with a parser of npm, since neither PowerShell nor the crates have one. A run without it says so.
    if ($folder = Initialize-NodePackage -Name 'yaml' -Version '2.9.1') {
        $env:PPFEDERATION_YAML = $folder
        Write-Host "== the YAML files are read by the parser in $folder"
    }
    else {
        Write-Host '== no YAML parser is at hand (npm install yaml): the YAML files are looked at as texts alone'
    }
}

function Initialize-DeployTool {
    # What deploy/ and the workflows are checked with: Bicep and Kubernetes' client from NuGet, the schema of workflows from npm. A run
    # without them says so.
    $packages = Join-Path $target 'packages'
    & dotnet restore (Get-RepositoryPath 'tests/deploy/Tools.csproj') --packages $packages -v:quiet | ForEach-Object { Write-Host $_ }
    if ($LASTEXITCODE -eq 0) {
        $env:PPFEDERATION_DEPLOY_TOOLS = $packages
    }
    else {
        Write-Host '== Bicep and Kubernetes'' client are not at hand (tests/deploy/Tools.csproj): deploy/ is not checked with them'
    }
    if ($folder = Initialize-NodePackage -Name '@action-validator/cli' -Version '0.6.0') {
        $env:PPFEDERATION_ACTION_VALIDATOR = $folder
    }
    else {
        Write-Host '== The schema of workflows is not at hand (npm install @action-validator/cli): they are not checked with it'
    }
}

function Invoke-Check {
    # Runs one part of Test and counts the tests that it reports; a part that reports none is one test itself.
    param([string]$Tool, [string[]]$Argument)

    Write-Host "== $Tool $Argument"
    $count = @{ passed = 0; failed = 0 }
    $since = Get-Date
    & $Tool @Argument | ForEach-Object { Read-CheckLine -Line $_ -Count $count }
    $exit = $LASTEXITCODE
    Add-Check -Part "$Tool $Argument" -Since $since -ExitCode $exit -Count $count
}

function Start-Check {
    # Starts a part of Test beside what follows, in a process of its own, with a log.
    param([string]$Name, [string]$Tool, [string[]]$Argument)

    $log = Join-Path $target "test-$Name.log"
    $words = (@($Tool) + $Argument | ForEach-Object { "'$_'" }) -join ' '
    $shell = @(Get-ShellArgument) + @('-Command', "& $words *> '$log'; exit `$LASTEXITCODE")
    @{ Name = $Name; Log = $log; Since = Get-Date; Process = Start-Tool (Get-ShellProgram) $shell }
}

function Receive-Check {
    # Waits for it, shows what it said, and counts what it counted.
    param([hashtable]$Check)

    $Check.Process.WaitForExit()
    $exit = $Check.Process.ExitCode
    $count = @{ passed = 0; failed = 0 }
    foreach ($line in [System.IO.File]::ReadAllLines($Check.Log)) {
        Read-CheckLine -Line $line -Count $count -Name "$($Check.Name): "
    }
    Add-Check -Part "beside the others: $($Check.Name)" -Since $Check.Since -ExitCode $exit -Count $count
}

function Stop-Check {
    # Ends it, with what it has started, where the rest has ended before.
    param([hashtable]$Check)

    if (-not $Check -or $Check.Process.HasExited) {
        return
    }
    Write-Host "== $($Check.Name) was ended in the middle; what it had said is in $($Check.Log)"
    # The runtime of Windows PowerShell ends no tree of processes.
    $tree = $Check.Process.GetType().GetMethod('Kill', [type[]]@([bool]))
    if ($tree) {
        [void]$tree.Invoke($Check.Process, @($true))
    }
    else {
        & taskkill /PID $Check.Process.Id /T /F | Out-Null
    }
}

function Read-CheckLine {
    # Shows a line of a part of Test, counts the tests that it reports, and remembers what failed.
    param([string]$Line, [hashtable]$Count, [string]$Name = '')

    Write-Host "$Name$Line"
    Add-Failure -Line $Line
    if ($Line -match '^(?:test result: \w+\.|tests:) (\d+) passed[;,] (\d+) failed') {
        $Count.passed += [int]$Matches[1]
        $Count.failed += [int]$Matches[2]
    }
}

function Add-Check {
    # Counts a part of Test that has ended.
    param([string]$Part, [datetime]$Since, [int]$ExitCode, [hashtable]$Count)

    Add-Duration -Part $Part -Since $Since
    if ($ExitCode -ne 0 -and $Count.failed -eq 0) {
        $Count.failed = 1
        $last = "FAILED with exit code $ExitCode`: $Part"
        Write-Host $last
        Add-Failure -Line $last
    }
    elseif ($Count.passed + $Count.failed -eq 0) {
        $Count.passed = 1
    }
    $script:passed += $Count.passed
    $script:failed += $Count.failed
    # What comes next is another part's.
    $script:failureLines = 0
}

function Invoke-Tool {
    # Shows and runs a program, and stops the task where it fails.
    param([string]$Tool, [string[]]$Argument)

    Write-Host "== $Tool $Argument"
    $since = Get-Date
    & $Tool @Argument
    if ($LASTEXITCODE -ne 0) {
        throw "$Tool failed with exit code $LASTEXITCODE."
    }
    Add-Duration -Part "$Tool $Argument" -Since $since
}

function Start-Tool {
    # Starts a program beside what follows. Not with Start-Process's own redirection: on Linux a line of a program that it has left
    # behind then ends this process.
    param([string]$Tool, [string[]]$Argument)

    Write-Host "== beside what follows: $Tool $Argument"
    $quoted = $Argument | ForEach-Object { "`"$_`"" }
    $process = Start-Process -FilePath $Tool -ArgumentList $quoted -NoNewWindow -PassThru
    # Without that the exit code isn't to be had.
    $null = $process.Handle
    $process
}

function Add-Failure {
    # Remembers a line that begins to tell of a failed test, in cargo's form or in Pester's, and the ten after it at most.
    param([string]$Line)

    # Pester colours its lines.
    $Line = $Line -replace "$([char]27)\[[0-9;]*m"
    if ($Line -match '^\s*\[-\] |^---- .+ ----$|^FAILED') {
        $script:failureLines = 11
    }
    elseif ($Line -match '^\s*\[\+\] |^\s*(Describing|Context) |^failures:$|^(test result|tests):') {
        $script:failureLines = 0
    }
    if ($script:failureLines -gt 0) {
        $script:failures += $Line
        $script:failureLines--
    }
}

function Add-Duration {
    # Remembers how long a part took.
    param([string]$Part, [datetime]$Since)

    $script:durations += [pscustomobject]@{ Seconds = [int]((Get-Date) - $Since).TotalSeconds; Part = $Part }
}

function Write-Duration {
    # What took ten seconds and longer, as it came.
    foreach ($each in $script:durations | Where-Object { $_.Seconds -ge 10 }) {
        $part = $each.Part.Replace("$root/", '')
        Write-Host ('== {0,5} s {1}' -f $each.Seconds, $part.Substring(0, [Math]::Min(110, $part.Length)))
    }
}

# ---- Facts

function Get-RepositoryPath {
    param([string]$Relative)

    [System.IO.Path]::GetFullPath((Join-Path $root $Relative))
}

function Get-Version {
    $text = [System.IO.File]::ReadAllText((Get-RepositoryPath 'Cargo.toml'))
    if ($text -notmatch '(?m)^version = "([^"]+)"') {
        throw 'Cargo.toml names no version.'
    }
    $Matches[1]
}

function Get-ModuleFolder {
    Join-Path $target "module/PPFederation/$(Get-Version)"
}

function Get-ProgramExtension {
    if ((Get-SystemName) -like 'win-*') { '.exe' } else { '' }
}

function Get-ScriptArgument {
    # The arguments with which every shell runs a script of this repository.
    param([string]$Relative)

    @(Get-ShellArgument) + '-ExecutionPolicy' + 'Bypass' + '-File' + (Get-RepositoryPath $Relative)
}

function Remove-Folder {
    param([string]$Path)

    if (Test-Path -LiteralPath $Path) {
        Remove-Item -LiteralPath $Path -Recurse -Force
    }
}

# ---- Start

. (Join-Path $root 'tests/shell.ps1')
foreach ($part in 'Bench', 'Cargo', 'Module', 'Package', 'Shell', 'WindowsPowerShell', 'Windows') {
    . (Join-Path $root "PowerShell/Build/$part.ps1")
}
if (-not $Task) {
    foreach ($name in $tasks.Keys) {
        '{0,-8} {1}' -f $name, $tasks[$name]
    }
    return
}
Push-Location -LiteralPath $root
try {
    $env:CARGO_TARGET_DIR = $target
    # As one argument of a command line a list is one string.
    $Platform = if ($Platform) { @($Platform -split ',') } else { @(Get-SystemName) }
    Use-OfflineCargo
    & "Invoke-${Task}Task"
}
catch {
    Write-Host "build.ps1 $Task failed: $_"
    exit 1
}
finally {
    Pop-Location
}
