# The tests of win-x64 on another system; build.ps1 dot-sources this. Windows programs run under Wine.

function Invoke-WineTest {
    # The Rust tests, then the Pester files in the Windows engine: the Windows library of the package, the Windows twin.
    Invoke-ForPlatform 'win-x64' {
        # A runtime that maps executable memory twice, for W^X, crashes under Wine 8.
        $env:DOTNET_EnableWriteXorExecute = '0'
        # Not the sample of the matrix of faults nor 64 tenants at once: they cost a minute each, and what they show of the
        # runbook is the same on every system. Nor the length of the chain of requests: a busy machine under Wine made one
        # read-back more in one run of two, for a reason not found yet. Nor the crates that only build and
        # fuzz: they are no part of what runs on Windows.
        $skipped = 'any_single_fault_ends_as_', 'sixty_four_tenants_at_once', 'the_chain_of_requests_is_' | ForEach-Object { '--skip', $_ }
        $packages = '-p', 'ppfederation', '-p', 'pp-*', '-p', 'tenant-twin'
        # The tests of this system may have run before, and have named theirs.
        $env:PPFEDERATION_PACKAGED_LIBRARY = Get-WinePath (Get-ModuleLibrary -Folder (Get-ModuleFolder) -Platform 'win-x64')
        Invoke-Check cargo (@('test', '--locked', '--no-fail-fast') + $packages + @('--') + $skipped)
        Initialize-WineRun
        $wine = (Get-Command -Name wine -CommandType Application | Select-Object -First 1).Source
        # Ctrl+C and a console's width are in Console.Tests.ps1: Ctrl+C reaches the console of a process of its own, as on
        # Windows; the width is what tests/host is told by COLUMNS, since a test reads output that is redirected.
        # .NET can't make or import an RSA key under Wine 8: no certificate to seal a secret for, none to sign in with as an object.
        $without = 'SealedFile.Tests.ps1,CertificateObject.Tests.ps1'
        $files = '-Without', $without
        Write-Host "== under Wine: without $without, tests/host and tests/abi"
        $run = '-NoProfile', '-File', (Get-WinePath (Get-RepositoryPath 'tests/run.ps1')), (Get-WinePath (Get-RepositoryPath 'Pester'))
        Invoke-Check $wine (@(Join-Path $target 'win-x64/host/host.exe') + $run + $files)
    }
}

function Initialize-WineRun {
    # The engine for Windows, and where the tests find module and twin, as Windows names it.
    Invoke-Tool dotnet @(
        'publish', (Get-RepositoryPath 'tests/host'), '--nologo', '-v:quiet', '-c', 'Release',
        '-r', 'win-x64', '--self-contained', 'true', '-o', (Join-Path $target 'win-x64/host'))
    $module = Copy-PackageForTest -Folder (Join-Path $target 'win-x64/test')
    $env:PPFEDERATION_PACKAGE = Get-WinePath (Get-PackageFolder)
    $env:PPFEDERATION_MODULE = Get-WinePath (Join-Path $module 'PPFederation.psd1')
    # The one that the Rust tests have built.
    $env:PPFEDERATION_TWIN = Get-WinePath (Join-Path $target "win-x64/$(Get-Triple -Platform 'win-x64')/debug/tenant-twin.exe")
}

function Get-WinePath {
    # A path as Wine shows it to Windows programs: Z: is the root folder.
    param([string]$Path)

    'Z:' + $Path.Replace('/', '\')
}
