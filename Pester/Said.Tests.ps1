# What a cmdlet says besides its objects: the sentence at its end, what -WhatIf says where nothing is left to do, what a rotation
# and a check say, and how.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $tenant = Start-TestTenant
    [void](Connect-TestTenant $tenant)
    $whose = "Contoso Accounting ($($tenant.TenantId))"
}

AfterAll {
    Stop-TestTenant $tenant
}

Describe 'What is not done' {
    It 'is a warning of Test-PPFederation for each step, which names the tenant' {
        [void](Test-PPFederation -WarningVariable said -WarningAction SilentlyContinue)
        $said.Count | Should -Be 7
        foreach ($one in $said) {
            $one.Message | Should -BeLike "${whose}: Step * is NotDone: *."
        }
    }
}

Describe 'The sentence at the end' {
    It 'of a run says how many steps are done and what comes next, in the information stream' {
        $result = Invoke-PPRunbook -Confirm:$false -InformationVariable said
        $result | Should -BeOfType ([PPFederation.RunResult])
        "$said" | Should -Be "${whose}: 6 of 7 steps are done. Pending: DirSync. Wait-PPDirSync waits for it."
        $said[0].Tags | Should -Be 'PPFederation'
    }

    It 'is seen by 6>, and on the screen only with -InformationAction Continue' {
        @(Invoke-PPRunbook -Confirm:$false 6>&1)[-1].ToString() | Should -BeLike "$whose*"
        $script = "Import-Module '$env:PPFEDERATION_MODULE'; [void](Connect-PPTenant -Demo)
            'quiet'; [void](Invoke-PPRunbook -Confirm:`$false -WarningAction SilentlyContinue); 'said'; [void](Invoke-PPRunbook -Confirm:`$false -InformationAction Continue)"
        $lines = @(& (Get-ShellProgram) @(Get-ShellArgument) -Command $script)
        $lines[0..1] | Should -Be 'quiet', 'said'
        $lines[2] | Should -BeLike 'Contoso Accounting (*): 6 of 7 steps are done.*'
    }

    It 'of <Name> names the tenant' -ForEach @(
        @{ Name = 'New-PPFederationApp'; Call = { param($More) New-PPFederationApp @More } }
        @{ Name = 'New-PPClientSecret'; Call = { param($More) New-PPClientSecret -NewSecret @More } }
        @{ Name = 'Disable-PPDirSync'; Call = { param($More) Disable-PPDirSync @More } }
        @{ Name = 'Update-PPClientSecret'; Call = { param($More) Update-PPClientSecret -SecretSink { } @More } }
        @{ Name = 'Remove-PPClientSecret'; Call = { param($More) Remove-PPClientSecret -KeyId @(Get-PPClientSecret)[-1].KeyId @More } }
        @{ Name = 'Save-PPClientSecret'; Call = { param($More) Save-PPClientSecret -KeyId (New-PPClientSecret -NewSecret -WarningAction SilentlyContinue 6>$null).SecretId -SecretSink { } @More } }
    ) {
        $said = @(& $Call @{ Confirm = $false; WarningAction = 'SilentlyContinue' } 6>&1 | Where-Object { $_ -is [System.Management.Automation.InformationRecord] })
        "$($said[-1])" | Should -BeLike "${whose}: *"
        $said[-1].Tags | Should -Contain 'PPFederation'
    }
}

Describe '-WhatIf on a tenant in which nothing is left to do' {
    BeforeAll {
        [void](Update-PPClientSecret -SecretSink { } -Confirm:$false)
    }

    It '<Name> says so' -ForEach @(
        @{ Name = 'Invoke-PPRunbook'; Call = { Invoke-PPRunbook -WhatIf } }
        @{ Name = 'New-PPFederationApp'; Call = { New-PPFederationApp -WhatIf } }
        @{ Name = 'New-PPClientSecret'; Call = { New-PPClientSecret -WhatIf } }
        @{ Name = 'Disable-PPDirSync'; Call = { Disable-PPDirSync -WhatIf } }
        @{ Name = 'Update-PPClientSecret'; Call = { Update-PPClientSecret -RenewWithinDays 30 -SecretSink { } -OverlapDays 90 -WhatIf 3>$null } }
    ) {
        $said = & $Call 3>$null 6>&1 | Where-Object { $_ -is [System.Management.Automation.InformationRecord] }
        "$said" | Should -Match '^What if: Nothing is (left to change for tenant Contoso|to be changed now)'
    }
}

Describe 'A rotation' {
    It 'says at its end that nothing is due' {
        Update-PPClientSecret -SecretSink { } -Confirm:$false -OverlapDays 0 | Out-Null
        $said = @(Update-PPClientSecret -RenewWithinDays 30 -SecretSink { } -Confirm:$false 6>&1)
        "$said" | Should -BeLike "${whose}: Nothing is to be changed now: *"
    }

    It 'says which key goes when, and never advises to remove the one in use' {
        $rows = @(Update-PPClientSecret -SecretSink { } -Confirm:$false 3>&1)
        $rows | Where-Object { $_ -is [System.Management.Automation.WarningRecord] } | Should -BeNullOrEmpty
        $later = @($rows | Where-Object { $_ -is [PPFederation.SecretRemoval] })
        $later.Count | Should -BeGreaterThan 0
        $later[0].Detail | Should -Match '^Stays until \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ; from then on Update-PPClientSecret -Complete removes it\.$'
    }

    It 'leaves a run to name the older ones alone as secrets that may go' {
        $inPlace = (@(Get-PPClientSecret | Where-Object { $_.PlacedDateTime }) | Sort-Object -Property StartDateTime)[-1].KeyId
        $warned = @(Invoke-PPRunbook -WhatIf 3>&1 6>$null | Where-Object { $_ -is [System.Management.Automation.WarningRecord] })
        "$warned" | Should -Match 'stays valid\. If nobody uses it'
        "$warned" | Should -Not -Match $inPlace
    }

    It 'on a schedule takes a file of its own each time' {
        . (Join-Path $PSScriptRoot 'TestCertificate.ps1')
        $certificate = Join-Path $certificates 'certificate.pem'
        foreach ($name in 'one.cms', 'two.cms') {
            $file = Join-Path $TestDrive $name
            Update-PPClientSecret -SecretSink SealedFile -RecipientCertificate $certificate -Path $file -Confirm:$false | Out-Null
            $file | Should -Exist
        }
    }
}

Describe 'A secret beside others' {
    It 'that -NewSecret makes is told of, with the command that removes the others' {
        $warned = @(New-PPClientSecret -NewSecret 3>&1 | Where-Object { $_ -is [System.Management.Automation.WarningRecord] })
        "$($warned[0])" | Should -Match 'stays valid\. If nobody uses it, Remove-PPClientSecret -KeyId \S{36} removes it\.$'
    }
}
