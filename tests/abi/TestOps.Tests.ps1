# The rules of the C ABI that no shipped op reaches at will, through the bridge: two readers of one job, a full event queue, a
# panic, cancelling in every state, 10,000 jobs. The module is one around a library with the ops test.panic, test.fill,
# test.echo, test.values and test.wait; it needs a process of its own, since a process holds one bridge.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_TEST_OPS_MODULE
    . (Join-Path $PSScriptRoot '../../Pester/TestTenant.ps1')
    $wait = 60000

    function Start-Op {
        # A job of the library, through the bridge.
        param([string]$Op, [hashtable]$Field = @{})

        [PPFederation.Native.Job]::Start([PPFederation.Native.Request]::new($Op, $Field))
    }

    function Read-Rest {
        # All events of a job up to its last one: their number, the length of their texts, and the last one's kind.
        param($Job)

        $events = 0
        $length = 0
        do {
            $next = $Job.Next($wait)
            $events++
            $length += $next.Text.Length
        } until ($next.IsLast)
        [pscustomobject]@{ Events = $events; Length = $length; Kind = $next.Kind }
    }

    function Start-Reader {
        # Another thread that reads the job's next event. It takes turns with a caller of Wait-Reader.
        param($Job)

        $shell = [System.Management.Automation.PowerShell]::Create()
        $shell.Runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace(
            [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
        $shell.Runspace.Open()
        [void]$shell.AddScript({
                param($Job)
                while ($true) {
                    try {
                        return $Job.Next(60000)
                    }
                    catch [System.Management.Automation.MethodInvocationException] {
                        if ($_.Exception.InnerException.Code -ne 'Busy') {
                            throw
                        }
                    }
                }
            }).AddArgument($Job)
        [pscustomobject]@{ Shell = $shell; Running = $shell.BeginInvoke() }
    }

    function Wait-Reader {
        # Comes back when the other thread is inside of pp_job_next: the library then refuses this one.
        param($Job)

        $inside = [System.Threading.SpinWait]::SpinUntil({
                try {
                    [void]$Job.Next(0)
                    $false
                }
                catch [System.Management.Automation.MethodInvocationException] {
                    $_.Exception.InnerException.Code -eq 'Busy'
                }
            }, $wait)
        if (-not $inside) {
            throw 'No other thread came to read the job.'
        }
    }

    function Stop-Reader {
        # What the other thread has read.
        param($Reader)

        try {
            $Reader.Shell.EndInvoke($Reader.Running)
        }
        finally {
            $Reader.Shell.Runspace.Dispose()
            $Reader.Shell.Dispose()
        }
    }

    function Get-Refusal {
        # The code with which the library refuses a call.
        param([scriptblock]$Call)

        (Get-Failure $Call).Exception.InnerException.Code
    }

    function Invoke-TestOp {
        # An op as the module's own cmdlets run it: its results, streams and errors.
        [CmdletBinding()]
        param([string]$Op, [hashtable]$Field = @{})

        & (Get-Module -Name PPFederation) {
            param($Caller, $Op, $Field)
            Invoke-PPJob -Caller $Caller -Op $Op -Field $Field
        } $PSCmdlet $Op $Field
    }
}

Describe 'Two threads in pp_job_next of one job' {
    It 'are one too many: the second is refused, and the first gets its event' {
        $job = Start-Op 'test.wait'
        $reader = Start-Reader $job
        Wait-Reader $job
        Get-Refusal { $job.Next($wait) } | Should -Be 'Busy'
        $job.Cancel()
        (Stop-Reader $reader).Kind | Should -Be 'Cancelled'
        $job.Next(0).Kind | Should -Be 'Cancelled'
        $job.Dispose()
    }
}

Describe 'A full event queue' {
    It 'holds the worker, and cancelling frees it' {
        $threads = [System.Diagnostics.Process]::GetCurrentProcess().Threads.Count
        $jobs = @(for ($i = 0; $i -lt 30; $i++) { Start-Op 'test.fill' @{ bytes = 1000000000 } })
        # Room for 10 events comes only when as many are read.
        foreach ($job in $jobs) {
            for ($i = 0; $i -lt 10; $i++) {
                $job.Next($wait).Kind | Should -Be 'Verbose'
            }
            $job.Cancel()
            $rest = Read-Rest $job
            $rest.Kind | Should -Be 'Cancelled'
            $rest.Length | Should -BeLessOrEqual (4 * 1MB)
            $job.Dispose()
        }
        [System.Threading.SpinWait]::SpinUntil({
                [System.Diagnostics.Process]::GetCurrentProcess().Threads.Count -le $threads + 8
            }, $wait) | Should -Be $true -Because 'no worker is left in a queue'
    }

    It 'loses nothing when it is read' {
        $job = Start-Op 'test.fill' @{ bytes = 16 * 1MB + 5 }
        $rest = Read-Rest $job
        $rest.Length | Should -Be (16 * 1MB + 5)
        $rest.Kind | Should -Be 'Done'
        $job.Dispose()
    }

    It 'ends with its job when that is disposed' {
        $job = Start-Op 'test.fill' @{ bytes = 1000000000 }
        [void]$job.Next($wait)
        $job.Dispose()
        { $job.Next(0) } | Should -Throw -ExpectedMessage '*disposed*'
    }
}

Describe 'A panic inside an op' {
    It 'is an error that names the bug as the library''s own, again and again' {
        $job = Start-Op 'test.panic'
        $job.Next($wait).Kind | Should -Be 'Verbose'
        Get-Refusal { $job.Next($wait) } | Should -Be 'Panic'
        Get-Refusal { $job.Next(0) } | Should -Be 'Panic'
        $job.Dispose()
    }

    It 'ends the cmdlet with PPFederation.Panic, and the next one works' {
        $failure = Get-Failure { Invoke-TestOp 'test.panic' }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.Panic,Invoke-TestOp'
        $failure.ToString() | Should -Match 'a bug of its own'
        (Invoke-TestOp 'test.echo' @{ text = 'still here' }).Text | Should -Be 'still here'
    }

    It 'prints nothing and does not end the process' {
        $said = Invoke-TestShell -Script @"
Import-Module '$env:PPFEDERATION_TEST_OPS_MODULE'
`$job = [PPFederation.Native.Job]::Start([PPFederation.Native.Request]::new('test.panic', @{}))
try { while (`$true) { [void]`$job.Next(60000) } } catch { 'caught' }
"@
        $said.Text.Trim() | Should -Be 'caught'
        $said.ExitCode | Should -Be 0
    }
}

Describe 'Cancel' {
    It 'ends a job that runs, at once and for ever' {
        $job = Start-Op 'test.wait'
        $job.Next(0).Kind | Should -Be 'None'
        $job.Cancel()
        $job.Next($wait).Kind | Should -Be 'Cancelled'
        $job.Cancel()
        $job.Next(0).Kind | Should -Be 'Cancelled'
        $job.Next(0).Text | Should -Be ''
        $job.Dispose()
    }

    It 'wakes the thread that waits for an event' {
        $job = Start-Op 'test.wait'
        $reader = Start-Reader $job
        Wait-Reader $job
        $job.Cancel()
        (Stop-Reader $reader).Kind | Should -Be 'Cancelled'
        $job.Dispose()
    }

    It 'changes nothing about a job that is done' {
        $job = Start-Op 'test.echo' @{ text = 'hello' }
        (Read-Rest $job).Kind | Should -Be 'Done'
        $job.Cancel()
        $job.Next(0).Kind | Should -Be 'Done'
        $job.Dispose()
    }

    It 'changes nothing about a job that panicked' {
        $job = Start-Op 'test.panic'
        [void]$job.Next($wait)
        Get-Refusal { $job.Next($wait) } | Should -Be 'Panic'
        $job.Cancel()
        Get-Refusal { $job.Next(0) } | Should -Be 'Panic'
        $job.Dispose()
    }

    It 'is refused for a job that is disposed' {
        $job = Start-Op 'test.wait'
        $job.Dispose()
        { $job.Cancel() } | Should -Throw -ExpectedMessage '*disposed*'
    }

    It 'from elsewhere is an error of the cmdlet, not an empty answer' {
        $failure = Get-Failure {
            & (Get-Module -Name PPFederation) {
                function Invoke-Cancelled {
                    [CmdletBinding()]
                    param()
                    Write-PPError -Caller $PSCmdlet -Failure (Get-PPCancelled)
                }
                Invoke-Cancelled -ErrorAction Stop
            }
        }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.Cancelled,Invoke-Cancelled'
    }
}

Describe 'A secret' {
    It 'comes back from the library as it went in, as a SecureString in its object' {
        $text = 'h' + [char]0xfc + 'nter2 ' + [char]::ConvertFromUtf32(0x1F511)
        $echo = Invoke-TestOp 'test.echo' @{ text = 'x'; secret = (ConvertTo-TestSecret $text) }
        $echo.Secret | Should -BeOfType ([securestring])
        ConvertFrom-TestSecret $echo.Secret | Should -Be $text
    }
}

Describe 'Values of every kind' {
    BeforeAll {
        function Get-Unit {
            # The UTF-16 units of a text.
            param([string]$Text)

            -join ($Text.ToCharArray() | ForEach-Object { '{0:x4}' -f [int]$_ })
        }

        function Get-Spelling {
            # What a value is, as the op test.values spells it.
            param($Value)

            if ($null -eq $Value) {
                return 'null'
            }
            if ($Value -is [System.Collections.ArrayList]) {
                return '[' + (@(foreach ($item in $Value) { Get-Spelling $item }) -join ';') + ']'
            }
            switch ($Value.GetType().Name) {
                'Boolean' { "Boolean $Value".Replace('True', 'true').Replace('False', 'false') }
                'DateTime' { "DateTime $($Value.Kind) $($Value.Ticks)" }
                'String' { "String $(Get-Unit $Value)" }
                'TimeSpan' { "TimeSpan $($Value.Ticks)" }
                'PSCustomObject' { Get-ObjectSpelling $Value }
                default { "$_ $($Value.ToString([cultureinfo]::InvariantCulture))" }
            }
        }

        function Get-ObjectSpelling {
            param($Value)

            $type = $Value.PSObject.TypeNames[0].Substring('Deserialized.'.Length)
            $properties = foreach ($property in $Value.PSObject.Properties) {
                "$(Get-Unit $property.Name)=$(Get-Spelling $property.Value)"
            }
            "$(Get-Unit $type){$(@($properties) -join ';')}"
        }
    }

    It 'are in PowerShell what they were in the library (seed <seed>)' -ForEach @(
        @{ seed = 1 }, @{ seed = 2 }, @{ seed = 3 }, @{ seed = 4 }
    ) {
        $pairs = @(Invoke-TestOp 'test.values' @{ seed = $seed; bytes = 4000 })
        $pairs.Count | Should -BeGreaterThan 10
        foreach ($pair in $pairs) {
            Get-Spelling $pair.Value | Should -BeExactly $pair.Spelled
        }
    }
}

Describe '10,000 jobs' {
    BeforeAll {
        function Invoke-ManyJob {
            # Every job has a secret; one of three is read, one cancelled, one disposed while it runs.
            param([int]$Count)

            $secret = ConvertTo-TestSecret 'secret'
            for ($i = 0; $i -lt $Count; $i++) {
                $job = Start-Op 'test.echo' @{ text = 'some text'; secret = $secret }
                switch ($i % 3) {
                    0 { [void](Read-Rest $job) }
                    1 { $job.Cancel() }
                }
                $job.Dispose()
            }
        }

        function Get-Size {
            # What the process holds, without what the collector would free. The worker of the last job may still end.
            param([int]$Threads = [int]::MaxValue)

            [void][System.Threading.SpinWait]::SpinUntil({
                    [System.Diagnostics.Process]::GetCurrentProcess().Threads.Count -le $Threads
                }, $wait)
            [System.GC]::Collect()
            [System.GC]::WaitForPendingFinalizers()
            [System.GC]::Collect()
            $process = [System.Diagnostics.Process]::GetCurrentProcess()
            [pscustomobject]@{ Memory = $process.WorkingSet64; Threads = $process.Threads.Count }
        }
    }

    It 'leave no memory and no thread behind' {
        Invoke-ManyJob 2000
        $before = Get-Size
        Invoke-ManyJob 10000
        $after = Get-Size -Threads $before.Threads
        $after.Threads | Should -BeLessOrEqual $before.Threads
        # Less than 1.6 KiB a job: the engine's own memory goes up and down by some MiB.
        $after.Memory - $before.Memory | Should -BeLessThan (16 * 1MB)
    }
}
