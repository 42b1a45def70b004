# A secret that was made is in this session until somebody has claimed it, whatever becomes of the pipeline that it was written to.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')

    # What other tests of this process have left.
    [void](Get-PPClientSecret -Unclaimed -Claim)
    $tenant = Start-TestTenant
    [void](Connect-TestTenant $tenant)
    [void](Invoke-PPRunbook -Step Application, ServicePrincipal, ApplicationConsent, GlobalAdministrator -Confirm:$false)

    function Get-TestHeld {
        # What is unclaimed, which must be what the tenant has beside the secrets of before, and must sign in.
        param([string[]]$Before)

        $new = @(Get-PPClientSecret | Where-Object { $Before -notcontains $_.KeyId -and $_.OfRunbook })
        $new.Count | Should -Be 1
        $held = Get-PPClientSecret -Unclaimed -KeyId $new[0].KeyId
        $held.TenantId | Should -Be $tenant.TenantId
        $held.AppId | Should -Be $new[0].AppId
        Test-TestSignIn $tenant $held.AppId (ConvertFrom-TestSecret $held.ClientSecret) | Should -Be $true
        $held
    }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'A secret whose receiver stops' {
    BeforeEach {
        $before = @((Get-PPClientSecret).KeyId)
        $another = @{ Step = 'ClientSecret'; NewSecret = $true; Confirm = $false; WarningAction = 'SilentlyContinue' }
    }

    AfterEach {
        [void](Invoke-RestMethod -Method Delete -Uri "$($tenant.Control)/faults")
        Get-PPClientSecret -Unclaimed | Remove-PPClientSecret -Force -Confirm:$false -WarningAction SilentlyContinue | Out-Null
        Get-PPClientSecret -Unclaimed | Should -BeNullOrEmpty
    }

    It 'is unclaimed after Select-Object -First 1' {
        Invoke-PPRunbook @another | Select-Object -First 1 | Out-Null
        [void](Get-TestHeld $before)
    }

    It 'is unclaimed after an error downstream' {
        { Invoke-PPRunbook @another | ForEach-Object -Process { throw 'no room' } } | Should -Throw 'no room'
        [void](Get-TestHeld $before)
    }

    It 'is unclaimed after Ctrl+C while the next command has the row' {
        $shell = [powershell]::Create()
        $client = Get-TestClient $tenant
        [void]$shell.AddScript({
                param($Module, $Parameters, $Run)
                Import-Module -Name $Module
                [void](Connect-PPTenant @Parameters)
                Invoke-PPRunbook @Run | ForEach-Object -Process { 'got it'; Start-Sleep -Seconds 600 }
            }).AddArgument($env:PPFEDERATION_MODULE).AddArgument(@{
                TenantId = $tenant.TenantId; ClientId = $client.clientId; ClientSecret = ConvertTo-TestSecret $client.clientSecret
                Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph
            }).AddArgument($another)
        $said = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $none = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $none.Complete()
        $running = $shell.BeginInvoke($none, $said)
        # Waits until the row is there, or the script has ended without one.
        $first = $said | Select-Object -First 1
        $shell.Stop()
        $running.AsyncWaitHandle.WaitOne(60000) | Should -Be $true
        $first | Should -Be 'got it' -Because "$($shell.Streams.Error)"
        $shell.Dispose()
        [void](Get-TestHeld $before)
    }

    It 'is unclaimed after a warning that stops the command' {
        # Somebody else makes one at the same moment, which the run warns of when it has made its own.
        $id = (Get-PPFederationApp).ObjectId
        $fault = @{
            fault = 'edited'; target = 'call'; method = 'POST'; path = '*/addPassword'
            edit = @{ edit = 'addSecret'; applicationId = $id; displayName = 'PPToken'; lifeSeconds = 86400 }
        } | ConvertTo-Json
        Get-PPClientSecret | Remove-PPClientSecret -Force -Confirm:$false | Out-Null
        [void](Invoke-RestMethod -Method Post -Uri "$($tenant.Control)/faults" -ContentType 'application/json' -Body $fault)
        { New-PPClientSecret -WarningAction Stop } | Should -Throw '*someone else is at work*'
        $held = @(Get-PPClientSecret -Unclaimed)
        $held.Count | Should -Be 1
        Test-TestSignIn $tenant $held[0].AppId (ConvertFrom-TestSecret $held[0].ClientSecret) | Should -Be $true
    }

    It 'is not made where a warning of what is there stops the command' {
        [void](New-PPClientSecret | Get-PPClientSecret -Unclaimed -Claim)
        Clear-TestRequest $tenant
        { New-PPClientSecret -NewSecret -WarningAction Stop } | Should -Throw '*stays valid*'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'is unclaimed where a script block threw' {
        Invoke-PPRunbook @another -SecretSink { throw 'no' } -ErrorAction SilentlyContinue | Out-Null
        [void](Get-TestHeld $before)
    }
}

Describe 'An unclaimed secret' {
    BeforeAll {
        Get-PPClientSecret | Remove-PPClientSecret -Force -Confirm:$false | Out-Null
    }

    BeforeEach {
        $app = New-PPClientSecret -NewSecret -WarningAction SilentlyContinue
    }

    AfterEach {
        Get-PPClientSecret -Unclaimed | Remove-PPClientSecret -Force -Confirm:$false -WarningAction SilentlyContinue | Out-Null
    }

    It 'is let go of with -Claim, of the result that is piped alone' {
        $second = New-PPClientSecret -NewSecret -WarningAction SilentlyContinue
        $mine = $app | Get-PPClientSecret -Unclaimed -Claim
        $mine.KeyId | Should -Be $app.SecretId
        ConvertFrom-TestSecret $mine.ClientSecret | Should -Be (ConvertFrom-TestSecret $app.ClientSecret)
        (Get-PPClientSecret -Unclaimed).KeyId | Should -Be $second.SecretId
        $failure = Get-Failure { Get-PPClientSecret -Unclaimed -KeyId $app.SecretId -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.SecretNotHeld,Get-PPClientSecret'
    }

    It 'stays where the pipeline stops before it was passed on' {
        Get-PPClientSecret -Unclaimed -Claim | Select-Object -First 1 | Out-Null
        (Get-PPClientSecret -Unclaimed).KeyId | Should -Be $app.SecretId
    }

    It 'is claimed by a sink that has confirmed it' {
        $path = Join-Path $TestDrive 'claimed.cms'
        $recipient = Join-Path $PSScriptRoot '../rust-core/testing/certificates/certificate.pem'
        [void](New-PPClientSecret -NewSecret -SecretSink SealedFile -RecipientCertificate $recipient -Path $path -WarningAction SilentlyContinue)
        [void](New-PPClientSecret -NewSecret -SecretSink { } -WarningAction SilentlyContinue)
        (Get-PPClientSecret -Unclaimed).KeyId | Should -Be $app.SecretId
    }

    It 'is put into a sink later, and claimed then' {
        $saved = Get-PPClientSecret -Unclaimed | Save-PPClientSecret -SecretSink KeyVault -VaultUri $tenant.Vault
        $saved.SecretId | Should -Be $app.SecretId
        $saved.SecretSink | Should -Be 'KeyVault'
        $saved.SecretLocation | Should -Match '/secrets/pptoken/'
        $saved.ClientSecret | Should -BeNullOrEmpty
        Get-PPClientSecret -Unclaimed | Should -BeNullOrEmpty
    }

    It 'is put into a script block later, and stays where that throws' {
        $app | Save-PPClientSecret -SecretSink { throw 'the drawer is locked' } -ErrorVariable failed -ErrorAction SilentlyContinue | Out-Null
        $failed.FullyQualifiedErrorId | Should -Contain 'PPFederation.SecretNotPlaced,Save-PPClientSecret'
        "$failed" | Should -Match 'Get-PPClientSecret -Unclaimed'
        $got = @{}
        ($app | Save-PPClientSecret -SecretSink { param($secret) $got.Secret = $secret }).SecretSink | Should -Be 'ScriptBlock'
        ConvertFrom-TestSecret $got.Secret | Should -Be (ConvertFrom-TestSecret $app.ClientSecret)
        Get-PPClientSecret -Unclaimed | Should -BeNullOrEmpty
    }

    It 'needs no key id where it is the only one, and one to choose by where it is not' {
        $other = New-PPClientSecret -NewSecret -WarningAction SilentlyContinue
        { Save-PPClientSecret -SecretSink { } -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.SeveralUnclaimed,Save-PPClientSecret'
        Save-PPClientSecret -KeyId $other.SecretId -SecretSink { } | Out-Null
        (Save-PPClientSecret -SecretSink { }).SecretId | Should -Be $app.SecretId
        { Save-PPClientSecret -SecretSink { } -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.SecretNotHeld,Save-PPClientSecret'
    }

    It 'goes nowhere with -WhatIf, without a sink, or by an id that is not held' {
        Clear-TestRequest $tenant
        $app | Save-PPClientSecret -SecretSink { throw 'not called' } -WhatIf | Should -BeNullOrEmpty
        { $app | Save-PPClientSecret } | Should -Throw -ErrorId 'PPFederation.SecretSinkInvalid,Save-PPClientSecret'
        { Save-PPClientSecret -KeyId ([guid]::NewGuid()) -SecretSink { } -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.SecretNotHeld,Save-PPClientSecret'
        @(Get-TestWrite $tenant).Count | Should -Be 0
        (Get-PPClientSecret -Unclaimed).KeyId | Should -Be $app.SecretId
    }

    It 'is no more when it was removed from the tenant' {
        [void](Remove-PPClientSecret -KeyId $app.SecretId -Force -Confirm:$false)
        Get-PPClientSecret -Unclaimed | Should -BeNullOrEmpty
    }

    It 'is offered by Show-PPClientSecret, and stays where that was not confirmed' {
        Show-PPClientSecret -WhatIf | Should -BeNullOrEmpty
        (Get-PPClientSecret -Unclaimed).KeyId | Should -Be $app.SecretId
    }

    It 'is named when its connection is closed, and is there all the same' {
        Disconnect-PPTenant -WarningVariable told -WarningAction SilentlyContinue
        @($told).Count | Should -Be 1
        "$told" | Should -Match $app.SecretId
        "$told" | Should -Match $tenant.TenantId
        (Get-PPClientSecret -Unclaimed).KeyId | Should -Be $app.SecretId
        [void](Connect-TestTenant $tenant)
        Disconnect-PPTenant -WarningVariable again -WarningAction SilentlyContinue
        $again | Should -BeNullOrEmpty
        [void](Connect-TestTenant $tenant)
    }
}

Describe 'A secret that a rotation has placed by a script block' {
    It 'is remembered by the tenant before anybody sees the result' {
        $remembered = $null
        Update-PPClientSecret -SecretSink { } -Confirm:$false -WarningAction SilentlyContinue | Select-Object -First 1 | ForEach-Object -Process {
            $id = $_.SecretId
            $remembered = @((Get-TestState $tenant).applications | Where-Object { $_.tags -match $id })
        }
        $remembered.Count | Should -Be 1
    }
}

Describe 'New-PPFederationApp' {
    It 'gives the secret that it makes to its sink' {
        $got = @{}
        $app = New-PPFederationApp -NewSecret -SecretSink { param($secret) $got.Secret = $secret } -Confirm:$false -WarningAction SilentlyContinue
        $app.SecretSink | Should -Be 'ScriptBlock'
        $app.ClientSecret | Should -BeNullOrEmpty
        Test-TestSignIn $tenant $app.AppId (ConvertFrom-TestSecret $got.Secret) | Should -Be $true
    }
}
