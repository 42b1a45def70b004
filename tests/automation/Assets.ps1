# What a job of Azure Automation finds in its session: the commands for the account's assets. Sandbox.ps1 dot-sources it in
# each job, with $AutomationFolder set to the account's folder.
#
# Of https://learn.microsoft.com/azure/automation/shared-resources/: variables, connections, certificates, credentials.
# Assumption: the words of the errors, and that they end a job only where the runbook has them do so.

function Read-AutomationAsset {
    param([string]$Kind, [string]$Name)

    $file = Join-Path $AutomationFolder "$Kind/$Name.json"
    if (Test-Path -LiteralPath $file) {
        return [System.IO.File]::ReadAllText($file) | ConvertFrom-Json
    }
    Write-Error -Message "$Kind asset not found. To create this $Kind asset, navigate to the Assets blade and create a $Kind asset named: $Name." -Category ObjectNotFound
}

function Get-AutomationVariable {
    # An encrypted one is as readable in a job as any other.
    param([Parameter(Mandatory = $true)][string]$Name)

    $asset = Read-AutomationAsset -Kind 'Variable' -Name $Name
    if ($asset) { $asset.Value }
}

function Set-AutomationVariable {
    # Changes one that is there, and creates none. What is encrypted stays so.
    param([Parameter(Mandatory = $true)][string]$Name, [Parameter(Mandatory = $true)][AllowNull()][AllowEmptyString()]$Value)

    $asset = Read-AutomationAsset -Kind 'Variable' -Name $Name
    if (-not $asset) { return }
    $asset.Value = $Value
    $text = ConvertTo-Json -InputObject $asset -Compress
    if ((ConvertTo-Json -InputObject $Value -Compress).Length -gt 1048576) {
        return Write-Error -Message "The value of the variable '$Name' is longer than 1048576 characters." -Category LimitsExceeded
    }
    $file = Join-Path $AutomationFolder "Variable/$Name.json"
    $fresh = "$file.$([guid]::NewGuid())"
    [System.IO.File]::WriteAllText($fresh, $text)
    # Whole or not at all, since another job may read it.
    [System.IO.File]::Replace($fresh, $file, [NullString]::Value)
}

function Get-AutomationConnection {
    # A hash table of the connection's fields.
    param([Parameter(Mandatory = $true)][string]$Name)

    $asset = Read-AutomationAsset -Kind 'Connection' -Name $Name
    if ($asset) {
        $fields = @{}
        $asset.PSObject.Properties | ForEach-Object { $fields[$_.Name] = $_.Value }
        $fields
    }
}

function Get-AutomationCertificate {
    param([Parameter(Mandatory = $true)][string]$Name)

    $asset = Read-AutomationAsset -Kind 'Certificate' -Name $Name
    if ($asset) {
        $flags = [System.Security.Cryptography.X509Certificates.X509KeyStorageFlags]::Exportable
        [System.Security.Cryptography.X509Certificates.X509Certificate2]::new($asset.Path, $asset.Password, $flags)
    }
}

function Get-AutomationPSCredential {
    param([Parameter(Mandatory = $true)][string]$Name)

    $asset = Read-AutomationAsset -Kind 'PSCredential' -Name $Name
    if ($asset) {
        [pscredential]::new($asset.UserName, [System.Net.NetworkCredential]::new('', $asset.Password).SecurePassword)
    }
}
