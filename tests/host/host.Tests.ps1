# The host program: its command line, exit codes, streams, prompts and signals. Under another PowerShell there is no host to test.

BeforeDiscovery {
    $isOther = $Host.Name -ne 'PPFederation test host'
    # Signals are sent by name here, which Windows does not know; Pester/Console.Tests.ps1 sends Ctrl+C there too.
    $hasNoSignals = [System.IO.Path]::DirectorySeparatorChar -eq '\'
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Shell.ps1')
}

Describe 'A script file' -Skip:$isOther {
    It 'ends with the exit code that a function in it gives to exit' {
        $said = Invoke-ShellScript -Script "function Stop-It { exit 7 }`n'before'`nStop-It`n'never'"
        $said.ExitCode | Should -Be 7
        $said.Output | Should -Be "before`n"
    }

    It 'ends with 1 at an error that nothing catches, shown on stderr with file and line after all output' {
        $said = Invoke-ShellScript -Script "[pscustomobject]@{ A = 1; B = 2 }`n`nfunction Stop-It {`n    throw 'broken here'`n}`nStop-It`n'never'"
        $said.ExitCode | Should -Be 1
        $said.Error | Should -BeLike "*script.ps1:4*throw 'broken here'*~~~*broken here*"
        $said.Output.Trim() | Should -Match 'A B\n- -\n1 2$'
    }

    It 'goes on after other errors, shown with file and line, and ends with 0' {
        $said = Invoke-ShellScript -Script "`nGet-Item -LiteralPath /no/such/item`ntry { throw 'caught' } catch { 'after' }`nWrite-Error 'soft'"
        $said.ExitCode | Should -Be 0
        $said.Error | Should -BeLike '*script.ps1:2*Cannot find path*soft*'
        $said.Output | Should -Be "after`n"
    }

    It 'that does not exist is named, and the exit code is 64' {
        $said = Invoke-Shell -Argument '-File', 'no-such.ps1'
        $said.ExitCode | Should -Be 64
        $said.Error | Should -BeLike "*'no-such.ps1' does not exist*"
        $said.Output | Should -BeNullOrEmpty
    }

    It 'gets <Argument> as pwsh -File binds them' -ForEach @(
        @{ Argument = @('-Name', 'a b', '-Fast', '-Count', '-5'); Bound = 'a b|True|-5|' }
        @{ Argument = @('$true', '2', 'three', 'four', '-Fast:$false'); Bound = '$true|False|2|three four' }
    ) {
        $script = 'param([string]$Name, [switch]$Fast, [int]$Count = 3, [Parameter(ValueFromRemainingArguments)]$Rest) "$Name|$Fast|$Count|$Rest"'
        (Invoke-ShellScript -Script $script -Argument $Argument).Output.Trim() | Should -Be $Bound
    }

    It 'does not run with an argument that fits no parameter' {
        $said = Invoke-ShellScript -Script '[CmdletBinding()]param([int]$Count) "ran"' -Argument '-Nmae', 'x'
        $said.ExitCode | Should -Be 1
        $said.Error | Should -Match 'Nmae'
        $said.Output | Should -BeNullOrEmpty
    }
}

Describe 'A command' -Skip:$isOther {
    It 'is the rest of the command line as one text, and gives its exit code' {
        $said = Invoke-Shell -Argument '-Command', '$a =', "'x y';", '"<$a>"; & { exit 9 }; 1'
        $said.Output | Should -Be "<x y>`n"
        $said.ExitCode | Should -Be 9
    }

    It 'fails when its last statement did' {
        (Invoke-Shell -Argument '-Command', 'Write-Error soft; 1').ExitCode | Should -Be 0
        (Invoke-Shell -Argument '-Command', '1; Write-Error soft').ExitCode | Should -Be 1
    }

    It 'that breaks off is shown with the place' {
        $said = Invoke-Shell -Argument '-Command', 'if ('
        $said.Error | Should -BeLike '*if (*~*Missing condition*'
        $said.ExitCode | Should -Be 1
    }

    It 'can be given as base64 of UTF-16' {
        $encoded = [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes("'caf$([char]0xe9)'.Length"))
        (Invoke-Shell -Argument '-EncodedCommand', $encoded).Output.Trim() | Should -Be '4'
    }
}

Describe 'The command line' -Skip:$isOther {
    It 'with an unknown option, or nothing to run, is answered by the usage and 64: <_>' -ForEach '-NoSuchOption', '-NonInteractive', '-Command' {
        $said = Invoke-Shell -Argument $_
        $said.ExitCode | Should -Be 64
        $said.Error | Should -BeLike '*Usage:*'
    }
}

Describe 'The streams' -Skip:$isOther {
    It 'are shown once each, in order, as the preferences say; a log has no progress bar' {
        $said = Invoke-ShellScript -Script @'
function Write-All {
    'o'; Write-Warning w; Write-Verbose v; Write-Debug d; Write-Information i; Write-Host h; Write-Progress -Activity p -Status s
}
Write-All
$VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
Write-All
'@
        $said.Output | Should -Be "o`nWARNING: w`nh`no`nWARNING: w`nVERBOSE: v`nDEBUG: d`ni`nh`n"
        $said.Error | Should -BeNullOrEmpty
    }
}

Describe 'A native command' -Skip:$isOther {
    It 'writes into the pipeline or straight to the console, and sets $LASTEXITCODE and $?' {
        $said = Invoke-ShellScript -Script @'
$shell = [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
$lines = @(& $shell -Help)
"$?, $LASTEXITCODE, $($lines[0])"
& $shell -NoSuchOption
"$?, $LASTEXITCODE"
& $shell -Help
'@
        $said.Output | Should -BeLike "True, 0, Usage:*script.ps1*`nFalse, 64`nUsage:*"
        $said.Error | Should -BeLike '*-NoSuchOption*'
        $said.ExitCode | Should -Be 0
    }
}

Describe 'A prompt' -Skip:$isOther {
    BeforeAll {
        $confirm = @'
function Remove-It {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param()
    if ($PSCmdlet.ShouldProcess('it')) { 'removed' } else { 'kept' }
}
'@
    }

    It 'is answered by the next line of stdin' {
        # For a confirmation: yes, no, and one that is no choice, which is asked again and then takes the default.
        $said = Invoke-ShellScript -InputText "Bea`nAda`nhidden`ny`nn`nwhat?`n`n" -Script @"
param([Parameter(Mandatory)][string]`$Owner)
$confirm
`$name = Read-Host 'Name'
`$secret = Read-Host 'Secret' -AsSecureString
"<`$Owner, `$name, `$([System.Net.NetworkCredential]::new('', `$secret).Password.Length)>"
"<`$(Remove-It) `$(Remove-It) `$(Remove-It)>"
"@
        $said.Output | Should -BeLike '*Owner: Name: Secret: <Bea, Ada, 6>*'
        $said.Output | Should -BeLike '*<removed kept removed>*'
        $said.Output | Should -Not -BeLike '*hidden*'
    }

    It 'throws at the end of the input instead of waiting or guessing' {
        $said = Invoke-ShellScript -Script "$confirm`ntry { Read-Host } catch { ""asked: `$_"" }`n`$ErrorActionPreference = 'Stop'`nRemove-It"
        $said.Output | Should -BeLike '*asked: *input has ended*'
        $said.Output | Should -Not -BeLike '*removed*'
        $said.Error | Should -BeLike '*input has*ended*'
        $said.ExitCode | Should -Be 1
    }

    It 'throws with -NonInteractive although there is input' {
        $said = Invoke-ShellScript -Script "$confirm`nRemove-It -Confirm:`$false`nRemove-It" -InputText "y`n" -Option '-NonInteractive'
        $said.Output | Should -Be "removed`n"
        $said.Error | Should -BeLike '*-NonInteractive*'
    }
}

Describe 'A signal' -Skip:($isOther -or $hasNoSignals) {
    BeforeAll {
        function Send-Signal {
            param([System.Diagnostics.Process]$Process, [string]$Name)

            & kill "-$Name" $Process.Id
        }
    }

    BeforeEach {
        $process = $null
    }

    AfterEach {
        if ($process -and -not $process.HasExited) {
            $process.Kill()
        }
    }

    It '<Name> while <Doing> runs the finally block whole and ends with exit code <Code>' -ForEach @(
        @{ Name = 'INT'; Code = 130; Doing = 'a cmdlet waits'; Work = 'Start-Sleep -Seconds 600' }
        @{ Name = 'INT'; Code = 130; Doing = 'a started program runs'; Work = 'Start-Process cat -Wait' }
        @{ Name = 'TERM'; Code = 143; Doing = 'a prompt waits'; Work = '$null = Read-Host' }
    ) {
        $process = Start-Shell -Interruptible -Argument '-Command', "try { Write-Host ready; $Work; 'unreached' } finally { Write-Host one; Write-Host two }"
        $process.StandardOutput.ReadLine() | Should -Be 'ready'
        Send-Signal -Process $process -Name $Name
        $process.WaitForExit(60000) | Should -BeTrue
        $process.ExitCode | Should -Be $Code
        $process.StandardInput.Close()
        $process.StandardOutput.ReadToEnd() | Should -Be "one`ntwo`n"
    }

    It 'sent twice ends a finally block that does not' {
        $process = Start-Shell -Interruptible -Argument '-Command', 'try { Write-Host ready; Start-Sleep 600 } finally { [Console]::WriteLine("stopping"); while ($true) { } }'
        $process.StandardOutput.ReadLine() | Should -Be 'ready'
        Send-Signal -Process $process -Name INT
        $line = $process.StandardOutput.ReadLineAsync()
        $line.Wait(60000) | Should -BeTrue
        $line.Result | Should -Be 'stopping'
        Send-Signal -Process $process -Name INT
        $process.WaitForExit(60000) | Should -BeTrue
        $process.ExitCode | Should -Be 130
    }
}
