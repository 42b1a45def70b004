# What Import-Module does and what it leaves alone. Each test has a process of its own.

BeforeAll {
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $folder = Split-Path -Parent $env:PPFEDERATION_MODULE

    function Copy-Module {
        # A copy of the module that ships, with its version changed in manifest and module where one is given.
        param([string]$Name, [string]$Version)

        $copy = Join-Path $TestDrive $Name
        [void][System.IO.Directory]::CreateDirectory((Split-Path -Parent $copy))
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

    It 'does nothing when the module is there already' {
        $said = Invoke-TestShell -Script @"
Import-Module '$env:PPFEDERATION_MODULE'
Import-Module '$env:PPFEDERATION_MODULE'
"loaded `$(@(Get-Module PPFederation).Count), rows `$(@(Get-PPAttributeOwnership).Count -gt 10)"
"@
        $said.Lines | Should -Contain 'loaded 1, rows True'
    }

    It 'works in two runspaces of one process at once' {
        $said = Invoke-TestShell -Script @"
`$shells = foreach (`$number in 1, 2) {
    `$shell = [System.Management.Automation.PowerShell]::Create()
    `$shell.Runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace([System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
    `$shell.Runspace.Open()
    [void]`$shell.AddScript("Import-Module '$env:PPFEDERATION_MODULE'; Get-PPAttributeOwnership")
    `$shell
}
`$running = @(`$shells | ForEach-Object { `$_.BeginInvoke() })
for (`$i = 0; `$i -lt 2; `$i++) {
    "rows `$(`$shells[`$i].EndInvoke(`$running[`$i]).Count -gt 10), errors `$(`$shells[`$i].Streams.Error.Count)"
    `$shells[`$i].Streams.Error | ForEach-Object { "error `$_ `$(`$_.InvocationInfo.PositionMessage)" }
}
"@
        @($said.Lines | Where-Object { $_ -eq 'rows True, errors 0' }).Count | Should -Be 2 -Because $said.Text
    }

    It 'takes the newest of the versions that lie beside each other' {
        [void](Copy-Module -Name 'beside/PPFederation/0.0.9' -Version '0.0.9')
        $own = (Test-ModuleManifest -Path $env:PPFEDERATION_MODULE).Version.ToString()
        [void](Copy-Module -Name "beside/PPFederation/$own")
        $said = Invoke-TestShell -Script @"
`$env:PSModulePath = '$(Join-Path $TestDrive 'beside')' + [System.IO.Path]::PathSeparator + `$env:PSModulePath
Import-Module PPFederation
"version `$((Get-Module PPFederation).Version), rows `$(@(Get-PPAttributeOwnership).Count -gt 10)"
"@
        $said.Lines | Should -Contain "version $own, rows True" -Because $said.Text
    }

    It 'works from a read-only folder and leaves it as it is' {
        $folder = Split-Path -Parent (Copy-Module -Name 'read only')
        $items = @(Get-ChildItem -LiteralPath $folder -Recurse | ForEach-Object { $_.FullName }) + $folder
        $before = @($items | ForEach-Object { [System.IO.File]::GetAttributes($_) })
        $items | ForEach-Object { [System.IO.File]::SetAttributes($_, [System.IO.File]::GetAttributes($_) -bor [System.IO.FileAttributes]::ReadOnly) }
        try {
            $said = Invoke-TestShell -Script "Import-Module '$folder/PPFederation.psd1'; `"rows `$(@(Get-PPAttributeOwnership).Count -gt 10)`""
        }
        finally {
            for ($i = 0; $i -lt $items.Count; $i++) {
                [System.IO.File]::SetAttributes($items[$i], $before[$i])
            }
        }
        $said.Lines | Should -Contain 'rows True' -Because $said.Text
        @(Get-ChildItem -LiteralPath $folder -Recurse).Count | Should -Be ($items.Count - 1)
    }

    It 'works from a path with <What>, found by its <By>' -ForEach @(
        @{ What = 'spaces'; Name = 'two  words'; By = 'name' }
        # PowerShell itself finds no module by its name in a folder of PSModulePath that has brackets.
        @{ What = 'brackets'; Name = 'a [b] (c)'; By = 'path' }
        @{ What = 'letters beyond ASCII'; Name = "caf$([char]0xE9) $([char]0x4E2D)$([char]0x6587) $([char]0x0416)"; By = 'name' }
    ) {
        $own = (Test-ModuleManifest -Path $env:PPFEDERATION_MODULE).Version.ToString()
        $copy = Copy-Module -Name "$Name/PPFederation/$own"
        $module = if ($By -eq 'name') { 'PPFederation' } else { $copy }
        $said = Invoke-TestShell -Script @"
`$env:PSModulePath = '$(Join-Path $TestDrive $Name)' + [System.IO.Path]::PathSeparator + `$env:PSModulePath
Import-Module '$module'
"here `$((Get-Module PPFederation).Path -eq '$([System.IO.Path]::ChangeExtension($copy, 'psm1'))'), rows `$(@(Get-PPAttributeOwnership).Count -gt 10)"
"@
        $said.Lines | Should -Contain 'here True, rows True' -Because $said.Text
    }

    It 'takes a path with either slash, and on Windows with and without its drive' {
        $path = (Get-Item -LiteralPath $env:PPFEDERATION_MODULE).FullName
        foreach ($style in $path, $path.Replace('\', '/'), ($path -replace '^[A-Z]:', '').Replace('\', '/')) {
            $said = Invoke-TestShell -Script "Import-Module '$style'; `"rows `$(@(Get-PPAttributeOwnership).Count -gt 10)`""
            $said.Lines | Should -Contain 'rows True' -Because $style
        }
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
        # The bridge lies in bin, each library in a folder of it.
        Get-ChildItem -Path (Join-Path (Split-Path -Parent $copy) 'bin/*/*') | Remove-Item
        $said = Invoke-TestShell -Script "try { Import-Module '$copy' -ErrorAction Stop } catch { `"refused `$_`" }"
        $said.Text | Should -Match 'refused .*ppfederation\.(so|dll|dylib)'
    }
}

Describe 'An import that can''t work' {
    BeforeAll {
        function Get-ImportFailure {
            # What an import says, as the only error, with its id, in a process of its own; before it a script.
            param([string]$Before, [string]$Module = $env:PPFEDERATION_MODULE)

            Invoke-TestShell -Script @"
`$Error.Clear()
$Before
try { Import-Module '$Module' -ErrorAction Stop; 'imported' } catch { "id `$(`$_.FullyQualifiedErrorId)"; "said `$_"; "category `$(`$_.CategoryInfo.Category)" }
"loaded `$(@(Get-Module PPFederation).Count)"
"@
        }
    }

    It 'says in Constrained Language Mode that the module must be signed or allowed, in one sentence' {
        $said = Get-ImportFailure -Before '$ExecutionContext.SessionState.LanguageMode = "ConstrainedLanguage"'
        $said.Text | Should -Match 'id PPFederation\.LanguageModeConstrained,'
        $said.Text | Should -Match 'said PPFederation can.t work in PowerShell.s ConstrainedLanguage mode.*signed.*allowed in the policy'
        $said.Text | Should -Not -Match 'core types|no valid module'
        $said.Lines | Should -Contain 'category PermissionDenied'
        $said.Lines | Should -Contain 'loaded 0'
    }

    It 'says of a bridge that is no assembly that the module is to be installed again' {
        $copy = Copy-Module -Name 'no assembly'
        [System.IO.File]::WriteAllText((Join-Path (Split-Path -Parent $copy) 'bin/PPFederation.Native.dll'), 'cut off')
        $said = Get-ImportFailure -Module $copy
        $said.Text | Should -Match 'id PPFederation\.ModuleIncomplete,'
        $said.Text | Should -Match 'said .*PPFederation\.Native\.dll.*Install the module again'
        $said.Lines | Should -Contain 'loaded 0'
    }

    It 'says of a package without a library for this system that it has none' {
        $copy = Copy-Module -Name 'for others'
        Get-ChildItem -LiteralPath (Join-Path (Split-Path -Parent $copy) 'bin') -Directory | Remove-Item -Recurse
        $said = Get-ImportFailure -Module $copy
        $said.Text | Should -Match 'id PPFederation\.ModuleIncomplete,'
        $said.Text | Should -Match 'said .* is missing: this package has none for (linux|win|osx)-(x64|arm64)'
    }

    It 'says of .NET Framework <Release> what it needs, or nothing' -ForEach @(
        @{ Release = 0; Says = $true }, @{ Release = 461310; Says = $true }, @{ Release = 461808; Says = $false }, @{ Release = 533320; Says = $false }
    ) {
        $module = Import-Module -Name $env:PPFEDERATION_MODULE -PassThru
        $call = { & $module { param($Release) Assert-PPFramework -Release $Release } $Release }
        if ($Says) {
            $failure = Get-Failure $call
            $failure.FullyQualifiedErrorId | Should -BeLike 'PPFederation.ProcessUnfit*'
            $failure.Exception.Message | Should -BeLike '*.NET Framework 4.7.2*install .NET Framework 4.8, or use PowerShell 7.'
        }
        else {
            & $call
        }
    }

    It 'says of what carries the mark of the web how it is taken off' {
        $module = Import-Module -Name $env:PPFEDERATION_MODULE -PassThru
        # As .NET Framework refuses an assembly of the Internet zone: its HRESULT is 0x80131515.
        $refused = [System.NotSupportedException]::new('An attempt was made to load an assembly from a network location.')
        $failure = Get-Failure { & $module { param($Refused) Exit-PPFailedLoad -Path 'x.dll' -Failure $Refused } $refused }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PPFederation.LibraryBlocked*'
        $failure.Exception.Message | Should -BeLike '*x.dll*Unblock-File*new session.'
    }

    It 'works without a home folder, and with one that isn''t there' {
        # Without a home the shell itself keeps its cache in the current folder.
        $here = [System.Environment]::CurrentDirectory
        [System.Environment]::CurrentDirectory = $TestDrive
        try {
            foreach ($none in '', '/nonexistent') {
                $said = Invoke-TestShell -Environment @{ HOME = $none; USERPROFILE = $none } -Script @"
Import-Module '$env:PPFEDERATION_MODULE'
[void](Connect-PPTenant -Demo)
"state `$((Get-PPDirSync).State)"
"@
                $said.Lines | Should -Contain 'state On' -Because $said.Text
            }
        }
        finally {
            [System.Environment]::CurrentDirectory = $here
        }
    }
}
