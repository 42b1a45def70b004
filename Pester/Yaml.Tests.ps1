# The YAML files, parsed: the job of deploy/kubernetes, the workflow of deploy/github-actions and the project's own workflows. Where there is no
# parser, build.ps1 Test says so.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestYaml.ps1')
    . (Join-Path $PSScriptRoot 'WrongCommand.ps1')
    $root = Split-Path -Parent $PSScriptRoot
    $deploy = Join-Path $root 'deploy'
    $version = (Test-ModuleManifest -Path $env:PPFEDERATION_MODULE).Version.ToString()

    function Read-Deploy {
        # The text of a file in deploy/.
        param([string]$Name)

        [System.IO.File]::ReadAllText((Join-Path $deploy $Name))
    }

    function ConvertTo-Quantity {
        # Bytes of a quantity of Kubernetes, as 512Mi.
        param([string]$Text)

        $Text | Should -Match '^\d+(Ki|Mi|Gi)$'
        [long]($Text -replace '\D') * @{ Ki = 1KB; Mi = 1MB; Gi = 1GB }[$Text -replace '\d']
    }

    function Get-EnvironmentName {
        # The environment variables that a script reads.
        param([string]$Text)

        [regex]::Matches($Text, '\$env:(\w+)') | ForEach-Object { $_.Groups[1].Value } | Sort-Object -Unique
    }

    function Get-Shell {
        # What runs a step: what it says, or its job.
        param($Step, $Job)

        if ($Step.PSObject.Properties['shell']) { $Step.shell }
        elseif ($Job.PSObject.Properties['defaults']) { $Job.defaults.run.shell }
    }
}

if ($env:PPFEDERATION_YAML) {
    Describe 'deploy/kubernetes/fleet.yaml, parsed' {
        BeforeAll {
            $account, $cron = Read-TestYaml (Join-Path $deploy 'kubernetes/fleet.yaml')
            $job = $cron.spec.jobTemplate.spec
            $pod = $job.template.spec
            $worker = Read-Deploy 'kubernetes/Invoke-Shard.ps1'
        }

        It 'is a service account and a job on a schedule, of the versions that there are' {
            $account.apiVersion, $account.kind | Should -Be 'v1', 'ServiceAccount'
            $cron.apiVersion, $cron.kind | Should -Be 'batch/v1', 'CronJob'
            $cron.spec.schedule | Should -Match '^[\d*/,-]+( [\d*/,-]+){4}$'
            $cron.spec.concurrencyPolicy | Should -BeIn 'Allow', 'Forbid', 'Replace'
            Read-Deploy 'kubernetes/README.md' | Should -BeLike "*--from=cronjob/$($cron.metadata.name) *"
        }

        It 'gives each worker its number, and as many workers as it says' {
            $job.completionMode | Should -Be 'Indexed'
            $job.parallelism | Should -Be $job.completions
            # A job takes no other.
            $pod.restartPolicy | Should -BeIn 'Never', 'OnFailure'
            $environment = $pod.containers[0].env
            ($environment | Where-Object { $_.name -eq 'WORKERS' }).value | Should -BeExactly "$($job.completions)"
            # Kubernetes sets the one, the job the others: https://kubernetes.io/docs/concepts/workloads/controllers/job
            @(Get-EnvironmentName $worker) | Should -Be @(@($environment.name) + 'JOB_COMPLETION_INDEX' | Sort-Object)
            $environment.value | Should -BeOfType ([string])
        }

        It 'signs in as the service account, which is the workload identity' {
            $pod.serviceAccountName | Should -Be $account.metadata.name
            # Of https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html; a label is a text.
            $job.template.metadata.labels.'azure.workload.identity/use' | Should -BeExactly 'true'
            foreach ($name in 'client-id', 'tenant-id') {
                { [guid]$account.metadata.annotations."azure.workload.identity/$name" } | Should -Not -Throw
            }
        }

        It 'mounts what there is, where the worker looks, and runs as somebody without rights' {
            $container = $pod.containers[0]
            @($container.volumeMounts.name) | Should -Be @($pod.volumes.name)
            $worker | Should -BeLike "*'$($container.volumeMounts[0].mountPath)/tenants.csv'*"
            Read-Deploy 'kubernetes/README.md' | Should -BeLike "*create configmap $($pod.volumes[0].configMap.name) --from-file=tenants.csv*"
            $container.securityContext.runAsNonRoot | Should -BeTrue
            $container.securityContext.allowPrivilegeEscalation | Should -BeFalse
            # Which Kubernetes only knows by a number.
            Read-Deploy 'kubernetes/Dockerfile' | Should -Match '(?m)^USER \d+$'
        }

        It 'takes the image that is built of this version' {
            foreach ($file in 'Dockerfile', 'README.md') {
                Read-Deploy "kubernetes/$file" | Should -Match "/ppfederation:$([regex]::Escape($version)) "
            }
            $pod.containers[0].image | Should -BeLike "*/ppfederation:$version"
            ConvertTo-Quantity $pod.containers[0].resources.requests.memory |
                Should -BeLessOrEqual (ConvertTo-Quantity $pod.containers[0].resources.limits.memory)
        }
    }

    Describe 'The workflow <Name>, parsed' -ForEach @(
        @{ Name = 'deploy/github-actions/fleet.yml'; Scripts = 2 }, @{ Name = '.github/workflows/ci.yml'; Scripts = 0 }, @{ Name = '.github/workflows/release.yml'; Scripts = 5 }
    ) {
        BeforeAll {
            $workflow = Read-TestYaml (Join-Path $root $Name)
            $text = [System.IO.File]::ReadAllText((Join-Path $root $Name))
        }

        It 'has what a workflow has, and jobs that wait for jobs that there are' {
            $workflow.on | Should -Not -BeNullOrEmpty
            $workflow.jobs.PSObject.Properties.Name | Should -Not -BeNullOrEmpty
            foreach ($job in $workflow.jobs.PSObject.Properties) {
                foreach ($needed in $job.Value.PSObject.Properties | Where-Object { $_.Name -eq 'needs' } | ForEach-Object { $_.Value }) {
                    $workflow.jobs.PSObject.Properties.Name | Should -Contain $needed
                }
                # A job is one of another workflow, or has a machine and steps.
                if (-not $job.Value.PSObject.Properties['uses']) {
                    $job.Value.'runs-on' | Should -Not -BeNullOrEmpty -Because $job.Name
                    @($job.Value.steps).Count | Should -BeGreaterThan 0 -Because $job.Name
                }
            }
        }

        It 'has steps that run something or use something, and PowerShell that can be read' {
            $read = 0
            foreach ($job in $workflow.jobs.PSObject.Properties.Value | Where-Object { $_.PSObject.Properties['steps'] }) {
                foreach ($step in $job.steps) {
                    @($step.PSObject.Properties.Name -match '^(run|uses)$').Count | Should -Be 1
                    if ($step.PSObject.Properties['uses']) {
                        $step.uses | Should -Match '^(\./|[\w.-]+/[\w./-]+@\w)'
                    }
                    # One of a matrix is PowerShell in either form.
                    if ((Get-Shell $step $job) -match '^(pwsh|powershell|\$\{\{ matrix\.shell \}\})$' -and $step.PSObject.Properties['run']) {
                        $script, $wrong = ($step.run -replace '\$\{\{.*?\}\}', 'expression'), $null
                        [void][System.Management.Automation.Language.Parser]::ParseInput($script, [ref]$null, [ref]$wrong)
                        $wrong | Should -BeNullOrEmpty
                        Get-WrongCommand -Text $script | Should -BeNullOrEmpty
                        $read++
                    }
                }
            }
            $read | Should -Be $Scripts
        }

        It 'closes each of its expressions, and names the values of its matrix' {
            $expressions = [regex]::Matches($text, '\$\{\{(.*?)\}\}')
            $expressions.Count | Should -Be ([regex]::Matches($text, '\$\{\{').Count)
            foreach ($job in $workflow.jobs.PSObject.Properties.Value) {
                $matrix = if ($job.PSObject.Properties['strategy']) { $job.strategy.matrix }
                $names = @($matrix.PSObject.Properties.Name) + @($matrix | Where-Object { $_.PSObject.Properties['include'] } | ForEach-Object { $_.include } | ForEach-Object { $_.PSObject.Properties.Name })
                foreach ($used in [regex]::Matches(($job | ConvertTo-Json -Depth 20), 'matrix\.(\w+)')) {
                    $used.Groups[1].Value | Should -BeIn $names
                }
            }
        }
    }

    Describe 'deploy/github-actions/fleet.yml, parsed' {
        BeforeAll {
            $workflow = Read-TestYaml (Join-Path $deploy 'github-actions/fleet.yml')
            $job = $workflow.jobs.audit
        }

        It 'may ask for the token that it signs in with, and has no other right to write' {
            $workflow.permissions.'id-token' | Should -Be 'write'
            @($workflow.permissions.PSObject.Properties | Where-Object { $_.Value -eq 'write' }).Name | Should -Be 'id-token'
        }

        It 'gives each step the variables that it reads, which README names' {
            $readme = Read-Deploy 'github-actions/README.md'
            foreach ($step in $job.steps | Where-Object { $_.PSObject.Properties['run'] }) {
                @(Get-EnvironmentName $step.run) | Should -Be @($step.env.PSObject.Properties.Name | Sort-Object) -Because $step.name
                foreach ($value in $step.env.PSObject.Properties.Value | Where-Object { $_ -match '\bvars\.(\w+)' }) {
                    [void]($value -match '\bvars\.(\w+)')
                    $readme | Should -Match "(?m)^\| ``$($Matches[1])`` \|"
                }
            }
        }

        It 'shares the tenants among all of its shards, of this version' {
            $job.strategy.matrix.shard | Should -Be (1..@($job.strategy.matrix.shard).Count)
            "$($job.steps.run)" | Should -BeLike "*-Shard `"`$env:SHARD/$(@($job.strategy.matrix.shard).Count)`"*"
            "$($job.steps.run)" | Should -BeLike "*/v$version/PPFederation.zip*"
        }
    }
}
