# Tests that pass where Pester's rules hold. Pester.Tests.ps1 runs them in a process of their own.

BeforeDiscovery {
    $cases = @{ Name = 'n'; Value = 'abc' }, @{ Name = 'm'; Value = 'ab' }
}

BeforeAll {
    $top = 1
}

Describe 'Scopes' -Tag 'scope' {
    $early = 2

    BeforeAll {
        $late = 3
        function Get-Four { 4 }
    }

    BeforeEach {
        $each = 5
    }

    It 'hold what BeforeAll and BeforeEach set, not what stands directly in Describe' {
        "$top $early $late $(Get-Four) $each" | Should -Be '1  3 4 5'
        $late = 9
    }

    It 'do not hold what another test set' {
        $late | Should -Be 3
    }

    Context 'of a Context' {
        BeforeAll {
            $late = 7
        }

        It 'are inside that of Describe' -Tag 'deep' {
            "$top $late" | Should -Be '1 7'
        }
    }

    It 'end with their block' {
        $late | Should -Be 3
    }
}

Describe 'Order' {
    BeforeAll {
        $trace = [System.Text.StringBuilder]::new()
    }

    BeforeEach {
        [void]$trace.Append('1')
    }

    AfterEach {
        [void]$trace.Append('5')
    }

    Context 'of set-up and tear-down' {
        BeforeEach {
            [void]$trace.Append('2')
        }

        AfterEach {
            [void]$trace.Append('4')
        }

        It 'is outside in, and back' {
            [void]$trace.Append('3')
        }
    }

    It 'is complete when the block is over' {
        "$trace" | Should -Be '123451'
    }
}

Describe 'Data of <_>' -ForEach 'x' {
    It '<Name> is <Value.Length> `<b> long, of <_.Name>' -ForEach $cases {
        $Value | Should -BeLike 'ab*'
    }

    It 'plain <_>' -TestCases 1, 2 {
        $_ | Should -BeIn 1, 2
    }

    It 'reaches param()' -TestCases @{ Given = 4 } {
        param($Given)
        $Given | Should -Be 4
    }
}

Describe 'TestDrive' {
    BeforeAll {
        Set-Content -Path 'TestDrive:/outer' -Value 1
    }

    Context 'of a block' {
        It 'keeps files from test to test' {
            Set-Content -Path 'TestDrive:/inner' -Value 1
            Join-Path $TestDrive 'outer' | Should -Exist
        }

        It 'keeps them up to the end of the block' {
            'TestDrive:/inner' | Should -Exist
        }
    }

    It 'loses them with the block' {
        'TestDrive:/inner' | Should -Not -Exist
        'TestDrive:/outer' | Should -Exist
    }
}

Describe 'Left out' -Skip {
    BeforeAll {
        throw 'The set-up of a skipped block must not run.'
    }

    It 'is skipped with its block' {
        throw 'A skipped test must not run.'
    }
}

Describe 'Left out singly' {
    It 'is skipped' -Skip {
        throw 'A skipped test must not run.'
    }

    It 'skips itself' {
        Set-ItResult -Skipped -Because 'of it'
    }
}
