# The cases of the taint test, by cmdlet: what succeeds and what fails, with secrets in it. Dot-sourced by Subject.ps1, which
# refuses an exported cmdlet without a case.

# For as long as one connection has it, the others write to the same file.
$log = @{ LogPath = Join-Path $Seen 'log' }
$twin = @{ TenantId = $TenantId; Environment = 'Custom'; LoginEndpoint = $Login; GraphEndpoint = $Graph }

# A list of one tenant, with its secret.
$fleet = [pscustomobject]($twin + @{ ClientId = $Admin; ClientSecret = $secret.admin })
# The same, with its secret in a vault.
$kept = [pscustomobject]($twin + @{ ClientId = $Admin; ClientSecretVaultUri = $Login -replace '/login$', '/vault' })

function Connect-Twin {
    # The usual connection.
    param([int]$RetryBudget = 20)

    Connect-PPTenant @twin @log -ClientId $Admin -ClientSecret $secret.admin -RetryBudgetSec $RetryBudget
}

function Open-Certificate {
    # The certificate to sign in with, as an object whose key can be exported.
    $exportable = [System.Security.Cryptography.X509Certificates.X509KeyStorageFlags]::Exportable
    [System.Security.Cryptography.X509Certificates.X509Certificate2]::new("$Given/key.pfx", $secret.password, $exportable)
}

function New-Certificate {
    # A certificate with an RSA key, for which a file is sealed.
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new(
        'CN=taint', [System.Security.Cryptography.RSA]::Create(2048),
        [System.Security.Cryptography.HashAlgorithmName]::SHA256, [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
    $request.CreateSelfSigned([System.DateTimeOffset]::UtcNow.AddDays(-1), [System.DateTimeOffset]::UtcNow.AddDays(1))
}

function Connect-Person {
    # A person in the browser, who is whoever opens the address that is said.
    param([hashtable]$Option = @{})

    Connect-PPTenant @twin @log -NoBrowser @Option 6>&1 | ForEach-Object {
        if ($_ -is [System.Management.Automation.InformationRecord] -and "$_" -match '(http\S+/authorize\?\S+)') {
            Open-Address $Matches[1]
        }
        $_
    }
}

function Add-Fault {
    # What goes wrong next.
    param([string]$Fault)

    [void](Invoke-RestMethod -Method Post -Uri "$Control/faults" -ContentType 'application/json' -Body $Fault)
}

function Set-Person {
    # How people sign in from now on.
    param([string]$Body)

    [void](Invoke-RestMethod -Method Post -Uri "$Control/signIn" -ContentType 'application/json' -Body $Body)
}

function Rename-User {
    # A user of the backup has another display name from then on, so that there is something to restore.
    $line = Get-Content -LiteralPath ./users.jsonl | Where-Object { $_ -like '*quillon.vexworth@*' } | Select-Object -First 1
    $id = [regex]::Match($line, '"id":"([0-9a-f-]{36})"').Groups[1].Value
    $body = @{ edit = 'set'; collection = 'users'; id = $id; property = 'displayName'; value = 'Somebody else' } | ConvertTo-Json -Compress
    [void](Invoke-RestMethod -Method Post -Uri "$Control/edit" -ContentType 'application/json' -Body $body)
}

function Connect-Job {
    # As a job whose environment says where its tokens come from. The words in it are short, and no secrets.
    param([hashtable]$Option)

    $origin = $Login -replace '/login$'
    $variables = @{
        AZURE_TENANT_ID = $TenantId; AZURE_CLIENT_ID = $Admin; AZURE_FEDERATED_TOKEN_FILE = "$Given/token"
        ACTIONS_ID_TOKEN_REQUEST_URL = "$origin/oidc/github?api-version=2.0"; ACTIONS_ID_TOKEN_REQUEST_TOKEN = 'pipeline'
        SYSTEM_OIDCREQUESTURI = "$origin/oidc/pipelines"; SYSTEM_ACCESSTOKEN = 'pipeline'; AZURE_POD_IDENTITY_AUTHORITY_HOST = $origin
    }
    foreach ($name in $variables.Keys) {
        [System.Environment]::SetEnvironmentVariable($name, $variables[$name])
    }
    Connect-PPTenant @cloud @Option
}

$cloud = @{ Environment = 'Custom'; LoginEndpoint = $Login; GraphEndpoint = $Graph }
$app = $twin + @{ ClientId = $Admin }
$pipeline = @{ AzurePipelines = $true; ServiceConnectionId = '00000000-0000-0000-0000-000000000001' }
$renewed = '{"fault":"tokenExpired"}'
$sealed = @{ SecretSink = 'SealedFile'; RecipientCertificate = New-Certificate; Path = './sealed.cms'; Force = $true }
$vault = @{ SecretSink = 'KeyVault'; VaultUri = $Login -replace '/login$', '/vault' }
$taken = { param($Secret) $Secret.Dispose() }
$refused = { throw 'The vault is shut.' }
$failing = { param($Secret) Write-Error 'The vault is shut.' -TargetObject $Secret }

$difference = [PPFederation.AttributeDifference]@{
    TenantId = $TenantId; Severity = 'Renamed'; UserPrincipalName = 'quillon.vexworth@contoso.example'; Attribute = 'mail'; Before = 'zenobia.harrowgate@contoso.example'; After = 'b'
    Reason = 'why'
}

$cases = [ordered]@{
    'Connect-PPTenant' = @(
        { Connect-PPTenant -Demo }
        { New-PPFederationApp }
        { Disconnect-PPTenant }
        { Connect-PPTenant @twin -ClientId $Admin -ClientSecret $secret.wrong }
        { Connect-PPTenant @twin -ClientId 'nonsense' -ClientSecret $secret.admin }
        { Connect-PPTenant @twin -ClientId ([guid]::NewGuid()) -ClientSecret $secret.admin }
        { Connect-PPTenant @twin -AccessToken $secret.wrong }
        { Connect-PPTenant @twin -AccessToken $secret.admin }
        { Connect-PPTenant -TenantId ([guid]::NewGuid()) -AccessToken $secret.token -Environment Custom -LoginEndpoint $Login -GraphEndpoint $Graph }
        { Connect-PPTenant @twin -ClientId $Reader -ClientSecret $secret.reader }
        { New-PPFederationApp }
        { Disconnect-PPTenant }
        { Connect-PPTenant @twin -AccessToken $secret.token }
        { Get-PPFederationStatus }
        { Disconnect-PPTenant }
        { Connect-Twin }
    )
    'Select-PPConnection' = @(
        { Connect-PPTenant @twin -Credential ([pscredential]::new($Admin, $secret.admin)) | Select-PPConnection }
        { Select-PPConnection -TenantId $TenantId }
        { Select-PPConnection -TenantName 'Nobody' }
        { Get-PPConnection -ListAvailable }
        # The first has the log.
        { Get-PPConnection -ListAvailable | Select-Object -Skip 1 | Disconnect-PPTenant }
        { Connect-Twin }
    )
    'Connect-PPTenant, a person' = @(
        { Connect-Person }
        { Add-Fault $renewed }
        { Get-PPDirSync }
        { Invoke-PPRunbook -WhatIf }
        { Disconnect-PPTenant }
        { Set-Person '{"answer":53003}' }
        { Connect-Person }
        { Set-Person '{"answer":"declines"}' }
        { Connect-Person }
        { Set-Person '{"person":"globalReader","consented":false}' }
        { Connect-Person }
        { Set-Person '{"answer":"waits"}' }
        { Connect-Person -Option @{ TimeoutSec = 1 } }
        { Set-Person '{"interval":1,"pendingPolls":1}' }
        { Connect-PPTenant @twin -DeviceCode }
        { Add-Fault $renewed }
        { Get-PPDirSync }
        { Set-Person '{"refuseRefresh":50173}' }
        { Add-Fault $renewed }
        { Get-PPDirSync }
        { Disconnect-PPTenant }
        { Set-Person '{"interval":1,"pendingPolls":0,"answer":"declines"}' }
        { Connect-PPTenant @twin -DeviceCode }
        # Under faults that end: it asks again for as long as the code lives.
        { Set-Person '{"interval":1,"pendingPolls":0}' }
        { Add-Fault '{"fault":"failed","status":503,"body":"json","target":"token","times":2}' }
        { Connect-PPTenant @twin -DeviceCode }
        { Add-Fault '{"fault":"answerLost","reset":true,"target":"token","first":2}' }
        { Connect-PPTenant @twin -DeviceCode }
        { Set-Person '{}' }
    )
    'Connect-PPTenant, an application' = @(
        { Connect-PPTenant @app -CertificatePath "$Given/key.pfx" -CertificatePassword $secret.password }
        { Add-Fault $renewed }
        { Get-PPDirSync }
        { Disconnect-PPTenant }
        { Connect-PPTenant @app -CertificatePath "$Given/both.pem" }
        { Disconnect-PPTenant }
        { Connect-PPTenant @app -Certificate (Open-Certificate) }
        { Connect-PPTenant @app -CertificatePath "$Given/key.pfx" -CertificatePassword $secret.wrong }
        { Connect-PPTenant @app -CertificatePath "$Given/key.pfx" }
        { Connect-PPTenant @twin -ClientId $Reader -CertificatePath "$Given/both.pem" }
        { Connect-PPTenant @app -CertificatePath "$Given/token" }
        { Connect-PPTenant @app -CertificateThumbprint 'nonsense' }
        { Connect-PPTenant @app -FederatedTokenFile "$Given/token" }
        { Add-Fault $renewed }
        { Get-PPDirSync }
        { Disconnect-PPTenant }
        { Connect-PPTenant @app -FederatedTokenFile "$Given/both.pem" }
        { Connect-PPTenant @twin -ClientId $Reader -FederatedTokenFile "$Given/token" }
        { Connect-Job @{ WorkloadIdentity = $true } }
        { Connect-Job @{ TenantId = $TenantId; ClientId = $Admin; GitHubActions = $true } }
        { Connect-Job ($pipeline + @{ TenantId = $TenantId; ClientId = $Admin }) }
        { Connect-Job @{ TenantId = $TenantId; ClientId = $Reader; GitHubActions = $true } }
        { Connect-Job @{ ManagedIdentity = $true } }
        { Add-Fault $renewed }
        { Get-PPDirSync }
        { Connect-Job @{ ManagedIdentity = $true; ClientId = $Reader } }
        { Connect-Job @{ ManagedIdentity = $true; ClientId = [guid]::NewGuid() } }
        { Connect-Job @{ ManagedIdentity = $true; TenantId = [guid]::NewGuid() } }
        { Connect-Twin }
    )
    'Get-PPConnection' = @({ Get-PPConnection }, { Get-PPConnection -Connection 7 })
    'Get-PPDirSync' = @({ Get-PPDirSync }, { Get-PPDirSync -Connection 7 })
    'Disable-PPDirSync' = @({ Disable-PPDirSync -WhatIf }, { Disable-PPDirSync }, { Disable-PPDirSync -TimeoutSec '-1' })
    'Wait-PPDirSync' = @({ Wait-PPDirSync -TimeoutSec 0 }, { Wait-PPDirSync -TimeoutSec '-1' })
    'New-PPFederationApp' = @(
        { New-PPFederationApp -WhatIf }
        { New-PPFederationApp }
        { New-PPFederationApp }
        { New-PPFederationApp -DisplayName '' }
    )
    'Restore-PPFederationApp' = @(
        { Restore-PPFederationApp -WhatIf }
        { Restore-PPFederationApp }
        { Restore-PPFederationApp -AppId ([guid]::NewGuid()) }
    )
    'New-PPClientSecret' = @(
        { New-PPClientSecret }
        { New-PPClientSecret -NewSecret -ClientSecretLifetime P2Y }
        { New-PPClientSecret -NewSecret -ClientSecretLifetime 'nonsense' }
        { New-PPClientSecret -NewSecret @sealed }
        { New-PPClientSecret -NewSecret @vault }
        { New-PPClientSecret -NewSecret @vault -SecretName 'not a name' }
        { New-PPClientSecret -NewSecret -SecretSink $taken }
        { New-PPClientSecret -NewSecret -SecretSink $refused }
        { New-PPClientSecret -NewSecret -SecretSink $failing }
    )
    'New-PPSignInClient' = @(
        { New-PPSignInClient -WhatIf }
        { New-PPSignInClient }
        { New-PPSignInClient -MultiTenant }
        { New-PPSignInClient -DisplayName '' }
    )
    'Remove-PPSignInClient' = @({ Remove-PPSignInClient -WhatIf }, { Remove-PPSignInClient }, { Remove-PPSignInClient })
    'Update-PPClientSecret' = @(
        { Update-PPClientSecret }
        { Update-PPClientSecret @sealed -WhatIf }
        { Update-PPClientSecret -OverlapDays 0 @sealed }
        { Update-PPClientSecret -OverlapDays 0 -SecretSink $taken }
        { Update-PPClientSecret -OverlapDays 0 -SecretSink $refused }
        { Update-PPClientSecret -Complete }
    )
    'Save-PPClientSecret' = @(
        { Get-PPClientSecret -Unclaimed | Select-Object -Last 1 | Save-PPClientSecret @sealed -WhatIf }
        { Get-PPClientSecret -Unclaimed | Select-Object -Last 1 | Save-PPClientSecret @vault }
        { New-PPClientSecret -NewSecret | Save-PPClientSecret -SecretSink $taken }
        { New-PPClientSecret -NewSecret | Save-PPClientSecret -SecretSink $refused }
    )
    'Show-PPClientSecret' = @(
        { Show-PPClientSecret -WhatIf }
        { Show-PPClientSecret -ClientSecret $secret.admin -WhatIf }
        { Show-PPClientSecret -ClientSecret $secret.admin }
    )
    'Get-PPClientSecret' = @(
        { Get-PPClientSecret }
        { Get-PPClientSecret -DisplayName 'None' }
        { Get-PPClientSecret -Unclaimed }
        { Get-PPClientSecret -Unclaimed -Claim }
    )
    'Remove-PPClientSecret' = @(
        { Remove-PPClientSecret -KeyId (Get-PPClientSecret | Select-Object -First 1).KeyId }
        { Remove-PPClientSecret -KeyId ([guid]::NewGuid()) -Force }
        { Remove-PPClientSecret -KeyId 'nonsense' }
    )
    'Get-PPPlan' = @(
        { Get-PPPlan -NewSecret }
        { Get-PPPlan -NewSecret -Path ./plan.json }
        { Get-PPPlan -Path ./plan.json }
    )
    'Invoke-PPRunbook' = @(
        { Invoke-PPRunbook -WhatIf }
        { Invoke-PPRunbook -Plan ./plan.json -PlanHash 'nonsense' }
        { Invoke-PPRunbook -Plan ./plan.json }
        { Invoke-PPRunbook -Plan ./plan.json }
        { Invoke-PPRunbook -NewSecret }
        { Invoke-PPRunbook -NewSecret -SecretSink $refused }
        { Invoke-PPRunbook -Step ClientSecret -Skip ClientSecret }
    )
    'Invoke-PPFleet' = @(
        { $fleet | Invoke-PPFleet -Action Status -RetryBudgetSec 20 | Select-Object -Property Result }
        { $fleet | Invoke-PPFleet -Action Runbook -NewSecret -Ledger ./ledger.jsonl -RetryBudgetSec 20 @vault }
        { $fleet | Invoke-PPFleet -Action Runbook -NewSecret -RetryBudgetSec 20 }
        { $kept | Invoke-PPFleet -Action Status -Ledger ./kept.jsonl -RetryBudgetSec 20 -ClientSecretName 'app-{TenantId}' }
        { $kept | Invoke-PPFleet -Action Status -RetryBudgetSec 20 -ClientSecretName 'wrong-{TenantId}' }
        { $kept | Invoke-PPFleet -Action Status -RetryBudgetSec 20 -ClientSecretName 'none' }
    )
    'Find-PPTenant' = @({ Find-PPTenant })
    'Undo-PPRunbook' = @(
        { Undo-PPRunbook -Plan ./plan.json -WhatIf }
        { Undo-PPRunbook -Plan ./plan.json -PlanHash 'nonsense' }
        { Undo-PPRunbook -Plan ./plan.json }
    )
    'Remove-PPFederationApp' = @(
        { Remove-PPFederationApp -WhatIf }
        { Remove-PPFederationApp -DisplayName 'None' }
        { Remove-PPFederationApp -Permanently }
        { New-PPFederationApp -LockCredentials }
    )
    'Get-PPFederationApp' = @({ Get-PPFederationApp }, { Get-PPFederationApp -DisplayName 'None' })
    'Get-PPFederationStatus' = @({ Get-PPFederationStatus }, { Get-PPFederationStatus -Connection 7 })
    'Get-PPPermission' = @({ Get-PPPermission }, { Get-PPPermission -Connection 7 })
    'Get-PPHandover' = @({ Get-PPHandover -UsageLocation AU }, { Get-PPHandover -UsageLocation nonsense })
    'Get-PPLedger' = @(
        { Get-PPLedger -Ledger ./no-such-ledger.jsonl }
        { Get-PPLedger -Ledger "https://127.0.0.1:1/account/fleet/spring" -LedgerSas $secret.admin }
        { Get-PPLedger -Ledger "$Login/fleet" }
    )
    'Test-PPFederation' = @(
        { Test-PPFederation }
        { Test-PPFederation -DisplayName 'None' }
        { Test-PPFederation -ClientSecret $secret.admin }
        { $made = New-PPClientSecret -NewSecret; Test-PPFederation -ClientSecret $made.ClientSecret; $made }
    )
    'Compare-PPAttribute' = @(
        { Compare-PPAttribute | Select-Object -First 1 -Property Severity }
        { [pscustomobject]@{ Username = 'nobody@contoso.example' } | Compare-PPAttribute -UserPrincipalName 'nobody*' | Select-Object -Property Severity }
        { Compare-PPAttribute -Path "$Given/no-such-file.csv" }
        { Compare-PPAttribute -Path "$Given/portal.csv" -UserPrincipalName 'quillon*', 'zenobia*' -IncludeEqual }
        { Compare-PPAttribute -Since "$Given/no-such-file.jsonl" }
    )
    'Export-PPAttributeBackup' = @(
        { Export-PPAttributeBackup -Path ./users.jsonl }
        { Export-PPAttributeBackup -Path ./users.jsonl }
        { Rename-User; Compare-PPAttribute -Since ./users.jsonl -IncludeEqual | Select-Object -First 1 -Property UserPrincipalName }
    )
    'Restore-PPAttribute' = @(
        { Restore-PPAttribute -Path ./users.jsonl -WhatIf }
        { Restore-PPAttribute -Path ./users.jsonl }
        { Restore-PPAttribute -Path ./plan.json }
    )
    'Get-PPAttributeOwnership' = @({ Get-PPAttributeOwnership })
    'Export-PPReport' = @(
        { $difference | Export-PPReport -Path ./report.html -PassThru }
        { $difference | Export-PPReport -Path ./report.html }
        { $difference | Export-PPReport -Path ./report.csv -Force }
        { Get-PPDirSync | Export-PPReport -Path ./report.json }
    )
    'Get-PPProvisioningScript' = @({ Get-PPProvisioningScript -UsageLocation AU }, { Get-PPProvisioningScript -UsageLocation 1 })
    'Merge-PPProvisioningScript' = @(
        { Merge-PPProvisioningScript -Script "trace(1)" -UsageLocation AU | Select-Object -Property Result }
        { Merge-PPProvisioningScript -Script 'if (isPerson() && source.x) { }' -UsageLocation AU }
    )
    'Test-PPProvisioningScript' = @(
        { Test-PPProvisioningScript -Script "if (isPerson()) { destination.Mail = source.Mail }" }
        { Import-Csv -LiteralPath "$Given/portal.csv" | Test-PPProvisioningScript -Script 'trace(source.Username); destination.DisplayName = source.DisplayName' }
        { Test-PPProvisioningScript -UserPath "$Given/portal.csv" -Script 'throw source.Mail' }
        { Test-PPProvisioningScript -Script 'if (isPerson() {' }
    )
    'Disconnect-PPTenant' = @({ Disconnect-PPTenant }, { Disconnect-PPTenant })
}

# What runs under every fault: each in a connection of its own.
$faulty = [ordered]@{
    'Connect-PPTenant' = { Connect-Twin -RetryBudget 0 }
    'Connect-PPTenant, in the browser' = { Connect-Person -Option @{ RetryBudgetSec = 0; TimeoutSec = 1 } }
    'Connect-PPTenant, certificate' = { Connect-PPTenant @app -CertificatePath "$Given/key.pfx" -CertificatePassword $secret.password -RetryBudgetSec 0 }
    'Connect-PPTenant, federated' = { Connect-PPTenant @app -FederatedTokenFile "$Given/token" -RetryBudgetSec 0 }
    'Connect-PPTenant, pipeline' = { Connect-Job ($pipeline + @{ TenantId = $TenantId; ClientId = $Admin; RetryBudgetSec = 0 }) }
    'Connect-PPTenant, managed identity' = { Connect-Job @{ ManagedIdentity = $true; RetryBudgetSec = 0 } }
    'Get-PPConnection' = { Get-PPConnection }
    'Get-PPDirSync' = { Get-PPDirSync }
    'Compare-PPAttribute' = { Compare-PPAttribute | Select-Object -First 1 -Property Severity }
    'Disable-PPDirSync' = { Disable-PPDirSync }
    'Wait-PPDirSync' = { Wait-PPDirSync -TimeoutSec 0 }
    'New-PPFederationApp' = { New-PPFederationApp }
    'Restore-PPFederationApp' = { Restore-PPFederationApp }
    'New-PPClientSecret' = { New-PPClientSecret -NewSecret @vault }
    'Save-PPClientSecret' = { Get-PPClientSecret -Unclaimed | Select-Object -Last 1 | Save-PPClientSecret @vault }
    'Get-PPClientSecret' = { Get-PPClientSecret }
    'Remove-PPClientSecret' = { Remove-PPClientSecret -KeyId ([guid]::NewGuid()) -Force }
    'Update-PPClientSecret' = { Update-PPClientSecret -OverlapDays 0 @sealed }
    'Get-PPPlan' = { Get-PPPlan -NewSecret -Path ./plan.json -Force }
    'Invoke-PPRunbook' = { Invoke-PPRunbook -NewSecret }
    'Invoke-PPFleet' = { $fleet | Invoke-PPFleet -Action Runbook -NewSecret -RetryBudgetSec 0 @vault }
    'Find-PPTenant' = { Find-PPTenant }
    'Undo-PPRunbook' = { Undo-PPRunbook -Plan ./plan.json }
    'Remove-PPFederationApp' = { Remove-PPFederationApp }
    'Get-PPFederationApp' = { Get-PPFederationApp }
    'Get-PPFederationStatus' = { Get-PPFederationStatus }
    'Get-PPPermission' = { Get-PPPermission }
    'Get-PPHandover' = { Get-PPHandover -UsageLocation AU }
    'Test-PPFederation' = { Test-PPFederation }
    'Export-PPAttributeBackup' = { Export-PPAttributeBackup -Path ./users.jsonl -Force }
    'Restore-PPAttribute' = { Restore-PPAttribute -Path ./users.jsonl }
}

$faults = @(
    '{"fault":"tokenExpired","times":2}'
    '{"fault":"claimsChallenge"}'
    '{"fault":"denied","target":"graph","forEver":true}'
    '{"fault":"failed","status":502,"body":"html","first":2,"forEver":true}'
    '{"fault":"failed","status":503,"body":"json","target":"token","times":1}'
    '{"fault":"truncated","first":2,"forEver":true}'
    '{"fault":"requestLost","reset":true,"first":2,"forEver":true}'
    '{"fault":"answerLost","reset":true,"first":2,"forEver":true}'
    '{"fault":"answerLost","path":"/applications/*/addPassword","target":"item"}'
    '{"fault":"resetInBody","first":2,"times":2}'
    '{"fault":"oddError","shape":"messageObject","first":2,"forEver":true}'
    '{"fault":"policyBlocksSecrets","forEver":true}'
    '{"fault":"throttled","retryAfter":0,"first":2,"forEver":true}'
)
