# deploy/: what can be known of it without a cloud, beside what its own tools say (DeployTools.Tests.ps1). The template goes with the runbooks; the
# worker of the cluster takes its share of the tenants.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'TestCertificate.ps1')
    . (Join-Path $PSScriptRoot 'WrongCommand.ps1')
    $root = Split-Path -Parent $PSScriptRoot
    $deploy = Join-Path $root 'deploy'
}

Describe 'deploy/azure-automation/azuredeploy.json' {
    BeforeAll {
        $template = [System.IO.File]::ReadAllText((Join-Path $deploy 'azure-automation/azuredeploy.json')) | ConvertFrom-Json
        $folder = Split-Path -Parent $env:PPFEDERATION_MODULE

        function Get-Resource {
            # The resources of a kind below the account, and the last part of their names in Short.
            param([string]$Kind)

            $template.resources | Where-Object { $_.type -eq "Microsoft.Automation/automationAccounts/$Kind" } |
                Select-Object -Property *, @{ Name = 'Short'; Expression = { if ($_.name -match "'/([\w-]+)'\)\]$") { $Matches[1] } } }
        }
    }

    It 'names nothing twice, and makes the account before what is in it' {
        @($template.resources | Group-Object -Property { "$($_.type) $($_.name)" } | Where-Object Count -GT 1) | Should -BeNullOrEmpty
        $account = "[resourceId('Microsoft.Automation/automationAccounts', parameters('accountName'))]"
        foreach ($resource in $template.resources | Where-Object { $_.type -notin 'Microsoft.Automation/automationAccounts', 'Microsoft.Automation/automationAccounts/jobSchedules' }) {
            $resource.dependsOn | Should -Contain $account -Because $resource.name
        }
        # By what they tie together.
        foreach ($start in Get-Resource 'jobSchedules') {
            foreach ($kind in 'runbook', 'schedule') {
                $needed = "[resourceId('Microsoft.Automation/automationAccounts/${kind}s', parameters('accountName'), '$($start.properties.$kind.name)')]"
                $start.dependsOn | Should -Contain $needed -Because $start.name
            }
            $start.name | Should -Match "'/', guid\(" -Because 'the name of such a tie is a GUID'
        }
    }

    It 'has runbooks, schedules and variables as the service takes them' {
        # Of https://learn.microsoft.com/azure/templates/microsoft.automation.
        (Get-Resource 'runbooks').properties.runbookType | Sort-Object -Unique | Should -BeIn 'PowerShell', 'PowerShell72'
        foreach ($schedule in Get-Resource 'schedules') {
            $schedule.properties.frequency | Should -BeIn 'OneTime', 'Minute', 'Hour', 'Day', 'Week', 'Month'
            $schedule.properties.interval | Should -BeGreaterThan 0
            $schedule.properties.startTime | Should -Match "^\[dateTimeAdd\(parameters\('now'\), '(P\w+)'\)\]$"
            [void]($schedule.properties.startTime -match "'(P\w+)'")
            # What begins less than five minutes after it was made is refused.
            [System.Xml.XmlConvert]::ToTimeSpan($Matches[1]) | Should -BeGreaterThan ([timespan]::FromMinutes(5))
        }
        foreach ($variable in Get-Resource 'variables') {
            # Its value is JSON in a text.
            { $variable.properties.value | ConvertFrom-Json } | Should -Not -Throw -Because $variable.Short
        }
    }

    It 'leaves alone, where it is deployed again as README tells it, what jobs and people write in the account' {
        $template.parameters.firstTime.type, $template.parameters.firstTime.defaultValue | Should -Be 'bool', $true
        foreach ($kind in 'variables', 'connections', 'schedules', 'jobSchedules') {
            foreach ($resource in Get-Resource $kind) {
                # What is made where it is asked for by an address of its own.
                $asked = $resource.name -like "*'Rotate-Secret'*"
                $resource.condition | Should -Be $(if ($asked) { "[not(empty(parameters('vaultUri')))]" } else { "[parameters('firstTime')]" }) -Because $resource.name
            }
        }
        $readme = [System.IO.File]::ReadAllText((Join-Path $deploy 'azure-automation/README.md'))
        $again = [regex]::Match($readme, '(?s)\*\*To deploy again\*\*.*?\r?\n\r?\n').Value
        $again | Should -Match '`firstTime=false`'
    }

    It 'reads of the account what it makes, by the same version' {
        $account = $template.resources | Where-Object { $_.type -eq 'Microsoft.Automation/automationAccounts' }
        $template.outputs.identity.value | Should -BeLike "*, '$($account.apiVersion)', 'full').identity.principalId]"
        $account.identity.type | Should -Be 'SystemAssigned'
    }

    It 'has each runbook of the module, by its file' {
        $files = (Get-ChildItem -LiteralPath (Join-Path $folder 'Runbooks')).BaseName | Sort-Object
        (Get-Resource 'runbooks').Short | Sort-Object | Should -Be $files
        foreach ($runbook in Get-Resource 'runbooks') {
            $runbook.properties.publishContentLink.uri | Should -BeLike "*'/$($runbook.Short).ps1')]"
        }
    }

    It 'starts runbooks by schedules that there are, with parameters that they have, of their types' {
        foreach ($start in Get-Resource 'jobSchedules') {
            (Get-Resource 'schedules').Short | Should -Contain $start.properties.schedule.name
            $command = Get-Command -Name (Join-Path $folder "Runbooks/$($start.properties.runbook.name).ps1")
            foreach ($parameter in $start.properties.parameters.PSObject.Properties) {
                $command.Parameters.Keys | Should -Contain $parameter.Name
                # The service hands over texts.
                $parameter.Value | Should -BeOfType ([string])
                $type = $command.Parameters[$parameter.Name].ParameterType
                if ($parameter.Value -match "^\[parameters\('(\w+)'\)\]$") {
                    $template.parameters.($Matches[1]).type | Should -Be $type.Name -Because $parameter.Name
                }
                else {
                    $parameter.Value | Should -Not -Match '^\[' -Because 'nothing tells the type of another expression'
                    { [System.Management.Automation.LanguagePrimitives]::ConvertTo($parameter.Value, $type) } | Should -Not -Throw -Because $parameter.Name
                }
            }
            foreach ($needed in $command.Parameters.Values | Where-Object { $_.Attributes.Where({ $_ -is [parameter] -and $_.Mandatory }) }) {
                $start.properties.parameters.PSObject.Properties.Name | Should -Contain $needed.Name
            }
        }
    }

    It 'makes the connection and the variables that the runbooks look for' {
        $type = [System.IO.File]::ReadAllText((Join-Path $folder 'PPFederation-Automation.json')) | ConvertFrom-Json
        $connection = Get-Resource 'connections'
        $connection.properties.connectionType.name | Should -Be $type.ConnectionTypeName
        foreach ($field in $connection.properties.fieldDefinitionValues.PSObject.Properties) {
            $type.ConnectionFields.Name | Should -Contain $field.Name
        }
        $watch = [System.IO.File]::ReadAllText((Join-Path $folder 'Runbooks/Watch-DirSync.ps1'))
        (Get-Resource 'variables').Short | Where-Object { $watch.Contains("'$_'") } | Should -Be 'PPFederationDirSync'
        $audit = Get-Resource 'jobSchedules' | Where-Object { $_.properties.runbook.name -eq 'Audit-Fleet' }
        (Get-Resource 'variables').Short | Should -Contain $audit.properties.parameters.CheckpointVariable
    }
}

Describe 'The connection type of the module' {
    It 'has the fields that Connect-PPTenant takes, the secret encrypted' {
        $type = [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'PPFederation-Automation.json')) | ConvertFrom-Json
        $type.IntegrationModuleName | Should -Be 'PPFederation'
        $source = [System.IO.File]::ReadAllText((Join-Path $root 'PowerShell/PPFederation/Private/Read-PPAutomationConnection.ps1'))
        foreach ($field in $type.ConnectionFields) {
            $source | Should -Match "'?$($field.Name)\b" -Because $field.Name
            $field.TypeName | Should -BeIn 'System.String', 'System.Boolean'
            $field.IsEncrypted | Should -Be ($field.Name -eq 'ClientSecret')
        }
    }
}

Describe 'deploy/kubernetes' {
    BeforeAll {
        $yaml = [System.IO.File]::ReadAllText((Join-Path $deploy 'kubernetes/fleet.yaml'))
        $docker = [System.IO.File]::ReadAllText((Join-Path $deploy 'kubernetes/Dockerfile'))
        $worker = Join-Path $deploy 'kubernetes/Invoke-Shard.ps1'
    }

    It 'has as many workers wherever it says how many' {
        $counts = [regex]::Matches($yaml, '(?m)(?:completions|parallelism): (\d+)$|name: WORKERS\s+value: "(\d+)"') | ForEach-Object { $_.Groups[1].Value + $_.Groups[2].Value }
        $counts.Count | Should -Be 3
        @($counts | Sort-Object -Unique).Count | Should -Be 1
    }

    It 'starts each worker again for itself, so that one that fails ends no other' {
        # All that takes: https://kubernetes.io/docs/concepts/workloads/controllers/job.
        $yaml | Should -Match '(?m)^ +backoffLimitPerIndex: 1\r?$'
        $yaml | Should -Match '(?m)^ +completionMode: Indexed\r?$'
        $yaml | Should -Match '(?m)^ +restartPolicy: Never\r?$'
        $yaml | Should -Not -Match 'backoffLimit:|maxFailedIndexes:'
    }

    It 'ends both attempts of a worker, with what they have read, before the Job is stopped' {
        $deadline = if ($yaml -match '(?m)^ +activeDeadlineSeconds: (\d+)\r?$') { [timespan]::FromSeconds([int]$Matches[1]) }
        $default = (Get-Command -Name $worker).ScriptBlock.Ast.ParamBlock.Parameters | Where-Object { $_.Name.VariablePath.UserPath -eq 'TimeBudget' }
        $budget = [timespan]$default.DefaultValue.Value
        $budget | Should -BeGreaterThan ([timespan]::FromHours(1))
        # A quarter of an hour each for the tenants that are under way, and for a start.
        $budget + $budget + [timespan]::FromMinutes(30) | Should -Not -BeGreaterThan $deadline
    }

    It 'has a worker that names cmdlets and parameters that there are' {
        Get-WrongCommand -Text ([System.IO.File]::ReadAllText($worker)) | Should -BeNullOrEmpty
    }

    It 'tells commands and parameters that there are' {
        $commands = [regex]::Matches([System.IO.File]::ReadAllText((Join-Path $deploy 'kubernetes/README.md')), '(?m)^    \$rows = @\(Invoke-PP(?:.*`\r?\n)*.*$')
        $commands.Count | Should -BeGreaterThan 0
        foreach ($command in $commands) {
            Get-WrongCommand -Text $command.Value | Should -BeNullOrEmpty
        }
    }

    It 'builds on an image that Microsoft keeps up: of PowerShell alone it makes none any more' {
        [regex]::Matches($docker, '(?m)^FROM (\S+)').ForEach({ $_.Groups[1].Value }) | Should -BeLike 'mcr.microsoft.com/dotnet/sdk:*'
    }

    It 'starts the script where the image has it, and gives it the list where it looks' {
        [void]($docker -match 'COPY Invoke-Shard\.ps1 (\S+)')
        $docker | Should -BeLike "*ENTRYPOINT*`"$($Matches[1])`"*"
        $mount = if ($yaml -match 'mountPath: (\S+)') { $Matches[1] }
        [System.IO.File]::ReadAllText($worker) | Should -BeLike "*'$mount/tenants.csv'*"
    }

    Context 'at work' {
        BeforeAll {
            $path = $env:PSModulePath
            $env:PSModulePath = "$([System.IO.Path]::GetFullPath((Join-Path $env:PPFEDERATION_MODULE '../../..')))$([System.IO.Path]::PathSeparator)$path"
            $tenants = @(1..3 | ForEach-Object { Start-TestTenant -Argument "--seed $_ --no-dir-sync" })
            $client = Get-TestClient $tenants[0]
            $cloud = @{ Environment = 'Custom'; LoginEndpoint = $tenants[0].Login; GraphEndpoint = $tenants[0].Graph }
            # One application for all, which the others don't have: they refuse it, and the worker fails.
            $signIn = $cloud + @{ TenantId = $tenants[0].TenantId; ClientId = $client.clientId; ClientSecret = ConvertTo-TestSecret $client.clientSecret }
            $by = $cloud + @{
                TenantId = $tenants[0].TenantId; ClientId = $client.clientId; CertificatePath = (Join-Path $certificates 'modern.pfx')
                CertificatePassword = ConvertTo-TestSecret 'pfx-password'
            }
            $list, $each, $own, $other = 'tenants.csv', 'each.csv', 'own.csv', 'other.csv' | ForEach-Object { Join-Path $TestDrive $_ }
            $firms = $tenants | ForEach-Object {
                [pscustomobject]@{
                    TenantId = $_.TenantId; Environment = 'Custom'; LoginEndpoint = $_.Login; GraphEndpoint = $_.Graph
                    ClientId = (Get-TestClient $_).clientId; VaultUri = $_.Vault
                }
            }
            $firms | Select-Object -Property * -ExcludeProperty ClientId, VaultUri | Export-Csv -LiteralPath $list -NoTypeInformation
            $firms | Export-Csv -LiteralPath $each -NoTypeInformation
            $firms[0] | Export-Csv -LiteralPath $own -NoTypeInformation
            $firms[1] | Export-Csv -LiteralPath $other -NoTypeInformation
            # A machine's identity, which the own application trusts, and a certificate of which each tenant's application knows.
            [void](Set-TestTenant $tenants[0] '/machine' @{ system = $client.clientId; header = 'header' })
            [void](Set-TestTenant $tenants[0] '/edit' @{
                    edit = 'addFederatedCredential'; appId = $client.clientId; audience = 'api://AzureADTokenExchange'
                    subject = ((Get-TestState $tenants[0]).servicePrincipals | Where-Object { $_.appId -eq $client.clientId }).id
                    issuer = "$($tenants[0].Login)/$($tenants[0].TenantId)/v2.0"
                })
            $tenants | ForEach-Object { Register-TestCertificate $_ -ClientId (Get-TestClient $_).clientId }
            $before = $env:IDENTITY_ENDPOINT, $env:IDENTITY_HEADER
            $env:IDENTITY_ENDPOINT, $env:IDENTITY_HEADER = "$($tenants[0].Login -replace '/login$')/msi/token", 'header'

            function Invoke-Worker {
                # The lines of workers, one after the other, and why one failed.
                param([hashtable[]]$Option, [string]$Script = $worker)

                foreach ($one in $Option) {
                    try { & $Script @one } catch { "failed: $_" }
                }
            }

            function ConvertFrom-Line {
                # The tenants that the lines are about.
                param([string[]]$Line)

                $Line | Where-Object { $_ -like '{*' } | ConvertFrom-Json
            }
        }

        AfterAll {
            $env:PSModulePath = $path
            $env:IDENTITY_ENDPOINT, $env:IDENTITY_HEADER = $before
            $tenants | ForEach-Object { Stop-TestTenant $_ }
        }

        It 'each worker takes its share, and together they take all' {
            $lines = Invoke-Worker (0, 1 | ForEach-Object { @{ TenantPath = $list; Worker = $_; Workers = 2; SignIn = $signIn } })
            $rows = @(ConvertFrom-Line $lines)
            $rows.TenantId | Sort-Object | Should -Be @($tenants.TenantId | Sort-Object) -Because ($lines -join '; ')
            @($rows | Where-Object Result -EQ 'Done').TenantId | Should -Be $tenants[0].TenantId
            @($lines -like 'failed: *tenants could not be read*').Count | Should -BeGreaterThan 0
        }

        It 'a worker without a number takes what nobody has, by a ledger of the day, or says what is missing' {
            Invoke-Worker @{ TenantPath = $list; SignIn = $signIn } | Should -BeLike "failed: Nothing says which tenants are this worker's. Set WORKERS, *, or give -Ledger, *"
            $option = @{
                TenantPath = $own; Ledger = (Join-Path $TestDrive 'audit-{Date}.jsonl'); ClientId = $client.clientId
                SignIn     = $cloud + @{ ManagedIdentity = $true }
            }
            $lines = Invoke-Worker $option, $option
            $rows = @(ConvertFrom-Line $lines)
            $rows.Result | Should -Be 'Done', 'Done' -Because ($lines -join '; ')
            $rows[1].Detail | Should -BeLike 'By the ledger: *'
            @(Get-ChildItem -LiteralPath $TestDrive -Filter 'audit-*.jsonl').Name | Should -Match '^audit-\d{4}-\d\d-\d\d\.jsonl$'
        }

        It 'a worker ends in the time that it has' {
            $lines = Invoke-Worker @{ TenantPath = $own; Worker = 0; Workers = 1; SignIn = $signIn; TimeBudget = [timespan]::FromMilliseconds(1) }
            $lines | Should -BeLike 'failed: *-TimeBudget is shorter than a second*'
        }

        It 'a worker that is started once more reads again, by the ledger, what it could not read' {
            $option = @{ TenantPath = $other; Ledger = (Join-Path $TestDrive 'again-{Date}.jsonl'); SignIn = $by }
            # It is refused one sign-in.
            [void](Set-TestTenant $tenants[1] '/faults' @{ fault = 'denied'; target = 'token' })
            $lines = Invoke-Worker $option, $option
            $rows = @(ConvertFrom-Line $lines)
            $rows.Result | Should -Be 'Failed', 'Done' -Because ($lines -join '; ')
            $rows[1].Detail | Should -Not -BeLike 'By the ledger: *'
            @($lines -like 'failed: *') | Should -BeLike 'failed: 1 of 1 tenants could not be read*'
        }

        It 'the runbook in place of the audit, as README tells it, makes each tenant''s secret, and is done by its ledger' {
            $told = [regex]::Match([System.IO.File]::ReadAllText((Join-Path $deploy 'kubernetes/README.md')), '(?m)(?:^    .*\r?\n)*^    \$rows = @\(Invoke-PPFleet (?:.*`\r?\n)*.*$').Value
            $standsFor = @{
                'https://contosofleet.blob.core.windows.net/fleet/june' = (Join-Path $TestDrive 'june.jsonl')
                # Each tenant's own vault is in the list.
                " -VaultUri 'https://pp-{Name}.vault.azure.net'"        = ''
            }
            foreach ($name in $standsFor.Keys) {
                $told.Contains($name) | Should -BeTrue -Because "$told has $name"
                $told = $told.Replace($name, $standsFor[$name])
            }
            $text = [System.IO.File]::ReadAllText($worker)
            $line = [regex]::Match($text, '(?m)^\$rows = @\(Invoke-PPFleet .*$').Value
            $line | Should -Not -BeNullOrEmpty
            $script = Join-Path $TestDrive 'Invoke-Shard.ps1'
            [System.IO.File]::WriteAllText($script, $text.Replace($line, $told))
            $two = 0, 1 | ForEach-Object { @{ TenantPath = $each; Worker = $_; Workers = 2; SignIn = $by } }
            foreach ($detail in '7 of 7 steps are done*', 'By the ledger: *') {
                $lines = Invoke-Worker $two -Script $script
                $rows = @(ConvertFrom-Line $lines)
                $rows.TenantId | Sort-Object | Should -Be @($tenants.TenantId | Sort-Object) -Because ($lines -join '; ')
                $rows.Result | Sort-Object -Unique | Should -Be 'Done' -Because ($lines -join '; ')
                $rows | ForEach-Object { $_.Detail | Should -BeLike $detail }
            }
            foreach ($tenant in $tenants) {
                $app = @((Get-TestState $tenant).applications | Where-Object { $_.uniqueName -eq 'practice-protect-federation' })
                $app | Should -HaveCount 1
                @($app[0].passwordCredentials) | Should -HaveCount 1
            }
        }
    }
}

Describe 'deploy/container-apps' {
    BeforeAll {
        $template = [System.IO.File]::ReadAllText((Join-Path $deploy 'container-apps/azuredeploy.json')) | ConvertFrom-Json
        $job = $template.resources[0].properties
        $container = $job.template.containers[0]
    }

    It 'runs what the image runs, with parameters that the script has, and mounts the list where it looks' {
        $docker = [System.IO.File]::ReadAllText((Join-Path $deploy 'kubernetes/Dockerfile'))
        $docker.Contains('ENTRYPOINT ["' + ($container.command -join '", "') + '"]') | Should -BeTrue
        $script = Get-Command -Name (Join-Path $deploy 'kubernetes/Invoke-Shard.ps1')
        $names = @($container.args | Where-Object { $_ -like '-*' })
        $names | Should -Be '-ClientId', '-Ledger', '-TimeBudget'
        $names | ForEach-Object { $script.Parameters.Keys | Should -Contain $_.Substring(1) }
        $volume = $job.template.volumes[0]
        $container.volumeMounts[0].volumeName | Should -Be $volume.name
        $job.configuration.secrets.name | Should -Contain $volume.secrets[0].secretRef
        $list = "$($container.volumeMounts[0].mountPath)/$($volume.secrets[0].path)"
        [System.IO.File]::ReadAllText($script.Path).Contains("'$list'") | Should -BeTrue
    }

    It 'ends a worker, with what it has read, before it is stopped' {
        $budget = [timespan]$container.args[[array]::IndexOf($container.args, '-TimeBudget') + 1]
        $budget + [timespan]::FromMinutes(15) | Should -Not -BeGreaterThan ([timespan]::FromSeconds($job.configuration.replicaTimeout))
    }

    It 'takes the parameters that README gives' {
        $readme = [System.IO.File]::ReadAllText((Join-Path $deploy 'container-apps/README.md'))
        $needed = $template.parameters.PSObject.Properties | Where-Object { -not $_.Value.PSObject.Properties['defaultValue'] }
        [regex]::Matches($readme, ' (\w+)=\S').ForEach({ $_.Groups[1].Value }) | Sort-Object | Should -Be @($needed.Name | Sort-Object)
    }
}

Describe 'deploy/github-actions/fleet.yml' {
    It 'names cmdlets and parameters that there are, and as many shards as it has jobs' {
        $yaml = [System.IO.File]::ReadAllText((Join-Path $deploy 'github-actions/fleet.yml'))
        [void]($yaml -match 'shard: \[([\d, ]+)\]')
        $shards = @($Matches[1] -split ', ')
        $yaml | Should -BeLike "*-Shard `"`$env:SHARD/$($shards.Count)`"*"
        foreach ($call in [regex]::Matches($yaml, 'Invoke-PPFleet ([^|)]*)')) {
            foreach ($parameter in [regex]::Matches($call.Groups[1].Value, '(?<= )-(\w+)')) {
                (Get-Command -Name Invoke-PPFleet).Parameters.Keys | Should -Contain $parameter.Groups[1].Value
            }
        }
    }
}

Describe 'Each file in deploy' {
    It 'says that it was never run' {
        foreach ($file in Get-ChildItem -LiteralPath $deploy -Recurse -Include '*.md', '*.yaml', '*.yml', 'Dockerfile', 'azuredeploy.json') {
            [System.IO.File]::ReadAllText($file.FullName) | Should -Match '(?i)never (run|built|deployed)' -Because $file.Name
        }
    }
}
