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

    It 'says of each parameter what it is, as Get-Help -Full shows it' {
        foreach ($parameter in (Get-Help -Name $Name -Full).parameters.parameter | Where-Object { $_.name -and $common -notcontains $_.name }) {
            ($parameter.description.Text -join ' ').Trim().Length | Should -BeGreaterThan 15 -Because $parameter.name
        }
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
            $name | Should -Match '^(Compare|Connect|Disconnect|Disable|Export|Find|Get|Invoke|Merge|New|Remove|Restore|Save|Select|Show|Test|Undo|Update|Wait)-PP[A-Z][A-Za-z]*([^s]|Status)$'
        }
    }

    It 'support -WhatIf and -Confirm where they write' {
        foreach ($name in 'Disable-PPDirSync', 'New-PPFederationApp', 'New-PPClientSecret', 'Remove-PPClientSecret', 'Remove-PPFederationApp', 'Restore-PPFederationApp', 'Save-PPClientSecret', 'Undo-PPRunbook', 'Update-PPClientSecret', 'Invoke-PPFleet', 'Invoke-PPRunbook', 'Merge-PPProvisioningScript', 'Get-PPPlan', 'New-PPSignInClient', 'Remove-PPSignInClient', 'Export-PPReport', 'Export-PPAttributeBackup', 'Restore-PPAttribute') {
            (Get-Command -Name $name).Parameters.Keys | Should -Contain 'WhatIf'
            (Get-Command -Name $name).Parameters.Keys | Should -Contain 'Confirm'
        }
    }

    It 'take -Connection where they talk to a tenant' {
        $without = 'Connect-PPTenant', 'Export-PPReport', 'Get-PPAttributeOwnership', 'Get-PPProvisioningScript', 'Merge-PPProvisioningScript',
            'Show-PPClientSecret', 'Test-PPProvisioningScript'
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

Describe 'The parameters that cmdlets share' {
    BeforeAll {
        . (Join-Path $root 'PowerShell/Build/Source.ps1')
        $source = Join-Path $root 'PowerShell/PPFederation'

        function Get-Parameter {
            # The parameters of the cmdlets as the sources have them: what is declared, or that another file declares it.
            foreach ($folder in 'Public', 'Parameters') {
                foreach ($file in Get-ChildItem -LiteralPath (Join-Path $source $folder)) {
                    $ast = (Get-Ast $file.FullName).Ast
                    $function = $ast.Find({ param($node) $node -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $false)
                    $help = if ($function) { $function.GetHelpContent() } else { $ast.GetHelpContent() }
                    $block = if ($function) { $function.Body.ParamBlock } else { $ast.ParamBlock }
                    foreach ($parameter in $block.Parameters) {
                        $name = $parameter.Name.VariablePath.UserPath
                        $shared = Get-SharedAttribute $parameter
                        [pscustomobject]@{
                            Shared      = if ($shared) { @($shared.PositionalArguments.Value) + $name | Select-Object -First 1 }
                            Declaration = $parameter.Extent.Text
                            Help        = $help.Parameters[$name.ToUpperInvariant()] -replace '\s+', ' '
                        }
                    }
                }
            }
        }

        function Get-Fixture {
            # A module's sources with one cmdlet, whose parameters are given, and the shared parameter Connection.
            param([string]$Parameter)

            $folder = Join-Path $TestDrive ([guid]::NewGuid())
            foreach ($name in 'Public', 'Parameters') {
                [void](New-Item -ItemType Directory -Path (Join-Path $folder $name))
            }
            Copy-Item -LiteralPath (Join-Path $source 'Parameters/Connection.ps1') -Destination (Join-Path $folder 'Parameters')
            [System.IO.File]::WriteAllText((Join-Path $folder 'Facts.json'), '{ "Steps": ["One", "Two"] }')
            $text = "function Get-It {`n    <#`n    .EXAMPLE`n    Get-It`n    #>`n    param(`n$Parameter`n    )`n}`n"
            [System.IO.File]::WriteAllText((Join-Path $folder 'Public/Get-It.ps1'), $text)
            $folder
        }

        function Expand-Fixture {
            param([string]$Folder)

            Expand-Source -Path (Join-Path $Folder 'Public/Get-It.ps1') -Source $Folder
        }

        $parameters = @(Get-Parameter)
    }

    It 'have one text each: no help and no declaration is written twice' {
        $own = @($parameters | Where-Object { -not $_.Shared })
        # A name and its type alone, such as [switch]$Force, is what cmdlets may mean different things by.
        $declarations = @($own.Declaration | Where-Object { $_ -notmatch '^\[[\w.]+\]\$\w+$' })
        foreach ($texts in $own.Help, $declarations) {
            @($texts | Group-Object | Where-Object Count -GT 1 | ForEach-Object { $_.Name }) -join "`n" | Should -Be ''
        }
    }

    It 'are each shared by two cmdlets or more' {
        $uses = $parameters | Where-Object { $_.Shared } | Group-Object -Property Shared
        $files = (Get-ChildItem -LiteralPath (Join-Path $source 'Parameters')).BaseName | Sort-Object
        ($uses | Where-Object Count -GT 1).Name | Sort-Object | Should -Be $files
    }

    It 'ship as plain declarations, and no fact by its name' {
        $folder = Split-Path -Parent $env:PPFEDERATION_MODULE
        foreach ($file in Get-ChildItem -LiteralPath $folder -Recurse -Include '*.ps*1', '*.ps1xml', '*.txt') {
            [System.IO.File]::ReadAllText($file.FullName) | Should -Not -Match '\[Shared\(|\{\{' -Because $file.Name
        }
    }

    It 'are written out with their help, between those of the cmdlet' {
        $folder = Get-Fixture -Parameter "        [string]`$A,`n        [Shared()]`$Connection,`n        [ValidateSet({{'Steps'}})]`n        [string]`$B"
        $function = [scriptblock]::Create((Expand-Fixture $folder)).Ast.EndBlock.Statements[0]
        $function.Body.ParamBlock.Parameters.Name.VariablePath.UserPath | Should -Be @('A', 'Connection', 'B')
        $function.Body.ParamBlock.Parameters[1].Attributes.TypeName.Name | Should -Be @('Parameter', 'ValidateNotNull', 'psobject')
        $function.Body.ParamBlock.Parameters[2].Attributes[0].PositionalArguments.Value | Should -Be @('One', 'Two')
        $function.GetHelpContent().Parameters['CONNECTION'] | Should -Match '^The connection to use, as Connect-PPTenant'
        $function.GetHelpContent().Examples.Count | Should -Be 1
    }

    It 'keep the attributes that a cmdlet gives them' {
        $folder = Get-Fixture -Parameter "        [Parameter(ParameterSetName = 'One')]`n        [Shared()]`$Connection"
        $function = [scriptblock]::Create((Expand-Fixture $folder)).Ast.EndBlock.Statements[0]
        $function.Body.ParamBlock.Parameters[0].Attributes.TypeName.Name | Should -Be @('Parameter', 'Parameter', 'ValidateNotNull', 'psobject')
    }

    It 'fail the build where there is none of that name, with file and line' {
        { Expand-Fixture (Get-Fixture -Parameter "        [string]`$A,`n        [Shared()]`$Connexion") } |
            Should -Throw -ExpectedMessage "*Get-It.ps1:8: no parameter 'Connexion' is shared*"
        { Expand-Fixture (Get-Fixture -Parameter "        [Shared('Connection')]`$A") } |
            Should -Throw -ExpectedMessage "*Get-It.ps1:7: *Connection.ps1 declares `$Connection."
        { Expand-Fixture (Get-Fixture -Parameter "        [ValidateSet({{'Stops'}})]`n        [string]`$A") } |
            Should -Throw -ExpectedMessage "*Get-It.ps1:7: Facts.json has no 'Stops'."
    }

    It 'say that a cmdlet takes no application over which does not' {
        foreach ($command in (Get-Module -Name PPFederation).ExportedFunctions.Values | Where-Object { $_.Parameters.ContainsKey('Adopt') }) {
            $help = $command.ScriptBlock.Ast.GetHelpContent().Parameters['ADOPT']
            $takes = $command.Name -in 'Get-PPPlan', 'Invoke-PPFleet', 'Invoke-PPRunbook', 'New-PPFederationApp'
            $help -match '^Takes over' | Should -Be $takes -Because $command.Name
            $help -replace '\s+', ' ' -match 'It is not taken over' | Should -Be (-not $takes) -Because $command.Name
        }
    }
}

Describe 'The value sets and help' {
    BeforeAll {
        $facts = [System.IO.File]::ReadAllText((Join-Path $root 'PowerShell/PPFederation/Facts.json')) | ConvertFrom-Json
    }

    It 'name the steps of the core' {
        foreach ($name in 'Connect-PPTenant', 'Get-PPFederationStatus', 'Get-PPPlan', 'Invoke-PPRunbook') {
            $set = (Get-Command -Name $name).Parameters['Step'].Attributes | Where-Object { $_ -is [ValidateSet] }
            $set.ValidValues | Should -Be $facts.Steps
        }
        $topic = [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'en-US/about_PPFederation.help.txt'))
        [regex]::Matches($topic, '(?m)^      (\w+)  +[A-Z]').ForEach({ $_.Groups[1].Value }) | Should -Be $facts.Steps
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

    It 'of the module call by a verb that changes things only what can be asked about, as PSScriptAnalyzer wants it' {
        $functions = (Get-Ast (Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'PPFederation.psm1')).Ast.FindAll({
                param($node)
                $node -is [System.Management.Automation.Language.FunctionDefinitionAst]
            }, $true)
        foreach ($function in $functions) {
            $changes = $function.Name -match '^(New|Set|Remove|Start|Stop|Restart|Reset|Update)-'
            $asks = $function.Body.Extent.Text -match '\.ShouldProcess\(' -and $function.Name -eq 'Test-PPApproval'
            if ($changes -or $asks) {
                $function.Body.ParamBlock.Extent.Text + ($function.Body.ParamBlock.Attributes.Extent.Text -join '') |
                    Should -Match 'SupportsShouldProcess' -Because $function.Name
            }
        }
    }

    It 'ship as one file that dot-sources nothing' {
        $folder = Split-Path -Parent $env:PPFEDERATION_MODULE
        $dots = (Get-Ast (Join-Path $folder 'PPFederation.psm1')).Ast.FindAll({
                param($node)
                $node -is [System.Management.Automation.Language.CommandAst] -and $node.InvocationOperator -eq 'Dot'
            }, $true)
        @($dots).Count | Should -Be 0
        @(Get-ChildItem -LiteralPath $folder -Filter '*.ps1').Count | Should -Be 0
        @(Get-ChildItem -LiteralPath $folder -Recurse -Filter '*.ps1' | ForEach-Object { $_.Directory.Name } | Sort-Object -Unique) | Should -Be 'Runbooks'
    }
}

Describe 'What differs between systems' {
    It 'is in the file of its matter, named for it' {
        $matters = 'base/src/locked_memory/', 'base/src/certificate_store', 'base/src/durable.rs', 'base/src/glibc.rs', 'ledger/src/file/locked.rs', 'sign_in/src/user/browser.rs', 'sign_in/src/managed_identity/', 'sink/src/owner.rs'
        $core = Join-Path $root 'rust-core'
        # The crates of the library; the others build, test or stand in for the tenant.
        $others = 'bindings', 'fuzz', 'package', 'taint', 'testing', 'twin'
        # Where a test runs is not the product's matter.
        $sources = Get-ChildItem -LiteralPath $core | Where-Object { $others -notcontains $_.Name } |
            ForEach-Object { Join-Path $_.FullName 'src' } | Where-Object { Test-Path -LiteralPath $_ }
        $files = Get-ChildItem -LiteralPath $sources -Recurse -Filter '*.rs' | Where-Object {
            [System.IO.File]::ReadAllText($_.FullName) -match '(?m)^[^/\n]*\bcfg\w*!?\((?!all\(test\b)[^\n]*\b(windows|unix|target_os|target_family)\b'
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

Describe 'The list of errors' {
    It 'has every id that the module and the bridge make' {
        $page = [System.IO.File]::ReadAllText((Join-Path $root 'docs/errors.md'))
        $topic = [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'en-US/about_PPFederation_Errors.help.txt'))
        $source = [System.IO.File]::ReadAllText([System.IO.Path]::ChangeExtension($env:PPFEDERATION_MODULE, 'psm1'))
        $ids = @([regex]::Matches($source, "-Id '(PPFederation\.\w+)'") | ForEach-Object { $_.Groups[1].Value })
        $ids += [System.Enum]::GetNames([PPFederation.Native.ReturnCode]) | Where-Object { $_ -ne 'Ok' } | ForEach-Object { "PPFederation.$_" }
        $ids += 'PPFederation.InvalidText'
        $ids.Count | Should -BeGreaterThan 12
        foreach ($id in $ids | Sort-Object -Unique) {
            $page | Should -Match ([regex]::Escape("| ``$id`` |")) -Because $id
            $topic | Should -Match "(?m)^    $([regex]::Escape($id))`r?$" -Because $id
        }
    }
}

Describe 'The table of habits' {
    It 'names tests that there are' {
        $rows = @([System.IO.File]::ReadAllLines((Join-Path $root 'docs/habits.md')) | Where-Object { $_ -match '^\| *\d* *\|' })
        $tests = @($rows | ForEach-Object { ($_ -split '\|')[4].Trim() } | Where-Object { $_ })
        $tests.Count | Should -BeGreaterThan 20
        $all = Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.Tests.ps1' | ForEach-Object { [System.IO.File]::ReadAllText($_.FullName) }
        foreach ($name in $tests) {
            "$all" | Should -Match "It '$([regex]::Escape($name))'" -Because $name
        }
    }
}
