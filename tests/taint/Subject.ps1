<#
.SYNOPSIS
Takes known secrets through every cmdlet of the module and writes down everything that a session could see of it.

.DESCRIPTION
Started by the taint test, the program rust-core/taint, which knows the secrets and then searches for them: also in the memory
of this process. So a secret comes over a socket, byte by byte, and is never a string here, and what is planted on purpose is.
#>
param(
    # The module's manifest.
    [string]$Module,
    # Where the taint test listens.
    [int]$Port,
    # The folder for what was seen, a file a stream.
    [string]$Seen,
    # The tenant twin.
    [string]$TenantId,
    [string]$Login,
    [string]$Graph,
    [string]$Control,
    # The ids of its clients.
    [string]$Admin,
    [string]$Reader,
    # The folder with the files to sign in with.
    [string]$Given
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Continue'
$VerbosePreference = 'Continue'
$DebugPreference = 'Continue'
$InformationPreference = 'Continue'
$ConfirmPreference = 'None'

# ---- The taint test

function Connect-Test {
    $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $Port)
    $client.GetStream()
}

function Read-Line {
    # A line as a string.
    $line = [System.Text.StringBuilder]::new()
    while (($byte = $script:test.ReadByte()) -gt 10) {
        [void]$line.Append([char]$byte)
    }
    $line.ToString()
}

function Read-Secret {
    # A line as a SecureString: its bytes lie beside each other nowhere in managed memory.
    $secret = [securestring]::new()
    while (($byte = $script:test.ReadByte()) -gt 10) {
        $secret.AppendChar([char]$byte)
    }
    $secret
}

function Read-Given {
    # Names with secrets, and with texts to plant, until an empty line.
    $script:secret = @{}
    $script:plant = @{}
    while ($name = Read-Line) {
        if ($name.StartsWith('plant ')) {
            $script:plant[$name.Substring(6)] = Read-Line
        }
        else {
            $script:secret[$name] = Read-Secret
        }
    }
}

function Wait-Test {
    # Tells the taint test where this process is, and stays there until it may go on.
    param([string]$Point)

    $bytes = [System.Text.Encoding]::ASCII.GetBytes("$Point`n")
    $script:test.Write($bytes, 0, $bytes.Length)
    [void]$script:test.ReadByte()
}

function Open-Address {
    # Has the taint test open an address in the browser that it is.
    param([string]$Address)

    Wait-Test "browse $Address"
}

# ---- What is seen

function Add-Seen {
    param([string]$Stream, [string]$Text)

    [System.IO.File]::AppendAllText((Join-Path $Seen $Stream), "$Text`n")
}

function Get-StreamName {
    param($Record)

    switch ($Record.GetType().Name) {
        'ErrorRecord' { 'error' }
        'WarningRecord' { 'warning' }
        'VerboseRecord' { 'verbose' }
        'DebugRecord' { 'debug' }
        'InformationRecord' { 'information' }
        default { 'output' }
    }
}

function Format-Deep {
    # Everything that the views and the serializer show of an object.
    param($Record)

    $Record | Out-String -Width 4000
    $Record | Format-List -Property * -Force | Out-String -Width 4000
    "$Record"
    [System.Management.Automation.PSSerializer]::Serialize($Record, 2)
}

function Format-Failure {
    # An error with all that hangs on it.
    param($Record)

    Format-Deep $Record
    if ($Record -isnot [System.Management.Automation.ErrorRecord]) {
        return
    }
    foreach ($part in $Record.InvocationInfo, $Record.ErrorDetails, $Record.TargetObject, $Record.CategoryInfo) {
        $part | Format-List -Property * -Force | Out-String -Width 4000
    }
    $exception = $Record.Exception
    while ($exception) {
        "$exception"
        $exception | Format-List -Property * -Force | Out-String -Width 4000
        $exception = $exception.InnerException
    }
}

function Clear-Secret {
    # Disposes the secrets in a result, or in what an error is about, as their user should.
    param($Record)

    if ($Record -is [System.Management.Automation.ErrorRecord]) {
        $Record = $Record.TargetObject
    }
    if ($null -eq $Record) {
        return
    }
    foreach ($property in $Record.PSObject.Properties) {
        if ($property.Value -is [securestring]) {
            $script:secretsMade++
            $property.Value.Dispose()
            # The serializer refuses one that is disposed.
            $property.Value = $null
        }
    }
}

function Invoke-Case {
    # Runs a case and writes all it says to the file of its stream. A secret is looked at while it is there, but for the
    # serializer: outside Windows that writes every SecureString in clear.
    param([scriptblock]$Case)

    $script:calls++
    $records = try {
        & $Case *>&1
    }
    catch {
        $_
    }
    foreach ($record in @($records | Where-Object { $null -ne $_ })) {
        $stream = Get-StreamName $record
        Add-Seen $stream ($record | Format-List -Property * -Force | Out-String -Width 4000)
        Clear-Secret $record
        Add-Seen $stream ((Format-Deep $record) -join "`n")
    }
    # The engine itself keeps 256: the first ones would be gone by the end.
    $script:errors.AddRange(@($global:Error))
    $global:Error.Clear()
}

# ---- Plants: a text in every kind of place, which the search has to find

function Write-Plant {
    $base64 = [System.Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes("it is $($plant.verbose)"))
    Write-Output $plant.output
    Write-Error -Message "refused: $($plant.error)"
    Write-Warning -Message $plant.warning
    Write-Verbose -Message "body: $base64"
    Write-Debug -Message "query: ?secret=$([uri]::EscapeDataString($plant.debug))"
    Write-Information -MessageData @{ Inner = @{ Text = $plant.information } }
}

function Add-Plant {
    Invoke-Case { Write-Plant }
    try {
        throw [System.InvalidOperationException]::new('outer', [System.ArgumentException]::new($plant.errors))
    }
    catch {
        Write-Debug -Message "Planted: $($_.Exception.Message)"
    }
    Invoke-Case { Get-PPFederationApp -Connection $logged -DisplayName $plant.log }
    $script:kept = "$($plant['core dump']) and $($plant.memory) are kept"
    [Console]::WriteLine($plant.console)
    [void](New-Item -ItemType Directory -Path 'below')
    [System.IO.File]::WriteAllText((Join-Path (Get-Location).Path 'below/planted'), $plant.work)
    $temporary = Join-Path ([System.IO.Path]::GetTempPath()) 'planted'
    [System.IO.File]::WriteAllText($temporary, $plant.temporary, [System.Text.Encoding]::Unicode)
}

# ---- The run

function Invoke-All {
    # Every case of every cmdlet; then those of connected cmdlets again under every fault, without waiting for its end.
    foreach ($name in $cases.Keys) {
        foreach ($case in $cases[$name]) {
            Invoke-Case $case
        }
    }
    foreach ($fault in $faults) {
        foreach ($name in $faulty.Keys) {
            [void](Invoke-RestMethod -Method Delete -Uri "$Control/faults")
            Invoke-Case { Connect-Twin -RetryBudget 0 }
            Add-Fault $fault
            Invoke-Case $faulty[$name]
            Invoke-Case { Disconnect-PPTenant }
        }
    }
    [void](Invoke-RestMethod -Method Delete -Uri "$Control/faults")
}

function Assert-Complete {
    # A cmdlet that no case takes secrets through is not tested.
    $known = @($cases.Keys | ForEach-Object { ($_ -split ',')[0] } | Select-Object -Unique)
    $missing = @((Get-Command -Module PPFederation).Name | Where-Object { $known -notcontains $_ })
    if ($missing) {
        throw "There is no case in tests/taint/Cases.ps1 for: $($missing -join ', ')."
    }
}

function Write-Errors {
    # Of a hundred errors of one kind one is like another: those are written as text only.
    $deep = @{}
    foreach ($record in $script:errors) {
        Add-Seen 'errors' "$record"
        # A bare exception has none.
        $id = $record.PSObject.Properties['FullyQualifiedErrorId']
        $kind = "$(if ($id) { $id.Value }) $($record.GetType())"
        if (-not $deep[$kind]) {
            $deep[$kind] = $true
            Add-Seen 'errors' ((Format-Failure $record) -join "`n")
        }
    }
}

function Clear-Memory {
    foreach ($given in $secret.Values) {
        $given.Dispose()
    }
    for ($i = 0; $i -lt 3; $i++) {
        [System.GC]::Collect()
        [System.GC]::WaitForPendingFinalizers()
    }
}

$test = Connect-Test
$calls = 0
$errors = [System.Collections.Generic.List[object]]::new()
$secretsMade = 0
Read-Given
$transcript = [bool](Get-Command -Name Start-Transcript -ErrorAction SilentlyContinue)
if ($transcript) {
    [void](Start-Transcript -Path (Join-Path $Seen 'transcript'))
    Write-Host $plant.transcript
}
Import-Module -Name $Module -Verbose:$false 4>$null
. (Join-Path $PSScriptRoot 'Cases.ps1')
Assert-Complete
$logged = Connect-Twin
Add-Plant
Invoke-All
if ($transcript) {
    [void](Stop-Transcript)
}
# A session holds what it has opened: the cases leave some behind, and the log ends with the last of them.
$log = @{}
Invoke-Case { Get-PPConnection -ListAvailable | Disconnect-PPTenant }
Invoke-Case { Connect-PPTenant @app -CertificatePath "$Given/both.pem" }
$byCertificate = Get-PPConnection
Invoke-Case { Connect-Twin }
Invoke-Case { Get-PPDirSync }
# What nobody has claimed stays in the library by design.
Invoke-Case { Get-PPClientSecret -Unclaimed -Claim }
Clear-Memory
Write-Errors
Wait-Test 'open'
Invoke-Case { Disconnect-PPTenant }
Invoke-Case { Disconnect-PPTenant -Connection $byCertificate }
Clear-Memory
[Console]::WriteLine("The subject made $calls calls of $((Get-Command -Module PPFederation).Count) cmdlets under $($faults.Count) faults; $secretsMade secrets were handed over.")
Wait-Test 'closed'
