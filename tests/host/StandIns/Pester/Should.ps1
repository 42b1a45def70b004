$script:Operators = @{
    Be              = { param($a, $b, $not) Get-EqualityMessage -Actual $a -Bound $b -Not $not }
    BeExactly       = { param($a, $b, $not) Get-EqualityMessage -Actual $a -Bound $b -Not $not -CaseSensitive }
    BeTrue          = {
        param($a, $b, $not)
        if ([bool] $a -eq $not) { "Expected `$$($(if ($not) { 'false' } else { 'true' })),$(Format-Because -Because $b['Because']) but got $(Format-Value -Value $a)." }
    }
    BeFalse         = {
        param($a, $b, $not)
        if ([bool] $a -ne $not) { "Expected `$$($(if ($not) { 'true' } else { 'false' })),$(Format-Because -Because $b['Because']) but got $(Format-Value -Value $a)." }
    }
    BeNullOrEmpty   = {
        param($a, $b, $not)
        $items = @($a)
        $empty = $null -eq $a -or $items.Count -eq 0
        if ($items.Count -eq 1) { $empty = if ($items[0] -is [hashtable]) { $items[0].Count -eq 0 } else { [string]::IsNullOrEmpty($items[0]) } }
        $shown = if ($items.Count -eq 1) { $items[0] } else { $a }
        Get-ComparisonMessage -Holds $empty -Not $not -Because $b['Because'] -Expected 'Expected $null or empty' -Negated 'Expected a value' `
            -But "but got $(Format-Value -Value $shown)." -ButNot 'but got $null or empty.'
    }
    BeOfType        = {
        param($a, $b, $not)
        $type = Resolve-TypeName -Type $b['ExpectedType']
        $actualType = if ($null -ne $a) { $a.GetType() }
        $but = "but got $(Format-Value -Value $a) with type $(Format-Value -Value $actualType)."
        Get-ComparisonMessage -Holds ($a -is $type) -Not $not -Because $b['Because'] -But $but -ButNot $but `
            -Expected "Expected the value to have type $(Format-Value -Value $type) or any of its subtypes" `
            -Negated "Expected the value to not have type $(Format-Value -Value $type) or any of its subtypes"
    }
    BeLike          = { param($a, $b, $not) Get-PatternMessage -Holds ($a -like $b['ExpectedValue']) -Not $not -Kind 'like wildcard' -Pattern $b['ExpectedValue'] -Actual $a -Bound $b }
    BeLikeExactly   = { param($a, $b, $not) Get-PatternMessage -Holds ($a -clike $b['ExpectedValue']) -Not $not -Kind 'exactly like wildcard' -Pattern $b['ExpectedValue'] -Actual $a -Bound $b }
    Match           = { param($a, $b, $not) Get-PatternMessage -Holds ($a -match $b['RegularExpression']) -Not $not -Kind 'regular expression' -Pattern $b['RegularExpression'] -Actual $a -Bound $b }
    MatchExactly    = { param($a, $b, $not) Get-PatternMessage -Holds ($a -cmatch $b['RegularExpression']) -Not $not -Kind 'regular expression' -Pattern $b['RegularExpression'] -Actual $a -Bound $b }
    Contain         = {
        param($a, $b, $not)
        $value, $items = (Format-Value -Value $b['ExpectedValue']), (Format-Value -Value $a)
        Get-ComparisonMessage -Holds ($a -contains $b['ExpectedValue']) -Not $not -Because $b['Because'] -But 'but it was not found.' -ButNot 'but it was found.' `
            -Expected "Expected $value to be found in collection $items" -Negated "Expected $value to not be found in collection $items"
    }
    BeIn            = {
        param($a, $b, $not)
        $items, $value = (Format-Value -Value $b['ExpectedValue']), (Format-Value -Value $a)
        Get-ComparisonMessage -Holds ($b['ExpectedValue'] -contains $a) -Not $not -Because $b['Because'] -But 'but it was not found.' -ButNot 'but it was found.' `
            -Expected "Expected collection $items to contain $value" -Negated "Expected collection $items to not contain $value"
    }
    HaveCount       = {
        param($a, $b, $not)
        $expected = [int] $b['ExpectedValue']
        if ($expected -lt 0) { throw [System.ArgumentException] 'Expected collection size must be greater than or equal to 0.' }
        $count = if ($null -eq $a) { 0 } else { @($a).Count }
        $shown = if ($count) { "but got collection with size $count $(Format-Value -Value $a)." } else { 'but got an empty collection.' }
        Get-ComparisonMessage -Holds ($count -eq $expected) -Not $not -Because $b['Because'] -But $shown -ButNot $shown `
            -Expected $(if ($expected) { "Expected a collection with size $expected" } else { 'Expected an empty collection' }) `
            -Negated $(if ($expected) { "Expected a collection with size different from $expected" } else { 'Expected a non-empty collection' })
    }
    BeGreaterThan    = { param($a, $b, $not) Get-OrderMessage -Holds ($a -gt $b['ExpectedValue']) -Not $not -Relation 'greater than' -Opposite 'less than or equal to' -Actual $a -Bound $b }
    BeGreaterOrEqual = { param($a, $b, $not) Get-OrderMessage -Holds ($a -ge $b['ExpectedValue']) -Not $not -Relation 'greater than or equal to' -Opposite 'less than' -Actual $a -Bound $b }
    BeLessThan       = { param($a, $b, $not) Get-OrderMessage -Holds ($a -lt $b['ExpectedValue']) -Not $not -Relation 'less than' -Opposite 'greater than or equal to' -Actual $a -Bound $b }
    BeLessOrEqual    = { param($a, $b, $not) Get-OrderMessage -Holds ($a -le $b['ExpectedValue']) -Not $not -Relation 'less than or equal to' -Opposite 'greater than' -Actual $a -Bound $b }
    Exist           = {
        param($a, $b, $not)
        $path = Format-Value -Value $a
        Get-ComparisonMessage -Holds (Test-Path -Path $a) -Not $not -Because $b['Because'] -But 'but it did not exist.' -ButNot 'but it did exist.' `
            -Expected "Expected path $path to exist" -Negated "Expected path $path to not exist"
    }
    Throw           = { param($a, $b, $not, $output) Get-ThrowMessage -Actual $a -Bound $b -Not $not -Output $output }
    HaveParameter   = { param($a, $b, $not) Get-ParameterMessage -Actual $a -Bound $b -Not $not }
}

# These look at the input as one collection, the others at each object of it.
$script:CollectionOperators = 'Be', 'BeExactly', 'BeNullOrEmpty', 'Contain', 'HaveCount'

function Should {
    [CmdletBinding()]
    param(
        [Parameter(ValueFromPipeline)] [object] $ActualValue,
        [Parameter(Mandatory, ParameterSetName = 'Be')] [Alias('EQ')] [switch] $Be,
        [Parameter(Mandatory, ParameterSetName = 'BeExactly')] [Alias('CEQ')] [switch] $BeExactly,
        [Parameter(Mandatory, ParameterSetName = 'BeTrue')] [switch] $BeTrue,
        [Parameter(Mandatory, ParameterSetName = 'BeFalse')] [switch] $BeFalse,
        [Parameter(Mandatory, ParameterSetName = 'BeNullOrEmpty')] [switch] $BeNullOrEmpty,
        [Parameter(Mandatory, ParameterSetName = 'BeOfType')] [Alias('HaveType')] [switch] $BeOfType,
        [Parameter(Mandatory, ParameterSetName = 'BeLike')] [switch] $BeLike,
        [Parameter(Mandatory, ParameterSetName = 'BeLikeExactly')] [switch] $BeLikeExactly,
        [Parameter(Mandatory, ParameterSetName = 'Match')] [switch] $Match,
        [Parameter(Mandatory, ParameterSetName = 'MatchExactly')] [Alias('CMATCH')] [switch] $MatchExactly,
        [Parameter(Mandatory, ParameterSetName = 'Contain')] [switch] $Contain,
        [Parameter(Mandatory, ParameterSetName = 'BeIn')] [switch] $BeIn,
        [Parameter(Mandatory, ParameterSetName = 'HaveCount')] [switch] $HaveCount,
        [Parameter(Mandatory, ParameterSetName = 'BeGreaterThan')] [Alias('GT')] [switch] $BeGreaterThan,
        [Parameter(Mandatory, ParameterSetName = 'BeGreaterOrEqual')] [Alias('GE')] [switch] $BeGreaterOrEqual,
        [Parameter(Mandatory, ParameterSetName = 'BeLessThan')] [Alias('LT')] [switch] $BeLessThan,
        [Parameter(Mandatory, ParameterSetName = 'BeLessOrEqual')] [Alias('LE')] [switch] $BeLessOrEqual,
        [Parameter(Mandatory, ParameterSetName = 'Exist')] [switch] $Exist,
        [Parameter(Mandatory, ParameterSetName = 'Throw')] [switch] $Throw,
        [Parameter(Mandatory, ParameterSetName = 'HaveParameter')] [switch] $HaveParameter,
        [Parameter(Position = 0, ParameterSetName = 'Be')]
        [Parameter(Position = 0, ParameterSetName = 'BeExactly')]
        [Parameter(Position = 0, ParameterSetName = 'BeLike')]
        [Parameter(Position = 0, ParameterSetName = 'BeLikeExactly')]
        [Parameter(Position = 0, ParameterSetName = 'Contain')]
        [Parameter(Position = 0, ParameterSetName = 'BeIn')]
        [Parameter(Position = 0, ParameterSetName = 'HaveCount')]
        [Parameter(Position = 0, ParameterSetName = 'BeGreaterThan')]
        [Parameter(Position = 0, ParameterSetName = 'BeGreaterOrEqual')]
        [Parameter(Position = 0, ParameterSetName = 'BeLessThan')]
        [Parameter(Position = 0, ParameterSetName = 'BeLessOrEqual')]
        [object] $ExpectedValue,
        [Parameter(Position = 0, ParameterSetName = 'BeOfType')] [object] $ExpectedType,
        [Parameter(Position = 0, ParameterSetName = 'Match')]
        [Parameter(Position = 0, ParameterSetName = 'MatchExactly')]
        [object] $RegularExpression,
        [Parameter(Position = 0, ParameterSetName = 'Throw')] [string] $ExpectedMessage,
        [Parameter(Position = 1, ParameterSetName = 'Throw')] [string] $ErrorId,
        [Parameter(Position = 2, ParameterSetName = 'Throw')] [type] $ExceptionType,
        [Parameter(ParameterSetName = 'Throw')] [switch] $PassThru,
        [Parameter(Position = 0, ParameterSetName = 'HaveParameter')] [string] $ParameterName,
        [Parameter(Position = 1, ParameterSetName = 'HaveParameter')] [object] $Type,
        [Parameter(ParameterSetName = 'HaveParameter')] [switch] $Mandatory,
        [string] $Because,
        [switch] $Not
    )

    begin {
        if ($PSBoundParameters.ContainsKey('ErrorAction') -and $PSBoundParameters['ErrorAction'] -ne 'Stop') {
            throw 'This stand-in for Should knows no ErrorAction but Stop.'
        }
        $values = [System.Collections.Generic.List[object]]::new()
    }

    process { $values.Add($ActualValue) }

    end {
        $test = $script:Operators[$PSCmdlet.ParameterSetName]
        $subjects = [System.Collections.Generic.List[object]]::new()
        if ($values.Count -eq 0) { $subjects.Add($null) }
        elseif ($PSCmdlet.ParameterSetName -in $script:CollectionOperators) { $subjects.Add($values.ToArray()) }
        else { $subjects = $values }
        foreach ($subject in $subjects) {
            $output = [System.Collections.Generic.List[object]]::new()
            $failure = & $test $subject $PSBoundParameters $Not.IsPresent $output
            if ($failure) {
                throw (New-AssertionError -Message $failure -Invocation $MyInvocation)
            }
            $output
        }
    }
}

function New-AssertionError {
    param([string] $Message, [System.Management.Automation.InvocationInfo] $Invocation)

    $where = @{ Message = $Message; File = $Invocation.ScriptName; Line = $Invocation.ScriptLineNumber; LineText = $Invocation.Line.Trim() }
    [System.Management.Automation.ErrorRecord]::new([exception]::new($Message), 'PesterAssertionFailed', 'InvalidResult', $where)
}
