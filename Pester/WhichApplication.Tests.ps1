# Which application is meant: a name filters what is read and removed and names what is made, an id chooses, and a row that is
# piped goes to the tenant that it came from.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    $first = Start-TestTenant -Argument '--application "Contoso HR"'
    $second = Start-TestTenant -Argument '--seed 7'
    $connections = $first, $second | ForEach-Object { Connect-TestTenant $_ }
    $runs = @($connections | Invoke-PPRunbook -Confirm:$false)
    $null = Select-PPConnection -Connection $connections[0]
    $name = 'Practice Protect Federation'
}

AfterAll {
    Get-PPConnection -ListAvailable | Disconnect-PPTenant
    $first, $second | ForEach-Object { Stop-TestTenant $_ }
}

Describe '-DisplayName in what reads' {
    It 'filters, wildcards included and in any case: <_>' -ForEach @(
        'Practice Protect Federation', 'practice*', '*FEDERATION', 'P?actice*', '[p-q]ractice*'
    ) {
        (Get-PPFederationApp $_).AppId | Should -Be $runs[0].AppId
        (Get-PPClientSecret -DisplayName $_).KeyId | Should -Be $runs[0].SecretId
        @(Get-PPFederationStatus -DisplayName $_ | Where-Object State -NE 'Done').Step | Should -Be @(
            Get-PPFederationStatus | Where-Object State -NE 'Done').Step
    }

    It 'shows no other application for it: <Cmdlet>' -ForEach @(
        @{ Cmdlet = 'Get-PPFederationApp' }, @{ Cmdlet = 'Get-PPPermission' }, @{ Cmdlet = 'Get-PPClientSecret' }, @{ Cmdlet = 'Get-PPHandover' }
    ) {
        $failure = Get-Failure { & $Cmdlet -DisplayName 'No such name' -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be "PPFederation.AppNotMeant,$Cmdlet"
        [string]$failure | Should -Match "'$name'.*'No such name'"
        & $Cmdlet -DisplayName 'No such*' -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'is False, with the reason, for an application that is not this one: Test-PPFederation -DisplayName nope' {
        Test-PPFederation -DisplayName 'nope' -WarningVariable said -WarningAction SilentlyContinue | Should -BeFalse
        "$said" | Should -Match 'nope'
    }

    It 'finds one made by hand beside this module''s own' {
        (Get-PPFederationApp -DisplayName 'Contoso H*' -Adopt).DisplayName | Should -Be 'Contoso HR'
        $id = (Get-PPFederationApp 'contoso hr' -Adopt).AppId
        (Get-PPFederationApp -AppId $id -Adopt).DisplayName | Should -Be 'Contoso HR'
    }
}

Describe '-DisplayName in what removes' {
    It 'removes no secret of another application: Remove-PPClientSecret -DisplayName "Contoso HR"' {
        Clear-TestRequest $first
        Remove-PPClientSecret -KeyId $runs[0].SecretId -DisplayName 'Contoso HR' -Adopt -Force -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -Be 'PPFederation.SecretNotFound,Remove-PPClientSecret'
        Remove-PPClientSecret -KeyId $runs[0].SecretId -DisplayName 'Practice' -Force -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -Be 'PPFederation.AppNotMeant,Remove-PPClientSecret'
        @(Get-TestWrite $first).Count | Should -Be 0
        (Get-PPClientSecret).KeyId | Should -Be $runs[0].SecretId
    }
}

Describe '-DisplayName in what makes' {
    It 'neither renames what is there nor makes a second: <Cmdlet> -DisplayName Mine' -ForEach @(
        @{ Cmdlet = 'New-PPFederationApp' }, @{ Cmdlet = 'Invoke-PPRunbook' }
    ) {
        Clear-TestRequest $first
        & $Cmdlet -DisplayName 'Mine' -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure | Out-Null
        $failure[0].FullyQualifiedErrorId | Should -Be "PPFederation.AppNotMeant,$Cmdlet"
        @(Get-TestWrite $first).Count | Should -Be 0
    }

    It 'goes on with what is there under its own name' {
        (Invoke-PPRunbook -DisplayName $name -Confirm:$false).AppId | Should -Be $runs[0].AppId
    }
}

Describe '-AppId and -ObjectId' {
    It 'choose the application' {
        (Get-PPFederationApp -AppId $runs[0].AppId).ObjectId | Should -Be $runs[0].ObjectId
        (Get-PPFederationApp -ObjectId $runs[0].ObjectId).AppId | Should -Be $runs[0].AppId
    }

    It 'choose whose client secrets are listed, where several could be meant' {
        $name = '--application "Practice Protect Federation"'
        $tenant = Start-TestTenant -Argument "--seed 11 $name $name"
        try {
            $connection = Connect-TestTenant $tenant
            $made = @((Get-TestState $tenant).applications | Where-Object { $_.displayName -eq 'Practice Protect Federation' })
            foreach ($app in $made) {
                [void](Set-TestTenant $tenant '/edit' @{ edit = 'addSecret'; applicationId = $app.id; displayName = 'PPToken'; lifeSeconds = 86400 })
            }
            Get-PPClientSecret -Connection $connection -Adopt -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -Be 'PPFederation.AppAmbiguous,Get-PPClientSecret'
            "$($failure[0].ErrorDetails.RecommendedAction)" | Should -Match '-AppId or -ObjectId'
            foreach ($app in $made) {
                (Get-PPClientSecret -Connection $connection -Adopt -AppId $app.appId).AppId | Should -Be $app.appId
                (Get-PPClientSecret -Connection $connection -Adopt -ObjectId $app.id).AppId | Should -Be $app.appId
            }
        }
        finally {
            Stop-TestTenant $tenant
            $null = Select-PPConnection -Connection $connections[0]
        }
    }

    It 'make none for an id that is nobody''s: Invoke-PPRunbook -AppId' {
        Clear-TestRequest $second
        $run = Invoke-PPRunbook -Connection $connections[1] -AppId ([guid]::NewGuid()) -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -Be 'PPFederation.AppNotMeant,Invoke-PPRunbook'
        $run.Result | Should -Be 'Failed'
        @(Get-TestWrite $second).Count | Should -Be 0
    }

    It 'have to be GUIDs' {
        $failure = Get-Failure { Get-PPFederationApp -AppId 'Practice Protect' -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'PPFederation.AppIdInvalid,Get-PPFederationApp'
        [string]$failure | Should -Match "-AppId 'Practice Protect'"
    }
}

Describe 'What is piped' {
    It 'goes to the connection it came from: $c1,$c2 | Get-PPClientSecret | Remove-PPClientSecret' {
        $more = @($connections | New-PPClientSecret -NewSecret -Confirm:$false -WarningAction SilentlyContinue)
        $gone = @($connections | Get-PPClientSecret | Where-Object KeyId -In $more.SecretId | Remove-PPClientSecret -Confirm:$false)
        $gone.TenantId | Should -Be @($first.TenantId, $second.TenantId)
        $gone.KeyId | Should -Be $more.SecretId
        @($connections | Get-PPClientSecret).KeyId | Should -Be $runs.SecretId
    }

    It 'goes there as a run, an application or a status too' {
        @($runs | Get-PPDirSync).TenantId | Should -Be $runs.TenantId
        @($connections | Get-PPFederationApp | Get-PPClientSecret).AppId | Should -Be $runs.AppId
    }

    It 'does not go to the connection of another tenant' {
        $row = Get-PPClientSecret -Connection $connections[1]
        $row | Remove-PPClientSecret -Connection $connections[0] -Force -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -Be 'PPFederation.ConnectionOfAnother,Remove-PPClientSecret'
        $closed = Connect-TestTenant $second
        $closed, $connections[1] | Disconnect-PPTenant
        $row | Remove-PPClientSecret -Force -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -Be 'PPFederation.ConnectionNotFound,Remove-PPClientSecret'
        $null = Connect-TestTenant $second
        (Get-PPClientSecret).KeyId | Should -Be $row.KeyId
    }

    It 'leaves the others where one is a connection of another process' {
        $file = Join-Path $TestDrive 'connection.xml'
        $connections[0] | Export-Clixml -Path $file
        $rows = @((Import-Clixml -Path $file), $connections[0] | Get-PPDirSync -ErrorAction SilentlyContinue -ErrorVariable failure)
        $rows.TenantId | Should -Be $first.TenantId
        $failure[0].FullyQualifiedErrorId | Should -Be 'PPFederation.ConnectionClosed,Get-PPDirSync'
    }
}
