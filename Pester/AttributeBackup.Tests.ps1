# Export-PPAttributeBackup and Restore-PPAttribute: a firm keeps what a provisioning overwrites, and puts it back.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
    [void](New-Item -ItemType Directory -Path $folder)
    $path = Join-Path $folder 'users.jsonl'
    $connection = Connect-TestTenant $tenant
    $backup = Export-PPAttributeBackup -Path $path -Connection $connection
    $users = @(Get-Content -LiteralPath $path | ConvertFrom-Json | Where-Object { $_.user } | ForEach-Object -MemberName user)

    function Set-TestUser {
        # Sets a property of a user, as a provisioning would.
        param([string]$Id, [string]$Property, $Value)

        [void](Set-TestTenant $tenant '/edit' @{ edit = 'set'; collection = 'users'; id = $Id; property = $Property; value = $Value })
    }

    function Measure-Write {
        # How many requests have asked the tenant for a change.
        @(Get-TestWrite $tenant).Count
    }

    foreach ($user in $users) {
        Set-TestUser $user.id 'onPremisesSyncEnabled' $null
    }
    # The first two administer the tenant.
    foreach ($user in $users[4..6]) {
        Set-TestUser $user.id 'displayName' 'Overwritten'
        Set-TestUser $user.id 'usageLocation' 'GB'
    }
}

AfterAll {
    Stop-TestTenant $tenant
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Export-PPAttributeBackup' {
    It 'says how many users of whom are where' {
        $backup.PSObject.TypeNames[0] | Should -Be 'PPFederation.AttributeBackup'
        $backup.TenantId | Should -Be $tenant.TenantId
        $backup.TenantName | Should -Be 'Contoso Accounting'
        $backup.Users | Should -Be 24
        $backup.TakenUp | Should -Be 0
        $backup.Path | Should -Be $path
        $users.Count | Should -Be 24
    }

    It 'gives the hash that Get-FileHash shows' {
        $backup.Hash | Should -Be (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash
    }

    It 'overwrites nothing without -Force, and writes nothing with -WhatIf' {
        { Export-PPAttributeBackup -Path $path -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.BackupFileExists,Export-PPAttributeBackup'
        Export-PPAttributeBackup -Path (Join-Path $folder 'other.jsonl') -WhatIf 6>$null | Should -BeNullOrEmpty
        @(Get-ChildItem -LiteralPath $folder -Force).Count | Should -Be 1
        (Export-PPAttributeBackup -Path $path -Force).Users | Should -Be 24
    }
}

Describe 'Restore-PPAttribute' {
    BeforeAll {
        # As it was before anything was overwritten.
        $kept = Join-Path $folder 'before.jsonl'
        foreach ($user in $users[4..6]) {
            Set-TestUser $user.id 'displayName' $user.displayName
            Set-TestUser $user.id 'usageLocation' $user.usageLocation
        }
        [void](Export-PPAttributeBackup -Path $kept)
        foreach ($user in $users[4..6]) {
            Set-TestUser $user.id 'displayName' 'Overwritten'
            Set-TestUser $user.id 'usageLocation' 'GB'
        }
    }

    It 'writes nothing with -WhatIf, and nothing where nobody was piped' {
        $before = Measure-Write
        Restore-PPAttribute -Path $kept -WhatIf 6>$null | Should -BeNullOrEmpty
        @() | Restore-PPAttribute -Path $kept -Confirm:$false | Should -BeNullOrEmpty
        Restore-PPAttribute -Path $kept -UserId @() -Confirm:$false | Should -BeNullOrEmpty
        @($null) | Restore-PPAttribute -Path $kept -Confirm:$false | Should -BeNullOrEmpty
        Measure-Write | Should -Be $before
    }

    It 'puts back one attribute of one user who is piped' {
        $row = @($users[4].userPrincipalName | Restore-PPAttribute -Path $kept -Attribute usageLocation -Confirm:$false -InformationVariable said)
        $row.Count | Should -Be 1
        "$($said[-1])" | Should -Be "Contoso Accounting ($($tenant.TenantId)): Of the attributes that differed: 1 Restored."
        $said[-1].Tags | Should -Be 'PPFederation'
        $row[0].PSObject.TypeNames[0] | Should -Be 'PPFederation.RestoredAttribute'
        $row[0].Result | Should -Be 'Restored'
        $row[0].UserId | Should -Be $users[4].id
        $row[0].Attribute | Should -Be 'usageLocation'
        $row[0].Before | Should -Be 'GB'
        $row[0].After | Should -Be $users[4].usageLocation
        $row[0].TenantId | Should -Be $tenant.TenantId
    }

    It 'says who is not in the backup, and goes on with the others' {
        $rows = @(Restore-PPAttribute -Path $kept -UserId $users[5].id, ([guid]::Empty) -Attribute usageLocation -Confirm:$false -ErrorVariable said -ErrorAction SilentlyContinue)
        $rows.Count | Should -Be 1
        $said[0].FullyQualifiedErrorId | Should -Be 'PPFederation.UserNotInBackup,Restore-PPAttribute'
    }

    It 'puts back the rest, says what the service refused, and a rerun writes nothing' {
        Set-TestUser $users[7].id 'onPremisesImmutableId' $users[8].onPremisesImmutableId
        Set-TestUser $users[8].id 'onPremisesImmutableId' 'QQ=='
        Set-TestUser $users[0].id 'onPremisesImmutableId' 'Qg=='
        $rows = @(Restore-PPAttribute -Path $kept -Confirm:$false -ErrorVariable said -ErrorAction SilentlyContinue -WarningVariable warned -WarningAction SilentlyContinue)
        @($rows | Where-Object Result -eq 'Restored').Count | Should -Be 6
        $failed = @($rows | Where-Object Result -eq 'Failed')
        $failed.Count | Should -Be 1
        $failed[0].UserId | Should -Be $users[0].id
        $failed[0].Reason | Should -BeLike '*Privileged Authentication Administrator*'
        $said.Count | Should -Be 1
        $said[0].FullyQualifiedErrorId | Should -Be 'PPFederation.AttributeNotRestored,Restore-PPAttribute'
        $said[0].TargetObject | Should -Be $users[0].id
        "$warned" | Should -BeLike '*administrators among those to be changed: *'
        Set-TestUser $users[0].id 'onPremisesImmutableId' $users[0].onPremisesImmutableId
        $before = Measure-Write
        Restore-PPAttribute -Path $kept -Confirm:$false 6>$null | Should -BeNullOrEmpty
        Measure-Write | Should -Be $before
    }

    It 'returns what differs where nothing of it can be put back, and asks and writes nothing' {
        Set-TestUser $users[9].id 'onPremisesSyncEnabled' $true
        Set-TestUser $users[9].id 'displayName' 'Overwritten'
        $before = Measure-Write
        $rows = @(Restore-PPAttribute -Path $kept -WarningAction SilentlyContinue -InformationVariable shown 6>$null)
        $rows.Count | Should -Be 1
        $rows[0].Result | Should -Be 'Skipped'
        $rows[0].UserId | Should -Be $users[9].id
        $rows[0].Attribute | Should -Be 'displayName'
        $rows[0].Reason | Should -BeLike '*still synchronized*'
        "$shown" | Should -BeLike "*What differs can't be put back.*"
        Measure-Write | Should -Be $before
    }

    It 'refuses what is no backup, or was changed' {
        [System.IO.File]::WriteAllText("$folder/altered.jsonl", [System.IO.File]::ReadAllText($kept).Replace('Contoso Accounting', 'Contoso'))
        { Restore-PPAttribute -Path "$folder/altered.jsonl" -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.BackupAltered,Restore-PPAttribute'
        { Restore-PPAttribute -Path "$folder/none.jsonl" -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.BackupNotReadable,Restore-PPAttribute'
    }
}
