function Invoke-PPRotation {
    # Makes a new secret where one is due, gives it to the sink, and removes the older ones whose time has come. Nothing is
    # kept on this machine: what an earlier run left is seen in the tenant and taken up.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # Fields that name the connection and the application.
        [Parameter(Mandatory = $true)]
        [hashtable]$Field,

        # How long older secrets stay, and when a new one is due: fields of the op "rotation".
        [Parameter(Mandatory = $true)]
        [hashtable]$Terms,

        # Fields of the new secret; $null makes none.
        [hashtable]$New,

        [hashtable]$Sink,

        [scriptblock]$ScriptBlock
    )

    $look = $Field + $Terms
    $asking = @{}
    # Where nothing is changed, what will be in place is foreseen: a new secret, or the one that is said to be.
    $foresee = [bool]($WhatIfPreference -and ($New -or $Terms['placed']))
    $rotation = Invoke-PPJob -Caller $Caller -Op 'rotation' -Field ($look + @{ foresee = $foresee })
    if (-not $rotation) {
        # The error says why.
        return
    }
    if (-not ($New -and $rotation.Due) -and $rotation.Remove.Count -eq 0) {
        # Whether a new one is due is no matter where none is made.
        $nothing = if ($New) { "Nothing is to be changed now: $($rotation.Detail)." } else { 'No older client secret may go now.' }
        if ($WhatIfPreference) {
            Write-PPWhatIf -Text $nothing
        }
        elseif ($rotation.Keep.Count -eq 0) {
            Write-PPClosing -Row $rotation -Text $nothing
        }
    }
    if ($New -and $rotation.Due) {
        $app = $null
        # Not by -OutVariable: with 6>&1 that has the messages, too.
        Invoke-PPStep -Caller $Caller -Field ($Field + $New + @{ replaces = $true }) -Sink $Sink -ScriptBlock $ScriptBlock |
            Select-PPApp | Where-Object -FilterScript { $_.SecretId } | ForEach-Object -Process { $app = $_; $_ }
        if ($WhatIfPreference -and -not ($Sink -and $Sink['kind'])) {
            # Nobody will have it in place: the older ones stay.
            return
        }
        if (-not $WhatIfPreference) {
            if (-not $app -or -not $app.SecretSink) {
                # Nobody has it in place yet: the older ones stay.
                return
            }
            $rotation = Invoke-PPJob -Caller $Caller -Op 'rotation' -Field ($look + @{ placed = $app.SecretId })
            if (-not $rotation) {
                return
            }
            $asking.Advice = "The new client secret $($app.SecretId) is in place, and the older ones stay: " +
                'Update-PPClientSecret -Complete -OverlapDays 0 -Confirm:$false removes them and makes no other.'
        }
    }
    if ($New) {
        Write-Verbose -Message $rotation.Detail
    }
    Invoke-PPOldSecretRemoval -Caller $Caller -Field $Field -Rotation $rotation -Asking $asking
}

function Invoke-PPOldSecretRemoval {
    # Removes what a rotation says may go now, each after asking, and tells what may go later.
    param($Caller, [hashtable]$Field, $Rotation, [hashtable]$Asking)

    foreach ($keyId in $Rotation.Remove) {
        Invoke-PPSecretRemoval -Caller $Caller -Field ($Field + @{ keyId = $keyId; replaced = [bool]$WhatIfPreference }) -Asking $Asking
    }
    foreach ($kept in $Rotation.Keep) {
        $kept
        if (-not $WhatIfPreference) {
            Write-PPClosing -Row $kept -Text "Client secret $($kept.KeyId): $($kept.Detail)"
        }
    }
}

function Invoke-PPSecretRemoval {
    # Plans the removal of one secret, asks, and removes it.
    param(
        $Caller,

        [hashtable]$Field,

        # More for Test-PPApproval.
        [hashtable]$Asking = @{}
    )

    foreach ($change in Invoke-PPJob -Caller $Caller -Op 'planSecretRemoval' -Field $Field) {
        if (Test-PPApproval -Caller $Caller -Row $change @Asking) {
            Invoke-PPJob -Caller $Caller -Op 'removeSecret' -Field $Field | ForEach-Object {
                $_
                Write-PPClosing -Row $_ -Text "Client secret $($_.KeyId): $($_.Detail)"
            }
        }
    }
}
