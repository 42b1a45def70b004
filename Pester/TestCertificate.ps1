# The test certificate, and a twin that knows it. Dot-source it in BeforeAll, after TestTenant.ps1.

$certificates = Join-Path $PSScriptRoot '../rust-core/testing/certificates'

function Register-TestCertificate {
    # Registers the test certificate with the application of a client.
    param($Tenant, [string]$ClientId)

    $lines = [System.IO.File]::ReadAllLines((Join-Path $certificates 'certificate.pem'))
    $der = ($lines | Where-Object { $_ -notmatch '-----' }) -join ''
    [void](Set-TestTenant $Tenant '/edit' @{ edit = 'addCertificate'; appId = $ClientId; certificate = $der; lifeSeconds = 31536000 })
}
