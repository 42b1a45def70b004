# The tests of win-x64 on another system; build.ps1 dot-sources this. Windows programs run under Wine.

function Invoke-WineTest {
    # The Rust tests, then the Pester files in the official pwsh.exe: the Windows library of the package, the Windows twin.
    Invoke-ForPlatform 'win-x64' {
        # A runtime that maps executable memory twice, for W^X, crashes under Wine 8.
        $env:DOTNET_EnableWriteXorExecute = '0'
        # Not the samples of the matrices nor 64 tenants at once: they cost a minute each, and what they show of the
        # runbook is the same on every system. Nor the length of the chain of requests: a busy machine under Wine made one
        # read-back more in one run of two, for a reason not found yet. Nor the crates that only build and
        # fuzz: they are no part of what runs on Windows.
        $skipped = 'any_single_fault_ends_as_', 'a_receiver_that_stops_', 'sixty_four_tenants_at_once', 'the_chain_of_requests_is_' | ForEach-Object { '--skip', $_ }
        $packages = '-p', 'ppfederation', '-p', 'pp-*', '-p', 'tenant-twin'
        # The tests of this system may have run before, and have named theirs.
        $env:PPFEDERATION_PACKAGED_LIBRARY = Get-WinePath (Get-ModuleLibrary -Folder (Get-ModuleFolder) -Platform 'win-x64')
        Invoke-Check cargo (@('test', '--locked', '--no-fail-fast') + $packages + @('--') + $skipped)
        Initialize-WineRun
        $without = Get-WineGap
        foreach ($name in $without.Keys) {
            Write-Host "== not under Wine: $name, $($without[$name])"
        }
        Invoke-Check 'wine-pwsh' @(
            '-NoProfile', '-File', (Get-WinePath (Get-RepositoryPath 'tests/run.ps1')), (Get-WinePath (Get-RepositoryPath 'Pester')),
            '-Without', ($without.Keys -join ','))
    }
}

function Get-WineGap {
    # The Pester files that can't run under Wine 8, and for want of what.
    [ordered]@{
        'SealedFile.Tests.ps1'        = 'where .NET makes no RSA key, and so no certificate to open a sealed file with'
        'CertificateObject.Tests.ps1' = 'where .NET imports no RSA key, and so no certificate to sign in with'
    }
}

function Initialize-WineRun {
    # Where the tests find Pester, module and twin, as Windows names it.
    Initialize-Pester
    $env:PPFEDERATION_PESTER = Get-WinePath $env:PPFEDERATION_PESTER
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
