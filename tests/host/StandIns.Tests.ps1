# The cmdlets that build.ps1, the module and the tests use. What is said here holds for the real ones as for the stand-ins.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Shell.ps1')
    $missing = Join-Path $TestDrive 'no-such-item'
}

Describe 'A cmdlet in a function' {
    It 'honours -WhatIf given to the function' {
        function Remove-It { [CmdletBinding(SupportsShouldProcess)] param($Path) Remove-Item -LiteralPath $Path }
        $file = Join-Path $TestDrive 'kept.txt'
        Set-Content -LiteralPath $file -Value 'x'
        Remove-It $file -WhatIf
        $file | Should -Exist
        Remove-It $file -Confirm:$false
        $file | Should -Not -Exist
    }

    It 'honours -ErrorAction given to the function' {
        function Get-It { [CmdletBinding()] param() Get-Item -LiteralPath $missing; 'went on' }
        Get-It -ErrorAction SilentlyContinue | Should -Be 'went on'
        { Get-It -ErrorAction Stop } | Should -Throw -ErrorId 'PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand'
    }

    It 'honours the preference variable that the function sets: <Name>' -ForEach @(
        @{ Name = 'Verbose'; Stream = 4 }, @{ Name = 'Debug'; Stream = 5 }, @{ Name = 'Information'; Stream = 6 }, @{ Name = 'Warning'; Stream = 3 }
    ) {
        function Write-It {
            param([string]$Preference)
            Set-Variable -Name "${Name}Preference" -Value $Preference
            & "Write-$Name" 'said'
        }
        "$(Write-It Continue 3>&1 4>&1 5>&1 6>&1)" | Should -Be 'said'
        if ($Name -ne 'Information') {
            @(Write-It SilentlyContinue 3>&1 4>&1 5>&1) | Should -BeNullOrEmpty
        }
    }

    It 'fills the variables of the common parameters' {
        Write-Warning w -WarningVariable warned -WarningAction SilentlyContinue
        Get-Item -LiteralPath $missing -ErrorVariable failed -ErrorAction SilentlyContinue
        Write-Output 1, 2 -OutVariable kept | Out-Null
        "$warned" | Should -Be 'w'
        $failed | Should -HaveCount 1
        $kept | Should -Be 1, 2
    }

    It 'gives Write-Error the id and the place of the function' {
        function Write-It { [CmdletBinding()] param() Write-Error -Message 'no' -ErrorId 'Some.Id' -Category InvalidData }
        Write-It -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -Be 'Some.Id,Write-It'
        $failed[0].CategoryInfo.Category | Should -Be 'InvalidData'
        $failed[0].InvocationInfo.ScriptName | Should -Be $PSCommandPath
    }

    It 'refuses a parameter that it does not know' {
        { Get-ChildItem -NoSuchParameter } | Should -Throw -ErrorId 'NamedParameterNotFound,*'
    }
}

Describe 'Formatting' {
    BeforeAll {
        $rows = @([pscustomobject]@{ Name = 'one'; Size = 1 }, [pscustomobject]@{ Name = 'three'; Size = 30 })

        function Get-Line {
            # The lines of the printed objects that are not empty.
            param($Printed)
            @(($Printed | Out-String) -split '\r?\n' | ForEach-Object { $_.TrimEnd() } | Where-Object { $_ })
        }
    }

    It 'as a table aligns text left and numbers right' {
        Get-Line ($rows | Format-Table) | Should -Be 'Name  Size', '----  ----', 'one      1', 'three   30'
    }

    It 'as a table takes properties, labels and expressions' {
        Get-Line ($rows | Format-Table -Property @{ Label = 'Twice'; Expression = { $_.Size * 2 } }, Name -HideTableHeaders) |
            Should -Be '    2 one', '   60 three'
    }

    It 'as a list aligns the colons' {
        Get-Line ($rows[0] | Format-List) | Should -Be 'Name : one', 'Size : 1'
    }
}

Describe 'JSON' {
    It 'is written as PowerShell writes it' {
        [ordered]@{ a = 1; b = @('x', $null); c = @{ d = $true } } | ConvertTo-Json -Compress | Should -BeExactly '{"a":1,"b":["x",null],"c":{"d":true}}'
        @{ deep = @{ er = @{ still = @{ more = 1 } } } } | ConvertTo-Json -Compress -Depth 3 | Should -BeExactly '{"deep":{"er":{"still":{"more":1}}}}'
        "quote `" line`n" | ConvertTo-Json | Should -BeExactly '"quote \" line\n"'
    }

    It 'comes back as it was written: <_>' -ForEach '{"a":1,"b":["x",null],"c":{"d":true}}', '[1,[2,3]]', '{"n":-1.5,"big":9007199254740993}' {
        $read = ConvertFrom-Json -InputObject $_
        ConvertTo-Json -InputObject $read -Compress -Depth 5 | Should -BeExactly $_
    }

    It 'that is none is an error' {
        { '{"a":' | ConvertFrom-Json } | Should -Throw
    }
}

Describe 'Files' {
    It 'are written and read, by line and whole' {
        $file = Join-Path $TestDrive 'lines.txt'
        'one', 'two' | Set-Content -LiteralPath $file
        Add-Content -LiteralPath $file -Value 'three'
        Get-Content -LiteralPath $file | Should -Be 'one', 'two', 'three'
        (Get-Content -LiteralPath $file -Raw) -replace '\r' | Should -Be "one`ntwo`nthree`n"
        'redirected' > $file
        Get-Content -LiteralPath $file | Should -Be 'redirected'
    }

    It 'are listed, copied and removed with their folders' {
        $folder = Join-Path $TestDrive 'a'
        $null = New-Item -ItemType Directory -Path (Join-Path $folder 'b') -Force
        Set-Content -LiteralPath (Join-Path $folder 'b/c.txt') -Value 1
        (Get-ChildItem -LiteralPath $folder -Recurse -File -Filter *.txt).Name | Should -Be 'c.txt'
        Copy-Item -LiteralPath $folder -Destination (Join-Path $TestDrive 'copy') -Recurse
        Join-Path $TestDrive 'copy/b/c.txt' | Should -Exist
        Remove-Item -LiteralPath $folder -Recurse
        Test-Path -LiteralPath $folder | Should -BeFalse
    }
}

Describe 'Objects' {
    It 'are chosen, sorted, grouped and measured' {
        $rows = 3, 1, 2, 3 | ForEach-Object { [pscustomobject]@{ N = $_; Odd = [bool]($_ % 2) } }
        ($rows | Sort-Object -Property N -Descending -Unique).N | Should -Be 3, 2, 1
        $rows | Group-Object -Property Odd | ForEach-Object { "$($_.Name)=$($_.Count)" } | Should -Be 'False=1', 'True=3'
        ($rows | Measure-Object -Property N -Sum -Maximum) | ForEach-Object { $_.Sum, $_.Maximum } | Should -Be 9, 3
        ($rows | Select-Object -Property @{ Name = 'Twice'; Expression = { $_.N * 2 } } -Last 1).Twice | Should -Be 6
        $rows | Select-Object -First 1 -ExpandProperty N | Should -Be 3
    }

    It 'stop coming when Select-Object has enough' {
        $seen = [System.Collections.Generic.List[int]]::new()
        1..9 | ForEach-Object { $seen.Add($_); $_ } | Select-Object -First 2 | Should -Be 1, 2
        $seen.Count | Should -Be 2
    }

    It 'are made by New-Object' {
        (New-Object -TypeName psobject -Property @{ a = 1 }).a | Should -Be 1
        (New-Object -TypeName guid) | Should -Be ([guid]::Empty)
        (New-Object -TypeName System.Text.StringBuilder -ArgumentList 'ab').Length | Should -Be 2
        { New-Object -TypeName No.Such.Type } | Should -Throw -ErrorId 'TypeNotFound,Microsoft.PowerShell.Commands.NewObjectCommand'
    }
}

Describe 'A runspace of its own' {
    It 'finds the cmdlets too' {
        $runspace = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
        $runspace.Open()
        $shell = [powershell]::Create()
        $shell.Runspace = $runspace
        try {
            $shell.AddScript('Write-Output (Split-Path a/b -Leaf)').Invoke() | Should -Be 'b'
        }
        finally {
            $shell.Dispose()
            $runspace.Dispose()
        }
    }
}

Describe 'Start-Process' {
    It 'waits, gives the exit code and has all output in the file' {
        $file = Join-Path $TestDrive 'out.txt'
        $program = [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
        $process = Start-Process -FilePath $program -ArgumentList '-NoProfile', '-Command', '"1..20000; exit 3"' -RedirectStandardOutput $file -Wait -PassThru
        $process.ExitCode | Should -Be 3
        @(Get-Content -LiteralPath $file).Count | Should -Be 20000
    }
}
