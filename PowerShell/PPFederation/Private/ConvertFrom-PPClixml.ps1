function ConvertFrom-PPClixml {
    # Writes the objects of one CLIXML document with their plain type names, and puts each SecureString where its object
    # refers to it.
    param(
        [Parameter(Mandatory = $true)]
        [string]$Text,

        # SecureStrings by the number that the library gave them.
        [Parameter(Mandatory = $true)]
        [hashtable]$Secret
    )

    foreach ($object in [System.Management.Automation.PSSerializer]::DeserializeAsList($Text)) {
        $name = $object.PSObject.TypeNames[0]
        if ($name.StartsWith('Deserialized.')) {
            $object.PSObject.TypeNames.Insert(0, $name.Substring('Deserialized.'.Length))
        }
        foreach ($property in @($object.PSObject.Properties)) {
            if ($property.Value -is [psobject] -and $property.Value.PSObject.TypeNames[0] -eq 'Deserialized.PPFederation.SecretReference') {
                $property.Value = $Secret[$property.Value.secret]
            }
        }
        $object
    }
}
