# Get-PPDirSync, Disable-PPDirSync, Wait-PPDirSync.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
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
        { Wait-PPDirSync -Timeout '00:00:01' } | Should -Throw -ErrorId 'PPFederation.DirSyncWaitTimedOut,Wait-PPDirSync'
        { Disable-PPDirSync -Wait -Timeout '00:00:01' -Confirm:$false } |
            Should -Throw -ErrorId 'PPFederation.DirSyncWaitTimedOut,Disable-PPDirSync'
    }

    It 'is Off 72 hours later, and waiting ends at once' {
        Step-TestClock $tenant -By '3.00:00:00'
        $state = Wait-PPDirSync -Timeout '00:01:00'
        $state.State | Should -Be 'Off'
        $state.SyncedUsers | Should -Be 0
        (Disable-PPDirSync -Wait -Confirm:$false).State | Should -Be 'Off'
    }

    It 'does not wait for a negative time' {
        { Wait-PPDirSync -Timeout '-00:00:01' } | Should -Throw -ErrorId 'PPFederation.TimeoutInvalid,Wait-PPDirSync'
    }
}
