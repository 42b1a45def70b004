# deploy/ and the workflows, by the tools of those who take them: the Bicep compiler and its description of Azure's resources, Kubernetes' own client, the
# schema of GitHub's workflows. Where they can't be had, build.ps1 Test says so.

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot

    function Get-Tool {
        # The folder of a package of tests/deploy/Tools.csproj.
        param([string]$Name)

        $project = [xml][System.IO.File]::ReadAllText((Join-Path $root 'tests/deploy/Tools.csproj'))
        $package = $project.Project.ItemGroup.PackageDownload | Where-Object { $_.Include -like $Name }
        @(Get-Item -Path (Join-Path $env:PPFEDERATION_DEPLOY_TOOLS "$($Name.ToLowerInvariant())/$($package.Version.Trim('[', ']'))"))[0].FullName
    }

    function Edit-Text {
        # A text in which one thing is another.
        param([string]$Text, [string]$From, [string]$To)

        $Text.Contains($From) | Should -BeTrue -Because $From
        $at = $Text.IndexOf($From, [System.StringComparison]::Ordinal)
        $Text.Remove($at, $From.Length).Insert($at, $To)
    }
}

if ($env:PPFEDERATION_DEPLOY_TOOLS) {
    Describe 'The templates of deploy/, by the Bicep compiler' {
        BeforeAll {
            $bicep = (Get-Item -Path (Join-Path (Get-Tool 'Azure.Bicep.CommandLine.*') 'tools/bicep*') | Where-Object { $_.Extension -ne '.xml' }).FullName
            if ($IsLinux -or $IsMacOS) {
                & chmod u+x $bicep
            }
            # Not every system has the libraries that languages take.
            $env:DOTNET_SYSTEM_GLOBALIZATION_INVARIANT = '1'
            $template = [System.IO.File]::ReadAllText((Join-Path $root 'deploy/azure-automation/azuredeploy.json'))

            function Test-Template {
                # What the compiler finds in a template, but for how Bicep would rather have it, and that the names of job schedules hang on
                # the time: one that is there can't be changed, only made anew.
                param([string]$Text)

                $json = Join-Path $TestDrive 'template.json'
                [System.IO.File]::WriteAllText($json, $Text)
                $lines = & $bicep decompile $json --outfile (Join-Path $TestDrive 'template.bicep') --force 2>&1 | ForEach-Object { "$_" }
                $lines | Where-Object { $_ -match ': (Warning|Error) |failed' -and $_ -notmatch ' (simplify-interpolation|use-stable-resource-identifiers|use-resource-symbol-reference): ' }
            }
        }

        AfterAll {
            Remove-Item -Path Env:DOTNET_SYSTEM_GLOBALIZATION_INVARIANT
        }

        It 'has expressions that are whole, parameters that fit, and resources as Azure describes them' {
            foreach ($folder in 'azure-automation', 'container-apps') {
                $text = [System.IO.File]::ReadAllText((Join-Path $root "deploy/$folder/azuredeploy.json"))
                Test-Template $text | Should -BeNullOrEmpty -Because $folder
            }
        }

        It 'would be told a property, a version and a resource that there isn''t, and a parameter that nothing uses' {
            $wrong = Edit-Text $template '"frequency"' '"frequenzy"'
            $wrong = Edit-Text $wrong '"apiVersion": "2023-11-01"' '"apiVersion": "2023-11-02"'
            $wrong = Edit-Text $wrong "'Watch-DirSync')]" "'Watch-DirSink')]"
            $wrong = Edit-Text $wrong '"parameters": {' '"parameters": { "unused": { "type": "string" },'
            $told = "$(Test-Template $wrong)"
            'BCP089', 'BCP081', 'BCP034', 'no-unused-params' | ForEach-Object { $told | Should -BeLike "*$_*" }
        }
    }

    Describe 'deploy/kubernetes/fleet.yaml, by Kubernetes'' client' {
        BeforeAll {
            foreach ($name in 'Fractions', 'YamlDotNet', 'KubernetesClient') {
                [void][System.Reflection.Assembly]::LoadFrom((Join-Path (Get-Tool $name) "lib/net8.0/$name.dll"))
            }
            $yaml = [System.IO.File]::ReadAllText((Join-Path $root 'deploy/kubernetes/fleet.yaml'))
        }

        It 'has the properties that its kinds have' {
            @([k8s.KubernetesYaml]::LoadAllFromString($yaml, $null, $true) | ForEach-Object { $_.GetType().Name }) | Should -Be 'V1ServiceAccount', 'V1CronJob'
        }

        It 'would be told a property that there isn''t' {
            { [k8s.KubernetesYaml]::LoadAllFromString((Edit-Text $yaml 'completionMode' 'completionModus'), $null, $true) } | Should -Throw "*'completionModus' not found on type 'k8s.Models.V1JobSpec'*"
        }
    }
}

if ($env:PPFEDERATION_ACTION_VALIDATOR) {
    Describe 'The workflow <_>, by the schema of workflows' -ForEach 'deploy/github-actions/fleet.yml', '.github/workflows/ci.yml', '.github/workflows/release.yml' {
        BeforeAll {
            $workflow = [System.IO.File]::ReadAllText((Join-Path $root $_))
            $program = Join-Path $env:PPFEDERATION_ACTION_VALIDATOR 'node_modules/@action-validator/cli/cli.mjs'

            function Test-Workflow {
                # What the schema doesn't allow.
                param([string]$Text)

                # It tells workflows by the folder.
                $path = Join-Path (New-Item -ItemType Directory -Path (Join-Path $TestDrive '.github/workflows') -Force).FullName 'workflow.yml'
                [System.IO.File]::WriteAllText($path, $Text)
                & node $program $path 2>&1 | ForEach-Object { "$_" }
            }
        }

        It 'has what a workflow has' {
            Test-Workflow $workflow | Should -BeNullOrEmpty
        }

        It 'would be told a key that there isn''t' {
            "$(Test-Workflow (Edit-Text $workflow 'jobs:' "jobbs:`njobs:"))" | Should -BeLike "*'jobbs' is not allowed*"
        }
    }
}
