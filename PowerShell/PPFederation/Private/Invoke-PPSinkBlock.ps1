function Invoke-PPSinkBlock {
    # Gives the new secret of a run to the caller's script block, where that is the sink, and has the tenant remember it. Passes every
    # result on; the secret is left in it only where the block failed.
    param(
        [Parameter(ValueFromPipeline = $true)]
        [PPFederation.RunResult]$Result,

        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # Fields that name the connection and the application.
        [Parameter(Mandatory = $true)]
        [hashtable]$Field,

        [scriptblock]$ScriptBlock
    )

    process {
        if ($Result.SecretSink -ne 'ScriptBlock') {
            return $Result
        }
        $why = ''
        try {
            # What the block returns is not a result of this cmdlet.
            $null = & $ScriptBlock $Result.ClientSecret (ConvertTo-PPApp -Run $Result)
            $Result.ClientSecret = $null
        }
        catch {
            $why = $_.Exception.Message
            $Result.SecretSink = [System.Management.Automation.Language.NullString]::Value
            $Result.Result = 'Failed'
            $Result.Detail = 'The client secret was made, but is not in place: the error says why.'
        }
        $Result
        if ($why) {
            Write-PPNotPlaced -Caller $Caller -App $Result -Why $why
        }
        else {
            Invoke-PPJob -Caller $Caller -Op 'secretPlaced' -Field (Get-PPSinkTarget -Field $Field -App $Result)
        }
    }
}

function Get-PPSinkTarget {
    # The fields of an op on one secret of the application.
    param([hashtable]$Field, $App)

    $target = @{ connection = $Field.connection; keyId = $App.SecretId }
    foreach ($name in 'displayName', 'adopt') {
        if ($Field.ContainsKey($name)) {
            $target[$name] = $Field[$name]
        }
    }
    $target
}

function Write-PPNotPlaced {
    # The error for a secret that the block did not take. It carries the object that holds the secret.
    param($Caller, $App, [string]$Why)

    $failure = New-PPFailure -Id 'PPFederation.SecretNotPlaced' -Category ResourceUnavailable -Target $App `
        -Message ("Client secret $($App.SecretId) was made, but the script block did not put it in place: $Why " +
            "To remove it: Remove-PPClientSecret -KeyId $($App.SecretId)") `
        -Advice 'The TargetObject of this error holds it as ClientSecret, in this session only.'
    $failure.Terminating = $false
    Write-PPError -Caller $Caller -Failure $failure
}
