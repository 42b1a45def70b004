# Get-PPHandover, Get-PPProvisioningScript, Get-PPAttributeOwnership: what is for the portal and for people.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
}

Describe 'Get-PPProvisioningScript' {
    It 'writes the script with the country of the firm, without a connection' {
        $script = Get-PPProvisioningScript -UsageLocation NZ
        $script.PSObject.TypeNames[0] | Should -Be 'PPFederation.ProvisioningScript'
        $script.UsageLocation | Should -Be 'NZ'
        $script.Script | Should -Match 'destination\.UsageLocation = "NZ";'
        $script.Script | Should -Match 'destination\.Mail = source\.CanonicalizeName;'
        $script.Note | Should -Not -BeNullOrEmpty
    }

    It 'refuses <Given>, which is no country' -ForEach @(@{ Given = 'A' }, @{ Given = 'Australia' }, @{ Given = 'A"' }) {
        { Get-PPProvisioningScript -UsageLocation $Given } | Should -Throw -ErrorId 'PPFederation.UsageLocationInvalid,Get-PPProvisioningScript'
    }
}

Describe 'Get-PPAttributeOwnership' {
    It 'says where an attribute of each owner comes from, and where it can still be changed' {
        $rows = @(Get-PPAttributeOwnership)
        $location = $rows | Where-Object GraphProperty -eq 'usageLocation'
        $location.WrittenBy | Should -Match 'destination\.UsageLocation'
        $location.CanChange | Should -Match 'script'
        $aliases = $rows | Where-Object GraphProperty -eq 'proxyAddresses'
        $aliases.WrittenBy | Should -Be 'Exchange Online'
        $aliases.CanChange | Should -Match 'Exchange admin center'
    }

    It 'says who owns each attribute, without a connection' {
        $rows = @(Get-PPAttributeOwnership)
        ($rows | Where-Object { $_.GraphProperty -match 'onPremisesImmutableId' }).Owner | Should -Be 'PracticeProtect'
        ($rows | Where-Object { $_.GraphProperty -match 'proxyAddresses' }).Owner | Should -Be 'Microsoft365'
        @($rows | Where-Object { -not ($_.Effect -and $_.WrittenBy -and $_.CanChange) }).Count | Should -Be 0
    }
}

Describe 'Get-PPHandover' {
    It 'lists the values for the portal in order, and never the secret' {
        $tenant = Start-TestTenant
        try {
            [void](Connect-TestTenant $tenant)
            $app = Invoke-PPRunbook -Confirm:$false
            $rows = @(Get-PPHandover -UsageLocation AU)
            $rows.Order | Should -Be @($rows.Order | Sort-Object)
            $rows.Value | Should -Contain $tenant.TenantId
            $rows.Value | Should -Contain $app.AppId
            $rows.Value -join "`n" | Should -Match 'destination\.UsageLocation = "AU";'
            $rows | Out-String -Width 500 | Should -Not -Match ([regex]::Escape((ConvertFrom-TestSecret $app.ClientSecret)))
        }
        finally {
            Stop-TestTenant $tenant
        }
    }
}
