# The source of the module's root. build.ps1 puts the functions themselves and an explicit export list in place of the
# region (App Control refuses a trusted module that dot-sources and exports by wildcard), and writes the version.
Set-StrictMode -Version 3.0

#region functions
foreach ($folder in 'Private', 'Public') {
    foreach ($file in Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot $folder) -Filter '*.ps1') {
        . $file.FullName
    }
}
#endregion

# The connection that cmdlets without -Connection use: the last one that Connect-PPTenant made in this session.
$script:PPConnection = $null

Import-PPBridge -Folder "$PSScriptRoot/bin" -Version '0.0.0'
