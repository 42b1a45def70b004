function Get-PPSignIn {
    # The fields of the op "connect", from the parameters that were given.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The exported function's $PSBoundParameters.
        [Parameter(Mandatory = $true)]
        $Bound
    )

    $kind = $Caller.ParameterSetName
    if ($kind -eq 'AutomationConnection') {
        $Bound = Read-PPAutomationConnection -Caller $Caller -Bound $Bound
        $kind = $Bound.Kind
    }
    $field = @{ environment = 'Global' }
    foreach ($name in 'Environment', 'TenantId', 'LoginEndpoint', 'GraphEndpoint') {
        if ($Bound.ContainsKey($name)) {
            $field[$name.Substring(0, 1).ToLowerInvariant() + $name.Substring(1)] = $Bound[$name]
        }
    }
    $field.credential = if ($kind -in 'Interactive', 'DeviceCode') {
        Get-PPPersonSignIn -Kind $kind -Bound $Bound
    }
    else {
        Get-PPAppSignIn -Caller $Caller -Kind $kind -Bound $Bound
    }
    $field
}

function Clear-PPPipedAppId {
    # Takes out of the parameters a client id that came from a piped object's AppId or ApplicationId. PowerShell binds by the
    # aliases of a parameter too, but whoever pipes a result of a run means its tenant: the application in it is the one that was
    # made, never the one to sign in as. One that the sign-in can't do without is missed then.
    param($Caller, [hashtable]$Bound, $Piped)

    if ($Piped.PSObject.Properties['ClientId']) {
        return
    }
    $Bound.Remove('ClientId')
    if ($Caller.ParameterSetName -notin 'Interactive', 'DeviceCode', 'WorkloadIdentity', 'ManagedIdentity') {
        Write-PPError -Caller $Caller -Failure (
            Get-PPFailure -Id 'PPFederation.ClientIdInvalid' -Category InvalidArgument -Target $Piped `
                -Message 'The piped object has no ClientId. Its AppId is not taken for one: that is the application of a result, not the one to sign in as.' `
                -Advice 'Give -ClientId, or pipe objects with the properties TenantId and ClientId.')
    }
}
