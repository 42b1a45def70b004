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
