<#
.SYNOPSIS
Walks through the runbook on the embedded demonstration tenant. Started by build.ps1 Demo.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Write-Heading {
    param([string]$Text)

    Write-Host ''
    Write-Host "# $Text" -ForegroundColor Cyan
}

function Assert-Demo {
    # The walk is a check as well: where the product does not do what the text says, the demo fails.
    param([bool]$Condition, [string]$Otherwise)

    if (-not $Condition) {
        throw "The demonstration went wrong: $Otherwise"
    }
}

Import-Module -Name $env:PPFEDERATION_MODULE

Write-Heading 'Connect-PPTenant -Demo: a tenant of its own, inside this process'
$connection = Connect-PPTenant -Demo
$connection | Out-Default

Write-Heading 'Invoke-PPRunbook -WhatIf: the plan; nothing is written'
Invoke-PPRunbook -WhatIf

Write-Heading 'Invoke-PPRunbook -Confirm:$false: plan, apply, check'
$app = Invoke-PPRunbook -Confirm:$false
$app | Out-Default
Assert-Demo ($app.ClientSecret -is [securestring]) 'no client secret was made.'

Write-Heading 'Get-PPPermission: what is granted, not just declared'
$permissions = @(Get-PPPermission)
$permissions | Out-Default
$granted = @($permissions | Where-Object { $_.Status -eq 'Granted' })
Write-Host "$($granted.Count) of $($permissions.Count) permissions are granted."
Assert-Demo ($granted.Count -eq 18) 'not all 18 permissions are granted.'

Write-Heading 'The identifiers to record'
Get-PPFederationApp | Out-Default

Write-Heading 'The secret: a SecureString, which nothing prints'
$length = $app.ClientSecret.Length
Write-Host "ClientSecret is $($app.ClientSecret) with $length characters, valid until $($app.SecretEndDateTime.ToString('yyyy-MM-dd'))."

Write-Heading 'Get-PPHandover -UsageLocation AU: what to enter in the Practice Protect portal'
Get-PPHandover -UsageLocation AU | Out-Default

Write-Heading 'Get-PPProvisioningScript -UsageLocation AU: the script alone, ready to paste'
(Get-PPProvisioningScript -UsageLocation AU).Script | Out-Default

Write-Heading 'Get-PPDirSync: on its way to off'
Get-PPDirSync | Out-Default

Write-Heading '72 hours later (the demonstration tenant has a clock that can be moved)'
$clock = Invoke-RestMethod -Method Post -Uri "$([PPFederation.Native.ConnectionHandle]::Of($connection).Control)/clock" -ContentType 'application/json' -Body '{"advanceSeconds": 259200}'
Write-Host "The tenant's clock says $($clock.now)."
$sync = Get-PPDirSync
$sync | Out-Default
Assert-Demo ($sync.State -eq 'Off') "directory synchronization is $($sync.State)."

Write-Heading 'Invoke-PPRunbook again: nothing is left to do, and the secret is kept'
$second = Invoke-PPRunbook -Confirm:$false
$second | Out-Default
$changed = @($second.Steps | Where-Object { $_.Result -ne 'AlreadyDone' })
Assert-Demo ($changed.Count -eq 0) 'the second run changed something.'

Write-Heading 'Test-PPFederation'
$complete = Test-PPFederation
$complete | Out-Default
Assert-Demo $complete 'the runbook is not complete.'

Write-Heading 'Compare-PPAttribute: what the next provisioning would overwrite, and who could not sign in afterwards'
$folder = Join-Path ([System.IO.Path]::GetTempPath()) "ppfederation-demo-$PID"
New-Item -ItemType Directory -Path $folder -Force | Out-Null
$list = Join-Path $folder 'portal-users.csv'
# What the portal would export: the tenant's users, one of them renamed, one of them without an immutable ID.
$portal = @(Compare-PPAttribute | Group-Object UserId | ForEach-Object {
        $now = @{}
        $_.Group | ForEach-Object { $now[$_.Attribute] = $_.Before }
        [pscustomobject]@{
            Username = $now.userPrincipalName; Email = $now.userPrincipalName; DisplayName = $now.displayName; ImmutableId = $now.onPremisesImmutableId
        }
    })
$portal[0].DisplayName = 'Renamed in the portal'
$portal[1].ImmutableId = ''
$portal | Export-Csv -LiteralPath $list -NoTypeInformation -Encoding UTF8
$script = (Get-PPProvisioningScript -UsageLocation AU).Script
$rows = @(Compare-PPAttribute -Path $list -Script $script -ColumnMap @{ CanonicalizeName = 'Email' } -FederatedDomain $connection.DefaultDomain)
$rows | Group-Object Severity -NoElement | Out-Default
$lockedOut = @($rows | Where-Object { $_.Severity -eq 'LockedOut' })
$lockedOut | Format-List UserPrincipalName, After, Reason, Advice
Assert-Demo ($lockedOut.Count -eq 1) 'not the one user without an immutable ID is locked out.'

Write-Heading 'Export-PPAttributeBackup: what is there now, to put back from; Export-PPReport: a page to hand on'
(Export-PPAttributeBackup -Path (Join-Path $folder 'attributes.jsonl') -Force) | Out-Default
$page = $rows | Export-PPReport -Path (Join-Path $folder 'comparison.html') -Force -PassThru
Write-Host "The page is $($page.FullName)."
Disconnect-PPTenant

Write-Heading 'Invoke-PPFleet: twelve tenants at once, one of which cannot be signed in to'
$fleet = @(Invoke-PPFleet -Demo 12 -Action Status -ErrorAction SilentlyContinue -ErrorVariable failed)
$fleet | Sort-Object -Property TenantName | Out-Default
Write-Host "$($failed[0])"
Assert-Demo ($fleet.Count -eq 12 -and @($fleet | Where-Object { $_.Result -eq 'Failed' }).Count -eq 1) 'not one of twelve tenants failed.'

Write-Heading 'Not verified against a live tenant'
Write-Host 'All of this ran against the demonstration tenant, which is built on what Microsoft documents of its services.'
Write-Host 'Neither a live Microsoft 365 tenant nor the Practice Protect portal took part. Start a real one with -WhatIf.'
