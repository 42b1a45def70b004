# What Import-Module does and what it leaves alone. Each test has a process of its own.

BeforeAll {
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $folder = Split-Path -Parent $env:PPFEDERATION_MODULE

    function Copy-Module {
        # A copy of the module that ships, with its version changed in manifest and module where one is given.
        param([string]$Name, [string]$Version)

        $copy = Join-Path $TestDrive $Name
        Copy-Item -LiteralPath $folder -Destination $copy -Recurse
        if ($Version) {
            $own = [regex]::Escape((Test-ModuleManifest -Path $env:PPFEDERATION_MODULE).Version.ToString())
            foreach ($file in 'PPFederation.psd1', 'PPFederation.psm1') {
                $path = Join-Path $copy $file
                [System.IO.File]::WriteAllText($path, ([System.IO.File]::ReadAllText($path) -replace "'$own'", "'$Version'"))
            }
        }
        Join-Path $copy 'PPFederation.psd1'
    }
}

Describe 'Import-Module' {
    It 'loads the bridge and no other assembly' {
        # An import of a first module loads what the engine itself needs for that.
        $said = Invoke-TestShell -Script @"
Import-Module Microsoft.PowerShell.Utility, Microsoft.PowerShell.Management
[void](Test-ModuleManifest '$env:PPFEDERATION_MODULE')
[xml]`$warm = '<a/>'
`$before = [System.AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { `$_.GetName().Name }
Import-Module '$env:PPFEDERATION_MODULE'
[System.AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { `$_.GetName().Name } | Where-Object { `$before -notcontains `$_ -and `$_ -notlike 'System.*' } | ForEach-Object { "new `$_" }
"@
        @($said.Lines | Where-Object { $_ -like 'new *' }) | Should -Be 'new PPFederation.Native'
    }

    It 'starts no thread, opens no connection and writes no file' {
        $copy = Copy-Module -Name 'quiet'
        $said = Invoke-TestShell -Script @"
function Get-Fact {
    `$process = [System.Diagnostics.Process]::GetCurrentProcess()
    `$files = [System.IO.Directory]::GetFiles('$TestDrive', '*', 'AllDirectories') | ForEach-Object { "`$_ `$([System.IO.File]::GetLastWriteTimeUtc(`$_).Ticks)" }
    `$names = @()
    if (Test-Path -LiteralPath '/proc/self/task') {
        `$names = [System.IO.Directory]::GetDirectories('/proc/self/task') | ForEach-Object { [System.IO.File]::ReadAllText("`$_/comm").Trim() } | Where-Object { `$_ -notmatch '^\.(NET|TP)' -and `$_ -ne `$process.ProcessName }
    }
    `$sockets = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpConnections().Count
    "fact `$(`$names -join ',') | `$(`$files -join ',')"
}
Get-Fact
Import-Module '$copy'
Get-Fact
"@
        $facts = @($said.Lines | Where-Object { $_ -like 'fact *' })
        $facts.Count | Should -Be 2
        $facts[1] | Should -Be $facts[0]
    }

    It 'brings the module back with -Force in the same session' {
        $said = Invoke-TestShell -Script @"
Import-Module '$env:PPFEDERATION_MODULE'
Import-Module '$env:PPFEDERATION_MODULE' -Force
"rows `$(@(Get-PPAttributeOwnership).Count -gt 10)"
"@
        $said.Lines | Should -Contain 'rows True'
    }

    It 'refuses a copy in another folder of the same session' {
        $copy = Copy-Module -Name 'second'
        $said = Invoke-TestShell -Script @"
Import-Module '$env:PPFEDERATION_MODULE'
try { Import-Module '$copy' -ErrorAction Stop } catch { "refused `$_" }
"@
        $said.Text | Should -Match 'refused .*Open a new session'
    }

    It 'refuses a library of another version beside the module' {
        $copy = Copy-Module -Name 'other' -Version '9.9.9'
        $said = Invoke-TestShell -Script "try { Import-Module '$copy' -ErrorAction Stop } catch { `"refused `$_`" }"
        $said.Text | Should -Match 'refused .*module 9\.9\.9.*native library 0\.'
    }

    It 'refuses a module without its library, and says which file' {
        $copy = Copy-Module -Name 'half'
        Get-ChildItem -LiteralPath (Join-Path (Split-Path -Parent $copy) 'bin') -Recurse -Filter 'ppfederation.*' |
            Where-Object { $_.Extension -ne '.dll' -or $_.Directory.Name -ne 'bin' } | Remove-Item
        $said = Invoke-TestShell -Script "try { Import-Module '$copy' -ErrorAction Stop } catch { `"refused `$_`" }"
        $said.Text | Should -Match 'refused .*ppfederation\.(so|dll|dylib)'
    }
}
