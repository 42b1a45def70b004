# The PowerShell that the tests and the figures run in; build.ps1 dot-sources this. Uses its $target.

function Initialize-Shell {
    # The .NET tool of PowerShell comes as intermediate code alone, while an installed PowerShell is compiled ahead. Where the tool is what
    # runs this, its own assemblies are compiled ahead, once, by .NET's compiler: the hundreds of processes that the tests start take half of
    # the time to start, and what is measured is what an installed one takes. A run without says so.
    if (-not (@(Get-ShellArgument) -like '*pwsh.dll')) {
        return
    }
    $folder = Join-Path $target "shell/$($PSVersionTable.PSVersion)"
    if (-not (Test-Path -LiteralPath $folder)) {
        $compiler = Get-AheadCompiler
        if (-not $compiler) {
            Write-Host '== .NET''s compiler crossgen2 is not at hand (tests/Shell.csproj): PowerShell runs as the .NET tool comes, each process compiling it anew'
            return
        }
        New-CompiledShell -Compiler $compiler -Folder $folder
    }
    $env:PPFEDERATION_PSHOME = $folder
    Write-Host "== PowerShell runs compiled ahead, as an installed one does, in $folder"
}

function Get-AheadCompiler {
    # Fetches it. Returns its path; nothing where it can't be had.
    $packages = Join-Path $target 'packages'
    & dotnet restore (Get-RepositoryPath 'tests/Shell.csproj') --packages $packages -v:quiet | ForEach-Object { Write-Host $_ }
    if ($LASTEXITCODE -eq 0) {
        Get-ChildItem -Path (Join-Path $packages 'microsoft.netcore.app.crossgen2.*/*/tools/*') -File |
            Where-Object { $_.BaseName -eq 'crossgen2' -and $_.Extension -in '', '.exe' } |
            Select-Object -First 1 -ExpandProperty FullName
    }
}

function New-CompiledShell {
    # A copy of this PowerShell in which what every process loads is compiled ahead. A folder that is there is whole.
    param([string]$Compiler, [string]$Folder)

    $making = "$Folder.making"
    Remove-Folder $making
    New-Item -ItemType Directory -Path (Split-Path -Parent $making) -Force | Out-Null
    Copy-Item -LiteralPath $PSHOME -Destination $making -Recurse
    $runtime = Split-Path -Parent ([object].Assembly.Location)
    foreach ($name in 'pwsh', 'System.Management.Automation', 'Microsoft.PowerShell.ConsoleHost', 'Microsoft.PowerShell.Commands.Management',
        'Microsoft.PowerShell.Commands.Utility', 'Microsoft.PowerShell.Security', 'Microsoft.ApplicationInsights', 'Newtonsoft.Json') {
        & $Compiler (Join-Path $PSHOME "$name.dll") -o (Join-Path $making "$name.dll") -O "-r:$PSHOME/*.dll" "-r:$runtime/*.dll" |
            Where-Object { $_ -notlike 'Emitting*' } | ForEach-Object { Write-Host $_ }
        if ($LASTEXITCODE -ne 0) {
            throw "crossgen2 could not compile $name.dll: exit code $LASTEXITCODE."
        }
    }
    [System.IO.Directory]::Move($making, $Folder)
}
