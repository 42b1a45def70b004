# The runbooks for Azure Automation, run in the emulator of tests/automation, and the emulator itself.

BeforeAll {
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'TestCertificate.ps1')
    . (Join-Path $PSScriptRoot '../tests/automation/Account.ps1')
    . (Join-Path $PSScriptRoot 'TestAzurite.ps1')

    function Add-TestVariable {
        param([string]$Name, $Value, [switch]$Encrypted)

        Set-AutomationAsset -Account $account -Kind 'Variable' -Name $Name -Value @{ Value = $Value; Encrypted = [bool]$Encrypted }
    }

    function Get-TestVariable {
        param([string]$Name)

        (Get-AutomationAsset -Account $account -Kind 'Variable' -Name $Name).Value
    }

    function Add-TestConnection {
        # A connection of the account to a twin.
        param([string]$Name, $Tenant, [hashtable]$Field)

        $cloud = @{ Environment = 'Custom'; LoginEndpoint = $Tenant.Login; GraphEndpoint = $Tenant.Graph }
        Set-AutomationAsset -Account $account -Kind 'Connection' -Name $Name -Value ($cloud + $Field)
    }

    function Get-TestVaultSecret {
        # The text in the vault, read as any other program would.
        param($Tenant)

        $client = Get-TestClient -Tenant $Tenant
        $form = "client_id=$($client.clientId)&client_secret=$([uri]::EscapeDataString($client.clientSecret))" +
            "&grant_type=client_credentials&scope=$([uri]::EscapeDataString("$($Tenant.Vault)/.default"))"
        $token = (Invoke-RestMethod -Method Post -Uri "$($Tenant.Login)/$($Tenant.TenantId)/oauth2/v2.0/token" `
                -ContentType 'application/x-www-form-urlencoded' -Body $form).access_token
        (Invoke-RestMethod -Uri "$($Tenant.Vault)/secrets/PPToken?api-version=7.4" -Headers @{ Authorization = "Bearer $token" }).value
    }

    function Get-OwnApplication {
        # The applications of the tenant that the runbook has made.
        param($Tenant)

        @((Get-TestState $Tenant).applications | Where-Object { $_.uniqueName -eq 'practice-protect-federation' })
    }

    $tenant = Start-TestTenant
    $admin = Get-TestClient $tenant
    Register-TestCertificate $tenant -ClientId $admin.clientId
    [void](Set-TestTenant $tenant '/machine' @{ system = $admin.clientId; header = 'header' })
    $origin = $tenant.Login -replace '/login$'
    $account = New-AutomationAccount -Folder (Join-Path $TestDrive 'account') -Managed "$origin/msi/token" -Header 'header'
    Add-TestConnection 'PPFederation' $tenant @{ ManagedIdentity = $true }
    Set-AutomationAsset -Account $account -Kind 'Certificate' -Name 'msp' -Value @{ Path = (Join-Path $certificates 'modern.pfx'); Password = 'pfx-password' }
    Add-TestConnection 'Certificate' $tenant @{ TenantId = $tenant.TenantId; ClientId = $admin.clientId; CertificateName = 'msp' }
    Add-TestConnection 'Older' $tenant @{ TenantId = $tenant.TenantId; ApplicationId = $admin.clientId; ClientSecret = $admin.clientSecret }
    $noRole = Get-TestClient $tenant -Kind 'noRole'
    Add-TestConnection 'NoRole' $tenant @{ TenantId = $tenant.TenantId; ClientId = $noRole.clientId; ClientSecret = $noRole.clientSecret }
    Add-TestConnection 'Several' $tenant @{ TenantId = $tenant.TenantId; ClientId = $admin.clientId; ClientSecret = $admin.clientSecret; ManagedIdentity = $true }
    Add-TestConnection 'Nothing' $tenant @{ TenantId = $tenant.TenantId; ClientId = $admin.clientId; ManagedIdentity = $false }
    # What is written to in one Describe and read in the next: Pester removes what a Describe has made.
    Add-TestVariable 'DirSync' 'none yet'
    # Marks as an earlier version of the module left them.
    Add-TestVariable 'Consents' (@{ $tenant.TenantId = 'AAAAAAAAAA BBBBBBBBBB' } | ConvertTo-Json -Compress)
    $domain = 'contosoaccounting.onmicrosoft.com'
    foreach ($name in 'ledgers.example', 'books.example') {
        [void](Set-TestTenant $tenant '/edit' @{ edit = 'addDomain'; name = $name; authenticationType = 'Managed' })
    }
    $vault = @{ VaultUri = $tenant.Vault }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'The runbooks in a new tenant' {
    BeforeAll {
        # One after the other, as jobs that share a sandbox may be.
        $planned, $secretless, $one, $unconnected, $several, $nothing, $federated = Invoke-AutomationJob -Account $account -InTurn -Job @(
            @{ Runbook = 'Federate-Tenant'; Parameters = @{ PlanOnly = 'true'; SkipSteps = '["ClientSecret","DirSync"]'; TenantId = $domain } }
            @{ Runbook = 'Federate-Tenant' }
            @{ Runbook = 'Federate-Tenant'; Parameters = @{ PlanOnly = 'false'; Steps = 'Application' } }
            @{ Runbook = 'Federate-Tenant'; Parameters = $vault + @{ ConnectionName = 'Absent' } }
            @{ Runbook = 'Federate-Tenant'; Parameters = $vault + @{ ConnectionName = 'Several' } }
            @{ Runbook = 'Federate-Tenant'; Parameters = $vault + @{ ConnectionName = 'Nothing' } }
            @{ Runbook = 'Federate-Tenant'; Parameters = $vault }
        )
    }

    It 'Federate-Tenant says what it would change, without the steps that are left out' {
        $planned.Status | Should -Be 'Completed' -Because $planned.Exception
        $planned.Output[0] | Should -Match 'Contoso Accounting \([0-9a-f-]{36}\): \d+ changes would be made'
        $planned.Output -join "`n" | Should -Match "Application: Register the application 'Practice Protect Federation'"
        $planned.Output -join "`n" | Should -Not -Match '  (ClientSecret|DirSync): '
    }

    It 'Federate-Tenant takes the one step that it is told to' {
        $one.Status | Should -Be 'Completed' -Because $one.Exception
        @($one.Output -match '^  ') | Should -Match '^  Application: Done\.'
    }

    It 'Federate-Tenant fails without a place for the secret, and says what to give' {
        $secretless.Status | Should -Be 'Failed'
        $secretless.Exception | Should -Match 'VaultUri is empty.*Give the address of a key vault'
    }

    It 'Federate-Tenant names the connection that is missing' {
        $unconnected.Status | Should -Be 'Failed'
        $unconnected.Exception | Should -Match 'named: Absent'
    }

    It 'Federate-Tenant refuses a connection that does not say how to sign in, or says it twice' {
        $several.Exception | Should -Match 'PPFederation\.AutomationConnectionInvalid: .*ClientSecret, ManagedIdentity.*Fill exactly one'
        $nothing.Exception | Should -Match 'PPFederation\.AutomationConnectionInvalid: .*no way to sign in'
    }

    It 'Federate-Tenant carries the runbook out, and the secret is in the vault and in no output' {
        $federated.Status | Should -Be 'Completed' -Because $federated.Exception
        $federated.Output[0] | Should -Match 'Contoso Accounting \(.*\): Pending'
        $federated.Output -join "`n" | Should -Match 'The client secret is in http.*/secrets/'
        $app = Get-OwnApplication $tenant
        $app.Count | Should -Be 1
        $text = Get-TestVaultSecret $tenant
        $federated | ConvertTo-Json -Depth 5 | Should -Not -Match ([regex]::Escape($text))
        Import-Module -Name $env:PPFEDERATION_MODULE
        Test-TestSignIn $tenant $app[0].appId $text | Should -Be $true
    }
}

Describe 'The runbooks once more, at once' {
    BeforeAll {
        Add-TestVariable 'LongSince' (@{ TenantId = $tenant.TenantId; State = 'Pending'; Since = [datetime]::UtcNow.AddHours(-80).ToString('yyyy-MM-dd HH:mm:ssZ') } | ConvertTo-Json -Compress)
        Add-TestVariable 'Tenants' "[`"$($tenant.TenantId)`", `"11111111-1111-4111-8111-111111111111`"]"
        $upn = (Invoke-RestMethod -Uri "$($tenant.Graph)/v1.0/users?`$top=1" -Headers @{ Authorization = "Bearer $(Get-TestToken $tenant)" }).value[0].userPrincipalName
        Add-TestVariable 'PortalUsers' "Username,E-mail,Display name`n$upn,$upn,Somebody"
        Clear-TestRequest $tenant
        $again, $watched, $late, $unwatched, $rotated, $audited, $compared, $denied, $unread, $unaudited, $foreign = Invoke-AutomationJob -Account $account -Job @(
            @{ Runbook = 'Federate-Tenant'; Parameters = $vault + @{ ConnectionName = 'Certificate' } }
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ CheckpointVariable = 'DirSync' } }
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ CheckpointVariable = 'LongSince' } }
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ CheckpointVariable = 'Absent' } }
            @{ Runbook = 'Rotate-Secret'; Parameters = $vault + @{ ConnectionName = 'Older'; TenantId = $domain } }
            @{ Runbook = 'Audit-Fleet'; Parameters = @{ ConnectionName = 'Older'; Tenants = $tenant.TenantId; CheckpointVariable = 'Consents' } }
            @{ Runbook = 'Compare-Attributes'; Parameters = @{ PortalUsersVariable = 'PortalUsers'; FederatedDomains = '["ledgers.example","books.example"]' } }
            @{ Runbook = 'Federate-Tenant'; Parameters = $vault + @{ ConnectionName = 'NoRole' } }
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ ConnectionName = 'NoRole'; CheckpointVariable = 'LongSince' } }
            @{ Runbook = 'Audit-Fleet'; Parameters = @{ ConnectionName = 'Older'; TenantsVariable = 'Tenants' } }
            @{ Runbook = 'Audit-Fleet'; Parameters = @{ Tenants = '["ledgers.example","customer.example"]' } }
        )
    }

    It 'Federate-Tenant changes nothing' {
        $again.Status | Should -Be 'Completed' -Because $again.Exception
        $again.Output -join "`n" | Should -Match 'ClientSecret: AlreadyDone'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'Rotate-Secret says that nothing is due' {
        $rotated.Status | Should -Be 'Completed' -Because $rotated.Exception
        $rotated.Output[0] | Should -Match 'Contoso Accounting \(.*\): nothing is due'
        $rotated.Output -join "`n" | Should -Match 'Valid, \d+ days left, in place'
    }

    It 'Watch-DirSync remembers since when it is on its way to off' {
        $watched.Status | Should -Be 'Completed' -Because $watched.Exception
        $watched.Output[0] | Should -Match 'Contoso Accounting \(.*\): directory synchronization is Pending: switched off; '
        (Get-TestVariable 'DirSync' | ConvertFrom-Json).Since | Should -Match '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$'
    }

    It 'Watch-DirSync fails once it takes too long, and names what is left' {
        $late.Status | Should -Be 'Failed'
        $late.Output[0] | Should -Match 'directory synchronization is Pending'
        $late.Exception | Should -Match 'for 80 hours, more than the 72'
        $late.Output -join "`n" | Should -Match 'Still synchronized: User '
    }

    It 'Watch-DirSync says which variable to create' {
        $unwatched.Status | Should -Be 'Failed'
        $unwatched.Exception | Should -Match "no variable 'Absent'. Create it there"
    }

    It 'Audit-Fleet finds what is not done' {
        $audited.Status | Should -Be 'Completed' -Because $audited.Exception
        $audited.Output[0] | Should -Be '1 tenant: 0 without a finding, 1 with 1 finding.'
        $audited.Output[1] | Should -Match 'Step DirSync: Pending'
    }

    It 'Audit-Fleet compares no consents that another version of the module has seen, and says so' {
        $audited.Output[2] | Should -Match 'The consents of 1 tenant were last seen by another version of PPFederation'
    }

    It "Audit-Fleet reads the identity's own tenant by any of its domains, and no other" {
        $foreign.Status | Should -Be 'Failed'
        $foreign.Exception | Should -Match '1 of 2 tenants could not be read: customer\.example\.'
        $foreign.Output -join "`n" | Should -Match "Contoso Accounting \($($tenant.TenantId)\), Step DirSync: Pending"
        $foreign.Output -join "`n" | Should -Match '(?m)^  customer\.example, Tenant NotRead: Failed\. PPFederation\.FleetSignInMissing: A managed identity'
    }

    It 'Audit-Fleet reads the others where one tenant cannot be read, and fails then' {
        $unaudited.Status | Should -Be 'Failed'
        $unaudited.Exception | Should -Match '1 of 2 tenants could not be read: 11111111-'
        $unaudited.Output -join "`n" | Should -Match 'Step DirSync: Pending'
        $unaudited.Output -join "`n" | Should -Match '(?m)^  11111111-[0-9a-f-]+, Tenant NotRead: Failed\. PPFederation\.\w+: '
    }

    It 'Compare-Attributes counts, and names nobody' {
        $compared.Output[0] | Should -Match '\d+ LockedOut, \d+ Unknown, \d+ Renamed, \d+ Changed attributes'
        $compared | ConvertTo-Json -Depth 5 | Should -Not -Match ([regex]::Escape($upn))
    }

    It 'say what the sign-in lacks' {
        $denied.Status | Should -Be 'Failed'
        $denied.Exception | Should -Match 'PPFederation\.PermissionMissing: .*needs the Microsoft Graph permission'
        $unread.Status | Should -Be 'Failed'
        # What was seen before is not forgotten by that.
        (Get-TestVariable 'LongSince' | ConvertFrom-Json).State | Should -Be 'Pending'
        $unread.Output[0] | Should -Match 'directory synchronization is Unknown'
        $unread.Exception | Should -Match "can't be read where directory synchronization stands"
    }
}

Describe 'The runbooks three days later' {
    BeforeAll {
        Step-TestClock $tenant -By ([timespan]::FromHours(73))
        $first = Get-TestVaultSecret $tenant
        # Somebody has taken a consent back.
        $grant = @((Get-TestState $tenant).appRoleAssignments | Where-Object { $_.principalDisplayName -eq 'Practice Protect Federation' })[0]
        [void](Set-TestTenant $tenant '/edit' @{ edit = 'erase'; collection = 'appRoleAssignments'; id = $grant.id })
        $off, $still, $renewed, $kept, $audited, $same = Invoke-AutomationJob -Account $account -InTurn -Job @(
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ CheckpointVariable = 'DirSync' } }
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ CheckpointVariable = 'DirSync' } }
            @{ Runbook = 'Rotate-Secret'; Parameters = $vault + @{ RenewWithinDays = 36525; ClientSecretLifetime = 'P20D' } }
            @{ Runbook = 'Rotate-Secret'; Parameters = $vault + @{ RenewWithinDays = 10 } }
            @{ Runbook = 'Audit-Fleet'; Parameters = @{ Tenants = $tenant.TenantId; CheckpointVariable = 'Consents' } }
            @{ Runbook = 'Audit-Fleet'; Parameters = @{ Tenants = $tenant.TenantId; CheckpointVariable = 'Consents'; SecretDays = 10 } }
        )
    }

    It 'Watch-DirSync sees that it is off, and then has nothing left to watch' {
        $off.Status | Should -Be 'Completed' -Because $off.Exception
        $off.Output[0] | Should -Match 'directory synchronization is Off'
        (Get-TestVariable 'DirSync' | ConvertFrom-Json).State | Should -Be 'Off'
        $still.Output[1] | Should -Match 'has been off since .*Nothing is left to watch'
    }

    It 'Rotate-Secret puts a new secret into the vault, leaves the old one for the overlap, and makes no third' {
        $renewed.Status | Should -Be 'Completed' -Because $renewed.Exception
        $renewed.Output[0] | Should -Match 'a new client secret is in place'
        $renewed.Output -join "`n" | Should -Match ': Later\. Stays until '
        Get-TestVaultSecret $tenant | Should -Not -Be $first
        $kept.Output[0] | Should -Match 'no new client secret is due'
        @((Get-OwnApplication $tenant)[0].passwordCredentials).Count | Should -Be 2
    }

    It 'Audit-Fleet tells which consent has changed, once, and which secret ends soon' {
        $audited.Status | Should -Be 'Completed' -Because $audited.Exception
        $audited.Output -join "`n" | Should -Match 'Consent ApplicationConsent: NotDone\. Another than at the last audit\. Now: 8 of 9 granted'
        $audited.Output -join "`n" | Should -Match 'Secret ClientSecret: Done\. Ends in \d+ days'
        $same.Output -join "`n" | Should -Match 'Step ApplicationConsent: NotDone'
        $same.Output -join "`n" | Should -Not -Match 'Another than at the last audit|Ends in'
    }

    It 'Audit-Fleet tells, once, that a consent was widened, and of one that cannot be read nothing else' {
        $all = @((Get-TestState $tenant).oauth2PermissionGrants | Where-Object { $_.clientId -eq $grant.principalId })[0]
        foreach ($edit in @{ edit = 'addAppRole'; role = 'RoleManagement.ReadWrite.Directory' }, @{ edit = 'addGrant'; scope = "$($all.scope) Mail.ReadWrite" }) {
            [void](Set-TestTenant $tenant '/edit' ($edit + @{ principalId = $grant.principalId }))
        }
        # For the second job alone.
        $once = @{ fault = 'denied'; method = 'GET'; path = '/servicePrincipals*/appRoleAssignments*'; target = 'call'; first = 2 }
        [void](Set-TestTenant $tenant '/faults' $once)
        $wider, $unreadable, $settled = Invoke-AutomationJob -Account $account -InTurn -Job (@(
                @{ Runbook = 'Audit-Fleet'; Parameters = @{ Tenants = $tenant.TenantId; CheckpointVariable = 'Consents'; SecretDays = 10 } }) * 3)
        [void](Invoke-RestMethod -Method Delete -Uri "$($tenant.Control)/faults")
        $wider.Output -join "`n" | Should -Match 'Consent ApplicationConsent: NotDone\. Another than at the last audit\. .*granted beside them: RoleManagement\.ReadWrite\.Directory'
        $wider.Output -join "`n" | Should -Match 'Consent DelegatedConsent: Done\. Another than at the last audit\. .*granted beside them: Mail\.ReadWrite'
        $unreadable.Output -join "`n" | Should -Match 'Step ApplicationConsent: Unknown'
        $unreadable.Output -join "`n" | Should -Not -Match 'Another than at the last audit'
        $settled.Output -join "`n" | Should -Match 'Step ApplicationConsent: NotDone'
        $settled.Output -join "`n" | Should -Not -Match 'Another than at the last audit'
    }

    It 'Audit-Fleet tells of a consent that was widened before the first audit after an update, which compares none' {
        Add-TestVariable 'Updated' (@{ $tenant.TenantId = '0.0.1 AAAAAAAAAA BBBBBBBBBB' } | ConvertTo-Json -Compress)
        $audit = @{ Tenants = $tenant.TenantId; SecretDays = 10 }
        $updated, $next, $none = Invoke-AutomationJob -Account $account -InTurn -Job @(
            @{ Runbook = 'Audit-Fleet'; Parameters = $audit + @{ CheckpointVariable = 'Updated' } }
            @{ Runbook = 'Audit-Fleet'; Parameters = $audit + @{ CheckpointVariable = 'Updated' } }
            @{ Runbook = 'Audit-Fleet'; Parameters = $audit }
        )
        $updated.Status | Should -Be 'Completed' -Because $updated.Exception
        $updated.Output -join "`n" | Should -Match 'Consent ApplicationConsent: NotDone\. Not compared with an earlier audit, and more is granted\. .*RoleManagement\.ReadWrite\.Directory'
        $updated.Output -join "`n" | Should -Match 'Consent DelegatedConsent: Done\. Not compared with an earlier audit, and more is granted\. .*Mail\.ReadWrite'
        $next, $none | ForEach-Object { $_.Output -join "`n" | Should -Not -Match 'Not compared|Another than' }
    }

    It 'Audit-Fleet leaves in the variable what another job has written meanwhile' {
        Add-TestVariable 'Shared' '-'
        Clear-TestRequest $tenant
        # Between what it has seen and what it reads.
        [void](Set-TestTenant $tenant '/faults' @{ fault = 'throttled'; path = '/servicePrincipals*'; target = 'call'; retryAfter = 1; forEver = $true })
        $sandbox = Start-AutomationSandbox -Account $account -Job @{ Runbook = 'Audit-Fleet'; Parameters = @{ Tenants = $tenant.TenantId; CheckpointVariable = 'Shared' } }
        do {
            $held = @(Get-TestRequest $tenant | Where-Object { @($_.status) + $_.batch.status -contains 429 })
        } until ($held -or $sandbox.Process.HasExited)
        Add-TestVariable 'Shared' '{"22222222-2222-4222-8222-222222222222":"of another job"}'
        [void](Invoke-RestMethod -Method Delete -Uri "$($tenant.Control)/faults")
        $job = (Receive-AutomationSandbox -Sandbox $sandbox).Jobs
        $job.Status | Should -Be 'Completed' -Because $job.Exception
        $shared = Get-TestVariable 'Shared' | ConvertFrom-Json
        $shared.'22222222-2222-4222-8222-222222222222' | Should -Be 'of another job'
        $shared.($tenant.TenantId) | Should -Match '^[\d.]+ \S{10} \S{10}$'
    }

    It 'Audit-Fleet leaves alone a client secret that another has replaced, while the overlap lasts' {
        # The one before has 20 days left, the one in place a year.
        $later, $quiet = Invoke-AutomationJob -Account $account -InTurn -Job @(
            @{ Runbook = 'Rotate-Secret'; Parameters = $vault + @{ RenewWithinDays = 30; ClientSecretLifetime = 'P1Y' } }
            @{ Runbook = 'Audit-Fleet'; Parameters = @{ Tenants = $tenant.TenantId } }
        )
        $later.Output[0] | Should -Match 'a new client secret is in place'
        $left = (Get-OwnApplication $tenant)[0].passwordCredentials | Where-Object { [datetime]$_.endDateTime -lt [datetime]::UtcNow.AddDays(30) }
        @($left) | Should -HaveCount 1
        $quiet.Status | Should -Be 'Completed' -Because $quiet.Exception
        $quiet.Output -join "`n" | Should -Not -Match 'Ends in'
    }
}

Describe 'A job that ends before its time' {
    BeforeAll {
        $other = Start-TestTenant -Argument '--seed 2'
        $client = Get-TestClient $other
        Add-TestConnection 'Other' $other @{ TenantId = $other.TenantId; ClientId = $client.clientId; ClientSecret = $client.clientSecret }
        $job = @{ Runbook = 'Federate-Tenant'; Parameters = @{ ConnectionName = 'Other'; VaultUri = $other.Vault; ClientSecretLifetime = 'P1Y' } }
    }

    AfterAll {
        Stop-TestTenant $other
    }

    It 'is stopped after its three hours, and nothing was made' {
        [void](Set-TestTenant $other '/faults' @{ fault = 'throttled'; target = 'graph'; retryAfter = 60; forEver = $true })
        $stopped = Invoke-AutomationJob -Account $account -Job ($job + @{ LimitSec = 1 })
        [void](Invoke-RestMethod -Method Delete -Uri "$($other.Control)/faults")
        $stopped.Status | Should -Be 'Stopped'
        (Get-OwnApplication $other).Count | Should -Be 0
    }

    It 'is killed right after it has made the secret: the next one names it, and puts another in place once it is removed' {
        [void](Set-TestTenant $other '/faults' @{ fault = 'delayed'; method = 'POST'; path = '/applications/*/addPassword'; target = 'call'; ms = 60000 })
        $sandbox = Start-AutomationSandbox -Account $account -Job $job
        do {
            $made = @(Get-OwnApplication $other | Where-Object { @($_.passwordCredentials).Count -gt 0 })
        } until ($made -or $sandbox.Process.HasExited)
        $sandbox.Process.Kill()
        $sandbox.Process.WaitForExit()
        $made.Count | Should -Be 1
        [void](Invoke-RestMethod -Method Delete -Uri "$($other.Control)/faults")

        $key = $made[0].passwordCredentials.keyId
        $restarted = Invoke-AutomationJob -Account $account -Job $job
        $restarted.Status | Should -Be 'Failed'
        $restarted.Exception | Should -Match "^Client secret $key works, and is not known to be in place\..* Remove-PPClientSecret -Force -KeyId $key "
        # What it advises.
        Import-Module -Name $env:PPFEDERATION_MODULE
        [void](Connect-TestTenant $other)
        [void](Remove-PPClientSecret -Force -KeyId $key -Confirm:$false)
        $third, $fourth = Invoke-AutomationJob -Account $account -InTurn -Job $job, $job
        $third.Status | Should -Be 'Completed' -Because $third.Exception
        $third.Output -join "`n" | Should -Match 'The client secret is in http'
        $fourth.Status | Should -Be 'Completed' -Because $fourth.Exception
        $app = Get-OwnApplication $other
        $app.Count | Should -Be 1
        @($app[0].passwordCredentials).Count | Should -Be 1
        @($app[0].passwordCredentials | Where-Object { [datetime]$_.endDateTime -gt [datetime]::UtcNow.AddYears(2) }).Count | Should -Be 0
        Test-TestSignIn $other $app[0].appId (Get-TestVaultSecret $other) | Should -Be $true
    }
}

Describe 'A job that fails half-way' {
    BeforeAll {
        $half = Start-TestTenant -Argument '--seed 3'
        $client = Get-TestClient $half
        Add-TestConnection 'Half' $half @{ TenantId = $half.TenantId; ClientId = $client.clientId; ClientSecret = $client.clientSecret }
        $of = @{ ConnectionName = 'Half'; VaultUri = $half.Vault }
        $roles = @{ fault = 'denied'; method = 'POST'; path = '/roleManagement/directory/roleAssignments*'; target = 'call'; forEver = $true }
        $vaultWrites = @{ fault = 'failed'; status = 403; method = 'PUT'; path = '*secrets*'; forEver = $true }
        $removals = @{ fault = 'denied'; method = 'POST'; path = '/applications/*/removePassword'; target = 'call'; forEver = $true }

        function Invoke-TroubledJob {
            # A job while something is wrong, and its output as one text in Said.
            param([hashtable]$Fault, [string]$Runbook, [hashtable]$Parameter = @{})

            [void](Set-TestTenant $half '/faults' $Fault)
            $job = Invoke-AutomationJob -Account $account -Job @{ Runbook = $Runbook; Parameters = $of + $Parameter }
            [void](Invoke-RestMethod -Method Delete -Uri "$($half.Control)/faults")
            $job | Select-Object -Property *, @{ Name = 'Said'; Expression = { $_.Output -join "`n" } }
        }
    }

    AfterAll {
        Stop-TestTenant $half
    }

    It 'Federate-Tenant says which steps are done, and then what went wrong' {
        $job = Invoke-TroubledJob $roles 'Federate-Tenant'
        $job.Status | Should -Be 'Failed'
        $job.Exception | Should -Match 'PPFederation\.AccessDenied: .*roleAssignments'
        $job.Output[0] | Should -Match 'Contoso Accounting \(.*\): Failed\. PPFederation\.AccessDenied'
        $job.Said | Should -Match '  ApplicationConsent: Done\.'
        $job.Said | Should -Match '  GlobalAdministrator: NotDone\.'
        $job.Said | Should -Not -Match ': Unknown'
    }

    It 'Federate-Tenant says which secret is in no vault, and the next job makes another once that is removed' {
        $job = Invoke-TroubledJob $vaultWrites 'Federate-Tenant'
        $job.Status | Should -Be 'Failed'
        $job.Exception | Should -Match 'PPFederation\.SecretNotPlaced: '
        $job.Said | Should -Match '  GlobalAdministrator: Done\.'
        $made = (Get-OwnApplication $half)[0].passwordCredentials
        $job.Said | Should -Match "  The client secret $($made.keyId) was made, and is not in place"
        Import-Module -Name $env:PPFEDERATION_MODULE
        [void](Connect-TestTenant $half)
        [void](Remove-PPClientSecret -Force -KeyId $made.keyId -Confirm:$false)
        $next = Invoke-AutomationJob -Account $account -Job @{ Runbook = 'Federate-Tenant'; Parameters = $of }
        $next.Status | Should -Be 'Completed' -Because $next.Exception
        $next.Output -join "`n" | Should -Match 'The client secret is in http'
    }

    It 'Rotate-Secret says where the new secret is although an old one cannot be removed' {
        $job = Invoke-TroubledJob $removals 'Rotate-Secret' @{ RenewWithinDays = 36525; OverlapDays = 0 }
        $job.Status | Should -Be 'Failed'
        $job.Exception | Should -Match 'PPFederation\.AccessDenied: .*removePassword'
        $job.Output[0] | Should -Match 'Contoso Accounting \(.*\): a new client secret is in place\.'
        $job.Output[1] | Should -Match '^  [0-9a-f-]{36} is in http.*/secrets/.*, until \d{4}-\d\d-\d\d\.$'
        @($job.Output -match 'There is [0-9a-f-]{36}: Valid').Count | Should -Be @((Get-OwnApplication $half)[0].passwordCredentials).Count
    }

    It 'Rotate-Secret keeps the old secret for the days of the default where a number is empty, as a webhook may send it' {
        foreach ($nothing in '', 'null') {
            $before = @((Get-OwnApplication $half)[0].passwordCredentials)
            $job = Invoke-AutomationJob -Account $account -Job @{ Runbook = 'Rotate-Secret'; Parameters = $of + @{ RenewWithinDays = '36525'; OverlapDays = $nothing } }
            $job.Status | Should -Be 'Completed' -Because $job.Exception
            $job.Output[0] | Should -Match 'a new client secret is in place'
            @((Get-OwnApplication $half)[0].passwordCredentials) | Should -HaveCount ($before.Count + 1)
            $job.Output -join "`n" | Should -Match ': Later\. Stays until '
        }
        # And those that end are renewed by the default, which they are not yet within.
        $quiet = Invoke-AutomationJob -Account $account -Job @{ Runbook = 'Rotate-Secret'; Parameters = $of + @{ RenewWithinDays = ''; OverlapDays = '' } }
        $quiet.Output[0] | Should -Match 'no new client secret is due'
    }

    It 'Rotate-Secret takes its own secret back where another job has made one at the same moment, and says so' {
        $app = (Get-OwnApplication $half)[0]
        $first = Get-TestVaultSecret $half
        $own = @{ method = 'POST'; path = '*/addPassword'; target = 'call' }
        $edit = @{ edit = 'addSecret'; applicationId = $app.id; displayName = 'PPToken'; lifeSeconds = 86400 }
        [void](Set-TestTenant $half '/faults' ($own + @{ fault = 'skewed'; seconds = -60 }))
        $job = Invoke-TroubledJob ($own + @{ fault = 'edited'; edit = $edit }) 'Rotate-Secret' @{ RenewWithinDays = 36525 }
        $job.Status | Should -Be 'Completed' -Because $job.Exception
        $job.Output[0] | Should -Match 'another job made a new client secret at the same moment, and that one stays\.$'
        "$($job.Warnings)" | Should -Match 'was taken back before anybody had it\. .* the next renewal makes another'
        Get-TestVaultSecret $half | Should -Be $first
        $others = @((Get-OwnApplication $half)[0].passwordCredentials.keyId | Where-Object { $app.passwordCredentials.keyId -notcontains $_ })
        $others | Should -HaveCount 1
        Import-Module -Name $env:PPFEDERATION_MODULE
        [void](Connect-TestTenant $half)
        [void](Remove-PPClientSecret -KeyId $others[0] -Confirm:$false)
    }

    It 'Each runbook refuses what is no number, or none that it can be' {
        $before = @((Get-OwnApplication $half)[0].passwordCredentials)
        $jobs = Invoke-AutomationJob -Account $account -Job @(
            @{ Runbook = 'Rotate-Secret'; Parameters = $of + @{ RenewWithinDays = '36525'; OverlapDays = '7,5' } }
            @{ Runbook = 'Rotate-Secret'; Parameters = $of + @{ RenewWithinDays = '-1' } }
            @{ Runbook = 'Audit-Fleet'; Parameters = @{ ConnectionName = 'Half'; Tenants = $half.TenantId; SecretDays = 'soon' } }
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ ConnectionName = 'Half'; WarnAfterHours = '1.5' } }
        )
        $jobs.Status | Sort-Object -Unique | Should -Be 'Failed'
        $jobs[0].Exception | Should -Match "^OverlapDays is '7,5'\. Give a number from 0 to 36525, with a point for decimals, or nothing for 7\."
        $jobs[1].Exception | Should -Match "^RenewWithinDays is '-1'\. .* or nothing for 30\."
        $jobs[2].Exception | Should -Match "^SecretDays is 'soon'\. Give a whole number from 0 to 36525, or nothing for 30\."
        $jobs[3].Exception | Should -Match "^WarnAfterHours is '1\.5'\. .* or nothing for 72\."
        @((Get-OwnApplication $half)[0].passwordCredentials).Count | Should -Be $before.Count
    }

    It 'Rotate-Secret takes the new secret back that is in no vault, and says which is in place' {
        $before = @((Get-OwnApplication $half)[0].passwordCredentials.keyId)
        $job = Invoke-TroubledJob $vaultWrites 'Rotate-Secret' @{ RenewWithinDays = 36525 }
        $job.Status | Should -Be 'Failed'
        $job.Exception | Should -Match 'PPFederation\.SecretNotPlaced: .*not put in place and taken back: '
        $job.Output[0] | Should -Match 'it failed, and no new client secret is in place'
        @((Get-OwnApplication $half)[0].passwordCredentials.keyId) | Should -Be $before
        $job.Said | Should -Match 'days left, in place\.'
    }

    It 'Rotate-Secret says that the new secret is in no vault where it cannot be taken back' {
        [void](Set-TestTenant $half '/faults' $removals)
        $job = Invoke-TroubledJob $vaultWrites 'Rotate-Secret' @{ RenewWithinDays = 36525 }
        $job.Status | Should -Be 'Failed'
        $job.Exception | Should -Match 'PPFederation\.SecretNotPlaced: '
        $job.Output[0] | Should -Match 'a new client secret was made, and is not in place'
        $job.Exception -match 'Client secret ([0-9a-f-]{36}) was made' | Should -Be $true
        $job.Said | Should -Match "  There is $($Matches[1]): Valid, \d+ days left, not known to be in place\."
    }
}

Describe 'A client secret that was typed into the portal by hand' {
    BeforeAll {
        $typed = Start-TestTenant -Argument '--seed 5'
        $client = Get-TestClient $typed
        Add-TestConnection 'Typed' $typed @{ TenantId = $typed.TenantId; ClientId = $client.clientId; ClientSecret = $client.clientSecret }
        Import-Module -Name $env:PPFEDERATION_MODULE
        [void](Connect-TestTenant $typed)
        $key = (Invoke-PPRunbook -Skip DirSync -Confirm:$false).SecretId
        $rotate = @{ Runbook = 'Rotate-Secret'; Parameters = @{ ConnectionName = 'Typed'; VaultUri = $typed.Vault } }
    }

    AfterAll {
        Stop-TestTenant $typed
    }

    It 'is left alone by Rotate-Secret, night after night, which fails and says how to tell what is so' {
        foreach ($night in 1, 2) {
            $job = Invoke-AutomationJob -Account $account -Job $rotate
            $job.Status | Should -Be 'Failed'
            $job.Exception | Should -Match "PPFederation\.SecretPlaceUnknown: .*PPToken $key"
            $job.Exception | Should -Match 'Update-PPClientSecret -Complete -KeyId'
            $job.Output -join "`n" | Should -Match "There is $key`: Valid, \d+ days left, not known to be in place"
            Step-TestClock $typed -By ([timespan]::FromDays(8))
        }
        (Get-OwnApplication $typed)[0].passwordCredentials.keyId | Should -Be $key
    }

    It 'is left alone by Federate-Tenant, which fails and says the same' {
        $job = Invoke-AutomationJob -Account $account -Job @{ Runbook = 'Federate-Tenant'; Parameters = $rotate.Parameters + @{ SkipSteps = 'DirSync' } }
        $job.Status | Should -Be 'Failed'
        $job.Exception | Should -Match "Client secret $key works.*Update-PPClientSecret -Complete -KeyId $key"
        (Get-OwnApplication $typed)[0].passwordCredentials.keyId | Should -Be $key
    }

    It 'is the one in place once somebody says so' {
        [void](Connect-TestTenant $typed)
        [void](Update-PPClientSecret -Complete -KeyId $key -Confirm:$false)
        $job = Invoke-AutomationJob -Account $account -Job $rotate
        $job.Status | Should -Be 'Completed' -Because $job.Exception
        $job.Output[0] | Should -Match 'nothing is due'
        (Get-OwnApplication $typed)[0].passwordCredentials.keyId | Should -Be $key
    }
}

Describe 'An account of another tenant' {
    BeforeAll {
        $own = Start-TestTenant -Argument '--seed 4'
        [void](Set-TestTenant $own '/machine' @{ system = (Get-TestClient $own).clientId; header = 'header' })
        $accountOfOwn = New-AutomationAccount -Folder (Join-Path $TestDrive 'own') -Managed "$($own.Login -replace '/login$')/msi/token" -Header 'header'
        $cloud = @{ Environment = 'Custom'; LoginEndpoint = $own.Login; GraphEndpoint = $own.Graph; ManagedIdentity = $true }
        Set-AutomationAsset -Account $accountOfOwn -Kind 'Connection' -Name 'PPFederation' -Value $cloud
    }

    AfterAll {
        Stop-TestTenant $own
    }

    It 'takes over an application that somebody has made by hand, where it is told to' {
        $made = Set-TestTenant $own '/edit' @{ edit = 'addApplication'; displayName = 'Practice Protect Federation' }
        $refused, $adopted = Invoke-AutomationJob -Account $accountOfOwn -InTurn -Job @(
            @{ Runbook = 'Federate-Tenant'; Parameters = @{ Steps = '["Application","ServicePrincipal"]' } }
            @{ Runbook = 'Federate-Tenant'; Parameters = @{ Steps = '["Application","ServicePrincipal"]'; Adopt = 'true' } }
        )
        $refused.Exception | Should -Match 'PPFederation\.AppNotAdopted: '
        $adopted.Status | Should -Be 'Completed' -Because $adopted.Exception
        @((Get-TestState $own).servicePrincipals | Where-Object { $_.appId -eq $made.appId }) | Should -HaveCount 1
    }

    It 'whose audit cannot read it has a finding like that of any other, and a job that fails' {
        # Signed in to, which takes two requests for a token and one batch, and then let in no more.
        [void](Set-TestTenant $own '/faults' @{ fault = 'tokenExpired'; target = 'batch'; first = 2; forEver = $true })
        [void](Set-TestTenant $own '/faults' @{ fault = 'failed'; status = 400; target = 'source'; first = 3; forEver = $true })
        $job = Invoke-AutomationJob -Account $accountOfOwn -Job @{ Runbook = 'Audit-Fleet'; Parameters = @{ Tenants = $own.TenantId } }
        $job.Status | Should -Be 'Failed'
        $job.Exception | Should -Match '1 of 1 tenants could not be read'
        $job.Output[0] | Should -Be '1 tenant: 0 without a finding, 1 with 1 finding.'
        $job.Output[1] | Should -Match 'Tenant NotRead: Failed\. PPFederation\.IdentityNotAssigned: '
    }
}

Describe 'A machine of one''s own, whose identity its own endpoint gives' {
    BeforeAll {
        $own = Start-TestTenant -Argument '--seed 6'
        [void](Set-TestTenant $own '/machine' @{ system = (Get-TestClient $own).clientId })
        $worker = New-AutomationAccount -Folder (Join-Path $TestDrive 'worker') -Environment @{ AZURE_POD_IDENTITY_AUTHORITY_HOST = $own.Login -replace '/login$' }
        $cloud = @{ Environment = 'Custom'; LoginEndpoint = $own.Login; GraphEndpoint = $own.Graph; ManagedIdentity = $true }
        Set-AutomationAsset -Account $worker -Kind 'Connection' -Name 'PPFederation' -Value $cloud
        $upn = (Invoke-RestMethod -Uri "$($own.Graph)/v1.0/users?`$top=1" -Headers @{ Authorization = "Bearer $(Get-TestToken $own)" }).value[0].userPrincipalName
        $assets = @{ DirSync = '-'; Consents = '-'; PortalUsers = "Username,E-mail,Display name`n$upn,$upn,Somebody" }
        $assets.Keys | ForEach-Object { Set-AutomationAsset -Account $worker -Kind 'Variable' -Name $_ -Value @{ Value = $assets[$_]; Encrypted = $false } }
        $audit = @{ Tenants = $own.TenantId; CheckpointVariable = 'Consents' }
        $compare = @{ PortalUsersVariable = 'PortalUsers' }
    }

    AfterAll {
        Stop-TestTenant $own
    }

    It 'does all five runbooks' {
        $federated, $watched, $rotated, $audited, $compared = Invoke-AutomationJob -Account $worker -InTurn -Job @(
            @{ Runbook = 'Federate-Tenant'; Parameters = @{ VaultUri = $own.Vault } }
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ CheckpointVariable = 'DirSync' } }
            @{ Runbook = 'Rotate-Secret'; Parameters = @{ VaultUri = $own.Vault } }
            @{ Runbook = 'Audit-Fleet'; Parameters = $audit }
            @{ Runbook = 'Compare-Attributes'; Parameters = $compare }
        )
        $federated.Output -join "`n" | Should -Match 'The client secret is in http.*/secrets/' -Because $federated.Exception
        $watched.Output[0] | Should -Match 'directory synchronization is Pending' -Because $watched.Exception
        $rotated.Output[0] | Should -Match 'nothing is due' -Because $rotated.Exception
        $audited.Output[0] | Should -Be '1 tenant: 0 without a finding, 1 with 1 finding.' -Because $audited.Exception
        $compared.Output[0] | Should -Match '\d+ LockedOut, \d+ Unknown, \d+ Renamed, \d+ Changed attributes' -Because $compared.Exception
    }

    It 'writes no report without a signature, and says so before it reads any tenant' {
        $container = @{ ReportContainer = 'https://contoso.blob.core.windows.net/reports' }
        $jobs = Invoke-AutomationJob -Account $worker -Job @(
            @{ Runbook = 'Audit-Fleet'; Parameters = $audit + $container }
            @{ Runbook = 'Compare-Attributes'; Parameters = $compare + $container }
        )
        $jobs.Status | Should -Be 'Failed', 'Failed'
        foreach ($job in $jobs) {
            $job.Exception | Should -Match "no IDENTITY_ENDPOINT.*can't be asked for access to https://contoso\.blob\..*/reports\. Name in SasVariable"
            $job.Output | Should -BeNullOrEmpty
        }
    }
}

Describe 'A variable to remember in' {
    It 'is one tenant''s: Watch-DirSync of another one fails, and leaves it as it is' {
        $second = Start-TestTenant -Argument '--seed 7'
        try {
            $client = Get-TestClient $second
            Add-TestConnection 'Second' $second @{ TenantId = $second.TenantId; ClientId = $client.clientId; ClientSecret = $client.clientSecret }
            Add-TestVariable 'OfOne' '-'
            $watch = @{ CheckpointVariable = 'OfOne' }
            $first, $other = Invoke-AutomationJob -Account $account -InTurn -Job @(
                @{ Runbook = 'Watch-DirSync'; Parameters = $watch + @{ ConnectionName = 'Older' } }
                @{ Runbook = 'Watch-DirSync'; Parameters = $watch + @{ ConnectionName = 'Second' } }
            )
        }
        finally {
            Stop-TestTenant $second
        }
        $first.Status | Should -Be 'Completed' -Because $first.Exception
        $other.Status | Should -Be 'Failed'
        $other.Exception | Should -Match "variable 'OfOne' remembers another tenant, Contoso Accounting \($($tenant.TenantId)\).*in CheckpointVariable"
        (Get-TestVariable 'OfOne' | ConvertFrom-Json).TenantId | Should -Be $tenant.TenantId
    }

    It 'is named where it was edited or cut, and stays as it is' {
        $edited = @{ TenantId = $tenant.TenantId; State = 'Pending'; Since = 'yesterday' } | ConvertTo-Json -Compress
        Add-TestVariable 'Cut' '{"TenantId":'
        Add-TestVariable 'Edited' $edited
        $jobs = Invoke-AutomationJob -Account $account -Job @(
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ ConnectionName = 'Older'; CheckpointVariable = 'Cut' } }
            @{ Runbook = 'Watch-DirSync'; Parameters = @{ ConnectionName = 'Older'; CheckpointVariable = 'Edited' } }
            @{ Runbook = 'Audit-Fleet'; Parameters = @{ ConnectionName = 'Older'; CheckpointVariable = 'Cut'; Tenants = $tenant.TenantId } }
        )
        $jobs.Status | Should -Be 'Failed', 'Failed', 'Failed'
        foreach ($job in $jobs) {
            $job.Exception | Should -Match "What the variable '(Cut|Edited)' remembers .* can't be read: .*set it to -"
        }
        Get-TestVariable 'Cut' | Should -Be '{"TenantId":'
        Get-TestVariable 'Edited' | Should -Be $edited
    }
}

Describe 'Reports in Azure Blob Storage' {
    BeforeAll {
        $azurite = if ($env:PPFEDERATION_AZURITE) { Start-TestAzurite -Container 'reports' }
        # Without Azurite a run says so, and holds the runbooks to what they say where there is no storage.
        $container = if ($azurite) { "$($azurite.Origin)/reports" } else { 'http://127.0.0.1:9/devstoreaccount1/reports' }
        if (-not $azurite) {
            Write-Warning -Message 'There is no Azurite: the reports are not written.'
        }
        Add-TestVariable 'Signature' $(if ($azurite) { New-TestSas 'rwdlac' } else { 'sig=none' }) -Encrypted
        $of = @{ ReportContainer = $container; SasVariable = 'Signature' }
        Add-TestVariable 'PortalUsers' "Username,E-mail,Display name`n=cmd@$(($tenant.TenantId -split '-')[0]).example,,Somebody"
        $audited, $compared, $refused = Invoke-AutomationJob -Account $account -Job @(
            @{ Runbook = 'Audit-Fleet'; Parameters = $of + @{ ConnectionName = 'Older'; Tenants = "$($tenant.TenantId),11111111-1111-4111-8111-111111111111" } }
            @{ Runbook = 'Compare-Attributes'; Parameters = $of + @{ ConnectionName = 'Older'; PortalUsersVariable = 'PortalUsers' } }
            @{ Runbook = 'Compare-Attributes'; Parameters = $of + @{ ConnectionName = 'Older'; PortalUsersBlob = 'absent.csv' } }
        )
        # What is missing is made, and then nothing is to be found.
        $mended, $clean = Invoke-AutomationJob -Account $account -InTurn -Job @(
            @{ Runbook = 'Federate-Tenant'; Parameters = $vault }
            @{ Runbook = 'Audit-Fleet'; Parameters = $of + @{ Tenants = $tenant.TenantId; SecretDays = 1 } }
        )

        function Get-TestReport {
            # The text of a report that a job has named.
            param($Job, [string]$Ending, [string]$What = 'The report')

            $address = ($Job.Output -match "  $What is (\S+\.$Ending)$" | Select-Object -First 1) -replace '^.* is '
            Get-TestBlob $address
        }
    }

    AfterAll {
        Stop-TestAzurite $azurite
    }

    It 'an audit is a table and a page' {
        if ($azurite) {
            $rows = @(Get-TestReport $audited 'csv' | ConvertFrom-Csv)
            $rows.Kind | Should -Contain 'Tenant'
            @($rows | Where-Object Kind -EQ 'Tenant').TenantId | Should -Be '11111111-1111-4111-8111-111111111111'
            Get-TestReport $audited 'html' | Should -Match '11111111-1111-4111'
            $audited.Exception | Should -Match '1 of 2 tenants could not be read'
        }
        else {
            $audited.Exception | Should -Match 'could not be written'
        }
    }

    It 'the status of all tenants is a table, a row for each step, and one for a tenant that was not read' {
        if ($azurite) {
            $rows = @(Get-TestReport $audited 'csv' 'The status of all tenants' | ConvertFrom-Csv)
            @($rows | Where-Object TenantId -EQ $tenant.TenantId).Step |
                Should -Be @('DirSync', 'Application', 'ServicePrincipal', 'DelegatedConsent', 'ApplicationConsent', 'GlobalAdministrator', 'ClientSecret')
            ($rows | Where-Object Step -EQ 'ClientSecret').State | Should -Be 'Done'
            $unread = @($rows | Where-Object TenantId -NE $tenant.TenantId)
            $unread.State | Should -Be 'NotRead: Failed'
            $unread.Detail | Should -Match '^PPFederation\.\w+: '
        }
    }

    It 'an audit that finds nothing leaves the status and a page that says so' {
        $mended.Status | Should -Be 'Completed' -Because $mended.Exception
        if ($azurite) {
            $clean.Output[0] | Should -Be '1 tenant: 1 without a finding, 0 with 0 findings.' -Because "$($clean.Exception) $($clean.Output)"
            $clean.Status | Should -Be 'Completed' -Because $clean.Exception
            @(Get-TestReport $clean 'csv' 'The status of all tenants' | ConvertFrom-Csv).State | Sort-Object -Unique | Should -Be 'Done'
            Get-TestReport $clean 'html' | Should -Match '0 findings in 1 tenant<'
        }
    }

    It 'a comparison is a page and a table, and its users may come from there' {
        if ($azurite) {
            Get-TestReport $compared 'csv' | Should -Match 'Severity'
            Get-TestReport $compared 'html' | Should -Not -BeNullOrEmpty
        }
        $refused.Status | Should -Be 'Failed'
        $refused.Exception | Should -Match 'absent\.csv could not be read: (404|no answer)'
    }

    It 'are refused where a signature stands in a parameter, or where the identity would go in clear text, and no word of it is told' {
        $signed = @{ ReportContainer = 'https://contoso.blob.core.windows.net/reports?sv=2021-12-02&sig=hush%3D' }
        $clear = @{ ReportContainer = 'http://contoso.blob.core.windows.net/reports' }
        $users = @{ ConnectionName = 'Older'; PortalUsersVariable = 'PortalUsers' }
        $jobs = Invoke-AutomationJob -Account $account -Job @(
            @{ Runbook = 'Audit-Fleet'; Parameters = $signed + @{ Tenants = $tenant.TenantId } }
            @{ Runbook = 'Compare-Attributes'; Parameters = $users + $signed }
            @{ Runbook = 'Compare-Attributes'; Parameters = $of + @{ ConnectionName = 'Older'; PortalUsersBlob = 'users.csv?sig=hush%3D' } }
            @{ Runbook = 'Audit-Fleet'; Parameters = $clear + @{ Tenants = $tenant.TenantId } }
            @{ Runbook = 'Compare-Attributes'; Parameters = $users + $clear }
        )
        $jobs.Status | Sort-Object -Unique | Should -Be 'Failed'
        $jobs[0, 1].Exception | Should -Match '^ReportContainer is https://contoso\.blob\.core\.windows\.net/reports with a \? behind it\..*SasVariable'
        $jobs[2].Exception | Should -Match '^PortalUsersBlob is users\.csv with a \? behind it\..*SasVariable'
        $jobs[3, 4].Exception | Should -Match '^ReportContainer is http://\S+, and the token .* over https alone\. .*SasVariable'
        $jobs | ConvertTo-Json -Depth 6 | Should -Not -Match 'hush'
    }

    It 'an audit reads no tenant where its container takes no file' {
        Add-TestVariable 'NoSignature' 'sig=none' -Encrypted
        $dead = @{ ReportContainer = 'http://127.0.0.1:9/reports'; SasVariable = 'NoSignature' }
        $job = Invoke-AutomationJob -Account $account -Job @{ Runbook = 'Audit-Fleet'; Parameters = $dead + @{ ConnectionName = 'Older'; Tenants = $tenant.TenantId } }
        $job.Status | Should -Be 'Failed'
        $job.Exception | Should -Match '/reports/begun-\S+\.txt could not be written: no answer\. See that the container is there'
        $job.Output | Should -BeNullOrEmpty
    }

    It 'an audit whose files cannot be written in the end has its findings in the output, and remembers nothing' {
        Add-TestVariable 'NoSignature' 'sig=none' -Encrypted
        Add-TestVariable 'Unwritten' '-'
        $free = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $free.Start()
        $origin = "http://127.0.0.1:$($free.LocalEndpoint.Port)"
        $free.Stop()
        # A container that takes the first file, and no more.
        $storage = [System.Net.HttpListener]::new()
        $storage.Prefixes.Add("$origin/")
        $storage.Start()
        try {
            $sandbox = Start-AutomationSandbox -Account $account -Job @{
                Runbook = 'Audit-Fleet'; Parameters = @{
                    ReportContainer = "$origin/reports"; SasVariable = 'NoSignature'; ConnectionName = 'Older'; CheckpointVariable = 'Unwritten'
                    Tenants = "$($tenant.TenantId),11111111-1111-4111-8111-111111111111"
                }
            }
            $asked = $storage.GetContextAsync()
            while (-not $sandbox.Process.HasExited) {
                if (-not $asked.Wait(100)) { continue }
                $asked.Result.Request.InputStream.CopyTo([System.IO.Stream]::Null)
                $asked.Result.Response.StatusCode = if ($asked.Result.Request.Url.AbsolutePath -like '*/begun-*') { 201 } else { 403 }
                $asked.Result.Response.Close()
                $asked = $storage.GetContextAsync()
            }
            $job = (Receive-AutomationSandbox -Sandbox $sandbox).Jobs
        }
        finally {
            $storage.Close()
        }
        $job.Status | Should -Be 'Failed'
        $job.Exception | Should -Match '/reports/status-\S+\.csv could not be written: 403'
        $job.Output[0] | Should -Match '^2 tenants: \d without a finding, \d with \d+ findings\.$'
        $job.Output -join "`n" | Should -Match '(?m)^  11111111-[0-9a-f-]+, Tenant NotRead: Failed\. PPFederation\.\w+: '
        Get-TestVariable 'Unwritten' | Should -Be '-'
    }

    It 'show no signature' {
        $signature = [regex]::Escape((Get-TestVariable 'Signature'))
        $audited, $compared, $refused | ConvertTo-Json -Depth 6 | Should -Not -Match $signature
    }
}

Describe 'The emulator' {
    BeforeAll {
        function Start-TestSandbox {
            # A sandbox with a runbook of each text.
            param([string[]]$Text)

            $jobs = foreach ($each in $Text) {
                $path = Join-Path $TestDrive "$([guid]::NewGuid()).ps1"
                [System.IO.File]::WriteAllText($path, $each)
                @{ Runbook = $path }
            }
            Receive-AutomationSandbox -Sandbox (Start-AutomationSandbox -Account $account -Job $jobs)
        }

        Add-TestVariable 'Plain' 'before'
        Add-TestVariable 'Hidden' 'readable in a job' -Encrypted
        $done = Start-TestSandbox -Text @(
            '& (Get-Command -Name true -CommandType Application)[0].Source'
            '$ProgressPreference = "Continue"; Write-Progress -Activity "x" -Status "y"'
            'Write-Output ("x" * 1MB); Write-Output "y"'
            'Read-Host -Prompt "name"'
            '$ErrorActionPreference = "Stop"; Set-AutomationVariable -Name Fresh -Value 1'
            'Set-AutomationVariable -Name Plain -Value ("x" * 1MB); Write-Output (Get-AutomationVariable -Name Plain)'
            'Get-AutomationVariable -Name Hidden; (Get-AutomationCertificate -Name msp).HasPrivateKey; (Get-AutomationConnection -Name Certificate).GetType().Name'
            'Write-Error -Message "not the end"; Write-Output "goes on"'
            '$ErrorActionPreference = "Stop"; [byte[]]::new(450MB).Length'
        )
        $child, $progress, $large, $prompt, $fresh, $long, $assets, $error1, $heap = $done.Jobs
        $broken = @(Test-SandboxLimit -Done $done) -join '; '
    }

    It 'notices another process, progress, and a stream that is too large' {
        $broken | Should -Match 'started another process'
        $broken | Should -Match 'writes progress'
        $broken | Should -Match '\d+ bytes, of 1 MiB'
    }

    It 'notices no process where there was none, and takes memory that is not the heap into account' {
        $other = Start-TestSandbox -Text @('$block = [System.Runtime.InteropServices.Marshal]::AllocHGlobal(420MB); for ($at = 0; $at -lt 420MB; $at += 4096) { [System.Runtime.InteropServices.Marshal]::WriteByte($block, $at, 1) }')
        Test-SandboxLimit -Done $other | Should -Match '^the sandbox took \d+ MB of memory, of 400$'
    }

    It 'refuses a parameter that a runbook has not' {
        { Start-AutomationSandbox -Account $account -Job @{ Runbook = 'Audit-Fleet'; Parameters = @{ Nonsense = 'x' } } } |
            Should -Throw 'The runbook Audit-Fleet.ps1 has no parameter Nonsense.'
    }

    It 'has nobody to ask' {
        $prompt.Errors | Should -Match 'does not support user interaction'
    }

    It 'changes variables that are there, and no others, up to a million characters' {
        $fresh.Status | Should -Be 'Failed'
        $fresh.Exception | Should -Match 'named: Fresh'
        $long.Errors | Should -Match '1048576'
        $long.Output | Should -Be 'before'
    }

    It 'gives a job what the account has' {
        $assets.Output | Should -Be 'readable in a job', 'True', 'Hashtable'
    }

    It 'fails a job by what ends it, and by nothing else' {
        $error1.Status | Should -Be 'Completed'
        $error1.Output | Should -Be 'goes on'
        $heap.Status | Should -Be 'Failed'
    }
}

Describe 'Directory synchronization that a client has switched on again' {
    BeforeAll {
        $sync = @{ edit = 'set'; collection = 'organization'; id = $tenant.TenantId; property = 'onPremisesSyncEnabled' }
        [void](Set-TestTenant $tenant '/edit' ($sync + @{ value = $true }))
        $pending = @{ TenantId = $tenant.TenantId; State = 'Pending'; Since = '2026-11-30 09:00:00Z' } | ConvertTo-Json -Compress
        Add-TestVariable 'OnItsWay' $pending
        Add-TestVariable 'Lagging' $pending
    }

    It 'fails Watch-DirSync, time and again, whether it was off or on its way there' {
        $watch = 'DirSync', 'OnItsWay' | ForEach-Object { @{ Runbook = 'Watch-DirSync'; Parameters = @{ CheckpointVariable = $_ } } }
        $jobs = Invoke-AutomationJob -Account $account -InTurn -Job ($watch * 2)
        $jobs.Status | Should -Be (@('Failed') * 4)
        foreach ($job in $jobs) {
            $job.Output | Should -Match 'directory synchronization is On'
            $job.Exception | Should -Match 'had been switched off, and is on again: the organization is synchronized.*\. A job first saw so at '
        }
    }

    It 'is none where only a replica does not know yet that it was switched off' {
        # Connecting reads the organization once; the first look is the second time.
        [void](Set-TestTenant $tenant '/faults' @{ fault = 'edited'; edit = $sync + @{ value = $null }; method = 'GET'; path = '/organization*'; target = 'call'; first = 3 })
        $job = Invoke-AutomationJob -Account $account -Job @{ Runbook = 'Watch-DirSync'; Parameters = @{ CheckpointVariable = 'Lagging' } }
        $job.Status | Should -Be 'Completed' -Because $job.Exception
        $job.Output[0] | Should -Match 'directory synchronization is Off'
    }
}
