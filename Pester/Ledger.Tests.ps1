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
            $tenant = Start-TestTenant '--latency-ms 20 --neighbours 8'
            $list = Join-Path $TestDrive 'worker.json'
            $signature = New-TestSas 'racwl'
            @{
                module = $env:PPFEDERATION_MODULE; address = $address; sas = $signature; login = $tenant.Login; graph = $tenant.Graph
                vault = ($tenant.Vault -replace '[^/]+$') + '{TenantId}'; tenants = @($tenant.Neighbours)
            } | ConvertTo-Json -Depth 9 | Set-Content -LiteralPath $list
            $worker = Join-Path $TestDrive 'worker.ps1'
            Set-Content -LiteralPath $worker -Value @"
`$ErrorActionPreference = 'Stop'
`$given = Get-Content -LiteralPath '$list' -Raw | ConvertFrom-Json
Import-Module `$given.module
`$rows = `$given.tenants | ForEach-Object {
    `$client = `$_.clients | Where-Object { `$_.kind -eq 'admin' }
    [pscustomobject]@{
        TenantId = `$_.tenantId; ClientId = `$client.clientId; ClientSecret = (ConvertTo-SecureString `$client.clientSecret -AsPlainText -Force)
        Environment = 'Custom'; LoginEndpoint = `$given.login; GraphEndpoint = `$given.graph
    }
} | Invoke-PPFleet -Action Runbook -Skip DirSync -SecretSink KeyVault -VaultUri `$given.vault -Ledger `$given.address -LedgerSas (
    ConvertTo-SecureString `$given.sas -AsPlainText -Force) -ThrottleLimit 2 -RetryBudgetSec 4 -Confirm:`$false
`$rows | ForEach-Object { "`$(`$_.Result) `$(`$_.TenantId) `$(`$_.Detail)" }
"@

            function Start-Worker {
                $words = (@(Get-ShellArgument) + '-File' + $worker | ForEach-Object { "`"$_`"" }) -join ' '
                $start = [System.Diagnostics.ProcessStartInfo]::new((Get-ShellProgram), $words)
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
            Stop-TestTenant $tenant
            Stop-TestAzurite $azurite
        }

        It 'does each tenant once, though one of them is killed, and what that one held is taken over' {
            $first = Start-Worker
            do {
                $entries = @(Get-Entry)
            } until (@($entries | Where-Object { $_.State -eq 'Done' }).Count -ge 2 -or $first.HasExited)
            $first.HasExited | Should -BeFalse
            $first.Kill()
            $first.WaitForExit()
            $others = @((Start-Worker), (Start-Worker))
            $said = @($others | ForEach-Object { $_.StandardOutput.ReadToEnd() })
            $others | ForEach-Object { $_.WaitForExit() }
            $others.ExitCode | Should -Be 0, 0 -Because ($said -join "`n")
            # Each of them ends with a row of every tenant: done by it or by another, or left to the other one that is at work there.
            foreach ($text in $said) {
                @($text -split "`n" | Where-Object { $_ -match '^Done |^Skipped .*is at work' }) | Should -HaveCount 8 -Because $text
            }
            @($said -split "`n" | Where-Object { $_ -match '^Done (\S+)' } | ForEach-Object { ($_ -split ' ')[1] } | Sort-Object -Unique) |
                Should -HaveCount 8 -Because ($said -join "`n")
            $entries = @(Get-Entry)
            $entries.State | Should -Be (@('Done') * 8)
            foreach ($entry in $entries) {
                $client = @(($tenant.Neighbours | Where-Object { $_.tenantId -eq $entry.TenantId }).clients | Where-Object { $_.kind -eq 'admin' })[0]
                $open = Connect-PPTenant -TenantId $entry.TenantId -ClientId $client.clientId -ClientSecret (ConvertTo-TestSecret $client.clientSecret) `
                    -Environment Custom -LoginEndpoint $tenant.Login -GraphEndpoint $tenant.Graph
                $secret = @(Get-PPClientSecret -Connection $open)
                $secret | Should -HaveCount 1
                $placed = @($entry.Secrets | Where-Object { $_ -like '*: http*' })
                $placed | Should -HaveCount 1
                $placed[0] | Should -BeLike "$($secret[0].KeyId)*"
            }
        }
    }
}
