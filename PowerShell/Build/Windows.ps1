# The tests of win-x64 on another system; build.ps1 dot-sources this. Windows programs run under Wine.

function Invoke-WineTest {
    # The Rust tests, then the Pester files in the official pwsh.exe, with the Windows twin and the Windows library of the package; where that
    # has none, the one that is built for the tests.
    Invoke-ForPlatform 'win-x64' {
        # A runtime that maps executable memory twice, for W^X, crashes under Wine 8.
        $env:DOTNET_EnableWriteXorExecute = '0'
        # Azurite is a program of this system, which Wine doesn't start.
        $env:PPFEDERATION_AZURITE = 'none'
        # What touches the system: files, locks, network, processes. Of the rest -Full runs the tests too; they show of the C ABI, the
        # runbook and the attributes what they show on every system, and the Pester files go through all of them.
        $packages = 'base', 'http', 'ledger', 'sign_in', 'sink'
        $tests = @('--lib') + (Get-TestTarget -Package $packages)
        $names = $packages | ForEach-Object { "pp-$($_ -replace '_', '-')" }
        if ($Full) {
            $tests = '--lib', '--bins', '--tests'
            $names = 'pp-*', 'tenant-twin'
        }
        # The same features for building as for testing: else all that is built on these is compiled twice.
        $names = @('--locked', '--features', 'tenant-twin/default') + (@('ppfederation') + $names | ForEach-Object { '-p', $_ })
        # Not the samples of the matrices, nor 64 tenants at once, nor a fleet that is killed: they cost a minute each. Nor the length of
        # the chain of requests: a busy machine under Wine made one read-back more in one run of two, for a reason not found yet. Nor
        # the crates that only build and fuzz: they are no part of what runs on Windows.
        $skipped = 'any_single_fault_ends_as_', 'a_fleet_that_is_killed_', 'a_receiver_that_stops_', 'sixty_four_tenants_at_once', 'the_chain_of_requests_is_' | ForEach-Object { '--skip', $_ }
        $packaged = Get-ModuleLibrary -Folder (Get-PackageModule) -Platform 'win-x64'
        if (Test-Path -LiteralPath $packaged) {
            $env:PPFEDERATION_PACKAGED_LIBRARY = Get-WinePath $packaged
        }
        Invoke-Tool cargo (@('build', '-p', 'tenant-twin', '--bin', 'tenant-twin') + $names + $tests)
        Invoke-Check cargo (@('test', '--no-fail-fast') + $names + $tests + @('--') + $skipped)
        Remove-Item -LiteralPath Env:PPFEDERATION_AZURITE
        Initialize-WineRun -Packaged $packaged
        $gap = Get-WineGap
        foreach ($name in $gap.Keys) {
            Write-Host "== not under Wine: $name, $($gap[$name])"
        }
        $without = @($gap.Keys)
        if (-not (Test-Path -LiteralPath $packaged)) {
            Write-Host '== not under Wine: Package.Tests.ps1, and all else with the library of the tests, since the package has none for win-x64'
            $without += 'Package.Tests.ps1'
        }
        if (-not $Full) {
            $same = Get-SameEverywhere
            Write-Host "== under Wine with -Full alone, as they show the same on every system: $($same -join ', ')"
            $without += $same
        }
        Invoke-Check 'wine-pwsh' @(
            '-NoProfile', '-File', (Get-WinePath (Get-RepositoryPath 'tests/run.ps1')), (Get-WinePath (Get-RepositoryPath 'Pester')),
            '-Without', ($without -join ','))
    }
}

function Get-TestTarget {
    # The options of cargo that name the integration tests of some packages.
    param([string[]]$Package)

    foreach ($name in $Package) {
        $folder = Get-RepositoryPath "rust-core/$name/tests"
        if (Test-Path -LiteralPath $folder) {
            Get-ChildItem -LiteralPath $folder |
                Where-Object { $_.Extension -eq '.rs' -or (Test-Path -LiteralPath (Join-Path $_.FullName 'main.rs')) } |
                ForEach-Object { '--test', $_.BaseName }
        }
    }
}

function Start-WineTest {
    # The tests under Wine beside what follows, with the package that is there.
    $test = (Get-ScriptArgument 'build.ps1') + 'Test' + '-Platform' + 'win-x64' + '-NoPackage'
    if ($Full) {
        $test += '-Full'
    }
    Start-Check -Name 'win-x64' -Tool (Get-ShellProgram) -Argument $test
}

function Get-WineGap {
    # The Pester files that can't run under Wine 8, and for want of what.
    [ordered]@{
        'SealedFile.Tests.ps1'        = 'where .NET makes no RSA key, and so no certificate to open a sealed file with'
        'Docs.Tests.ps1'              = 'where a process of PowerShell for each page takes minutes'
        'Runbooks.Tests.ps1'          = 'where there is no /proc that says what a process has taken'
        'Yaml.Tests.ps1'              = 'whose parser is a program of this system'
        'DeployTools.Tests.ps1'       = 'whose compiler is a program of this system'
        'CertificateObject.Tests.ps1' = 'where .NET imports no RSA key, and so no certificate to sign in with'
    }
}

function Get-SameEverywhere {
    # The Pester files whose matter isn't the system's: words, rows and requests. What touches it, as files, processes, consoles, certificates,
    # clocks and cultures, others have.
    'BadInput', 'Compare', 'Completion', 'DeletedApp', 'Deploy', 'DirSync', 'ErrorTexts', 'FederationApp', 'Help', 'ManyConnections', 'OneTenant',
    'ProvisioningScript', 'Quality', 'Removal', 'Rows', 'Said', 'SignInClient', 'SignInNames', 'Status', 'WhatIf', 'WhichApplication' |
        ForEach-Object { "$_.Tests.ps1" }
}

function Initialize-WineRun {
    # Where the tests find Pester, module and twin, as Windows names it.
    param([string]$Packaged)

    $env:PPFEDERATION_PESTER = Get-WinePath $env:PPFEDERATION_PESTER
    $built = Join-Path $target "win-x64/$(Get-Triple -Platform 'win-x64')/debug"
    $folder = Join-Path $target 'win-x64/test'
    if (Test-Path -LiteralPath $Packaged) {
        $module = Copy-PackageForTest -Folder $folder
    }
    else {
        $module = Join-Path $folder "PPFederation/$(Get-Version)"
        New-Module -Folder $module -For 'win-x64' -Library (Join-Path $built (Get-LibraryName -Platform 'win-x64'))
    }
    $env:PPFEDERATION_PACKAGE = Get-WinePath (Get-PackageFolder)
    $env:PPFEDERATION_MODULE = Get-WinePath (Join-Path $module 'PPFederation.psd1')
    $env:PPFEDERATION_TWIN = Get-WinePath (Join-Path $built 'tenant-twin.exe')
}

function Get-WinePath {
    # A path as Wine shows it to Windows programs: Z: is the root folder.
    param([string]$Path)

    'Z:' + $Path.Replace('/', '\')
}
