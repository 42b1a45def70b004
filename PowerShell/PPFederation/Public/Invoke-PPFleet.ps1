function Invoke-PPFleet {
    <#
    .SYNOPSIS
    Does one thing in many tenants at once: status, the runbook, a rotation, a comparison, a backup.

    .DESCRIPTION
    Takes a list of tenants, signs in to each and carries out the action in up to -ThrottleLimit of them at the same time, in one
    process. Each tenant gets one row, as it ends. One that fails is a row and an error with its name, and stops no other; one that
    is throttled by Microsoft Graph waits alone, unless it has met the application's limit over all tenants: then all wait.

    The actions: Status says where each step stands. DirSync says where directory synchronization stands; switching it off is a
    step of the runbook. Runbook carries out the steps of Invoke-PPRunbook. Rotate does what Update-PPClientSecret does. Compare
    counts what Compare-PPAttribute finds, and has in Rows what locks out, renames or isn't known. Backup does what
    Export-PPAttributeBackup does. An option that the action doesn't take is refused before anything is read; a column of the list
    that it doesn't take is passed over, so that one list serves all actions. What a row of the list has of its own, piped or in a file,
    comes before what the command line says for all.

    Client secrets that it makes go to a sink, never into the rows: without -SecretSink a fleet that would make one is refused before
    anything is read. With -WhatIf the tenants are read and the rows say what would be changed. Where changes are grave (switching
    directory synchronization off, granting permissions and the role, removing client secrets), all tenants are planned first, and one
    confirmation is asked for with the tenants and counts; -Confirm:$false carries them out at once. What has become grave in a tenant
    since the question waits for the next one. With -Confirm the question is about every change, and Backup asks too. What the ledger has an end of is not
    planned: its row says so at once, and it is in no question.

    With -Ledger it can be stopped anywhere and run again: what is done is left alone, what was begun is taken up. The ledger holds no
    secret. But before a client secret is asked for, its exact start is in the ledger, and its key id after; so one that was made while
    the process died is found and removed by the next run, that one and no other. Done means: one application, and one client
    secret whose place is known. Get-PPLedger shows a ledger.

    A ledger is one piece of work: what is done in it is never done again, steps that were left out are, once they are asked for, and as
    long as a client secret works that it knows in place, neither -NewSecret nor Rotate makes another. What comes round, as a rotation,
    takes a new ledger each time, as one with the date in its name, or none. Of Rotate that is needed for the older secrets too: they
    go with a later run, once the overlap is over.

    Result is Done, Open (begun and not through, or not begun, for want of time or of the ledger: run it again; directory synchronization
    on its way to off, for up to 72 hours: run it again then; or a client secret was there before, and where it lies nobody knows; or an
    earlier run could not put one in place, and somebody may have it; or a step is not done, and nothing was sent for it: Detail in Rows
    says why), Unknown (something was sent and not seen), Skipped (another worker holds the tenant and is at work, or it failed before and
    -Retry isn't given: run it again later; or you declined when asked for confirmation) or Failed. A tenant that another worker holds is
    looked at again at the end, for a minute: by then a worker that died has lost it. Ctrl+C begins no more tenants, ends those at work
    as it ends a single run, and says which they are.

    .PARAMETER Action
    What to do in each tenant: Status, Runbook, DirSync, Rotate, Compare or Backup.

    .PARAMETER Connection
    The connection to your own tenant, as Connect-PPTenant returned it: how it signs in is how all customers' tenants are signed in to
    that have no client secret of their own, given or in a vault. By the certificate or federated token of a multi-tenant application; by a person, whose
    delegated administration (GDAP) reaches the customers; by a managed identity, together with the ClientId of a multi-tenant
    application that trusts it by a federated credential. Its sign-in also reaches a ledger in Azure Blob Storage, and the vault that
    ClientSecretVaultUri names. Without it, the connection that this session has chosen.

    .PARAMETER TenantId
    The tenants: ids or domains. Other names: -Tenant, -Organization.

    .PARAMETER TenantPath
    A CSV file of tenants with the column TenantId, and where they differ from the others TenantName, ClientId, ClientSecretVaultUri,
    ClientSecretName, Environment, LoginEndpoint, GraphEndpoint, AppId, ObjectId, FederatedDomain and VaultUri. It has no secrets.

    .PARAMETER TenantName
    What a tenant is called until it is read, from the piped object. Another name: -Name.

    .PARAMETER ClientId
    The application (client) id to sign in as in the customers' tenants, a GUID: one for all, or each tenant's own from the piped
    object or the file. Without it, that of the connection.

    .PARAMETER ClientSecret
    The client secret of that application, as a SecureString: one for all tenants, or each tenant's own from the piped object. Without
    it, the connection says how to sign in.

    .PARAMETER ClientSecretVaultUri
    The address of a vault of your own tenant that holds the client secrets of the customers' applications, each of which is read just
    before its tenant is signed in to; {TenantId} and {Name} stand for what differs, as in VaultUri. The connection's sign-in has
    to be allowed to read it: Key Vault Secrets User. Together with ClientId and ClientSecretName, and without ClientSecret.

    .PARAMETER ClientSecretName
    The name of the client secret in that vault, in which {TenantId} and {Name} may stand: one for all, or each tenant's own from the
    piped object or the file. For {Name} the tenant needs a TenantName.

    .PARAMETER Environment
    The cloud of the tenants: Global, USGov, USGovDoD, China or Custom. Without it: that of the connection.

    .PARAMETER LoginEndpoint
    For Custom: where to sign in, as with Connect-PPTenant.

    .PARAMETER GraphEndpoint
    For Custom: where Microsoft Graph is, as with Connect-PPTenant.

    .PARAMETER AppId
    The application (client) id of the application to work with in a tenant where several could be meant, as a rule each tenant's own from
    the piped object or the file. None is made for it. Who signs in is ClientId.

    .PARAMETER ObjectId
    The object id of that application, likewise.

    .PARAMETER Demo
    Does it in so many demonstration tenants inside this process, one of which can't be signed in to. Nothing leaves this computer.

    .PARAMETER RenewWithinDays
    Of Rotate: a new secret is made only where the one in place ends within so many days, or none works. A tenant in which one works and none
    is known to be in place, as one that was typed into the portal by hand, is Open, and Detail says what to do. Without it: always.

    .PARAMETER Path
    Of Backup: the file of each tenant. For SealedFile: the file that takes each tenant's secret. {TenantId} stands for the tenant's id,
    {Name} for its name. Of several tenants the id has to stand in it, since two may have one name.

    .PARAMETER VaultUri
    For KeyVault: the address of a vault of each customer's own tenant; {TenantId} and {Name} stand for what differs. {Name} is TenantName,
    or the firm's own name where there is none, in small letters and digits with hyphens between: Contoso Accounting is
    contoso-accounting. A vault's name has 24 characters at most. Where no pattern fits, each tenant's own address from the piped object or
    the file.

    .PARAMETER SecretName
    For KeyVault: the name in the vault, in which {TenantId} and {Name} may stand. Without it: PPToken.

    .PARAMETER SecretSink
    Where new client secrets go: KeyVault (see VaultUri) or SealedFile (see RecipientCertificate and Path).

    .PARAMETER PortalUserPath
    Of Compare: the file of the portal's users of each tenant, with {TenantId} or {Name} in it. See Compare-PPAttribute -Path.

    .PARAMETER ScriptPath
    Of Compare: the file of the provisioning script, one for all, or with {TenantId} or {Name} in it each firm's own.

    .PARAMETER FederatedDomain
    Of Compare: the domains that are federated with Practice Protect, or going to be: each tenant's own from the piped object or the file,
    where several stand in a cell with semicolons between. See Compare-PPAttribute.

    .PARAMETER Since
    Of Compare: the backup of each tenant, with {TenantId} or {Name} in it: compares only who has changed since.

    .PARAMETER Force
    Overwrites files that are there, and for KeyVault adds a version to a secret that is not this application's.

    .PARAMETER ThrottleLimit
    How many tenants at the same time, 1 to 256. Without it: 32.

    .PARAMETER RetryBudgetSec
    How many seconds the work in one tenant may wait in all for a service that is throttled or stumbles; Compare and Backup take it
    for each page of users. Without it: 180.

    .PARAMETER Ledger
    The file of the ledger, which is made where there is none and taken up where there is one; or its address in Azure Blob Storage,
    https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME, where any number of workers share it. One for each piece of work.

    .PARAMETER LedgerSas
    A shared access signature for that container, as a SecureString. Without it the connection's sign-in is used, which needs the role
    Storage Blob Data Contributor.

    .PARAMETER Retry
    Failed: takes up the tenants that the ledger says have failed, too.

    .PARAMETER TimeBudget
    How long tenants may be begun, as '2:45:00': the others come back as Open. Those at work when it ends are foreseen by how long the
    earlier ones took.

    .PARAMETER Shard
    Which part of the list this worker takes, as 2/5. Each worker has to have the same list.

    .EXAMPLE
    Invoke-PPFleet -Demo 12 -Action Status

    Looks into twelve demonstration tenants, one of which can't be signed in to.

    .EXAMPLE
    Connect-PPTenant -TenantId $own -ClientId $app -CertificatePath ./msp.pem
    Invoke-PPFleet -Action Status -TenantPath ./tenants.csv | Export-Csv -Path ./status.csv

    Looks into all tenants of a list with the certificate of a multi-tenant application.

    .EXAMPLE
    Import-Csv -Path ./tenants.csv | Invoke-PPFleet -Action Runbook -Ledger ./june.jsonl -SecretSink SealedFile -RecipientCertificate ./vault.pem -Path './secrets/{TenantId}.p7m' -WhatIf

    Shows what the runbook would change in each tenant. Without -WhatIf it asks once, carries it out, and can be stopped and run again.

    .EXAMPLE
    Connect-PPTenant -ManagedIdentity
    Invoke-PPFleet -Action Status -TenantPath ./tenants.csv -ClientSecretVaultUri https://msp.vault.azure.net -ClientSecretName 'app-{TenantId}'

    Each tenant of the list has an application of its own, whose id is in the column ClientId and whose client secret is in your vault.

    .EXAMPLE
    Connect-PPTenant -ManagedIdentity
    $ledger = "https://contosofleet.blob.core.windows.net/fleet/rotation-$(Get-Date -Format yyyy-MM-dd)"
    Get-AutomationVariable -Name Tenants | ConvertFrom-Csv | Invoke-PPFleet -Action Rotate -ClientId $app -RenewWithinDays 30 -ClientSecretLifetime P1Y -SecretSink KeyVault -VaultUri 'https://pp-{Name}.vault.azure.net' -TimeBudget 2:45:00 -Ledger $ledger -Confirm:$false

    In a job of Azure Automation, every day: makes new secrets of a year where the old ones end within thirty days, and stops beginning
    tenants in time. Secrets of 100 years, as the runbook makes them where nothing else is said, never end within thirty days: replace
    them once without -RenewWithinDays. A job that is started again the same day takes up the rest by the day's ledger, which lies in
    Azure Blob Storage: a file would be gone with the job.

    .OUTPUTS
    PPFederation.FleetResult
    One a tenant: TenantId, TenantName, Action, Result, Detail, WarningCount, Warnings, ErrorId, ErrorMessage, Advice, SecretId,
    SecretLocation, Path, Duration, and in Rows what the action has for this tenant alone.

    .LINK
    Invoke-PPRunbook

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', PositionalBinding = $false)]
    [OutputType('PPFederation.FleetResult')]
    param(
        [Parameter(Mandatory = $true)]
        [ValidateSet('Status', 'Runbook', 'DirSync', 'Rotate', 'Compare', 'Backup')]
        [string]$Action,

        [ValidateNotNull()]
        [psobject]$Connection,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [Alias('Tenant', 'Organization')]
        [string[]]$TenantId,

        [string]$TenantPath,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [Alias('Name')]
        [string]$TenantName,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [string]$ClientId,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [securestring]$ClientSecret,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [string]$ClientSecretVaultUri,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [string]$ClientSecretName,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [ValidateSet('', 'Global', 'USGov', 'USGovDoD', 'China', 'Custom')]
        [string]$Environment,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [string]$LoginEndpoint,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [string]$GraphEndpoint,

        [ValidateRange(1, 100)]
        [int]$Demo,

        [Shared()]$Step,
        [Shared()]$Skip,
        [Shared('NameOfNew')]$DisplayName,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [string]$AppId,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [string]$ObjectId,

        [Shared()]$Adopt,
        [Shared()]$DeletedApp,
        [Shared()]$NewSecret,
        [Shared()]$ClientSecretLifetime,
        [Shared()]$LockCredentials,

        [Shared()]$OverlapDays,

        [ValidateRange(0, 36525)]
        [double]$RenewWithinDays,

        [ValidateSet('KeyVault', 'SealedFile')]
        [string]$SecretSink,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [string]$VaultUri,

        [string]$SecretName,

        [Shared()]$RecipientCertificate,

        [string]$Path,

        [string]$PortalUserPath,

        [Shared()]$ColumnMap,

        [string]$ScriptPath,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [string[]]$FederatedDomain,

        [string]$Since,

        [Shared()]$UserPrincipalName,

        [switch]$Force,

        [int]$ThrottleLimit,

        [ValidateRange(0, 3600)]
        [int]$RetryBudgetSec,

        [string]$Ledger,

        [securestring]$LedgerSas,

        [ValidateSet('Failed')]
        [string]$Retry,

        [timespan]$TimeBudget,

        [string]$Shard
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
        # Of the command line: what is piped is each tenant's own.
        $bound = @{} + $PSBoundParameters
        $tenants = [System.Collections.Generic.List[object]]::new()
    }
    process {
        $row = if ($MyInvocation.ExpectingInput) { $_ }
        Get-PPFleetTenant -Bound $PSBoundParameters -Row $row | ForEach-Object { $tenants.Add($_) }
    }
    end {
        if ($bound.ContainsKey('TenantPath')) {
            Read-PPFleetList -Caller $PSCmdlet -Path $TenantPath -Bound $bound | ForEach-Object { $tenants.Add($_) }
        }
        $field = Get-PPFleetField -Caller $PSCmdlet -Bound $bound -OverlapDays $OverlapDays
        $field.tenants = [object[]]$tenants
        $reached = $bound.ContainsKey('Ledger') -and $Ledger -match '^\s*https?://' -and -not $LedgerSas
        if ($bound.ContainsKey('Connection') -or $reached -or @($tenants | Where-Object { -not $_['clientSecret'] }).Count -gt 0) {
            if (-not ($field.home = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        }
        Invoke-PPFleetJob -Caller $PSCmdlet -Field $field
    }
}
