# The PowerShell that runs this, to be started once more: powershell, pwsh, or dotnet with pwsh.dll, as which the .NET tool
# comes; of the latter the one in PPFEDERATION_PSHOME, where build.ps1 has made that. build.ps1 and the tests dot-source it.

function Get-ShellProgram {
    [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
}

function Get-ShellArgument {
    # What comes before the script to run.
    if ([System.IO.Path]::GetFileNameWithoutExtension((Get-ShellProgram)) -eq 'dotnet') {
        Join-Path $(if ($env:PPFEDERATION_PSHOME) { $env:PPFEDERATION_PSHOME } else { $PSHOME }) 'pwsh.dll'
    }
    '-NoProfile'
}
