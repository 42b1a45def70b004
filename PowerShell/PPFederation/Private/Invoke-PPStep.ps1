function Invoke-PPStep {
    # Plans the steps, asks for each change, applies what was approved. Writes the run.
    # With -WhatIf it stops after the plan: nothing but reads is sent.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The fields of the op "plan": connection, steps to take or to skip, and options; or, with a path, of "keptPlan".
        [Parameter(Mandatory = $true)]
        [hashtable]$Field,

        # Where a new secret goes, as Get-PPSink returned it; $null: to the caller.
        [hashtable]$Sink,

        # The caller's script block that puts the secret in place.
        [scriptblock]$ScriptBlock
    )

    $kept = $Field.ContainsKey('path')
    $look, $do = if ($kept) { 'keptPlan', 'applyKept' } else { 'plan', 'apply' }
    $failed = [System.Collections.Generic.List[object]]::new()
    $deleted = if ($kept) { '' } else { 'PPFederation.ApplicationDeleted' }
    $plan = @(Invoke-PPJob -Caller $Caller -Op $look -Field $Field -Failed $failed -Unwritten $deleted)
    if ($failed.Count -gt 0 -and $failed[0].Id -eq $deleted) {
        $choice = Read-PPDeletedChoice -Caller $Caller -Failure $failed[0]
        if ($choice) {
            $failed.Clear()
            $Field = $Field.Clone()
            $Field.deletedApp = $choice
            $plan = @(Invoke-PPJob -Caller $Caller -Op $look -Field $Field -Failed $failed)
        }
        else {
            Write-PPError -Caller $Caller -Failure $failed[0]
        }
    }
    if ($failed.Count -gt 0 -and -not $WhatIfPreference) {
        return ConvertTo-PPFailedRun -Failure $failed[0] -Field $Field -Plan $plan -Result 'NotDone'
    }
    if ($plan.Count -eq 0) {
        # A plan in which there is nothing to change, which was said.
        return
    }
    $approved = @(Select-PPApprovedStep -Caller $Caller -Plan $plan)
    if ($WhatIfPreference) {
        if ($failed.Count -eq 0 -and $plan.Change -notcontains $true) {
            Write-PPWhatIf -Text "Nothing is left to change for $($plan[0].Target). Get-PPFederationStatus shows where each step stands."
        }
        return
    }
    $apply = $Field.Clone()
    # What was to be left out is not in the plan.
    $apply.Remove('skip')
    $apply.Remove('replaces')
    $apply.plan = [uint64]$plan[0].Plan
    $apply.steps = [string[]]$approved
    $apply.declined = [string[]]@($plan.Step | Where-Object { $approved -notcontains $_ })
    $apply.sink = $Sink
    if (-not $kept -and $ConfirmPreference -ne 'None') {
        # What else is grave by the time that it is carried out, nobody was asked about.
        $apply.asked = [string[]]@($plan | Where-Object { $_.Change -and $_.Impact -eq 'High' -and $approved -contains $_.Step } | ForEach-Object { $_.Step })
    }
    if ($kept) {
        # That file and no other, whatever lies at its path by now.
        $apply.hash = $plan[0].PlanHash
    }
    $ran = $false
    Invoke-PPJob -Caller $Caller -Op $do -Field $apply -Failed $failed |
        Invoke-PPSinkBlock -Caller $Caller -Field $Field -ScriptBlock $ScriptBlock |
        ForEach-Object {
            $ran = $true
            $_
            Write-PPClosing -Row $_ -Text $_.Detail
        }
    if (-not $ran -and $failed.Count -gt 0) {
        ConvertTo-PPFailedRun -Failure $failed[0] -Field $Field -Plan $plan -Result 'Unknown'
    }
}

function ConvertTo-PPFailedRun {
    # The run of a tenant that ended with an error in place of a result: whoever runs many counts it with the others.
    param(
        $Failure,

        [hashtable]$Field,

        # What was planned, as far as that went.
        $Plan,

        # What is known of the steps: NotDone before the first write, Unknown after it.
        [string]$Result
    )

    $run = [PPFederation.RunResult]::new()
    $whose = Get-PPWhose -Field $Field
    if ($whose) {
        $run.TenantId = $whose.TenantId
        $run.TenantName = $whose.TenantName
    }
    $run.Result = 'Failed'
    $run.Detail = "$($Failure.Id): $($Failure.Message)"
    $run.Steps = @(foreach ($row in $Plan) {
            $step = [PPFederation.StepResult]::new()
            $step.TenantId, $step.TenantName = $run.TenantId, $run.TenantName
            # What was done before is so, whatever befell the run.
            $came = switch ($row.State) { 'Done' { 'AlreadyDone' } 'Pending' { 'Pending' } default { $Result } }
            $step.Step, $step.Result, $step.Action, $step.Detail = $row.Step, $came, 'None', $row.Detail
            $column = if ($row.Step -eq 'ClientSecret') { 'ClientSecretResult' } else { $row.Step }
            $run.$column = $came
            $step
        })
    $run
}

function Select-PPApprovedStep {
    # The names of the steps to go on with: those that change nothing, and those whose change ShouldProcess let through.
    # The exported function says ConfirmImpact High, for its gravest step; a change of medium impact must not prompt
    # unless the preference asks for that too.
    param($Caller, $Plan)

    foreach ($row in $Plan) {
        if (-not $row.Change) {
            Write-Verbose -Message "$($row.Step): $($row.Detail)"
            $row.Step
        }
        elseif ($row.Impact -ne 'High' -and $ConfirmPreference -eq 'High' -and -not $WhatIfPreference) {
            Write-Verbose -Message "Performing the operation `"$($row.Action)`" on target `"$($row.Target)`"."
            $row.Step
        }
        elseif (Test-PPApproval -Caller $Caller -Row $row) {
            $row.Step
        }
    }
}

function Test-PPApproval {
    # Asks by ShouldProcess. Where nobody can be asked, the command ends: going on with the other steps is not what was
    # wanted. The attribute says that it asks; whether it does is the exported function's to say, in whose name it asks.
    [CmdletBinding(SupportsShouldProcess = $true)]
    param(
        $Caller,

        $Row,

        # What the caller is told where nobody can be asked, if something was changed before.
        [string]$Advice = 'Nothing was changed. Look at the plan with -WhatIf, then run it unattended with -Confirm:$false.'
    )

    try {
        return $Caller.ShouldProcess($Row.Target, $Row.Action)
    }
    catch {
        $why = $_.Exception.GetBaseException().Message
    }
    Write-PPError -Caller $Caller -Failure (
        Get-PPFailure -Id 'PPFederation.CannotAsk' -Category InvalidOperation -Target $Row.Step `
            -Message "The confirmation for step $($Row.Step) cannot be asked for: $why" `
            -Advice $Advice)
}
