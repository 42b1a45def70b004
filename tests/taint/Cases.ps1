# The cases of the taint test, by cmdlet: what succeeds and what fails, with secrets in it. Dot-sourced by Subject.ps1, which
# refuses an exported cmdlet without a case.

$twin = @{ TenantId = $TenantId; Environment = 'Custom'; LoginEndpoint = $Login; GraphEndpoint = $Graph }

function Connect-Twin {
    # The usual connection.
    param([int]$RetryBudget = 20)

    Connect-PPTenant @twin -ClientId $Admin -ClientSecret $secret.admin -RetryBudget ([timespan]::FromSeconds($RetryBudget))
}

function New-Certificate {
    # A certificate with an RSA key, for which a file is sealed.
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new(
        'CN=taint', [System.Security.Cryptography.RSA]::Create(2048),
        [System.Security.Cryptography.HashAlgorithmName]::SHA256, [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
    $request.CreateSelfSigned([System.DateTimeOffset]::UtcNow.AddDays(-1), [System.DateTimeOffset]::UtcNow.AddDays(1))
}

$sealed = @{ SecretSink = 'SealedFile'; RecipientCertificate = New-Certificate; Path = './sealed.cms'; Force = $true }
$vault = @{ SecretSink = 'KeyVault'; VaultUri = $Login -replace '/login$', '/vault' }
$taken = { param($Secret) $Secret.Dispose() }
$refused = { throw 'The vault is shut.' }

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
    'Get-PPConnection' = @({ Get-PPConnection }, { Get-PPConnection -Connection 7 })
    'Get-PPDirSync' = @({ Get-PPDirSync }, { Get-PPDirSync -Connection 7 })
    'Disable-PPDirSync' = @({ Disable-PPDirSync -WhatIf }, { Disable-PPDirSync }, { Disable-PPDirSync -Timeout '-1' })
    'Wait-PPDirSync' = @({ Wait-PPDirSync -Timeout 0 }, { Wait-PPDirSync -Timeout '-1' })
    'New-PPFederationApp' = @(
        { New-PPFederationApp -WhatIf }
        { New-PPFederationApp }
        { New-PPFederationApp }
        { New-PPFederationApp -DisplayName '' }
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
    )
    'Update-PPClientSecret' = @(
        { Update-PPClientSecret }
        { Update-PPClientSecret @sealed -WhatIf }
        { Update-PPClientSecret -Overlap 0 @sealed }
        { Update-PPClientSecret -Overlap 0 -SecretSink $taken }
        { Update-PPClientSecret -Overlap 0 -SecretSink $refused }
        { Update-PPClientSecret -Complete }
    )
    'Show-PPClientSecret' = @(
        { Show-PPClientSecret -ClientSecret $secret.admin -WhatIf }
        { Show-PPClientSecret -ClientSecret $secret.admin }
    )
    'Get-PPClientSecret' = @({ Get-PPClientSecret }, { Get-PPClientSecret -DisplayName 'None' })
    'Remove-PPClientSecret' = @(
        { Remove-PPClientSecret -KeyId (Get-PPClientSecret | Select-Object -First 1).KeyId }
        { Remove-PPClientSecret -KeyId ([guid]::NewGuid()) -Force }
        { Remove-PPClientSecret -KeyId 'nonsense' }
    )
    'Invoke-PPRunbook' = @(
        { Invoke-PPRunbook -WhatIf }
        { Invoke-PPRunbook -NewSecret }
        { Invoke-PPRunbook -NewSecret -SecretSink $refused }
        { Invoke-PPRunbook -Step ClientSecret -Skip ClientSecret }
    )
    'Get-PPFederationApp' = @({ Get-PPFederationApp }, { Get-PPFederationApp -DisplayName 'None' })
    'Get-PPFederationStatus' = @({ Get-PPFederationStatus }, { Get-PPFederationStatus -Connection 7 })
    'Get-PPPermission' = @({ Get-PPPermission }, { Get-PPPermission -Connection 7 })
    'Get-PPHandover' = @({ Get-PPHandover -UsageLocation AU }, { Get-PPHandover -UsageLocation nonsense })
    'Test-PPFederation' = @({ Test-PPFederation }, { Test-PPFederation -DisplayName 'None' })
    'Get-PPAttributeOwnership' = @({ Get-PPAttributeOwnership })
    'New-PPProvisioningScript' = @({ New-PPProvisioningScript -UsageLocation AU }, { New-PPProvisioningScript -UsageLocation 1 })
    'Disconnect-PPTenant' = @({ Disconnect-PPTenant }, { Disconnect-PPTenant })
}

# What runs under every fault: each in a connection of its own.
$faulty = [ordered]@{
    'Connect-PPTenant' = { Connect-Twin -RetryBudget 0 }
    'Get-PPConnection' = { Get-PPConnection }
    'Get-PPDirSync' = { Get-PPDirSync }
    'Disable-PPDirSync' = { Disable-PPDirSync }
    'Wait-PPDirSync' = { Wait-PPDirSync -Timeout 0 }
    'New-PPFederationApp' = { New-PPFederationApp }
    'New-PPClientSecret' = { New-PPClientSecret -NewSecret @vault }
    'Get-PPClientSecret' = { Get-PPClientSecret }
    'Remove-PPClientSecret' = { Remove-PPClientSecret -KeyId ([guid]::NewGuid()) -Force }
    'Update-PPClientSecret' = { Update-PPClientSecret -Overlap 0 @sealed }
    'Invoke-PPRunbook' = { Invoke-PPRunbook -NewSecret }
    'Get-PPFederationApp' = { Get-PPFederationApp }
    'Get-PPFederationStatus' = { Get-PPFederationStatus }
    'Get-PPPermission' = { Get-PPPermission }
    'Get-PPHandover' = { Get-PPHandover -UsageLocation AU }
    'Test-PPFederation' = { Test-PPFederation }
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
