# New-PPFederationApp, Get-PPFederationApp, Get-PPPermission, New-PPClientSecret.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')

    function Test-TestSecret {
        # Whether the application signs in with the secret that was returned. The connection of the tests stays.
        param($App)

        $parameters = @{
            TenantId = $tenant.TenantId; ClientId = $App.AppId; ClientSecret = $App.ClientSecret
            Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph
        }
        $signedIn = (Connect-PPTenant @parameters).ClientId -eq $App.AppId
        [void](Connect-TestTenant $tenant)
        $signedIn
    }
}

Describe 'The application' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'is an error as long as there is none' {
        { Get-PPFederationApp } | Should -Throw -ErrorId 'PPFederation.AppNotFound,Get-PPFederationApp'
    }

    It 'is made by New-PPFederationApp, with its secret' {
        $made = New-PPFederationApp -ClientSecretLifetime P2Y -Confirm:$false
        @($made).Count | Should -Be 1
        $made.PSObject.TypeNames[0] | Should -Be 'PPFederation.App'
        $made.SecretId | Should -Not -BeNullOrEmpty
        $made.SecretEndDateTime.Year | Should -Be ((Get-Date).Year + 2)
        Test-TestSecret $made | Should -Be $true
        $found = Get-PPFederationApp
        foreach ($name in 'TenantId', 'AppId', 'ObjectId', 'ServicePrincipalId', 'DisplayName') {
            $found.$name | Should -Not -BeNullOrEmpty -Because $name
            $found.$name | Should -Be $made.$name
        }
    }

    It 'is not made twice, and keeps its secret' {
        $before = (Get-PPFederationApp).ObjectId
        Clear-TestRequest $tenant
        $again = New-PPFederationApp -Confirm:$false
        $again.ObjectId | Should -Be $before
        $again.ClientSecret | Should -BeNullOrEmpty
        $again.SecretId | Should -BeNullOrEmpty
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'gets another secret from New-PPFederationApp -NewSecret' {
        $app = New-PPFederationApp -NewSecret -Confirm:$false
        $app.SecretEndDateTime.Year | Should -BeGreaterOrEqual ((Get-Date).Year + 99)
        Test-TestSecret $app | Should -Be $true
        $state = (Get-TestState $tenant).applications | Where-Object { $_.appId -eq $app.AppId }
        @($state.passwordCredentials).Count | Should -Be 2
    }

    It 'has 18 permissions, nine of each type, each granted and with its evidence' {
        $rows = @(Get-PPPermission)
        $rows.Count | Should -Be 18
        @($rows | Where-Object { $_.Type -eq 'Delegated' }).Count | Should -Be 9
        @($rows | Where-Object { $_.Type -eq 'Application' }).Count | Should -Be 9
        @($rows | Where-Object { $_.Declared -and $_.Status -eq 'Granted' -and $_.Evidence }).Count | Should -Be 18
    }

}

Describe 'The secret' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        [void](Invoke-PPRunbook -Step Application, ServicePrincipal -Confirm:$false)
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'is made by New-PPClientSecret, once' {
        $first = New-PPClientSecret
        $first.ClientSecret | Should -BeOfType ([securestring])
        $first.SecretId | Should -Not -BeNullOrEmpty
        $second = New-PPClientSecret -WarningVariable told -WarningAction SilentlyContinue
        $second.ClientSecret | Should -BeNullOrEmpty
        "$told" | Should -Match '-NewSecret'
        $third = New-PPClientSecret -NewSecret -ClientSecretLifetime P6M
        $third.SecretId | Should -Not -Be $first.SecretId
        $third.SecretEndDateTime | Should -BeLessThan (Get-Date).AddYears(1)
    }
}

Describe 'The permissions' {
    It 'are NotGranted where they are declared only' {
        $tenant = Start-TestTenant
        try {
            [void](Connect-TestTenant $tenant)
            [void](Invoke-PPRunbook -Step Application, ServicePrincipal -Confirm:$false)
            $rows = @(Get-PPPermission)
            @($rows | Where-Object { $_.Declared -and $_.Status -eq 'NotGranted' }).Count | Should -Be 18
        }
        finally {
            Stop-TestTenant $tenant
        }
    }
}

Describe 'The client secrets that are there' {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        [void](Invoke-PPRunbook -Step Application, ServicePrincipal -Confirm:$false)
        $old = New-PPClientSecret
        $new = New-PPClientSecret -NewSecret -ClientSecretLifetime P180D -WarningAction SilentlyContinue
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'are listed by Get-PPClientSecret, the oldest first' {
        $rows = @(Get-PPClientSecret)
        $rows.KeyId -join ' ' | Should -Be "$($old.SecretId) $($new.SecretId)"
        $row = $rows[1]
        $row.PSObject.TypeNames[0] | Should -Be 'PPFederation.ClientSecret'
        $row.Name | Should -Be 'PPToken'
        $row.Hint | Should -Be (ConvertFrom-TestSecret $new.ClientSecret).Substring(0, 3)
        $row.DaysLeft | Should -Be 179
        $row.State | Should -Be 'Valid'
        $row.OfRunbook | Should -Be $true
        $row.Detail | Should -Be 'one of 2 PPToken that work'
    }

    It 'stay with -WhatIf, which says what would go' {
        Clear-TestRequest $tenant
        Get-PPClientSecret | Remove-PPClientSecret -WhatIf
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'that are not there are an error that names the id, and the others are removed' {
        $ids = 'c0ffee00-0000-0000-0000-000000000000', $old.SecretId | ForEach-Object { [pscustomobject]@{ KeyId = $_ } }
        $removed = @($ids | Remove-PPClientSecret -Confirm:$false -ErrorVariable failed -ErrorAction SilentlyContinue)
        $removed.Count | Should -Be 1
        $removed[0].KeyId | Should -Be $old.SecretId
        $removed[0].Result | Should -Be 'Removed'
        $failed[0].FullyQualifiedErrorId | Should -Be 'PPFederation.SecretNotFound,Remove-PPClientSecret'
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        "$($failed[0])" | Should -Match 'c0ffee00'
        @(Get-PPClientSecret).Count | Should -Be 1
    }

    It 'are kept where the last one that works would go, but for -Force' {
        { Remove-PPClientSecret -KeyId $new.SecretId -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.LastSecret,Remove-PPClientSecret'
        @(Get-PPClientSecret).Count | Should -Be 1
        (Remove-PPClientSecret -KeyId $new.SecretId -Force -Confirm:$false).Result | Should -Be 'Removed'
        @(Get-PPClientSecret).Count | Should -Be 0
    }

    It 'are named by GUID only' {
        { Remove-PPClientSecret -KeyId 'PPToken' -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.KeyIdInvalid,Remove-PPClientSecret'
    }
}

Describe 'An application made by hand' {
    BeforeAll {
        $tenant = Start-TestTenant -Argument '--application "Practice Protect Federation"'
        [void](Connect-TestTenant $tenant)
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'is used with -Adopt by what reads and by what makes a secret, and is not taken over' {
        (Get-PPFederationApp -Adopt).DisplayName | Should -Be 'Practice Protect Federation'
        { Get-PPFederationApp } | Should -Throw -ErrorId 'PPFederation.AppNotAdopted,Get-PPFederationApp'
        (New-PPClientSecret -Adopt -Confirm:$false).SecretId | Should -Not -BeNullOrEmpty
        { Get-PPClientSecret } | Should -Throw -ErrorId 'PPFederation.AppNotAdopted,Get-PPClientSecret'
    }

    It 'is taken over by New-PPFederationApp -Adopt: after that no cmdlet needs it' {
        $made = New-PPFederationApp -Adopt -Confirm:$false
        (Get-PPFederationApp).AppId | Should -Be $made.AppId
    }
}
