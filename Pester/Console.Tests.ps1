# What only a terminal shows and takes: widths, progress bars, questions, Ctrl+C, the sign-in of a person. Each script runs in
# a shell and a terminal of its own.

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'Terminal.ps1')
    $noTerminal = -not (Test-Terminal)
    if ($noTerminal) {
        Write-Host '== tmux is not installed: what only a terminal shows is not tested'
    }
}

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'Terminal.ps1')
    . (Join-Path $PSScriptRoot 'Views.ps1')
    $tools = Join-Path $PSScriptRoot 'TestTenant.ps1'

    function Start-TestTerminal {
        # A terminal in which a script works on the tenant, connected where nothing else is said.
        param($Tenant, [string]$Work, [int]$Columns = 120, [switch]$NotConnected, [hashtable]$More = @{})

        $known = $Tenant | Select-Object -Property Login, Graph, Control, Vault, TenantId, Clients, Neighbours | ConvertTo-Json -Depth 5 -Compress
        $connect = if ($NotConnected) { '' } else { '[void](Connect-TestTenant $tenant)' }
        $file = Join-Path $TestDrive 'work.ps1'
        [System.IO.File]::WriteAllText($file, @"
Import-Module -Name '$env:PPFEDERATION_MODULE'
. '$tools'
`$tenant = '$known' | ConvertFrom-Json
`$custom = @{ TenantId = `$tenant.TenantId; Environment = 'Custom'; LoginEndpoint = `$tenant.Login; GraphEndpoint = `$tenant.Graph }
$connect
$Work
"@)
        Start-Terminal -Script $file -Columns $Columns @More
    }

    function Get-TestTerminal {
        # What a script showed in a terminal, up to its end.
        param($Tenant, [string]$Work, [int]$Columns = 120)

        $terminal = Start-TestTerminal $Tenant $Work -Columns $Columns
        try {
            Read-Terminal $terminal
        }
        finally {
            Stop-Terminal $terminal
        }
    }

    function Set-TestLatency {
        param($Tenant, [int]$Milliseconds)

        [void](Set-TestTenant $Tenant '/latency' @{ ms = $Milliseconds })
    }
}

Describe 'A terminal of <Columns> columns' -Skip:$noTerminal -ForEach @(@{ Columns = 80 }, @{ Columns = 120 }, @{ Columns = 200 }) {
    BeforeAll {
        $tenant = Start-TestTenant
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'shows every view within its width, and nothing of it is cut off' {
        Assert-View -Lines ((Get-TestTerminal $tenant -Columns $Columns (Get-ViewScript)) -split "`n") -Columns $Columns
    }
}

Describe '<Cmdlet> in a terminal' -Skip:$noTerminal -ForEach @(
    @{ Cmdlet = 'Invoke-PPRunbook'; Call = 'Invoke-PPRunbook -Confirm:$false'; Bar = 'Practice Protect federation' }
    @{ Cmdlet = 'Wait-PPDirSync'; Call = 'Wait-PPDirSync'; Bar = 'Waiting for directory synchronization' }
    @{ Cmdlet = 'Disable-PPDirSync -Wait'; Call = 'Disable-PPDirSync -Wait -Confirm:$false'; Bar = 'Waiting for directory synchronization' }
) {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        if ($Cmdlet -eq 'Wait-PPDirSync') {
            [void](Disable-PPDirSync -Confirm:$false)
        }
        Set-TestLatency $tenant 500
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'shows a bar for as long as it works, and Ctrl+C ends it: finally blocks run, the rest of the script does not' {
        $terminal = Start-TestTerminal $tenant "'ready'`ntry { $Call; 'ended' } finally { Write-Host 'cleaned' }`n'rest'"
        try {
            [void](Read-Terminal $terminal 'ready')
            [void](Read-Terminal $terminal $Bar)
            # What lasts is said again.
            [void](Read-Terminal $terminal $Bar)
            Send-Terminal $terminal -Key C-c
            $said = Read-Terminal $terminal
            $said | Should -Match 'cleaned'
            $said | Should -Not -Match 'rest|ended'
        }
        finally {
            Stop-Terminal $terminal
        }
    }
}

Describe 'A state in a terminal' -Skip:$noTerminal {
    BeforeAll {
        $tenant = Start-TestTenant
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'is red where it is not done; <How> it has no colour' -ForEach @(
        @{ How = 'with NO_COLOR'; Before = ''; Environment = @{ NO_COLOR = '1' } }
        @{ How = 'where $PSStyle is told so'; Before = '$PSStyle.OutputRendering = "PlainText"'; Environment = @{} }
        @{ How = 'in a file'; Before = ''; Environment = @{}; To = ' | Out-File states.txt; [IO.File]::ReadAllText("$PWD/states.txt")' }
    ) {
        $work = "Set-Location '$TestDrive'`n$Before`nGet-PPFederationStatus$To"
        $terminal = Start-TestTerminal $tenant $work -More @{ Environment = $Environment }
        try {
            (Read-Terminal $terminal) | Should -Match 'DirSync +NotDone'
            [System.Text.Encoding]::UTF8.GetString($terminal.Said.ToArray()) | Should -Not -Match '\x1b\[31m'
        }
        finally {
            Stop-Terminal $terminal
        }
        $terminal = Start-TestTerminal $tenant 'Get-PPFederationStatus'
        try {
            [void](Read-Terminal $terminal)
            [System.Text.Encoding]::UTF8.GetString($terminal.Said.ToArray()) | Should -Match '\x1b\[31mNotDone'
        }
        finally {
            Stop-Terminal $terminal
        }
    }
}

Describe 'A question in a terminal' -Skip:$noTerminal {
    BeforeEach {
        $tenant = Start-TestTenant
    }

    AfterEach {
        Stop-Terminal $terminal
        Stop-TestTenant $tenant
    }

    It 'takes <Keys>' -ForEach @(
        @{ Keys = 'y, y, y'; Answers = 'y', 'y', 'y'; Asked = 3; Done = 'ApplicationConsent', 'DirSync', 'GlobalAdministrator' }
        @{ Keys = 'a'; Answers = , 'a'; Asked = 1; Done = 'ApplicationConsent', 'DirSync', 'GlobalAdministrator' }
        @{ Keys = 'n, y, y'; Answers = 'n', 'y', 'y'; Asked = 3; Done = 'ApplicationConsent', 'GlobalAdministrator' }
        @{ Keys = 'l'; Answers = , 'l'; Asked = 1; Done = @() }
        @{ Keys = 'a question mark, then l'; Answers = '?', 'l'; Asked = 2; Done = @() }
        @{ Keys = 's, then exit, then l'; Answers = 's', 'exit', 'l'; Asked = 2; Done = @() }
    ) {
        $terminal = Start-TestTerminal $tenant @'
$result = Invoke-PPRunbook
"done: $(@($result.Steps | Where-Object { $_.Result -in 'Done', 'Pending' -and $_.Step -in 'DirSync', 'ApplicationConsent', 'GlobalAdministrator' } | ForEach-Object { $_.Step } | Sort-Object) -join ' ').done"
'@
        $questions = 0
        foreach ($answer in $Answers) {
            if ($answer -eq 'exit') {
                [void](Read-Terminal $terminal '>> ?')
            }
            else {
                [void](Read-Terminal $terminal 'default is "Y"\)\s*:')
                $questions++
            }
            Send-Terminal $terminal -Text $answer -Key Enter
        }
        [void](Read-Terminal $terminal "done: $($Done -join ' ').done")
        $questions | Should -Be $Asked
        (Read-Terminal $terminal) | Should -Not -Match 'default is'
    }

    It 'shows a secret until a key is pressed, and leaves nothing of it and of what it said' {
        $terminal = Start-TestTerminal $tenant 'Invoke-PPRunbook -Confirm:$false | Show-PPClientSecret; "over"; [void][Console]::ReadKey($true)'
        [void](Read-Terminal $terminal 'default is "Y"\)\s*:')
        Send-Terminal $terminal -Text y -Key Enter
        $said = Read-Terminal $terminal 'Press any key'
        $secret = ([regex]'[A-Za-z0-9~_.\-]{34,}').Match($said).Value
        $secret | Should -Not -BeNullOrEmpty
        $screen = @(& tmux -L $terminal.Name capture-pane -p -J)
        $screen -match [regex]::Escape($secret) | Should -HaveCount 1
        Send-Terminal $terminal -Text x
        [void](Read-Terminal $terminal 'over')
        $screen = @(& tmux -L $terminal.Name capture-pane -p -J)
        $screen -match 'Press any key|to clear it' | Should -BeNullOrEmpty
        $screen -match [regex]::Escape($secret) | Should -BeNullOrEmpty
    }

    It 'offers the unclaimed secret, keeps it where that is declined, and lets go of it when it was shown' {
        $terminal = Start-TestTerminal $tenant @'
[void](Invoke-PPRunbook -NewSecret -Confirm:$false -WarningAction SilentlyContinue)
Show-PPClientSecret
"left $(@(Get-PPClientSecret -Unclaimed).Count)"
Show-PPClientSecret
"then $(@(Get-PPClientSecret -Unclaimed).Count)"
'@
        [void](Read-Terminal $terminal 'default is "Y"\)\s*:')
        Send-Terminal $terminal -Text n -Key Enter
        [void](Read-Terminal $terminal 'left 1')
        [void](Read-Terminal $terminal 'default is "Y"\)\s*:')
        Send-Terminal $terminal -Text y -Key Enter
        [void](Read-Terminal $terminal 'Press any key')
        Send-Terminal $terminal -Text x
        [void](Read-Terminal $terminal 'then 0')
    }
}

Describe 'A fleet in a terminal' -Skip:$noTerminal {
    BeforeAll {
        $fleet = @'
$customers = @(foreach ($one in $tenant.Neighbours) {
        $admin = @($one.clients | Where-Object { $_.kind -eq 'admin' })[0]
        [pscustomobject]@{ TenantId = $one.tenantId; ClientId = $admin.clientId; ClientSecret = ConvertTo-TestSecret $admin.clientSecret
            Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph }
    })
$run = @{ Action = 'Runbook'; Skip = 'DirSync'; SecretSink = 'KeyVault'; VaultUri = ($tenant.Vault -replace '[^/]+$') + '{TenantId}'; RetryBudgetSec = 4 }
'@
    }

    AfterEach {
        Stop-Terminal $terminal
        Stop-TestTenant $tenant
    }

    It 'asks one question for all tenants in which anything is left to change, and takes <Key>' -ForEach @(
        @{ Key = 'y'; Result = 'Done' }
        @{ Key = 'n'; Result = 'Skipped' }
    ) {
        $tenant = Start-TestTenant '--neighbours 3 --latency-ms 0'
        $work = @'
[void]($customers[0] | Invoke-PPFleet @run -Confirm:$false)
$rows = @($customers | Invoke-PPFleet @run)
"results: $(@($rows | ForEach-Object { "$($_.TenantName) $($_.Result)" } | Sort-Object) -join ', ').over"
'@
        $terminal = Start-TestTerminal $tenant "$fleet`n$work" -NotConnected -Columns 400
        $question = Read-Terminal $terminal 'default is "Y"\)\s*:'
        $question | Should -Match 'Grant the application permissions in 2; Make the application Global Administrator in 2'
        $question | Should -Match '2 of 3 tenants: Customer 3 Pty Ltd, Customer 4 Pty Ltd'
        Send-Terminal $terminal -Text $Key -Key Enter
        $said = Read-Terminal $terminal 'results: .*\.over'
        $said | Should -BeLike "*results: Customer 2 Pty Ltd Done, Customer 3 Pty Ltd $Result, Customer 4 Pty Ltd $Result.over"
        (Read-Terminal $terminal) | Should -Not -Match 'default is'
    }

    It 'says after Ctrl+C what is through, what was at work, and that the others are open' {
        $tenant = Start-TestTenant '--neighbours 3 --latency-ms 1000'
        $work = 'try { $customers | Invoke-PPFleet -Action Status -ThrottleLimit 1 | ForEach-Object { "row $($_.Result)" }; "ended" } finally { Write-Host "cleaned" }'
        $terminal = Start-TestTerminal $tenant "$fleet`n$work`n'rest'" -NotConnected -Columns 400
        [void](Read-Terminal $terminal 'row Done')
        # The bar is drawn again: the second is at work.
        [void](Read-Terminal $terminal 'Status in 3 tenants')
        Send-Terminal $terminal -Key C-c
        $said = Read-Terminal $terminal
        $second = $tenant.Neighbours[1].tenantId
        $said | Should -Match "Stopped\. Through: 1 Done\. At work, and unknown until they are looked at again: $second\. The others are open\."
        $said | Should -Match 'cleaned'
        $said | Should -Not -Match 'rest|ended'
    }

    It 'says after Ctrl+C before the question that nothing was changed' {
        $tenant = Start-TestTenant '--neighbours 3 --latency-ms 1000'
        $work = 'try { $customers | Invoke-PPFleet @run -ThrottleLimit 1; "ended" } finally { Write-Host "cleaned" }'
        $terminal = Start-TestTerminal $tenant "$fleet`n$work`n'rest'" -NotConnected -Columns 400
        [void](Read-Terminal $terminal 'Runbook in 3 tenants')
        Send-Terminal $terminal -Key C-c
        $said = Read-Terminal $terminal
        $said | Should -Match 'Stopped while the tenants were looked at\. Nothing was changed in any of them\.'
        $said | Should -Match 'cleaned'
        $said | Should -Not -Match 'rest|ended|At work'
    }
}

Describe 'A person signs in in a terminal' -Skip:$noTerminal {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Set-TestTenant $tenant '/signIn' @{ interval = 1; pendingPolls = 0 })
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    AfterEach {
        Stop-Terminal $terminal
    }

    It 'in a browser, by the address that is shown, <How>' -ForEach @(
        @{ How = 'as it is'; Option = @(); Before = '' }
        @{ How = 'non-interactive'; Option = , '-NonInteractive'; Before = '' }
        @{ How = 'with every preference silent'; Option = @(); Before = '$InformationPreference = $WarningPreference = $ProgressPreference = "Ignore"' }
    ) {
        $work = "$Before`n`$c = Connect-PPTenant @custom -NoBrowser`n`"user `$(`$c.User)`""
        $terminal = Start-TestTerminal $tenant $work -NotConnected -More @{ Option = $Option } -Columns 2000
        $said = Read-Terminal $terminal 'http://\S+/authorize\?\S+(?=\n)'
        [void](Invoke-WebRequest -Uri ([regex]'http://\S+/authorize\?\S+').Match($said).Value -UseBasicParsing)
        [void](Read-Terminal $terminal 'user ada@partner.example')
    }

    It 'in the browser that the system opens' {
        # The system's way to its browser is the command xdg-open; a person's browser is curl here.
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'browser')).FullName
        [System.IO.File]::WriteAllText("$folder/xdg-open", "#!/bin/sh`nexec curl -sL `"`$1`"`n")
        & chmod +x "$folder/xdg-open"
        $desktop = @{ PATH = "${folder}:$env:PATH"; DISPLAY = ':0'; SSH_CONNECTION = '' }
        $terminal = Start-TestTerminal $tenant "`$c = Connect-PPTenant @custom`n`"user `$(`$c.User)`"" -NotConnected -More @{ Environment = $desktop }
        [void](Read-Terminal $terminal 'user ada@partner.example')
    }

    It 'with a code, <How>' -ForEach @(
        @{ How = 'as it is'; Before = '' }
        @{ How = 'with every preference silent'; Before = '$InformationPreference = $WarningPreference = $ProgressPreference = "Ignore"' }
    ) {
        $terminal = Start-TestTerminal $tenant "$Before`n`$c = Connect-PPTenant @custom -DeviceCode`n`"user `$(`$c.User)`"" -NotConnected
        [void](Read-Terminal $terminal 'enter the code [0-9A-F]{9} to authenticate')
        [void](Read-Terminal $terminal 'user ada@partner.example')
    }
}
