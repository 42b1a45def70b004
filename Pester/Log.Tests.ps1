# What -Verbose and -Debug tell, and the log of a connection: JSON lines for whoever helps.

BeforeAll {
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    Import-Module -Name $env:PPFEDERATION_MODULE
    $tenant = Start-TestTenant

    function Get-TestLine {
        # The lines of a log, as objects.
        param([string]$Path)

        foreach ($line in (Get-Content -LiteralPath $Path -Encoding UTF8)) {
            $line | ConvertFrom-Json
        }
    }

    function Connect-LoggedTenant {
        # A connection with a log of its own, and the log's path.
        param([hashtable]$Option = @{})

        $path = Join-Path $TestDrive "$([guid]::NewGuid()).jsonl"
        $connection = Connect-TestTenant $tenant -Option ($Option + @{ LogPath = $path })
        [pscustomobject]@{ Connection = $connection; Path = $path }
    }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'The streams (habit 24)' {
    BeforeAll {
        [void](Connect-TestTenant $tenant)
    }

    It '-Verbose tells each request of a batch with method, path, status, duration and request id' {
        $lines = @(Get-PPDirSync -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object { "$_" })
        @($lines -match '^POST /\$batch: 200 in \d+ ms \(request-id [0-9a-f-]{36}, client-request-id [0-9a-f-]{36}\)$').Count | Should -BeGreaterThan 0
        @($lines -match '^  GET /organization: 200 in \d+ ms \(request-id [0-9a-f-]{36}\)$').Count | Should -BeGreaterThan 0
        @($lines -match '^  GET /users/\$count: 200 in \d+ ms').Count + @($lines -match '^  GET /users: 200 in \d+ ms').Count | Should -BeGreaterThan 0
    }

    It '-Debug says where each step stands and why, which application was chosen and by what, and asks nothing' {
        $lines = @(Invoke-PPRunbook -Confirm:$false -Debug 5>&1 3>$null | Where-Object { $_ -is [System.Management.Automation.DebugRecord] } | ForEach-Object { "$_" })
        @($lines -match '^Application: NotDone: ').Count | Should -BeGreaterThan 0
        $lines | Should -Contain 'no application is ours, and none has the name'
        @($lines -match 'the plan is younger than five minutes').Count | Should -Be 1
        $lines = @(Get-PPFederationApp -Debug 5>&1 | Where-Object { $_ -is [System.Management.Automation.DebugRecord] } | ForEach-Object { "$_" })
        @($lines -match "^application 'Practice Protect Federation' \([0-9a-f-]{36}\): chosen by its unique name or tag").Count | Should -Be 1
    }

    It 'says nothing of that unless it is asked' {
        @(Get-PPDirSync 4>&1 5>&1).Count | Should -Be 1
    }
}

Describe 'Connect-PPTenant -LogPath (habit 24)' {
    It 'writes what the cmdlets do as JSON lines, though no stream is on' {
        $logged = Connect-LoggedTenant
        [void](Get-PPFederationStatus -Connection $logged.Connection)
        $lines = @(Get-TestLine $logged.Path)
        $lines[0].kind | Should -Be 'begin'
        $lines[0].op | Should -Be 'connect'
        $lines[0].module | Should -Be (Get-Module -Name PPFederation).Version.ToString()
        $lines[0].shell | Should -Be "$($PSVersionTable.PSEdition) $($PSVersionTable.PSVersion)"
        $lines[0].os | Should -Not -BeNullOrEmpty
        $lines.sequence | Should -Be (1..$lines.Count)
        $lines.tenantId | Sort-Object -Unique | Should -Be $tenant.TenantId
        $status = @($lines | Where-Object op -eq 'status')
        $status[0].kind | Should -Be 'begin'
        $status[-1].kind | Should -Be 'end'
        $status[-1].result | Should -Be 'done'
        @($status | Where-Object { $_.kind -eq 'verbose' -and $_.text -match 'GET /organization: 200' }).Count | Should -BeGreaterThan 0
        @($status | Where-Object kind -eq 'debug').Count | Should -BeGreaterThan 6
        @($status | Where-Object { $_.kind -eq 'row' -and $_.type -eq 'PPFederation.Status' }).row.Step | Should -Contain 'DirSync'
        foreach ($text in (Get-Content -LiteralPath $logged.Path -Encoding UTF8)) {
            $text | Should -Match '^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z","sequence":\d+,'
        }
    }

    It 'holds errors with their id, advice and request id, and the end of what failed' {
        $logged = Connect-LoggedTenant
        { Remove-PPClientSecret -KeyId (New-Guid) -Connection $logged.Connection -Confirm:$false -ErrorAction Stop } | Should -Throw
        $lines = @(Get-TestLine $logged.Path)
        $errors = @($lines | Where-Object kind -eq 'error')
        $errors[0].error.Id | Should -BeLike 'PPFederation.*'
        $errors[0].error.Advice | Should -Not -BeNullOrEmpty
        ($lines | Where-Object { $_.kind -eq 'end' -and $_.op -eq $errors[0].op }).result | Should -Be 'failed'
    }

    It 'holds no secret and no token, of a run that makes one either' {
        $logged = Connect-LoggedTenant
        $run = Invoke-PPRunbook -Connection $logged.Connection -Confirm:$false -NewSecret 3>$null
        $text = (Get-Content -LiteralPath $logged.Path -Raw -Encoding UTF8)
        $text | Should -Match '"type":"PPFederation.RunResult"'
        $text | Should -Match ([regex]::Escape($run.SecretId))
        $text | Should -Not -Match ([regex]::Escape((ConvertFrom-TestSecret $run.ClientSecret)))
        $text | Should -Not -Match ([regex]::Escape((Get-TestClient $tenant).clientSecret))
        $text | Should -Not -Match 'eyJ'
    }

    It 'is readable by its owner only' {
        $logged = Connect-LoggedTenant
        if ([System.Environment]::OSVersion.Platform -eq 'Unix') {
            & stat -c '%a' $logged.Path | Should -Be '600'
        }
    }

    It 'is not overwritten without -Force' {
        $path = Join-Path $TestDrive 'there.jsonl'
        [System.IO.File]::WriteAllText($path, 'mine')
        $failure = Get-Failure { Connect-TestTenant $tenant -Option @{ LogPath = $path; ErrorAction = 'Stop' } }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PPFederation.LogFileExists*'
        (Get-Content -LiteralPath $path -Raw -Encoding UTF8) | Should -Be 'mine'
        [void](Connect-TestTenant $tenant -Option @{ LogPath = $path; Force = $true })
        (Get-TestLine $path)[0].op | Should -Be 'connect'
    }

    It 'is refused before a sign-in where it can not be written' {
        Clear-TestRequest $tenant
        $failure = Get-Failure { Connect-TestTenant $tenant -Option @{ LogPath = (Join-Path $TestDrive 'no/such/folder'); ErrorAction = 'Stop' } }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PPFederation.LogFileNotWritable*'
        @(Get-TestRequest $tenant).Count | Should -Be 0
    }

    It 'is one file for connections that name the same, and ends with the last of them' {
        $first = Connect-LoggedTenant
        $second = Connect-TestTenant $tenant -Option @{ LogPath = $first.Path }
        Disconnect-PPTenant -Connection $first.Connection
        [void](Get-PPDirSync -Connection $second)
        $lines = @(Get-TestLine $first.Path)
        $lines.sequence | Should -Be (1..$lines.Count)
        $lines[-1].op | Should -Be 'dirSync'
        ($lines | Where-Object kind -eq 'end').op | Should -Contain 'disconnect'
    }

    It 'is gone on with by the next of several tenants after one that failed, with -Force too: <Force>' -ForEach @(@{ Force = $false }, @{ Force = $true }) {
        $path = Join-Path $TestDrive "$([guid]::NewGuid()).jsonl"
        $client = Get-TestClient $tenant
        $common = @{
            ClientId = $client.clientId; ClientSecret = ConvertTo-TestSecret $client.clientSecret
            Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph; RetryBudgetSec = 4; LogPath = $path; Force = $Force
        }
        $failed = $null
        $rows = [guid]::NewGuid(), $tenant.TenantId, [guid]::NewGuid(), $tenant.TenantId | ForEach-Object { [pscustomobject]@{ TenantId = "$_" } }
        $connections = @($rows | Connect-PPTenant @common -ErrorVariable failed -ErrorAction SilentlyContinue)
        $connections.Count | Should -Be 2
        @($failed | Where-Object { $_.FullyQualifiedErrorId -like 'PPFederation.LogFile*' }).Count | Should -Be 0
        $lines = @(Get-TestLine $path)
        $lines.sequence | Should -Be (1..$lines.Count)
        @($lines | Where-Object kind -eq 'begin').op | Should -Be (@('connect') * 4)
        @($lines | Where-Object kind -eq 'end').result | Should -Be 'failed', 'done', 'failed', 'done'
        $connections | Disconnect-PPTenant
        # What lies there afterwards and isn't the log is somebody's.
        [System.IO.File]::WriteAllText($path, 'mine')
        $again = $common + @{ TenantId = $tenant.TenantId }
        $again.Remove('Force')
        $failure = Get-Failure { Connect-PPTenant @again -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PPFederation.LogFileExists*'
        Remove-Item -LiteralPath $path
        Connect-PPTenant @again | Disconnect-PPTenant
        (Get-TestLine $path)[0].sequence | Should -Be 1
    }

    It 'is not overwritten under $WhatIfPreference' {
        $path = Join-Path $TestDrive 'whatif.jsonl'
        [System.IO.File]::WriteAllText($path, 'mine')
        $WhatIfPreference = $true
        $failure = Get-Failure { Connect-TestTenant $tenant -Option @{ LogPath = $path; Force = $true; ErrorAction = 'Stop' } }
        $WhatIfPreference = $false
        $failure.FullyQualifiedErrorId | Should -BeLike 'PPFederation.LogFileExists*'
        [System.IO.File]::ReadAllText($path) | Should -Be 'mine'
    }

    It 'is there after a sign-in that failed, with the reason' {
        $path = Join-Path $TestDrive 'failed.jsonl'
        $wrong = @{
            TenantId = $tenant.TenantId; ClientId = (Get-TestClient $tenant).clientId; ClientSecret = ConvertTo-TestSecret 'wrong'
            Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph; LogPath = $path
        }
        [void](Get-Failure { Connect-PPTenant @wrong -ErrorAction Stop })
        $lines = @(Get-TestLine $path)
        ($lines | Where-Object kind -eq 'error').error.Id | Should -BeLike 'PPFederation.*'
        $lines[-1].result | Should -Be 'failed'
    }
}
