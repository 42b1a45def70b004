<#
.SYNOPSIS
Azure Automation runbook: looks at every tenant of a list and reports what is not as it should be. Changes nothing.

.DESCRIPTION
A finding is a step of the runbook that is not done, a consent for everybody that is another than at the last audit (less is granted,
or more than the runbook's permissions; grants for single users aren't looked at), a client secret that ends soon, and a tenant that
could not be read. A consent that could not be read is compared once it can be, with what was seen before; where nothing was, or by
another version of the module, one by which more is granted is a finding. Of client secrets the newest
that is known to be in place counts; where none is, each. Up to 32 tenants are read at the same time. With a container of Azure
Blob Storage files go there: begun-*.txt before any tenant is read, which shows that the container takes them; status-*.csv, where
each step stands in each tenant; and audit-*.html and audit-*.csv, the findings. Where nothing was found the page says so, and there
is no audit-*.csv. Without a container, or where it takes no more in the end, the findings are in the output of the job, up to MaxLines
of them. The job fails where the files could not be written or a tenant could not be read, after it has read the others.

.PARAMETER ConnectionName
The connection among the Automation account's assets, of the type PPFederation, to your own tenant. Other tenants are signed in to in
the same way: by an application that they all have. (A managed identity has its own tenant alone: another is one that could not be read.)

.PARAMETER Tenants
The tenants, by id or domain, with commas between them or as a JSON list.

.PARAMETER TenantsVariable
Instead of Tenants: the variable of the Automation account that holds such a list. A variable takes a million characters.

.PARAMETER CheckpointVariable
The variable of the Automation account in which the consents of each tenant are remembered, one a job. It must be there, with any
text in it. Empty: consents are not compared.

.PARAMETER SecretDays
A client secret that ends within so many days is a finding. Empty: 30.

.PARAMETER ReportContainer
The address of a blob container, as https://contoso.blob.core.windows.net/reports.

.PARAMETER SasVariable
The encrypted variable of the Automation account with a shared access signature for the container. Empty: the managed identity of
the Automation account writes, with the role Storage Blob Data Contributor. (A job on a Hybrid Runbook Worker may need the signature.)

.PARAMETER MaxLines
How many findings go into the output at most. Empty: 500.
#>
param(
    [string]$ConnectionName = 'PPFederation',
    [string]$Tenants = '',
    [string]$TenantsVariable = '',
    [string]$CheckpointVariable = '',
    [string]$SecretDays = '',
    [string]$ReportContainer = '',
    [string]$SasVariable = '',
    [string]$MaxLines = ''
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

function New-Finding {
    # A row of the report.
    param($Tenant, [string]$Kind, [string]$Name, [string]$State, [string]$Detail)

    [pscustomobject]@{ TenantId = $Tenant.TenantId; TenantName = $Tenant.TenantName; Kind = $Kind; Name = $Name; State = $State; Detail = $Detail }
}

function Get-TenantLabel {
    # The tenant for people: by its name where that could be read, and by its id.
    param($Tenant)

    if ($Tenant.TenantName) { "$($Tenant.TenantName) ($($Tenant.TenantId))" } else { $Tenant.TenantId }
}

function Get-CountText {
    # How many of them, as '1 tenant'.
    param([int]$Count, [string]$What)

    "$Count $What$(if ($Count -ne 1) { 's' })"
}

function ConvertTo-Number {
    # The number that a parameter's text says; of an empty one, as a webhook or a schedule may pass it, the default.
    param([string]$Name, [string]$Text, [int]$Default, [int]$Most)

    if (-not $Text.Trim()) { return $Default }
    $number = 0
    $isNumber = [int]::TryParse($Text, [System.Globalization.NumberStyles]::Integer, [cultureinfo]::InvariantCulture, [ref]$number)
    if (-not $isNumber -or -not ($number -ge 0 -and $number -le $Most)) {
        throw "$Name is '$Text'. Give a whole number from 0 to $Most, or nothing for $Default."
    }
    $number
}

function Get-ConsentMark {
    # What tells one state of a consent from another: enough of a hash of what is said of it.
    param($Status)

    $bytes = [System.Text.Encoding]::UTF8.GetBytes("$($Status.State) $($Status.Detail)")
    [System.Convert]::ToBase64String([System.Security.Cryptography.SHA256]::Create().ComputeHash($bytes)).Substring(0, 10)
}

function Get-Finding {
    # What is not as it should be in a tenant that was read: a step that is not done, a consent that is another than last time, a
    # client secret that ends soon. What is to be remembered of it goes into Mark: the version whose words it was said in, and a mark a
    # consent, or a hyphen for one that was never read. Those of another version say nothing of what there is: what may have been granted
    # since is told then without a comparison.
    param($Tenant, [hashtable]$Seen, [hashtable]$Mark, [string]$Version, [int]$Days, [bool]$Compares)

    $before = @("$($Seen[[string]$Tenant.TenantId])" -split ' ')
    if ($before.Count -ne 3 -or $before[0] -ne $Version) { $before = @($Version, '-', '-') }
    $marks = @($Version)
    foreach ($status in $Tenant.Rows) {
        if ($status.State -ne 'Done') {
            New-Finding $Tenant 'Step' $status.Step $status.State $status.Detail
        }
        if ($status.Step -like '*Consent') {
            $last = $before[$marks.Count]
            # What can't be read now is no other consent, and what was seen before stays.
            $now = if ($status.State -eq 'Unknown') { $last } else { Get-ConsentMark $status }
            if ($last -ne '-' -and $now -cne $last) {
                New-Finding $Tenant 'Consent' $status.Step $status.State "Another than at the last audit. Now: $($status.Detail)"
            }
            if ($Compares -and $last -eq '-' -and "$($status.Detail)" -like '*; granted beside them: *') {
                New-Finding $Tenant 'Consent' $status.Step $status.State "Not compared with an earlier audit, and more is granted. Now: $($status.Detail)"
            }
            $marks += $now
        }
        # One that another has replaced stays for the overlap, and its end is nobody's trouble.
        $counts = if ("$($status.Detail)" -like '*, in place)*') { ', in place\)' } else { '\)' }
        foreach ($end in [regex]::Matches("$($status.Detail)", "\(until (\d{4}-\d\d-\d\d)$counts") | Where-Object { $status.Step -eq 'ClientSecret' }) {
            $left = ([datetime]::ParseExact($end.Groups[1].Value, 'yyyy-MM-dd', [cultureinfo]::InvariantCulture) - [datetime]::UtcNow.Date).Days
            if ($left -lt $Days) {
                New-Finding $Tenant 'Secret' 'ClientSecret' $status.State "Ends in $left days. Rotate-Secret renews it."
            }
        }
    }
    $Mark[[string]$Tenant.TenantId] = $marks -join ' '
}

function Test-OwnTenant {
    # Whether that is the tenant of the job's connection, by its id or one of its domains. No service is asked.
    param([string]$Tenant)

    try {
        [void](Select-PPConnection -TenantId $Tenant)
        $true
    }
    catch {
        if ($_.FullyQualifiedErrorId -notlike 'PPFederation.ConnectionNotFound*') { throw }
        $false
    }
}

function Read-OwnTenant {
    # As a managed identity, which reads its own tenant and no other: a row for that one, and one that says so for each other.
    param($Connection, [string[]]$Tenant)

    $others = @($Tenant | Where-Object { -not (Test-OwnTenant $_) })
    if ($others.Count -lt $Tenant.Count) {
        $failed = @()
        $rows = @(Get-PPFederationStatus -Connection $Connection -ErrorAction SilentlyContinue -ErrorVariable failed)
        [pscustomobject]@{
            TenantId = $Connection.TenantId; TenantName = $Connection.TenantName; Result = $(if ($failed) { 'Failed' } else { 'Done' }); Rows = $rows
            ErrorId = ''; ErrorMessage = ''; Advice = ''; Detail = $(if ($failed) { Get-ErrorText $failed[0] })
        }
    }
    foreach ($other in $others) {
        [pscustomobject]@{
            TenantId = $other; TenantName = ''; Result = 'Failed'; Rows = @(); Detail = ''; ErrorId = 'PPFederation.FleetSignInMissing'
            ErrorMessage = "A managed identity signs in to its own tenant alone, $($Connection.TenantId), and $other is not known to be that one."
            Advice = 'In ConnectionName name a connection by an application that all of the tenants have.'
        }
    }
}

function Read-Tenant {
    # A row a tenant, with its status in Rows. One that can't be read is a row like the others.
    param($Connection, [string[]]$Tenant)

    if ($Connection.SignIn -eq 'ManagedIdentity') {
        return Read-OwnTenant -Connection $Connection -Tenant $Tenant
    }
    # Fifteen minutes before the three hours are over no more are begun.
    $failed = @()
    $rows = @($Tenant | ForEach-Object { [pscustomobject]@{ TenantId = $_ } } |
            Invoke-PPFleet -Action Status -Connection $Connection -TimeBudget '2:45:00' -ErrorAction SilentlyContinue -ErrorVariable failed)
    if ($rows.Count -lt $Tenant.Count) {
        # None was begun: what is wrong is wrong for all of them.
        throw $failed[0]
    }
    $rows
}

function Read-Consent {
    # What the last audit has seen, by tenant.
    param([string]$Variable)

    $consents = @{}
    try {
        $text = Get-AutomationVariable -Name $Variable
    }
    catch {
        throw "The Automation account has no variable '$Variable'. Create it there under Variables (a string, not encrypted), or leave CheckpointVariable empty: a job can change a variable, not create one."
    }
    if ("$text" -like '{*') {
        try {
            ($text | ConvertFrom-Json).PSObject.Properties | ForEach-Object { $consents[$_.Name] = $_.Value }
        }
        catch {
            throw "What the variable '$Variable' remembers of consents can't be read: it is no JSON any more. Put back what it held; or set it to -, and the consents are remembered anew, and compared from the next audit on."
        }
    }
    $consents
}

function ConvertTo-Cell {
    # A value that no spreadsheet takes for a formula.
    param([string]$Text)

    if ($Text -match '^[=+\-@\t\r]') { "'$Text" } else { $Text }
}

function Protect-Row {
    # The rows with those properties, as a spreadsheet may open them.
    param([object[]]$Row, [string[]]$Property)

    $Row | Select-Object -Property @($Property | ForEach-Object {
            @{ Name = [string]$_; Expression = [scriptblock]::Create("ConvertTo-Cell `$_.$_") }
        })
}

function Get-TenantTrouble {
    # Why a tenant could not be read, and what to do about it.
    param($Tenant)

    "$(if ($Tenant.ErrorId) { "$($Tenant.ErrorId): $($Tenant.ErrorMessage) $($Tenant.Advice)" } else { $Tenant.Detail })".TrimEnd()
}

function Get-StatusRow {
    # Where each step stands in each tenant. One that could not be read is a row without a step.
    param([object[]]$Tenant)

    foreach ($each in $Tenant) {
        if ($each.Result -ne 'Done') {
            [pscustomobject]@{ TenantId = $each.TenantId; TenantName = $each.TenantName; Step = ''; State = "NotRead: $($each.Result)"; Detail = Get-TenantTrouble $each }
            continue
        }
        foreach ($status in $each.Rows) {
            [pscustomobject]@{ TenantId = $each.TenantId; TenantName = $each.TenantName; Step = $status.Step; State = $status.State; Detail = $status.Detail }
        }
    }
}

function Test-ReportContainer {
    # Shows that the container takes files, before hours are spent on what goes there. Of is what the names of an audit's files end with.
    param([int]$Count, [string]$Of, [string]$Container, [string]$SasVariable)

    $access = Get-BlobAccess -Container $Container -SasVariable $SasVariable
    $file = Join-Path ([System.IO.Path]::GetTempPath()) "begun-$Of.txt"
    try {
        [System.IO.File]::WriteAllText($file, "An audit of $(Get-CountText $Count 'tenant') has begun. Once it has ended, status-$Of.csv and audit-$Of.html are here.`n")
        [void](Send-Blob -Path $file -Container $Container -ContentType 'text/plain; charset=utf-8' -Access $access)
    }
    finally {
        Remove-Item -LiteralPath $file -ErrorAction SilentlyContinue
    }
}

function Write-Finding {
    # The findings in the output of the job.
    param([object[]]$Finding, [int]$Most, [string]$Container)

    $Finding | Select-Object -First $Most | ForEach-Object { Write-Output "  $(Get-TenantLabel $_), $($_.Kind) $($_.Name): $($_.State). $($_.Detail)".TrimEnd() }
    if ($Finding.Count -gt $Most) { Write-Output "  And $($Finding.Count - $Most) more$(if (-not $Container) { ': name a ReportContainer to have them all' })." }
}

function Write-Report {
    # The status of all tenants and the findings as files, sent into the container.
    param([object[]]$Tenant, [object[]]$Finding, [string]$Of, [string]$Container, [string]$SasVariable)

    $folder = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
    [void](New-Item -ItemType Directory -Path $folder)
    try {
        $status, $name = 'status', 'audit' | ForEach-Object { Join-Path $folder "$_-$Of" }
        Protect-Row (Get-StatusRow $Tenant) 'TenantId', 'TenantName', 'Step', 'State', 'Detail' |
            Export-Csv -LiteralPath "$status.csv" -NoTypeInformation -Encoding UTF8
        $head = "<meta charset='utf-8'><title>Audit</title><style>body{font-family:sans-serif}td,th{padding:.3em;text-align:left;vertical-align:top;border-bottom:1px solid #ccc}</style>"
        $title = "<h1>$(Get-CountText $Finding.Count 'finding') in $(Get-CountText $Tenant.Count 'tenant')</h1><p>$([datetime]::UtcNow.ToString('yyyy-MM-dd HH:mm')) UTC. Where each step stands in each tenant: $(Split-Path -Path $status -Leaf).csv</p>"
        $page = $Finding | ConvertTo-Html -Head $head -PreContent $title
        [System.IO.File]::WriteAllText("$name.html", ($page -join "`n"), [System.Text.UTF8Encoding]::new($false))
        $access = Get-BlobAccess -Container $Container -SasVariable $SasVariable
        Send-Blob -Path "$status.csv" -Container $Container -ContentType 'text/csv; charset=utf-8' -Access $access -What 'The status of all tenants'
        Send-Blob -Path "$name.html" -Container $Container -ContentType 'text/html; charset=utf-8' -Access $access
        if ($Finding.Count -gt 0) {
            Protect-Row $Finding 'TenantId', 'TenantName', 'Kind', 'Name', 'State', 'Detail' | Export-Csv -LiteralPath "$name.csv" -NoTypeInformation -Encoding UTF8
            Send-Blob -Path "$name.csv" -Container $Container -ContentType 'text/csv; charset=utf-8' -Access $access
        }
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}

$connection = $null
try {
    $days = ConvertTo-Number -Name 'SecretDays' -Text $SecretDays -Default 30 -Most 36525
    $most = ConvertTo-Number -Name 'MaxLines' -Text $MaxLines -Default 500 -Most 1000000
    $list = ConvertFrom-List $(if ($TenantsVariable) { Get-AutomationVariable -Name $TenantsVariable } else { $Tenants })
    if ($list.Count -eq 0) {
        throw 'No tenant is named. Give their ids or domains in Tenants, or the name of a variable that holds them in TenantsVariable.'
    }
    $connection = Connect-PPTenant -AutomationConnection (Get-AutomationConnection -Name $ConnectionName)
    # Of several jobs that share the tenants each writes its own files.
    $of = "$([datetime]::UtcNow.ToString('yyyy-MM-dd-HHmm'))-$([guid]::NewGuid().ToString('N').Substring(0, 6))"
    if ($ReportContainer) { Test-ReportContainer -Count $list.Count -Of $of -Container $ReportContainer -SasVariable $SasVariable }
    $seen = if ($CheckpointVariable) { Read-Consent -Variable $CheckpointVariable } else { @{} }
    $marks = @{}
    $version = [string](Get-Module -Name PPFederation).Version
    $read = @(Read-Tenant -Connection $connection -Tenant $list)
    $unread = @($read | Where-Object { $_.Result -ne 'Done' })
    $findings = @(
        $unread | ForEach-Object { New-Finding $_ 'Tenant' 'NotRead' $_.Result (Get-TenantTrouble $_) }
        $read | Where-Object { $_.Result -eq 'Done' } | ForEach-Object { Get-Finding -Tenant $_ -Seen $seen -Mark $marks -Version $version -Days $days -Compares ([bool]$CheckpointVariable) }
    )
    $troubled = @($findings.TenantId | Sort-Object -Unique).Count
    Write-Output "$(Get-CountText $list.Count 'tenant'): $($list.Count - $troubled) without a finding, $troubled with $(Get-CountText $findings.Count 'finding')."
    if ($ReportContainer) {
        try {
            Write-Report -Tenant $read -Finding $findings -Of $of -Container $ReportContainer -SasVariable $SasVariable
        }
        catch {
            # What was read is told all the same; what is remembered stays as it was, so that the next audit finds the same.
            Write-Finding -Finding $findings -Most $most -Container $ReportContainer
            throw
        }
    }
    else {
        Write-Finding -Finding $findings -Most $most
    }
    if ($CheckpointVariable) {
        $anew = @($marks.Keys | Where-Object { $seen[$_] -and "$($seen[$_])" -notlike "$version *" })
        if ($anew.Count -gt 0) {
            Write-Output "  The consents of $(Get-CountText $anew.Count 'tenant') were last seen by another version of PPFederation, which may word them otherwise: they are remembered anew, and compared from the next audit on. Where more is granted, that is a finding now."
        }
        # Once somebody can read of it: what ends before that is found again. What other jobs have written since stays.
        $all = Read-Consent -Variable $CheckpointVariable
        $marks.Keys | ForEach-Object { $all[$_] = $marks[$_] }
        Set-AutomationVariable -Name $CheckpointVariable -Value ($all | ConvertTo-Json -Compress)
    }
    if ($unread.Count -gt 0) {
        throw "$($unread.Count) of $($list.Count) tenants could not be read: $(($unread | Select-Object -First 20 -ExpandProperty TenantId) -join ', '). The findings say why."
    }
}
catch {
    throw (Get-ErrorText $_)
}
finally {
    if ($connection) { Disconnect-PPTenant -Connection $connection }
}
