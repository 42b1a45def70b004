# Invoke-PPFleet: one action in many tenants, as a partner runs it.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'TestCertificate.ps1')
    $tenant = Start-TestTenant '--latency-ms 0 --neighbours 4'
    $customers = @($tenant.Neighbours | ForEach-Object {
            [pscustomobject]@{
                TenantId      = $_.tenantId
                ClientId      = @($_.clients | Where-Object { $_.kind -eq 'admin' })[0].clientId
                ClientSecret  = ConvertTo-TestSecret @($_.clients | Where-Object { $_.kind -eq 'admin' })[0].clientSecret
                Environment   = 'Custom'
                LoginEndpoint = $tenant.Login
                GraphEndpoint = $tenant.Graph
            }
        })
    $vault = @{ SecretSink = 'KeyVault'; VaultUri = (($tenant.Vault -replace '[^/]+$') + '{TenantId}') }
    # Nothing lags here.
    $quick = @{ RetryBudgetSec = 4 }
}

AfterAll {
    Get-PPConnection -ListAvailable | Disconnect-PPTenant -ErrorAction SilentlyContinue
    Stop-TestTenant $tenant
}

Describe 'Invoke-PPFleet' {
    It 'gives a row a tenant' {
        $rows = @($customers | Invoke-PPFleet -Action Status @quick)
        $rows | Should -HaveCount 4
        $rows | Should -BeOfType ([PPFederation.FleetResult])
        $rows.Result | Sort-Object -Unique | Should -Be 'Done'
        @($rows.TenantId | Sort-Object) | Should -Be @($customers.TenantId | Sort-Object)
        @($rows[0].Rows).Count | Should -Be 7
        $rows[0].Rows[0] | Should -BeOfType ([PPFederation.Status])
    }

    It 'makes of a tenant that fails a row and an error with its name, and goes on' {
        $broken = $customers[1].PSObject.Copy()
        $broken.ClientSecret = ConvertTo-TestSecret 'another secret'
        $rows = @($customers[0], $broken, $customers[2] | Invoke-PPFleet -Action DirSync @quick -ErrorAction SilentlyContinue -ErrorVariable failed)
        @($rows | Where-Object { $_.Result -eq 'Done' }) | Should -HaveCount 2
        $row = $rows | Where-Object { $_.Result -eq 'Failed' }
        $row.ErrorId | Should -Be 'PPFederation.ClientSecretWrong'
        $row.Advice | Should -Not -BeNullOrEmpty
        @($failed) | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'PPFederation.ClientSecretWrong,Invoke-PPFleet'
        "$($failed[0])" | Should -BeLike "*$($broken.TenantId)*"
    }

    It 'refuses to make secrets that go nowhere, before anything is read' {
        { $customers | Invoke-PPFleet -Action Runbook -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.FleetNeedsSink,Invoke-PPFleet'
        # Where it would ask, too.
        { $customers | Invoke-PPFleet -Action Runbook -Confirm -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.FleetNeedsSink,Invoke-PPFleet'
    }

    It 'asks with -Confirm about every change, and before a backup: where nobody can be asked, nothing is done' {
        $client = Get-TestClient $tenant
        $file = Join-Path $TestDrive 'confirm.ps1'
        Set-Content -LiteralPath $file -Value @"
`$ErrorActionPreference = 'Stop'
Import-Module '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
`$firm = @{ TenantId = '$($tenant.TenantId)'; ClientId = '$($client.clientId)'; ClientSecret = `$secret; Environment = 'Custom'; LoginEndpoint = '$($tenant.Login)'; GraphEndpoint = '$($tenant.Graph)' }
foreach (`$what in @{ Action = 'Runbook'; Step = 'Application', 'ServicePrincipal' }, @{ Action = 'Backup'; Path = '$TestDrive/{TenantId}.jsonl' }) {
    try { Invoke-PPFleet @firm @what -Confirm | ForEach-Object { "row `$(`$_.Result)" } } catch { "`$(`$what.Action) `$(`$_.FullyQualifiedErrorId)" }
}
"@
        Clear-TestRequest $tenant
        $said = [string](& (Get-ShellProgram) (Get-ShellArgument) -NonInteractive -File $file 2>&1)
        $said | Should -Match 'Runbook PPFederation.CannotAsk,Invoke-PPFleet'
        $said | Should -Match 'Backup PPFederation.CannotAsk,Invoke-PPFleet'
        $said | Should -Not -Match 'row '
        @(Get-TestWrite $tenant).Count | Should -Be 0
        Join-Path $TestDrive "$($tenant.TenantId).jsonl" | Should -Not -Exist
    }

    It 'shows with -WhatIf what it would change, and changes nothing' {
        $ledger = Join-Path $TestDrive 'what-if.jsonl'
        $rows = @($customers | Invoke-PPFleet -Action Runbook @quick @vault -Ledger $ledger -WhatIf)
        $rows.Result | Sort-Object -Unique | Should -Be 'Open'
        $rows[0].Detail | Should -BeLike 'Would: Switch directory synchronization off*'
        $ledger | Should -Not -Exist
    }

    It 'carries the runbook out, puts each secret in its vault, and leaves alone what the ledger says is done' {
        $ledger = Join-Path $TestDrive 'run.jsonl'
        $run = @{ Action = 'Runbook'; Skip = 'DirSync'; Ledger = $ledger; Confirm = $false }
        $rows = @($customers | Invoke-PPFleet @run @quick @vault -InformationVariable said)
        $rows.Result | Sort-Object -Unique | Should -Be 'Done'
        "$($said[-1])" | Should -Be 'Runbook of the fleet: 4 Done.'
        $said[-1].Tags | Should -Be 'PPFederation'
        $rows.SecretLocation | Sort-Object -Unique | Should -HaveCount 4
        $rows | ForEach-Object { $_.SecretLocation | Should -BeLike "*$($_.TenantId)*" }
        $rows.Rows | Where-Object { $_ -is [PPFederation.RunResult] -and $_.ClientSecret } | Should -BeNullOrEmpty
        $again = @($customers | Invoke-PPFleet @run @quick @vault)
        $again.Result | Sort-Object -Unique | Should -Be 'Done'
        $again | ForEach-Object { $_.Detail | Should -BeLike 'By the ledger: *' }
        if ($IsLinux) {
            [int][System.IO.File]::GetUnixFileMode($ledger) | Should -Be ([int][System.IO.UnixFileMode]'UserRead, UserWrite')
        }
    }

    It 'rotates where the secret in place ends within -RenewWithinDays, and keeps the ones before for -OverlapDays' {
        $rotate = @{ Action = 'Rotate'; Confirm = $false } + $vault + $quick
        # Those of the run above live for 100 years.
        $rows = @($customers | Invoke-PPFleet @rotate -RenewWithinDays 30)
        $rows | Should -HaveCount 4
        $rows.Detail | Sort-Object -Unique | Should -Be 'Nothing was due.'
        $rows = @($customers | Invoke-PPFleet @rotate -RenewWithinDays 36525 -ClientSecretLifetime P20D)
        $rows.Result | Sort-Object -Unique | Should -Be 'Done'
        $rows | ForEach-Object { $_.Detail | Should -BeLike 'Made client secret *; 1 older to be removed later.' }
        foreach ($days in @{}, @{ OverlapDays = 2.5 }) {
            $rows = @($customers | Invoke-PPFleet @rotate -RenewWithinDays 10 @days)
            $later = @($rows.Rows | Where-Object { $_.Result -eq 'Later' })
            $later | Should -HaveCount 4
            $expected = [datetime]::UtcNow.AddDays($(if ($days.Count) { 2.5 } else { 7 }))
            foreach ($row in $later) {
                $row.Detail -match 'Stays until (\S+ \S+);' | Should -Be $true -Because $row.Detail
                $until = [datetimeoffset]::Parse($Matches[1], [cultureinfo]::InvariantCulture).UtcDateTime
                [math]::Abs(($until - $expected).TotalHours) | Should -BeLessThan 1
            }
        }
        $rows = @($customers | Invoke-PPFleet @rotate -RenewWithinDays 10 -OverlapDays 0)
        $rows.Detail | Sort-Object -Unique | Should -Be '1 older removed.'
    }

    It 'says in the ledger on which machine a sealed file lies' {
        $ledger = Join-Path $TestDrive 'sealed.jsonl'
        $sealed = @{ SecretSink = 'SealedFile'; RecipientCertificate = (Join-Path $certificates 'certificate.pem'); Path = (Join-Path $TestDrive 'sealed.cms') }
        ($customers[0] | Invoke-PPFleet -Action Rotate -RenewWithinDays 10 @sealed -Ledger $ledger -Confirm:$false @quick).Result | Should -Be 'Done'
        $begun = [System.IO.File]::ReadAllLines($ledger)[1] | ConvertFrom-Json
        $begun.choices.machine | Should -Be ([System.Environment]::MachineName)
    }

    It 'plans what the ledger has no end of alone, and writes there what failed in the plan' {
        $ledger = Join-Path $TestDrive 'asked.jsonl'
        # Nothing of it is grave: it goes on from the plan without a question.
        $run = @{ Action = 'Runbook'; Step = 'Application'; Ledger = $ledger }
        $broken = $customers[1].PSObject.Copy()
        $broken.ClientSecret = ConvertTo-TestSecret 'another secret'
        $rows = @($customers[0], $broken | Invoke-PPFleet @run @quick -ErrorAction SilentlyContinue -InformationVariable said)
        @($rows.Result | Sort-Object) | Should -Be 'Done', 'Failed'
        "$($said[-1])" | Should -Be 'Runbook of the fleet: 1 Done, 1 Failed.' -Because 'what failed in the plan counts as well'
        $entries = @(Get-PPLedger -Ledger $ledger)
        ($entries | Where-Object { $_.State -eq 'Done' }).TenantId | Should -Be $customers[0].TenantId
        $entry = $entries | Where-Object { $_.State -eq 'Failed' }
        $entry.TenantId | Should -Be $broken.TenantId
        $entry.ErrorId | Should -Be 'PPFederation.ClientSecretWrong'
        $before = (Get-FileHash -LiteralPath $ledger).Hash
        foreach ($preview in $true, $false) {
            $again = @($customers[0], $broken, $customers[2] | Invoke-PPFleet @run @quick -WhatIf:$preview -ErrorVariable failed)
            $again | Should -HaveCount 3
            $failed | Should -BeNullOrEmpty
            ($again | Where-Object { $_.TenantId -eq $customers[0].TenantId }).Detail | Should -BeLike 'By the ledger: *'
            ($again | Where-Object { $_.TenantId -eq $broken.TenantId }).Detail | Should -BeLike 'It failed before; -Retry Failed takes it up: *'
            if ($preview) {
                (Get-FileHash -LiteralPath $ledger).Hash | Should -Be $before
            }
        }
        @(Get-PPLedger -Ledger $ledger -State Done) | Should -HaveCount 2
    }

    It 'gives a row of each tenant for which the plan leaves no time, and does the others' {
        $slow = Start-TestTenant '--latency-ms 700 --neighbours 2'
        try {
            $two = @($slow.Neighbours | ForEach-Object {
                    $client = @($_.clients | Where-Object { $_.kind -eq 'admin' })[0]
                    [pscustomobject]@{
                        TenantId = $_.tenantId; ClientId = $client.clientId; ClientSecret = ConvertTo-TestSecret $client.clientSecret
                        Environment = 'Custom'; LoginEndpoint = $slow.Login; GraphEndpoint = $slow.Graph
                    }
                })
            $rows = @($two | Invoke-PPFleet -Action Runbook -Step Application -ThrottleLimit 1 -TimeBudget '0:0:1' @quick)
        }
        finally {
            Stop-TestTenant $slow
        }
        $rows | Should -HaveCount 2
        @($rows.TenantId | Sort-Object) | Should -Be @($two.TenantId | Sort-Object)
        ($rows | Where-Object { $_.TenantId -eq $two[0].TenantId }).Result | Should -Be 'Done'
        $left = $rows | Where-Object { $_.TenantId -eq $two[1].TenantId }
        $left.Result | Should -Be 'Open'
        $left.Detail | Should -BeLike 'The time budget*'
    }

    It 'takes a list from a file, and a part of it' {
        $list = Join-Path $TestDrive 'tenants.csv'
        $customers | Select-Object -Property TenantId, ClientId, Environment, LoginEndpoint, GraphEndpoint | Export-Csv -LiteralPath $list
        $client = $customers[0]
        Connect-PPTenant -TenantId $client.TenantId -ClientId $client.ClientId -ClientSecret $client.ClientSecret -Environment Custom `
            -LoginEndpoint $tenant.Login -GraphEndpoint $tenant.Graph | Out-Null
        # Its secret proves its own application alone.
        { Invoke-PPFleet -Action Status -TenantPath $list -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.FleetSignInMissing,Invoke-PPFleet'
        @('TenantId', $client.TenantId) | Set-Content -LiteralPath $list
        (Invoke-PPFleet -Action Status -TenantPath $list @quick).TenantId | Should -Be $client.TenantId
        @($customers | Invoke-PPFleet -Action DirSync -Shard 1/2 @quick) | Should -HaveCount 2
    }

    It 'signs in to each tenant by its secret in a vault of the own tenant' {
        $own = Connect-TestTenant $tenant
        foreach ($neighbour in $tenant.Neighbours) {
            $secret = @($neighbour.clients | Where-Object { $_.kind -eq 'admin' })[0].clientSecret
            Set-TestTenant $tenant '/edit' @{ edit = 'vault'; addSecret = @{ name = "app-$($neighbour.tenantId)"; value = $secret } }
        }
        $list = Join-Path $TestDrive 'vault.csv'
        $columns = 'TenantId', 'ClientId', 'Environment', 'LoginEndpoint', 'GraphEndpoint'
        $customers | Select-Object -Property $columns | Export-Csv -LiteralPath $list
        $kept = @{ ClientSecretVaultUri = $tenant.Vault; ClientSecretName = 'app-{TenantId}' }
        $rows = @(Invoke-PPFleet -Action Status -TenantPath $list -Connection $own @kept @quick)
        $rows | Should -HaveCount 4
        $rows.Result | Sort-Object -Unique | Should -Be 'Done'
        # Each tenant's own, in columns and by the names of properties.
        $named = @(foreach ($customer in $customers) {
                $name = if ($customer -eq $customers[0]) { 'none' } else { "app-$($customer.TenantId)" }
                $customer | Select-Object -Property ($columns + @{ n = 'ClientSecretVaultUri'; e = { $tenant.Vault } } + @{ n = 'ClientSecretName'; e = { $name } })
            })
        $named | Export-Csv -LiteralPath $list
        $byFile = @(Invoke-PPFleet -Action DirSync -TenantPath $list -Connection $own @quick -ErrorAction SilentlyContinue)
        $byPipe = @($named | Invoke-PPFleet -Action DirSync -Connection $own @quick -ErrorAction SilentlyContinue)
        foreach ($rows in $byFile, $byPipe) {
            @($rows | Where-Object { $_.Result -eq 'Done' }) | Should -HaveCount 3
            $failed = @($rows | Where-Object { $_.Result -eq 'Failed' })
            $failed.TenantId | Should -Be $customers[0].TenantId
            $failed.ErrorId | Should -Be 'PPFederation.VaultSecretNotFound'
            $failed.Advice | Should -BeLike '*-ClientSecretName*'
        }
        { $customers | Invoke-PPFleet -Action Status -Connection $own @kept -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.FleetOptionInvalid,Invoke-PPFleet' -ExpectedMessage '*it takes one secret*'
        Disconnect-PPTenant -Connection $own
    }

    It 'shows with -WhatIf where a backup would be, and writes none' {
        $rows = @($customers | Invoke-PPFleet -Action Backup -Path (Join-Path $TestDrive '{TenantId}.jsonl') @quick -WhatIf)
        $rows.Result | Sort-Object -Unique | Should -Be 'Open'
        $rows | ForEach-Object { $_.Detail | Should -BeLike "Would: write the attributes of all users to *$($_.TenantId).jsonl." }
        @(Get-ChildItem -LiteralPath $TestDrive -Filter '*-*-*.jsonl') | Should -HaveCount 0
        $rows = @($customers | Invoke-PPFleet -Action Backup -Path (Join-Path $TestDrive '{TenantId}.jsonl') @quick)
        $rows | ForEach-Object { $_.Path | Should -Exist }
    }

    It 'compares with what is said for all, and before that with what a tenant has of its own' {
        foreach ($name in 'ann@firm.example', 'bob@other.example') {
            $first, $domain = $name -split '@'
            $user = @{ userPrincipalName = $name; displayName = $first; onPremisesImmutableId = $first }
            [void](Set-TestTenant $tenant '/edit' @{ edit = 'addDomain'; name = $domain; authenticationType = 'Federated' })
            [void](Set-TestTenant $tenant '/edit' @{ edit = 'addUser'; properties = $user })
        }
        $portal = Join-Path $TestDrive 'portal.csv'
        'Login,ImmutableId', 'ann@firm.example,ann', 'bob@other.example,bob' | Set-Content -LiteralPath $portal
        $compare = @{ Action = 'Compare'; PortalUserPath = $portal; ColumnMap = @{ Username = 'Login' }; UserPrincipalName = 'ann@*', 'bob@*' } + $quick
        $firm = [pscustomobject]@{
            TenantId = $tenant.TenantId; Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph; FederatedDomain = ''
        }
        $own = Connect-TestTenant $tenant
        $list = Join-Path $TestDrive 'firm.csv'
        foreach ($domain in '', 'firm.example') {
            $firm.FederatedDomain = $domain
            $firm | Export-Csv -LiteralPath $list
            $expected = if ($domain) { 'bob@other.example' } else { 'ann@firm.example' }
            $byFile = @(Invoke-PPFleet @compare -TenantPath $list -Connection $own -FederatedDomain 'other.example')
            $rows = if ($domain) { @($firm | Invoke-PPFleet @compare -Connection $own) + $byFile } else { $byFile }
            foreach ($row in $rows) {
                @($row.Rows | Where-Object { $_.Severity -eq 'LockedOut' }).UserPrincipalName | Sort-Object -Unique | Should -Be $expected
            }
        }
        foreach ($path in @{ ScriptPath = Join-Path $TestDrive '{TenantId}.js' }, @{ Since = Join-Path $TestDrive '{TenantId}.since' }) {
            $rows = @($firm | Invoke-PPFleet @compare @path -Connection $own -ErrorAction SilentlyContinue)
            $rows[0].ErrorMessage | Should -BeLike "*$($tenant.TenantId).*"
        }
        Disconnect-PPTenant -Connection $own
    }

    It 'takes each tenant''s own vault and application from a column' {
        $client = Get-TestClient $tenant
        $hand = Set-TestTenant $tenant '/edit' @{ edit = 'addApplication'; displayName = 'Made by hand' }
        $firm = [pscustomobject]@{
            TenantId = $tenant.TenantId; ClientId = $client.clientId; ClientSecret = ConvertTo-TestSecret $client.clientSecret
            Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph; AppId = $hand.appId; VaultUri = $tenant.Vault
        }
        $row = $firm | Invoke-PPFleet -Action Runbook -Skip DirSync -Adopt -SecretSink KeyVault -Confirm:$false @quick
        $row.Result | Should -Be 'Done' -Because $row.ErrorMessage
        $row.SecretLocation | Should -BeLike "$($tenant.Vault)/secrets/*"
        ($row.Rows | Where-Object { $_ -is [PPFederation.RunResult] }).AppId | Should -Be $hand.appId
        # They come before what is said for all, piped as in a file.
        $list = Join-Path $TestDrive 'own.csv'
        $firm | Select-Object -Property * -ExcludeProperty ClientSecret | Export-Csv -LiteralPath $list
        $forAll = @{
            Action = 'Runbook'; Skip = 'DirSync'; Adopt = $true; NewSecret = $true; SecretSink = 'KeyVault'; VaultUri = 'https://another.vault.azure.net'
            ClientId = $customers[0].ClientId; ClientSecret = $firm.ClientSecret; Confirm = $false
        }
        foreach ($row in @($firm | Invoke-PPFleet @forAll @quick) + @(Invoke-PPFleet @forAll @quick -TenantPath $list)) {
            $row.Result | Should -Be 'Done' -Because $row.ErrorMessage
            $row.SecretLocation | Should -BeLike "$($tenant.Vault)/secrets/*"
        }
    }

    It 'refuses an option that the action does not take' {
        foreach ($call in @{ Action = 'Status'; Skip = 'DirSync' }, @{ Action = 'Status'; VaultUri = $vault.VaultUri }, @{ Action = 'DirSync'; OverlapDays = 1 },
            @{ Action = 'Backup'; Path = (Join-Path $TestDrive '{TenantId}.jsonl'); FederatedDomain = 'firm.example' }, @{ Action = 'Compare'; AppId = $customers[0].ClientId }) {
            $name = @($call.Keys | Where-Object { $_ -notin 'Action', 'Path' })[0]
            { $customers | Invoke-PPFleet @call -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.FleetOptionInvalid,Invoke-PPFleet' `
                -ExpectedMessage "*-$(if ($name -eq 'VaultUri') { 'SecretSink' } else { $name })*is not for the action $($call.Action)*"
        }
    }

    It 'says what is wrong with what it is given' {
        { $customers | Invoke-PPFleet -Action Status -TimeBudget 165 -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.FleetOptionInvalid,Invoke-PPFleet'
        { $customers | Invoke-PPFleet -Action Status -Shard 3/2 -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.FleetOptionInvalid,Invoke-PPFleet'
        { Invoke-PPFleet -Action Status -TenantPath (Join-Path $TestDrive 'none.csv') -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.FleetListInvalid,Invoke-PPFleet'
        foreach ($of in @{ Retry = 'Failed' }, @{ LedgerSas = ConvertTo-TestSecret 'sv=2021-12-02&sig=none' }) {
            { $customers | Invoke-PPFleet -Action Status @of -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.FleetOptionInvalid,Invoke-PPFleet' `
                -ExpectedMessage "*-$($of.Keys) goes with a -Ledger*"
        }
        { $customers[0], $customers[0] | Invoke-PPFleet -Action Status -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.FleetListInvalid,Invoke-PPFleet'
        $list = Join-Path $TestDrive 'wrong.csv'
        'TenantId,ClientId,Environment', "$($tenant.TenantId),$($customers[0].ClientId),Globl" | Set-Content -LiteralPath $list
        { Invoke-PPFleet -Action Status -TenantPath $list -ClientSecret $customers[0].ClientSecret -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.FleetListInvalid,Invoke-PPFleet' -ExpectedMessage "*$($tenant.TenantId)*'Globl'*"
        { Invoke-PPFleet -Action Status -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.FleetEmpty,Invoke-PPFleet'
    }

    It 'has demonstration tenants, one of which cannot be signed in to, in a screenful' {
        $rows = @(Invoke-PPFleet -Demo 12 -Action Status -ErrorAction SilentlyContinue -ErrorVariable failed)
        $rows | Should -HaveCount 12
        @($rows | Where-Object { $_.Result -eq 'Failed' }) | Should -HaveCount 1
        @($failed) | Should -HaveCount 1
        $lines = @(($rows | Out-String -Width 80).Trim() -split "`n")
        $lines.Count | Should -BeLessOrEqual 14
    }
}

Describe 'Find-PPTenant' {
    BeforeAll {
        $partner = Connect-TestTenant $tenant
    }

    It 'lists the customers, and says where the relationship does not suffice' {
        $found = @(Find-PPTenant -Connection $partner)
        @($found.TenantId | Sort-Object) | Should -Be @($customers.TenantId | Sort-Object)
        $found | Should -BeOfType ([PPFederation.CustomerTenant])
        $found.State | Sort-Object -Unique | Should -Be 'active'
        $enough = @($found | Where-Object { $_.SufficesForSteps })
        $enough | Should -HaveCount 2
        $enough.Roles | Sort-Object -Unique |
            Should -Be @('Application Administrator', 'Hybrid Identity Administrator', 'Privileged Role Administrator')
        ($found | Where-Object { -not $_.SufficesForSteps })[0].Detail |
            Should -BeLike 'No role of the relationship suffices for DirSync, which takes Global Administrator or Hybrid Identity Administrator; nor for *'
    }

    It 'gives what Invoke-PPFleet takes from the pipeline' {
        $rows = @(Find-PPTenant -Connection $partner | Invoke-PPFleet -Action Status -Connection $partner @quick -ErrorAction SilentlyContinue)
        # The partner's application is not known to the customers of these tests: nobody has opened its link there, as docs/msp.md says it.
        $rows.ErrorId | Sort-Object -Unique | Should -Be 'PPFederation.ClientUnknown'
        $page = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../docs/msp.md'))
        [regex]::Match($page, '(?s)The usual ones: .*?\r?\n\r?\n').Value | Should -Match '`ClientUnknown` \(nobody has\s+opened the link'
        $rows.Advice | Sort-Object -Unique | Should -Match '/adminconsent\?client_id='
        @($rows.TenantName | Sort-Object -Unique) | Should -HaveCount 4
    }
}
