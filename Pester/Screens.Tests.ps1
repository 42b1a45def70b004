# The pictures of the terminal that README shows: what a terminal really shows, as Pester/Screens.ps1 takes it. With
# PPFEDERATION_WRITE=1 those in docs/screens are taken anew.

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'Terminal.ps1')
    $noTerminal = -not (Test-Terminal)
}

Describe 'The pictures' -Skip:$noTerminal {
    BeforeAll {
        $repository = Split-Path $PSScriptRoot
        $kept = Join-Path $repository 'docs/screens'
        $folder = if ($env:PPFEDERATION_WRITE) { $kept } else { Join-Path $TestDrive 'screens' }
        & (Join-Path $PSScriptRoot 'Screens.ps1') -Folder $folder
        function Get-Picture {
            # The lines of a picture, by their place; whether they are all within it.
            param([string]$Path)

            [xml]$svg = Get-Content -Raw -LiteralPath $Path
            $width = [int]($svg.svg.viewBox -split ' ')[2]
            $lines = $svg.svg.g.text | Group-Object -Property y | Sort-Object -Property { [int]$_.Name } | ForEach-Object { -join $_.Group.'#text' }
            [pscustomobject]@{
                Text   = ($lines -join "`n").Replace([string][char]0xA0, ' ')
                Inside = @($svg.svg.g.text | Where-Object { [int]$_.x + [int]$_.textLength -gt $width }).Count -eq 0
            }
        }
    }

    It '<Name> shows what was typed and what came of it' -ForEach @(
        @{ Name = 'plan'; Shows = 'PS> Invoke-PPRunbook -WhatIf\n(.|\n)*What if: (.|\n)*Create the client secret' }
        @{ Name = 'run'; Shows = 'PS> Invoke-PPRunbook(.|\n)*Tenant: Contoso Accounting(.|\n)*ClientSecret +Done(.|\n)*6 of 7 steps are done' }
        @{ Name = 'status'; Shows = 'PS> Get-PPFederationStatus(.|\n)*GlobalAdministrator +Done' }
        @{ Name = 'refused'; Shows = 'PS> \$strict \| Invoke-PPRunbook(.|\n)*forbids client secrets(.|\n)*ClientSecret +NotDone' }
    ) {
        $picture = Get-Picture (Join-Path $folder "$Name.svg")
        $picture.Text | Should -Match $Shows
        $picture.Inside | Should -BeTrue
        # What README shows is of the same commands.
        (Get-Picture (Join-Path $kept "$Name.svg")).Text | Should -Match $Shows
    }
}
