# Instants: local time in objects, ISO with the offset in views, the same in every culture and calendar.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    $connection = Connect-TestTenant $tenant
    $run = Invoke-PPRunbook -Confirm:$false

    function Invoke-InZone {
        # What a script writes in a shell whose clock is in a time zone (on Windows in the computer's own), connected as $c.
        param([string]$Zone, [string]$Script)

        $client = Get-TestClient -Tenant $tenant
        $file = Join-Path $TestDrive 'zone.ps1'
        [System.IO.File]::WriteAllText($file, @"
Import-Module -Name '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
`$c = Connect-PPTenant -TenantId $($tenant.TenantId) -ClientId $($client.clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($tenant.Login) -GraphEndpoint $($tenant.Graph)
$Script
"@)
        $before = $env:TZ
        try {
            $env:TZ = $Zone
            & (Get-ShellProgram) @(Get-ShellArgument) -NoProfile -File $file
        }
        finally {
            $env:TZ = $before
        }
    }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'An instant in an object' {
    It 'is later than now for a token that lasts, with Get-Date in <Zone>' -ForEach @(
        @{ Zone = 'Australia/Sydney' }, @{ Zone = 'America/Los_Angeles' }, @{ Zone = 'UTC' }
    ) {
        $said = @(Invoke-InZone $Zone '$c.ExpiresOn -gt (Get-Date); $c.ExpiresOn -lt (Get-Date).AddHours(2); $c.ExpiresOn.Kind')
        $said | Should -Be 'True', 'True', 'Local'
    }

    It 'is the same instant after Export-Clixml, read in another time zone' {
        $file = Join-Path $TestDrive 'row.clixml'
        $secret = Get-PPClientSecret
        $secret | Export-Clixml -LiteralPath $file
        $back = (Import-Clixml -LiteralPath $file).EndDateTime
        $back.Kind | Should -Be 'Local'
        $back | Should -Be $secret.EndDateTime
        $elsewhere = Invoke-InZone 'Australia/Sydney' "(Import-Clixml -LiteralPath '$file').EndDateTime.ToUniversalTime().Ticks"
        $elsewhere | Should -Be $secret.EndDateTime.ToUniversalTime().Ticks
    }

    It 'shows its offset in a view' -Skip:($env:OS -eq 'Windows_NT') {
        (Invoke-InZone 'Australia/Sydney' '$c | Format-List | Out-String -Width 120') -split '\r?\n' -match '^ExpiresOn +: \d{4}-\d\d-\d\d \d\d:\d\d \+1[01]:00$' | Should -HaveCount 1
    }
}

Describe 'In the culture <Culture>' -ForEach @(
    foreach ($name in 'ar-SA', 'th-TH', 'fa-IR', 'de-DE', 'tr-TR') { @{ Culture = $name } }
) {
    BeforeAll {
        $before = [cultureinfo]::CurrentCulture
        [cultureinfo]::CurrentCulture = $Culture
    }

    AfterAll {
        [cultureinfo]::CurrentCulture = $before
    }

    It 'views show the secret''s end in the year 2126 or so, as everywhere' {
        $year = [datetime]::UtcNow.ToString('yyyy', [cultureinfo]::InvariantCulture) -as [int]
        $text = @(
            Get-PPClientSecret | Format-Table | Out-String -Width 120
            Get-PPClientSecret | Format-List | Out-String -Width 120
            $run | Out-String -Width 120
            Get-PPFederationApp | Out-String -Width 120
        ) -join "`n"
        [regex]::Matches($text, "\b2$("$($year + 100)".Substring(1))-\d\d-\d\d\b").Count | Should -BeGreaterThan 2
        $Error.Clear()
        Get-PPConnection | Out-String | Should -Match ': \d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d'
        $Error | Should -BeNullOrEmpty
    }

    It 'cmdlets that write and read dates work' {
        (Invoke-PPRunbook -Step DirSync, Application -Confirm:$false).Steps.Step | Should -Be 'DirSync', 'Application'
        (New-PPClientSecret -NewSecret -ClientSecretLifetime P1Y -Confirm:$false -WarningAction SilentlyContinue).SecretEndDateTime |
            Should -BeGreaterThan (Get-Date).AddDays(300)
    }
}
