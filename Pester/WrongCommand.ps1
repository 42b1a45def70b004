# Whether a text of PowerShell names cmdlets of the module, and parameters of them, that there are. Dot-source it in BeforeAll.

function Get-WrongCommand {
    # What a script names that isn't there, a sentence each.
    param([string]$Text)

    $ast = [System.Management.Automation.Language.Parser]::ParseInput($Text, [ref]$null, [ref]$null)
    foreach ($call in $ast.FindAll({ param($node) $node -is [System.Management.Automation.Language.CommandAst] }, $true)) {
        $name = $call.GetCommandName()
        if ($name -notmatch '-PP') { continue }
        $command = Get-Command -Name $name -Module PPFederation -ErrorAction SilentlyContinue
        if (-not $command) {
            "there is no $name"
            continue
        }
        foreach ($parameter in $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
            $aliases = $command.Parameters.Values | ForEach-Object { $_.Name; $_.Aliases }
            if ($aliases -notcontains $parameter.ParameterName) {
                "$name has no -$($parameter.ParameterName)"
            }
        }
    }
}
