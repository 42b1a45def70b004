function Connect-PPTenant {
    <#
    .SYNOPSIS
    Signs in to a tenant and makes the connection that the other cmdlets use.

    .DESCRIPTION
    Signs in with an application's client secret, or with an access token for Microsoft Graph that you already have, and
    returns the connection. The other cmdlets use the session's last connection, or the one given as -Connection, so that
    several tenants can be worked on at once.

    With -Demo it starts a tenant of its own inside this process, on loopback, and connects to that: everything can be
    rehearsed there, and nothing leaves this computer.

    The secret or token is a SecureString, is handed to the native library without becoming text, and is not shown again.

    .PARAMETER Demo
    Starts an embedded demonstration tenant and connects to it. It ends when the connection is closed.

    .PARAMETER TenantId
    The directory (tenant) id, a GUID. Every token must be of this tenant.

    .PARAMETER ClientId
    The application (client) id to sign in as, a GUID.

    .PARAMETER ClientSecret
    The secret of that application, as a SecureString.

    .PARAMETER AccessToken
    An access token for Microsoft Graph, as a SecureString. It cannot be renewed: the connection ends with it.

    .PARAMETER Environment
    The cloud: Global, USGov, USGovDoD, China, or Custom with -LoginEndpoint and -GraphEndpoint. Without it: Global.

    .PARAMETER LoginEndpoint
    For Custom: where tokens come from, at {LoginEndpoint}/{tenant}/oauth2/v2.0/token. https only, except on loopback.

    .PARAMETER GraphEndpoint
    For Custom: where Microsoft Graph is, at {GraphEndpoint}/v1.0/. https only, except on loopback.

    .PARAMETER RetryBudget
    How long one cmdlet may wait in all for a service that is throttled, stumbles or lags behind, as a time span. Without
    it: three minutes. What is waited for, and how much is left, is said with -Verbose.

    .EXAMPLE
    Connect-PPTenant -Demo

    Starts the demonstration tenant and connects to it.

    .EXAMPLE
    $secret = Read-Host -AsSecureString -Prompt 'Client secret'
    Connect-PPTenant -TenantId 2f6e1c1a-7f0f-4a53-9f0a-0d3d8a8f5a11 -ClientId 8b0c1f2e-9d54-4c7f-8a56-3c1f1f2a9e01 -ClientSecret $secret

    Signs in to a tenant of the global cloud as an application.

    .EXAMPLE
    $token = (Get-AzAccessToken -ResourceTypeName MSGraph -AsSecureString).Token
    $connection = Connect-PPTenant -TenantId 2f6e1c1a-7f0f-4a53-9f0a-0d3d8a8f5a11 -AccessToken $token -Environment USGov
    Get-PPDirSync -Connection $connection

    Uses the token of another module, and passes the connection explicitly.

    .OUTPUTS
    PPFederation.Connection
    TenantId, Environment, SignIn, ClientId, the endpoints, the permissions that the token names, and when it expires.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(DefaultParameterSetName = 'ClientSecret')]
    [OutputType('PPFederation.Connection')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Demo')]
        [switch]$Demo,

        [Parameter(Mandatory = $true, ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [string]$TenantId,

        [Parameter(Mandatory = $true, ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [string]$ClientId,

        [Parameter(Mandatory = $true, ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [securestring]$ClientSecret,

        [Parameter(Mandatory = $true, ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [securestring]$AccessToken,

        [Parameter(ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [ValidateSet('Global', 'USGov', 'USGovDoD', 'China', 'Custom')]
        [string]$Environment = 'Global',

        [Parameter(ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [string]$LoginEndpoint,

        [Parameter(ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [string]$GraphEndpoint,

        [ValidateScript({ $_ -ge [timespan]::Zero })]
        [timespan]$RetryBudget
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $twin = $null
        if ($Demo) {
            $twin = Invoke-PPJob -Caller $PSCmdlet -Op 'demo'
            $field = Get-PPDemoSignIn -Twin $twin
        }
        else {
            $field = @{ tenantId = $TenantId; environment = $Environment }
            foreach ($name in 'LoginEndpoint', 'GraphEndpoint') {
                if ($PSBoundParameters.ContainsKey($name)) {
                    $field[$name.Substring(0, 1).ToLowerInvariant() + $name.Substring(1)] = $PSBoundParameters[$name]
                }
            }
            $field.credential = @{ kind = 'accessToken'; accessToken = $AccessToken }
            if ($PSCmdlet.ParameterSetName -eq 'ClientSecret') {
                $field.credential = @{ kind = 'clientSecret'; clientId = $ClientId; clientSecret = $ClientSecret }
            }
        }
        if ($PSBoundParameters.ContainsKey('RetryBudget')) {
            $field.retryBudgetSeconds = [int64][math]::Ceiling($RetryBudget.TotalSeconds)
        }
        $connection = Invoke-PPJob -Caller $PSCmdlet -Op 'connect' -Field $field
        if ($connection) {
            $handle = [PPFederation.Native.ConnectionHandle]::new([uint64]$connection.Connection)
            $script:PPConnection = Add-PPConnectionPart -Connection $connection -Handle $handle -Twin $twin
            $connection
        }
    }
}
