# What the tests share: a tenant twin as a program, spoken to over HTTP. Dot-source it in BeforeAll.

. (Join-Path $PSScriptRoot '../tests/shell.ps1')

function Start-TestProcess {
    # Starts a program. Wine on a busy machine refuses that now and then ("Internal error"), and does it at the next try.
    param([System.Diagnostics.ProcessStartInfo]$Start)

    for ($try = 1; ; $try++) {
        try {
            return [System.Diagnostics.Process]::Start($Start)
        }
        catch {
            if ($try -eq 3) {
                throw
            }
        }
    }
}

function Start-TestTenant {
    # Starts a twin and returns its endpoints, tenant id, clients and process. Stop it with Stop-TestTenant.
    param([string]$Argument = '')

    $start = [System.Diagnostics.ProcessStartInfo]::new($env:PPFEDERATION_TWIN, "--port 0 --until-stdin-closes $Argument")
    $start.UseShellExecute = $false
    # The twin ends with this process, however that ends.
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = Start-TestProcess $start
    $line = $process.StandardOutput.ReadLine()
    if (-not $line) {
        throw "The twin '$env:PPFEDERATION_TWIN' did not start."
    }
    $said = $line | ConvertFrom-Json
    [pscustomobject]@{
        Process    = $process
        Login      = $said.login
        Graph      = $said.graph
        Control    = $said.control
        Vault      = $said.vault
        TenantId   = $said.tenantId
        Clients    = $said.clients
        # The other tenants at its address.
        Neighbours = $said.neighbours
    }
}

function Stop-TestTenant {
    param($Tenant)

    if ($Tenant) {
        $Tenant.Process.Kill()
        $Tenant.Process.WaitForExit()
    }
}

function ConvertTo-TestSecret {
    param([string]$Text)

    [System.Net.NetworkCredential]::new('', $Text).SecurePassword
}

function ConvertFrom-TestSecret {
    param([securestring]$Secret)

    [System.Net.NetworkCredential]::new('', $Secret).Password
}

function Get-TestClient {
    # The twin's client of a kind: admin, reader or noRole.
    param($Tenant, [string]$Kind = 'admin')

    $Tenant.Clients | Where-Object { $_.kind -eq $Kind }
}

function Get-TestToken {
    # An access token of the twin's administrator client, as text.
    param($Tenant)

    $client = Get-TestClient -Tenant $Tenant
    $form = "client_id=$($client.clientId)&client_secret=$([uri]::EscapeDataString($client.clientSecret))" +
        "&grant_type=client_credentials&scope=$([uri]::EscapeDataString("$($Tenant.Graph)/.default"))"
    $answer = Invoke-RestMethod -Method Post -Uri "$($Tenant.Login)/$($Tenant.TenantId)/oauth2/v2.0/token" `
        -ContentType 'application/x-www-form-urlencoded' -Body $form
    $answer.access_token
}

function Connect-TestTenant {
    param($Tenant, [string]$Kind = 'admin', [hashtable]$Option = @{})

    $client = Get-TestClient -Tenant $Tenant -Kind $Kind
    $parameters = @{
        TenantId      = $Tenant.TenantId
        ClientId      = $client.clientId
        ClientSecret  = ConvertTo-TestSecret $client.clientSecret
        Environment   = 'Custom'
        LoginEndpoint = $Tenant.Login
        GraphEndpoint = $Tenant.Graph
    }
    if (-not $Option.ContainsKey('RetryBudgetSec')) {
        # Nothing lags here: less than the time between two looks that must agree, so that the second one comes at once.
        $parameters.RetryBudgetSec = 4
    }
    Connect-PPTenant @parameters @Option
}

function Get-TestRequest {
    # What the tenant was asked since the last Clear-TestRequest, in order.
    param($Tenant)

    $all = Invoke-RestMethod -Uri "$($Tenant.Control)/requests"
    foreach ($request in $all) {
        $request
    }
}

function Get-TestWrite {
    # Those of the requests that would change the tenant, whether it took them or not.
    param($Tenant)

    Get-TestRequest -Tenant $Tenant | Where-Object { $_.write }
}

function Clear-TestRequest {
    param($Tenant)

    [void](Invoke-RestMethod -Method Delete -Uri "$($Tenant.Control)/requests")
}

function Get-TestState {
    # The directory as it is: applications, servicePrincipals, grants, assignments, organization.
    param($Tenant)

    Invoke-RestMethod -Uri "$($Tenant.Control)/state"
}

function Set-TestTenant {
    # A change by one of the twin's control endpoints; returns what it answers.
    param($Tenant, [string]$Endpoint, [hashtable]$Body)

    Invoke-RestMethod -Method Post -Uri "$($Tenant.Control)$Endpoint" -ContentType 'application/json' -Body ($Body | ConvertTo-Json)
}

function Step-TestClock {
    # Lets time pass for the tenant.
    param($Tenant, [timespan]$By)

    [void](Set-TestTenant $Tenant '/clock' @{ advanceSeconds = [int]$By.TotalSeconds })
}

function Invoke-TestShell {
    # Runs a script text in a process of its own, and returns what it wrote (both streams, as lines). Answers are typed in.
    param([string]$Script, [string]$Answer = '', [hashtable]$Environment = @{})

    $encoded = [System.Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($Script))
    $words = @(Get-ShellArgument) + '-EncodedCommand' + $encoded | ForEach-Object { "`"$_`"" }
    $start = [System.Diagnostics.ProcessStartInfo]::new((Get-ShellProgram), $words -join ' ')
    foreach ($name in $Environment.Keys) {
        $start.EnvironmentVariables[$name] = $Environment[$name]
    }
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    # On Windows: a console of its own, whose width and Ctrl+C are not those of the tests.
    $start.CreateNoWindow = $true
    $process = Start-TestProcess $start
    $process.StandardInput.Write($Answer)
    $process.StandardInput.Close()
    $errors = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    [pscustomobject]@{
        ExitCode = $process.ExitCode
        Text     = "$output`n$($errors.Result)"
        Lines    = @($output -split "`r?`n" | Where-Object { $_ })
    }
}

function Get-Failure {
    # The error record of a call that must fail.
    param([scriptblock]$Call)

    try {
        [void](& $Call)
    }
    catch {
        return $_
    }
    throw 'The call did not fail.'
}

function Test-TestSignIn {
    # Whether the application signs in with a secret. The connection of the tests stays.
    param($Tenant, [string]$AppId, [string]$Text)

    $parameters = @{
        TenantId = $Tenant.TenantId; ClientId = $AppId; ClientSecret = ConvertTo-TestSecret $Text
        Environment = 'Custom'; LoginEndpoint = $Tenant.Login; GraphEndpoint = $Tenant.Graph
    }
    $signedIn = (Connect-PPTenant @parameters).ClientId -eq $AppId
    [void](Connect-TestTenant $Tenant)
    $signedIn
}
