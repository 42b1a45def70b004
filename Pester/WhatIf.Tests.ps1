# -WhatIf sends no write, and neither does $WhatIfPreference of whoever calls: seen at the wire.

$writing = @(
    @{ Name = 'Invoke-PPRunbook'; Call = { param($More) Invoke-PPRunbook @More } }
    @{ Name = 'New-PPFederationApp'; Call = { param($More) New-PPFederationApp @More } }
    @{ Name = 'Remove-PPFederationApp'; Call = { param($More) Remove-PPFederationApp @More } }
    @{ Name = 'New-PPFederationApp -DeletedApp'; Call = { param($More) New-PPFederationApp -DeletedApp Restore @More } }
    @{ Name = 'Disable-PPDirSync'; Call = { param($More) Disable-PPDirSync @More } }
)

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    [void](Connect-TestTenant $tenant)
    $before = Get-TestState $tenant | ConvertTo-Json -Depth 20
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe '<Name> sends no write' -ForEach $writing {
    BeforeEach {
        Clear-TestRequest $tenant
    }

    AfterEach {
        @(Get-TestRequest $tenant).Count | Should -BeGreaterThan 0
        @(Get-TestWrite $tenant).Count | Should -Be 0
        Get-TestState $tenant | ConvertTo-Json -Depth 20 | Should -Be $before
    }

    It 'with -WhatIf' {
        & $Call @{ WhatIf = $true } | Should -BeNullOrEmpty
    }

    It 'with -WhatIf and -Confirm:$false' {
        & $Call @{ WhatIf = $true; Confirm = $false } | Should -BeNullOrEmpty
    }

    It 'with $WhatIfPreference in the calling function' {
        function Invoke-Caller {
            $WhatIfPreference = $true
            & $Call @{ Confirm = $false }
        }
        Invoke-Caller | Should -BeNullOrEmpty
    }

    It 'with $WhatIfPreference in a function further out' {
        function Invoke-Inner {
            & $Call @{ Confirm = $false }
        }
        function Invoke-Outer {
            $WhatIfPreference = $true
            Invoke-Inner
        }
        Invoke-Outer | Should -BeNullOrEmpty
    }

    It 'with $WhatIfPreference in the calling script' {
        $script = Join-Path $TestDrive 'caller.ps1'
        [System.IO.File]::WriteAllText($script, 'param($Call) $WhatIfPreference = $true; & $Call @{ Confirm = $false }')
        & $script -Call $Call | Should -BeNullOrEmpty
    }

    It 'with $WhatIfPreference set globally' {
        $kept = $global:WhatIfPreference
        $global:WhatIfPreference = $true
        try {
            & $Call @{ Confirm = $false } | Should -BeNullOrEmpty
        }
        finally {
            $global:WhatIfPreference = $kept
        }
    }
}

Describe 'New-PPClientSecret sends no write' {
    It 'with -WhatIf or $WhatIfPreference, where there is an application' {
        $own = Start-TestTenant
        try {
            [void](Connect-TestTenant $own)
            [void](Invoke-PPRunbook -Skip DirSync, ClientSecret -Confirm:$false)
            Clear-TestRequest $own
            New-PPClientSecret -WhatIf | Should -BeNullOrEmpty
            & { $WhatIfPreference = $true; New-PPClientSecret } | Should -BeNullOrEmpty
            @(Get-TestWrite $own).Count | Should -Be 0
        }
        finally {
            Stop-TestTenant $own
        }
    }
}

Describe 'The plan that -WhatIf prints' {
    It 'names each change and the tenant' {
        $client = Get-TestClient $tenant
        $said = Invoke-TestShell -Script @"
Import-Module '$env:PPFEDERATION_MODULE'
`$secret = [System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword
[void](Connect-PPTenant -TenantId $($tenant.TenantId) -ClientId $($client.clientId) -ClientSecret `$secret -Environment Custom -LoginEndpoint $($tenant.Login) -GraphEndpoint $($tenant.Graph))
Invoke-PPRunbook -WhatIf
"@
        @($said.Lines | Where-Object { $_ -like 'What if: *' }).Count | Should -Be 7
        $said.Text | Should -Match $tenant.TenantId
    }
}

Describe 'Other preferences of the caller' {
    BeforeAll {
        [void](Connect-TestTenant $tenant)
    }

    It 'reach the cmdlet: $VerbosePreference' {
        $lines = & { $VerbosePreference = 'Continue'; Invoke-PPRunbook -WhatIf 4>&1 }
        @($lines | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }).Count | Should -BeGreaterThan 0
    }

    It 'reach the cmdlet: $WarningPreference' {
        { & { $WarningPreference = 'Stop'; Test-PPFederation } } | Should -Throw
    }

    It 'give way to a parameter' {
        & { $WarningPreference = 'Stop'; Test-PPFederation -WarningAction SilentlyContinue } | Should -Be $false
    }
}

Describe '-WhatIf where the tenant''s policy refuses client secrets' {
    It 'shows the plan and the refusal' {
        $strict = Start-TestTenant -Argument '--policy-blocks-secrets'
        try {
            $said = Invoke-TestShell -Script @"
Import-Module '$env:PPFEDERATION_MODULE'
`$token = [System.Net.NetworkCredential]::new('', '$(Get-TestToken $strict)').SecurePassword
[void](Connect-PPTenant -AccessToken `$token -TenantId '$($strict.TenantId)' -Environment Custom -LoginEndpoint '$($strict.Login)' -GraphEndpoint '$($strict.Graph)')
Invoke-PPRunbook -WhatIf
"@
            "$said" | Should -Match 'What if: Performing the operation "Register the application'
            "$said" | Should -Match 'What if: .*"Switch directory synchronization off'
            "$said" | Should -Match 'forbids client secrets'
            "$said" | Should -Not -Match 'Nothing is left to change'
            @(Get-TestWrite $strict).Count | Should -Be 0
        }
        finally {
            Stop-TestTenant $strict
        }
    }
}
