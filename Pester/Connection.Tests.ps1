# Connect-PPTenant, Disconnect-PPTenant, Get-PPConnection, and -Connection everywhere.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    $other = Start-TestTenant -Argument '--seed 7'
}

AfterAll {
    Stop-TestTenant $tenant
    Stop-TestTenant $other
}

Describe 'Connect-PPTenant with a client secret' {
    It 'returns a connection that says whom it belongs to' {
        $connection = Connect-TestTenant $tenant
        $connection.PSObject.TypeNames[0] | Should -Be 'PPFederation.Connection'
        $connection.TenantId | Should -Be $tenant.TenantId
        $connection.Environment | Should -Be 'Custom'
        $connection.SignIn | Should -Be 'ClientSecret'
        $connection.ClientId | Should -Be (Get-TestClient $tenant).clientId
        $connection.GraphEndpoint | Should -Be $tenant.Graph
        $connection.ExpiresOn | Should -BeOfType ([datetime])
    }

    It 'names the permissions of the token' {
        (Connect-TestTenant $tenant).Permissions | Should -Contain 'Application.ReadWrite.All'
        (Connect-TestTenant $tenant -Kind noRole).Permissions | Should -Not -Contain 'Application.ReadWrite.All'
    }
}

Describe 'Connect-PPTenant -RetryBudgetSec' {
    BeforeAll {
        function Add-Stumble {
            # The next read is answered with 503, and a wish to wait for five seconds.
            $fault = '{"fault": "failed", "status": 503, "target": "batch", "retryAfter": 5}'
            [void](Invoke-RestMethod -Method Post -Uri "$($tenant.Control)/faults" -ContentType 'application/json' -Body $fault)
        }
    }

    AfterEach {
        [void](Invoke-RestMethod -Method Delete -Uri "$($tenant.Control)/faults")
    }

    It 'ends an operation that would have to wait longer' {
        $connection = Connect-TestTenant $tenant -Option @{ RetryBudgetSec = 4 }
        Add-Stumble
        { Get-PPDirSync -Connection $connection } | Should -Throw -ErrorId 'PPFederation.NotConverged,Get-PPDirSync'
    }

    It 'says in the verbose stream what is waited for and what is left' {
        $connection = Connect-TestTenant $tenant -Option @{ RetryBudgetSec = 60 }
        Add-Stumble
        $said = Get-PPDirSync -Connection $connection -Verbose 4>&1 | Out-String
        $said | Should -Match '55 s of the retry budget left'
    }

    It 'refuses a negative one' {
        { Connect-TestTenant $tenant -Option @{ RetryBudgetSec = -1 } } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Connect-PPTenant'
    }
}

Describe 'Connect-PPTenant with an access token' {
    BeforeAll {
        $token = Get-TestToken $tenant
        $parameters = @{
            TenantId = $tenant.TenantId; AccessToken = ConvertTo-TestSecret $token; Environment = 'Custom'
            LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph
        }
    }

    It 'uses the token for Graph and asks for no other' {
        Clear-TestRequest $tenant
        $connection = Connect-PPTenant @parameters
        $connection.SignIn | Should -Be 'AccessToken'
        (Get-PPDirSync -Connection $connection).TenantId | Should -Be $tenant.TenantId
        @(Get-TestRequest $tenant | Where-Object { $_.token }).Count | Should -Be 0
    }

    It 'refuses a token that the service no longer takes, before anything else is done with it' {
        [void](Set-TestTenant $tenant '/faults' @{ fault = 'tokenExpired' })
        $failure = Get-Failure { Connect-PPTenant @parameters }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.TokenUnfit,Connect-PPTenant'
        "$failure" | Should -Match "its end is .*, and this computer's clock says "
    }

    It 'refuses a token of another tenant' {
        $parameters.TenantId = $other.TenantId
        { Connect-PPTenant @parameters } | Should -Throw -ErrorId 'PPFederation.TokenUnfit,Connect-PPTenant'
    }
}

Describe 'Connect-PPTenant -Demo' {
    It 'connects to a tenant of its own on loopback' {
        $connection = Connect-PPTenant -Demo
        $connection.GraphEndpoint | Should -Match '^http://127\.0\.0\.1:\d+/graph$'
        (Get-PPDirSync).TenantId | Should -Be $connection.TenantId
        Disconnect-PPTenant
    }

    It 'ends the tenant with its connection' {
        $connection = Connect-PPTenant -Demo
        $clock = "$([PPFederation.Native.ConnectionHandle]::Of($connection).Control)/clock"
        (Invoke-RestMethod -Uri $clock).now | Should -Not -BeNullOrEmpty
        $connection | Disconnect-PPTenant
        { Invoke-RestMethod -Uri $clock } | Should -Throw
    }

    It 'goes wrong as it was told to: -DemoFault <Fault>' -ForEach @(
        @{ Fault = 'ServiceDown'; Id = 'NotConverged' }
        @{ Fault = 'PermissionMissing'; Id = 'PermissionMissing' }
        @{ Fault = 'RoleRefused'; Id = 'AccessDenied' }
        @{ Fault = 'PolicyForbidsSecrets'; Id = 'SecretsForbiddenByPolicy' }
        @{ Fault = 'DeletedApp'; Id = 'ApplicationDeleted' }
    ) {
        $connection = Connect-PPTenant -Demo -DemoFault $Fault -RetryBudgetSec 1
        { Invoke-PPRunbook -Connection $connection -Confirm:$false -WarningAction SilentlyContinue -ErrorAction Stop } |
            Should -Throw -ErrorId "PPFederation.$Id,Invoke-PPRunbook"
    }

    It 'refuses the sign-in where it was told to' {
        { Connect-PPTenant -Demo -DemoFault signInRefused -ErrorAction Stop } | Should -Throw -ErrorId 'PPFederation.ConditionalAccess,Connect-PPTenant'
    }

    It 'goes wrong in ways that a run copes with: throttled, answers that are lost, lag' {
        $connection = Connect-PPTenant -Demo -DemoFault Throttled, LostAnswers, Lag
        (Invoke-PPRunbook -Connection $connection -Step Application -Confirm:$false).Result | Should -Be 'Done'
    }

    It 'names the faults that there are' {
        { Connect-PPTenant -Demo -DemoFault Fire } | Should -Throw -ExpectedMessage '*Throttled,Lag,LostAnswers*'
    }
}

Describe 'Get-PPConnection' {
    It 'shows the last connection of the session' {
        [void](Connect-TestTenant $other)
        [void](Connect-TestTenant $tenant)
        (Get-PPConnection).TenantId | Should -Be $tenant.TenantId
    }

    It 'shows the one that is given, which can be used on' {
        $connection = Connect-TestTenant $other
        [void](Connect-TestTenant $tenant)
        $shown = Get-PPConnection -Connection $connection
        $shown.TenantId | Should -Be $other.TenantId
        (Get-PPDirSync -Connection $shown).TenantId | Should -Be $other.TenantId
    }

    It 'does not show the handle or a secret in its views' {
        $text = Get-PPConnection | Out-String
        $text | Should -Match $tenant.TenantId
        $text | Should -Not -Match 'Handle'
    }
}

Describe 'Two connections' {
    It 'never cross' {
        $first = Connect-TestTenant $tenant
        $second = Connect-TestTenant $other
        Clear-TestRequest $tenant
        Clear-TestRequest $other
        (Get-PPDirSync -Connection $first).TenantId | Should -Be $tenant.TenantId
        @(Get-TestRequest $other).Count | Should -Be 0
        (Get-PPDirSync -Connection $second).TenantId | Should -Be $other.TenantId
    }

    It 'can be piped, one after the other' {
        $both = @((Connect-TestTenant $tenant), (Connect-TestTenant $other))
        $states = @($both | Get-PPDirSync)
        $states.TenantId | Should -Be @($tenant.TenantId, $other.TenantId)
    }
}

Describe 'Disconnect-PPTenant' {
    It 'closes the connection that is given, and no other' {
        $first = Connect-TestTenant $tenant
        $second = Connect-TestTenant $other
        Disconnect-PPTenant -Connection $first
        { Get-PPDirSync -Connection $first } | Should -Throw -ErrorId 'PPFederation.ConnectionClosed,Get-PPDirSync'
        (Get-PPDirSync).TenantId | Should -Be $other.TenantId
        $first.State | Should -Be 'Closed'
        $second | Disconnect-PPTenant
    }

    It 'leaves no default behind when it closes the last one' {
        Get-PPConnection -ListAvailable | Disconnect-PPTenant
        [void](Connect-TestTenant $tenant)
        Disconnect-PPTenant
        { Get-PPDirSync } | Should -Throw -ErrorId 'PPFederation.NotConnected,Get-PPDirSync'
        Get-PPConnection | Should -BeNullOrEmpty
    }
}

Describe 'A connection' {
    It 'outlives Import-Module -Force' {
        $connection = Connect-TestTenant $tenant
        Import-Module -Name $env:PPFEDERATION_MODULE -Force
        (Get-PPDirSync -Connection $connection).TenantId | Should -Be $tenant.TenantId
    }

    It 'of another process is refused' {
        $path = Join-Path $TestDrive 'connection.clixml'
        [void](Invoke-TestShell -Script "Import-Module '$env:PPFEDERATION_MODULE'; Connect-PPTenant -Demo | Export-Clixml -LiteralPath '$path'")
        $theirs = Import-Clixml -LiteralPath $path
        { Get-PPDirSync -Connection $theirs } | Should -Throw -ErrorId 'PPFederation.ConnectionClosed,Get-PPDirSync'
    }

    It 'must be what Connect-PPTenant returned' {
        { Get-PPDirSync -Connection 'contoso' } | Should -Throw -ErrorId 'PPFederation.NotAConnection,Get-PPDirSync'
        { Get-PPDirSync -Connection $null } | Should -Throw
    }

    It 'is closed when nothing refers to it any more' {
        $connection = Connect-TestTenant $tenant
        [PPFederation.Native.ConnectionHandle]::Of($connection).Dispose()
        $connection.State | Should -Be 'Closed'
        { Get-PPDirSync -Connection $connection } | Should -Throw -ErrorId 'PPFederation.ConnectionClosed,Get-PPDirSync'
    }
}
