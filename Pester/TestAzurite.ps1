# Azurite, Microsoft's emulator of Azure Blob Storage, in a process of its own. Dot-source it in BeforeAll. PPFEDERATION_AZURITE names the
# folder that has it; where it names none, build.ps1 Test has said so.

# The account that every Azurite has, and its key. Source: Azurite's documentation.
$azuriteAccount = 'devstoreaccount1'
$azuriteKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
$azuriteVersion = '2021-12-02'

function Start-TestAzurite {
    # A server with a container: its process, and the address of its account.
    param([string]$Container)

    $start = [System.Diagnostics.ProcessStartInfo]::new('node')
    $program = Join-Path $env:PPFEDERATION_AZURITE 'node_modules/azurite/dist/src/blob/main.js'
    # It ends with this process, however that ends: its input is at an end then.
    $ends = "data:text/javascript,process.stdin.resume();process.stdin.on('end',()=>process.exit())"
    $start.Arguments = "--import `"$ends`" `"$program`" --silent --inMemoryPersistence --disableTelemetry --blobPort 0"
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    do {
        $line = $process.StandardOutput.ReadLine()
        if ($null -eq $line) {
            throw 'Azurite ended before it listened.'
        }
    } until ($line -match 'successfully listens on (\S+)')
    $azurite = [pscustomobject]@{ Process = $process; Origin = "$($Matches[1])/$azuriteAccount" }
    Send-TestBlob $azurite $Container 'restype=container'
    $azurite
}

function Stop-TestAzurite {
    param($Azurite)

    if ($Azurite) {
        $Azurite.Process.Kill()
        $Azurite.Process.WaitForExit()
    }
}

function New-TestSas {
    # A shared access signature of the account for an hour. Source: Azure Storage REST reference, "Create an account SAS".
    param([string]$Permission)

    $end = [datetime]::UtcNow.AddHours(1).ToString('yyyy-MM-ddTHH:mm:ssZ', [cultureinfo]::InvariantCulture)
    $fields = $azuriteAccount, $Permission, 'b', 'sco', '', $end, '', 'https,http', $azuriteVersion, '', ''
    $hash = [System.Security.Cryptography.HMACSHA256]::new([Convert]::FromBase64String($azuriteKey))
    $signature = [Convert]::ToBase64String($hash.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($fields -join "`n")))
    "sv=$azuriteVersion&ss=b&srt=sco&sp=$Permission&se=$([uri]::EscapeDataString($end))&spr=https,http&sig=$([uri]::EscapeDataString($signature))"
}

function Send-TestBlob {
    # A PUT to a path below the account.
    param($Azurite, [string]$Path, [string]$Query, [hashtable]$Header = @{}, [string]$Body = '')

    $all = @{ 'x-ms-version' = $azuriteVersion } + $Header
    $uri = "$($Azurite.Origin)/$Path`?$Query&$(New-TestSas 'rwdlac')"
    [void](Invoke-RestMethod -Method Put -Uri $uri -Headers $all -Body $Body -ContentType 'application/octet-stream')
}

function Get-TestBlob {
    # What lies at an address that something has named.
    param([string]$Address)

    Invoke-RestMethod -Uri "$Address`?$(New-TestSas 'r')" -Headers @{ 'x-ms-version' = $azuriteVersion }
}

function Add-TestBlob {
    # An append blob with a text.
    param($Azurite, [string]$Path, [string]$Text)

    Send-TestBlob $Azurite $Path '' @{ 'x-ms-blob-type' = 'AppendBlob' }
    Send-TestBlob $Azurite $Path 'comp=appendblock' @{} $Text
}
