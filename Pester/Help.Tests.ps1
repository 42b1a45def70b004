# The help as people reach it: in the session, in the browser, as pages.

$module = Import-Module -Name $env:PPFEDERATION_MODULE -PassThru
$exported = @($module.ExportedFunctions.Keys | Sort-Object | ForEach-Object { @{ Name = $_ } })

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    $root = Split-Path -Parent $PSScriptRoot
    . (Join-Path $root 'PowerShell/Build/HelpPage.ps1')
    $pages = Join-Path $root 'docs/cmdlets'
}

Describe 'The page of <Name> (habit 19)' -ForEach $exported {
    It 'says what the help says' {
        $file = Join-Path $pages "$Name.md"
        $page = ConvertTo-HelpPage -Command (Get-Command -Name $Name)
        if ($env:PPFEDERATION_WRITE) {
            [void](New-Item -ItemType Directory -Path $pages -Force)
            [System.IO.File]::WriteAllText($file, $page)
        }
        # Run this test with PPFEDERATION_WRITE=1 to write it.
        [System.IO.File]::ReadAllText($file).Replace("`r", '') | Should -Be $page
    }

    It 'is what Get-Help -Online opens' {
        $uri = "$((Get-Module -Name PPFederation).ProjectUri)/blob/main/docs/cmdlets/$Name.md"
        (Get-Command -Name $Name).HelpUri | Should -Be $uri
    }
}

Describe 'The help of <Name> (habit 18)' -ForEach $exported {
    It 'says what can be piped' {
        $command = Get-Command -Name $Name
        $inputs = $command.ScriptBlock.Ast.GetHelpContent().Inputs -join "`n"
        $inputs | Should -Not -BeNullOrEmpty
        foreach ($parameter in $command.Parameters.Values) {
            $taken = @($parameter.Attributes | Where-Object { $_ -is [Parameter] -and ($_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName) })
            if ($taken) {
                $inputs | Should -Match "\b$($parameter.Name)\b"
            }
        }
        (Get-Help -Name $Name -Full).inputTypes.inputType | Should -Not -BeNullOrEmpty
    }
}

Describe 'The help of the module' {
    It 'has a page for each cmdlet and for no other' {
        $names = (Get-ChildItem -LiteralPath $pages).BaseName | Sort-Object
        $names | Should -Be ((Get-Module -Name PPFederation).ExportedFunctions.Keys | Sort-Object)
    }

    It 'promises no help to Update-Help that is not there' {
        (Get-Module -Name PPFederation).HelpInfoUri | Should -BeNullOrEmpty
    }

    It 'names errors that there are where it tells what to do by symptom, and each of directory synchronization' {
        $there = [regex]::Matches([System.IO.File]::ReadAllText((Join-Path $root 'docs/errors.md')), '`PPFederation\.(\w+)`') | ForEach-Object { $_.Groups[1].Value }
        $text = [System.IO.File]::ReadAllText((Join-Path (Split-Path -Parent $env:PPFEDERATION_MODULE) 'en-US/about_PPFederation_Troubleshooting.help.txt'))
        $named = [regex]::Matches($text, '\(([A-Z]\w+(?:,\s+[A-Z]\w+)*)\)') | ForEach-Object { $_.Groups[1].Value -split ',\s+' } | Where-Object { $_ -cmatch '^[A-Z]+[a-z]+[A-Z]' }
        $named.Count | Should -BeGreaterThan 30
        $named | Where-Object { $there -cnotcontains $_ } | Should -BeNullOrEmpty
        $there | Where-Object { $_ -like 'DirSync*' -and $named -cnotcontains $_ } | Should -BeNullOrEmpty
    }

    It 'is found by a part of a name, with synopsis' {
        foreach ($found in Get-Help -Name '*PPTen*') {
            $found.Synopsis.Length | Should -BeGreaterThan 10 -Because $found.Name
        }
    }
}
