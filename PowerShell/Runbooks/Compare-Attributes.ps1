<#
.SYNOPSIS
Azure Automation runbook: compares the portal's users with those of the tenant, and reports what Practice Protect will overwrite and
who couldn't sign in afterwards. Changes nothing.

.DESCRIPTION
The output has counts alone. Who is concerned stands in the report, a page and a CSV in a container of Azure Blob Storage, since
whoever may look at a job sees its output. The job fails where somebody would be locked out.

.PARAMETER ConnectionName
The connection among the Automation account's assets, of the type PPFederation.

.PARAMETER TenantId
The tenant, by its id or a domain. Empty: that of the connection.

.PARAMETER PortalUsersBlob
The name of a blob in the container with the portal's users, as CSV or JSON.

.PARAMETER PortalUsersVariable
Instead of that: the variable of the Automation account that holds them. A variable takes a million characters.

.PARAMETER FederatedDomains
The domains that are going to be federated with Practice Protect, with commas between them or as a JSON list. Empty: those that are.

.PARAMETER ReportContainer
The address of a blob container, as https://contoso.blob.core.windows.net/reports. Empty: no report is written.

.PARAMETER SasVariable
The encrypted variable of the Automation account with a shared access signature for the container. Empty: the managed identity of
the Automation account reads and writes, with the role Storage Blob Data Contributor. (A job on a Hybrid Runbook Worker may need the
signature.)
#>
param(
    [string]$ConnectionName = 'PPFederation',
    [string]$TenantId = '',
    [string]$PortalUsersBlob = '',
    [string]$PortalUsersVariable = '',
    [string]$FederatedDomains = '',
    [string]$ReportContainer = '',
    [string]$SasVariable = ''
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module -Name PPFederation

function ConvertFrom-List {
    # The items of a text with commas between them, or of a JSON list: Automation takes both for what is one parameter.
    param([string]$Text)

    @($Text -split '[\[\],"\s]+' | Where-Object { $_ })
}

function Get-ErrorText {
    # What went wrong, by its id, and what to do about it.
    param($Record)

    $id = @($Record.FullyQualifiedErrorId -split ',')[0]
    $advice = if ($Record.ErrorDetails) { $Record.ErrorDetails.RecommendedAction }
    "$(if ($id -like 'PPFederation.*') { "$id`: " })$Record $(if ("$Record" -notlike "*$advice") { $advice })".Trim()
}

function Get-HttpStatus {
    # The status of an answer that was refused.
    param($Record)

    if ($Record.Exception.PSObject.Properties['Response'] -and $Record.Exception.Response) { [int]$Record.Exception.Response.StatusCode } else { 'no answer' }
}

function Get-BlobAccess {
    # What goes behind the address of a blob, and the headers, for who may write and read it.
    param([string]$Container, [string]$SasVariable)

    # A signature in a parameter stands in the job's record, for whoever may look at jobs: nothing from there on is told.
    $plain = @($Container -split '\?')[0]
    if ($plain -ne $Container) {
        throw "ReportContainer is $plain with a ? behind it. Give the address alone, and put what stands behind the ? into an encrypted variable, named in SasVariable."
    }
    $headers = @{ 'x-ms-version' = '2021-12-02' }
    if ($SasVariable) {
        return @{ Query = "?$((Get-AutomationVariable -Name $SasVariable).TrimStart('?'))"; Headers = $headers }
    }
    $instead = 'Name in SasVariable an encrypted variable that holds a shared access signature for the container.'
    if ($Container -notlike 'https://*') {
        throw "ReportContainer is $Container, and the token of the Automation account's identity goes over https alone. Give an address that begins with https://. $instead"
    }
    if (-not $env:IDENTITY_ENDPOINT -or -not $env:IDENTITY_HEADER) {
        throw "This job has no IDENTITY_ENDPOINT with an IDENTITY_HEADER, as one on a Hybrid Runbook Worker may not: the Automation account's identity can't be asked for access to $Container. $instead"
    }
    try {
        $answer = Invoke-RestMethod -Uri "$($env:IDENTITY_ENDPOINT)?api-version=2019-08-01&resource=https://storage.azure.com/" -UseBasicParsing `
            -Headers @{ 'X-IDENTITY-HEADER' = $env:IDENTITY_HEADER; Metadata = 'true' }
    }
    catch {
        throw "The Automation account's identity gives no access to $Container`: $(Get-HttpStatus $_). See that the account has a system-assigned identity. $instead"
    }
    @{ Query = ''; Headers = $headers + @{ Authorization = "Bearer $($answer.access_token)" } }
}

function Send-Blob {
    # Writes a file into the container. What goes wrong is told without the signature.
    param([string]$Path, [string]$Container, [string]$ContentType, [hashtable]$Access, [string]$What = 'The report')

    $address = "$($Container.TrimEnd('/'))/$(Split-Path -Path $Path -Leaf)"
    try {
        $headers = $Access.Headers + @{ 'x-ms-blob-type' = 'BlockBlob' }
        [void](Invoke-RestMethod -Method Put -Uri "$address$($Access.Query)" -Headers $headers -ContentType $ContentType -InFile $Path -UseBasicParsing)
    }
    catch {
        throw "$address could not be written: $(Get-HttpStatus $_). See that the container is there and that the job may write to it."
    }
    Write-Output "  $What is $address"
}

function Save-PortalUser {
    # The portal's users as a file in the folder; returns its path.
    param([string]$Folder, [hashtable]$Access)

    if ($PortalUsersVariable) {
        $text = Get-AutomationVariable -Name $PortalUsersVariable
        $file = Join-Path $Folder "portal-users.$(if ($text.TrimStart() -match '^[\[{]') { 'json' } else { 'csv' })"
        [System.IO.File]::WriteAllText($file, $text, [System.Text.UTF8Encoding]::new($false))
        return $file
    }
    if (-not $PortalUsersBlob -or -not $ReportContainer) {
        throw "The portal's users are missing. Name a blob with them in PortalUsersBlob and its container in ReportContainer, or a variable in PortalUsersVariable."
    }
    $plain = @($PortalUsersBlob -split '\?')[0]
    if ($plain -ne $PortalUsersBlob) {
        throw "PortalUsersBlob is $plain with a ? behind it. Give the blob's name alone, and put what stands behind the ? into an encrypted variable, named in SasVariable."
    }
    $address = "$($ReportContainer.TrimEnd('/'))/$PortalUsersBlob"
    $file = Join-Path $Folder (Split-Path -Path $PortalUsersBlob -Leaf)
    try {
        Invoke-RestMethod -Uri "$address$($Access.Query)" -Headers $Access.Headers -OutFile $file -UseBasicParsing
    }
    catch {
        throw "$address could not be read: $(Get-HttpStatus $_). See that it is there and that the job may read it."
    }
    $file
}

function Get-TenantLabel {
    # The tenant for people: by its name where that could be read, and by its id.
    param($Tenant)

    if ($Tenant.TenantName) { "$($Tenant.TenantName) ($($Tenant.TenantId))" } else { $Tenant.TenantId }
}

$connection = $null
$folder = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
try {
    [void](New-Item -ItemType Directory -Path $folder)
    $access = if ($ReportContainer) { Get-BlobAccess -Container $ReportContainer -SasVariable $SasVariable }
    $users = Save-PortalUser -Folder $folder -Access $access
    $tenant = @{}
    if ($TenantId) { $tenant.TenantId = $TenantId }
    $connection = Connect-PPTenant -AutomationConnection (Get-AutomationConnection -Name $ConnectionName) @tenant
    $choice = @{}
    if ($FederatedDomains) { $choice.FederatedDomain = ConvertFrom-List $FederatedDomains }

    $name = Join-Path $folder "attributes-$($connection.TenantId)-$([datetime]::UtcNow.ToString('yyyy-MM-dd-HHmm'))"
    $count = [ordered]@{ LockedOut = 0; Unknown = 0; Renamed = 0; Changed = 0 }
    # Row by row, whatever the size of the tenant: both reports keep what waits for them in files.
    $table = { Export-PPReport -Path "$name.csv" }.GetSteppablePipeline()
    $table.Begin($true)
    Compare-PPAttribute -Connection $connection -Path $users @choice | ForEach-Object {
        $count[$_.Severity]++
        $table.Process($_)
        $_
    } | Export-PPReport -Path "$name.html"
    $table.End()

    Write-Output "$(Get-TenantLabel $connection): $(($count.Keys | ForEach-Object { "$($count[$_]) $_" }) -join ', ') attributes."
    if ($ReportContainer) {
        Send-Blob -Path "$name.html" -Container $ReportContainer -ContentType 'text/html; charset=utf-8' -Access $access
        Send-Blob -Path "$name.csv" -Container $ReportContainer -ContentType 'text/csv; charset=utf-8' -Access $access
    }
    if ($count.LockedOut -gt 0) {
        throw "Somebody couldn't sign in after the federation: $($count.LockedOut) rows of the report say LockedOut, why, and what to do. Settle them first."
    }
}
catch {
    throw (Get-ErrorText $_)
}
finally {
    if ($connection) { Disconnect-PPTenant -Connection $connection }
    if (Test-Path -LiteralPath $folder) { Remove-Item -LiteralPath $folder -Recurse -Force }
}
