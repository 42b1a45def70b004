# The figures of build.ps1 Bench, which dot-sources this. Uses its $target.

function Invoke-BenchTask {
    Invoke-PackageTask
    Initialize-TestRun
    Invoke-Tool (Get-ShellProgram) (Get-ScriptArgument 'tests/bench.ps1')
    Measure-Library
    # 64 jobs on 64 tenants in one process, for a minute or as long as the caller has set.
    if (-not $env:PPFEDERATION_BENCH_SECONDS) {
        $env:PPFEDERATION_BENCH_SECONDS = '60'
    }
    Invoke-ForPlatform (Get-SystemName) {
        Invoke-Tool cargo @('test', '--release', '--locked', '-p', 'ppfederation', '--test', 'many_tenants', '--', '--nocapture')
    }
}

function Measure-Library {
    # Which crates the bytes of the library go to. Only symbols tell, so it is built once more as it ships but not stripped, in
    # a target folder of its own. How long a symbol is, only a library for Linux says.
    if ((Get-SystemName) -notlike 'linux-*') {
        return
    }
    Invoke-ForPlatform (Get-SystemName) {
        $env:CARGO_TARGET_DIR = Join-Path $target 'unstripped'
        Invoke-LibraryBuild '--config', 'profile.release.strip=false'
    }
    $library = Join-Path $target "unstripped/$(Get-Triple -Platform (Get-SystemName))/release/$(Get-LibraryName)"
    Invoke-Tool cargo @('run', '--locked', '-p', 'package', '--', 'sizes', $library)
}
