# The module folder, assembled from its sources; build.ps1 dot-sources this. Uses its $target, $Platform and $Libraries.

. (Join-Path $PSScriptRoot 'Source.ps1')

function New-Module {
    # Assembles a module folder: one psm1 with all functions and an explicit export list, and the version written in.
    param([string]$Folder, [string[]]$For = $Platform, [string]$Library = '')

    $source = Get-RepositoryPath 'PowerShell/PPFederation'
    $bin = Join-Path $Folder 'bin'
    Remove-Folder $Folder
    New-Item -ItemType Directory -Path $bin -Force | Out-Null
    foreach ($name in 'PPFederation.Format.ps1xml', 'PPFederation-Automation.json') {
        Copy-Item -LiteralPath (Join-Path $source $name) -Destination $Folder
    }
    Copy-Item -LiteralPath (Get-RepositoryPath 'PowerShell/Runbooks') -Destination $Folder -Recurse
    Copy-HelpTopic -Source $source -Folder $Folder
    Copy-Item -LiteralPath (Get-RepositoryPath 'LICENSE') -Destination $Folder
    Write-Text -Path (Join-Path $Folder 'PPFederation.psm1') -Text (Join-ModuleSource -Source $source)
    Copy-Item -LiteralPath (Join-Path $target 'bridge/PPFederation.Native.dll') -Destination $bin
    foreach ($each in $For) {
        $place = Get-ModuleLibrary -Folder $Folder -Platform $each
        New-Item -ItemType Directory -Path (Split-Path -Parent $place) -Force | Out-Null
        $built = if ($Library) { $Library } else { Get-BuiltLibrary -Platform $each }
        Copy-Item -LiteralPath $built -Destination $place
    }
    Write-Manifest -Source (Join-Path $source 'PPFederation.psd1') -Folder $Folder
}

function Write-Manifest {
    # The manifest, last: it names the version and every file of the folder.
    param([string]$Source, [string]$Folder)

    $path = Join-Path $Folder 'PPFederation.psd1'
    Write-Text -Path $path -Text ''
    $files = @(Get-ChildItem -LiteralPath $Folder -Recurse | Where-Object { -not $_.PSIsContainer } | ForEach-Object {
            "        '$($_.FullName.Substring($Folder.Length + 1).Replace('\', '/'))'"
        })
    $list = "FileList               = @(`n$(($files | Sort-Object) -join "`n")`n    )"
    $text = Read-Versioned $Source
    if (-not $text.Contains('FileList               = @()')) {
        throw "$Source has no empty FileList to fill."
    }
    Write-Text -Path $path -Text $text.Replace('FileList               = @()', $list)
}

function Get-ModuleLibrary {
    # The native library in a module folder. No "lib" in front: PowerShell 7 looks for the name as the bridge says it.
    param([string]$Folder, [string]$Platform = (Get-SystemName))

    Join-Path $Folder "bin/$Platform/ppfederation$([System.IO.Path]::GetExtension((Get-LibraryName -Platform $Platform)))"
}

function Get-BuiltLibrary {
    # The native library that is packed for a platform: the one built here, or of the folder given with -Libraries.
    param([string]$Platform)

    if (-not $Libraries) {
        return Get-LibraryPath -Platform $Platform
    }
    Join-Path $Libraries "$Platform/$(Split-Path -Leaf (Get-ModuleLibrary -Folder '.' -Platform $Platform))"
}

function Read-Versioned {
    # A source file with the version of Cargo.toml in place of 0.0.0.
    param([string]$Path)

    [System.IO.File]::ReadAllText($Path).Replace('0.0.0', (Get-Version))
}

function Write-Text {
    param([string]$Path, [string]$Text)

    [System.IO.File]::WriteAllText($Path, $Text, [System.Text.Encoding]::ASCII)
}
