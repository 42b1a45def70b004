function Import-PPCallerPreference {
    # A function of a script module sees the global preferences, but not those of the function or script that calls it:
    # without this, $WhatIfPreference = $true in a caller's function would not stop a write. Copies each preference from
    # the caller into the exported function, except where the matching parameter was given.
    param(
        # The exported function's $PSCmdlet: its SessionState is the caller's.
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Cmdlet
    )

    $parameters = @{
        ConfirmPreference     = 'Confirm'
        DebugPreference       = 'Debug'
        ErrorActionPreference = 'ErrorAction'
        InformationPreference = 'InformationAction'
        ProgressPreference    = 'ProgressAction'
        VerbosePreference     = 'Verbose'
        WarningPreference     = 'WarningAction'
        WhatIfPreference      = 'WhatIf'
    }
    foreach ($name in $parameters.Keys) {
        if ($Cmdlet.MyInvocation.BoundParameters.ContainsKey($parameters[$name])) {
            if ($name -eq 'DebugPreference' -and $DebugPreference -eq 'Inquire') {
                # What -Debug means in Windows PowerShell 5.1: a question after each line, which no reader of them wants.
                Set-Variable -Name $name -Value 'Continue' -Scope 1 -WhatIf:$false -Confirm:$false
            }
            continue
        }
        $value = $Cmdlet.SessionState.PSVariable.GetValue($name)
        if ($null -ne $value) {
            Set-Variable -Name $name -Value $value -Scope 1 -WhatIf:$false -Confirm:$false
        }
    }
}
