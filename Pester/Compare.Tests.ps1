# Compare-PPAttribute: what Practice Protect would overwrite, and who couldn't sign in afterwards.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')

    function Add-TestUser {
        # A user of the tenant whose Immutable ID is the first part of the sign-in name.
        param($Tenant, [string]$Name)

        $first = $Name.Split('@')[0]
        $properties = @{ userPrincipalName = $Name; mail = $Name; displayName = $first; onPremisesImmutableId = $first; usageLocation = 'AU' }
        [void](Set-TestTenant -Tenant $Tenant -Endpoint '/edit' -Body @{ edit = 'addUser'; properties = $properties })
    }

    $tenant = Start-TestTenant
    foreach ($domain in 'firm.example', 'other.example') {
        [void](Set-TestTenant -Tenant $tenant -Endpoint '/edit' -Body @{ edit = 'addDomain'; name = $domain; authenticationType = 'Federated' })
    }
    foreach ($name in 'ann@firm.example', 'bob@other.example', 'cay.old@firm.example') {
        Add-TestUser -Tenant $tenant -Name $name
    }
    $connection = Connect-TestTenant $tenant
    $list = Join-Path $TestDrive 'portal.csv'
    Set-Content -LiteralPath $list -Encoding utf8 -Value @(
        'Login,DisplayName,ImmutableId', 'ann@firm.example,ann,ann', 'bob@other.example,bob,bob', 'cay@firm.example,cay.old,cay.old')
    $option = @{ FederatedDomain = 'firm.example'; ColumnMap = @{ Username = 'Login' } }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'Compare-PPAttribute' {
    It 'says who would be locked out and who renamed, why, and what to do' {
        $rows = @(Compare-PPAttribute -Path $list @option)
        $bob = $rows | Where-Object { $_.UserPrincipalName -eq 'bob@other.example' -and $_.Attribute -eq 'userPrincipalName' }
        $bob.Severity | Should -Be 'LockedOut'
        $bob.Reason | Should -Match 'AADSTS5000820'
        $bob.Advice | Should -Match 'firm.example'
        $cay = $rows | Where-Object { $_.UserPrincipalName -eq 'cay.old@firm.example' -and $_.Attribute -eq 'userPrincipalName' }
        $cay.Severity, $cay.Before, $cay.After | Should -Be 'Renamed', 'cay.old@firm.example', 'cay@firm.example'
        $rows.Severity | Should -Not -Contain 'Equal'
        $rows[0].TenantId | Should -Be $tenant.TenantId
    }

    It 'shows what stays as it is where that is asked for, of those who are asked for' {
        $rows = @(Compare-PPAttribute -Path $list @option -IncludeEqual -UserPrincipalName 'ann@*')
        $rows.UserPrincipalName | Sort-Object -Unique | Should -Be 'ann@firm.example'
        $rows.Severity | Should -Contain 'Equal'
    }

    It 'takes users by the pipeline, as some of the portal''s, and says nothing of the others but how many they are' {
        $rows = @(Import-Csv -LiteralPath $list | Where-Object { $_.Login -like 'cay*' } |
                Compare-PPAttribute @option -WarningVariable warned -WarningAction SilentlyContinue)
        ($rows | Where-Object { $_.Attribute -eq 'userPrincipalName' }).After | Should -Be 'cay@firm.example'
        $rows.UserPrincipalName | Sort-Object -Unique | Should -Be 'cay.old@firm.example'
        "$warned" | Should -Match '\d+ accounts of the tenant pair with none of the portal''s users who were given'
    }

    It 'refuses bytes, a list or an object in place of a text, and takes them where no text is needed' {
        $ann = @{ Login = 'ann@firm.example'; Teams = @('Tax', 'Audit'); Manager = [pscustomobject]@{ Name = 'Bob' } }
        foreach ($immutableId in [byte[]](16, 1, 2), @('abc=='), [pscustomobject]@{ Value = 'abc==' }) {
            $user = [pscustomobject]($ann + @{ ImmutableId = $immutableId })
            $type = [System.Management.Automation.WildcardPattern]::Escape($immutableId.GetType().FullName)
            { $user | Compare-PPAttribute @option -ErrorAction Stop } |
                Should -Throw -ErrorId 'PPFederation.PortalUsersUnreadable,Compare-PPAttribute' `
                    -ExpectedMessage "*: user 1: 'ImmutableId' is $type, and one text is needed*"
        }
        foreach ($immutableId in 'ann', '', $null, @()) {
            $user = [pscustomobject]($ann + @{ ImmutableId = $immutableId })
            @($user | Compare-PPAttribute @option -WarningAction SilentlyContinue).UserPrincipalName | Sort-Object -Unique |
                Should -Be 'ann@firm.example'
        }
    }

    It 'takes nobody for nobody, and not for everybody, and a report that is there stays' {
        $report = Join-Path $TestDrive 'report.csv'
        [void](Compare-PPAttribute -Path $list @option | Export-PPReport -Path $report 6>$null)
        $before = Get-Content -LiteralPath $report -Raw
        Clear-TestRequest -Tenant $tenant
        $nobody = { Import-Csv -LiteralPath $list | Where-Object { $_.Login -eq 'nobody' } }
        { & $nobody | Compare-PPAttribute @option -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.PortalUsersUnreadable,Compare-PPAttribute' -ExpectedMessage 'No user came through the pipeline*'
        try { & $nobody | Compare-PPAttribute @option | Export-PPReport -Path $report -Force } catch { "$_" | Should -BeLike 'No user came*' }
        Get-Content -LiteralPath $report -Raw | Should -Be $before
        @(Get-TestRequest -Tenant $tenant).Count | Should -Be 0
        # Of a list that is given otherwise nobody has to come.
        @(@() | Compare-PPAttribute -Path $list @option).Count | Should -BeGreaterThan 0
    }

    It 'says which column it took for what, and which it can''t tell' {
        $said = Compare-PPAttribute -Path $list @option 6>&1 | Where-Object { $_ -is [System.Management.Automation.InformationRecord] }
        "$said" | Should -Be "The portal's users: Username is column 'Login', as given; DisplayName is column 'DisplayName'; ImmutableId is column 'ImmutableId'."
        Set-Content -LiteralPath (Join-Path $TestDrive 'none.csv') -Encoding utf8 -Value 'a,b', '1,2'
        { Compare-PPAttribute -Path (Join-Path $TestDrive 'none.csv') -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.PortalUsersUnreadable,Compare-PPAttribute'
    }

    It 'refuses a domain that the tenant doesn''t have' {
        { Compare-PPAttribute -Path $list -FederatedDomain 'nobodys.example' -ColumnMap @{ Username = 'Login' } -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.FederatedDomainUnknown,Compare-PPAttribute'
    }

    It 'changes nothing and reads the same users without a list, where next to nothing is certain' {
        Clear-TestRequest -Tenant $tenant
        $rows = @(Compare-PPAttribute -FederatedDomain firm.example -UserPrincipalName 'ann@firm.example')
        $rows.Severity | Sort-Object -Unique | Should -Be 'Unknown'
        @(Get-TestWrite -Tenant $tenant).Count | Should -Be 0
    }

    It 'compares who has changed since a backup alone, and says that' {
        $backup = Join-Path $TestDrive 'before.jsonl'
        [void](Export-PPAttributeBackup -Path $backup)
        $bob = @(Compare-PPAttribute -Path $list @option | Where-Object { $_.UserPrincipalName -eq 'bob@other.example' })
        [void](Set-TestTenant -Tenant $tenant -Endpoint '/edit' -Body @{ edit = 'set'; collection = 'users'; id = $bob[0].UserId; property = 'displayName'; value = 'Robert' })
        $rows = @(Compare-PPAttribute -Path $list @option -Since $backup -WarningVariable warned -WarningAction SilentlyContinue)
        $rows.UserId | Sort-Object -Unique | Should -Be $bob[0].UserId
        ($rows | Where-Object { $_.Attribute -eq 'displayName' }).Before | Should -Be 'Robert'
        "$warned" | Should -BeLike '*were compared: 1 user*'
        Set-Content -LiteralPath $backup -Value (Get-Content -LiteralPath $backup | Select-Object -First 2)
        { Compare-PPAttribute -Path $list -Since $backup -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.BackupAltered,Compare-PPAttribute'
    }
}
