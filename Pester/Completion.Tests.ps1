# What Tab offers: values with their meaning, from what the session knows. No sign-in, no error, no file.

BeforeAll {
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    Import-Module -Name $env:PPFEDERATION_MODULE
    $tenant = Start-TestTenant

    function Get-Offer {
        # What Tab offers at the end of a line.
        param([string]$Line)

        (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches
    }
}

AfterAll {
    Remove-Variable -Name 'ppContoso*' -Scope Global
    Stop-TestTenant $tenant
}

Describe 'Completion of values (habit 17)' {
    It 'names the sinks' {
        (Get-Offer 'New-PPClientSecret -SecretSink ').CompletionText | Should -Be @('KeyVault', 'SealedFile')
        (Get-Offer 'Update-PPClientSecret -SecretSink s').CompletionText | Should -Be 'SealedFile'
    }

    It 'names lifetimes, each with what it means' {
        $offers = Get-Offer 'Invoke-PPRunbook -ClientSecretLifetime '
        $offers.CompletionText | Should -Be @('P1Y', 'P2Y', 'P180D', 'Longest', 'Runbook')
        $offers[1].ToolTip | Should -Be 'Two years'
    }

    It 'names countries with their codes' {
        $offers = Get-Offer 'Get-PPHandover -UsageLocation '
        $offers.Count | Should -Be 249
        ($offers | Where-Object CompletionText -eq 'AU').ListItemText | Should -Match '^AU  (Australia|AU)$'
        (Get-Offer 'Get-PPProvisioningScript -UsageLocation n').CompletionText | Should -Contain 'NZ'
        (Get-Offer 'Get-PPProvisioningScript -UsageLocation n').CompletionText | Should -Not -Contain 'AU'
    }

    It 'names clouds' {
        (Get-Offer 'Connect-PPTenant -Environment us').CompletionText | Should -Be @('USGov', 'USGovDoD')
    }

    It 'offers files nowhere, where nothing is known' {
        foreach ($line in 'Remove-PPClientSecret -KeyId ', 'Connect-PPTenant -CertificateThumbprint ', 'Connect-PPTenant -TenantId x',
            'Get-PPClientSecret -Unclaimed -KeyId z', 'New-PPClientSecret -SecretSink zz', 'Invoke-PPRunbook -ClientSecretLifetime P7Y',
            'Remove-PPFederationApp -AppId ', 'Restore-PPFederationApp -ObjectId ', 'Undo-PPRunbook -PlanHash ', 'New-PPSignInClient -DisplayName ') {
            foreach ($offer in Get-Offer $line) {
                $offer.ResultType | Should -Be 'ParameterValue' -Because $line
            }
        }
        (Get-Offer 'Invoke-PPRunbook -ClientSecretLifetime P7Y').CompletionText | Should -Be 'P7Y'
    }
}

Describe 'Completion from what the session has read (habit 17)' {
    BeforeAll {
        $global:ppContoso = Connect-TestTenant $tenant
        [void](Invoke-PPRunbook -Confirm:$false 3>$null)
        $secrets = @(Get-PPClientSecret)
    }

    It 'names the key ids of client secrets, with their tenant and end' {
        $offers = @(Get-Offer 'Remove-PPClientSecret -KeyId ')
        $offers.CompletionText | Should -Be $secrets.KeyId
        $offers[0].ToolTip | Should -Match ([regex]::Escape($tenant.TenantId))
        $offers[0].ListItemText | Should -Match 'until \d{4}-\d\d-\d\d$'
        @(Get-Offer "Update-PPClientSecret -Complete -KeyId $($secrets[0].KeyId.Substring(0, 4))").CompletionText | Should -Contain $secrets[0].KeyId
    }

    It 'asks the tenant for nothing' {
        Clear-TestRequest $tenant
        foreach ($parameter in 'KeyId', 'Connection', 'SecretSink') {
            [void](Get-Offer "Save-PPClientSecret -$parameter ")
        }
        @(Get-TestRequest $tenant).Count | Should -Be 0
    }

    It 'forgets a secret that was removed' {
        $run = Invoke-PPRunbook -Step ClientSecret -NewSecret -Confirm:$false 3>$null
        [void](Get-PPClientSecret)
        (Get-Offer 'Remove-PPClientSecret -KeyId ').CompletionText | Should -Contain $run.SecretId
        [void](Remove-PPClientSecret -KeyId $run.SecretId -Confirm:$false)
        (Get-Offer 'Remove-PPClientSecret -KeyId ').CompletionText | Should -Not -Contain $run.SecretId
    }

    It 'names the variables that hold connections, and the default' {
        $offers = Get-Offer 'Get-PPDirSync -Connection '
        $offers.CompletionText | Should -Contain '$ppContoso'
        $offers.CompletionText | Should -Contain '(Get-PPConnection)'
        (Get-Offer 'Get-PPDirSync -Connection $ppC').CompletionText | Should -Contain '$ppContoso'
        ($offers | Where-Object CompletionText -eq '$ppContoso').ToolTip | Should -Match ([regex]::Escape($tenant.TenantId))
    }

    It 'names the tenants of the connections there are' {
        (Get-Offer 'Connect-PPTenant -TenantId ').CompletionText | Should -Contain $tenant.TenantId
        (Get-Offer 'Select-PPConnection -TenantName con').CompletionText | Should -Be "'Contoso Accounting'"
    }

    It 'completes properties after the pipe' {
        (Get-Offer 'Get-PPPermission | Where-Object ').CompletionText | Should -Contain 'Status'
        (Get-Offer '(Get-PPConnection).').CompletionText | Should -Contain 'MissingForSteps'
    }
}
