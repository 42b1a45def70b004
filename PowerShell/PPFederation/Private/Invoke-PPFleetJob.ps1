function Invoke-PPFleetJob {
    # Plans all tenants where something grave may be done, or anything where the preference asks for that too; asks once, and does it. With
    # -WhatIf it stops after the plan.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The fields of the op "fleet".
        [Parameter(Mandatory = $true)]
        [hashtable]$Field
    )

    $writes = $Field.action -in 'Runbook', 'Rotate'
    $counts = @{}
    $asksAll = $ConfirmPreference -in 'Low', 'Medium'
    if ($WhatIfPreference) {
        return Invoke-PPFleetRun -Caller $Caller -Field ($Field + @{ plan = $true }) | Where-Object { $_ -is [PPFederation.FleetResult] }
    }
    if ($asksAll -and $Field.action -eq 'Backup' -and $Field.options['path']) {
        $backup = @{ Target = $Field.options['path']; Action = 'Write the attributes of all users of each tenant to its file'; Step = 'of the fleet' }
        if (-not (Test-PPApproval -Caller $Caller -Row $backup)) { return }
    }
    if ($writes -and $ConfirmPreference -ne 'None') {
        $since = [System.Diagnostics.Stopwatch]::StartNew()
        $planned = @(Invoke-PPFleetRun -Caller $Caller -Field ($Field + @{ plan = $true; precedesRun = $true; askAll = $asksAll }))
        $question = $planned | Where-Object { $_ -isnot [PPFederation.FleetResult] }
        if (-not $question) {
            return
        }
        # What couldn't be planned, what there was no time for and what the ledger has an end of is not asked about and not done.
        $rows, $left = $planned.Where({ $_ -is [PPFederation.FleetResult] }).Where({ $_.Result -ne 'Failed' -and $question.Left -notcontains $_.TenantId }, 'Split')
        $left | ForEach-Object {
            $counts[$_.Result] = 1 + $counts[$_.Result]
            $_
        }
        if ($question.Ask -and -not (Test-PPApproval -Caller $Caller -Row @{ Target = $question.Target; Action = $question.Action; Step = 'of the fleet' })) {
            return $rows | ForEach-Object {
                # Where nothing is left to change, nothing was declined.
                if ($_.Result -ne 'Done') {
                    $_.Result = 'Skipped'
                    $_.Detail = 'Declined when asked for confirmation.'
                }
                $_
            }
        }
        $Field = $Field.Clone()
        $Field.only = [string[]]@($question.Tenants)
        # What else is grave by the time that it is carried out, nobody was asked about.
        $Field.asked = [object[]]@($question.Asked | ForEach-Object { @{ tenant = $_.Tenant; steps = [string[]]@($_.Steps) } })
        $Field.failed = [object[]]@(
            if ($Field.ContainsKey('ledger')) {
                # It has these as it has what fails in a run.
                $question.Failed | ForEach-Object {
                    @{ named = $_.Named; tenantId = $_.TenantId; tenantName = $_.TenantName; errorId = $_.ErrorId; message = $_.Message }
                }
            })
        if ($Field.only.Count -eq 0 -and $Field.failed.Count -eq 0) {
            return
        }
        if ($Field.ContainsKey('timeBudgetMilliseconds')) {
            # The plan's time and the answer's are part of it; a second is the least that the library takes.
            $Field.timeBudgetMilliseconds = [math]::Max(1000, $Field.timeBudgetMilliseconds - $since.ElapsedMilliseconds)
        }
    }
    Invoke-PPFleetRun -Caller $Caller -Field $Field | ForEach-Object {
        $counts[$_.Result] = 1 + $counts[$_.Result]
        $_
    }
    if ($counts.Count -gt 0 -and ($writes -or $Field.action -eq 'Backup')) {
        Write-PPClosing -Whose "$($Field.action) of the fleet" -Text "$(Get-PPCountText -Count $counts)."
    }
}

function Invoke-PPFleetRun {
    # Runs the op, and writes the rows as they come. However it is ended, it says what is done, what was at work and what is left.
    param($Caller, [hashtable]$Field)

    $begun = [System.Collections.Generic.HashSet[string]]::new()
    $counts = @{}
    $ended = $false
    try {
        Invoke-PPJob -Caller $Caller -Op 'fleet' -Field $Field | ForEach-Object {
            if ($_ -is [PPFederation.FleetResult]) {
                [void]$begun.Remove($_.TenantId)
                $counts[$_.Result] = 1 + $counts[$_.Result]
                $_
            }
            elseif ($_.PSObject.TypeNames[0] -eq 'Deserialized.PPFederation.FleetBegun') {
                [void]$begun.Add($_.TenantId)
            }
            else {
                $_
            }
        }
        $ended = $true
    }
    finally {
        if (-not $ended -and ($begun.Count -gt 0 -or $counts.Count -gt 0)) {
            # The pipeline is over: only the host can be told, and a pipeline in here could be stopped as well.
            $said = 'Stopped while the tenants were looked at. Nothing was changed in any of them.'
            if (-not $Field['plan']) {
                $names = [string[]]@($counts.Keys)
                [System.Array]::Sort($names)
                $done = @(foreach ($name in $names) { "$($counts[$name]) $name" }) -join ', '
                $said = "Stopped. Through: $(if ($done) { $done } else { 'none' }). At work, and unknown until they are looked at again: $(if ($begun.Count) { $begun -join ', ' } else { 'none' }). The others are open."
            }
            $Caller.Host.UI.WriteWarningLine($said)
        }
    }
}
