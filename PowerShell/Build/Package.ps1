# What is released; build.ps1 dot-sources this. Uses its $Platform and $Certificate.

function Invoke-PackageTask {
    Invoke-BuildTask
    $package = Get-PackageFolder
    $module = Get-PackageModule
    Remove-Folder $package
    New-Item -ItemType Directory -Path (Split-Path -Parent $module) -Force | Out-Null
    Copy-Item -LiteralPath (Get-ModuleFolder) -Destination $module -Recurse
    Add-Signature -Folder $module
    $nuspec = Join-Path $target 'PPFederation.nuspec'
    Write-Text -Path $nuspec -Text (Get-Nuspec -Manifest (Join-Path $module 'PPFederation.psd1'))
    $arguments = @(
        '--folder', $package, '--name', 'PPFederation', '--version', (Get-Version), '--nuspec', $nuspec,
        '--lock', (Get-RepositoryPath 'Cargo.lock'), '--license', (Get-RepositoryPath 'LICENSE'), '--time', (Get-CommitTime))
    foreach ($each in $Platform) {
        $arguments += '--platform', "$each=$(Get-Triple -Platform $each)"
    }
    Invoke-Tool (Get-OwnProgram 'package') (@('pack') + $arguments)
    Write-Host "Packaged $package"
}

function Get-PackageFolder {
    Join-Path $target 'package'
}

function Get-PackageModule {
    # The module folder in it.
    Join-Path (Get-PackageFolder) "PPFederation/$(Get-Version)"
}

function Add-Signature {
    # Signs what PowerShell and Windows look at signatures of, with Authenticode, and says what isn't signed: in the log,
    # and in the file SIGNATURES, which the release notes hold.
    param([string]$Folder)

    $files = @(Get-ChildItem -LiteralPath $Folder -Recurse | Where-Object { -not $_.PSIsContainer } | Sort-Object -Property FullName)
    $signed = @($files | Where-Object { $Certificate -and $_.Extension -in '.psd1', '.psm1', '.ps1', '.ps1xml', '.dll' })
    foreach ($file in $signed) {
        $result = Set-AuthenticodeSignature -LiteralPath $file.FullName -Certificate (Get-Item -LiteralPath "Cert:\CurrentUser\My\$Certificate") `
            -HashAlgorithm SHA256 -TimestampServer 'http://timestamp.digicert.com'
        if ($result.Status -ne 'Valid') {
            throw "$($file.FullName) could not be signed: $($result.StatusMessage)"
        }
    }
    $lines = foreach ($file in $files) {
        $state = if ($signed -contains $file) { 'signed    ' } else { 'not signed' }
        "$state $($file.FullName.Substring($Folder.Length + 1).Replace('\', '/'))"
    }
    Write-Text -Path (Join-Path (Get-PackageFolder) 'SIGNATURES') -Text "$($lines -join "`n")`n"
    Write-Host ($lines -join "`n")
}

function Get-CommitTime {
    # The time of a build that can be repeated, in seconds since 1970: of the commit, or what the caller says.
    if ($env:SOURCE_DATE_EPOCH) {
        return $env:SOURCE_DATE_EPOCH
    }
    $seconds = & git -C $root log -1 --format=%ct
    if ($LASTEXITCODE -ne 0) {
        throw 'This is no clone of the repository: set SOURCE_DATE_EPOCH to the time of the release, in seconds since 1970.'
    }
    $seconds
}

function Get-Nuspec {
    # The metadata of the NuGet package, as the PowerShell Gallery's own commands write them from a manifest.
    param([string]$Manifest)

    $facts = Import-PowerShellDataFile -LiteralPath $Manifest
    $more = $facts.PrivateData.PSData
    $elements = [ordered]@{
        id                       = [System.IO.Path]::GetFileNameWithoutExtension($Manifest)
        version                  = $facts.ModuleVersion
        authors                  = $facts.Author
        owners                   = $facts.CompanyName
        requireLicenseAcceptance = 'false'
        licenseUrl               = $more.LicenseUri
        projectUrl               = $more.ProjectUri
        description              = $facts.Description
        releaseNotes             = $more.ReleaseNotes
        copyright                = $facts.Copyright
        tags                     = (Get-GalleryTag -Manifest $facts) -join ' '
    }
    $lines = foreach ($name in $elements.Keys) {
        "    <$name>$([System.Security.SecurityElement]::Escape($elements[$name]))</$name>"
    }
    @(
        '<?xml version="1.0" encoding="utf-8"?>'
        '<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">'
        '  <metadata>'
        $lines
        '  </metadata>'
        '</package>'
        ''
    ) -join "`n"
}

function Get-GalleryTag {
    # The tags of a manifest, and those by which the PowerShell Gallery finds a module's commands.
    param([hashtable]$Manifest)

    $Manifest.PrivateData.PSData.Tags
    'PSModule'
    'PSIncludes_Function'
    foreach ($name in $Manifest.FunctionsToExport) {
        "PSFunction_$name"
        "PSCommand_$name"
    }
}
