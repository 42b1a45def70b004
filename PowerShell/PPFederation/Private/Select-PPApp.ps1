function Select-PPApp {
    # Passes the application on, and tells the steps' results to the verbose stream.
    param(
        [Parameter(ValueFromPipeline = $true)]
        $Result,

        # Warns where a secret is kept: whoever asks for one and gets none must be told.
        [switch]$WarnOfKept
    )

    process {
        if ($Result.PSObject.TypeNames -notcontains 'PPFederation.StepResult') {
            $Result
        }
        elseif ($WarnOfKept -and $Result.Result -eq 'AlreadyDone') {
            Write-Warning -Message "No secret was made, since there is one already: $($Result.Detail). -NewSecret makes another."
        }
        else {
            Write-Verbose -Message "$($Result.Step): $($Result.Result). $($Result.Detail)"
        }
    }
}
