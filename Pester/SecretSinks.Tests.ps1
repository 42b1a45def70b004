# -SecretSink: a key vault, the caller's script block, and what is left where a sink fails. SealedFile.Tests.ps1 opens what is sealed.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')

    $tenant = Start-TestTenant
    [void](Connect-TestTenant $tenant)
    [void](Invoke-PPRunbook -Step Application, ServicePrincipal -Confirm:$false)
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'A key vault' {
    BeforeAll {
        $sink = @{ SecretSink = 'KeyVault'; VaultUri = $tenant.Vault; NewSecret = $true; WarningAction = 'SilentlyContinue' }

        function Set-TestVault {
            # Changes the vault behind its own back.
            param([hashtable]$Change)

            [void](Set-TestTenant $tenant '/edit' (@{ edit = 'vault' } + $Change))
        }

        function Get-TestVaultSecret {
            # The text in the vault, read as any other program would.
            param([string]$Id)

            $client = Get-TestClient -Tenant $tenant
            $form = "client_id=$($client.clientId)&client_secret=$([uri]::EscapeDataString($client.clientSecret))" +
                "&grant_type=client_credentials&scope=$([uri]::EscapeDataString("$($tenant.Vault)/.default"))"
            $token = (Invoke-RestMethod -Method Post -Uri "$($tenant.Login)/$($tenant.TenantId)/oauth2/v2.0/token" `
                    -ContentType 'application/x-www-form-urlencoded' -Body $form).access_token
            (Invoke-RestMethod -Uri "$($Id)?api-version=7.4" -Headers @{ Authorization = "Bearer $token" }).value
        }
    }

    It 'gets the secret of a run, which is in no object' {
        $app = New-PPClientSecret @sink
        $app.ClientSecret | Should -BeNullOrEmpty
        $app.SecretSink | Should -Be 'KeyVault'
        $app.SecretLocation | Should -Match '/secrets/pptoken/'
        Test-TestSignIn $tenant $app.AppId (Get-TestVaultSecret $app.SecretLocation) | Should -Be $true
    }

    It 'that refuses is named before there is a secret' {
        Set-TestVault @{ access = 'firewall' }
        Clear-TestRequest $tenant
        { New-PPClientSecret @sink } | Should -Throw -ErrorId 'PPFederation.VaultRefused,New-PPClientSecret'
        @(Get-TestWrite $tenant).Count | Should -Be 0
        Set-TestVault @{ access = 'officer' }
    }

    It 'that takes no write leaves the secret in the error' {
        Set-TestVault @{ access = 'user' }
        $app = New-PPClientSecret @sink -ErrorVariable failed -ErrorAction SilentlyContinue
        $app.ClientSecret | Should -BeOfType ([securestring])
        $app.SecretSink | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'PPFederation.SecretNotPlaced,New-PPClientSecret'
        "$($failed[0])" | Should -Match 'ForbiddenByRbac'
        $failed[0].TargetObject.SecretId | Should -Be $app.SecretId
        Set-TestVault @{ access = 'officer' }
        [void](Remove-PPClientSecret -KeyId $app.SecretId -Confirm:$false)
    }

    It 'lies in the cloud of the connection and has a name' {
        $address = @{ SecretSink = 'KeyVault'; NewSecret = $true }
        { New-PPClientSecret @address -VaultUri 'http://vault.example' } |
            Should -Throw -ErrorId 'PPFederation.VaultUriInvalid,New-PPClientSecret'
        { New-PPClientSecret @address -VaultUri $tenant.Vault -SecretName 'a/b' } |
            Should -Throw -ErrorId 'PPFederation.SecretSinkInvalid,New-PPClientSecret'
    }

    It 'holds the new one after a rotation, and a run on a schedule then makes none' {
        $rotate = @{ SecretSink = 'KeyVault'; VaultUri = $tenant.Vault; OverlapDays = 0; Confirm = $false; WarningAction = 'SilentlyContinue' }
        $rows = @(Update-PPClientSecret @rotate)
        Test-TestSignIn $tenant $rows[0].AppId (Get-TestVaultSecret "$($tenant.Vault)/secrets/PPToken") | Should -Be $true
        (Get-PPClientSecret).KeyId | Should -Be $rows[0].SecretId
        @(Update-PPClientSecret @rotate -RenewWithinDays 30).Count | Should -Be 0
    }
}

Describe 'A sealed file' {
    BeforeAll {
        $recipient = Join-Path $PSScriptRoot '../rust-core/testing/certificates/certificate.pem'
    }

    It 'is refused before there is a secret where it cannot be written' {
        Clear-TestRequest $tenant
        $sink = @{ SecretSink = 'SealedFile'; RecipientCertificate = $recipient; NewSecret = $true }
        [System.IO.File]::WriteAllText((Join-Path $TestDrive 'first.cms'), 'there already')
        { New-PPClientSecret @sink -Path (Join-Path $TestDrive 'first.cms') } |
            Should -Throw -ErrorId 'PPFederation.SealedFileExists,New-PPClientSecret'
        { New-PPClientSecret @sink -Path (Join-Path $TestDrive 'none/first.cms') } |
            Should -Throw -ErrorId 'PPFederation.SealedFileNotWritable,New-PPClientSecret'
        $sink.RecipientCertificate = Join-Path $TestDrive 'first.cms'
        { New-PPClientSecret @sink -Path (Join-Path $TestDrive 'second.cms') } |
            Should -Throw -ErrorId 'PPFederation.RecipientCertificateInvalid,New-PPClientSecret'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'changes nothing with -WhatIf' {
        Clear-TestRequest $tenant
        $path = Join-Path $TestDrive 'whatif.cms'
        New-PPClientSecret -NewSecret -SecretSink SealedFile -RecipientCertificate $recipient -Path $path -WhatIf
        @(Get-TestWrite $tenant).Count | Should -Be 0
        Test-Path -LiteralPath $path | Should -Be $false
    }
}

Describe 'The parameters of a sink' {
    It 'are refused where they do not go together' {
        $wrong = @{ SecretSink = 'SealedFile' }, @{ SecretSink = 'Drawer' }, @{ Path = 'x' }, @{ SecretSink = { }; Path = 'x' },
            @{ SecretSink = 'KeyVault' }, @{ SecretSink = 'KeyVault'; VaultUri = 'https://x'; Path = 'x' }
        foreach ($parameters in $wrong) {
            { New-PPClientSecret -NewSecret @parameters } |
                Should -Throw -ErrorId 'PPFederation.SecretSinkInvalid,New-PPClientSecret'
        }
    }
}

Describe 'The script block' {
    It 'gets the SecureString and the application, and what it returns is no result' {
        $got = @{}
        $app = New-PPClientSecret -NewSecret -WarningAction SilentlyContinue -SecretSink {
            param($secret, $app)
            $got.Secret = $secret
            $got.App = $app.AppId
            'something'
        }
        @($app).Count | Should -Be 1
        $app.ClientSecret | Should -BeNullOrEmpty
        $app.SecretSink | Should -Be 'ScriptBlock'
        $got.Secret | Should -BeOfType ([securestring])
        $got.App | Should -Be $app.AppId
        Test-TestSignIn $tenant $app.AppId (ConvertFrom-TestSecret $got.Secret) | Should -Be $true
    }

    It 'that throws leaves the secret in the error and in the result, with the way to remove it' {
        $app = New-PPClientSecret -NewSecret -SecretSink { throw 'the drawer is locked' } -ErrorVariable failed `
            -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $app.ClientSecret | Should -BeOfType ([securestring])
        $app.SecretSink | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'PPFederation.SecretNotPlaced,New-PPClientSecret'
        "$($failed[0])" | Should -Match 'the drawer is locked'
        "$($failed[0])" | Should -Match "Remove-PPClientSecret -KeyId $($app.SecretId)"
        $failed[0].TargetObject.ClientSecret | Should -Be $app.ClientSecret
    }

    It 'that writes an error without throwing has not put it in place: <How>' -ForEach @(
        @{ How = 'Write-Error'; Preference = 'Continue'; Block = { Write-Error 'the drawer is locked' }; Why = 'the drawer is locked' }
        @{ How = 'a cmdlet that fails'; Preference = 'Continue'; Block = { Get-Item -LiteralPath 'no-drawer' }; Why = 'no-drawer' }
        @{ How = 'under a preference that silences'; Preference = 'SilentlyContinue'; Block = { Write-Error 'the drawer is locked' }; Why = 'the drawer is locked' }
    ) {
        $ErrorActionPreference = $Preference
        $app = New-PPClientSecret -NewSecret -SecretSink $Block -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $app.SecretSink | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'PPFederation.SecretNotPlaced,New-PPClientSecret'
        "$($failed[0])" | Should -Match $Why
        @(Get-PPClientSecret -Unclaimed -KeyId $app.SecretId).Count | Should -Be 1
        @((Get-TestState $tenant).applications | Where-Object { "$($_.tags)" -match $app.SecretId }).Count | Should -Be 0
        [void](Remove-PPClientSecret -KeyId $app.SecretId -Confirm:$false)
    }

    It 'has put it in place where it has dealt with an error itself, or a native program has written to its error stream' {
        $all = @(New-PPClientSecret -NewSecret -SecretSink {
                Get-Item -LiteralPath 'no-drawer' -ErrorAction SilentlyContinue
                try { throw 'the first drawer is locked' } catch { 'the second one is not' }
                & $env:PPFEDERATION_TWIN --nonsense
            } 3>&1 6>$null)
        $app = $all | Where-Object { $_ -is [PPFederation.App] }
        $warned = $all | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }
        $app.SecretSink | Should -Be 'ScriptBlock'
        "$warned" | Should -Match 'error stream: .*--nonsense'
        @((Get-TestState $tenant).applications | Where-Object { "$($_.tags)" -match $app.SecretId }).Count | Should -Be 1
        [void](Remove-PPClientSecret -KeyId $app.SecretId -Force -Confirm:$false)
    }

    It 'has put it in place under the preference Stop, where a native program has written to its error stream' {
        $ErrorActionPreference = 'Stop'
        $got = @{}
        $app = New-PPClientSecret -NewSecret -WarningAction SilentlyContinue -SecretSink {
            try { Get-Item -LiteralPath 'no-drawer' } catch { 'the second one is not' }
            & $env:PPFEDERATION_TWIN --nonsense
            $got.Through = $true
        }
        $app.SecretSink | Should -Be 'ScriptBlock'
        $got.Through | Should -Be $true
        [void](Remove-PPClientSecret -KeyId $app.SecretId -Force -Confirm:$false)
    }

    It 'ends at the first error of a cmdlet under the preference Stop' {
        $ErrorActionPreference = 'Stop'
        $got = @{}
        $app = New-PPClientSecret -NewSecret -ErrorAction SilentlyContinue -WarningAction SilentlyContinue -SecretSink {
            Get-Item -LiteralPath 'no-drawer'
            $got.Through = $true
        }
        $app.SecretSink | Should -BeNullOrEmpty
        $got.Count | Should -Be 0
        [void](Remove-PPClientSecret -KeyId $app.SecretId -Confirm:$false)
    }

    It 'that throws makes the run a failed one, which holds the secret' {
        $run = Invoke-PPRunbook -Step ClientSecret -NewSecret -SecretSink { throw 'no' } -Confirm:$false `
            -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $run.Result | Should -Be 'Failed'
        $run.Detail | Should -Match 'is not in place'
        $run.ClientSecretResult | Should -Be 'Done'
        $run.ClientSecret | Should -BeOfType ([securestring])
        (Remove-PPClientSecret -KeyId $run.SecretId -Confirm:$false).Result | Should -Be 'Removed'
    }

    It 'that throws leaves it in the error alone with -ErrorAction Stop' {
        $caught = $null
        try {
            New-PPClientSecret -NewSecret -SecretSink { throw 'no' } -ErrorAction Stop -WarningAction SilentlyContinue
        }
        catch {
            $caught = $_
        }
        $held = $caught.TargetObject
        Test-TestSignIn $tenant $held.AppId (ConvertFrom-TestSecret $held.ClientSecret) | Should -Be $true
        (Remove-PPClientSecret -KeyId $held.SecretId -Confirm:$false).Result | Should -Be 'Removed'
    }
}

Describe 'Show-PPClientSecret' {
    It 'shows nothing where output is redirected' {
        $said = Invoke-TestShell -Script @"
Import-Module -Name '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', 'not to be seen').SecurePassword
try { Show-PPClientSecret -ClientSecret `$secret -Confirm:`$false *>&1 } catch { `$_.FullyQualifiedErrorId }
"@
        $said.Text.Trim() | Should -Be 'PPFederation.NoScreen,Show-PPClientSecret'
    }

    It 'takes the result of the command that made the secret, and says with -WhatIf what it would do' {
        [pscustomobject]@{ ClientSecret = (ConvertTo-TestSecret 'x') } | Show-PPClientSecret -WhatIf | Should -BeNullOrEmpty
    }
}

Describe 'Update-PPClientSecret' {
    BeforeAll {
        Get-PPClientSecret | Select-Object -SkipLast 1 | Remove-PPClientSecret -Confirm:$false
        $before = (Get-PPClientSecret).KeyId
    }

    It 'says with -WhatIf what would be made and what would go, and sends no write' {
        Clear-TestRequest $tenant
        Update-PPClientSecret -OverlapDays 0 -SecretSink { } -WhatIf | Should -BeNullOrEmpty
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'puts a new one in place and keeps the old one for the overlap' {
        $kept = @{}
        $rows = @(Update-PPClientSecret -SecretSink { param($secret) $kept.Secret = $secret } -Confirm:$false -WarningAction SilentlyContinue)
        $rows.Count | Should -Be 2
        $rows[0].SecretSink | Should -Be 'ScriptBlock'
        $rows[1].KeyId | Should -Be $before
        $rows[1].Result | Should -Be 'Later'
        @(Get-PPClientSecret).Count | Should -Be 2
        Test-TestSignIn $tenant $rows[0].AppId (ConvertFrom-TestSecret $kept.Secret) | Should -Be $true
    }

    It 'makes none on a schedule while the one in place is far from its end' {
        $rows = @(Update-PPClientSecret -RenewWithinDays 30 -SecretSink { throw 'not called' } -Confirm:$false)
        $rows.Result | Should -Be 'Later'
        @(Get-PPClientSecret).Count | Should -Be 2
    }

    It 'removes the old one when its time has come' {
        $rows = @(Update-PPClientSecret -Complete -OverlapDays 0 -Confirm:$false)
        $rows.Count | Should -Be 1
        $rows[0].KeyId | Should -Be $before
        $rows[0].Result | Should -Be 'Removed'
        @(Get-PPClientSecret).Count | Should -Be 1
    }

    It 'removes the old one at once where there is no overlap, and only what another one replaced' {
        $rows = @(Update-PPClientSecret -OverlapDays 0 -SecretSink { } -Confirm:$false -WarningAction SilentlyContinue)
        $rows[1].Result | Should -Be 'Removed'
        (Get-PPClientSecret).KeyId | Should -Be $rows[0].SecretId
    }

    It 'says what is in place where nobody can be asked whether the old ones may go, and how they go without another' {
        $client = Get-TestClient $tenant
        $old = @((Get-PPClientSecret).KeyId)
        $file = Join-Path $TestDrive 'rotate.ps1'
        Set-Content -LiteralPath $file -Value @"
`$ErrorActionPreference = 'Stop'
Import-Module '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
[void](Connect-PPTenant -TenantId $($tenant.TenantId) -ClientId $($client.clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($tenant.Login) -GraphEndpoint $($tenant.Graph) -RetryBudgetSec 4)
try { Update-PPClientSecret -OverlapDays 0 -SecretSink { } -WarningAction SilentlyContinue | Out-Null } catch { `$_.FullyQualifiedErrorId; `$_.ErrorDetails.RecommendedAction }
"@
        $said = [string](& (Get-ShellProgram) (Get-ShellArgument) -NonInteractive -File $file 2>&1)
        $said | Should -Match 'PPFederation.CannotAsk,Update-PPClientSecret'
        $said | Should -Not -Match 'Nothing was changed'
        $new = @((Get-PPClientSecret).KeyId | Where-Object { $old -notcontains $_ })
        $new.Count | Should -Be 1
        $said | Should -Match "$new is in place, and the older ones stay"
        # What it advises.
        $said | Should -Match ([regex]::Escape('Update-PPClientSecret -Complete -OverlapDays 0 -Confirm:$false'))
        (Update-PPClientSecret -Complete -OverlapDays 0 -Confirm:$false).KeyId | Should -Be $old
        (Get-PPClientSecret).KeyId | Should -Be $new
    }

    It 'keeps the old one where the sink failed' {
        $old = (Get-PPClientSecret).KeyId
        $rows = @(Update-PPClientSecret -OverlapDays 0 -SecretSink { throw 'no' } -Confirm:$false -ErrorAction SilentlyContinue -WarningAction SilentlyContinue)
        $rows.Count | Should -Be 1
        $rows[0].ClientSecret | Should -BeOfType ([securestring])
        @(Get-PPClientSecret).KeyId | Should -Contain $old
        [void](Remove-PPClientSecret -KeyId $rows[0].SecretId -Confirm:$false)
    }

    It 'makes none where -KeyId is given and -Complete forgotten' {
        $before = @(Get-PPClientSecret).Count
        { Update-PPClientSecret -KeyId ([guid]::NewGuid()) -RenewWithinDays 1 } | Should -Throw -ErrorId 'AmbiguousParameterSet,Update-PPClientSecret'
        $said = Invoke-TestShell -Script "Import-Module '$env:PPFEDERATION_MODULE'; try { Update-PPClientSecret -KeyId (New-Guid) } catch { `$_.FullyQualifiedErrorId }"
        $said.Text | Should -Match 'MissingMandatoryParameter|Complete' -Because $said.Text
        @(Get-PPClientSecret).Count | Should -Be $before
    }

    It 'takes numbers of days' {
        $before = @(Get-PPClientSecret).Count
        $rows = @(Update-PPClientSecret -OverlapDays 7 -SecretSink { } -Confirm:$false -WarningAction SilentlyContinue)
        $stays = $rows | Where-Object { $_.Result -eq 'Later' }
        $stays | Should -Not -BeNullOrEmpty
        foreach ($row in $stays) {
            $until = [datetimeoffset]([regex]'\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ').Match($row.Detail).Value
            [math]::Round(($until - [datetimeoffset]::UtcNow).TotalDays) | Should -Be 7
        }
        [void](Update-PPClientSecret -Complete -OverlapDays 0 -Confirm:$false)
    }

    It 'returns the new one without a sink, and removes the old one once told that it is in place' {
        $old = (Get-PPClientSecret).KeyId
        $app = Update-PPClientSecret -OverlapDays 0 -Confirm:$false -WarningAction SilentlyContinue
        $app.ClientSecret | Should -BeOfType ([securestring])
        @(Get-PPClientSecret).Count | Should -Be 2
        $rows = @(Update-PPClientSecret -Complete -KeyId $app.SecretId -OverlapDays 0 -Confirm:$false)
        $rows.KeyId | Should -Be $old
        (Get-PPClientSecret).KeyId | Should -Be $app.SecretId
    }
}

Describe 'Update-PPClientSecret of secrets that are not known to be in place' {
    BeforeAll {
        $two = Start-TestTenant '--latency-ms 0 --seed 5401'
        [void](Connect-TestTenant $two)
        $old = (Invoke-PPRunbook -Skip DirSync -Confirm:$false -WarningAction SilentlyContinue).SecretId
        $new = (New-PPClientSecret -NewSecret -Confirm:$false -WarningAction SilentlyContinue).SecretId

        function Get-WhatIf {
            # What a command says, by the host and otherwise, in a shell of its own.
            param([string]$Command)

            $client = Get-TestClient $two
            (Invoke-TestShell -Script @"
`$ErrorActionPreference = 'Stop'
Import-Module '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
[void](Connect-PPTenant -TenantId $($two.TenantId) -ClientId $($client.clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($two.Login) -GraphEndpoint $($two.Graph) -RetryBudgetSec 4)
$Command -WhatIf -WarningAction SilentlyContinue
"@).Text
        }
    }

    AfterAll {
        Stop-TestTenant $two
    }

    It 'says with -WhatIf that -Complete -KeyId removes the older one, and sends no write' {
        Clear-TestRequest $two
        $said = Get-WhatIf "Update-PPClientSecret -Complete -KeyId $new -OverlapDays 0"
        $said | Should -Match "What if: .*$new"
        $said | Should -Match "What if: .*Remove client secret .*$old"
        $said | Should -Not -Match 'may go now'
        @(Get-TestWrite $two).Count | Should -Be 0
    }

    It 'says with -WhatIf of no removal where a new one has no sink' {
        $said = Get-WhatIf 'Update-PPClientSecret -OverlapDays 0'
        $said | Should -Match 'What if: '
        $said | Should -Not -Match $old
        $said | Should -Not -Match 'Remove client secret'
    }

    It 'says with -Complete that none may go, and not that a new one is asked for' {
        [void](Update-PPClientSecret -Complete -KeyId $new -OverlapDays 0 -Confirm:$false)
        (Get-PPClientSecret).KeyId | Should -Be $new
        $said = Update-PPClientSecret -Complete -Confirm:$false 6>&1
        "$said" | Should -BeLike '*: No older client secret may go now.'
    }
}
