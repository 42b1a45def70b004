# Several connections in one session: which one is used, which there are, and choosing another.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    $other = Start-TestTenant -Argument '--seed 7'

    function Connect-Wrong {
        # A sign-in that fails.
        param($Tenant)

        $parameters = @{
            TenantId = [string][guid]::NewGuid(); ClientId = (Get-TestClient $Tenant).clientId; ClientSecret = ConvertTo-TestSecret 'any'
            Environment = 'Custom'; LoginEndpoint = $Tenant.Login; GraphEndpoint = $Tenant.Graph
        }
        Get-Failure { Connect-PPTenant @parameters }
    }
}

AfterAll {
    Get-PPConnection -ListAvailable | Disconnect-PPTenant
    Stop-TestTenant $tenant
    Stop-TestTenant $other
}

Describe 'Several connections in one session' {
    BeforeEach {
        Get-PPConnection -ListAvailable | Disconnect-PPTenant
    }

    Context 'Without a connection' {
        It 'Get-PPConnection and Disconnect-PPTenant are quiet, twice too' {
            Get-PPConnection -ErrorAction Stop | Should -BeNullOrEmpty
            Get-PPConnection -ListAvailable -ErrorAction Stop | Should -BeNullOrEmpty
            Disconnect-PPTenant -ErrorAction Stop | Should -BeNullOrEmpty
            $connection = Connect-TestTenant $tenant
            Disconnect-PPTenant
            Disconnect-PPTenant -ErrorAction Stop | Should -BeNullOrEmpty
            $connection | Disconnect-PPTenant -ErrorAction Stop | Should -BeNullOrEmpty
        }

        It 'the others say what to run first' {
            { Get-PPDirSync } | Should -Throw -ErrorId 'PPFederation.NotConnected,Get-PPDirSync'
        }
    }

    Context 'Get-PPConnection -ListAvailable' {
        It 'lists the open connections of the session, those too that no variable holds, and marks the default' {
            [void](Connect-TestTenant $tenant)
            [void](Connect-TestTenant $other)
            [System.GC]::Collect()
            [System.GC]::WaitForPendingFinalizers()
            $all = @(Get-PPConnection -ListAvailable)
            $all.TenantId | Should -Be @($tenant.TenantId, $other.TenantId)
            $all.IsDefault | Should -Be @($false, $true)
            $all.State | Should -Be @('Open', 'Open')
            $all.DefaultDomain | Should -Be @('contosoaccounting.onmicrosoft.com', 'contosoaccounting.onmicrosoft.com')
        }

        It 'asks no service' {
            [void](Connect-TestTenant $tenant)
            Clear-TestRequest $tenant
            @(Get-PPConnection -ListAvailable).Count | Should -Be 1
            @(Get-TestRequest $tenant).Count | Should -Be 0
        }

        It 'fits a table at 80 columns' {
            [void](Connect-TestTenant $tenant)
            $text = Get-PPConnection -ListAvailable | Format-Table | Out-String -Width 80
            $text | Should -Match "$($tenant.TenantId) +Open +True"
        }

        It 'is piped into Disconnect-PPTenant' {
            $first = Connect-TestTenant $tenant
            $second = Connect-TestTenant $other
            (Get-PPConnection -ListAvailable) | Disconnect-PPTenant
            $first.State, $second.State | Should -Be @('Closed', 'Closed')
            Get-PPConnection -ListAvailable | Should -BeNullOrEmpty
        }
    }

    Context 'The state of a connection' {
        It 'is that of the moment it is looked at' {
            $connection = Connect-TestTenant $tenant
            $shown = Get-PPConnection
            $connection.State | Should -Be 'Open'
            Disconnect-PPTenant
            $connection.State, $shown.State | Should -Be @('Closed', 'Closed')
            $connection.IsDefault | Should -BeFalse
        }

        It 'is in every view, and nothing internal in any' {
            $text = Connect-PPTenant -Demo | Format-List -Property * | Out-String
            $text | Should -Match '(?m)^State +: Open'
            $text | Should -Not -Match 'Handle|Number|Control|Session'
        }
    }

    Context 'A demonstration tenant' {
        It 'says that it is one' {
            $connection = Connect-PPTenant -Demo
            $connection.Environment | Should -Be 'Demo'
            $connection.TenantName | Should -Be 'Contoso Accounting (demo)'
            (Get-PPDirSync).TenantName | Should -Be 'Contoso Accounting (demo)'
        }
    }

    Context 'After a Connect-PPTenant that failed' {
        It 'the tenant of the previous connection is not the default any more: nothing is written there' {
            $connection = Connect-TestTenant $tenant
            [void](Connect-Wrong $tenant)
            Clear-TestRequest $tenant
            $failure = Get-Failure { Invoke-PPRunbook -Confirm:$false }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.NoConnectionChosen,Invoke-PPRunbook'
            $failure.ToString() | Should -Match ([regex]::Escape("Contoso Accounting ($($tenant.TenantId))"))
            @(Get-TestRequest $tenant).Count | Should -Be 0
            Get-PPConnection | Should -BeNullOrEmpty
            $connection.IsDefault | Should -BeFalse
            # What is given or piped is used all the same.
            ($connection | Get-PPDirSync).TenantId | Should -Be $tenant.TenantId
        }

        It 'a cmdlet lists every connection that is open' {
            [void](Connect-TestTenant $tenant)
            [void](Connect-TestTenant $other)
            [void](Connect-Wrong $tenant)
            $failure = Get-Failure { Disable-PPDirSync -Confirm:$false }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.NoConnectionChosen,Disable-PPDirSync'
            foreach ($id in $tenant.TenantId, $other.TenantId) {
                $failure.ToString() | Should -Match $id
            }
            $failure.ErrorDetails.RecommendedAction | Should -Match 'Select-PPConnection'
        }
    }

    Context 'After Disconnect-PPTenant of the default' {
        It 'none is chosen, and the others are there' {
            [void](Connect-TestTenant $tenant)
            [void](Connect-TestTenant $other)
            Disconnect-PPTenant
            { New-PPClientSecret -NewSecret -Confirm:$false } | Should -Throw -ErrorId 'PPFederation.NoConnectionChosen,New-PPClientSecret'
            (Get-PPConnection -ListAvailable).TenantId | Should -Be $tenant.TenantId
        }
    }

    Context 'Select-PPConnection' {
        BeforeEach {
            $first = Connect-TestTenant $tenant
            $second = Connect-TestTenant $other
        }

        It 'chooses by object, out of the pipeline, and passes it on' {
            $chosen = $first | Select-PPConnection
            $chosen | Should -Be $first
            $first.IsDefault, $second.IsDefault | Should -Be @($true, $false)
            (Get-PPDirSync).TenantId | Should -Be $tenant.TenantId
            (Get-PPConnection -ListAvailable | Where-Object TenantId -EQ $other.TenantId | Select-PPConnection).TenantId | Should -Be $other.TenantId
            (Get-PPDirSync).TenantId | Should -Be $other.TenantId
        }

        It 'chooses by the tenant''s id, domain or name' {
            (Select-PPConnection -TenantId $tenant.TenantId.ToUpperInvariant()).TenantId | Should -Be $tenant.TenantId
            (Get-PPConnection).TenantId | Should -Be $tenant.TenantId
            $second | Disconnect-PPTenant
            (Select-PPConnection -TenantId ContosoAccounting.onmicrosoft.com).TenantId | Should -Be $tenant.TenantId
            (Select-PPConnection -TenantName contoso*).TenantId | Should -Be $tenant.TenantId
            (Select-PPConnection ContosoAccounting.onmicrosoft.com).TenantId | Should -Be $tenant.TenantId
            (Select-PPConnection $first).TenantId | Should -Be $tenant.TenantId
        }

        It 'chooses by a row the connection to its tenant' {
            $chosen = Get-PPDirSync -Connection $first | Select-PPConnection
            $chosen | Should -BeOfType ([PPFederation.Connection])
            $chosen.TenantId | Should -Be $tenant.TenantId
            $first.IsDefault, $second.IsDefault | Should -Be @($true, $false)
            (Get-PPDirSync).TenantId | Should -Be $tenant.TenantId
        }

        It 'says which are meant where several are, and leaves the default' {
            $failure = Get-Failure { Select-PPConnection -TenantName Contoso* }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ConnectionAmbiguous,Select-PPConnection'
            $failure.ToString() | Should -Match "$($tenant.TenantId).*$($other.TenantId)"
            (Get-PPConnection).TenantId | Should -Be $other.TenantId
        }

        It 'says that there is none of that name' {
            { Select-PPConnection -TenantId fabrikam.com } | Should -Throw -ErrorId 'PPFederation.ConnectionNotFound,Select-PPConnection'
        }

        It 'refuses one that is closed' {
            $first | Disconnect-PPTenant
            { $first | Select-PPConnection } | Should -Throw -ErrorId 'PPFederation.ConnectionClosed,Select-PPConnection'
        }
    }
}

Describe 'Connections in what PowerShell runs beside each other' {
    It 'works in ForEach-Object -Parallel, each on its own tenant' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $tenants = @((Start-TestTenant), (Start-TestTenant -Argument '--seed 7'))
        try {
            $open = @($tenants | ForEach-Object { Connect-TestTenant $_ })
            # As text: Windows PowerShell, which reads this file too, has no such parameter.
            $parallel = [scriptblock]::Create(
                "`$input | ForEach-Object -Parallel { Import-Module -Name '$env:PPFEDERATION_MODULE'; Get-PPDirSync -Connection `$_ }")
            $rows = @($open | & $parallel)
            ($rows.TenantId | Sort-Object) | Should -Be ($tenants.TenantId | Sort-Object)
            $open | Disconnect-PPTenant
        }
        finally {
            $tenants | ForEach-Object { Stop-TestTenant $_ }
        }
    }

    It 'is mocked as any function' {
        Mock Get-PPDirSync { 'mocked' }
        Get-PPDirSync | Should -Be 'mocked'
        Should -Invoke Get-PPDirSync -Times 1 -Exactly
    }
}
