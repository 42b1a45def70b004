# Each command in docs/*.md and README.md is run, in the order in which it stands there, on a tenant twin: what a person reads works.
#
# A block ```powershell is run; ```powershell errors: REASON is run, and goes on where it writes an error; ```powershell file: NAME is
# written to that file first; ```powershell not-run: REASON is only held against the cmdlets and parameters that there are, as is what sentences
# and tables name. Names that stand for a firm's own are replaced: see $standsFor.

BeforeDiscovery {
    $root = Split-Path -Parent $PSScriptRoot
    $pages = @(Get-ChildItem -LiteralPath (Join-Path $root 'docs') -Filter '*.md') + @(Get-Item -LiteralPath (Join-Path $root 'README.md')) |
        Where-Object { [System.IO.File]::ReadAllText($_.FullName) -match '(?m)^```powershell' } |
        ForEach-Object { @{ Page = $_.Name; Path = $_.FullName } }
}

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'TestCertificate.ps1')
    . (Join-Path $PSScriptRoot 'TestAzurite.ps1')
    . (Join-Path $PSScriptRoot 'WrongCommand.ps1')

    function Read-Block {
        # The blocks of a page: Kind (run, errors, file, not-run), Word (the name or the reason), Text, Line.
        param([string]$Path)

        $text = [System.IO.File]::ReadAllText($Path).Replace("`r`n", "`n")
        foreach ($found in [regex]::Matches($text, '(?ms)^```powershell(?: (?<kind>[\w-]+): (?<word>[^\n]*))?\n(?<text>.*?)^```$')) {
            [pscustomobject]@{
                Kind = if ($found.Groups['kind'].Success) { $found.Groups['kind'].Value } else { 'run' }
                Word = $found.Groups['word'].Value
                Text = $found.Groups['text'].Value
                Line = $text.Substring(0, $found.Index).Split("`n").Count
            }
        }
    }

    function Invoke-Page {
        # Runs the blocks of a page in a process of their own, in a folder with what the reader has, signed in where the reader
        # would be, after what the reader has done before. Returns what was written, and last "through" where nothing failed.
        param([object[]]$Block, $Tenant, [string]$Before = '', [switch]$Demo, [string]$Folder, [hashtable]$Provider = @{})

        $user = (Invoke-RestMethod -Uri "$($Tenant.Graph)/v1.0/users?`$top=1" -Headers @{ Authorization = "Bearer $(Get-TestToken $Tenant)" }).value[0]
        [System.IO.File]::WriteAllText((Join-Path $Folder 'portal-users.csv'), "Username,E-mail,Display name`n$($user.userPrincipalName),$($user.mail),Alex`n")
        # A demonstration tenant has a vault beside its Microsoft Graph.
        $vault = if ($Demo) { '((Get-PPConnection).GraphEndpoint -replace ''graph$'', ''vault'')' } else { $Tenant.Vault }
        $standsFor = @{ 'https://contoso.vault.azure.net' = $vault; 'contoso.com' = @($user.userPrincipalName -split '@')[1] } + $Provider
        $script = [System.Collections.Generic.List[string]]::new()
        $first = [pscustomobject]@{ Kind = 'run'; Text = $Before; Line = 0 }
        foreach ($each in @($first) + @($Block | Where-Object Kind -NE 'not-run')) {
            $text = $each.Text
            foreach ($name in $standsFor.Keys) { $text = $text.Replace($name, $standsFor[$name]) }
            if ($each.Kind -eq 'file') {
                [System.IO.File]::WriteAllText((Join-Path $Folder $each.Word), $text)
            }
            else {
                $stop = if ($each.Kind -eq 'errors') { 'Continue' } else { 'Stop' }
                $script.Add("`n# line $($each.Line)`n`$ErrorActionPreference = '$stop'`n$text")
            }
        }
        $client = Get-TestClient $Tenant
        Invoke-TestShell -Environment @{ DOC_SECRET = $client.clientSecret; DOC_SAS = New-TestSas 'racwl' } -Script @"
`$ErrorActionPreference = 'Stop'
`$ConfirmPreference = 'None'
Set-Location -LiteralPath '$Folder'
Import-Module -Name '$env:PPFEDERATION_MODULE'
Import-Module -Name '$env:PPFEDERATION_PESTER'
`$env:PSModulePath = '$(Split-Path -Parent (Split-Path -Parent (Split-Path -Parent $env:PPFEDERATION_MODULE)))' + [System.IO.Path]::PathSeparator + `$env:PSModulePath
[void](Connect-PPTenant -TenantId $($Tenant.TenantId) -ClientId $($client.clientId) -Environment Custom -LoginEndpoint $($Tenant.Login) -GraphEndpoint $($Tenant.Graph) ``
    -RetryBudgetSec 4 -ClientSecret ([System.Net.NetworkCredential]::new('', `$env:DOC_SECRET).SecurePassword))
`$password = [System.Net.NetworkCredential]::new('', 'pfx-password').SecurePassword
`$sas = [System.Net.NetworkCredential]::new('', `$env:DOC_SAS).SecurePassword
$($script -join "`n")
'through'
"@
    }

    function New-TestProvider {
        # What a provider of services to the customers has beside them: a list, in a folder, an application that each of them has by a
        # certificate, its secrets in the own vault, and where the secrets of the customers go. Returns what stands for its names.
        param($Tenant, [object[]]$Customer, [string]$Folder, $Azurite)

        $own = Get-TestClient $Tenant
        $list = foreach ($each in $Customer) {
            $client = Get-TestClient $each
            Register-TestCertificate $each -ClientId $client.clientId
            [void](Set-TestTenant $Tenant '/edit' @{ edit = 'vault'; addSecret = @{ name = "app-$($each.TenantId)"; value = $client.clientSecret } })
            [pscustomobject]@{
                TenantId = $each.TenantId; ClientId = $client.clientId; Environment = 'Custom'; LoginEndpoint = $each.Login; GraphEndpoint = $each.Graph
                VaultUri = $each.Vault
            }
        }
        $list | Export-Csv -LiteralPath (Join-Path $Folder 'tenants.csv') -NoTypeInformation
        Register-TestCertificate $Tenant -ClientId $own.clientId
        Copy-Item -LiteralPath (Join-Path $certificates 'modern.pfx') -Destination (Join-Path $Folder 'msp.pfx')
        Copy-Item -LiteralPath (Join-Path $certificates 'certificate.pem') -Destination (Join-Path $Folder 'portal-team.cer')
        [void](New-Item -ItemType Directory -Path (Join-Path $Folder 'secrets'), (Join-Path $Folder 'fleet'))
        @{
            '-TenantId msp.onmicrosoft.com -ClientId 8b0c1f2e-9d54-4c7f-8a56-3c1f1f2a9e01' = "-TenantId $($Tenant.TenantId) -ClientId $($own.clientId) " +
                "-Environment Custom -LoginEndpoint $($Tenant.Login) -GraphEndpoint $($Tenant.Graph)"
            'https://msp.vault.azure.net' = $Tenant.Vault
            # Without Azurite a file has to do.
            'https://contosofleet.blob.core.windows.net' = if ($Azurite) { $Azurite.Origin } else { '.' }
            '-LedgerSas $sas' = if ($Azurite) { '-LedgerSas $sas' } else { '' }
        }
    }
}

Describe '<Page>' -ForEach $pages {
    BeforeAll {
        $blocks = @(Read-Block -Path $Path)
    }

    It 'marks its blocks in a way that is known, and gives a reason for each that is not run' {
        foreach ($block in $blocks) {
            $block.Kind | Should -BeIn 'run', 'errors', 'file', 'not-run' -Because "line $($block.Line)"
            if ($block.Kind -in 'errors', 'not-run') {
                $block.Word.Length | Should -BeGreaterThan 15 -Because "line $($block.Line)"
            }
        }
    }

    It 'names cmdlets and parameters that there are' {
        foreach ($block in $blocks) {
            Get-WrongCommand -Text $block.Text | Should -BeNullOrEmpty -Because "line $($block.Line)"
        }
    }

    It 'can be followed' {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $ofProvider = $Page -in 'msp.md', 'rotation-on-a-schedule.md'
        $tenant = Start-TestTenant $(if ($ofProvider) { '--neighbours 1' })
        $customers = @(if ($ofProvider) { Start-TestTenant '--seed 2'; Start-TestTenant '--seed 3' })
        $azurite = if ($Page -eq 'msp.md' -and $env:PPFEDERATION_AZURITE) { Start-TestAzurite -Container 'fleet' }
        # Who reads that page has the application, and so have the customers.
        $before = if ($Page -eq 'rotation-on-a-schedule.md') {
            '[void](Connect-PPTenant -TenantId msp.onmicrosoft.com -ClientId 8b0c1f2e-9d54-4c7f-8a56-3c1f1f2a9e01 -CertificatePath ./msp.pfx -CertificatePassword $password -RetryBudgetSec 4)'
            '[void](Invoke-PPRunbook -Skip DirSync)'
            '[void](Invoke-PPFleet -TenantPath ./tenants.csv -Action Runbook -Skip DirSync -ClientSecretLifetime P20D -SecretSink KeyVault)'
        }
        try {
            $provider = if ($ofProvider) { New-TestProvider $tenant $customers $folder $azurite } else { @{} }
            $said = Invoke-Page -Block $blocks -Tenant $tenant -Before ($before -join "`n") -Demo:($Page -eq 'walkthrough.md') -Folder $folder -Provider $provider
            if ($before) {
                foreach ($customer in $customers) {
                    $app = @((Get-TestState $customer).applications | Where-Object { $_.uniqueName -eq 'practice-protect-federation' })
                    @($app[0].passwordCredentials) | Should -HaveCount 2 -Because "one of 20 days, and the one in its place: $($said.Text)"
                }
            }
        }
        finally {
            $tenant, $customers | ForEach-Object { $_ } | ForEach-Object { Stop-TestTenant $_ }
            Stop-TestAzurite $azurite
        }
        $said.Lines | Select-Object -Last 1 | Should -Be 'through' -Because $said.Text
        $said.Text | Should -Not -Match 'Tests Passed: \d+, Failed: [1-9]'
    }
}

Describe 'build.ps1 Demo, which README.md offers first' {
    It 'goes through, and shows its fleet and the one tenant of it that fails in a screenful' {
        # On the module under test: Demo builds one of its own for that script. What it writes goes where the tests' files go.
        $demo = Join-Path (Split-Path -Parent $PSScriptRoot) 'tests/demo.ps1'
        $said = Invoke-TestShell -Script "`"columns: `$(`$Host.UI.RawUI.BufferSize.Width)`"; & '$demo'" -Environment @{ TMPDIR = "$TestDrive"; TEMP = "$TestDrive"; TMP = "$TestDrive" }
        $said.ExitCode | Should -Be 0 -Because $said.Text
        $text = $said.Text.Replace("`r`n", "`n") -replace '\x1b\[[\d;]*m'
        $lines = [regex]::Match($text, '(?s)\n(# Invoke-PPFleet: twelve tenants .+?)\n\n# Not verified against a live tenant').Groups[1].Value -split "`n"
        @($lines -match '\(demo\) +Done ') | Should -HaveCount 11
        @($lines -match '\(demo\) +Failed +AADSTS7000215') | Should -HaveCount 1
        # As wide as the table was made, and not narrower than a terminal of 80 columns; of which a longer line takes several.
        $columns = [math]::Max(80, [int][regex]::Match($text, 'columns: (\d+)').Groups[1].Value)
        ($lines | ForEach-Object { [math]::Max(1, [math]::Ceiling($_.Length / $columns)) } | Measure-Object -Sum).Sum | Should -BeLessOrEqual 24
    }
}

Describe 'The documents' {
    It 'name cmdlets and parameters that there are, in sentences and tables as well' {
        $root = Split-Path -Parent $PSScriptRoot
        $named = 0
        # The pages of docs/cmdlets are written from the help.
        foreach ($file in Get-Item -Path (@('README.md', 'SECURITY.md', 'docs/*.md', 'deploy/*/*.md', 'PowerShell/PPFederation/en-US/*.txt') | ForEach-Object { Join-Path $root $_ })) {
            $text = [System.IO.File]::ReadAllText($file.FullName)
            Get-WrongMention -Text $text | Should -BeNullOrEmpty -Because $file.Name
            $named += [regex]::Matches($text, '\w-PP\w').Count
        }
        $named | Should -BeGreaterThan 300
        Get-WrongMention -Text 'Run `Get-PPStatus`, or Get-PPLedger -Ledger ./june.jsonl [-Stat Failed].' | Should -Be 'there is no Get-PPStatus', 'Get-PPLedger has no -Stat'
    }

    It 'let the partner who signs know where the work runs, and that names may lie in Azure Blob Storage' {
        $brief = [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $PSScriptRoot) 'docs/security-brief.md'))
        $brief | Should -Match 'It runs on _+ \('
        $brief | Should -Match 'reports lie in _+ \([^)]*Azure Blob Storage[^)]*\)\. They name your tenant[^.]*your people'
    }

    It 'say where they lead through it when Start Sync is pressed, and that it waits' {
        $docs = Join-Path (Split-Path -Parent $PSScriptRoot) 'docs'
        [System.IO.File]::ReadAllText((Join-Path $docs 'walkthrough.md')) | Should -Match "Don't press Start Sync yet[\s\S]*``Off``[\s\S]*LockedOut[\s\S]*backup"
        [System.IO.File]::ReadAllText((Join-Path $docs 'the-72-hours.md')) |
            Should -Match '`State` is `Off`\?[\s\S]*Compare once more[\s\S]*backup[\s\S]*Settings > Users > Outbound Provisioning > Start Sync'
    }

    It 'lead whoever signs, and whoever looks for a symptom, to what is done about a secret that has leaked' {
        foreach ($name in 'security-brief.md', 'troubleshooting.md') {
            [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $PSScriptRoot) "docs/$name")) | Should -Match 'SECURITY\.md#if-the-secret-has-leaked' -Because $name
        }
    }

    It 'leave the questions on for whoever does it by hand' {
        foreach ($name in 'before-you-start.md', 'walkthrough.md', 'the-72-hours.md') {
            [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $PSScriptRoot) "docs/$name")) | Should -Not -Match '-Confirm:\$false' -Because $name
        }
    }

    It 'name a step of the runbook by its name' {
        foreach ($file in Get-ChildItem -LiteralPath (Join-Path (Split-Path -Parent $PSScriptRoot) 'docs') -Filter '*.md') {
            [System.IO.File]::ReadAllText($file.FullName) | Should -Not -Match '\bsteps?\s+\d' -Because $file.Name
        }
    }

    It 'link to what is there, headings as well' {
        $root = Split-Path -Parent $PSScriptRoot
        foreach ($file in @(Get-ChildItem -LiteralPath (Join-Path $root 'docs') -Filter '*.md') + @(Get-ChildItem -LiteralPath $root -Filter '*.md') + @(Get-ChildItem -LiteralPath (Join-Path $root 'deploy') -Recurse -Filter '*.md')) {
            foreach ($link in [regex]::Matches([System.IO.File]::ReadAllText($file.FullName), '\]\((?!https?://)(?<path>[^)#]*)(?:#(?<heading>[^)]+))?\)')) {
                $target = if ($link.Groups['path'].Value) { Join-Path $file.DirectoryName $link.Groups['path'].Value } else { $file.FullName }
                Test-Path -LiteralPath $target | Should -Be $true -Because "$($file.Name) links to $($link.Value)"
                if ($link.Groups['heading'].Success) {
                    # As GitHub names a heading: small letters and hyphens, without marks.
                    $headings = [regex]::Matches([System.IO.File]::ReadAllText($target), '(?m)^#+ (.+?)\r?$').ForEach({ $_.Groups[1].Value.ToLowerInvariant() -replace '[^\w\- ]' -replace ' ', '-' })
                    $link.Groups['heading'].Value | Should -BeIn $headings -Because "$($file.Name) links to $($link.Value)"
                }
            }
        }
    }
}
