# The rules of the C ABI, through the bridge: misuse is a code and a sentence, never a crash.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $bridge = [PPFederation.Native.Library].Assembly
    $native = $bridge.GetType('PPFederation.Native.NativeMethods')

    function Invoke-Native {
        # Calls an export as it is: pointers as IntPtr.
        param([string]$Name, [object[]]$Argument)

        $native.GetMethod($Name, [System.Reflection.BindingFlags]'Static,NonPublic').Invoke($null, $Argument)
    }

    function Start-Raw {
        # pp_job_start with raw bytes: the code and the job's number.
        param([byte[]]$Request, [uint64]$Length = $Request.Length, [byte[]]$Secret = @(), [uint64]$SecretLength = $Secret.Length)

        $memory = [System.Runtime.InteropServices.Marshal]::AllocHGlobal($Request.Length + $Secret.Length + 8)
        try {
            [System.Runtime.InteropServices.Marshal]::WriteInt64($memory, 0)
            [System.Runtime.InteropServices.Marshal]::Copy($Request, 0, [IntPtr]($memory.ToInt64() + 8), $Request.Length)
            $secrets = [IntPtr]($memory.ToInt64() + 8 + $Request.Length)
            [System.Runtime.InteropServices.Marshal]::Copy($Secret, 0, $secrets, $Secret.Length)
            $code = Invoke-Native pp_job_start @(
                [IntPtr]($memory.ToInt64() + 8), [UIntPtr]::new($Length), $secrets, [UIntPtr]::new($SecretLength), $memory)
            $number = [System.BitConverter]::GetBytes([System.Runtime.InteropServices.Marshal]::ReadInt64($memory))
            [pscustomobject]@{ Code = $code; Job = [System.BitConverter]::ToUInt64($number, 0) }
        }
        finally {
            [System.Runtime.InteropServices.Marshal]::FreeHGlobal($memory)
        }
    }

    function Start-Json {
        param([string]$Json, [byte[]]$Secret = @())

        Start-Raw -Request ([System.Text.Encoding]::UTF8.GetBytes($Json)) -Secret $Secret
    }

    function Start-Attributes {
        # A job that needs no tenant.
        [PPFederation.Native.Job]::Start([PPFederation.Native.Request]::new('attributes', @{}))
    }
}

Describe 'A request that the library cannot take' {
    It 'says why as its only event: <What>' -ForEach @(
        @{ What = 'an unknown op'; Op = 'no.such'; Field = @{}; Why = '*unknown variant ?no.such?*' }
        @{ What = 'an unknown field'; Op = 'attributes'; Field = @{ colour = 'red' }; Why = '*unknown field ?colour?*' }
        @{ What = 'an op of the tests, which no shipped library has'; Op = 'test.panic'; Field = @{}; Why = '*unknown variant ?test.panic?*' }
    ) {
        $job = [PPFederation.Native.Job]::Start([PPFederation.Native.Request]::new($Op, $Field))
        try {
            $said = $job.Next(60000)
            $said.Kind | Should -Be 'Error'
            $said.Text | Should -BeLike '*PPFederation.BadRequest*'
            $said.Text | Should -BeLike $Why
            $job.Next(60000).Kind | Should -Be 'Done'
        }
        finally {
            $job.Dispose()
        }
    }

    It 'starts a job all the same where it is no JSON' {
        $started = Start-Json 'attributes'
        $started.Code | Should -Be 0
        Invoke-Native pp_job_free @($started.Job) | Should -Be 0
    }

    It 'is code 4: bytes that are not UTF-8' {
        (Start-Raw -Request ([byte[]](0x22, 0xC3, 0x28, 0x22))).Code | Should -Be 4
    }

    It 'is code 3: a length past what memory can hold' {
        (Start-Raw -Request ([byte[]](1, 2, 3)) -Length ([uint64]::MaxValue)).Code | Should -Be 3
        (Start-Raw -Request ([byte[]](1, 2, 3)) -Secret ([byte[]](1)) -SecretLength ([uint64]::MaxValue)).Code | Should -Be 3
    }

    It 'is code 2: null where something must be' {
        $nothing = [IntPtr]::Zero
        Invoke-Native pp_job_start @($nothing, [UIntPtr]::new(3), $nothing, [UIntPtr]::Zero, $nothing) | Should -Be 2
        Invoke-Native pp_version @($nothing) | Should -Be 2
        Invoke-Native pp_buffer_free @($nothing) | Should -BeNullOrEmpty
    }
}

Describe 'A job handle' {
    It 'is refused when it is none of this process: <Handle>' -ForEach @(@{ Handle = 0 }, @{ Handle = 1 }, @{ Handle = 12345678901234567 }, @{ Handle = [uint64]::MaxValue }) {
        Invoke-Native pp_job_free @([uint64]$Handle) | Should -Be 5
        Invoke-Native pp_job_cancel @([uint64]$Handle) | Should -Be 5
    }

    It 'is refused after it was freed, and freed once only' {
        $started = Start-Json '{"op":"attributes"}'
        $started.Code | Should -Be 0
        Invoke-Native pp_job_free @($started.Job) | Should -Be 0
        Invoke-Native pp_job_free @($started.Job) | Should -Be 5
        Invoke-Native pp_job_cancel @($started.Job) | Should -Be 5
    }

    It 'gives its last event again and again' {
        $job = Start-Attributes
        do {
            $next = $job.Next(1000)
        } until ($next.IsLast)
        $job.Next(0).Kind | Should -Be 'Done'
        $job.Next(0).Text | Should -Be ''
        $job.Dispose()
    }

    It 'throws in the bridge after Dispose, which can be called twice' {
        $job = Start-Attributes
        $job.Dispose()
        $job.Dispose()
        { $job.Next(0) } | Should -Throw -ExpectedMessage '*disposed*'
        { $job.Cancel() } | Should -Throw -ExpectedMessage '*disposed*'
    }

    It 'reports Cancelled after Cancel' {
        $job = Start-Attributes
        $job.Cancel()
        do {
            $next = $job.Next(1000)
        } until ($next.IsLast)
        $next.Kind | Should -BeIn 'Cancelled', 'Done'
        $job.Dispose()
    }
}

Describe 'Many jobs' {
    It 'leave no handle and no thread behind' {
        for ($i = 0; $i -lt 50; $i++) {
            [void](Get-PPAttributeOwnership)
        }
        $threads = [System.Diagnostics.Process]::GetCurrentProcess().Threads.Count
        for ($i = 0; $i -lt 300; $i++) {
            [void](Get-PPAttributeOwnership)
        }
        [System.Diagnostics.Process]::GetCurrentProcess().Threads.Count | Should -BeLessOrEqual ($threads + 4)
    }

    It 'say to whoever listens alone, and lose nothing else' {
        $tenant = Start-TestTenant
        try {
            $fields = @{ connection = [PPFederation.Native.ConnectionHandle]::Of((Connect-TestTenant $tenant)).Number }
            $heard = foreach ($unheard in @(), @('Verbose', 'Debug')) {
                $job = [PPFederation.Native.Job]::Start([PPFederation.Native.Request]::new('status', $fields))
                $kinds = do { $next = $job.Next(100, [PPFederation.Native.EventKind[]]$unheard); "$($next.Kind)" } until ($next.IsLast)
                $job.Dispose()
                , @($kinds | Where-Object { $_ -ne 'None' } | Sort-Object -Unique)
            }
            $heard[0] | Should -Be 'Debug', 'Done', 'Objects', 'Verbose'
            $heard[1] | Should -Be 'Done', 'Objects'
        }
        finally {
            Stop-TestTenant $tenant
        }
    }

    It 'are refused beyond 64 at once, with a sentence' {
        $tenant = Start-TestTenant
        try {
            $connection = Connect-TestTenant $tenant
            [void](Disable-PPDirSync -Connection $connection -Confirm:$false)
            $fields = @{ connection = [PPFederation.Native.ConnectionHandle]::Of($connection).Number; timeoutSeconds = [long]60 }
            $jobs = @(for ($i = 0; $i -lt 64; $i++) {
                    [PPFederation.Native.Job]::Start([PPFederation.Native.Request]::new('waitDirSync', $fields))
                })
            { Get-PPAttributeOwnership } | Should -Throw -ErrorId 'PPFederation.Busy,Get-PPAttributeOwnership'
        }
        finally {
            $jobs | ForEach-Object { $_.Dispose() }
            Stop-TestTenant $tenant
        }
        @(Get-PPAttributeOwnership).Count | Should -BeGreaterThan 10
    }
}

Describe 'The system' {
    It 'is refused with a sentence: <What>' -ForEach @(
        @{ What = 'Alpine'; System = 'linux'; Architecture = 'x64'; IsMusl = $true; Says = '*musl*Alpine*' }
        @{ What = '32-bit Windows'; System = 'win'; Architecture = 'x86'; IsMusl = $false; Says = '*64-bit*' }
        @{ What = '32-bit ARM'; System = 'linux'; Architecture = 'arm'; IsMusl = $false; Says = '*64-bit*' }
        @{ What = 'another system'; System = 'FreeBSD 14'; Architecture = 'x64'; IsMusl = $false; Says = '*FreeBSD 14*' }
    ) {
        $facts = [PPFederation.Native.RuntimeFacts]::new($System, $Architecture, $IsMusl, $false)
        $facts.Refusal() | Should -BeLike $Says
    }

    It 'is blocked by what the system says: <Words>' -ForEach @(
        @{ System = 'linux'; Words = '/m/ppfederation.so: failed to map segment from shared object: Operation not permitted'; Says = '*/m/ppfederation.so*noexec*' }
        @{ System = 'win'; Words = 'Unable to load DLL: An Application Control policy has blocked this file. (0x800711C7)'; Says = '*App Control*' }
        @{ System = 'win'; Words = 'LoadLibrary failed with code 1260.'; Says = '*AppLocker*' }
    ) {
        $facts = [PPFederation.Native.RuntimeFacts]::new($System, 'x64', $false, $false)
        $facts.Blocked('/m/ppfederation.so', $Words) | Should -BeLike $Says
        $facts.Blocked('/m/ppfederation.so', 'LoadLibrary failed with code 126.') | Should -BeNullOrEmpty
    }

    It 'of this process is not refused' {
        [PPFederation.Native.RuntimeFacts]::OfThisProcess().Refusal() | Should -BeNullOrEmpty
    }
}
