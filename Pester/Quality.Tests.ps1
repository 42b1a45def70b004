# What every exported cmdlet and every file must have. Looks at the module that ships, and at its sources.

$module = Import-Module -Name $env:PPFEDERATION_MODULE -PassThru
$exported = @($module.ExportedFunctions.Keys | Sort-Object | ForEach-Object { @{ Name = $_ } })

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    $root = Split-Path -Parent $PSScriptRoot
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters +
        [System.Management.Automation.PSCmdlet]::OptionalCommonParameters

    function Get-ScriptFile {
        foreach ($folder in 'PowerShell', 'Pester', 'tests') {
            Get-ChildItem -LiteralPath (Join-Path $root $folder) -Recurse -Include '*.ps1', '*.psm1', '*.psd1'
        }
        Get-ChildItem -LiteralPath $root -Filter '*.ps1'
        Get-ChildItem -LiteralPath (Split-Path -Parent $env:PPFEDERATION_MODULE) -Filter '*.ps*1'
    }

    function Get-Ast {
        param([string]$Path)

        $tokens = $null
        $errors = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$tokens, [ref]$errors)
        [pscustomobject]@{ Ast = $ast; Tokens = $tokens; Errors = $errors }
    }
}

Describe 'The help of <Name>' -ForEach $exported {
    BeforeAll {
        $command = Get-Command -Name $Name
        $help = $command.ScriptBlock.Ast.GetHelpContent()
    }

    It 'has a synopsis and a description' {
        $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
        $help.Description.Trim().Length | Should -BeGreaterThan 60
    }

    It 'has at least two examples' {
        $help.Examples.Count | Should -BeGreaterOrEqual 2
    }

    It 'documents every parameter, and no other' {
        $parameters = @($command.Parameters.Keys | Where-Object { $common -notcontains $_ } | Sort-Object | ForEach-Object { $_.ToUpperInvariant() })
        $documented = @($help.Parameters.Keys | Sort-Object)
        $documented -join ' ' | Should -Be ($parameters -join ' ')
    }

    It 'says what is returned' {
        $help.Outputs.Count | Should -BeGreaterOrEqual 1
        $command.OutputType.Count | Should -BeGreaterOrEqual 1
    }

    It 'is found by Get-Help' {
        (Get-Help -Name $Name).Synopsis | Should -Be $help.Synopsis.Trim()
    }

    It 'has a test that calls it' {
        $calls = foreach ($file in Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.Tests.ps1') {
            (Get-Ast $file.FullName).Ast.FindAll({
                    param($node)
                    $node -is [System.Management.Automation.Language.CommandAst] -and $node.GetCommandName() -eq $Name
                }, $true)
        }
        @($calls).Count | Should -BeGreaterThan 0
    }
}

Describe 'The exported cmdlets' {
    It 'are those of the manifest, of the folder Public, and of the module that ships' {
        $manifest = (Test-ModuleManifest -Path $env:PPFEDERATION_MODULE).ExportedFunctions.Keys | Sort-Object
        $sources = Get-ChildItem -LiteralPath (Join-Path $root 'PowerShell/PPFederation/Public') | ForEach-Object { $_.BaseName } | Sort-Object
        $shipped = (Get-Module -Name PPFederation).ExportedFunctions.Keys | Sort-Object
        $manifest -join ' ' | Should -Be ($sources -join ' ')
        $shipped -join ' ' | Should -Be ($sources -join ' ')
    }

    It 'have approved verbs, the prefix PP and no plural noun' {
        foreach ($name in (Get-Module -Name PPFederation).ExportedFunctions.Keys) {
            $name | Should -Match '^(Connect|Disconnect|Disable|Get|Invoke|New|Remove|Show|Test|Update|Wait)-PP[A-Z][A-Za-z]*([^s]|Status)$'
        }
    }

    It 'support -WhatIf and -Confirm where they write' {
        foreach ($name in 'Disable-PPDirSync', 'New-PPFederationApp', 'New-PPClientSecret', 'Remove-PPClientSecret', 'Update-PPClientSecret', 'Invoke-PPRunbook') {
            (Get-Command -Name $name).Parameters.Keys | Should -Contain 'WhatIf'
            (Get-Command -Name $name).Parameters.Keys | Should -Contain 'Confirm'
        }
    }

    It 'take -Connection where they talk to a tenant' {
        $without = 'Connect-PPTenant', 'Get-PPAttributeOwnership', 'New-PPProvisioningScript', 'Show-PPClientSecret'
        foreach ($command in (Get-Module -Name PPFederation).ExportedFunctions.Values) {
            if ($without -notcontains $command.Name) {
                $command.Parameters.Keys | Should -Contain 'Connection'
            }
        }
    }

    It 'copy the preferences of their caller first' {
        foreach ($file in Get-ChildItem -LiteralPath (Join-Path $root 'PowerShell/PPFederation/Public')) {
            [System.IO.File]::ReadAllText($file.FullName) | Should -Match 'Import-PPCallerPreference -Cmdlet \$PSCmdlet'
        }
    }
}

Describe 'The sources' {
    It 'are ASCII: Windows PowerShell 5.1 misreads UTF-8 without a mark' {
        foreach ($file in Get-ScriptFile) {
            # A character a byte, whatever it is.
            $text = [System.Text.Encoding]::GetEncoding('iso-8859-1').GetString([System.IO.File]::ReadAllBytes($file.FullName))
            $text -match '[^\x00-\x7F]' | Should -Be $false -Because $file.FullName
        }
    }

    It 'parse without an error' {
        foreach ($file in Get-ScriptFile) {
            (Get-Ast $file.FullName).Errors.Count | Should -Be 0 -Because $file.FullName
        }
    }

    It 'use no syntax newer than Windows PowerShell 5.1' {
        $newer = 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'AndAnd', 'OrOr', 'Clean'
        foreach ($file in Get-ScriptFile) {
            $parsed = Get-Ast $file.FullName
            $kinds = @($parsed.Tokens | ForEach-Object { $_.Kind.ToString() } | Where-Object { $newer -contains $_ })
            $nodes = @($parsed.Ast.FindAll({
                        param($node)
                        $node.GetType().Name -in 'TernaryExpressionAst', 'PipelineChainAst' -or
                        ($node -is [System.Management.Automation.Language.CommandParameterAst] -and
                        $node.Parent.GetCommandName() -eq 'ForEach-Object' -and $node.ParameterName -eq 'Parallel')
                    }, $true))
            $kinds.Count + $nodes.Count | Should -Be 0 -Because $file.FullName
        }
    }

    It 'of the module never call Write-Host, Add-Type or Invoke-Expression' {
        $calls = (Get-Ast (Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'PPFederation.psm1')).Ast.FindAll({
                param($node)
                $node -is [System.Management.Automation.Language.CommandAst] -and
                $node.GetCommandName() -in 'Write-Host', 'Add-Type', 'Invoke-Expression', 'Invoke-RestMethod', 'Invoke-WebRequest'
            }, $true)
        @($calls).Count | Should -Be 0
    }

    It 'ship as one file that dot-sources nothing' {
        $folder = Split-Path -Parent $env:PPFEDERATION_MODULE
        $dots = (Get-Ast (Join-Path $folder 'PPFederation.psm1')).Ast.FindAll({
                param($node)
                $node -is [System.Management.Automation.Language.CommandAst] -and $node.InvocationOperator -eq 'Dot'
            }, $true)
        @($dots).Count | Should -Be 0
        @(Get-ChildItem -LiteralPath $folder -Recurse -Filter '*.ps1').Count | Should -Be 0
    }
}

Describe 'What differs between systems' {
    It 'is in the file of its matter, named for it' {
        $matters = 'src/ffi/locked_memory/', 'src/ffi/certificate_store', 'src/sign_in/user/browser.rs', 'src/sign_in/managed_identity/'
        $core = Join-Path $root 'rust-core'
        $files = Get-ChildItem -LiteralPath (Join-Path $core 'src') -Recurse -Filter '*.rs' | Where-Object {
            [System.IO.File]::ReadAllText($_.FullName) -match '(?m)^[^/\n]*\bcfg\w*!?\([^\n]*\b(windows|unix|target_os|target_family)\b'
        } | ForEach-Object { $_.FullName.Substring($core.Length + 1).Replace('\', '/') }
        @($files).Count | Should -BeGreaterThan 0
        foreach ($file in $files) {
            @($matters | Where-Object { $file.StartsWith($_) }).Count | Should -Be 1 -Because $file
        }
    }
}

Describe 'The files that ship' {
    It 'are those that the manifest lists, the licence among them' {
        $folder = Split-Path -Parent $env:PPFEDERATION_MODULE
        $files = @(Get-ChildItem -LiteralPath $folder -Recurse | Where-Object { -not $_.PSIsContainer } | ForEach-Object { $_.FullName } | Sort-Object)
        $listed = @((Test-ModuleManifest -Path $env:PPFEDERATION_MODULE).FileList | Sort-Object)
        $listed -join "`n" | Should -Be ($files -join "`n")
        Test-Path -LiteralPath (Join-Path $folder 'LICENSE') | Should -Be $true
    }
}

Describe 'The version' {
    It 'is the same in Cargo.toml, the manifest, the bridge and the native library' {
        $text = [System.IO.File]::ReadAllText((Join-Path $root 'Cargo.toml'))
        $version = [regex]::Match($text, '(?m)^version = "([^"]+)"').Groups[1].Value
        (Get-Module -Name PPFederation).Version.ToString() | Should -Be $version
        [PPFederation.Native.Library]::BridgeVersion | Should -Be $version
        [PPFederation.Native.Library]::Open('') | Should -Be $version
    }
}

Describe 'The views' {
    BeforeAll {
        $format = [xml][System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'PPFederation.Format.ps1xml'))
        $views = @($format.Configuration.ViewDefinitions.View)
    }

    It 'select each type as it is here and as it is after remoting' {
        foreach ($view in $views) {
            $names = @($view.ViewSelectedBy.TypeName)
            $names[1] | Should -Be "Deserialized.$($names[0])"
        }
    }

    It 'are a table and a list for each type that a cmdlet returns' {
        $types = (Get-Module -Name PPFederation).ExportedFunctions.Values |
            ForEach-Object { $_.OutputType.Name } | Where-Object { $_ -like 'PPFederation.*' } | Sort-Object -Unique
        foreach ($type in $types) {
            $own = @($views | Where-Object { @($_.ViewSelectedBy.TypeName)[0] -eq $type })
            @($own | Where-Object { $_['TableControl'] }).Count | Should -Be 1 -Because $type
            @($own | Where-Object { $_['ListControl'] }).Count | Should -Be 1 -Because $type
        }
    }
}
