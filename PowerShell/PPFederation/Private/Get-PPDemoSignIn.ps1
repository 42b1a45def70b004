function Get-PPDemoSignIn {
    # The sign-in to a demonstration tenant: a Custom environment like any other, with the tenant's own administrator client.
    param(
        # What the op 'demo' returned.
        [Parameter(Mandatory = $true)]
        $Twin
    )

    @{
        tenantId      = $Twin.TenantId
        environment   = 'Custom'
        loginEndpoint = $Twin.LoginEndpoint
        graphEndpoint = $Twin.GraphEndpoint
        credential    = @{ kind = 'clientSecret'; clientId = $Twin.ClientId; clientSecret = $Twin.ClientSecret }
        demo          = [uint64]$Twin.Demo
    }
}

function Deny-PPDemoEndpoint {
    # Whoever names a cloud or addresses means another tenant than the demonstration's.
    param($Caller, $Bound)

    foreach ($name in 'Environment', 'LoginEndpoint', 'GraphEndpoint') {
        if ($Bound.ContainsKey($name)) {
            Write-PPError -Caller $Caller -Failure (
                Get-PPFailure -Id 'PPFederation.EndpointInvalid' -Category InvalidArgument -Target $Bound[$name] `
                    -Message "The demonstration tenant has addresses of its own: -$name doesn't go with -Demo." `
                    -Advice "Leave -$name out, or connect to a tenant without -Demo.")
        }
    }
}
