# The figures of build.ps1 Bench, which dot-sources this. Uses its $target.

function Invoke-BenchTask {
    Initialize-Shell
    Invoke-PackageTask
    Initialize-TestRun
    Invoke-ForPlatform (Get-SystemName) { Invoke-Tool cargo @('build', '--release', '--locked', '-p', 'tenant-twin') }
    $env:PPFEDERATION_TWIN = Join-Path (Get-ReleaseFolder) "tenant-twin$(Get-ProgramExtension)"
    Invoke-Tool (Get-ShellProgram) (Get-ScriptArgument 'tests/bench.ps1')
    Show-ScriptShare
    if (-not $env:PPFEDERATION_BENCH_TENANTS) {
        $env:PPFEDERATION_BENCH_TENANTS = '500'
    }
    Invoke-Tool (Get-ShellProgram) (Get-ScriptArgument 'tests/bench/fleet.ps1')
    # Large tenants, each in a process of its own.
    if (-not $env:PPFEDERATION_BENCH_USERS) {
        $env:PPFEDERATION_BENCH_USERS = '100000,1000000'
    }
    Initialize-Beside
    # 64 jobs on 64 tenants in one process, for a minute or as long as the caller has set.
    if (-not $env:PPFEDERATION_BENCH_SECONDS) {
        $env:PPFEDERATION_BENCH_SECONDS = '60'
    }
    Invoke-ForPlatform (Get-SystemName) {
        Invoke-Tool cargo @('test', '--release', '--locked', '-p', 'ppfederation', '--test', 'comparing', '--', '--nocapture', 'figures')
        Invoke-Tool cargo @('test', '--release', '--locked', '-p', 'ppfederation', '--test', 'many_tenants', '--', '--nocapture')
    }
}

function Show-ScriptShare {
    # What the interpreter of provisioning scripts takes of the library, by the symbols of one that isn't stripped.
    Invoke-ForPlatform (Get-SystemName) { Invoke-Tool cargo (@(Get-LibraryBuild) + @('--', '-Cstrip=none')) }
    Invoke-Tool (Get-OwnProgram 'package') @('scripts', (Get-LibraryPath))
}

function Initialize-Beside {
    # Names the programs that a comparison of attributes is measured beside: one with Microsoft's SDK, where NuGet has it, and a script.
    $folder = Join-Path $target 'bench'
    & dotnet build (Get-RepositoryPath 'tests/bench') --nologo -v:quiet -c Release -o $folder | Out-Host
    if ($LASTEXITCODE -eq 0) {
        $env:PPFEDERATION_BENCH_SDK = ConvertTo-Json -Compress -InputObject @('dotnet', (Join-Path $folder 'Sdk.dll'))
    }
    else {
        Write-Warning "A program with Microsoft's SDK could not be built, so nothing is measured beside it."
    }
    $script = @(Get-ShellProgram) + (Get-ScriptArgument 'tests/bench/rest.ps1')
    $env:PPFEDERATION_BENCH_REST = ConvertTo-Json -Compress -InputObject $script
}
