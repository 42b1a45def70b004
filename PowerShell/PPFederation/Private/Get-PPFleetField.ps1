function Get-PPFleetField {
    # The fields of the op "fleet" for all tenants, from what the command line says.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The exported function's parameters of the command line.
        [Parameter(Mandatory = $true)]
        [hashtable]$Bound,

        # The overlap of a rotation, which has a default.
        [Parameter(Mandatory = $true)]
        [double]$OverlapDays
    )

    $field = @{ action = $Bound['Action']; options = (Get-PPFleetOption -Caller $Caller -Bound $Bound -OverlapDays $OverlapDays) }
    foreach ($name in 'ThrottleLimit', 'Shard', 'Demo') {
        if ($Bound.ContainsKey($name)) {
            $field[$name.Substring(0, 1).ToLowerInvariant() + $name.Substring(1)] = $Bound[$name]
        }
    }
    if ($Bound.ContainsKey('RetryBudgetSec')) {
        $field.retryBudgetSeconds = $Bound['RetryBudgetSec']
    }
    if ($Bound.ContainsKey('TimeBudget')) {
        $field.timeBudgetMilliseconds = [long]$Bound['TimeBudget'].TotalMilliseconds
    }
    if ($Bound.ContainsKey('Ledger')) {
        $address = $Bound['Ledger'] -match '^\s*https?://'
        $field.ledger = if ($address) { $Bound['Ledger'].Trim() } else { $Caller.GetUnresolvedProviderPathFromPSPath($Bound['Ledger']) }
        $field.machine = [System.Environment]::MachineName
        $field.worker = "$($field.machine), process $PID"
    }
    # The library says that they are of a ledger.
    $field.ledgerSas = $Bound['LedgerSas']
    $field.retryFailed = $Bound.ContainsKey('Retry')
    $field
}

function Get-PPFleetOption {
    # The choices of the action.
    param($Caller, [hashtable]$Bound, [double]$OverlapDays)

    $option = Get-PPOption -Bound $Bound
    foreach ($pair in @(
            @('Step', 'steps'), @('Skip', 'skip'), @('FederatedDomain', 'federatedDomain'), @('UserPrincipalName', 'userPrincipalName'))) {
        if ($Bound.ContainsKey($pair[0])) {
            $option[$pair[1]] = [string[]]$Bound[$pair[0]]
        }
    }
    foreach ($pair in @(@('PortalUserPath', 'portalUserPath'), @('ScriptPath', 'scriptPath'), @('Since', 'since'))) {
        if ($Bound.ContainsKey($pair[0])) {
            $option[$pair[1]] = $Caller.GetUnresolvedProviderPathFromPSPath($Bound[$pair[0]])
        }
    }
    Add-PPGivenUser -Field $option -User ([System.Collections.Generic.List[object]]::new()) -Bound $Bound
    # The library says of which action an option is: a default is none that somebody has given.
    if ($Bound['Action'] -eq 'Rotate' -or $Bound.ContainsKey('OverlapDays')) {
        $option.overlapSeconds = [long][math]::Ceiling($OverlapDays * 86400)
    }
    if ($Bound.ContainsKey('RenewWithinDays')) {
        $option.renewWithinSeconds = [long][math]::Ceiling($Bound['RenewWithinDays'] * 86400)
    }
    if ($Bound.ContainsKey('Force')) {
        $option.force = [bool]$Bound['Force']
    }
    $ofSink = @{}
    foreach ($name in 'SecretSink', 'VaultUri', 'SecretName', 'RecipientCertificate') {
        if ($Bound.ContainsKey($name)) {
            $ofSink[$name] = $Bound[$name]
        }
    }
    if ($Bound.ContainsKey('Path')) {
        if ($Bound['SecretSink'] -eq 'SealedFile') {
            $ofSink.Path = $Bound['Path']
        }
        else {
            $option.path = $Caller.GetUnresolvedProviderPathFromPSPath($Bound['Path'])
        }
    }
    if ($ofSink.Count -gt 0) {
        $option.sink = Get-PPSink -Caller $Caller -Bound ($ofSink + @{ Force = [bool]$Bound['Force'] })
    }
    $option
}

function Get-PPFleetTenant {
    # The tenants of the command line, of a piped object or of a row of a file. What such a row has of its own comes before what is said
    # for all: a parameter of the command line takes nothing from the pipeline any more.
    param($Bound, $Row)

    # What is one text, and the field that it goes into.
    $texts = @{
        TenantName = 'name'; ClientId = 'clientId'; ClientSecretVaultUri = 'clientSecretVaultUri'; ClientSecretName = 'clientSecretName'
        Environment = 'environment'; LoginEndpoint = 'loginEndpoint'; GraphEndpoint = 'graphEndpoint'; AppId = 'appId'; ObjectId = 'objectId'
        VaultUri = 'vaultUri'
    }
    $of = @{}
    foreach ($name in @($texts.Keys) + @('TenantId', 'ClientSecret', 'FederatedDomain')) {
        $own = if ($null -ne $Row -and $Row.PSObject.Properties[$name]) { $Row.$name }
        # A secret as text is none.
        $of[$name] = if ($own -and ($name -ne 'ClientSecret' -or $own -is [securestring])) { $own } else { $Bound[$name] }
    }
    foreach ($id in $of['TenantId']) {
        $tenant = @{ tenantId = [string]$id }
        foreach ($name in $texts.Keys) {
            if ($of[$name]) {
                $tenant[$texts[$name]] = [string]$of[$name]
            }
        }
        if ($of['ClientSecret']) {
            $tenant.clientSecret = [securestring]$of['ClientSecret']
        }
        if ($of['FederatedDomain']) {
            $tenant.federatedDomain = [string[]]$of['FederatedDomain']
        }
        $tenant
    }
}

function Read-PPFleetList {
    # The tenants of a CSV file. What a row doesn't say, the command line does.
    param($Caller, [string]$Path, [hashtable]$Bound)

    $file = $Caller.GetUnresolvedProviderPathFromPSPath($Path)
    try {
        $rows = @([System.IO.File]::ReadAllText($file) | ConvertFrom-Csv)
    }
    catch {
        $why = $_.Exception.GetBaseException().Message
        return Write-PPError -Caller $Caller -Failure (
            Get-PPFailure -Id 'PPFederation.FleetListInvalid' -Category InvalidData -Target $file -Message "The list '$file' can't be read: $why" `
                -Advice 'Give -TenantPath a CSV file with the column TenantId. Nothing was begun.')
    }
    $said = $Bound.Clone()
    # A row without one is told of.
    $said.TenantId = @('')
    foreach ($row in $rows) {
        Get-PPFleetTenant -Bound $said -Row $row
    }
}
