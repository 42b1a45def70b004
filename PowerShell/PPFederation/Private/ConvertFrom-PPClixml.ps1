function ConvertFrom-PPClixml {
    # Writes the objects of one CLIXML document: rows as instances of the bridge's classes, with each SecureString where its
    # object refers to it.
    param(
        [Parameter(Mandatory = $true)]
        [string]$Text,

        # SecureStrings by the number that the library gave them.
        [Parameter(Mandatory = $true)]
        [hashtable]$Secret
    )

    if ($script:PPRowType.Count -eq 0) {
        $script:PPRowType['Deserialized.PPFederation.SecretReference'] = $null
        foreach ($type in [PPFederation.Native.Library].Assembly.GetExportedTypes()) {
            $script:PPRowType["Deserialized.$($type.FullName)"] = $type
        }
    }
    foreach ($object in [System.Management.Automation.PSSerializer]::DeserializeAsList($Text)) {
        if ($object -is [System.Management.Automation.PSCustomObject] -and -not $script:PPRowType.ContainsKey($object.PSObject.TypeNames[0])) {
            # Of no class: what an op gives the module to go on with. It may hold secrets and rows all the same.
            foreach ($property in $object.PSObject.Properties) {
                $property.Value = ConvertTo-PPCell -Value $property.Value -Secret $Secret
            }
            $object
        }
        else {
            $row = ConvertTo-PPCell -Value $object -Secret $Secret
            $row
        }
    }
}

function ConvertTo-PPCell {
    # What a value of the library is in a row: for the property bag of a class its object, for a list of such an array of them; anything
    # else stays what it is.
    param($Value, [hashtable]$Secret)

    $first = if ($Value -is [System.Collections.ArrayList] -and $Value.Count -gt 0) { $Value[0] } else { $Value }
    if ($first -isnot [System.Management.Automation.PSCustomObject] -or -not $script:PPRowType.ContainsKey($first.PSObject.TypeNames[0])) {
        return , $Value
    }
    $made = ConvertTo-PPRow -Bag $Value -Secret $Secret
    if ([object]::ReferenceEquals($first, $Value)) { $made } else { , @($made) }
}

function ConvertTo-PPRow {
    # Writes the row or the SecureString that each property bag of a class stands for. Takes many at once, and asks for no function where
    # a cell is a value: of a fleet's rows the calls are what takes time.
    param([object[]]$Bag, [hashtable]$Secret)

    foreach ($one in $Bag) {
        $name = $one.PSObject.TypeNames[0]
        $type = $script:PPRowType[$name]
        if (-not $type) {
            if ($name -eq 'Deserialized.PPFederation.SecretReference') { $Secret[$one.secret] } else { $one }
            continue
        }
        $row = $type::new()
        foreach ($property in $one.PSObject.Properties) {
            $cell = $property.Value
            if ($cell -is [datetime]) {
                # It comes in UTC. What compares it with Get-Date ignores the kind.
                $row.($property.Name) = $cell.ToLocalTime()
            }
            elseif ($cell -is [System.Management.Automation.PSCustomObject] -or $cell -is [System.Collections.ArrayList]) {
                $row.($property.Name) = ConvertTo-PPCell -Value $cell -Secret $Secret
            }
            # Nothing stays nothing: PowerShell would make an empty text of it.
            elseif ($null -ne $cell) {
                $row.($property.Name) = $cell
            }
        }
        $row
    }
}
