<#
.SYNOPSIS
Takes pictures of what a terminal really shows: a run, a plan, a status, and a tenant that refuses.

.DESCRIPTION
Types commands into a PowerShell in a terminal of tmux, against tenant twins, and writes what is then on the screen as SVG. The
pictures of README are these. Test runs it; by hand, after build.ps1 Build:

    $env:PPFEDERATION_MODULE = '...'; $env:PPFEDERATION_TWIN = '...'; ./Pester/Screens.ps1 -Folder docs/screens

.PARAMETER Folder
Where the pictures go, a file a screen. Those that are there are replaced.

.PARAMETER Columns
How wide the terminal is.
#>
param(
    [Parameter(Mandatory = $true)]
    [string]$Folder,

    [int]$Columns = 100
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot '../tests/shell.ps1')
. (Join-Path $PSScriptRoot 'TestTenant.ps1')
. (Join-Path $PSScriptRoot 'Terminal.ps1')

# What is typed, by picture.
$screens = [ordered]@{
    plan    = 'Invoke-PPRunbook -WhatIf'
    run     = 'Invoke-PPRunbook'
    status  = 'Get-PPFederationStatus'
    refused = '$strict | Invoke-PPRunbook'
}

# Campbell, the colours of Windows Terminal.
$palette = @('#0C0C0C', '#C50F1F', '#13A10E', '#C19C00', '#0037DA', '#881798', '#3A96DD', '#CCCCCC',
    '#767676', '#E74856', '#16C60C', '#F9F1A5', '#3B78FF', '#B4009E', '#61D6D6', '#F2F2F2')
$height = 20
$width = 9

function Read-Screen {
    # What is on the screen, with its colours.
    param($Terminal)

    # A line that went over the edge is two on a screen, and stays so.
    (& tmux -L $Terminal.Name capture-pane -e -p -S -) -join "`n"
}

function ConvertTo-Span {
    # A line as pieces of one colour each: column, text, colour, bold.
    param([string]$Line, [hashtable]$State)

    $column = 0
    foreach ($part in [regex]::Split($Line, '(\x1b\[[0-9;]*m)')) {
        if ($part -match '^\x1b\[([0-9;]*)m$') {
            Set-Colour -State $State -Code @($Matches[1] -split ';' | ForEach-Object { if ($_) { [int]$_ } else { 0 } })
        }
        elseif ($part) {
            [pscustomobject]@{ Column = $column; Text = $part; Colour = $State.Colour; Bold = $State.Bold }
            $column += $part.Length
        }
    }
}

function Set-Colour {
    # Source: ECMA-48, select graphic rendition; 38;5;n is xterm's, of which the first sixteen are the palette's.
    param([hashtable]$State, [int[]]$Code)

    for ($i = 0; $i -lt $Code.Count; $i++) {
        switch ($Code[$i]) {
            0 { $State.Colour = $palette[7]; $State.Bold = $false }
            1 { $State.Bold = $true }
            39 { $State.Colour = $palette[7] }
            { $_ -in 30..37 } { $State.Colour = $palette[$_ - 30] }
            { $_ -in 90..97 } { $State.Colour = $palette[$_ - 82] }
            38 {
                if ($Code[$i + 1] -eq 5) {
                    $State.Colour = if ($Code[$i + 2] -lt 16) { $palette[$Code[$i + 2]] } else { $palette[7] }
                    $i += 2
                }
            }
        }
    }
}

function ConvertTo-Svg {
    param([string]$Text, [string]$Title)

    $lines = @($Text.TrimEnd() -split "`n")
    $state = @{ Colour = $palette[7]; Bold = $false }
    # Of spaces that may be broken a browser makes one.
    $hard = [string][char]0xA0
    $rows = for ($i = 0; $i -lt $lines.Count; $i++) {
        foreach ($span in @(ConvertTo-Span -Line $lines[$i] -State $state)) {
            $bold = if ($span.Bold) { ' font-weight="bold"' } else { '' }
            '<text x="{0}" y="{1}" fill="{2}"{3} textLength="{4}">{5}</text>' -f @(
                (16 + $span.Column * $width), (30 + $i * $height), $span.Colour, $bold,
                ($span.Text.Length * $width), [System.Security.SecurityElement]::Escape($span.Text).Replace(' ', $hard))
        }
    }
    $box = '{0} {1}' -f (32 + $Columns * $width), (32 + $lines.Count * $height)
    @(
        "<svg xmlns=`"http://www.w3.org/2000/svg`" viewBox=`"0 0 $box`" font-family=`"ui-monospace, Consolas, Menlo, monospace`" font-size=`"15`">"
        "<title>$([System.Security.SecurityElement]::Escape($Title))</title>"
        "<rect width=`"100%`" height=`"100%`" rx=`"8`" fill=`"$($palette[0])`"/>"
        '<g>'
        $rows
        '</g>'
        '</svg>'
    ) -join "`n"
}

function Get-Connect {
    # The command that connects to a twin.
    param($Tenant)

    $client = Get-TestClient -Tenant $Tenant
    "Connect-PPTenant -TenantId '$($Tenant.TenantId)' -ClientId '$($client.clientId)' " +
    "-ClientSecret ([System.Net.NetworkCredential]::new('', '$($client.clientSecret)').SecurePassword) " +
    "-Environment Custom -LoginEndpoint '$($Tenant.Login)' -GraphEndpoint '$($Tenant.Graph)'"
}

$tenant = Start-TestTenant
$strictTenant = Start-TestTenant -Argument '--seed 8 --policy-blocks-secrets'
$script = Join-Path ([System.IO.Path]::GetTempPath()) "screens-$([guid]::NewGuid()).ps1"
$terminal = $null
try {
    [System.IO.File]::WriteAllText($script, @"
Import-Module '$env:PPFEDERATION_MODULE'
`$strict = $(Get-Connect $strictTenant)
[void]($(Get-Connect $tenant))
# The pictures show what comes after the questions.
`$global:ConfirmPreference = 'None'
function prompt { `$host.UI.RawUI.WindowTitle = 'PowerShell'; 'PS> ' }
Clear-Host
"@)
    $terminal = Start-Terminal -Script $script -Columns $Columns -Option '-NoExit' -Environment @{ TERM = 'xterm-256color'; LANG = 'en_US.UTF-8' }
    [void](New-Item -ItemType Directory -Path $Folder -Force)
    [void](Read-Terminal $terminal -Until 'PS> $')
    foreach ($name in $screens.Keys) {
        Send-Terminal $terminal -Text ($screens[$name].Replace("'", "'\''")) -Key 'Enter'
        [void](Read-Terminal $terminal -Until "\n(?s:.)*\nPS> $")
        $svg = ConvertTo-Svg -Text ((Read-Screen $terminal).TrimEnd() -replace '\nPS> ?$', '') -Title $screens[$name]
        [System.IO.File]::WriteAllText((Join-Path $Folder "$name.svg"), "$svg`n")
        Send-Terminal $terminal -Text 'Clear-Host' -Key 'Enter'
        [void](Read-Terminal $terminal -Until 'PS> $')
        & tmux -L $terminal.Name clear-history
    }
}
finally {
    Stop-Terminal $terminal
    $tenant, $strictTenant | ForEach-Object { Stop-TestTenant $_ }
    Remove-Item -LiteralPath $script -ErrorAction SilentlyContinue
}
