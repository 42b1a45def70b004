# What can be proved of Windows PowerShell 5.1 where it can't be run. Dot-sourced by build.ps1.

function Invoke-WindowsPowerShellCheck {
    # The bridge once more as a .NET Framework assembly, which is not shipped: what it uses is there too. Then the scripts,
    # held against reference assemblies and Microsoft's own tables; tests/ps51/README.md says by which rules.
    Invoke-Check dotnet @(
        'build', (Get-RepositoryPath 'PowerShell/Native'), '--nologo', '-v:quiet', '-c', 'Release',
        '-o', (Join-Path $target 'bridge-net472'), '-p:TargetFramework=net472', '-restore')
    $scripts = foreach ($folder in '.', 'PowerShell/Build', 'tests') {
        Get-ChildItem -LiteralPath (Get-RepositoryPath $folder) -Filter '*.ps1' | ForEach-Object { $_.FullName }
    }
    Invoke-Check dotnet (@(
            'run', '--project', (Get-RepositoryPath 'tests/ps51'), '--', (Join-Path $target 'bridge/PPFederation.Native.dll'),
            (Get-ModuleFolder)) + $scripts + (Get-RepositoryPath 'Pester/TestTenant.ps1'))
}
