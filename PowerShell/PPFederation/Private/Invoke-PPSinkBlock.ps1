function Invoke-PPSinkBlock {
    # Gives a new secret to the caller's script block, where that is the sink, and has the tenant remember it. Passes every
    # result on after that; the secret is left in it only where the block failed.
    param(
        # A run, or the application of a secret that was saved later.
        [Parameter(ValueFromPipeline = $true)]
        $Result,

        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # Fields that name the connection.
        [Parameter(Mandatory = $true)]
        [hashtable]$Field,

        [scriptblock]$ScriptBlock
    )

    process {
        if ($Result.SecretSink -ne 'ScriptBlock') {
            return $Result
        }
        $said = [System.Collections.Generic.List[System.Management.Automation.ErrorRecord]]::new()
        try {
            # What the block returns is not a result of this cmdlet. Most cmdlets fail without throwing: what they write tells it.
            Invoke-PPLoud -Caller $Caller -ScriptBlock $ScriptBlock -Argument $Result.ClientSecret, (ConvertTo-PPApp -Run $Result) 2>&1 |
                ForEach-Object { if ($_ -is [System.Management.Automation.ErrorRecord]) { $said.Add($_) } }
            # A native program writes there what is no error, too.
            $failed = @($said | Where-Object { $_.FullyQualifiedErrorId -notlike 'NativeCommandError*' }).Count -gt 0
        }
        catch {
            $said.Add($_)
            $failed = $true
        }
        if ($failed) {
            return Write-PPNotPlaced -Caller $Caller -App $Result -Why (Get-PPErrorText -Record $said)
        }
        $Result.ClientSecret = $null
        try {
            # Before anybody sees the result: what stops the pipeline then must not make the tenant forget it.
            Invoke-PPJob -Caller $Caller -Op 'secretPlaced' -Field (Get-PPSinkTarget -Connection $Field.connection -App $Result)
        }
        finally {
            $Result
        }
        if ($said.Count -gt 0) {
            Write-Warning -Message "What a program of the script block wrote to its error stream: $(Get-PPErrorText -Record $said)"
        }
    }
}

function Invoke-PPLoud {
    # Runs the caller's block so that it writes its errors, also where the caller silences them. Before PowerShell 7.2 the preference
    # Stop makes an error of the first line that a native program writes to its error stream, and ends the block in the middle of
    # that program: there it goes for cmdlets alone.
    param($Caller, [scriptblock]$ScriptBlock, [object[]]$Argument)

    $variables = [System.Collections.Generic.List[System.Management.Automation.PSVariable]]::new()
    $preference = $Caller.SessionState.PSVariable.GetValue('ErrorActionPreference')
    if ($preference -eq 'Stop' -and $PSVersionTable.PSVersion -lt '7.2') {
        $given = $Caller.SessionState.PSVariable.GetValue('PSDefaultParameterValues')
        $defaults = if ($given) { $given.Clone() } else { @{} }
        $defaults['*:ErrorAction'] = 'Stop'
        $variables.Add([System.Management.Automation.PSVariable]::new('PSDefaultParameterValues', $defaults))
    }
    elseif ('SilentlyContinue', 'Ignore' -notcontains $preference) {
        return & $ScriptBlock @Argument
    }
    $variables.Add([System.Management.Automation.PSVariable]::new('ErrorActionPreference', 'Continue'))
    $ScriptBlock.InvokeWithContext($null, $variables, $Argument)
}

function Get-PPErrorText {
    # What records say, each once, in a line.
    param([System.Collections.Generic.List[System.Management.Automation.ErrorRecord]]$Record)

    @($Record | ForEach-Object { $_.Exception.GetBaseException().Message.Trim().TrimEnd('.') } | Where-Object { $_ } | Select-Object -Unique) -join '. '
}

function Get-PPSinkTarget {
    # The fields of an op on one secret of the application that has it.
    param([uint64]$Connection, $App)

    @{ connection = $Connection; keyId = $App.SecretId; which = @{ appId = $App.AppId; adopt = $true } }
}

function Write-PPNotPlaced {
    # The result of a secret that the block did not take, which stays unclaimed, and the error for it. The error carries the
    # result, which holds the secret.
    param($Caller, $App, [string]$Why)

    $App.SecretSink = [System.Management.Automation.Language.NullString]::Value
    if ($App -is [PPFederation.RunResult]) {
        $App.Result = 'Failed'
        $App.Detail = 'The client secret was made, but is not in place: the error says why. Get-PPClientSecret -Unclaimed gives it.'
    }
    $App
    $Why = $Why.TrimEnd(' ', '.')
    $failure = Get-PPFailure -OfOne -Id 'PPFederation.SecretNotPlaced' -Category ResourceUnavailable -Target $App `
        -Message ("Client secret $($App.SecretId) was made, but the script block did not put it in place: $Why. " +
            "Its text is unclaimed in this session: Get-PPClientSecret -Unclaimed -KeyId $($App.SecretId). " +
            "Remove-PPClientSecret -KeyId $($App.SecretId) removes it.") `
        -Advice 'Get-PPClientSecret -Unclaimed gives it, as does the TargetObject of this error; Save-PPClientSecret puts it in place.'
    Write-PPError -Caller $Caller -Failure $failure
}
