# Export-PPReport: what a comparison found, as a page, a CSV and JSON.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')

    function New-Difference {
        # A row of a comparison.
        param([string]$Severity = 'Changed', [string]$User = 'ada@contoso.example', [string]$Before = 'Ada', [string]$After = 'Ada L.')

        [PPFederation.AttributeDifference]@{
            TenantId = '8f69709d-4d80-4f9c-a404-24a0d96e5646'; TenantName = 'Contoso Accounting'; Severity = $Severity; UserPrincipalName = $User
            Attribute = 'displayName'; Before = $Before; After = $After; Reason = 'The portal has another name.'; UserId = $User
        }
    }

    function Read-Report {
        param([string]$Path)

        [System.IO.File]::ReadAllText($Path)
    }
}

Describe 'Export-PPReport' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid())
        [void](New-Item -ItemType Directory -Path $folder)
        $page = Join-Path $folder 'report.html'
    }

    It 'writes a page with the verdict, needs no connection and returns nothing' {
        $said = (New-Difference), (New-Difference -Severity LockedOut -User 'bob@contoso.example') | Export-PPReport -Path $page 6>&1
        "$said" | Should -Be "The report, 2 rows, is in $page. 1 of the 2 users in this report will be locked out by the next provisioning: they can't sign in afterwards."
        $text = Read-Report $page
        $text | Should -Match '<h1>1 of the 2 users in this report will be locked out'
        $text | Should -Match 'bob@contoso.example'
        @(Get-ChildItem -LiteralPath $folder -Force).Name | Should -Be 'report.html'
    }

    It 'returns the file with -PassThru' {
        $file = New-Difference | Export-PPReport -Path $page -PassThru 6>$null
        $file | Should -BeOfType ([System.IO.FileInfo])
        $file.FullName | Should -Be $page
    }

    It 'takes the path from the current location, and the format from -Format' {
        Push-Location -LiteralPath $folder
        try {
            New-Difference | Export-PPReport -Path ./report.txt -Format csv 6>$null
        }
        finally {
            Pop-Location
        }
        (Import-Csv -LiteralPath (Join-Path $folder 'report.txt')).UserPrincipalName | Should -Be 'ada@contoso.example'
    }

    It 'writes it for its owner alone' -Skip:($env:OS -eq 'Windows_NT') {
        New-Difference | Export-PPReport -Path $page 6>$null
        (Get-Item -LiteralPath $page).UnixMode | Should -Be '-rw-------'
    }

    It 'writes every property to the CSV, and no formula' {
        $path = Join-Path $folder 'report.csv'
        $row = New-Difference -Before '=1+1' -After "a`"b,c`nd"
        $row.PortalPlace = 7
        $row.OnPremisesSyncEnabled = $false
        $row | Export-PPReport -Path $path 6>$null
        $read = Import-Csv -LiteralPath $path
        $read.Before | Should -Be "'=1+1"
        $read.After | Should -Be "a`"b,c`nd"
        $read.PortalPlace, $read.OnPremisesSyncEnabled, $read.Advice | Should -Be '7', 'False', ''
        @($read.PSObject.Properties.Name) | Should -Be @($row.PSObject.Properties.Name)
    }

    It 'writes JSON that reads back as the rows' {
        $path = Join-Path $folder 'report.json'
        $name = "<b>$([char]0x202E)$([char]0x2028)"
        (New-Difference -Before $name), (New-Difference -Severity Equal) | Export-PPReport -Path $path 6>$null
        $read = @(Read-Report $path | ConvertFrom-Json)
        $read.Severity | Should -Be 'Changed', 'Equal'
        $read[0].Before | Should -BeExactly $name
        $read[0].Advice | Should -BeNullOrEmpty
    }

    It 'takes thousands of rows' {
        $path = Join-Path $folder 'report.json'
        1..2500 | ForEach-Object { New-Difference -User "user$_@contoso.example" } | Export-PPReport -Path $path 6>$null
        $read = @(Read-Report $path | ConvertFrom-Json)
        $read.Count | Should -Be 2500
        $read[2499].UserPrincipalName | Should -Be 'user2500@contoso.example'
    }

    It 'takes rows of another session, and whole ones of Select-Object' {
        $path = Join-Path $folder 'report.json'
        $row = New-Difference
        $row.PortalPlace = 3
        $far = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($row))
        $far, ($row | Select-Object -Property *) | Export-PPReport -Path $path 6>$null
        $read = @(Read-Report $path | ConvertFrom-Json)
        $read.PortalPlace | Should -Be 3, 3
        $read.UserPrincipalName | Should -Be 'ada@contoso.example', 'ada@contoso.example'
    }

    It 'writes a report of no rows' {
        @() | Export-PPReport -Path $page 6>$null
        Read-Report $page | Should -Match 'This report has no rows'
    }

    It 'refuses <What> by its type, and writes nothing' -ForEach @(
        @{ What = 'another row'; Given = { Get-PPAttributeOwnership }; Said = 'was given PPFederation.AttributeOwnership' }
        @{ What = 'a text'; Given = { 'text' }; Said = 'was given System.String' }
        @{ What = 'nothing'; Given = { , $null }; Said = 'was given nothing' }
        @{ What = 'a row without its severity'; Given = { New-Difference | Select-Object -Property TenantId, Attribute }; Said = "the severity '' is not one of" }
    ) {
        $failure = Get-Failure { & $Given | Export-PPReport -Path $page }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ReportRowInvalid,Export-PPReport'
        "$failure" | Should -Match ([regex]::Escape($Said))
        @(Get-ChildItem -LiteralPath $folder -Force).Count | Should -Be 0
    }

    It 'asks for no row where the file can''t be written' {
        $script:asked = 0
        $rows = { $script:asked++; New-Difference }
        $failure = Get-Failure { 1 | ForEach-Object $rows | Export-PPReport -Path (Join-Path $folder 'none/report.html') }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ReportFileNotWritable,Export-PPReport'
        (Get-Failure { 1 | ForEach-Object $rows | Export-PPReport -Path (Join-Path $folder 'report.docx') }).FullyQualifiedErrorId |
            Should -Be 'PPFederation.ReportFormatUnknown,Export-PPReport'
        $script:asked | Should -Be 0
    }

    It 'keeps what is there unless -Force is given' {
        [System.IO.File]::WriteAllText($page, 'mine')
        (Get-Failure { New-Difference | Export-PPReport -Path $page }).FullyQualifiedErrorId | Should -Be 'PPFederation.ReportFileExists,Export-PPReport'
        Read-Report $page | Should -Be 'mine'
        New-Difference | Export-PPReport -Path $page -Force 6>$null
        Read-Report $page | Should -Match '^<!DOCTYPE html>'
    }

    It 'writes nothing with -WhatIf' {
        New-Difference | Export-PPReport -Path $page -WhatIf | Should -BeNullOrEmpty
        @(Get-ChildItem -LiteralPath $folder -Force).Count | Should -Be 0
    }

    It 'leaves what is there where the comparison fails' {
        [System.IO.File]::WriteAllText($page, 'mine')
        $tenant = Start-TestTenant
        try {
            [void](Connect-TestTenant $tenant)
            [void](Set-TestTenant -Tenant $tenant -Endpoint '/faults' -Body @{ fault = 'denied'; target = 'call'; method = 'GET'; path = '/users/delta*'; forEver = $true })
            $failure = Get-Failure { Compare-PPAttribute | Export-PPReport -Path $page -Force }
            $failure.FullyQualifiedErrorId | Should -Match '^PPFederation\.\w+,Compare-PPAttribute$'
            $failure.Exception.HttpStatus | Should -Be 403
        }
        finally {
            Stop-TestTenant $tenant
        }
        Read-Report $page | Should -Be 'mine'
    }

    It 'is not written of several tenants where the comparison of one failed, and names it' {
        $tenants = @(Start-TestTenant; Start-TestTenant '--seed 2')
        try {
            $connections = @($tenants | ForEach-Object { Connect-TestTenant $_ })
            [void](Set-TestTenant -Tenant $tenants[0] -Endpoint '/faults' -Body @{ fault = 'denied'; target = 'call'; method = 'GET'; path = '/users/delta*'; forEver = $true })
            $failure = Get-Failure {
                $connections | ForEach-Object { try { Compare-PPAttribute -Connection $_ } catch { Write-Verbose "$_" } } | Export-PPReport -Path $page
            }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ReportIncomplete,Export-PPReport'
            "$failure" | Should -Match ([regex]::Escape($tenants[0].TenantId))
            "$failure" | Should -Not -Match ([regex]::Escape($tenants[1].TenantId))
            # What failed before, and what was stopped since somebody had enough, is in no report's way.
            Compare-PPAttribute -Connection $connections[1] | Select-Object -First 2 | Export-PPReport -Path $page 6>$null
            Read-Report $page | Should -Match '<h1>'
            Remove-Item -LiteralPath $page
            $far = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($connections[1]))
            $failure = Get-Failure { Compare-PPAttribute -Connection $far -ErrorAction SilentlyContinue | Export-PPReport -Path $page }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ReportIncomplete,Export-PPReport'
            @(Get-ChildItem -LiteralPath $folder -Force).Count | Should -Be 0
        }
        finally {
            $tenants | ForEach-Object { Stop-TestTenant $_ }
        }
    }

    It 'is not written either where that comparison ran in a session of its own, as in ForEach-Object -Parallel and thread jobs' {
        $tenants = @(Start-TestTenant; Start-TestTenant '--seed 2')
        try {
            $connections = @($tenants | ForEach-Object { Connect-TestTenant $_ })
            [void](Set-TestTenant -Tenant $tenants[0] -Endpoint '/faults' -Body @{ fault = 'denied'; target = 'call'; method = 'GET'; path = '/users/delta*'; forEver = $true })
            $compare = {
                $shell = [powershell]::Create()
                try {
                    [void]$shell.AddScript('param($module, $connection) Import-Module -Name $module; Compare-PPAttribute -Connection $connection')
                    $shell.AddArgument($env:PPFEDERATION_MODULE).AddArgument($_).Invoke()
                    $said.AddRange($shell.Streams.Error)
                }
                finally {
                    $shell.Dispose()
                }
            }
            $said = [System.Collections.Generic.List[object]]::new()
            $failure = Get-Failure { $connections | ForEach-Object $compare | Export-PPReport -Path $page }
            $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.ReportIncomplete,Export-PPReport'
            "$failure" | Should -Match ([regex]::Escape($tenants[0].TenantId))
            $said.Count | Should -Be 1
            "$said" | Should -Match ([regex]::Escape($tenants[0].TenantId)) -Because 'an error there says whose it is'
            Test-Path -LiteralPath $page | Should -BeFalse
        }
        finally {
            $tenants | ForEach-Object { Stop-TestTenant $_ }
        }
    }

    It 'is written where that comparison was of another job of Azure Automation, which shares the process' {
        $tenants = @(Start-TestTenant; Start-TestTenant '--seed 2')
        try {
            $connections = @($tenants | ForEach-Object { Connect-TestTenant $_ })
            [void](Set-TestTenant -Tenant $tenants[0] -Endpoint '/faults' -Body @{ fault = 'denied'; target = 'call'; method = 'GET'; path = '/users/delta*'; forEver = $true })
            $inJob = {
                # What a script does in a session of a job: its errors.
                param([string]$Job, [string]$Script, [hashtable]$With)

                $runspace = [runspacefactory]::CreateRunspace()
                $runspace.Open()
                $shell = [powershell]::Create()
                try {
                    $shell.Runspace = $runspace
                    if ($Job) { $runspace.SessionStateProxy.SetVariable('PSPrivateMetadata', @{ JobId = [guid]$Job }) }
                    [void]$shell.AddScript("param(`$with) Import-Module -Name `$with.Module; $Script").AddArgument($With).Invoke()
                    $shell.Streams.Error
                }
                finally {
                    $shell.Dispose()
                    $runspace.Dispose()
                }
            }
            $one, $other = [guid]::NewGuid(), [guid]::NewGuid()
            $with = @{ Module = $env:PPFEDERATION_MODULE; Of = $connections; Page = $page; InJob = $inJob }
            # One job fails while the report of the other takes its rows; then the same without jobs, and in one and the same.
            $meanwhile = 'Compare-PPAttribute -Connection $with.Of[0]'
            foreach ($jobs in @("$one", "$other"), @("$one", "$one"), @("$one", ''), @('', "$other")) {
                $with.Failing, $with.Meanwhile = $jobs[0], $meanwhile
                $said = & $inJob $jobs[1] -With $with -Script (
                    'Compare-PPAttribute -Connection $with.Of[1] | ForEach-Object { if (-not $done) { $done = & ([scriptblock]::Create($with.InJob)) $with.Failing -Script $with.Meanwhile -With $with }; $_ } | ' +
                    'Export-PPReport -Path $with.Page -Force')
                if ($jobs[0] -and $jobs[1] -and $jobs[0] -ne $jobs[1]) {
                    "$said" | Should -BeNullOrEmpty
                    Test-Path -LiteralPath $page | Should -BeTrue
                    Remove-Item -LiteralPath $page
                }
                else {
                    "$said" | Should -Match ([regex]::Escape($tenants[0].TenantId)) -Because "$jobs"
                    Test-Path -LiteralPath $page | Should -BeFalse
                }
            }
        }
        finally {
            $tenants | ForEach-Object { Stop-TestTenant $_ }
        }
    }

    It 'leaves nothing where the rows end in an error' {
        Get-Failure { & { New-Difference; throw 'the walk broke off' } | Export-PPReport -Path $page } | Should -Match 'the walk broke off'
        Test-Path -LiteralPath $page | Should -BeFalse
        @(Get-ChildItem -LiteralPath $folder -Force).Count | Should -Be 0
    }
}
