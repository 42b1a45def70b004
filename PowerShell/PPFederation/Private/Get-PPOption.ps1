function Get-PPOption {
    # The fields of an op for those of the usual parameters that were given. An empty text is passed on: the library says
    # what is wrong with it.
    param(
        # The exported function's $PSBoundParameters.
        [Parameter(Mandatory = $true)]
        $Bound
    )

    $field = @{}
    $which = @{}
    foreach ($name in 'DisplayName', 'AppId', 'ObjectId') {
        if ($Bound.ContainsKey($name)) {
            $which[$name.Substring(0, 1).ToLowerInvariant() + $name.Substring(1)] = $Bound[$name]
        }
    }
    if ($Bound.ContainsKey('Adopt')) {
        $which.adopt = [bool]$Bound['Adopt']
    }
    if ($which.Count -gt 0) {
        $field.which = $which
    }
    if ($Bound.ContainsKey('UsageLocation')) {
        $field.usageLocation = $Bound['UsageLocation']
    }
    if ($Bound.ContainsKey('DeletedApp')) {
        $field.deletedApp = $Bound['DeletedApp']
    }
    if ($Bound.ContainsKey('ClientSecretLifetime')) {
        $field.secretLifetime = $Bound['ClientSecretLifetime']
    }
    foreach ($name in 'NewSecret', 'LockCredentials') {
        if ($Bound.ContainsKey($name)) {
            $field[$name.Substring(0, 1).ToLowerInvariant() + $name.Substring(1)] = [bool]$Bound[$name]
        }
    }
    $field
}
