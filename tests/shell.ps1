# The PowerShell that runs this, to be started once more: powershell, pwsh, or dotnet with pwsh.dll, as which the .NET tool
# comes. build.ps1 and the tests dot-source it.

function Get-ShellProgram {
    [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
}

function Get-ShellArgument {
    # What comes before the script to run.
    if ([System.IO.Path]::GetFileNameWithoutExtension((Get-ShellProgram)) -eq 'dotnet') {
        Join-Path $PSHOME 'pwsh.dll'
    }
    '-NoProfile'
}
