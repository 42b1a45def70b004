# A terminal of its own for a script, by the "script" of util-linux: what only a console shows and takes. Dot-source it in
# BeforeAll, after TestTenant.ps1.

function Test-Terminal {
    # Whether this system has what a terminal takes: util-linux, which macOS and Windows lack.
    [bool](Get-Command -Name script -CommandType Application -ErrorAction SilentlyContinue) -and
        (& script --version 2>$null) -match 'util-linux'
}

function Start-Terminal {
    # Runs a script file in a terminal that is so wide. Ctrl+C reaches it even if the tests were started in the background,
    # where a process ignores it and hands that on.
    param([string]$Script, [int]$Columns = 120, [string[]]$Option = @())

    $words = @('env', '--default-signal=INT', (Get-ShellProgram)) + (Get-ShellArgument) + $Option + '-File' + $Script
    $line = "stty cols $Columns rows 50; exec " + (($words | ForEach-Object { "'$_'" }) -join ' ')
    $start = [System.Diagnostics.ProcessStartInfo]::new('script')
    foreach ($word in '-qefc', $line, '/dev/null') {
        $start.ArgumentList.Add($word)
    }
    $start.Environment['TERM'] = 'xterm-256color'
    $start.Environment['SHELL'] = '/bin/sh'
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    [pscustomobject]@{
        Process = [System.Diagnostics.Process]::Start($start)
        Said    = [System.Text.StringBuilder]::new()
        Seen    = 0
        Buffer  = [char[]]::new(4096)
        Reading = $null
    }
}

function Read-Terminal {
    # Waits until a pattern is on the terminal, after what was waited for before; returns the text up to there, without what
    # moves the cursor and sets colours. The pattern $null waits for the end.
    param($Terminal, [AllowNull()][string]$Until)

    $patience = [System.Diagnostics.Stopwatch]::StartNew()
    do {
        $text = Get-TerminalText $Terminal
        if ($Until -and $text.Substring($Terminal.Seen) -match $Until) {
            $end = $Terminal.Seen + $text.Substring($Terminal.Seen).IndexOf($Matches[0]) + $Matches[0].Length
            $said = $text.Substring($Terminal.Seen, $end - $Terminal.Seen)
            $Terminal.Seen = $end
            return $said
        }
        if (-not $Terminal.Reading) {
            $Terminal.Reading = $Terminal.Process.StandardOutput.ReadAsync($Terminal.Buffer, 0, $Terminal.Buffer.Length)
        }
        if ($Terminal.Reading.Wait(1000)) {
            $count = $Terminal.Reading.Result
            $Terminal.Reading = $null
            if ($count -eq 0) {
                if ($Until) {
                    throw "The terminal ended before '$Until': $text"
                }
                return $text.Substring($Terminal.Seen)
            }
            [void]$Terminal.Said.Append($Terminal.Buffer, 0, $count)
        }
    } while ($patience.Elapsed.TotalMinutes -lt 2)
    throw "The terminal never showed '$Until': $text"
}

function Get-TerminalText {
    # All that the terminal said, as text; an escape sequence that is not whole yet stays out.
    param($Terminal)

    $text = $Terminal.Said.ToString() -replace '\x1b\][^\x07\x1b]*(\x07|\x1b\\)', '' -replace '\x1b\[[0-?]*[ -/]*[@-~]', '' -replace '\x1b[=>78]', ''
    ($text -replace '\x1b.*$', '').Replace("`r`n", "`n").Replace("`r", "`n")
}

function Send-Terminal {
    # Types: Enter is "`r", Ctrl+C [char]3.
    param($Terminal, [string]$Text)

    $Terminal.Process.StandardInput.Write($Text)
    $Terminal.Process.StandardInput.Flush()
}

function Stop-Terminal {
    param($Terminal)

    if ($Terminal -and -not $Terminal.Process.HasExited) {
        $Terminal.Process.Kill($true)
    }
}
