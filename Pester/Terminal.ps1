# A terminal of its own for a script, by tmux: what only a terminal shows and takes. Dot-source it in BeforeAll, after
# TestTenant.ps1.

function Test-Terminal {
    # Whether this system has what a terminal takes.
    [bool](Get-Command -Name tmux -CommandType Application -ErrorAction SilentlyContinue)
}

function Start-Terminal {
    # Runs a script file in a terminal that is so wide. Ctrl+C reaches it even if the tests were started in the background,
    # where a process ignores it and hands that on.
    param([string]$Script, [int]$Columns = 120, [string[]]$Option = @(), [hashtable]$Environment = @{})

    $words = @('env', '--default-signal=INT', (Get-ShellProgram)) + (Get-ShellArgument) + $Option + '-File' + $Script
    $line = ($words | ForEach-Object { "'$_'" }) -join ' '
    $name = "ppfederation-$([guid]::NewGuid())"
    $start = [System.Diagnostics.ProcessStartInfo]::new('tmux')
    # In control mode: what the terminal shows comes as lines on standard output, what is typed goes in as commands.
    foreach ($word in '-L', $name, '-f', '/dev/null', '-C', 'new-session', '-x', "$Columns", '-y', '50', $line) {
        $start.ArgumentList.Add($word)
    }
    foreach ($variable in $Environment.Keys) {
        $start.Environment[$variable] = $Environment[$variable]
    }
    $start.Environment['SHELL'] = '/bin/sh'
    [void]$start.Environment.Remove('TMUX')
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    [pscustomobject]@{
        Name    = $name
        Process = [System.Diagnostics.Process]::Start($start)
        Said    = [System.Collections.Generic.List[byte]]::new()
        Seen    = 0
        Reading = $null
    }
}

function Read-Terminal {
    # Waits until a pattern is on the terminal, after what was waited for before; returns the text up to there, without what
    # moves the cursor and sets colours. Without a pattern: waits for the end.
    param($Terminal, [string]$Until = '')

    $patience = [System.Diagnostics.Stopwatch]::StartNew()
    while ($patience.Elapsed.TotalMinutes -lt 2) {
        $text = Get-TerminalText $Terminal
        $new = $text.Substring($Terminal.Seen)
        if ($Until -and $new -match $Until) {
            $end = $new.IndexOf($Matches[0]) + $Matches[0].Length
            $Terminal.Seen += $end
            return $new.Substring(0, $end)
        }
        if (-not $Terminal.Reading) {
            $Terminal.Reading = $Terminal.Process.StandardOutput.ReadLineAsync()
        }
        if ($Terminal.Reading.Wait(1000)) {
            $line = $Terminal.Reading.Result
            $Terminal.Reading = $null
            if ($null -eq $line -or $line -match '^%exit') {
                if ($Until) {
                    throw "The terminal ended before '$Until': $text"
                }
                return $new
            }
            Add-TerminalOutput $Terminal $line
        }
    }
    throw "The terminal never showed '$Until': $text"
}

function Add-TerminalOutput {
    # Keeps what a line of tmux says of the program's output: "%output %0 text", a byte that can't be shown as \ooo.
    param($Terminal, [string]$Line)

    if ($Line -match '^%output %\d+ (.*)$') {
        $bytes = [System.Text.Encoding]::UTF8.GetBytes($Matches[1])
        for ($i = 0; $i -lt $bytes.Length; $i++) {
            if ($bytes[$i] -eq 92) {
                $Terminal.Said.Add([byte](64 * ($bytes[$i + 1] - 48) + 8 * ($bytes[$i + 2] - 48) + $bytes[$i + 3] - 48))
                $i += 3
            }
            else {
                $Terminal.Said.Add($bytes[$i])
            }
        }
    }
}

function Get-TerminalText {
    # All that the terminal said, as text; an escape sequence that is not whole yet stays out.
    param($Terminal)

    $text = [System.Text.Encoding]::UTF8.GetString($Terminal.Said.ToArray())
    $text = $text -replace '\x1b\][^\x07\x1b]*(\x07|\x1b\\)', '' -replace '\x1b\[[0-?]*[ -/]*[@-~]', '' -replace '\x1b[=>78]', ''
    ($text -replace '\x1b.*$', '').Replace("`r`n", "`n").Replace("`r", "`n")
}

function Send-Terminal {
    # Types: a text as it is, or a key by its name as tmux knows it: Enter, C-c.
    param($Terminal, [string]$Text = '', [string]$Key = '')

    if ($Text) {
        $Terminal.Process.StandardInput.WriteLine("send-keys -l '$Text'")
    }
    if ($Key) {
        $Terminal.Process.StandardInput.WriteLine("send-keys $Key")
    }
    $Terminal.Process.StandardInput.Flush()
}

function Stop-Terminal {
    param($Terminal)

    if ($Terminal) {
        # Says so where it has ended by itself.
        & tmux -L $Terminal.Name kill-server 2>$null
        $Terminal.Process.WaitForExit()
    }
}
