# What the tests of this folder share: the program that runs them, started once more. Dot-source it in BeforeAll.

function Start-Shell {
    # Starts this very shell with arguments, all its streams redirected. A process that was started in the background
    # ignores SIGINT, and hands that on: -Interruptible takes it back where env can. On Windows it gives a console of its
    # own, since Ctrl+C goes to all of one.
    param([string[]]$Argument, [switch]$Interruptible)

    $line = foreach ($word in '-NoProfile', $Argument) {
        foreach ($part in $word) {
            '"{0}"' -f $part.Replace('"', '\"')
        }
    }
    $program = [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
    $start = [System.Diagnostics.ProcessStartInfo]::new($program, $line -join ' ')
    $start.CreateNoWindow = [bool]$Interruptible
    if ($Interruptible -and [System.IO.Path]::DirectorySeparatorChar -eq '/') {
        & env --default-signal=INT true 2>$null
        if ($LASTEXITCODE -eq 0) {
            $start.FileName = 'env'
            $start.Arguments = "--default-signal=INT `"$program`" $($start.Arguments)"
        }
    }
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = [System.Text.Encoding]::UTF8
    $start.StandardErrorEncoding = [System.Text.Encoding]::UTF8
    $start.WorkingDirectory = $TestDrive
    [System.Diagnostics.Process]::Start($start)
}

function Send-Interrupt {
    # Ctrl+C to a shell that was started with -Interruptible.
    param([System.Diagnostics.Process]$Process)

    if ([System.IO.Path]::DirectorySeparatorChar -eq '/') {
        & kill -INT $Process.Id
        return
    }
    $said = Invoke-Shell -Argument '-Command', "[PPFederation.TestHost.Shell.ConsoleInterrupt]::Send($($Process.Id))"
    if ($said.ExitCode -ne 0) {
        throw "Ctrl+C was not sent: $($said.Error)"
    }
}

function Wait-Shell {
    # Gives a started shell its input, waits for its end and returns what it wrote, line ends as \n, and its exit code.
    param([System.Diagnostics.Process]$Process, [string]$InputText = '')

    $errors = $Process.StandardError.ReadToEndAsync()
    $Process.StandardInput.Write($InputText)
    $Process.StandardInput.Close()
    $output = $Process.StandardOutput.ReadToEnd()
    $Process.WaitForExit()
    [pscustomobject]@{
        ExitCode = $Process.ExitCode
        Output   = $output.Replace("`r`n", "`n")
        Error    = $errors.Result.Replace("`r`n", "`n")
    }
}

function Invoke-Shell {
    param([string[]]$Argument, [string]$InputText = '')

    Wait-Shell -Process (Start-Shell -Argument $Argument) -InputText $InputText
}

function Invoke-ShellScript {
    # Runs a text as a script file.
    param([string]$Script, [string[]]$Argument = @(), [string]$InputText = '', [string[]]$Option = @())

    $file = Join-Path $TestDrive 'script.ps1'
    [System.IO.File]::WriteAllText($file, $Script)
    Invoke-Shell -Argument ($Option + '-File' + $file + $Argument) -InputText $InputText
}
