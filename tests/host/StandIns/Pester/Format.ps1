# Values as failure messages show them.

function Format-Value {
    param($Value)

    if ($null -eq $Value) { return '$null' }
    if ($Value -is [bool]) { return '$' + $Value.ToString().ToLowerInvariant() }
    if ($Value -is [string]) { return $(if ($Value -eq '') { '<empty>' } else { "'$Value'" }) }
    if ($Value -is [datetime]) { return $Value.ToString('o') }
    if ($Value -is [type]) { return '[' + [Microsoft.PowerShell.ToStringCodeMethods]::Type([psobject] $Value) + ']' }
    if ($Value -is [scriptblock]) { return "{$Value}" }
    if ($Value -is [System.Collections.ICollection] -and $Value -isnot [System.Collections.IDictionary]) {
        return Format-Collection -Items @($Value)
    }
    [string] $Value
}

function Format-Collection {
    param([object[]] $Items)

    $shown = @($Items | Select-Object -First 10 | ForEach-Object { Format-Value -Value $_ }) -join ', '
    if ($Items.Count -gt 10) { $shown += ", ...$($Items.Count - 10) more" }
    "@($shown)"
}

function Format-Because {
    param([string] $Because)

    $reason = $Because.Trim() -replace '^because\s+'
    if ($reason) { " because $reason," }
}

function Format-StringDifference {
    # Two strings that differ, the difference marked by an arrow under it.
    param([string] $Expected, [string] $Actual, [switch] $CaseSensitive, [string] $Because)

    $at = 0
    $shorter = [math]::Min($Expected.Length, $Actual.Length)
    while ($at -lt $shorter -and $(if ($CaseSensitive) { $Expected[$at] -ceq $Actual[$at] } else { $Expected[$at] -eq $Actual[$at] })) { $at++ }
    $from = [math]::Max(0, $at - 30)
    "Expected strings to be the same,$(Format-Because -Because $Because) but they were different."
    if ($Expected.Length -eq $Actual.Length) { "String lengths are both $($Expected.Length)." }
    else { "Expected length: $($Expected.Length)", "Actual length:   $($Actual.Length)" }
    "Strings differ at index $at."
    "Expected: '$(Format-Excerpt -Text $Expected -From $from)'"
    "But was:  '$(Format-Excerpt -Text $Actual -From $from)'"
    $lead = (Format-Excerpt -Text $Actual.Substring(0, [math]::Min($at, $Actual.Length)) -From $from).Length
    ' ' * ("But was:  '".Length + $lead) + '^'
}

function Format-Excerpt {
    param([string] $Text, [int] $From)

    $length = [math]::Min(80, $Text.Length - $From)
    $shown = if ($length -gt 0) { $Text.Substring($From, $length) } else { '' }
    $shown = $shown.Replace("`r", '\r').Replace("`n", '\n').Replace("`t", '\t')
    $(if ($From -gt 0) { '...' }) + $shown + $(if ($Text.Length - $From -gt 80) { '...' })
}
