function ConvertTo-PPGivenUser {
    # A user of the portal as an op takes it: the names and values of its columns, in their order; behind a value that isn't one text, as a
    # list, its type.
    param(
        [Parameter(Mandatory = $true)]
        [psobject]$InputObject
    )

    , @(foreach ($property in $InputObject.PSObject.Properties) {
            $value = $property.Value
            $text = [string]$value
            $isList = $value -is [System.Collections.IEnumerable] -and $value -isnot [string]
            if ($text -and ($isList -or $value -is [System.Management.Automation.PSCustomObject])) {
                , @($property.Name, $text, $value.GetType().FullName)
            }
            else {
                , @($property.Name, $text)
            }
        })
}

function Add-PPGivenUser {
    # Puts the portal's users that were piped into an op's fields, and which column is what.
    param(
        [Parameter(Mandatory = $true)]
        [hashtable]$Field,

        # What ConvertTo-PPGivenUser gave.
        [Parameter(Mandatory = $true)]
        [AllowEmptyCollection()]
        [System.Collections.Generic.List[object]]$User,

        # The exported function's $PSBoundParameters.
        [Parameter(Mandatory = $true)]
        $Bound
    )

    if ($User.Count -gt 0) {
        $Field.users = $User
    }
    if ($Bound.ContainsKey('ColumnMap')) {
        $Field.columnMap = @{}
        foreach ($attribute in $Bound['ColumnMap'].Keys) {
            $Field.columnMap[[string]$attribute] = [string]$Bound['ColumnMap'][$attribute]
        }
    }
}
