# A file of tests that stops before its end. Pester.Tests.ps1 runs it in a process of its own.

Describe 'Found' {
    It 'before the error' {
        Write-Host 'ran although its file is broken'
    }
}

throw 'no more tests'
