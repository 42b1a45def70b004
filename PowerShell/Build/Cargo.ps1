# Cargo for build.ps1, which dot-sources this: without crates.io, and for other platforms. Uses its $root and $target.

function Invoke-ForPlatform {
    # Runs a script block in which cargo builds, tests and lints for a platform, in a target folder of its own: cargo would
    # build everything anew where another compiler or other flags take turns. Every release build is made here.
    param([string]$Platform, [scriptblock]$Script)

    $settings = Get-PlatformSetting -Platform $Platform
    $before = @{}
    foreach ($name in $settings.Keys) {
        $before[$name] = [System.Environment]::GetEnvironmentVariable($name)
        [System.Environment]::SetEnvironmentVariable($name, $settings[$name])
    }
    try {
        & $Script
    }
    finally {
        foreach ($name in $before.Keys) {
            # PowerShell would hand over an empty text for $null, and .NET keep it.
            $value = if ($null -eq $before[$name]) { [System.Management.Automation.Language.NullString]::Value } else { $before[$name] }
            [System.Environment]::SetEnvironmentVariable($name, $value)
        }
    }
}

function Invoke-AllLibraryBuild {
    # Builds the native library for each platform, all at once: link-time optimization works with one processor.
    $builds = foreach ($each in $Platform) {
        Invoke-ForPlatform $each { Start-Tool cargo (Get-LibraryBuild) }
    }
    $failed = foreach ($build in $builds) {
        $build.WaitForExit()
        if ($build.ExitCode -ne 0) { $build.ExitCode }
    }
    if ($failed) {
        throw "cargo failed with exit code $($failed -join ', ')."
    }
}

function Get-LibraryBuild {
    # How cargo builds the native library, inside Invoke-ForPlatform: as it ships, or by another profile of Cargo.toml. Of its crate
    # types only this one: with the rlib beside it, which tests link with, cargo leaves link-time optimization out.
    param([string]$CargoProfile = 'release')

    'rustc', '--profile', $CargoProfile, '--locked', '-p', 'ppfederation', '--lib', '--crate-type', 'cdylib'
}

function Get-OwnProgram {
    # The path of a program of the workspace, built where the tests are and with the same features, so that what it is built on is
    # there for them too.
    param([string]$Name)

    Invoke-Tool cargo @('build', '--locked', '--workspace', '--bin', $Name) | Out-Host
    Join-Path $target "debug/$Name$(Get-ProgramExtension)"
}

function Get-PlatformSetting {
    # The environment in which cargo builds for a platform.
    param([string]$Platform)

    $triple = Get-Triple -Platform $Platform
    $settings = @{}
    if ($triple -like '*-windows-gnu') {
        $settings = Get-WindowsTarget
    }
    $settings.CARGO_BUILD_TARGET = $triple
    $settings.CARGO_TARGET_DIR = Join-Path $target $Platform
    # Flags in this form may hold spaces.
    $settings.CARGO_ENCODED_RUSTFLAGS = (Get-RustFlag -Triple $triple) -join [char]0x1f
    $settings
}

function Get-RustFlag {
    # What makes a library the same from every folder, and independent of what isn't part of the system.
    param([string]$Triple)

    $cargo = $env:CARGO_HOME
    if (-not $cargo) {
        $cargo = Join-Path ([System.Environment]::GetFolderPath('UserProfile')) '.cargo'
    }
    # Where crates lie: cargo names the folder of crates.io the same everywhere; a local copy (see Use-OfflineCargo) lies
    # beside its CARGO_HOME.
    "--remap-path-prefix=$(Join-Path $cargo 'registry/src/index.crates.io-1949cf8c6b5b557f')=/crates.io"
    "--remap-path-prefix=$(Join-Path (Split-Path -Parent $cargo) 'crates')=/crates.io"
    "--remap-path-prefix=$root=/ppfederation"
    switch -Wildcard ($Triple) {
        '*-windows-gnu' { '-Clink-arg=-Wl,--no-insert-timestamp' }
        # Without crt-static the library would need the Visual C++ runtime, which isn't part of Windows.
        '*-windows-msvc' { '-Clink-arg=/Brepro', '-Ctarget-feature=+crt-static' }
    }
}

function Get-WindowsTarget {
    # Where this machine has no Rust for Windows and a shared/windows-target lies beside the clone, the environment that
    # it prints: a toolchain, a linker and Wine to run tests under. Otherwise nothing: cargo uses what is installed.
    $script = Join-Path (Split-Path -Parent $root) 'shared/windows-target'
    $settings = @{}
    if ((Test-Path -LiteralPath $script) -and -not (Test-RustTarget -Triple 'x86_64-pc-windows-gnu')) {
        Write-Host "== for Windows: using $script"
        $lines = & bash -c 'set -e; settings=$("$0"); eval "$settings"; env' $script
        if ($LASTEXITCODE -ne 0) {
            throw "$script failed."
        }
        foreach ($line in $lines) {
            if ($line -match '^(PATH|RUSTC|RUSTDOC|CARGO_TARGET_X86_64_PC_WINDOWS_GNU_\w+)=(.*)$') {
                $settings[$Matches[1]] = $Matches[2]
            }
        }
    }
    $settings
}

function Test-RustTarget {
    # Whether the Rust of this machine has the standard library of a target.
    param([string]$Triple)

    Test-Path -LiteralPath (& rustc --print target-libdir --target $Triple)
}

function Use-OfflineCargo {
    # Building without crates.io: shared/offline-cargo beside the clone prints the CARGO_HOME to use.
    $offline = Join-Path (Split-Path -Parent $root) 'shared/offline-cargo'
    if (-not (Test-Path -LiteralPath $offline) -or (Test-CratesIo)) {
        return
    }
    Write-Host "== crates.io cannot be reached: using $offline"
    $line = @(& sh $offline) -match '^export CARGO_HOME='
    if ($LASTEXITCODE -ne 0 -or -not $line) {
        throw "$offline failed."
    }
    $env:CARGO_HOME = $line[0].Substring('export CARGO_HOME='.Length).Trim("'")
}

function Test-CratesIo {
    # Whether cargo has the crates of Cargo.lock, or can fetch them from here. Its complaints are not this build's.
    $ErrorActionPreference = 'Continue'
    $env:CARGO_NET_RETRY = '0'
    & cargo fetch --locked --quiet 2>$null
    $env:CARGO_NET_RETRY = $null
    $LASTEXITCODE -eq 0
}

# ---- Facts

function Get-SystemName {
    # The platform of this process, and the name of the folder that PowerShell 7 looks for a native library in: linux-x64.
    $info = [System.Runtime.InteropServices.RuntimeInformation]
    $system = 'linux'
    foreach ($pair in @('Windows', 'win'), @('OSX', 'osx')) {
        if ($info::IsOSPlatform([System.Runtime.InteropServices.OSPlatform]::Create($pair[0]))) {
            $system = $pair[1]
        }
    }
    "$system-$($info::ProcessArchitecture.ToString().ToLowerInvariant())"
}

function Get-Triple {
    # What Rust calls a platform. Windows is built for with mingw-w64 on other systems, with Visual C++ on itself.
    param([string]$Platform)

    $windows = if ((Get-SystemName) -like 'win-*') { 'msvc' } else { 'gnu' }
    switch ($Platform) {
        'win-x64' { "x86_64-pc-windows-$windows" }
        'win-arm64' { 'aarch64-pc-windows-msvc' }
        'linux-x64' { 'x86_64-unknown-linux-gnu' }
        'linux-arm64' { 'aarch64-unknown-linux-gnu' }
        'osx-x64' { 'x86_64-apple-darwin' }
        'osx-arm64' { 'aarch64-apple-darwin' }
        default { throw "There is no platform '$Platform'. There are win-x64, win-arm64, linux-x64, linux-arm64, osx-x64 and osx-arm64." }
    }
}

function Get-LibraryName {
    # The native library as cargo names it for a platform.
    param([string]$Platform = (Get-SystemName))

    switch -Wildcard ($Platform) {
        'win-*' { 'ppfederation.dll' }
        'osx-*' { 'libppfederation.dylib' }
        default { 'libppfederation.so' }
    }
}

function Get-LibraryPath {
    # The native library of a release build, or of another profile's.
    param([string]$Platform = (Get-SystemName), [string]$CargoProfile = 'release')

    $folder = Split-Path -Parent (Get-ReleaseFolder -Platform $Platform)
    Join-Path $folder "$CargoProfile/$(Get-LibraryName -Platform $Platform)"
}

function Get-ReleaseFolder {
    # Where a release build puts libraries and programs.
    param([string]$Platform = (Get-SystemName))

    Join-Path $target "$Platform/$(Get-Triple -Platform $Platform)/release"
}
