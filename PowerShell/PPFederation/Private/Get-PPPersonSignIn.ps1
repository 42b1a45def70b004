function Get-PPPersonSignIn {
    # The credential of a person who signs in, from the parameters that were given.
    param(
        # Interactive or DeviceCode.
        [Parameter(Mandatory = $true)]
        [string]$Kind,

        # The exported function's $PSBoundParameters.
        [Parameter(Mandatory = $true)]
        $Bound
    )

    $field = @{ kind = $Kind.Substring(0, 1).ToLowerInvariant() + $Kind.Substring(1) }
    if ($Bound.ContainsKey('ClientId')) {
        $field.clientId = $Bound['ClientId']
    }
    else {
        $field.variables = Get-PPVariable -Plain PPFEDERATION_CLIENT_ID
    }
    if ($Bound.ContainsKey('Step')) {
        $field.steps = $Bound['Step']
    }
    if ($Bound.ContainsKey('RestoreAttribute')) {
        $field.restoresAttributes = [bool]$Bound['RestoreAttribute']
    }
    if ($Bound.ContainsKey('NoBrowser')) {
        $field.noBrowser = [bool]$Bound['NoBrowser']
    }
    if ($Bound.ContainsKey('TimeoutSec')) {
        $field.timeoutSeconds = $Bound['TimeoutSec']
    }
    $field
}
