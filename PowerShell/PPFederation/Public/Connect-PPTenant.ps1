function Connect-PPTenant {
    <#
    .SYNOPSIS
    Signs in to a tenant and makes the connection that the other cmdlets use.

    .DESCRIPTION
    Signs in and returns the connection. The other cmdlets use the connection that was made last, or the one given as
    -Connection, so that several tenants can be worked on at once. Select-PPConnection chooses another, and
    Get-PPConnection -ListAvailable lists those that are open. After a sign-in that failed none is chosen, so that nothing is
    done in the tenant of an earlier one.

    A person signs in in the browser of this computer (-Interactive, which is what happens where nothing else is asked for)
    or with a code in any browser (-DeviceCode): with multi-factor authentication, and to a customer's tenant over delegated
    administration (GDAP) with the customer's -TenantId. Only the Microsoft Graph permissions are asked for that the runbook
    uses, or fewer with -Step; what the person may do is limited by their directory roles too. The sign-in is renewed for as
    long as the connection is open; nothing of it is kept elsewhere.

    An application signs in with its client secret; with a certificate (-Certificate, -CertificatePath,
    -CertificateThumbprint); with a token that a cluster or a pipeline gives it, so that no secret is kept anywhere
    (-FederatedTokenFile, -WorkloadIdentity, -GitHubActions, -AzurePipelines); or as the managed identity of the Azure machine,
    service or Automation account that this runs on (-ManagedIdentity). A job of Azure Automation signs in by a connection of its
    account (-AutomationConnection). Or an access token for Microsoft Graph that you
    already have is used. about_PPFederation_SignIn tells what each needs.

    With -Demo it starts a tenant of its own inside this process, on loopback, and connects to that: everything can be
    rehearsed there, and nothing leaves this computer.

    A secret, password or token is a SecureString, is handed to the native library without becoming text, and is not shown again.

    .PARAMETER Demo
    Starts an embedded demonstration tenant and connects to it. It ends when the connection is closed.

    .PARAMETER DemoFault
    What goes wrong in the demonstration tenant, from its start on: to see how a runbook of your own takes it.
    {{DemoFaultTable}}

    .PARAMETER Interactive
    Signs a person in in the browser of this computer. The default where no other kind of sign-in is named.

    .PARAMETER NoBrowser
    Opens no browser: the address to open is shown, and must be opened on this computer.

    .PARAMETER TimeoutSec
    How many seconds to wait for the person in the browser. Without it: 300.

    .PARAMETER DeviceCode
    Signs a person in with a code that is shown here and entered in a browser on any device: over SSH, in a container. Some
    tenants' Conditional Access policies block this kind of sign-in. Other names: -UseDeviceCode, -UseDeviceAuthentication.

    .PARAMETER Step
    For a person: the steps of the runbook that the permissions asked for must suffice for. Without it: all of them.

    .PARAMETER RestoreAttribute
    For a person: asks for what Restore-PPAttribute takes, too, which is User.ReadWrite.All.

    .PARAMETER TenantId
    The tenant: its directory (tenant) id, a GUID, or one of its domains, as contoso.com or contoso.onmicrosoft.com, whose tenant
    the cloud's sign-in service is asked for. Every token must be of this tenant. A managed identity has one tenant and
    -WorkloadIdentity the one in AZURE_TENANT_ID: it may be left out there. Other names: -Tenant, -Organization.

    .PARAMETER ClientId
    The application (client) id to sign in as, a GUID. For a person: the public client to sign in with; without it that of the
    environment variable PPFEDERATION_CLIENT_ID, else Microsoft Graph Command Line Tools, which is Microsoft's own and on loan.
    New-PPSignInClient makes a client of your own, which is cleaner: consent to it is no consent for other tools. For a
    managed identity: that of a user-assigned one; without it, the system-assigned one. For -WorkloadIdentity: without it,
    AZURE_CLIENT_ID. Other names: -AppId, -ApplicationId. Of a piped object only its property ClientId is taken: the AppId of a
    result is the application that was made, not the one to sign in as.

    .PARAMETER ClientSecret
    The secret of that application, as a SecureString.

    .PARAMETER Credential
    Client id and secret of an application in one: its user name is the client id, its password the secret.

    .PARAMETER Certificate
    A certificate of that application with its private key, RSA of 2048 to 4096 bits, as an object: from
    Get-AutomationCertificate, Get-PfxCertificate or the Cert: drive. Where the Windows certificate store has it, the key stays
    there and the store signs; else the key must be exportable.

    .PARAMETER CertificatePath
    A file with that certificate and its key: PFX, or PEM whose key is not encrypted.

    .PARAMETER CertificatePassword
    The password of the PFX file, as a SecureString. Without it: none.

    .PARAMETER CertificateThumbprint
    The SHA-1 thumbprint of that certificate in the Windows certificate store, My of the user or of the computer. The key
    stays there. Another name: -Thumbprint.

    .PARAMETER FederatedTokenFile
    A file with a token (JWT) of an issuer that the application trusts by a federated credential. It is read again whenever the
    sign-in is renewed.

    .PARAMETER WorkloadIdentity
    Signs in as the workload identity of this Kubernetes pod, by AZURE_TENANT_ID, AZURE_CLIENT_ID and
    AZURE_FEDERATED_TOKEN_FILE, which its webhook sets.

    .PARAMETER GitHubActions
    Signs in with a token that GitHub gives this job, which needs "permissions: id-token: write".

    .PARAMETER AzurePipelines
    Signs in with a token that Azure Pipelines gives this job for a service connection. The step needs
    "env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)".

    .PARAMETER ServiceConnectionId
    The resource id of that service connection, a GUID: the resourceId in its address in the portal of Azure DevOps.

    .PARAMETER ManagedIdentity
    Signs in as the managed identity of the Azure Automation account, App Service, Azure Arc machine or virtual machine that
    this runs on. Another name: -Identity.

    .PARAMETER AutomationConnection
    A connection of the Automation account, as Get-AutomationConnection gives it to a job: of the type PPFederation, which comes with
    the module, or of Automation's own type AzureServicePrincipal. Exactly one of its fields CertificateName, CertificateThumbprint,
    ClientSecret and ManagedIdentity says how to sign in. A -TenantId goes before that of the connection.

    .PARAMETER AccessToken
    An access token for Microsoft Graph, as a SecureString. It cannot be renewed: the connection ends with it.

    .PARAMETER Environment
    The cloud: Global, USGov, USGovDoD, China, or Custom with -LoginEndpoint and -GraphEndpoint. Without it: Global.

    .PARAMETER LoginEndpoint
    For Custom: where tokens come from, at {LoginEndpoint}/{tenant}/oauth2/v2.0/token. https only, except on loopback.

    .PARAMETER GraphEndpoint
    For Custom: where Microsoft Graph is, at {GraphEndpoint}/v1.0/. https only, except on loopback.

    .PARAMETER RetryBudgetSec
    How many seconds one cmdlet may wait in all for a service that is throttled, stumbles or lags behind; Wait-PPDirSync takes it for each of its looks, and what reads or writes all users for each page of them. Without it: 180. Of what no token shows, a run takes two looks that are five seconds apart; with less left, they follow each other at once. What is waited for, and how much is left, is said with -Verbose.

    .PARAMETER LogPath
    A new file to which everything is logged that the connection's cmdlets do, for a support case: JSON lines with what -Verbose
    and -Debug show, warnings, errors and results, whether these streams are on or not. It holds no secret, no token and no
    name of a user, and its owner alone may read it (on Windows: whoever its folder lets). Connections of this session that
    name the same file share it, also after the one before has failed or was closed. See about_PPFederation_Errors.

    .PARAMETER Force
    Overwrites a file that is there at -LogPath, but for a log that this session has begun: that one is gone on with. With
    $WhatIfPreference nothing is overwritten.

    .EXAMPLE
    Connect-PPTenant -Demo

    Starts the demonstration tenant and connects to it.

    .EXAMPLE
    Connect-PPTenant -Demo -DemoFault Throttled, Lag

    Starts a demonstration tenant that is as slow to answer and to show what was written as a busy one.

    .EXAMPLE
    Connect-PPTenant -TenantId 2f6e1c1a-7f0f-4a53-9f0a-0d3d8a8f5a11

    Opens the browser for an administrator to sign in to this tenant.

    .EXAMPLE
    Connect-PPTenant -TenantId contoso.onmicrosoft.com

    The same with a domain of the tenant.

    .EXAMPLE
    Connect-PPTenant -TenantId 2f6e1c1a-7f0f-4a53-9f0a-0d3d8a8f5a11 -DeviceCode -Step DirSync

    Shows a code to sign in with in any browser, and asks only for what the step DirSync needs.

    .EXAMPLE
    $secret = Read-Host -AsSecureString -Prompt 'Client secret'
    Connect-PPTenant -TenantId 2f6e1c1a-7f0f-4a53-9f0a-0d3d8a8f5a11 -ClientId 8b0c1f2e-9d54-4c7f-8a56-3c1f1f2a9e01 -ClientSecret $secret

    Signs in to a tenant of the global cloud as an application.

    .EXAMPLE
    Connect-PPTenant -ManagedIdentity

    In a job of Azure Automation: signs in as the account's system-assigned managed identity.

    .EXAMPLE
    Connect-PPTenant -AutomationConnection (Get-AutomationConnection -Name PPFederation)

    In a job of Azure Automation: signs in as a connection of the account says.

    .EXAMPLE
    $password = Read-Host -AsSecureString -Prompt 'Password of the PFX file'
    Import-Csv ./tenants.csv | Connect-PPTenant -CertificatePath ./msp.pfx -CertificatePassword $password

    Signs in to each tenant of a list with columns TenantId (ids or domains) and ClientId, with one certificate.

    .EXAMPLE
    $token = (Get-AzAccessToken -ResourceTypeName MSGraph -AsSecureString).Token
    $connection = Connect-PPTenant -TenantId 2f6e1c1a-7f0f-4a53-9f0a-0d3d8a8f5a11 -AccessToken $token -Environment USGov
    Get-PPDirSync -Connection $connection

    Uses the token of another module, and passes the connection explicitly.

    .EXAMPLE
    Connect-PPTenant -TenantId 2f6e1c1a-7f0f-4a53-9f0a-0d3d8a8f5a11 -LogPath ./case.jsonl
    Invoke-PPRunbook -WhatIf

    Writes what the cmdlets do to a file that can be sent with a support case.

    .OUTPUTS
    PPFederation.Connection
    TenantId, TenantName and DefaultDomain (where the sign-in may read them), State, IsDefault, Environment (Demo for a
    demonstration tenant), SignIn, ClientId, User, the endpoints, the permissions that the token names, when it expires, in Steps for each step what it needs, what of that the token holds, and what is missing,
    and in MissingForSteps what is missing alone.

    .LINK
    New-PPSignInClient

    .LINK
    Select-PPConnection

    .LINK
    about_PPFederation_SignIn
    #>
    [CmdletBinding(DefaultParameterSetName = 'Interactive', PositionalBinding = $false)]
    [OutputType('PPFederation.Connection')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Demo')]
        [switch]$Demo,

        [Parameter(ParameterSetName = 'Demo')]
        [ValidateSet({{'DemoFaults'}})]
        [string[]]$DemoFault,

        [Parameter(ParameterSetName = 'Interactive')]
        [switch]$Interactive,

        [Parameter(ParameterSetName = 'Interactive')]
        [switch]$NoBrowser,

        [Parameter(ParameterSetName = 'Interactive')]
        [ValidateRange(1, 86400)]
        [int]$TimeoutSec,

        [Parameter(Mandatory = $true, ParameterSetName = 'DeviceCode')]
        [Alias('UseDeviceCode', 'UseDeviceAuthentication')]
        [switch]$DeviceCode,

        [Parameter(ParameterSetName = 'Interactive')]
        [Parameter(ParameterSetName = 'DeviceCode')]
        [ValidateSet({{'Steps'}})]
        [string[]]$Step,

        [Parameter(ParameterSetName = 'Interactive')]
        [Parameter(ParameterSetName = 'DeviceCode')]
        [switch]$RestoreAttribute,

        [Parameter(Mandatory = $true, ParameterSetName = 'Interactive', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'DeviceCode', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'Credential', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'Certificate', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'CertificatePath', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'CertificateThumbprint', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'FederatedTokenFile', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'WorkloadIdentity', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'GitHubActions', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'AzurePipelines', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'ManagedIdentity', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AutomationConnection', ValueFromPipelineByPropertyName = $true)]
        [Alias('Tenant', 'Organization')]
        [string]$TenantId,

        [Parameter(ParameterSetName = 'Interactive', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'DeviceCode', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'Certificate', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'CertificatePath', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'CertificateThumbprint', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'FederatedTokenFile', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'WorkloadIdentity', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'GitHubActions', ValueFromPipelineByPropertyName = $true)]
        [Parameter(Mandatory = $true, ParameterSetName = 'AzurePipelines', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'ManagedIdentity', ValueFromPipelineByPropertyName = $true)]
        [Alias('AppId', 'ApplicationId')]
        [string]$ClientId,

        [Parameter(Mandatory = $true, ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [securestring]$ClientSecret,

        [Parameter(Mandatory = $true, ParameterSetName = 'Credential', ValueFromPipelineByPropertyName = $true)]
        [pscredential]$Credential,

        [Parameter(Mandatory = $true, ParameterSetName = 'Certificate', ValueFromPipelineByPropertyName = $true)]
        [System.Security.Cryptography.X509Certificates.X509Certificate2]$Certificate,

        [Parameter(Mandatory = $true, ParameterSetName = 'CertificatePath', ValueFromPipelineByPropertyName = $true)]
        [string]$CertificatePath,

        [Parameter(ParameterSetName = 'CertificatePath', ValueFromPipelineByPropertyName = $true)]
        [securestring]$CertificatePassword,

        [Parameter(Mandatory = $true, ParameterSetName = 'CertificateThumbprint', ValueFromPipelineByPropertyName = $true)]
        [Alias('Thumbprint')]
        [string]$CertificateThumbprint,

        [Parameter(Mandatory = $true, ParameterSetName = 'FederatedTokenFile', ValueFromPipelineByPropertyName = $true)]
        [string]$FederatedTokenFile,

        [Parameter(Mandatory = $true, ParameterSetName = 'WorkloadIdentity')]
        [switch]$WorkloadIdentity,

        [Parameter(Mandatory = $true, ParameterSetName = 'GitHubActions')]
        [switch]$GitHubActions,

        [Parameter(Mandatory = $true, ParameterSetName = 'AzurePipelines')]
        [switch]$AzurePipelines,

        [Parameter(Mandatory = $true, ParameterSetName = 'AzurePipelines', ValueFromPipelineByPropertyName = $true)]
        [string]$ServiceConnectionId,

        [Parameter(Mandatory = $true, ParameterSetName = 'ManagedIdentity')]
        [Alias('Identity')]
        [switch]$ManagedIdentity,

        [Parameter(Mandatory = $true, ParameterSetName = 'AutomationConnection')]
        [ValidateNotNull()]
        [hashtable]$AutomationConnection,

        [Parameter(Mandatory = $true, ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [securestring]$AccessToken,

        [Parameter(ParameterSetName = 'Interactive', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'DeviceCode', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'Credential', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'Certificate', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'CertificatePath', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'CertificateThumbprint', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'FederatedTokenFile', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'WorkloadIdentity', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'GitHubActions', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AzurePipelines', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'ManagedIdentity', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [ValidateSet('Global', 'USGov', 'USGovDoD', 'China', 'Custom')]
        [string]$Environment,

        [Parameter(ParameterSetName = 'Interactive', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'DeviceCode', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'Credential', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'Certificate', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'CertificatePath', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'CertificateThumbprint', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'FederatedTokenFile', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'WorkloadIdentity', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'GitHubActions', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AzurePipelines', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'ManagedIdentity', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [string]$LoginEndpoint,

        [Parameter(ParameterSetName = 'Interactive', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'DeviceCode', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'ClientSecret', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'Credential', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'Certificate', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'CertificatePath', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'CertificateThumbprint', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'FederatedTokenFile', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'WorkloadIdentity', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'GitHubActions', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AzurePipelines', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'ManagedIdentity', ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'AccessToken', ValueFromPipelineByPropertyName = $true)]
        [string]$GraphEndpoint,

        [ValidateRange(0, 86400)]
        [int]$RetryBudgetSec,

        [string]$LogPath,

        [switch]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
        $clientGiven = $PSBoundParameters.ContainsKey('ClientId')
    }
    process {
        # Whatever becomes of this one, the tenant of an earlier connection is not the one that is meant from here on.
        $script:PPSession.Chosen = $null
        $bound = @{} + $PSBoundParameters
        if ($bound.ContainsKey('ClientId') -and -not $clientGiven) {
            Clear-PPPipedAppId -Caller $PSCmdlet -Bound $bound -Piped $_
        }
        $twin = $null
        if ($Demo) {
            $twin = Invoke-PPJob -Caller $PSCmdlet -Op 'demo' -Field @{ faults = $DemoFault }
            if (-not $twin) {
                return
            }
            $field = Get-PPDemoSignIn -Twin $twin
        }
        else {
            $field = Get-PPSignIn -Caller $PSCmdlet -Bound $bound
        }
        if ($bound.ContainsKey('RetryBudgetSec')) {
            $field.retryBudgetSeconds = $RetryBudgetSec
        }
        if ($PSBoundParameters.ContainsKey('LogPath')) {
            $field.log = @{
                path  = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($LogPath)
                force = $Force -and -not $WhatIfPreference
                shell = "$($PSVersionTable.PSEdition) $($PSVersionTable.PSVersion)"
            }
        }
        Read-PPConnection -Caller $PSCmdlet -Op 'connect' -Field $field | ForEach-Object {
            $handle = [PPFederation.Native.ConnectionHandle]::Of($_)
            Add-PPWhose -Connection $handle.Number -Row $_
            if ($twin) {
                $handle.Control = $twin.ControlEndpoint
            }
            $script:PPSession.Chosen = $handle
            $_
        }
    }
}
