# What the tests of this repository rely on in Pester. Holds for Pester 5 as for the stand-in; what only the stand-in prints
# is in a block of its own.

BeforeDiscovery {
    $isReal = (Get-Module -Name Pester).Author -ne 'PPFederation contributors'
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Shell.ps1')
    $samples = Join-Path $PSScriptRoot 'Samples'
}

Describe 'A run that passes' {
    BeforeAll {
        $said = Invoke-ShellScript -Argument $samples -Script @'
param($Samples)
Import-Module -Name Pester -MinimumVersion 5.0
function Invoke-Sample([hashtable]$Filter) {
    $run = Invoke-Pester -Configuration ([PesterConfiguration]@{
        Run = @{ Path = (Join-Path $Samples 'Passing.ps1'); PassThru = $true }; Output = @{ Verbosity = 'None' }; Filter = $Filter })
    @{ Result = $run.Result; Names = @($run.Tests | Where-Object { $_.Result -ne 'NotRun' } | ForEach-Object { "$($_.Result) $($_.ExpandedPath)" }) }
}
@{
    All  = Invoke-Sample @{}
    Some = Invoke-Sample @{ Tag = 'scope' }
    Deep = Invoke-Sample @{ Tag = 'deep' }
    Less = Invoke-Sample @{ Tag = 'scope'; ExcludeTag = 'deep' }
} | ConvertTo-Json -Depth 4
'@
        $runs = $said.Output | ConvertFrom-Json
    }

    It 'has no failure, so the rules of scope, order, data and TestDrive hold' {
        @($runs.All.Names -like 'Failed*') | Should -BeNullOrEmpty
        $runs.All.Result | Should -Be 'Passed'
        @($runs.All.Names -like 'Passed*').Count | Should -Be 14
    }

    It 'skips what is said to be skipped, with its set-up' {
        @($runs.All.Names -like 'Skipped*') | Should -Be @(
            'Skipped Left out.is skipped with its block', 'Skipped Left out singly.is skipped', 'Skipped Left out singly.skips itself')
    }

    It 'names tests from their data' {
        $runs.All.Names | Should -Contain 'Passed Data of x.n is 3 <b> long, of n'
        $runs.All.Names | Should -Contain 'Passed Data of x.m is 2 <b> long, of m'
        $runs.All.Names | Should -Contain 'Passed Data of x.plain 2'
    }

    It 'runs only the tests whose tag, or whose block''s, is asked for' {
        $runs.Some.Names.Count | Should -Be 4
        $runs.Deep.Names | Should -Be 'Passed Scopes.of a Context.are inside that of Describe'
        $runs.Less.Names.Count | Should -Be 3
    }
}

Describe 'A run that fails' {
    BeforeAll {
        $said = Invoke-ShellScript -Argument $samples -Script @'
param($Samples)
Import-Module -Name Pester -MinimumVersion 5.0
Invoke-Pester -Path (Join-Path $Samples 'Failing.ps1'), (Join-Path $Samples 'Unreadable.ps1') -Output Detailed -CI
'@
    }

    It 'ends with the number of failed tests, blocks and files as exit code' {
        $said.ExitCode | Should -Be 5
    }

    It 'shows each failure with its message, file and line' {
        $said.Output | Should -Match 'Expected 2, because it is so, but got 1\.\s+at 1 \| Should -Be 2 -Because ''it is so'', .*Failing\.ps1:9'
        $said.Output | Should -Match 'broken here\s+at Stop-It, .*Failing\.ps1:13\s+at .*Failing\.ps1:14'
        $said.Output | Should -Match 'no set-up\s+at .*Failing\.ps1:23'
    }

    It 'tears down after a failure' {
        $said.Output | Should -Match '(?m)^tear-down ran$'
    }

    It 'fails the tests whose set-up failed, without running them' {
        $said.Output | Should -Match '\[-\] .*by its set-up'
        $said.Output | Should -Not -Match 'ran without its set-up'
    }

    It 'names the file whose tests could not be read, and runs none of them' {
        $said.Output | Should -Match '(?s)Unreadable\.ps1.*no more tests'
        $said.Output | Should -Not -Match 'ran although'
    }

    It 'ends with the counts' -Skip:$isReal {
        $said.Output | Should -Match '(?m)^1 passed, 4 failed, 0 skipped\s*$'
        $said.Output | Should -Match '(?m)^Failed: Failing\.by an assertion$'
    }
}

Describe 'Discovery' -Skip:$isReal {
    # Pester keeps the last of two silently; the stand-in refuses what it would not do.
    It 'refuses <Case>' -ForEach @(
        @{ Case = 'a test outside a block'; Text = "It 'i' { }"; Said = 'cannot be directly in the root' }
        @{ Case = 'two set-ups in a block'; Text = "Describe 'd' { BeforeAll { }; BeforeAll { }; It 'i' { } }"; Said = 'two BeforeAll' }
    ) {
        $file = Join-Path $TestDrive 'wrong.ps1'
        Set-Content -LiteralPath $file -Value $Text
        $run = Invoke-Pester -Path $file -Output None -PassThru
        $run.FailedContainersCount | Should -Be 1
        "$TestDrive" | Should -Be (Split-Path -Parent $file) -Because 'the run inside leaves the drive of the run around it'
        $run.FailedContainers[0].Root.ErrorRecord[0].Exception.Message | Should -Match $Said
    }
}

Describe 'Should' {
    It 'holds for <Case>' -ForEach @(
        @{ Case = '-Be without case'; Test = { 'A' | Should -Be 'a' } }
        @{ Case = '-Be of arrays'; Test = { 1, 2 | Should -Be 1, 2 } }
        @{ Case = '-Be of null and nothing'; Test = { @() | Should -Be $null } }
        @{ Case = '-BeExactly'; Test = { 'A' | Should -Not -BeExactly 'a' } }
        @{ Case = '-BeTrue'; Test = { 'text' | Should -BeTrue } }
        @{ Case = '-BeFalse'; Test = { '' | Should -BeFalse } }
        @{ Case = '-BeNullOrEmpty'; Test = { '' | Should -BeNullOrEmpty } }
        @{ Case = '-BeOfType'; Test = { 1, 2 | Should -BeOfType [int] } }
        @{ Case = '-BeLike'; Test = { 'abc' | Should -BeLike 'A*' } }
        @{ Case = '-Match'; Test = { 'abc' | Should -Match 'B' } }
        @{ Case = '-MatchExactly'; Test = { 'abc' | Should -Not -MatchExactly 'A' } }
        @{ Case = '-Contain'; Test = { 1, 2 | Should -Contain 2 } }
        @{ Case = '-HaveCount of nothing'; Test = { @() | Should -HaveCount 0 } }
        @{ Case = '-BeGreaterThan'; Test = { 2 | Should -BeGreaterThan 1 } }
        @{ Case = '-BeLessOrEqual'; Test = { 2 | Should -BeLessOrEqual 2 } }
        @{ Case = '-BeIn'; Test = { 2 | Should -BeIn 1, 2 } }
        @{ Case = '-Throw with all filters'; Test = { { throw [System.IO.IOException]'a b' } | Should -Throw -ExpectedMessage 'a*' -ErrorId 'a b' -ExceptionType ([System.IO.IOException]) } }
        @{ Case = '-Throw of a pattern of an id'; Test = { { Get-Item -LiteralPath /no/such -ErrorAction Stop } | Should -Throw -ErrorId 'PathNotFound,*' } }
        @{ Case = '-Not -Throw'; Test = { { Get-Item -LiteralPath /no/such -ErrorAction SilentlyContinue } | Should -Not -Throw } }
        @{ Case = '-HaveParameter'; Test = { Get-Command Get-Item | Should -HaveParameter Path -Type ([string[]]) -Mandatory } }
    ) {
        & $Test
    }

    It 'fails for <Case>' -ForEach @(
        @{ Case = '-Be'; Test = { 1 | Should -Be 2 }; Message = 'Expected 2, but got 1.' }
        @{ Case = '-Because'; Test = { 1 | Should -Be 2 -Because 'it is so' }; Message = 'Expected 2, because it is so, but got 1.' }
        @{ Case = '-Be of one and two'; Test = { 1 | Should -Be 1, 1 }; Message = 'Expected @(1, 1), but got 1.' }
        @{ Case = '-Be of strings'; Test = { 'abd' | Should -Be 'abc' }; Message = '*Strings differ at index 2.*' }
        @{ Case = '-Not -Be'; Test = { 1 | Should -Not -Be 1 }; Message = 'Expected 1 to be different from the actual value, but got the same value.' }
        @{ Case = '-BeNullOrEmpty'; Test = { 1 | Should -BeNullOrEmpty }; Message = 'Expected $null or empty, but got 1.' }
        @{ Case = 'one of several'; Test = { 1, 'a' | Should -BeOfType [int] }; Message = 'Expected the value to have type `[int`] or any of its subtypes, but got ''a'' with type `[string`].' }
        @{ Case = '-Throw without one'; Test = { { } | Should -Throw }; Message = 'Expected an exception to be thrown, but no exception was thrown.' }
        @{ Case = '-Throw of another id'; Test = { { throw 'x' } | Should -Throw -ErrorId y }; Message = 'Expected an exception with FullyQualifiedErrorId ''y'' to be thrown, but the FullyQualifiedErrorId was ''x''*' }
        @{ Case = '-Throw of a part of the text'; Test = { { throw 'abc' } | Should -Throw -ExpectedMessage 'ab' }; Message = '*but the message was ''abc''*' }
        @{ Case = '-Not -Throw'; Test = { { throw 'x' } | Should -Not -Throw }; Message = 'Expected no exception to be thrown, but an exception "x" was thrown*' }
    ) {
        $Test | Should -Throw -ErrorId 'PesterAssertionFailed' -ExpectedMessage $Message
    }

    It 'passes the error on with -PassThru' {
        $failure = { throw 'x' } | Should -Throw -PassThru
        $failure.Exception.Message | Should -Be 'x'
    }
}
