# One script block an operator of Should. It is given the actual value, the bound parameters and whether -Not was
# given, and answers the failure message, or nothing when the assertion holds. Two operators write into $Output.

function Test-SameValue {
    # Arrays element by element, all else by -eq with the expected value at the left.
    param([object[]] $Expected, [object[]] $Actual, [switch] $CaseSensitive)

    $noneExpected = $null -eq $Expected -or $Expected.Count -eq 0 -or ($Expected.Count -eq 1 -and $null -eq $Expected[0])
    $noneActual = $null -eq $Actual -or $Actual.Count -eq 0 -or ($Actual.Count -eq 1 -and $null -eq $Actual[0])
    if ($noneExpected -or $noneActual) { return $noneExpected -and $noneActual }
    if ($Expected.Count -ne $Actual.Count) { return $false }
    for ($at = 0; $at -lt $Expected.Count; $at++) {
        $left, $right = $Expected[$at], $Actual[$at]
        $same = if ($left -is [array] -or $right -is [array]) { Test-SameValue -Expected $left -Actual $right -CaseSensitive:$CaseSensitive }
        elseif ($CaseSensitive) { $left -ceq $right }
        else { $left -eq $right }
        if (-not $same) { return $false }
    }
    $true
}

function Get-EqualityMessage {
    param($Actual, $Bound, [bool] $Not, [switch] $CaseSensitive)

    $expected = $Bound['ExpectedValue']
    $exactly = if ($CaseSensitive) { 'exactly ' }
    $same = Test-SameValue -Expected $expected -Actual $Actual -CaseSensitive:$CaseSensitive
    $because = Format-Because -Because $Bound['Because']
    if ($Not) {
        if ($same) { "Expected $(Format-Value -Value $expected) to be different from the actual value,$because but got ${exactly}the same value." }
        return
    }
    if ($same) { return }
    $shownActual = if (@($Actual).Count -eq 1) { @($Actual)[0] } else { $Actual }
    if ($expected -is [string] -and $shownActual -is [string]) {
        return (Format-StringDifference -Expected $expected -Actual $shownActual -CaseSensitive:$CaseSensitive -Because $Bound['Because']) -join "`n"
    }
    "Expected $exactly$(Format-Value -Value $expected),$because but got $(Format-Value -Value $shownActual)."
}

function Get-ComparisonMessage {
    # For the operators whose message is "Expected A to <verb> B": holds tells whether the assertion is true without -Not.
    param([bool] $Holds, [bool] $Not, [string] $Expected, [string] $Negated, [string] $Because, [string] $But, [string] $ButNot)

    if ($Holds -eq (-not $Not)) { return }
    if ($Not) { "$Negated,$(Format-Because -Because $Because) $ButNot" }
    else { "$Expected,$(Format-Because -Because $Because) $But" }
}

function Get-OrderMessage {
    # -BeGreaterThan and its like; -Not turns the comparison round, as the real ones do.
    param([bool] $Holds, [bool] $Not, [string] $Relation, [string] $Opposite, $Actual, $Bound)

    if ($Holds -eq (-not $Not)) { return }
    $wanted = if ($Not) { $Opposite } else { $Relation }
    "Expected the actual value to be $wanted $(Format-Value -Value $Bound['ExpectedValue'])," +
    "$(Format-Because -Because $Bound['Because']) but got $(Format-Value -Value $Actual)."
}

function Get-PatternMessage {
    param([bool] $Holds, [bool] $Not, [string] $Kind, $Pattern, $Actual, $Bound)

    $shown = "Expected $Kind $(Format-Value -Value $Pattern)"
    Get-ComparisonMessage -Holds $Holds -Not $Not -Because $Bound['Because'] -But 'but it did not match.' -ButNot 'but it did match.' `
        -Expected "$shown to match $(Format-Value -Value $Actual)" -Negated "$shown to not match $(Format-Value -Value $Actual)"
}

function Resolve-TypeName {
    param($Type)

    if ($Type -is [type]) { return $Type }
    $found = ($Type -replace '^\[(.*)\]$', '$1') -as [type]
    if ($null -eq $found) { throw [System.ArgumentException] "Could not find type [$Type]. Make sure that the assembly that contains that type is loaded." }
    $found
}

function Get-ThrowMessage {
    param($Actual, $Bound, [bool] $Not, $Output)

    if ($Actual -isnot [scriptblock]) {
        throw [System.ArgumentException] "Input is missing or not a ScriptBlock. Input to '-Throw' and '-Not -Throw' must be enclosed in curly braces."
    }
    $thrown = $null
    try { do { $null = & $Actual } until ($true) } catch { $thrown = $_ }
    $because = Format-Because -Because $Bound['Because']
    if ($Not) {
        if ($thrown) { "Expected no exception to be thrown,$because but an exception `"$($thrown.Exception.Message)`" was thrown $(Format-Position -Record $thrown)." }
        return
    }
    $filters, $buts = Get-ThrowMismatch -Thrown $thrown -Bound $Bound
    if ($buts) {
        $with = if ($filters) { ' with ' + ($filters -join ' and ') }
        return ("Expected an exception$with to be thrown,$because but $($buts -join ' and '). " + $(if ($thrown) { Format-Position -Record $thrown })).Trim()
    }
    if ($Bound['PassThru']) { $Output.Add($thrown) }
}

function Get-ThrowMismatch {
    # Two lists: what was asked of the exception, and in what it differs.
    param($Thrown, $Bound)

    $filters = @()
    $buts = @(if (-not $Thrown) { 'no exception was thrown' })
    if ($null -ne $Bound['ExceptionType']) {
        $filters += "type $(Format-Value -Value $Bound['ExceptionType'])"
        if ($Thrown -and $Thrown.Exception -isnot $Bound['ExceptionType']) { $buts += "the exception type was $(Format-Value -Value $Thrown.Exception.GetType())" }
    }
    if ($Bound['ExpectedMessage']) {
        $filters += "message like $(Format-Value -Value ([System.Management.Automation.WildcardPattern]::Unescape($Bound['ExpectedMessage'])))"
        if ($Thrown -and $Thrown.Exception.Message -notlike $Bound['ExpectedMessage']) { $buts += "the message was $(Format-Value -Value $Thrown.Exception.Message)" }
    }
    if ($Bound['ErrorId']) {
        $filters += "FullyQualifiedErrorId $(Format-Value -Value $Bound['ErrorId'])"
        if ($Thrown -and $Thrown.FullyQualifiedErrorId -notlike $Bound['ErrorId']) { $buts += "the FullyQualifiedErrorId was $(Format-Value -Value $Thrown.FullyQualifiedErrorId)" }
    }
    , $filters
    , $buts
}

function Format-Position {
    param([System.Management.Automation.ErrorRecord] $Record)

    if ($Record.InvocationInfo) { ($Record.InvocationInfo.PositionMessage -replace '^At ', 'from ').Trim() }
}

function Get-ParameterMessage {
    param($Actual, $Bound, [bool] $Not)

    if ($Actual -isnot [System.Management.Automation.CommandInfo]) { throw [System.ArgumentException] 'Input value must be non-null CommandInfo object. You can get one by calling Get-Command.' }
    $name = $Bound['ParameterName']
    $asked = @("to$(if ($Not) { ' not' }) have a parameter $name")
    $parameter = if ($Actual.Parameters.ContainsKey($name)) { $Actual.Parameters[$name] }
    $plain = -not ($Bound['Mandatory'] -or $Bound['Type'])
    if (-not $parameter) { $buts = @(if (-not $Not) { 'the parameter is missing' }) }
    elseif ($Not -and $plain) { $buts = @('the parameter exists') }
    else {
        $buts = @()
        if ($Bound['Mandatory']) {
            $mandatory = [bool] @($parameter.Attributes | Where-Object { $_ -is [parameter] -and $_.Mandatory })
            $asked += "which is$(if ($Not) { ' not' }) mandatory"
            if ($mandatory -eq $Not) { $buts += $(if ($mandatory) { 'it was mandatory' } else { "it wasn't mandatory" }) }
        }
        if ($Bound['Type']) {
            $type = Resolve-TypeName -Type $Bound['Type']
            $asked += "$(if ($Not) { 'not ' })of type [$($type.FullName)]"
            if (($parameter.ParameterType -eq $type) -eq $Not) { $buts += "it was of type [$($parameter.ParameterType.FullName)]" }
        }
    }
    if ($buts) { "Expected command $($Actual.Name) $($asked -join ', '),$(Format-Because -Because $Bound['Because']) but $($buts -join ' and ')." }
}
