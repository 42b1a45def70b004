<#
.SYNOPSIS
Runs the *.Tests.ps1 of a folder with the Pester that PPFEDERATION_PESTER names (a psd1), and ends with a line "tests: N passed, N failed".

.PARAMETER Folder
The folder.

.PARAMETER Without
Names of files in it that are not run, with commas between them.
#>
param(
    [Parameter(Mandatory = $true, Position = 0)]
    [string]$Folder,

    [string]$Without = ''
)

$ErrorActionPreference = 'Stop'
Import-Module -Name $env:PPFEDERATION_PESTER
Write-Output "== PowerShell $($PSVersionTable.PSVersion) $($PSVersionTable.PSEdition) in $PSHOME, Pester $((Get-Module -Name Pester).Version)"
$files = @(Get-ChildItem -LiteralPath $Folder -Filter '*.Tests.ps1' | Where-Object { $Without -split ',' -notcontains $_.Name } | ForEach-Object { $_.FullName })
$result = Invoke-Pester -Path $files -Output Detailed -PassThru
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
if ($result.PassedCount + $failed -eq 0) {
    # A folder without tests, or tests that were not found, must not look like success.
    Write-Output "FAILED: no test ran in $Folder"
    $failed = 1
}
Write-Output "tests: $($result.PassedCount) passed, $failed failed"
if ($failed -gt 0) {
    exit 1
}
