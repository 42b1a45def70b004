# New-PPFederationApp, Get-PPFederationApp, Get-PPPermission, New-PPClientSecret.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
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

    It 'is made by New-PPFederationApp, without a secret' {
        $made = New-PPFederationApp -Confirm:$false
        $made.PSObject.TypeNames[0] | Should -Be 'PPFederation.App'
        $made.ClientSecret | Should -BeNullOrEmpty
        $found = Get-PPFederationApp
        foreach ($name in 'TenantId', 'AppId', 'ObjectId', 'ServicePrincipalId', 'DisplayName') {
            $found.$name | Should -Not -BeNullOrEmpty -Because $name
            $found.$name | Should -Be $made.$name
        }
    }

    It 'is not made twice' {
        $before = (Get-PPFederationApp).ObjectId
        Clear-TestRequest $tenant
        (New-PPFederationApp -Confirm:$false).ObjectId | Should -Be $before
        @(Get-TestWrite $tenant).Count | Should -Be 0
    }

    It 'has 18 permissions, nine of each type, each granted and with its evidence' {
        $rows = @(Get-PPPermission)
        $rows.Count | Should -Be 18
        @($rows | Where-Object { $_.Type -eq 'Delegated' }).Count | Should -Be 9
        @($rows | Where-Object { $_.Type -eq 'Application' }).Count | Should -Be 9
        @($rows | Where-Object { $_.Declared -and $_.Status -eq 'Granted' -and $_.Evidence }).Count | Should -Be 18
    }

    It 'gets a secret from New-PPClientSecret, once' {
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
