# Connect-PPTenant -Certificate. A file of its own, since .NET can't import its key everywhere that the other tests run.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'TestCertificate.ps1')
    $tenant = Start-TestTenant
    $admin = (Get-TestClient $tenant).clientId
    Register-TestCertificate $tenant -ClientId $admin
    $as = @{
        TenantId = $tenant.TenantId; ClientId = $admin; Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph
    }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'Connect-PPTenant -Certificate' {
    It 'signs in with an object whose key can be exported' {
        $flags = [System.Security.Cryptography.X509Certificates.X509KeyStorageFlags]::Exportable
        $certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new(
            (Join-Path $certificates 'modern.pfx'), (ConvertTo-TestSecret 'pfx-password'), $flags)
        $connection = Connect-PPTenant @as -Certificate $certificate
        $connection.SignIn | Should -Be 'Certificate'
        # The object is no longer needed.
        $certificate.Dispose()
        Step-TestClock $tenant -By '02:00:00'
        (Get-PPDirSync -Connection $connection).TenantId | Should -Be $tenant.TenantId
    }
}
