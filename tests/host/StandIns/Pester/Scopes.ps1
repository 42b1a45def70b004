# How the tests get their scopes. Everything a test file holds runs in the session state of whoever called
# Invoke-Pester, each block in a scope inside that of the block around it:
#
#   & { variables of -ForEach; . BeforeAll
#       & { variables of -ForEach; . BeforeEach (outermost first); . test; . AfterEach (innermost first) }
#       . AfterAll }
#
# The wrappers below are made in that session state; they call back into this module, and the module calls the
# next wrapper, whose new scope then is a child of the last one. Their own variables have names that no test uses.

$script:WrapperText = @{
    File     = 'param($______file, $______data) . $______file @______data'

    NewScope = 'param($______file, $______action) & $______file $______action'

    Body     = @'
        param($______part)
        foreach ($______name in @($______part.Variables.Keys)) {
            $ExecutionContext.SessionState.PSVariable.Set($______name, $______part.Variables[$______name])
        }
        . $______part.Body
'@

    Steps    = @'
        param($______part)
        foreach ($______name in @($______part.Variables.Keys)) {
            $ExecutionContext.SessionState.PSVariable.Set($______name, $______part.Variables[$______name])
        }
        try {
            do {
                foreach ($______step in $______part.Setup) {
                    $______splat = & $______part.Splat $______step $______part.Variables
                    . $______step @______splat
                }
                if ($______part.NameScript) { & $______part.Rename (. $______part.NameScript) }
                $______splat = & $______part.Splat $______part.Body $______part.Variables
                . $______part.Body @______splat
            } while ($false)
        }
        catch { $______part.Errors.Add($_) }
        finally {
            foreach ($______step in $______part.Teardown) {
                $______splat = & $______part.Splat $______step $______part.Variables
                try { . $______step @______splat } catch { $______part.Errors.Add($_) }
            }
        }
'@
}

function New-BoundScript {
    # A script block of the caller's session state: a literal belongs to the state in which it is evaluated.
    param([string] $Text)

    $literal = [scriptblock]::Create('{' + $Text + '}')
    $script:Session.InvokeCommand.InvokeScript($script:Session, $literal, @())[0]
}

function Initialize-Scope {
    param([System.Management.Automation.SessionState] $Session)

    $script:Session = $Session
    $script:Wrapper = @{}
    foreach ($name in $script:WrapperText.Keys) {
        $script:Wrapper[$name] = New-BoundScript -Text $script:WrapperText[$name]
    }
}

# What a script block with a param() gets of the data: the entries it names.
$script:Splat = {
    param([scriptblock] $Script, [System.Collections.IDictionary] $Variables)

    $arguments = @{}
    $block = $Script.Ast.ParamBlock
    if ($block) {
        foreach ($name in $block.Parameters.Name.VariablePath.UserPath) {
            if ($Variables.Contains($name)) { $arguments[$name] = $Variables[$name] }
        }
    }
    $arguments
}

function Get-DataVariable {
    # The variables that one entry of -ForEach makes: $_, and one for each key of a dictionary.
    param($Data, [bool] $HasData)

    $variables = @{}
    if (-not $HasData) { return $variables }
    $variables['_'] = $Data
    if ($Data -is [System.Collections.IDictionary]) {
        foreach ($key in $Data.Keys) { $variables[[string] $key] = $Data[$key] }
    }
    $variables
}

function Get-NameScript {
    # The name template as a script block that gives the name: <x> stands for the value of $x, `< for itself.
    param([string] $Name)

    if ($Name -notmatch '<') { return }
    $parts = [regex]::Split($Name, '(?<!`)<([^<>`]+)>')
    $pieces = for ($at = 0; $at -lt $parts.Count; $at++) {
        if ($at % 2) { '"$($' + $parts[$at] + ')"' }
        else { "'" + $parts[$at].Replace("'", "''").Replace('`<', '<').Replace('`>', '>') + "'" }
    }
    New-BoundScript -Text ('-join @(' + ($pieces -join ', ') + ')')
}
