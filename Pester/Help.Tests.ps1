# The help as people reach it: in the session, in the browser, as pages.

$module = Import-Module -Name $env:PPFEDERATION_MODULE -PassThru
$exported = @($module.ExportedFunctions.Keys | Sort-Object | ForEach-Object { @{ Name = $_ } })
$topics = @(Get-ChildItem -LiteralPath (Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'en-US') -Filter 'about_*.help.txt' |
        ForEach-Object { @{ Topic = $_.Name; Path = $_.FullName } })

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    $root = Split-Path -Parent $PSScriptRoot
    . (Join-Path $root 'PowerShell/Build/HelpPage.ps1')
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'WrongCommand.ps1')
    $pages = Join-Path $root 'docs/cmdlets'

    function Get-TopicCommand {
        # The commands of an about topic: its blocks with a cmdlet of the module in them, which are indented by six.
        param([string]$Path)

        $text = [System.IO.File]::ReadAllText($Path).Replace("`r", '')
        $blocks = @([regex]::Matches($text, '(?m)^ {6}\S.*\n(?: {6,}\S.*\n)*') | ForEach-Object { $_.Value })
        foreach ($block in $blocks -match '-PP[A-Z]' -replace '<[^>\n]+>', 'x') {
            [System.Management.Automation.Language.Parser]::ParseInput($block, [ref]$null, [ref]$null).EndBlock.Statements | ForEach-Object { $_.Extent.Text }
        }
    }
}

Describe 'The page of <Name> (habit 19)' -ForEach $exported {
    It 'says what the help says' {
        $file = Join-Path $pages "$Name.md"
        $page = ConvertTo-HelpPage -Command (Get-Command -Name $Name)
        if ($env:PPFEDERATION_WRITE) {
            [void](New-Item -ItemType Directory -Path $pages -Force)
            [System.IO.File]::WriteAllText($file, $page)
        }
        # Run this test with PPFEDERATION_WRITE=1 to write it.
        [System.IO.File]::ReadAllText($file).Replace("`r", '') | Should -Be $page
    }

    It 'is what Get-Help -Online opens' {
        $uri = "$((Get-Module -Name PPFederation).ProjectUri)/blob/main/docs/cmdlets/$Name.md"
        (Get-Command -Name $Name).HelpUri | Should -Be $uri
    }
}

Describe 'The help of <Name> (habit 18)' -ForEach $exported {
    It 'says what can be piped' {
        $command = Get-Command -Name $Name
        $inputs = $command.ScriptBlock.Ast.GetHelpContent().Inputs -join "`n"
        $inputs | Should -Not -BeNullOrEmpty
        foreach ($parameter in $command.Parameters.Values) {
            $taken = @($parameter.Attributes | Where-Object { $_ -is [Parameter] -and ($_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName) })
            if ($taken) {
                $inputs | Should -Match "\b$($parameter.Name)\b"
            }
        }
        (Get-Help -Name $Name -Full).inputTypes.inputType | Should -Not -BeNullOrEmpty
    }
}

Describe '<Topic>' -ForEach $topics {
    It 'names cmdlets and parameters that there are in its commands' {
        foreach ($command in Get-TopicCommand -Path $Path) {
            Get-WrongCommand -Text $command | Should -BeNullOrEmpty -Because $command
        }
    }
}

Describe 'about_PPFederation_Attributes' {
    It 'has commands that work one after the other' {
        $topic = Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'en-US/about_PPFederation_Attributes.help.txt'
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $tenant = Start-TestTenant
        Push-Location -LiteralPath $folder
        try {
            $ConfirmPreference = 'None'
            $ErrorActionPreference = 'Stop'
            [void](Connect-TestTenant $tenant)
            $user = (Invoke-RestMethod -Uri "$($tenant.Graph)/v1.0/users?`$top=1" -Headers @{ Authorization = "Bearer $(Get-TestToken $tenant)" }).value[0]
            # What the reader has.
            foreach ($list in @{ Name = 'portal-users.csv'; Column = 'Username' }, @{ Name = 'users.csv'; Column = 'Login' }) {
                [System.IO.File]::WriteAllText((Join-Path $folder $list.Name), "$($list.Column),ImmutableId`n$($user.userPrincipalName),1`n")
            }
            [System.IO.File]::WriteAllText((Join-Path $folder 'script.js'), (Get-PPProvisioningScript -UsageLocation AU).Script)
            $commands = @(Get-TopicCommand -Path $topic | Select-Object -Unique)
            $commands.Count | Should -BeGreaterThan 7
            foreach ($command in $commands) {
                [void](& ([scriptblock]::Create($command.Replace('ann@contoso.com', $user.userPrincipalName))) 3>$null 6>$null)
            }
        }
        finally {
            Pop-Location
            Stop-TestTenant $tenant
        }
        Join-Path $folder 'report.html' | Should -Exist
    }
}

Describe 'about_PPFederation_SignIn' {
    BeforeAll {
        . (Join-Path $PSScriptRoot 'TestCertificate.ps1')
        $topic = [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'en-US/about_PPFederation_SignIn.help.txt'))
        $listed = @([regex]::Matches($topic, '(?m)^ {6}([A-Z]\w+\.Read(?:Write)?\.\w+)\r?$').ForEach({ $_.Groups[1].Value }))
        $look = $listed[-2..-1]
        $tenant = Start-TestTenant '--no-dir-sync'

        function Connect-TestApplication {
            # Signs in as an application that has these permissions and no role.
            param([string[]]$Permission)

            $app = Set-TestTenant $tenant '/edit' @{ edit = 'addApplication'; displayName = 'A job' }
            $principal = Set-TestTenant $tenant '/edit' @{ edit = 'addServicePrincipal'; appId = $app.appId }
            foreach ($name in $Permission) {
                [void](Set-TestTenant $tenant '/edit' @{ edit = 'addAppRole'; principalId = $principal.id; role = $name })
            }
            $made = Set-TestTenant $tenant '/edit' @{ edit = 'addSecret'; applicationId = $app.id; displayName = 'A job'; lifeSeconds = 3600 }
            $signIn = @{ Environment = 'Custom'; LoginEndpoint = $tenant.Login; GraphEndpoint = $tenant.Graph; RetryBudgetSec = 4 }
            Connect-PPTenant @signIn -TenantId $tenant.TenantId -ClientId $app.appId -ClientSecret (ConvertTo-TestSecret $made.secret)
        }
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'lists the application permissions that all steps take, and none besides' {
        $listed.Count | Should -BeGreaterThan 5
        (Connect-TestApplication $listed).Steps.Missing | Should -BeNullOrEmpty
        foreach ($one in $listed) {
            (Connect-TestApplication ($listed -ne $one)).Steps.Missing | Should -Not -BeNullOrEmpty -Because "$one is listed"
        }
    }

    It 'says which of them suffice to look, to compare and to rotate' {
        [void](Connect-TestApplication $listed)
        [void](Invoke-PPRunbook -Confirm:$false)
        [void](Get-PPClientSecret -Unclaimed -Claim)
        $list = Join-Path $TestDrive 'portal-users.csv'
        [System.IO.File]::WriteAllText($list, "Username,DisplayName,ImmutableId`nann@contoso.com,Ann,1`n")
        $seen = foreach ($names in $listed, $look) {
            [void](Connect-TestApplication $names)
            (Get-PPFederationStatus | Select-Object -Property Step, State | ConvertTo-Csv) -join "`n"
            (Compare-PPAttribute -Path $list 3>$null 6>$null | Select-Object -Property UserPrincipalName, Attribute, Severity, Reason | ConvertTo-Csv) -join "`n"
        }
        $seen[2] | Should -Be $seen[0]
        $seen[3] | Should -Be $seen[1]
        $sink = @{ SecretSink = 'SealedFile'; RecipientCertificate = (Join-Path $certificates 'certificate.pem'); Path = (Join-Path $TestDrive 'PPToken.cms') }
        [void](Connect-TestApplication ($look + 'Application.ReadWrite.All'))
        [void](Update-PPClientSecret @sink -Confirm:$false -ErrorAction Stop)
        $sink.Path | Should -Exist
    }

    It 'lists what the documents list' {
        $known = [System.IO.File]::ReadAllText((Join-Path $root 'docs/what-to-know.md'))
        [regex]::Matches($known, '\b[A-Z]\w+\.Read(?:Write)?\.\w+').Value | Sort-Object -Unique | Should -Be ($listed | Sort-Object)
        $page = [System.IO.File]::ReadAllText((Join-Path $root 'docs/azure-automation.md'))
        $loops = @([regex]::Matches($page, 'foreach \(\$name in ([^)]+)\)').ForEach({ , ($_.Groups[1].Value.Trim("'") -split "', '") }))
        $loops | Should -HaveCount 2
        $look | Where-Object { $loops[0] -notcontains $_ } | Should -BeNullOrEmpty
        $listed | Where-Object { $look -notcontains $_ } | Sort-Object | Should -Be ($loops[1] | Sort-Object)
    }
}

Describe 'The help of the module' {
    It 'has a page for each cmdlet and for no other' {
        $names = (Get-ChildItem -LiteralPath $pages).BaseName | Sort-Object
        $names | Should -Be ((Get-Module -Name PPFederation).ExportedFunctions.Keys | Sort-Object)
    }

    It 'promises no help to Update-Help that is not there' {
        (Get-Module -Name PPFederation).HelpInfoUri | Should -BeNullOrEmpty
    }

    It 'names errors that there are where it tells what to do by symptom, and each of directory synchronization' {
        $there = [regex]::Matches([System.IO.File]::ReadAllText((Join-Path $root 'docs/errors.md')), '`PPFederation\.(\w+)`') | ForEach-Object { $_.Groups[1].Value }
        $text = [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'en-US/about_PPFederation_Troubleshooting.help.txt'))
        $named = [regex]::Matches($text, '\(([A-Z]\w+(?:,\s+[A-Z]\w+)*)\)') | ForEach-Object { $_.Groups[1].Value -split ',\s+' } | Where-Object { $_ -cmatch '^[A-Z]+[a-z]+[A-Z]' }
        $named.Count | Should -BeGreaterThan 30
        $named | Where-Object { $there -cnotcontains $_ } | Should -BeNullOrEmpty
        $there | Where-Object { $_ -like 'DirSync*' -and $named -cnotcontains $_ } | Should -BeNullOrEmpty
    }

    It 'is found by a part of a name, with synopsis' {
        foreach ($found in Get-Help -Name '*PPTen*') {
            $found.Synopsis.Length | Should -BeGreaterThan 10 -Because $found.Name
        }
    }
}
