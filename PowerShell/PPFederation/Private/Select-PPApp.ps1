function Select-PPApp {
    # Passes a run's application on, and tells the steps' results to the verbose stream.
    param(
        [Parameter(ValueFromPipeline = $true)]
        [PPFederation.RunResult]$Run,

        # Warns where a secret is kept: whoever asks for one and gets none must be told.
        [switch]$WarnOfKept
    )

    process {
        foreach ($row in $Run.Steps) {
            if ($WarnOfKept -and $row.Result -eq 'AlreadyDone') {
                $whose = [PPFederation.Native.ViewText]::Tenant($Run.TenantName, $Run.TenantId)
                Write-Warning -Message "${whose}: No secret was made, since there is one already: $($row.Detail). -NewSecret makes another; what this session made and nobody has claimed, Get-PPClientSecret -Unclaimed gives."
            }
            else {
                Write-Verbose -Message "$($row.Step): $($row.Result). $($row.Detail)"
            }
        }
        if ($Run.AppId) {
            ConvertTo-PPApp -Run $Run
        }
    }
}

function ConvertTo-PPApp {
    # The application of a run, or of a secret that was saved later: those of its columns that an application has.
    param($Run)

    $app = [PPFederation.App]::new()
    foreach ($column in $app.PSObject.Properties) {
        # Nothing stays nothing: PowerShell would make an empty text of it.
        if ($null -ne $Run.($column.Name)) {
            $column.Value = $Run.($column.Name)
        }
    }
    $app
}
