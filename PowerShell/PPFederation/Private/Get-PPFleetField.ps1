function Get-PPFleetField {
    # The fields of the op "fleet" for all tenants, from what the command line says.
    param(
        [Parameter(Mandatory = $true)]
        [System.Management.Automation.PSCmdlet]$Caller,

        # The exported function's parameters of the command line.
        [Parameter(Mandatory = $true)]
        [hashtable]$Bound
    )

    $field = @{ action = $Bound['Action']; options = (Get-PPFleetOption -Caller $Caller -Bound $Bound) }
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
        $field.ledgerSas = $Bound['LedgerSas']
        $field.worker = "$([System.Environment]::MachineName), process $PID"
        $field.retryFailed = $Bound.ContainsKey('Retry')
    }
    $field
}

function Get-PPFleetOption {
    # The choices of the action.
    param($Caller, [hashtable]$Bound)

    $option = Get-PPOption -Bound $Bound
    foreach ($pair in @(@('Step', 'steps'), @('Skip', 'skip'))) {
        if ($Bound.ContainsKey($pair[0])) {
            $option[$pair[1]] = [string[]]$Bound[$pair[0]]
        }
    }
    foreach ($pair in @(@('Path', 'path'), @('PortalUserPath', 'portalUserPath'))) {
        if ($Bound.ContainsKey($pair[0])) {
            $option[$pair[1]] = $Caller.GetUnresolvedProviderPathFromPSPath($Bound[$pair[0]])
        }
    }
    $overlap = if ($Bound.ContainsKey('OverlapDays')) { $Bound['OverlapDays'] } else { 7 }
    $option.overlapSeconds = [long][math]::Ceiling($overlap * 86400)
    if ($Bound.ContainsKey('RenewWithinDays')) {
        $option.renewWithinSeconds = [long][math]::Ceiling($Bound['RenewWithinDays'] * 86400)
    }
    if ($Bound.ContainsKey('Force')) {
        $option.force = [bool]$Bound['Force']
    }
    $ofSink = @{}
    foreach ($name in 'SecretSink', 'VaultUri', 'SecretName', 'RecipientCertificate', 'Force') {
        if ($Bound.ContainsKey($name)) {
            $ofSink[$name] = $Bound[$name]
        }
    }
    if ($Bound.ContainsKey('SecretSink')) {
        if ($Bound['SecretSink'] -eq 'SealedFile' -and $Bound.ContainsKey('Path')) {
            $ofSink.Path = $Bound['Path']
        }
        $option.sink = Get-PPSink -Caller $Caller -Bound $ofSink
    }
    $option
}

function Get-PPFleetTenant {
    # The tenants of one piped object or of the command line, with what is theirs alone.
    param($Bound)

    foreach ($id in $Bound['TenantId']) {
        $tenant = @{ tenantId = $id }
        foreach ($pair in @(
                @('TenantName', 'name'), @('ClientId', 'clientId'), @('ClientSecret', 'clientSecret'),
                @('ClientSecretVaultUri', 'clientSecretVaultUri'), @('ClientSecretName', 'clientSecretName'),
                @('Environment', 'environment'), @('LoginEndpoint', 'loginEndpoint'), @('GraphEndpoint', 'graphEndpoint'))) {
            if ($Bound[$pair[0]]) {
                $tenant[$pair[1]] = $Bound[$pair[0]]
            }
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
    foreach ($row in $rows) {
        $of = @{ TenantId = @('') }
        foreach ($name in 'TenantId', 'TenantName', 'ClientId', 'ClientSecret', 'ClientSecretVaultUri', 'ClientSecretName', 'Environment',
            'LoginEndpoint', 'GraphEndpoint') {
            if ($name -ne 'ClientSecret' -and $row.PSObject.Properties[$name] -and $row.$name) {
                $of[$name] = [string]$row.$name
            }
            elseif ($name -ne 'TenantId' -and $Bound.ContainsKey($name)) {
                $of[$name] = $Bound[$name]
            }
        }
        Get-PPFleetTenant -Bound $of
    }
}
