function Invoke-PPTakeBack {
    # Plans what is to be taken back, asks for each step, takes back what was approved. Writes a row for each thing.
    # With -WhatIf it stops after the plan: nothing but reads is sent.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The op that plans, and the one that carries out.
        [Parameter(Mandatory = $true)]
        [string]$Look,

        [Parameter(Mandatory = $true)]
        [string]$Do,

        # The fields of both.
        [Parameter(Mandatory = $true)]
        [hashtable]$Field
    )

    $failed = [System.Collections.Generic.List[object]]::new()
    $plan = @(Invoke-PPJob -Caller $Caller -Op $Look -Field $Field -Failed $failed)
    if ($failed.Count -gt 0) {
        return
    }
    if ($plan.Count -eq 0) {
        $tenant = (Get-PPWhose -Field $Field).Name
        if ($WhatIfPreference) {
            Write-PPWhatIf -Text "Nothing is left to change for tenant $tenant."
        }
        else {
            Write-PPShown -Text "${tenant}: Nothing is left to take back."
        }
        return
    }
    $approved = @($plan | Where-Object { Test-PPApproval -Caller $Caller -Row $_ } | ForEach-Object -MemberName Step)
    if ($WhatIfPreference -or $approved.Count -eq 0) {
        return
    }
    $fields = $Field.Clone()
    $fields.steps = [string[]]@($approved | Where-Object { $_ -ne 'Permanently' })
    $fields.declined = [string[]]@($plan.Step | Where-Object { $_ -ne 'Permanently' -and $approved -notcontains $_ })
    if ($fields.ContainsKey('permanently')) {
        $fields.permanently = $approved -contains 'Permanently'
    }
    if ($plan[0].Plan) {
        # Of what was asked about, and of no other application.
        $fields.plan = [uint64]$plan[0].Plan
    }
    if ($plan[0].PlanHash) {
        # That file and no other, whatever lies at its path by now.
        $fields.hash = $plan[0].PlanHash
    }
    $rows = [System.Collections.Generic.List[object]]::new()
    Invoke-PPJob -Caller $Caller -Op $Do -Field $fields | ForEach-Object {
        $rows.Add($_)
        $_
    }
    if ($rows.Count -gt 0) {
        Write-PPClosing -Row $rows[0] -Text (Get-PPTakenBackText -Row $rows)
    }
}

function Get-PPTakenBackText {
    # What the rows come to, in a sentence.
    param($Row)

    $back = @($Row | Where-Object { $_.Result -eq 'Done' -or $_.Result -eq 'AlreadyDone' })
    $text = "$($back.Count) of $($Row.Count) changes are taken back."
    $until = @($Row | Where-Object { $_.RecoverableUntil })
    if ($until.Count -gt 0) {
        $day = $until[-1].RecoverableUntil.ToString('yyyy-MM-dd', [System.Globalization.CultureInfo]::InvariantCulture)
        $text = "$text Restore-PPFederationApp restores what was deleted until $day."
    }
    $text
}
