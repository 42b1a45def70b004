# Error texts: sentences that name what was given and what to do, without the words of a library or the numbers of a system.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'TestCertificate.ps1')
    . (Join-Path $PSScriptRoot 'WrongCommand.ps1')
    $tenant = Start-TestTenant
    [void](Connect-TestTenant $tenant)
    [void](Invoke-PPRunbook -Confirm:$false)
    $custom = @{ Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph }
    $someone = @{ TenantId = $tenant.TenantId; ClientId = (Get-TestClient $tenant).clientId }

    function Assert-Sentence {
        # One failure of that id, category and text, in a sentence.
        param($Failure, [string]$Id, [string]$Like, [string]$Category)

        $Failure.FullyQualifiedErrorId | Should -BeLike "PPFederation.$Id,*"
        $Failure.CategoryInfo.Category | Should -Be $Category
        # Whose it is comes first.
        $text = $Failure.Exception.Message -replace "^(Tenant '[^']+'|[^:]+ \([0-9a-f-]{36}\)): "
        $text | Should -BeLike $Like
        $text | Should -MatchExactly '^\p{Lu}.*[.!?]$'
        $text | Should -Not -Match 'os error|relative URL|OID|tcp connect|client error'
    }
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'An error' {
    BeforeEach {
        # A sign-in that fails leaves no default.
        [void](Connect-TestTenant $tenant)
    }

    It 'of a certificate file that is absent says so, in the category of what is not found' {
        $path = Join-Path $TestDrive 'absent.pfx'
        $failure = Get-Failure { Connect-PPTenant @custom @someone -CertificatePath $path }
        Assert-Sentence $failure 'CertificateFileNotFound' "There is no *absent.pfx*" 'ObjectNotFound'
    }

    It 'of a certificate to sign in with whose key is EC says that RSA is needed' {
        $failure = Get-Failure { Connect-PPTenant @custom @someone -CertificatePath (Join-Path $certificates 'ec.pem') }
        Assert-Sentence $failure 'CertificateUnfit' '*must be RSA*EC*' 'InvalidArgument'
    }

    It 'of a thumbprint where there is no certificate store says which parameter to use' -Skip:($env:OS -eq 'Windows_NT') {
        $failure = Get-Failure { Connect-PPTenant @custom @someone -CertificateThumbprint ABC }
        Assert-Sentence $failure 'CertificateStoreUnavailable' 'Only Windows has a certificate store*' 'InvalidOperation'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*-CertificatePath*'
    }

    It 'of a vault that is no address says how one looks' {
        $failure = Get-Failure { New-PPClientSecret -NewSecret -SecretSink KeyVault -VaultUri contoso -Confirm:$false }
        Assert-Sentence $failure 'VaultUriInvalid' "The vault's address can't be 'contoso': *https://*" 'InvalidArgument'
    }

    It 'of a host that refuses the connection names host and port, and what that may mean' {
        $nobody = @{ Environment = 'Custom'; LoginEndpoint = 'http://127.0.0.1:9/login'; GraphEndpoint = 'http://127.0.0.1:9/graph' }
        $failure = Get-Failure { Connect-PPTenant @nobody @someone -ClientSecret (ConvertTo-TestSecret 'x') -RetryBudgetSec 1 }
        Assert-Sentence $failure 'NetworkFailed' 'Could not reach 127.0.0.1:9: nothing listens there, or a firewall refuses*' 'ConnectionError'
    }

    It 'of a script block that fails as a sink quotes it and goes on with a sentence of its own' {
        $Error.Clear()
        [void](New-PPClientSecret -NewSecret -Confirm:$false -WarningAction SilentlyContinue -SecretSink { throw 'vault is down' } -ErrorAction SilentlyContinue)
        $failures = @($Error | Where-Object { $_.FullyQualifiedErrorId -like 'PPFederation.SecretNotPlaced*' })
        Assert-Sentence $failures[0] 'SecretNotPlaced' '*vault is down. Its text is unclaimed*' 'ResourceUnavailable'
    }

    It 'of an id that is none names it: <Name>' -ForEach @(
        @{ Name = 'KeyId'; Call = { Remove-PPClientSecret -KeyId nonsense -Confirm:$false -ErrorAction Stop } }
        @{ Name = 'ClientId'; Call = { Connect-PPTenant @custom -TenantId $tenant.TenantId -ClientId nonsense -ClientSecret (ConvertTo-TestSecret 'x') } }
    ) {
        Assert-Sentence (Get-Failure $Call) "${Name}Invalid" "*'nonsense'*" 'InvalidArgument'
    }
}

Describe 'The catalogue of errors' {
    It 'advises nothing that doesn''t help' {
        $page = [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $PSScriptRoot) 'docs/errors.md'))
        # How long a ledger is waited for is not for the caller to say.
        [regex]::Matches($page, '(?m)^\| `PPFederation\.Ledger.*-RetryBudgetSec.*$') | Should -BeNullOrEmpty
        # The module is in no public gallery.
        [regex]::Matches($page, '(Update|Install)-(Module|PSResource)') | Should -BeNullOrEmpty
    }

    It 'names cmdlets and parameters that there are' {
        $known = (Get-Module -Name PPFederation).ExportedFunctions.Values | ForEach-Object { $_.Parameters.Values } | ForEach-Object { $_.Name; $_.Aliases } | Sort-Object -Unique
        $lines = @([System.IO.File]::ReadAllLines((Join-Path (Split-Path -Parent $PSScriptRoot) 'docs/errors.md')) -match '^\| `PPFederation\.')
        $lines.Count | Should -BeGreaterThan 100
        foreach ($line in $lines) {
            Get-WrongMention -Text $line | Should -BeNullOrEmpty -Because $line
            # Where the way leads through Microsoft's module, its parameters are named as well.
            foreach ($parameter in [regex]::Matches($line, '(?<![\w-])-([A-Z]\w+)') | Where-Object { $line -notmatch '\w-Mg\w' }) {
                $known | Should -Contain $parameter.Groups[1].Value -Because $line
            }
        }
    }
}
