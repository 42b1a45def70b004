function Update-PPClientSecret {
    <#
    .SYNOPSIS
    Changes the client secret without a gap: makes a new one, has it put in place, and removes the old ones after an overlap.

    .DESCRIPTION
    Makes a new secret PPToken, waits until it signs in, gives it to the sink, and remembers in a tag of the application that
    it is in place. The older secrets stay for the overlap; then they are removed, each after confirmation. The command never
    waits for the overlap: it says until when they stay, and a later run with the same parameters, or with -Complete, removes
    them. Stopped anywhere, it leaves a secret in place that works, and the next run takes up what is missing.

    Without a sink the new secret is returned and stays unclaimed in this session, and the older ones stay until
    Save-PPClientSecret has put it in place, or -Complete -KeyId says that it is.

    On a schedule, -RenewWithinDays makes it safe to run as often as you like: a new secret is made only where the one in place
    is near its end, or none works. Where one works and none is known to be in place, as one that was typed into the portal by
    hand, whoever uses it would lose it by a new one: none is made, and PPFederation.SecretPlaceUnknown says what to do. A sealed file of the last time is not overwritten unasked: a schedule with SealedFile takes -Force, or a
    -Path with the date in it.

    -WhatIf says what would be made and removed, and sends no write. A script that runs unattended needs -Confirm:$false.

    .PARAMETER RenewWithinDays
    Makes a new secret only where the one in place ends within so many days, or none works. Without it a new one is made in any
    case. With it, as on a schedule, a new one that its sink surely hasn't got is taken back: nobody would
    be there to put it in place. So is one where another run has made one at the same moment: the first stays.

    .PARAMETER Complete
    Makes no secret. Only removes the older ones whose time has come.

    .PARAMETER KeyId
    With -Complete: the secret of this id is in place. For a new one that you put in place yourself.

    .EXAMPLE
    Update-PPClientSecret -OverlapDays 2 -SecretSink { param($secret, $app) Set-OurVault -Name PPToken -Value $secret }

    Makes a new secret and hands it to the script block. The old one stays for two days; Update-PPClientSecret -Complete
    -OverlapDays 2 then removes it.

    .EXAMPLE
    Update-PPClientSecret -RenewWithinDays 30 -ClientSecretLifetime P1Y -SecretSink KeyVault -VaultUri https://contoso.vault.azure.net -Confirm:$false

    For a schedule: makes a new secret in the last month of the old one, and removes the old one a week later.

    .EXAMPLE
    Update-PPClientSecret -RenewWithinDays 30 -SecretSink SealedFile -RecipientCertificate portal.cer -Path "pptoken-$(Get-Date -Format yyyy-MM-dd).cms" -Confirm:$false

    For a schedule with a file: each secret gets a file of its own.

    .OUTPUTS
    PPFederation.App
    The application, where a secret was made: SecretId, SecretEndDateTime, SecretSink and SecretLocation, or ClientSecret.

    .OUTPUTS
    PPFederation.SecretRemoval
    A row for each older secret: KeyId, Result (Removed, AlreadyGone, Later), Detail.

    .LINK
    about_PPFederation_Secrets
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', DefaultParameterSetName = 'New', PositionalBinding = $false)]
    [OutputType('PPFederation.App', 'PPFederation.SecretRemoval')]
    param(
        [Shared()]$Connection,
        [Shared()]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,
        [Shared('AdoptOnce')]$Adopt,

        [Shared()]$OverlapDays,

        [Parameter(ParameterSetName = 'New')]
        [ValidateRange(0, 36525)]
        [double]$RenewWithinDays,

        [Parameter(Mandatory = $true, ParameterSetName = 'Complete')]
        [switch]$Complete,

        [Parameter(ParameterSetName = 'Complete')]
        [string]$KeyId,

        [Shared()]$ClientSecretLifetime,
        [Shared()]$SecretSink,
        [Shared()]$VaultUri,
        [Shared()]$SecretName,
        [Shared()]$RecipientCertificate,
        [Shared()]$Path,
        [Shared()]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $option = Get-PPOption -Bound $PSBoundParameters
        if (-not ($number = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        $field = @{ connection = $number }
        if ($option.ContainsKey('which')) {
            $field.which = $option.which
        }
        $rotation = @{
            Field       = $field
            Terms       = @{ overlapSeconds = [long][math]::Ceiling($OverlapDays * 86400) }
            Sink        = Get-PPSink -Caller $PSCmdlet -Bound $PSBoundParameters
            ScriptBlock = Get-PPSinkScript -Bound $PSBoundParameters
        }
        if ($PSBoundParameters.ContainsKey('RenewWithinDays')) {
            $rotation.Terms.renewWithinSeconds = [long][math]::Ceiling($RenewWithinDays * 86400)
            if ($rotation.Sink) {
                $rotation.Sink.takeBack = $true
            }
        }
        if (-not $Complete) {
            $rotation.New = @{ steps = [string[]]@('ClientSecret'); newSecret = $true; secretLifetime = $option['secretLifetime'] }
            $rotation.New.renews = $rotation.Terms.ContainsKey('renewWithinSeconds')
        }
        elseif ($KeyId) {
            if ($PSCmdlet.ShouldProcess("client secret $KeyId", 'Remember that it is in place')) {
                $failed = [System.Collections.Generic.List[object]]::new()
                Invoke-PPJob -Caller $PSCmdlet -Op 'secretPlaced' -Field ($field + @{ keyId = $KeyId }) -Failed $failed
                if ($failed.Count -gt 0) {
                    return
                }
                $rotation.Terms.placed = $KeyId
            }
            elseif ($WhatIfPreference) {
                $rotation.Terms.placed = $KeyId
            }
        }
        Invoke-PPRotation -Caller $PSCmdlet @rotation
    }
}
