# Whether a text names cmdlets of the module, and parameters of them, that there are. Dot-source it in BeforeAll.

function Get-WrongName {
    # What of a cmdlet and its parameters isn't there, a sentence each.
    param([string]$Name, [string[]]$Parameter)

    $command = Get-Command -Name $Name -Module PPFederation -ErrorAction SilentlyContinue
    if (-not $command) {
        return "there is no $Name"
    }
    $known = $command.Parameters.Values | ForEach-Object { $_.Name; $_.Aliases }
    foreach ($each in $Parameter) {
        if ($known -notcontains $each) {
            "$Name has no -$each"
        }
    }
}

function Get-WrongCommand {
    # What a script names that isn't there, a sentence each.
    param([string]$Text)

    $ast = [System.Management.Automation.Language.Parser]::ParseInput($Text, [ref]$null, [ref]$null)
    foreach ($call in $ast.FindAll({ param($node) $node -is [System.Management.Automation.Language.CommandAst] }, $true)) {
        if ($call.GetCommandName() -match '-PP') {
            $parameters = $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }
            Get-WrongName -Name $call.GetCommandName() -Parameter @($parameters | ForEach-Object { $_.ParameterName })
        }
    }
}

function Get-WrongMention {
    # The same of a text for people, whose sentences, tables and lines of commands name cmdlets with the parameters right behind them.
    param([string]$Text)

    # Of one that may be left out the brackets don't count, nor do the bars between values in a table.
    $flat = $Text.Replace('\|', '/') -replace '[\[\]]' -replace '\s+', ' '
    $mention = '(?<!Get-Help )\b(?<name>[A-Z][a-z]+-PP\w+)(?: -(?<parameter>[A-Z]\w+)(?: (?![-(]|[A-Z][a-z]+-[A-Z])[^\s|;`]+)?)*'
    foreach ($found in [regex]::Matches($flat, $mention)) {
        Get-WrongName -Name $found.Groups['name'].Value -Parameter @($found.Groups['parameter'].Captures | ForEach-Object { $_.Value })
    }
}
