function Update-PPClientSecret {
    <#
    .SYNOPSIS
    Changes the client secret without a gap: makes a new one, has it put in place, and removes the old ones after an overlap.

    .DESCRIPTION
    Makes a new secret PPToken, waits until it signs in, gives it to the sink, and remembers in a tag of the application that
    it is in place. The older secrets stay for the overlap; then they are removed, each after confirmation. The command never
    waits for the overlap: it says until when they stay, and a later run with the same parameters, or with -Complete, removes
    them. Stopped anywhere, it leaves a secret in place that works, and the next run takes up what is missing.

    Without a sink the new secret is returned, and the older ones stay until -Complete -KeyId says that it is in place.

    On a schedule, -RenewWithin makes it safe to run as often as you like: a new secret is made only where the one in place
    is near its end.

    -WhatIf says what would be made and removed, and sends no write. A script that runs unattended needs -Confirm:$false.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
    last connection that Connect-PPTenant made in this session is used.

    .PARAMETER DisplayName
    The display name of the application. Without it: Practice Protect Federation.

    .PARAMETER Adopt
    Takes over an existing application of the same display name that was not made by this module, if there is exactly one.
    Without it such an application is reported and left alone.

    .PARAMETER Overlap
    How long the older secrets stay after the new one was put in place. Without it: seven days. Zero removes them at once.

    .PARAMETER RenewWithin
    Makes a new secret only where the one in place ends within this time, or none is known to be in place. Without it a new
    one is made in any case.

    .PARAMETER Complete
    Makes no secret. Only removes the older ones whose time has come.

    .PARAMETER KeyId
    With -Complete: the secret of this id is in place. For a new one that you put in place yourself.

    .PARAMETER ClientSecretLifetime
    How long the new client secret is valid: a duration such as P2Y (two years) or P180D, a time span such as 180.00:00:00, or
    Longest for what the tenant's app management policy allows. Without it: Runbook, 100 years. The policy is read before
    anything is written.

    .PARAMETER SecretSink
    Where the new secret goes instead of into the result: KeyVault (see VaultUri), SealedFile (see RecipientCertificate and
    Path), or a script block that gets the SecureString and the application: { param($secret, $app) ... }. The sink is made
    ready before there is a secret. If it fails all the same, the error's TargetObject holds the secret. See
    about_PPFederation_Secrets.

    .PARAMETER VaultUri
    For KeyVault: the address of an Azure Key Vault of the connection's tenant, such as https://contoso.vault.azure.net. The
    connection's sign-in needs the role Key Vault Secrets Officer on it.

    .PARAMETER SecretName
    For KeyVault: the name of the secret in the vault. Without it: PPToken.

    .PARAMETER RecipientCertificate
    For SealedFile: the certificate of whoever may open the file, as a path (PEM or DER) or an X509Certificate2. RSA.

    .PARAMETER Path
    For SealedFile: the file. It is CMS, which openssl cms -decrypt and Unprotect-CmsMessage open.

    .PARAMETER Force
    For SealedFile: overwrites a file that is there. For KeyVault: adds a version to a secret that is not this application's.

    .EXAMPLE
    Update-PPClientSecret -Overlap 2.00:00:00 -SecretSink { param($secret, $app) Set-OurVault -Name PPToken -Value $secret }

    Makes a new secret and hands it to the script block. The old one stays for two days; Update-PPClientSecret -Complete
    -Overlap 2.00:00:00 then removes it.

    .EXAMPLE
    Update-PPClientSecret -RenewWithin 30.00:00:00 -ClientSecretLifetime P1Y -SecretSink KeyVault -VaultUri https://contoso.vault.azure.net -Confirm:$false

    For a schedule: makes a new secret in the last month of the old one, and removes the old one a week later.

    .OUTPUTS
    PPFederation.App
    The application, where a secret was made: SecretId, SecretEndDateTime, SecretSink and SecretLocation, or ClientSecret.

    .OUTPUTS
    PPFederation.SecretRemoval
    A row for each older secret: KeyId, Result (Removed, AlreadyGone, Later), Detail.

    .LINK
    about_PPFederation_Secrets
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('PPFederation.App', 'PPFederation.SecretRemoval')]
    param(
        [Parameter(ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$Connection,

        [string]$DisplayName,

        [switch]$Adopt,

        [timespan]$Overlap = '7.00:00:00',

        [timespan]$RenewWithin,

        [switch]$Complete,

        [string]$KeyId,

        [string]$ClientSecretLifetime,

        [object]$SecretSink,

        [string]$VaultUri,

        [string]$SecretName,

        [object]$RecipientCertificate,

        [string]$Path,

        [switch]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        Assert-PPTimeout -Caller $PSCmdlet -Timeout $Overlap
        $option = Get-PPOption -Bound $PSBoundParameters
        $field = @{ connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection }
        foreach ($name in 'displayName', 'adopt') {
            $field[$name] = $option[$name]
        }
        $rotation = @{
            Field       = $field
            Terms       = @{ overlapSeconds = [long][math]::Ceiling($Overlap.TotalSeconds) }
            Sink        = Get-PPSink -Caller $PSCmdlet -Bound $PSBoundParameters
            ScriptBlock = Get-PPSinkScript -Bound $PSBoundParameters
        }
        if ($PSBoundParameters.ContainsKey('RenewWithin')) {
            Assert-PPTimeout -Caller $PSCmdlet -Timeout $RenewWithin
            $rotation.Terms.renewWithinSeconds = [long][math]::Ceiling($RenewWithin.TotalSeconds)
        }
        if (-not $Complete) {
            $rotation.New = @{ steps = [string[]]@('ClientSecret'); newSecret = $true; secretLifetime = $option['secretLifetime'] }
        }
        elseif ($KeyId -and $PSCmdlet.ShouldProcess("client secret $KeyId", 'Remember that it is in place')) {
            Invoke-PPJob -Caller $PSCmdlet -Op 'secretPlaced' -Field ($field + @{ keyId = $KeyId })
            $rotation.Terms.placed = $KeyId
        }
        Invoke-PPRotation -Caller $PSCmdlet @rotation
    }
}
