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

    foreach ($object in [System.Management.Automation.PSSerializer]::DeserializeAsList($Text)) {
        $row = ConvertTo-PPRow -Value $object -Secret $Secret
        if ([object]::ReferenceEquals($row, $object)) {
            # Of no class: what an op gives the module to go on with. It may hold secrets and rows all the same.
            foreach ($property in $object.PSObject.Properties) {
                $property.Value = ConvertTo-PPRow -Value $property.Value -Secret $Secret
            }
        }
        $row
    }
}

function ConvertTo-PPRow {
    # The row or the SecureString that a property bag of the library stands for, or the rows of a list of such. Any other value
    # stays what it is.
    param($Value, [hashtable]$Secret)

    if ($Value -is [System.Collections.ArrayList] -and $Value.Count -gt 0 -and (Get-PPRowType -Value $Value[0])) {
        return , @(foreach ($item in $Value) { ConvertTo-PPRow -Value $item -Secret $Secret })
    }
    if ($Value -is [System.Management.Automation.PSCustomObject]) {
        if ($Value.PSObject.TypeNames[0] -eq 'Deserialized.PPFederation.SecretReference') {
            return $Secret[$Value.secret]
        }
        $type = Get-PPRowType -Value $Value
        if ($type) {
            $row = $type::new()
            foreach ($property in $Value.PSObject.Properties) {
                $cell = ConvertTo-PPRow -Value $property.Value -Secret $Secret
                if ($cell -is [datetime]) {
                    # It comes in UTC. What compares it with Get-Date ignores the kind.
                    $cell = $cell.ToLocalTime()
                }
                # Nothing stays nothing: PowerShell would make an empty text of it.
                if ($null -ne $cell) {
                    $row.($property.Name) = $cell
                }
            }
            return $row
        }
    }
    , $Value
}

function Get-PPRowType {
    # The bridge's class of the name that a property bag of the library has.
    param($Value)

    if ($Value -is [System.Management.Automation.PSCustomObject]) {
        [PPFederation.Native.Library].Assembly.GetType($Value.PSObject.TypeNames[0] -replace '^Deserialized\.')
    }
}
