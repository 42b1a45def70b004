# Get-PPLedger: what stands in a ledger, read while others write it.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $header = '{"schema":"ppfederation-ledger-1","module":"0.2.0","time":"2026-11-29T10:00:00Z"}'
    $first = '7e4a0000-0000-4000-8000-000000000001'
    $second = '7e4a0000-0000-4000-8000-000000000002'
    $key = 'aaaaaaaa-0000-4000-8000-000000000001'

    function Get-Line {
        # A line of a ledger.
        param([string]$Tenant, [string]$Minute, [string]$Rest)

        '{"v":1,"time":"2026-11-29T10:' + $Minute + ':00Z","worker":"one","tenant":"' + $Tenant + '","action":"Runbook",' + $Rest + '}'
    }

    function Set-Ledger {
        # Writes a ledger and gives its path.
        param([string]$Name, [string[]]$Line, [string]$Torn = '')

        $path = Join-Path $TestDrive $Name
        [System.IO.File]::WriteAllText($path, ((@($header) + $Line) -join "`n") + "`n" + $Torn)
        $path
    }

    $lines = @(
        Get-Line $first '01' '"event":"begun","tenantName":"Contoso"'
        Get-Line $second '02' '"event":"begun","tenantName":"Fabrikam"'
        Get-Line $first '03' ('"event":"secretAsked","start":"2026-11-29T10:03:00.123456Z","appId":"' + $second + '"')
        Get-Line $first '04' ('"event":"secretMade","start":"2026-11-29T10:03:00.123456Z","keyId":"' + $key + '","appId":"' + $second + '"')
        Get-Line $first '05' ('"event":"secretPlaced","keyId":"' + $key + '","place":"https://v.vault.azure.net/secrets/PPToken/1"')
        Get-Line $first '06' '"event":"done","summary":"7 of 7 steps are done."'
        Get-Line $second '07' '"event":"failed","error":{"id":"PPFederation.AccessDenied","message":"no","passes":false}'
    )
}

Describe 'Get-PPLedger' {
    It 'shows a row a tenant, with its secrets by key id and place' {
        $rows = @(Get-PPLedger -Ledger (Set-Ledger 'whole' $lines))
        $rows.TenantName | Should -Be 'Contoso', 'Fabrikam'
        $rows.State | Should -Be 'Done', 'Failed'
        $rows[0].Secrets | Should -Be "$key`: https://v.vault.azure.net/secrets/PPToken/1"
        $rows[0].Detail | Should -Be '7 of 7 steps are done.'
        $rows[0].Since.ToUniversalTime() | Should -Be ([datetime]'2026-11-29 10:06:00')
        $rows[1].ErrorId | Should -Be 'PPFederation.AccessDenied'
        $rows[1].Tries | Should -Be 1
    }

    It 'shows the states and tenants that are asked for alone' {
        $path = Set-Ledger 'filtered' $lines
        (Get-PPLedger $path -State Failed, Open).TenantId | Should -Be $second
        (Get-PPLedger $path -TenantId $first).State | Should -Be 'Done'
        Get-PPLedger $path -State Begun | Should -BeNullOrEmpty
        { Get-PPLedger $path -TenantId contoso.com -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.TenantIdInvalid,Get-PPLedger'
    }

    It 'leaves out a line that is being written, and changes nothing' {
        $path = Set-Ledger 'torn' $lines -Torn '{"v":1,"time":"2026-11'
        $before = (Get-FileHash -LiteralPath $path).Hash
        $said = Get-PPLedger $path -Verbose 4>&1
        @($said -match 'torn').Count | Should -Be 1
        @($said | Where-Object { $_ -is [PPFederation.LedgerEntry] }).State | Should -Be 'Done', 'Failed'
        (Get-FileHash -LiteralPath $path).Hash | Should -Be $before
    }

    It 'names the line that it cannot read: <Name>' -TestCases @(
        @{ Name = 'damaged'; Bad = '{"v":1,"time":'; Id = 'LedgerDamaged'; Said = '*line 3 of the ledger*' }
        @{ Name = 'later'; Bad = '{"v":1,"time":"2026-11-29T10:01:00Z","worker":"o","tenant":"7e4a0000-0000-4000-8000-000000000001","action":"R","event":"forgotten"}'; Id = 'LedgerOfLaterVersion'; Said = "*line 3 of*'forgotten'*" }
    ) {
        $path = Set-Ledger $Name (@($lines[0], $Bad) + $lines[1..6])
        { Get-PPLedger $path -ErrorAction Stop } | Should -Throw -ErrorId "PPFederation.$Id,Get-PPLedger" -ExpectedMessage $Said
    }

    It 'says what is there instead of a ledger' {
        $other = Join-Path $TestDrive 'other.csv'
        [System.IO.File]::WriteAllText($other, "TenantId,Name`n1,2`n")
        { Get-PPLedger $other -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.NotALedger,Get-PPLedger'
        { Get-PPLedger $TestDrive -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.NotALedger,Get-PPLedger' -ExpectedMessage '*folder*'
        { Get-PPLedger (Join-Path $TestDrive 'none') -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.LedgerNotReadable,Get-PPLedger'
    }

    It 'takes a signature as a secret alone' {
        $sas = ConvertTo-TestSecret 'sv=1&sig=abc'
        $address = 'https://contosofleet.blob.core.windows.net/fleet/spring'
        $failure = Get-Failure { Get-PPLedger "$address`?sv=1&sig=hidden" -LedgerSas $sas }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.LedgerAddressInvalid,Get-PPLedger'
        "$failure $($failure.TargetObject)" | Should -Not -Match 'hidden'
        (Get-Failure { Get-PPLedger $address -LedgerSas (ConvertTo-TestSecret 'nonsense') }).FullyQualifiedErrorId | Should -Be 'PPFederation.LedgerSasInvalid,Get-PPLedger'
        (Get-Failure { Get-PPLedger (Set-Ledger 'file' $lines) -LedgerSas $sas }).FullyQualifiedErrorId | Should -Be 'PPFederation.LedgerSasInvalid,Get-PPLedger'
        # Another file's may be open.
        Get-PPConnection -ListAvailable | Disconnect-PPTenant
        (Get-Failure { Get-PPLedger $address }).FullyQualifiedErrorId | Should -Be 'PPFederation.NotConnected,Get-PPLedger'
    }
}

# Where there is no Azurite, build.ps1 Test says so.
if ($env:PPFEDERATION_AZURITE) {
    Describe 'Get-PPLedger at an address' {
        BeforeAll {
            . (Join-Path $PSScriptRoot 'TestAzurite.ps1')
            $azurite = Start-TestAzurite -Container 'fleet'
            $address = "$($azurite.Origin)/fleet/spring"
            $text = ((@($header) + $lines[0, 2, 3, 4, 5]) -join "`n") + "`n"
            Add-TestBlob $azurite "fleet/spring/lines/$first/000000" $text
            $sas = ConvertTo-TestSecret (New-TestSas 'rl')
        }

        AfterAll {
            Stop-TestAzurite $azurite
        }

        It 'reads it by a signature that may read' {
            $row = Get-PPLedger $address -LedgerSas $sas
            $row.TenantName | Should -Be 'Contoso'
            $row.State | Should -Be 'Done'
            $row.Secrets | Should -Match "^$key`: https"
        }

        It 'says what to do where there is no such container, and shows no signature' {
            $failure = Get-Failure { Get-PPLedger $address.Replace('/fleet/', '/nowhere/') -LedgerSas $sas -Verbose 4>&1 }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.LedgerContainerNotFound,Get-PPLedger'
            "$failure" | Should -Match 'az storage container create'
            ($failure | Format-List -Force | Out-String) | Should -Not -Match 'sig='
        }
    }

    Describe 'Invoke-PPFleet in several processes that share a ledger at an address' {
        BeforeAll {
            . (Join-Path $PSScriptRoot 'TestAzurite.ps1')
            $azurite = Start-TestAzurite -Container 'fleet'
            $address = "$($azurite.Origin)/fleet/autumn"
            # A tenant of which no worker is killed, and one for each request in whose middle one is: how far the ledger is by then, and how
            # many hours that worker's clock is ahead.
            $others = Start-TestTenant '--latency-ms 20 --seed 40'
            $boundaries = @(
                @{ Far = 'begun'; Hours = -5; Fault = @{ target = 'batch'; write = $false; first = 2 } }
                @{ Far = 'asked'; Hours = 3; Fault = @{ target = 'call'; method = 'POST'; path = '/applications/*/addPassword' } }
                @{ Far = 'made'; Hours = -1; Fault = @{ path = '/vault/*'; write = $true } }
                @{ Far = 'placed'; Hours = 7; Fault = @{ target = 'call'; method = 'PATCH'; path = '/applications/*' } }
            )
            $seed = 50
            foreach ($boundary in $boundaries) {
                $fault = $boundary.Fault + @{ fault = 'delayed'; ms = 60000 } | ConvertTo-Json -Compress
                $seed++
                $boundary.Tenant = Start-TestTenant "--latency-ms 20 --seed $seed --fault `"$($fault.Replace('"', '\"'))`""
            }
            $tenants = @($others) + $boundaries.Tenant
            $list = Join-Path $TestDrive 'worker.json'
            $signature = New-TestSas 'racwl'
            @{
                module = $env:PPFEDERATION_MODULE; address = $address; sas = $signature
                tenants = @($tenants | Select-Object -Property TenantId, Login, Graph, Vault, Clients)
            } | ConvertTo-Json -Depth 9 | Set-Content -LiteralPath $list
            $worker = Join-Path $TestDrive 'worker.ps1'
            Set-Content -LiteralPath $worker -Value @"
param([string]`$Only)
`$ErrorActionPreference = 'Stop'
`$given = Get-Content -LiteralPath '$list' -Raw | ConvertFrom-Json
Import-Module `$given.module
`$rows = `$given.tenants | Where-Object { -not `$Only -or `$_.TenantId -eq `$Only } | ForEach-Object {
    `$client = `$_.Clients | Where-Object { `$_.kind -eq 'admin' }
    [pscustomobject]@{
        TenantId = `$_.TenantId; ClientId = `$client.clientId; ClientSecret = (ConvertTo-SecureString `$client.clientSecret -AsPlainText -Force)
        Environment = 'Custom'; LoginEndpoint = `$_.Login; GraphEndpoint = `$_.Graph; VaultUri = `$_.Vault
    }
} | Invoke-PPFleet -Action Runbook -Skip DirSync -SecretSink KeyVault -Ledger `$given.address -LedgerSas (
    ConvertTo-SecureString `$given.sas -AsPlainText -Force) -ThrottleLimit 2 -RetryBudgetSec 4 -Confirm:`$false
`$rows | ForEach-Object { "`$(`$_.Result) `$(`$_.TenantId) `$(`$_.Detail)" }
"@
            # On other systems all clocks are the machine's.
            if ($IsLinux) {
                # Put before the C library, it moves the time of day.
                $apart = Join-Path $TestDrive 'clock_apart.so'
                & cc -shared -fPIC -O1 -o $apart (Join-Path $PSScriptRoot '../rust-core/testing/src/clock_apart.c')
                if ($LASTEXITCODE -ne 0) {
                    throw "cc ended with $LASTEXITCODE`: no worker's clock can be apart."
                }
            }

            function Start-Worker {
                # One that takes every tenant, or one alone.
                param([string]$Only, [int]$Hours)

                $words = @(Get-ShellArgument) + '-File' + $worker
                if ($Only) {
                    $words += $Only
                }
                $start = [System.Diagnostics.ProcessStartInfo]::new((Get-ShellProgram), (($words | ForEach-Object { "`"$_`"" }) -join ' '))
                if ($IsLinux) {
                    $start.EnvironmentVariables['LD_PRELOAD'] = $apart
                    $start.EnvironmentVariables['PPFEDERATION_CLOCK_APART'] = "$($Hours * 3600)"
                }
                $start.UseShellExecute = $false
                $start.RedirectStandardOutput = $true
                [System.Diagnostics.Process]::Start($start)
            }

            function Get-Entry {
                # The ledger, which isn't there before a worker has begun.
                Get-PPLedger $address -LedgerSas (ConvertTo-TestSecret $signature) -ErrorAction SilentlyContinue
            }
        }

        AfterAll {
            Get-PPConnection -ListAvailable | Disconnect-PPTenant -ErrorAction SilentlyContinue
            $boundaries.Worker | Where-Object { $_ -and -not $_.HasExited } | ForEach-Object { $_.Kill() }
            $tenants | ForEach-Object { Stop-TestTenant $_ }
            Stop-TestAzurite $azurite
        }

        It 'does each tenant once, though one of them is killed at each boundary, and what that one held is taken over' {
            foreach ($boundary in $boundaries) {
                $boundary.Worker = Start-Worker -Only $boundary.Tenant.TenantId -Hours $boundary.Hours
            }
            foreach ($boundary in $boundaries) {
                while (-not (Invoke-RestMethod "$($boundary.Tenant.Control)/faults").shown) {
                    $boundary.Worker.HasExited | Should -BeFalse -Because "the one that is killed when $($boundary.Far) has not ended before"
                }
                $boundary.Worker.Kill()
                $boundary.Worker.WaitForExit()
            }
            $left = @(Get-Entry)
            $left.State | Should -Be (@('Begun') * 4)
            foreach ($boundary in $boundaries) {
                $held = $left | Where-Object { $_.TenantId -eq $boundary.Tenant.TenantId }
                $ahead = $held.Since.ToUniversalTime() - [datetime]::UtcNow
                $hours = if ($IsLinux) { $boundary.Hours } else { 0 }
                [math]::Abs($ahead.TotalHours - $hours) | Should -BeLessThan 0.5 -Because "the worker's clock is $hours hours ahead, and Since $ahead"
                $secret = $held.Secrets
                $far = switch -Regex ("$secret") { '^$' { 'begun' } 'asked' { 'asked' } 'http' { 'placed' } default { 'made' } }
                $far | Should -Be $boundary.Far -Because "$secret"
                Step-TestClock $boundary.Tenant ([timespan]::FromMinutes(1))
            }
            $next = @((Start-Worker -Hours -2), (Start-Worker -Hours 4))
            $said = @($next | ForEach-Object { $_.StandardOutput.ReadToEnd() })
            $next | ForEach-Object { $_.WaitForExit() }
            $next.ExitCode | Should -Be 0, 0 -Because ($said -join "`n")
            # Each of them ends with a row of every tenant: done by it or by another, or left to the other one that is at work there.
            foreach ($text in $said) {
                @($text -split "`n" | Where-Object { $_ -match '^Done |^Skipped .*is at work' }) | Should -HaveCount $tenants.Count -Because $text
            }
            @($said -split "`n" | Where-Object { $_ -match '^Done (\S+)' } | ForEach-Object { ($_ -split ' ')[1] } | Sort-Object -Unique) |
                Should -HaveCount $tenants.Count -Because ($said -join "`n")
            $entries = @(Get-Entry)
            $entries.State | Should -Be (@('Done') * $tenants.Count)
            foreach ($tenant in $tenants) {
                $entry = $entries | Where-Object { $_.TenantId -eq $tenant.TenantId }
                $secret = @(Get-PPClientSecret -Connection (Connect-TestTenant $tenant))
                $secret | Should -HaveCount 1
                $placed = @($entry.Secrets | Where-Object { $_ -like '*: http*' })
                $placed | Should -HaveCount 1
                $placed[0] | Should -BeLike "$($secret[0].KeyId)*"
            }
        }
    }
}
