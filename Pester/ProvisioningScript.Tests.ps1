# Merge-PPProvisioningScript, Test-PPProvisioningScript: scripts of the portal, without the portal.

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) ([System.Guid]::NewGuid())
    [void](New-Item -ItemType Directory -Path $folder)

    function New-File {
        # A file in UTF-8 without a mark, and its path.
        param([string]$Name, [string]$Text)

        $path = Join-Path $folder $Name
        [System.IO.File]::WriteAllText($path, $Text)
        $path
    }

    $users = New-File 'users.csv' "Username,Mail,Department`r`nada@contoso.com,ada@contoso.com,Tax`r`nbob@contoso.com,,Audit`r`n"
}

AfterAll {
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Test-PPProvisioningScript' {
    It 'says for each user of a file what is written, rejected or fails' {
        $script = New-File 'three.js' (@(
                'if (source.Department == "Audit") { reject("audit stays"); }'
                'destination.UsageLocation = "AU";'
                'destination.mail = source.Mail.toLowerCase();'
            ) -join "`n")
        $rows = @(Test-PPProvisioningScript -Path $script -UserPath $users)
        $rows[0].PSObject.TypeNames[0] | Should -Be 'PPFederation.ScriptResult'
        $rows.User | Should -Be 'ada@contoso.com', 'bob@contoso.com'
        $rows.Result | Should -Be 'Written', 'Failed'
        $rows[0].Written | Should -Be 'UsageLocation = AU', 'mail = ada@contoso.com'
        $rows[0].Undocumented | Should -Contain 'destination.mail (perhaps Mail is meant)'
        $rows[1].Line | Should -Be 3
        $rows[1].Column | Should -BeGreaterThan 1
        $rows[1].Error | Should -Match 'TypeError'
        $rows[1].Absent | Should -Be 'Mail'
        $rows[0].Note | Should -Match 'portal'
    }

    It 'takes users from the pipeline, and columns as the caller maps them' {
        $people = [PSCustomObject]@{ Login = 'ada@contoso.com'; Unit = 'Tax' }, [PSCustomObject]@{ Login = 'bob@contoso.com'; Unit = 'Audit' }
        $text = 'if (source.Unit == "Audit") { reject("audit stays"); } trace(source.Username); destination.Mail = source.CanonicalizeName;'
        $rows = @($people | Test-PPProvisioningScript -Script $text -ColumnMap @{ Username = 'Login'; CanonicalizeName = 'Login' })
        $rows.Result | Should -Be 'Written', 'Rejected'
        $rows[0].Detail | Should -Be 'Mail = ada@contoso.com'
        $rows[1].Detail | Should -Be 'audit stays'
        $rows.Trace | Should -Be 'ada@contoso.com', 'bob@contoso.com'
    }

    It 'lists a name that no documentation has as one, with the column that was taken for it' {
        $list = New-File 'email.csv' "Username,Email`r`nada@contoso.com,ada@contoso.com`r`n"
        $person = [PSCustomObject]@{ Username = 'ada@contoso.com'; Email = 'ada@contoso.com' }
        $text = 'destination.Mail = source.Mail; trace(source.Username);'
        foreach ($row in (Test-PPProvisioningScript -Script $text -UserPath $list), ($person | Test-PPProvisioningScript -Script $text)) {
            $row.Undocumented | Should -Be 'source.Mail (perhaps Email is meant)'
            $row.Written | Should -Be 'Mail = ada@contoso.com'
        }
        (Test-PPProvisioningScript -Script $text -UserPath $list -ColumnMap @{ Mail = 'Email' }).Undocumented | Should -BeNullOrEmpty
        (Test-PPProvisioningScript -Script $text.Replace('source.Mail', 'source.Email') -UserPath $list).Undocumented | Should -BeNullOrEmpty
    }

    It 'runs once without users, and for groups where it is told to' {
        $text = 'if (isGroup()) { destination.DisplayName = "group"; } else { destination.DisplayName = "person"; }'
        (Test-PPProvisioningScript -Script $text).Detail | Should -Be 'DisplayName = person'
        (Test-PPProvisioningScript -Script $text -Group).Detail | Should -Be 'DisplayName = group'
    }

    It 'stops a script that takes too long' {
        (Test-PPProvisioningScript -Script 'for (;;) { }' -TimeoutSec 1).Error | Should -Match '1 s'
    }

    It 'is one error where the script is no JavaScript, with file, line and column' {
        $script = New-File 'bad.js' "trace(1);`ndestination.UsageLocation = $([char]0x201c)AU$([char]0x201d);"
        $failure = { Test-PPProvisioningScript -Path $script -UserPath $users -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.ScriptInvalid,Test-PPProvisioningScript' -PassThru
        $failure.Exception.Message | Should -Match 'bad\.js, line 2, column \d+'
    }

    It 'names a file that is not there: <Id>' -ForEach @(
        @{ Id = 'ScriptFileNotReadable'; Option = @{ Path = 'none.js' } }
        @{ Id = 'PortalUsersUnreadable'; Option = @{ Script = 'trace(1)'; UserPath = 'none.csv' } }
    ) {
        { Test-PPProvisioningScript @Option -ErrorAction Stop } | Should -Throw -ErrorId "PPFederation.$Id,*" -ExpectedMessage '*none.*'
    }

    It 'shows all that matters in 80 columns' {
        $rows = Test-PPProvisioningScript -Script 'destination.Mail = source.Mail.trim();' -UserPath $users
        $lines = @(($rows | Out-String -Width 80) -split '\r?\n')
        ($lines | Measure-Object -Property Length -Maximum).Maximum | Should -BeLessOrEqual 80
        $shown = $lines -join "`n"
        $shown | Should -Match 'ada@contoso\.com +Written'
        $shown | Should -Match 'bob@contoso\.com +Failed +line 1'
    }
}

Describe 'Merge-PPProvisioningScript' {
    BeforeAll {
        $before = "// ours`r`nif (isPerson()) {`r`n    trace('x');`r`n}`r`n"
        $after = "// ours`r`nif (isPerson()) {`r`n    trace('x');`r`n    destination.UsageLocation = `"NZ`";`r`n" +
        "    destination.Mail = source.CanonicalizeName;`r`n}`r`n"
    }

    It 'puts both lines into the block, and changes nothing the second time' {
        $merged = $before | Merge-PPProvisioningScript -UsageLocation nz
        $merged.PSObject.TypeNames[0] | Should -Be 'PPFederation.MergedScript'
        $merged.Script | Should -BeExactly $after
        $merged.Result, $merged.Line, $merged.Added.Count | Should -Be 'Inserted', 4, 2
        $again = $merged | Merge-PPProvisioningScript -UsageLocation NZ
        $again.Result, $again.Script | Should -BeExactly 'AlreadyThere', $after
    }

    It 'puts lines together that come one by one' {
        ("if (isPerson()) {`n}" -split "`n" | Merge-PPProvisioningScript -UsageLocation AU).Result | Should -Be 'Inserted'
        (Merge-PPProvisioningScript -Script '' -UsageLocation AU).Result | Should -Be 'Appended'
    }

    It 'writes a file for its owner alone, and over another with -Force' {
        $script = New-File 'portal.js' $before
        $out = Join-Path $folder 'merged.js'
        $merged = Merge-PPProvisioningScript -Path $script -UsageLocation NZ -OutFile $out -InformationVariable said
        $merged.Path | Should -Be $out
        [System.IO.File]::ReadAllText($out) | Should -BeExactly $after
        "$said" | Should -Match 'from line 4 on'
        if ($PSVersionTable.PSVersion.Major -ge 7 -and -not $IsWindows) {
            (Get-Item -LiteralPath $out).UnixMode | Should -Be '-rw-------'
        }
        { Merge-PPProvisioningScript -Path $script -UsageLocation NZ -OutFile $out -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.ScriptFileExists,*'
        (Merge-PPProvisioningScript -Path $script -UsageLocation NZ -OutFile $out -Force).Path | Should -Be $out
    }

    It 'writes nothing with -WhatIf' {
        $out = Join-Path $folder 'whatif.js'
        (Merge-PPProvisioningScript -Script $before -UsageLocation NZ -OutFile $out -WhatIf).Path | Should -BeNullOrEmpty
        Test-Path -LiteralPath $out | Should -BeFalse
    }

    It 'refuses with the place where it is not clear, and goes on when told to' {
        $text = "trace(1);`nif (isPerson() && source.x) { }`n"
        $failure = { Merge-PPProvisioningScript -Script $text -UsageLocation AU -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.ScriptNotMerged,Merge-PPProvisioningScript' -PassThru
        $failure.Exception.Message | Should -Match 'line 2, column 5.*-AcceptConflict'
        (Merge-PPProvisioningScript -Script $text -UsageLocation AU -AcceptConflict).Result | Should -Be 'Appended'
    }

    It 'refuses <Given> as a country' -ForEach @(@{ Given = 'A' }, @{ Given = 'A"' }) {
        { Merge-PPProvisioningScript -Script '' -UsageLocation $Given -ErrorAction Stop } |
            Should -Throw -ErrorId 'PPFederation.UsageLocationInvalid,*'
    }

    It 'shows the whole script at any width' {
        foreach ($width in 80, 200) {
            Merge-PPProvisioningScript -Script $before -UsageLocation NZ | Out-String -Width $width |
                Should -Match 'destination\.Mail = source\.CanonicalizeName;'
        }
    }
}
