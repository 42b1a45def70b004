# The figures of build.ps1 Bench, which dot-sources this. Uses its $target.

function Invoke-BenchTask {
    Invoke-PackageTask
    Initialize-TestRun
    Invoke-Tool (Get-ShellProgram) (Get-ScriptArgument 'tests/bench.ps1')
    # Large tenants, each in a process of its own.
    if (-not $env:PPFEDERATION_BENCH_USERS) {
        $env:PPFEDERATION_BENCH_USERS = '100000,1000000'
    }
    # 64 jobs on 64 tenants in one process, for a minute or as long as the caller has set.
    if (-not $env:PPFEDERATION_BENCH_SECONDS) {
        $env:PPFEDERATION_BENCH_SECONDS = '60'
    }
    Invoke-ForPlatform (Get-SystemName) {
        Invoke-Tool cargo @('test', '--release', '--locked', '-p', 'ppfederation', '--test', 'comparing', '--', '--nocapture', 'figures')
        Invoke-Tool cargo @('test', '--release', '--locked', '-p', 'ppfederation', '--test', 'many_tenants', '--', '--nocapture')
    }
}
