# The sources of the module as they ship: what several of them share is written out in each. Module.ps1 dot-sources this.

function Join-ModuleSource {
    # The text of PPFederation.psm1 with the functions themselves in place of its line "# functions", and the names of those
    # that are exported in place of "# commands".
    param([string]$Source)

    $private, $public = foreach ($folder in 'Private', 'Public') {
        , @(Get-ChildItem -LiteralPath (Join-Path $Source $folder) -Filter '*.ps1' | Sort-Object -Property Name)
    }
    $functions = @($private | ForEach-Object { (Expand-Fact -Path $_.FullName -Source $Source).TrimEnd() })
    $project = (Import-PowerShellDataFile -LiteralPath (Join-Path $Source 'PPFederation.psd1')).PrivateData.PSData.ProjectUri
    $functions += foreach ($file in $public) {
        $text = Expand-Source -Path $file.FullName -Source $Source
        $page = "HelpUri = '$project/blob/main/docs/cmdlets/$($file.BaseName).md'"
        $text = $text.Replace('[CmdletBinding()]', "[CmdletBinding($page)]") -replace '\[CmdletBinding\((?!HelpUri)', "[CmdletBinding($page, "
        (Add-PipelineHelp -Path $file.FullName -Text $text).TrimEnd()
    }
    $frame = Read-Versioned (Join-Path $Source 'PPFederation.psm1')
    $exports = $public | ForEach-Object { "    '$($_.BaseName)'" }
    $export = "`nExport-ModuleMember -Function @(`n$($exports -join "`n")`n)`n"
    $frame = $frame.Replace('        # commands', (($public | ForEach-Object { "        '$($_.BaseName)'" }) -join "`n"))
    $frame.Replace("`n# functions`n", "`n$($functions -join "`n`n")`n") + $export
}

function Copy-HelpTopic {
    # The about topics, with the facts of the core written in.
    param([string]$Source, [string]$Folder)

    $place = Join-Path $Folder 'en-US'
    New-Item -ItemType Directory -Path $place | Out-Null
    foreach ($file in Get-ChildItem -LiteralPath (Join-Path $Source 'en-US')) {
        Write-Text -Path (Join-Path $place $file.Name) -Text (Expand-Fact -Path $file.FullName -Source $Source)
    }
}

function Expand-Source {
    # The text of a cmdlet's file: in place of each [Shared()]$Name the declaration in Parameters/Name.ps1, of each
    # [Shared('Other')]$Name the one in Parameters/Other.ps1, after what attributes the cmdlet gives it; and their help before the
    # first example.
    param([string]$Path, [string]$Source)

    $text = Expand-Fact -Path $Path -Source $Source
    $help = ''
    foreach ($use in Get-SharedUse -Path $Path -Text $text | Sort-Object -Property { $_.Extent.StartOffset } -Descending) {
        $file = Find-SharedParameter -Use $use -Source $Source
        $shared = Expand-Fact -Path $file -Source $Source
        $ast = Read-Script -Path $file -Text $shared
        $own = $use.Attributes | Where-Object { $_.TypeName.Name -ne 'Shared' } | ForEach-Object { "$($_.Extent.Text)`n        " }
        $declaration = "$own$($ast.ParamBlock.Parameters[0].Extent.Text.Replace("`n", "`n    "))"
        $text = $text.Remove($use.Extent.StartOffset, $use.Extent.Text.Length).Insert($use.Extent.StartOffset, $declaration)
        $lines = $shared.Substring(0, $shared.IndexOf('#>')).Replace('<#', '').Trim() -split "`n"
        $help = "    $($lines -join "`n    ")`n`n$help"
    }
    if ($help) {
        $text = $text.Insert($text.IndexOf('    .EXAMPLE'), $help)
    }
    $text
}

function Add-PipelineHelp {
    # The text of a cmdlet with what can be piped to it in its help, as its parameters say it.
    param([string]$Path, [string]$Text)

    $block = (Read-Script -Path $Path -Text $Text).EndBlock.Statements[0].Body.ParamBlock
    $help = foreach ($parameter in Select-PipelineParameter -Block $block -Argument 'ValueFromPipeline') {
        $name = $parameter.Name.VariablePath.UserPath
        $type = if ($name -eq 'Connection') { 'PPFederation.Connection' } else { $parameter.StaticType.FullName }
        "    .INPUTS`n    $type`n    As -$name`: one or several, one after the other.`n`n"
    }
    $named = @(Select-PipelineParameter -Block $block -Argument 'ValueFromPipelineByPropertyName' | ForEach-Object { $_.Name.VariablePath.UserPath })
    if ($named) {
        $help = @($help) + "    .INPUTS`n    System.Management.Automation.PSObject`n    Any object with properties of these names: $($named -join ', ').`n`n"
    }
    if (-not $help) {
        $help = "    .INPUTS`n    None`n    Nothing can be piped to it.`n`n"
    }
    $Text.Insert($Text.IndexOf('    .OUTPUTS'), -join $help)
}

function Select-PipelineParameter {
    # The parameters that are taken from the pipeline in this way.
    param($Block, [string]$Argument)

    $Block.Parameters | Where-Object {
        @($_.Attributes) | Where-Object { $_.PSObject.Properties['NamedArguments'] -and @($_.NamedArguments | ForEach-Object { $_.ArgumentName }) -contains $Argument }
    }
}

function Get-SharedUse {
    # The parameters of a file that are declared elsewhere.
    param([string]$Path, [string]$Text)

    (Read-Script -Path $Path -Text $Text).FindAll({
            param($node)
            $node -is [System.Management.Automation.Language.ParameterAst] -and (Get-SharedAttribute $node)
        }, $true)
}

function Get-SharedAttribute {
    param([System.Management.Automation.Language.ParameterAst]$Parameter)

    $Parameter.Attributes | Where-Object { $_.TypeName.Name -eq 'Shared' }
}

function Find-SharedParameter {
    # The file that declares what a cmdlet shares with others.
    param([System.Management.Automation.Language.ParameterAst]$Use, [string]$Source)

    $variable = $Use.Name.VariablePath.UserPath
    $name = @((Get-SharedAttribute $Use).PositionalArguments | ForEach-Object { $_.Value }) + $variable | Select-Object -First 1
    $file = Join-Path $Source "Parameters/$name.ps1"
    $where = "$($Use.Extent.File):$($Use.Extent.StartLineNumber)"
    if (-not (Test-Path -LiteralPath $file)) {
        throw "$where`: no parameter '$name' is shared: there is no $file."
    }
    $declared = (Read-Script -Path $file -Text ([System.IO.File]::ReadAllText($file))).ParamBlock.Parameters[0].Name.VariablePath.UserPath
    if ($declared -ne $variable) {
        throw "$where`: `$$variable can't be shared as '$name': $file declares `$$declared."
    }
    $file
}

function Expand-Fact {
    # The text of a file with facts of the core, Facts.json, in place of their names: {{Name}}, or {{'Name'}} for a list whose
    # items stand in quotes. A fact of several lines keeps the indentation of its first.
    param([string]$Path, [string]$Source)

    $facts = [System.IO.File]::ReadAllText((Join-Path $Source 'Facts.json')) | ConvertFrom-Json
    $text = [System.IO.File]::ReadAllText($Path)
    foreach ($found in [regex]::Matches($text, "(?m)(?<indent>^ *)?\{\{(?<quote>'?)(?<name>\w+)\k<quote>\}\}") | Sort-Object -Property Index -Descending) {
        $name = $found.Groups['name'].Value
        if (-not $facts.PSObject.Properties[$name]) {
            $line = $text.Substring(0, $found.Index).Split("`n").Count
            throw "$Path`:$line`: Facts.json has no '$name'."
        }
        $quote = $found.Groups['quote'].Value
        $indent = $found.Groups['indent'].Value
        $value = @($facts.$name | ForEach-Object { "$quote$_$quote" }) -join ', '
        $text = $text.Remove($found.Index, $found.Length).Insert($found.Index, $indent + $value.Replace("`n", "`n$indent"))
    }
    $text
}

function Read-Script {
    # The syntax tree of a script's text. What is wrong with its syntax is for the tests to say.
    param([string]$Path, [string]$Text)

    $tokens = $null
    $errors = $null
    [System.Management.Automation.Language.Parser]::ParseInput($Text, $Path, [ref]$tokens, [ref]$errors)
}
