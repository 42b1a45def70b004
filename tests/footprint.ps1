# What the module costs a session before it does anything; tests/bench.ps1 dot-sources this and has Write-Figure and Get-Median.

function Measure-Import {
    # Fresh processes, the kinds in turn, so that a busy moment of the computer meets all: the shell alone; with the module; with
    # a module of a manifest and one empty function, which is what the engine itself takes. Names say what shell it was.
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) "ppfederation-bench-$PID"
    [void](New-Item -ItemType Directory -Path $folder)
    $empty = Join-Path $folder 'Empty.psd1'
    [System.IO.File]::WriteAllText((Join-Path $folder 'Empty.psm1'), 'function Get-Nothing { }')
    [System.IO.File]::WriteAllText($empty, "@{ RootModule = 'Empty.psm1'; ModuleVersion = '1.0'; FunctionsToExport = 'Get-Nothing' }")
    $start = @()
    $own = @()
    $engine = @()
    $first = @()
    try {
        for ($i = 0; $i -lt 20; $i++) {
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            [void](Invoke-TestShell -Script '1')
            $start += $watch.Elapsed.TotalMilliseconds
            $times = Measure-OneImport -Path $env:PPFEDERATION_MODULE -Cmdlet 'Get-PPAttributeOwnership'
            $own += $times[0]
            $first += $times[1]
            $engine += (Measure-OneImport -Path $empty -Cmdlet 'Get-Nothing')[0]
        }
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse
    }
    $where = "median of 20, in PowerShell $($PSVersionTable.PSVersion)"
    Write-Figure "Import-Module PPFederation, $where" (Get-Median $own) 'ms'
    Write-Figure "Import-Module of an empty module, $where" (Get-Median $engine) 'ms'
    Write-Figure "first cmdlet after the import, $where" (Get-Median $first) 'ms'
    Write-Figure "start and end of the shell, $where" (Get-Median $start) 'ms'
    Write-Figure "Import-Module PPFederation, to the start of the shell, in PowerShell $($PSVersionTable.PSVersion)" ([math]::Round((Get-Median $own) / (Get-Median $start), 2)) 'ratio'
}

function Measure-OneImport {
    # Milliseconds of the import and of a first cmdlet.
    param([string]$Path, [string]$Cmdlet)

    $said = Invoke-TestShell -Script @"
`$watch = [System.Diagnostics.Stopwatch]::StartNew()
Import-Module '$Path'
`$import = `$watch.Elapsed.TotalMilliseconds
[void]@($Cmdlet)
"`$import `$(`$watch.Elapsed.TotalMilliseconds - `$import)"
"@
    [double[]]($said.Lines[-1] -split ' ')
}

function Measure-Memory {
    # What a session holds more after the import, and after the first connection to a tenant that is another process.
    $said = Invoke-TestShell -Script @"
. '$(Join-Path $PSScriptRoot '../Pester/TestTenant.ps1')'
function Get-Resident { [System.GC]::Collect(); [System.Diagnostics.Process]::GetCurrentProcess().WorkingSet64 / 1MB }
`$tenant = Start-TestTenant
try {
    [void](Get-Resident)
    `$before = Get-Resident
    Import-Module '$env:PPFEDERATION_MODULE'
    `$imported = Get-Resident
    [void](Connect-TestTenant `$tenant)
    [void](Get-PPDirSync)
    "`$(`$imported - `$before) `$((Get-Resident) - `$before)"
}
finally { Stop-TestTenant `$tenant }
"@
    $figures = [double[]](@($said.Lines -match '^[\d.-]+ [\d.-]+$')[-1] -split ' ')
    Write-Figure 'memory added by the import' ([math]::Round($figures[0], 1)) 'MiB'
    Write-Figure 'memory added by the import, the first connection and a read' ([math]::Round($figures[1], 1)) 'MiB'
}

function Measure-File {
    # The files that an import opens and the shell alone does not, by strace where that is installed.
    if (-not (Get-Command -Name strace -CommandType Application -ErrorAction SilentlyContinue)) {
        return
    }
    $trace = [System.IO.Path]::GetTempFileName()
    $opened = foreach ($script in '1', "Import-Module '$env:PPFEDERATION_MODULE'") {
        [void](& strace -f -qq -e trace=openat -o $trace (Get-ShellProgram) (Get-ShellArgument) -Command $script)
        , @([regex]::Matches([System.IO.File]::ReadAllText($trace), '"(/[^"]+)"[^\n]*= \d') | ForEach-Object { $_.Groups[1].Value } | Sort-Object -Unique)
    }
    Remove-Item -LiteralPath $trace
    $new = @($opened[1] | Where-Object { $opened[0] -notcontains $_ -and $_ -notmatch '^/(proc|sys|dev)/' -and [System.IO.File]::Exists($_) })
    $folder = Split-Path -Parent $env:PPFEDERATION_MODULE
    Write-Figure 'files that an import opens, of the module' @($new | Where-Object { $_.StartsWith($folder) }).Count 'files'
    Write-Figure 'files that an import opens, of the engine and the system' @($new | Where-Object { -not $_.StartsWith($folder) }).Count 'files'
}
