<#
.PARAMETER SecretSink
Where the new secret goes instead of into the result: KeyVault (see VaultUri), SealedFile (see RecipientCertificate and
Path), or a script block that gets the SecureString and the application: { param($secret, $app) ... }. The sink is made
ready before there is a secret. If it fails all the same, the secret stays unclaimed in this session, and the error says
so. A script block has failed that throws or writes an error: give its cmdlets -ErrorAction Stop, and throw where a native
program has left another $LASTEXITCODE than 0. See about_PPFederation_Secrets.
#>
param(
    [object]$SecretSink
)
