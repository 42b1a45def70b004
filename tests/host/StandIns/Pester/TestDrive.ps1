# TestDrive: and $TestDrive: one folder for each test file, from which each block takes what it made.

function New-TestDrive {
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
    $directory = [System.IO.Directory]::CreateDirectory($folder)
    if (Get-PSDrive -Name TestDrive -ErrorAction Ignore) { Remove-PSDrive -Name TestDrive -Force -Scope Global }
    $null = New-PSDrive -Name TestDrive -PSProvider FileSystem -Root $directory.FullName -Scope Global
    Set-Variable -Name TestDrive -Scope Global -Value $directory.FullName
}

function Remove-TestDrive {
    $folder = $global:TestDrive
    if ((Get-Location).Path -like 'TestDrive:*') { Set-Location ([System.IO.Path]::GetTempPath()) }
    Remove-PSDrive -Name TestDrive -Force -Scope Global
    Remove-Variable -Name TestDrive -Scope Global
    if ([System.IO.Directory]::Exists($folder)) { [System.IO.Directory]::Delete($folder, $true) }
}

function Get-TestDriveEntry {
    [System.IO.Directory]::GetFileSystemEntries($global:TestDrive, '*', 'AllDirectories')
}

function Clear-TestDrive {
    param([string[]] $Keep)

    foreach ($entry in Get-TestDriveEntry) {
        if ($Keep -contains $entry) { continue }
        if ([System.IO.Directory]::Exists($entry)) { [System.IO.Directory]::Delete($entry, $true) }
        elseif ([System.IO.File]::Exists($entry)) { [System.IO.File]::Delete($entry) }
    }
}
