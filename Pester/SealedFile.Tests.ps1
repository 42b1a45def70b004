# What -SecretSink SealedFile has sealed is opened. A file of its own, since .NET can't make its key everywhere that the other tests run.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')

    function New-TestCertificate {
        # A certificate with its private key.
        $key = [System.Security.Cryptography.RSA]::Create(2048)
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new(
            'CN=recipient', $key, [System.Security.Cryptography.HashAlgorithmName]::SHA256,
            [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $request.CreateSelfSigned([System.DateTimeOffset]::Now.AddDays(-1), [System.DateTimeOffset]::Now.AddDays(2))
    }

    function Open-TestEnvelope {
        # The text in a sealed file, as Unprotect-CmsMessage opens it.
        param([string]$Path, $Certificate)

        $base64 = ([System.IO.File]::ReadAllLines($Path) | Where-Object { $_ -notmatch '-----' }) -join ''
        $cms = [System.Security.Cryptography.Pkcs.EnvelopedCms]::new()
        $cms.Decode([System.Convert]::FromBase64String($base64))
        $cms.Decrypt([System.Security.Cryptography.X509Certificates.X509Certificate2Collection]::new($Certificate))
        [System.Text.Encoding]::UTF8.GetString($cms.ContentInfo.Content)
    }

    $tenant = Start-TestTenant
    [void](Connect-TestTenant $tenant)
    [void](Invoke-PPRunbook -Step Application, ServicePrincipal -Confirm:$false)
    $certificate = New-TestCertificate
    $certificatePath = Join-Path $TestDrive 'recipient.cer'
    [System.IO.File]::WriteAllBytes($certificatePath, $certificate.RawData)
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'A sealed file' {
    It 'gets the secret of a run, which is in no object' {
        $path = Join-Path $TestDrive 'first.cms'
        $app = New-PPClientSecret -SecretSink SealedFile -RecipientCertificate $certificate -Path $path
        $app.ClientSecret | Should -BeNullOrEmpty
        $app.SecretId | Should -Not -BeNullOrEmpty
        $app.SecretSink | Should -Be 'SealedFile'
        $app.SecretLocation | Should -Be $path
        Test-TestSignIn $tenant $app.AppId (Open-TestEnvelope $path $certificate) | Should -Be $true
    }

    It 'is overwritten with -Force, and sealed with a certificate from a path' {
        $path = Join-Path $TestDrive 'first.cms'
        $sink = @{ SecretSink = 'SealedFile'; RecipientCertificate = $certificatePath; Path = $path; Force = $true }
        $app = New-PPClientSecret @sink -NewSecret -WarningAction SilentlyContinue
        Test-TestSignIn $tenant $app.AppId (Open-TestEnvelope $path $certificate) | Should -Be $true
    }
}
