# Tests that fail in each of the ways there are. Pester.Tests.ps1 runs them in a process of their own.

Describe 'Failing' {
    AfterAll {
        Write-Host 'tear-down ran'
    }

    It 'by an assertion' {
        1 | Should -Be 2 -Because 'it is so'
    }

    It 'by an error in a function' {
        function Stop-It { throw 'broken here' }
        Stop-It
    }

    It 'not' {
        1 | Should -Be 1
    }

    Context 'by its set-up' {
        BeforeAll {
            throw 'no set-up'
        }

        It 'is kept from running' {
            Write-Host 'ran without its set-up'
        }
    }
}
