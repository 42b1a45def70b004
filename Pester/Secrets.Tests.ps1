# A secret is in no stream, error, view, transcript or serialized object.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    $secret = (Get-TestClient $tenant).clientSecret
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'The secrets of a run' {
    BeforeAll {
        # Everything that a session could see: all streams, and the views of all objects.
        $objects = @(& {
                Connect-TestTenant $tenant
                Get-PPConnection
                Invoke-PPRunbook -Confirm:$false -Verbose -Debug:$false -InformationAction Continue
                Get-PPHandover -UsageLocation AU
                Get-PPFederationApp
            } *>&1)
        $app = $objects | Where-Object { $_.PSObject.TypeNames -contains 'PPFederation.RunResult' }
        $made = ConvertFrom-TestSecret $app.ClientSecret
        $seen = @(
            $objects | Format-List -Property * | Out-String -Width 4000
            $objects | Out-String -Width 4000
            $objects | ForEach-Object { "$_" }
        ) -join "`n"
    }

    It 'are there to be found' {
        $made.Length | Should -BeGreaterThan 20
        $secret.Length | Should -BeGreaterThan 20
        $seen | Should -Match $tenant.TenantId
    }

    It 'are in no stream and no view' {
        $seen.Contains($made) | Should -Be $false
        $seen.Contains($secret) | Should -Be $false
    }

    It 'are not in the objects when they are serialized' {
        $text = [System.Management.Automation.PSSerializer]::Serialize($objects, 5)
        $text.Contains($made) | Should -Be $false
        $text.Contains($secret) | Should -Be $false
    }

    It 'are not in the history of errors' {
        "$($global:Error | ForEach-Object { "$_ $($_.Exception)" })".Contains($made) | Should -Be $false
    }
}

Describe 'The secret parameters' {
    It 'are SecureStrings' {
        foreach ($name in 'ClientSecret', 'AccessToken') {
            (Get-Command -Name Connect-PPTenant).Parameters[$name].ParameterType | Should -Be ([securestring])
        }
    }
}

Describe 'A secret on its way through the bridge' {
    It 'keeps every character' {
        $text = "a" + [char]0xe9 + [char]::ConvertFromUtf32(0x1F511) + '"\{}'
        $request = [PPFederation.Native.Request]::new('connect', @{ secret = (ConvertTo-TestSecret $text); other = 'x' })
        $block = $request.GetType().GetField('block', 'NonPublic,Instance').GetValue($request)
        $reference = ($request.Text | ConvertFrom-Json).secret
        [System.Text.Encoding]::UTF8.GetString($block, $reference.at, $reference.len) | Should -Be $text
        $request.Text.Contains($text) | Should -Be $false
        $request.Dispose()
    }

    It 'is wiped after the job has started' {
        $request = [PPFederation.Native.Request]::new('disconnect', @{ secret = (ConvertTo-TestSecret 'something to hide') })
        $block = $request.GetType().GetField('block', 'NonPublic,Instance').GetValue($request)
        @($block | Where-Object { $_ -ne 0 }).Count | Should -BeGreaterThan 0
        # The job says that it doesn't know the field; the block is wiped all the same.
        [PPFederation.Native.Job]::Start($request).Dispose()
        @($block | Where-Object { $_ -ne 0 }).Count | Should -Be 0
    }
}
