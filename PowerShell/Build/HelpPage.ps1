# A page of Markdown for each cmdlet, from its help: docs/cmdlets, which Get-Help -Online opens. Pester/Help.Tests.ps1 dot-sources
# this, compares, and writes them where PPFEDERATION_WRITE is set.

function ConvertTo-HelpPage {
    # The page of one cmdlet.
    param([System.Management.Automation.FunctionInfo]$Command)

    [System.Management.Automation.Language.FunctionDefinitionAst]$definition = $Command.ScriptBlock.Ast
    $help = $definition.GetHelpContent()
    $syntax = (Get-Command -Name $Command.Name -Syntax | Out-String -Width 4096).Trim() -replace '\r', '' -replace '\n{2,}', "`n`n"
    $parts = @(
        "# $($Command.Name)", $help.Synopsis.Trim(), '## Syntax', "``````powershell`n$syntax`n``````"
        '## Description', (ConvertTo-Paragraph $help.Description)
        '## Examples'
        foreach ($example in $help.Examples) { ConvertTo-ExamplePart $example }
        '## Parameters'
        foreach ($parameter in $definition.Body.ParamBlock.Parameters) {
            ConvertTo-ParameterPart -Parameter $Command.Parameters[$parameter.Name.VariablePath.UserPath] -Help $help
        }
        '## Inputs'
        foreach ($taken in $help.Inputs) { ConvertTo-TypePart $taken }
        '## Outputs'
        foreach ($given in $help.Outputs) { ConvertTo-TypePart $given }
        '## See also'
        (@($help.Links | ForEach-Object { ConvertTo-LinkLine $_.Trim() }) -join "`n")
    )
    "$($parts -join "`n`n")`n"
}

function ConvertTo-Paragraph {
    # Text as it is, without the spaces around its lines; what is indented stays so.
    param([string]$Text)

    ($Text.Replace("`r", '').Trim() -split "`n" | ForEach-Object { $_.TrimEnd() }) -join "`n"
}

function ConvertTo-ExamplePart {
    # The commands of an example, then what they do.
    param([string]$Text)

    $code, $words = (ConvertTo-Paragraph $Text) -split "`n`n", 2
    "``````powershell`n$code`n``````"
    if ($words) {
        $words
    }
}

function ConvertTo-ParameterPart {
    # A parameter: its name and type, what it means, and how it is given.
    param([System.Management.Automation.ParameterMetadata]$Parameter, $Help)

    $sets = @($Parameter.ParameterSets.Values)
    $facts = @(
        if (-not ($sets | Where-Object { -not $_.IsMandatory })) { 'required' }
        if ($sets | Where-Object { $_.ValueFromPipeline }) { 'from the pipeline' }
        if ($sets | Where-Object { $_.ValueFromPipelineByPropertyName }) { 'from the pipeline by property name' }
        foreach ($alias in $Parameter.Aliases) { "alias ``-$alias``" }
    )
    "### -$($Parameter.Name)"
    "``$($Parameter.ParameterType.Name)``$(@($facts | ForEach-Object { ", $_" }) -join '')"
    ConvertTo-Paragraph $Help.Parameters[$Parameter.Name.ToUpperInvariant()]
}

function ConvertTo-TypePart {
    # A type, then what is to be said of it.
    param([string]$Text)

    $type, $words = (ConvertTo-Paragraph $Text) -split "`n", 2
    "``$type``"
    if ($words) {
        $words
    }
}

function ConvertTo-LinkLine {
    # A link of the help: a cmdlet has a page, an about topic comes with the module.
    param([string]$Name)

    if ($Name -like 'about_*') {
        return "- ``Get-Help $Name``"
    }
    "- [$Name]($Name.md)"
}
