# What is released: the module folder, the zip for Azure Automation, the NuGet package, the bill of materials, the sums.

BeforeDiscovery {
    # Where PSResourceGet keeps its list of repositories and its modules, .NET says: by the environment everywhere but on Windows.
    $onWindows = [System.IO.Path]::DirectorySeparatorChar -eq '\'
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    $package = $env:PPFEDERATION_PACKAGE
    $manifest = Import-PowerShellDataFile -LiteralPath $env:PPFEDERATION_MODULE
    $version = $manifest.ModuleVersion
    $folder = Join-Path $package "PPFederation/$version"

    function Get-RelativeFile {
        # Every file of a folder as it is named in it, with / between folders.
        param([string]$Path)

        $full = (Get-Item -LiteralPath $Path).FullName
        Get-ChildItem -LiteralPath $full -Recurse -Force | Where-Object { -not $_.PSIsContainer } |
            ForEach-Object { $_.FullName.Substring($full.Length + 1).Replace('\', '/') }
    }

    function Get-Entry {
        # The files of a zip, with the hash of what is in them.
        param([string]$Path)

        $zip = [System.IO.Compression.ZipFile]::OpenRead($Path)
        try {
            foreach ($entry in $zip.Entries) {
                $stream = $entry.Open()
                try {
                    $hash = (Get-FileHash -InputStream $stream -Algorithm SHA256).Hash
                }
                finally {
                    $stream.Dispose()
                }
                [pscustomobject]@{ Name = $entry.FullName; Hash = $hash; Time = $entry.LastWriteTime.DateTime }
            }
        }
        finally {
            $zip.Dispose()
        }
    }

    function Expand-Package {
        # A zip or NuGet package, unpacked in a folder of its own.
        param([string]$Name, [string]$Into)

        $target = Join-Path $TestDrive $Into
        [System.IO.Compression.ZipFile]::ExtractToDirectory((Join-Path $package $Name), $target)
        $target
    }
}

Describe 'The module folder of the package' {
    It 'holds the module, its help, its licence, the runbooks, the connection type, the bridge and a library for each platform, and nothing else' {
        $text = 'LICENSE', 'PPFederation.psd1', 'PPFederation.psm1', 'PPFederation.Format.ps1xml', 'PPFederation-Automation.json', 'bin/PPFederation.Native.dll'
        $files = @(Get-RelativeFile $folder)
        foreach ($name in $text) {
            $files | Should -Contain $name
        }
        foreach ($name in $files | Where-Object { $text -notcontains $_ }) {
            $name | Should -Match '^(Runbooks/[A-Z][a-z]+-[A-Z][A-Za-z]+\.ps1|en-US/about_PPFederation\w*\.help\.txt|bin/(win-(x64|arm64)/ppfederation\.dll|linux-(x64|arm64)/ppfederation\.so|osx-(x64|arm64)/ppfederation\.dylib))$'
        }
    }

    It 'passes on the licences of what its libraries are made of, after its own' {
        $text = [System.IO.File]::ReadAllText((Join-Path $folder 'LICENSE'))
        $text | Should -BeLike 'MIT License*PPFederation contributors*---- *subtle*Redistributions in binary form*'
    }

    It 'has a manifest that passes Test-ModuleManifest and lists each of its files' {
        $tested = Test-ModuleManifest -Path (Join-Path $folder 'PPFederation.psd1') -ErrorAction Stop
        $tested.Version.ToString() | Should -Be $version
        $tested.Guid | Should -Be 'b4d2f939-4c75-437d-9568-dc14b770290e'
        (@($manifest.FileList) | Sort-Object) -join "`n" | Should -Be ((@(Get-RelativeFile $folder) | Sort-Object) -join "`n")
    }

    It 'is what the tests import, copied to a fresh folder' {
        $copy = Split-Path -Parent $env:PPFEDERATION_MODULE
        (Get-Item -LiteralPath $copy).FullName | Should -Not -Be (Get-Item -LiteralPath $folder).FullName
        foreach ($name in Get-RelativeFile $folder) {
            (Get-FileHash -LiteralPath (Join-Path $copy $name)).Hash | Should -Be (Get-FileHash -LiteralPath (Join-Path $folder $name)).Hash
        }
    }
}

Describe 'PPFederation.zip' {
    BeforeAll {
        $entries = @(Get-Entry (Join-Path $package 'PPFederation.zip'))
    }

    It 'holds the module under its name, without a folder for the version, as Azure Automation wants it' {
        $expected = @(Get-RelativeFile $folder | ForEach-Object { "PPFederation/$_" } | Sort-Object)
        (@($entries.Name) | Sort-Object) -join "`n" | Should -Be ($expected -join "`n")
        foreach ($entry in $entries) {
            $source = Join-Path $folder $entry.Name.Substring('PPFederation/'.Length)
            $entry.Hash | Should -Be (Get-FileHash -LiteralPath $source).Hash -Because $entry.Name
            $entry.Name.Length | Should -BeLessThan 140
        }
    }

    It 'says nothing of when or where it was made' {
        @($entries.Time | Sort-Object -Unique) | Should -Be ([datetime]::new(1980, 1, 1))
        $ordinal = [string[]]@($entries.Name)
        [System.Array]::Sort($ordinal, [System.StringComparer]::Ordinal)
        $entries.Name -join "`n" | Should -Be ($ordinal -join "`n")
    }

    It 'is a module that works once it is unpacked' {
        $unpacked = Expand-Package -Name 'PPFederation.zip' -Into 'automation'
        $said = Invoke-TestShell -Script @"
Import-Module '$(Join-Path $unpacked 'PPFederation/PPFederation.psd1')'
"rows `$(@(Get-PPAttributeOwnership).Count -gt 10)"
"@
        $said.Lines | Should -Contain 'rows True' -Because $said.Text
    }
}

Describe 'The NuGet package' {
    BeforeAll {
        $unpacked = Expand-Package -Name "PPFederation.$version.nupkg" -Into 'gallery'
        $metadata = ([xml][System.IO.File]::ReadAllText((Join-Path $unpacked 'PPFederation.nuspec'))).package.metadata
        $files = @(Get-RelativeFile $folder)
    }

    It 'holds the module, and beside it what makes it a package' {
        $expected = @($files + 'PPFederation.nuspec' + '_rels/.rels' + '[Content_Types].xml' | Sort-Object)
        (@(Get-RelativeFile $unpacked) | Sort-Object) -join "`n" | Should -Be ($expected -join "`n")
        foreach ($name in $files) {
            (Get-FileHash -LiteralPath (Join-Path $unpacked $name)).Hash | Should -Be (Get-FileHash -LiteralPath (Join-Path $folder $name)).Hash
        }
    }

    It 'says of the module what its manifest says' {
        $more = $manifest.PrivateData.PSData
        $metadata.id | Should -Be 'PPFederation'
        $metadata.version | Should -Be $version
        $metadata.authors | Should -Be $manifest.Author
        $metadata.description | Should -Be $manifest.Description
        $metadata.licenseUrl | Should -Be $more.LicenseUri
        $metadata.projectUrl | Should -Be $more.ProjectUri
        $metadata.releaseNotes | Should -Be $more.ReleaseNotes
    }

    It 'has the tags by which the PowerShell Gallery finds it' {
        $tags = $metadata.tags -split ' '
        foreach ($tag in @('PSModule', 'PSEdition_Desktop', 'PSEdition_Core') + @($manifest.FunctionsToExport | ForEach-Object { "PSFunction_$_" })) {
            $tags | Should -Contain $tag
        }
        # The PowerShell Gallery takes 4,000 characters of tags.
        $metadata.tags.Length | Should -BeLessThan 4000
    }

    It 'names a type for each of its files' {
        $types = ([xml][System.IO.File]::ReadAllText((Join-Path $unpacked '[Content_Types].xml'))).Types
        foreach ($name in $files) {
            $extension = [System.IO.Path]::GetExtension($name).TrimStart('.')
            $known = @($types.Default.Extension) -contains $extension -or @($types.Override.PartName) -contains "/$name"
            $known | Should -Be $true -Because $name
        }
    }
}

Describe 'The NuGet package in a repository of its own' -Skip:$onWindows {
    BeforeAll {
        $feed = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'feed')).FullName
        $nupkg = Join-Path $package "PPFederation.$version.nupkg"
        Copy-Item -LiteralPath $nupkg -Destination $feed

        # An older one, to update from: the same files under another version.
        $old = Join-Path $feed 'PPFederation.0.0.9.nupkg'
        Copy-Item -LiteralPath $nupkg -Destination $old
        $zip = [System.IO.Compression.ZipFile]::Open($old, 'Update')
        try {
            foreach ($name in 'PPFederation.nuspec', 'PPFederation.psd1') {
                $entry = $zip.GetEntry($name)
                $reader = [System.IO.StreamReader]::new($entry.Open())
                $text = $reader.ReadToEnd().Replace($version, '0.0.9')
                $reader.Dispose()
                $entry.Delete()
                $writer = [System.IO.StreamWriter]::new($zip.CreateEntry($name).Open())
                $writer.Write($text)
                $writer.Dispose()
            }
        }
        finally {
            $zip.Dispose()
        }
        # .NET knows no folder for the user's data that isn't there.
        $data = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'home/.local/share') -Force).FullName
    }

    It 'is found, installed, updated, used and removed by the cmdlets of PowerShell' {
        $said = Invoke-TestShell -Environment @{ HOME = (Join-Path $TestDrive 'home'); XDG_DATA_HOME = $data } -Script @"
`$ErrorActionPreference = 'Stop'
`$ProgressPreference = 'SilentlyContinue'
Register-PSResourceRepository -Name Firm -Uri '$feed' -Trusted
"found `$(@((Find-PSResource -Name PPFederation -Repository Firm -Version '*').Version | ForEach-Object { [string]`$_ } | Sort-Object) -join ' ')"
Install-PSResource -Name PPFederation -Version 0.0.9 -Repository Firm
"installed `$((Get-Module PPFederation -ListAvailable).Version)"
Update-PSResource -Name PPFederation -Repository Firm
Import-Module PPFederation
"imported `$((Get-Module PPFederation).Version), rows `$(@(Get-PPAttributeOwnership).Count -gt 10)"
Uninstall-PSResource -Name PPFederation -Version '*'
"left `$(@(Get-Module PPFederation -ListAvailable).Count)"
"@
        $said.Lines | Should -Contain "found 0.0.9 $version" -Because $said.Text
        $said.Lines | Should -Contain 'installed 0.0.9' -Because $said.Text
        $said.Lines | Should -Contain "imported $version, rows True" -Because $said.Text
        $said.Lines | Should -Contain 'left 0' -Because $said.Text
    }
}

Describe 'The bill of materials' {
    BeforeAll {
        $bill = [System.IO.File]::ReadAllText((Join-Path $package 'PPFederation.cdx.json')) | ConvertFrom-Json
        $own = '^(ppfederation|pp-.*|tenant-twin)$'
    }

    It 'is CycloneDX of this version of the library' {
        $bill.bomFormat | Should -Be 'CycloneDX'
        $bill.specVersion | Should -Be '1.5'
        $bill.metadata.component.purl | Should -Be "pkg:cargo/ppfederation@$version"
    }

    It 'names for each crate its licence and, where it is from crates.io, its check sum' {
        foreach ($component in $bill.components) {
            $component.licenses[0].expression | Should -Not -BeNullOrEmpty -Because $component.name
            $component.purl | Should -Match "^pkg:cargo/$([regex]::Escape($component.name))@" -Because $component.name
            if ($component.name -notmatch $own) {
                $component.hashes[0].content | Should -Match '^[0-9a-f]{64}$' -Because $component.name
            }
        }
    }

    It 'holds what the library is made of, and nothing that only builds or tests it' {
        $names = @($bill.components.name)
        foreach ($name in 'rustls', 'ring', 'reqwest', 'serde_json') {
            $names | Should -Contain $name
        }
        foreach ($name in 'proptest', 'quick-xml', 'cbindgen', 'cc', 'syn') {
            $names | Should -Not -Contain $name
        }
    }

    It 'names in its dependencies only what it lists, each once' {
        $known = @($bill.metadata.component.'bom-ref') + @($bill.components.'bom-ref')
        @($known | Sort-Object -Unique).Count | Should -Be $known.Count
        foreach ($dependency in $bill.dependencies) {
            foreach ($name in @($dependency.ref) + @($dependency.dependsOn)) {
                $known | Should -Contain $name
            }
        }
    }
}

Describe 'SHA256SUMS' {
    It 'names every file that is released, with its sum' {
        $sums = @{}
        foreach ($line in [System.IO.File]::ReadAllLines((Join-Path $package 'SHA256SUMS'))) {
            $hash, $name = $line -split '  ', 2
            $sums[$name] = $hash
        }
        # It cannot name itself; SIGNATURES is for the release notes.
        $released = @(Get-RelativeFile $package | Where-Object { $_ -notin 'SHA256SUMS', 'SIGNATURES' })
        (@($sums.Keys) | Sort-Object) -join "`n" | Should -Be (($released | Sort-Object) -join "`n")
        foreach ($name in $released) {
            (Get-FileHash -LiteralPath (Join-Path $package $name) -Algorithm SHA256).Hash | Should -Be $sums[$name] -Because $name
        }
    }
}
