# What a console of Windows shows and takes: widths and Ctrl+C. Console.Tests.ps1 has the rest, in a terminal. Each script runs
# in a shell with a console of its own, which Invoke-TestShell gives it.

BeforeDiscovery {
    $noWindows = [System.IO.Path]::DirectorySeparatorChar -eq '/'
}

BeforeAll {
    Import-Module -Name $env:PPFEDERATION_MODULE
    . (Join-Path $PSScriptRoot 'TestTenant.ps1')
    . (Join-Path $PSScriptRoot 'Views.ps1')
    $tools = Join-Path $PSScriptRoot 'TestTenant.ps1'

    function Invoke-TestConsole {
        # What a script wrote that works on a tenant, connected to it.
        param($Tenant, [string]$Work)

        $known = $Tenant | Select-Object -Property Login, Graph, Control, TenantId, Clients | ConvertTo-Json -Depth 5 -Compress
        Invoke-TestShell -Script @"
Import-Module -Name '$env:PPFEDERATION_MODULE'
. '$tools'
`$tenant = '$known' | ConvertFrom-Json
[void](Connect-TestTenant `$tenant)
$Work
"@
    }
}

Describe 'A console of <Columns> columns' -Skip:$noWindows -ForEach @(@{ Columns = 80 }, @{ Columns = 120 }, @{ Columns = 200 }) {
    BeforeAll {
        $tenant = Start-TestTenant
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'shows every view within its width, and nothing of it is cut off' {
        # What is formatted goes by the width of the console's buffer; its window may be narrower, and never wider.
        $lines = (Invoke-TestConsole $tenant @"
`$ui = `$Host.UI.RawUI
`$ui.WindowSize = [System.Management.Automation.Host.Size]::new(40, 25)
`$ui.BufferSize = [System.Management.Automation.Host.Size]::new($Columns, 200)
"width `$(`$ui.BufferSize.Width)"
$(Get-ViewScript)
"@).Lines
        $lines | Should -Contain "width $Columns"
        Assert-View -Lines $lines -Columns $Columns
    }
}

Describe '<Cmdlet> in a console' -Skip:$noWindows -ForEach @(
    @{ Cmdlet = 'Invoke-PPRunbook'; Call = 'Invoke-PPRunbook -Confirm:$false' }
    @{ Cmdlet = 'Wait-PPDirSync'; Call = 'Wait-PPDirSync -TimeoutSec 120' }
    @{ Cmdlet = 'Disable-PPDirSync -Wait'; Call = 'Disable-PPDirSync -Wait -Confirm:$false' }
) {
    BeforeAll {
        $tenant = Start-TestTenant
        [void](Connect-TestTenant $tenant)
        if ($Cmdlet -eq 'Wait-PPDirSync') {
            [void](Disable-PPDirSync -Confirm:$false)
        }
        [void](Set-TestTenant $tenant '/latency' @{ ms = 500 })
    }

    AfterAll {
        Stop-TestTenant $tenant
    }

    It 'is ended by Ctrl+C: finally blocks run, the rest of the script does not' {
        # The console gets Ctrl+C from a runspace of the shell itself, once the tenant was asked something. A process may have been
        # told to ignore it by the one that started it.
        $said = Invoke-TestConsole $tenant @"
`$console = Add-Type -PassThru -Namespace Test -Name Console -MemberDefinition @'
[DllImport("kernel32.dll")] public static extern bool SetConsoleCtrlHandler(IntPtr handler, bool ignore);
[DllImport("kernel32.dll")] public static extern bool GenerateConsoleCtrlEvent(uint kind, uint processGroup);
'@
[void]`$console::SetConsoleCtrlHandler([IntPtr]::Zero, `$false)
Clear-TestRequest `$tenant
`$presser = [powershell]::Create().AddScript({
    param(`$Console, `$Tools, `$Tenant)
    . `$Tools
    do { `$asked = @(Get-TestRequest `$Tenant).Count } until (`$asked -gt 0)
    `$Console::GenerateConsoleCtrlEvent(0, 0)
}).AddArgument(`$console).AddArgument('$tools').AddArgument(`$tenant)
[void]`$presser.BeginInvoke()
'ready'
try { $Call; 'ended' } finally { Write-Host 'cleaned' }
'rest'
"@
        $said.Lines | Should -Contain 'ready' -Because $said.Text
        $said.Lines | Should -Contain 'cleaned' -Because $said.Text
        $said.Text | Should -Not -Match 'rest|ended'
    }
}
