# The figures of build.ps1 Bench, which dot-sources this. Uses its $target.

function Invoke-BenchTask {
    Invoke-PackageTask
    Initialize-TestRun
    Invoke-Tool (Get-BenchShell) (Get-ScriptArgument 'tests/bench.ps1')
    # 64 jobs on 64 tenants in one process, for a minute or as long as the caller has set.
    if (-not $env:PPFEDERATION_BENCH_SECONDS) {
        $env:PPFEDERATION_BENCH_SECONDS = '60'
    }
    Invoke-ForPlatform (Get-SystemName) {
        Invoke-Tool cargo @('test', '--release', '--locked', '-p', 'ppfederation', '--test', 'many_tenants', '--', '--nocapture')
    }
}

function Get-BenchShell {
    # pwsh ships an engine that is compiled ahead of time (ReadyToRun), tests/host compiles it as it runs. So that figures are near
    # those of pwsh, they are taken in a tests/host that is compiled too, where NuGet has the compiler for it; the name of a
    # figure for which that matters says what it was taken in.
    $shell = Get-Shell
    $env:PPFEDERATION_BENCH_SHELL = [System.IO.Path]::GetFileNameWithoutExtension($shell)
    if ($env:PPFEDERATION_BENCH_SHELL -ne 'host') {
        return $shell
    }
    $folder = Join-Path $target 'compiled-host'
    $arguments = '--nologo', '-v:quiet', '-c', 'Release', '-p:PublishReadyToRun=true', '-o', $folder
    & dotnet publish (Get-RepositoryPath 'tests/host') @arguments | ForEach-Object { Write-Host $_ }
    if ($LASTEXITCODE -ne 0) {
        Write-Host "== tests/host can't be compiled ahead of time here: it compiles the engine as it runs"
        $env:PPFEDERATION_BENCH_SHELL = 'tests/host compiled as it runs'
        return $shell
    }
    $env:PPFEDERATION_BENCH_SHELL = 'tests/host compiled ahead'
    Join-Path $folder "host$(Get-ProgramExtension)"
}
