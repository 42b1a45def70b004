# Get-PPDirSync, Disable-PPDirSync, Wait-PPDirSync.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')

    function Start-Wait {
        # A cmdlet that waits, in a runspace of its own, as a session at the prompt; back when it shows its progress.
        param([string]$Script, $Connection)

        $shell = [System.Management.Automation.PowerShell]::Create()
        $shell.Runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace(
            [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
        $shell.Runspace.Open()
        [void]$shell.AddScript("Import-Module '$env:PPFEDERATION_MODULE'; `$args[0] | $Script").AddArgument($Connection)
        $running = $shell.BeginInvoke()
        $shown = [System.Threading.SpinWait]::SpinUntil({ $shell.Streams.Progress.Count -gt 0 -or $running.IsCompleted }, 60000)
        if (-not $shown -or $running.IsCompleted) {
            throw "$Script does not wait: $($shell.Streams.Error)"
        }
        $shell
    }

    function Stop-Wait {
        # Ctrl+C, as the engine sees it.
        param($Shell)

        $Shell.Stop()
        $Shell.Runspace.Dispose()
        $Shell.Dispose()
    }
}

Describe 'Directory synchronization' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'is On in a fresh tenant, with what it counts' {
        $state = Get-PPDirSync
        $state.PSObject.TypeNames[0] | Should -Be 'PPFederation.DirSync'
        $state.State | Should -Be 'On'
        $state.OnPremisesSyncEnabled | Should -Be $true
        $state.TenantId | Should -Be $tenant.TenantId
        $state.TenantName | Should -Not -BeNullOrEmpty
        $state.SyncedUsers | Should -BeGreaterThan 0
    }

    It 'says whether a client is running, and names the first ten of each kind' {
        $state = Get-PPDirSync
        $state.SyncClient | Should -Be 'Running'
        $state.Detail | Should -Match 'a synchronization client is running, last at .* Uninstall Entra Connect'
        @($state.SyncedObjects -match '^User .+@.+ \([0-9a-f-]{36}\)$').Count | Should -Be ([math]::Min(10, $state.SyncedUsers))
        @($state.SyncedObjects -match '^Group ').Count | Should -Be ([math]::Min(10, $state.SyncedGroups))
        @($state.SyncedObjects -match '^Contact ').Count | Should -Be ([math]::Min(10, $state.SyncedContacts))
    }

    It 'is one flat line of a CSV, the names in one cell' {
        $row = Get-PPDirSync | ConvertTo-Csv | ConvertFrom-Csv
        $row.SyncedObjects | Should -Be ((Get-PPDirSync).SyncedObjects -join '; ')
        $row.SyncedObjects | Should -Match '; Group '
    }

    It 'warns of the running client in the plan, which is not refused' {
        Disable-PPDirSync -WhatIf -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -Match 'a synchronization client is running'
    }

    It 'is Pending after Disable-PPDirSync' {
        (Disable-PPDirSync -Confirm:$false).State | Should -Be 'Pending'
        (Get-PPDirSync).State | Should -Be 'Pending'
    }

    It 'is not switched off a second time' {
        Clear-TestRequest $tenant
        (Disable-PPDirSync -Confirm:$false).State | Should -Be 'Pending'
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'is waited for until the time is over, with an error that says so' {
        { Wait-PPDirSync -TimeoutSec 1 } | Should -Throw -ErrorId 'PPFederation.DirSyncWaitTimedOut,Wait-PPDirSync'
        { Disable-PPDirSync -Wait -TimeoutSec 1 -Confirm:$false } |
            Should -Throw -ErrorId 'PPFederation.DirSyncWaitTimedOut,Disable-PPDirSync'
    }

    It 'says in that error that it goes on, since when, and how to take it up' {
        $failure = Get-Failure { Wait-PPDirSync -TimeoutSec 0 }
        $failure.CategoryInfo.Category | Should -Be 'OperationTimeout'
        $failure.ToString() | Should -Match '\d+ users'
        $failure.Exception.Advice | Should -Match '72 hours.*Wait-PPDirSync'
    }

    It 'shows what is known while it waits, and no end that nobody knows' {
        $shell = Start-Wait 'Wait-PPDirSync' (Get-PPConnection)
        try {
            $bar = $shell.Streams.Progress[0]
            $bar.Activity | Should -Be 'Waiting for directory synchronization'
            $bar.StatusDescription | Should -Match '\d+ users'
            $bar.SecondsRemaining | Should -Be -1
        }
        finally {
            Stop-Wait $shell
        }
    }

    It 'stops waiting at Ctrl+C: <Script>' -ForEach @(
        @{ Script = 'Wait-PPDirSync' }, @{ Script = 'Disable-PPDirSync -Wait -Confirm:$false' }
    ) {
        $threads = [System.Diagnostics.Process]::GetCurrentProcess().Threads.Count
        Clear-TestRequest $tenant
        $shell = Start-Wait $Script (Get-PPConnection)
        $shell.Stop()
        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        $shell.Streams.Progress[$shell.Streams.Progress.Count - 1].RecordType | Should -Be 'Completed'
        $shell.Streams.Error.Count | Should -Be 0
        Stop-Wait $shell
        [System.Threading.SpinWait]::SpinUntil({
                [System.Diagnostics.Process]::GetCurrentProcess().Threads.Count -le $threads + 4
            }, 60000) | Should -Be $true -Because 'no worker is left'
        @(Get-TestWrite $tenant).Count | Should -Be 0
        (Get-PPDirSync).State | Should -Be 'Pending'
    }

    It 'is taken up again: it is Off 72 hours later, and waiting ends at once' {
        Step-TestClock $tenant -By '3.00:00:00'
        $state = Wait-PPDirSync -TimeoutSec 60
        $state.State | Should -Be 'Off'
        $state.SyncedUsers | Should -Be 0
        (Disable-PPDirSync -Wait -Confirm:$false).State | Should -Be 'Off'
    }

    It 'is not waited for where it is on' {
        $fresh = Start-TestTenant
        try {
            $connection = Connect-TestTenant $fresh
            $failure = Get-Failure { Wait-PPDirSync -Connection $connection -TimeoutSec 60 }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.DirSyncIsOn,Wait-PPDirSync'
            $failure.Exception.Advice | Should -Match 'Disable-PPDirSync'
        }
        finally {
            Stop-TestTenant $fresh
            [void](Connect-TestTenant $tenant)
        }
    }

    It 'does not wait for a negative time' {
        { Wait-PPDirSync -TimeoutSec -1 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Wait-PPDirSync'
    }
}
