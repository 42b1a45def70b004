# Runs what discovery found.

function Invoke-Container {
    # Runs one test file's tree in a script scope of its own.
    param($Root)

    if ($Root.ErrorRecord.Count) {
        $Root.Result = 'Failed'
        Write-DiscoveryFailure -Root $Root
        return
    }
    if (-not $Root.ShouldRun) { return }
    New-TestDrive
    try {
        $action = { Invoke-Block -Block $Root }
        $null = & $script:Wrapper.NewScope (Join-Path $PSScriptRoot 'RunScope.ps1') $action
    }
    finally { Remove-TestDrive }
}

$script:RunItems = {
    foreach ($item in $script:Block.Items) {
        if (-not $item.ShouldRun) { continue }
        if ($item.ItemType -eq 'Block') { Invoke-Block -Block $item } else { Invoke-Test -Test $item }
    }
}

function Get-ParentPath {
    # The dotted names of the blocks around an item, as the result shows them; the file's own is left out.
    param($Block)

    if ($null -ne $Block -and $null -ne $Block.Parent) { $Block.ExpandedPath + '.' }
}

function Invoke-Block {
    param($Block)

    $outer = $script:Block
    $script:Block = $Block
    $before = @(Get-TestDriveEntry)
    $Block.Executed = $true
    try {
        $null = & $script:Wrapper.Steps @{
            Variables  = Get-DataVariable -Data $Block.Data -HasData $Block.HasData
            Setup      = @($Block.BeforeAll | Where-Object { $_ -and -not $Block.Skip })
            NameScript = Get-NameScript -Name $Block.Name
            Rename     = { param($name) $Block.ExpandedName = $name }
            Splat      = $script:Splat
            Body       = {
                $Block.ExpandedPath = (Get-ParentPath -Block $Block.Parent) + $Block.ExpandedName
                Write-BlockStart -Block $Block
                & $script:RunItems
            }
            Teardown   = @($Block.AfterAll | Where-Object { $_ -and -not $Block.Skip })
            Errors     = $Block.ErrorRecord
        }
        $Block.Result = if ($Block.ErrorRecord.Count) { 'Failed' } else { 'Passed' }
        if ($Block.ErrorRecord.Count) { Write-BlockFailure -Block $Block }
    }
    finally {
        $script:Block = $outer
        Clear-TestDrive -Keep $before
    }
}

function Invoke-Test {
    param($Test)

    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $Test.ExpandedPath = (Get-ParentPath -Block $Test.Block) + $Test.Name
    if ($Test.Skip) { $Test.Result = 'Skipped' }
    else {
        $Test.Executed = $true
        $null = & $script:Wrapper.Steps (Get-TestPart -Test $Test)
        $Test.Result = Get-TestResult -Test $Test
    }
    $Test.Duration = $watch.Elapsed
    Write-TestResult -Test $Test
}

function Get-TestPart {
    param($Test)

    $blocks = @(for ($block = $Test.Block; $null -ne $block; $block = $block.Parent) { $block })
    $teardown = @($blocks | ForEach-Object { $_.AfterEach } | Where-Object { $_ })
    [array]::Reverse($blocks)
    @{
        Variables  = Get-DataVariable -Data $Test.Data -HasData $Test.HasData
        Setup      = @($blocks | ForEach-Object { $_.BeforeEach } | Where-Object { $_ })
        NameScript = Get-NameScript -Name $Test.Name
        Rename     = {
            param($name)
            $Test.ExpandedName = $name
            $Test.ExpandedPath = (Get-ParentPath -Block $Test.Block) + $name
        }
        Splat      = $script:Splat
        Body       = $Test.Body
        Teardown   = $teardown
        Errors     = $Test.ErrorRecord
    }
}

function Get-TestResult {
    param($Test)

    if ($Test.ErrorRecord.Count -eq 0) { return 'Passed' }
    switch ($Test.ErrorRecord[0].FullyQualifiedErrorId) {
        'PesterTestSkipped' { return 'Skipped' }
        'PesterTestInconclusive' { return 'Inconclusive' }
    }
    'Failed'
}

function Set-ItResult {
    [CmdletBinding()]
    param(
        [Parameter(ParameterSetName = 'Inconclusive')] [switch] $Inconclusive,
        [Parameter(ParameterSetName = 'Skipped')] [switch] $Skipped,
        [string] $Because
    )

    $kind = $PSCmdlet.ParameterSetName
    $message = "is $($kind.ToLowerInvariant())" + $(if ($Because) { ", because $Because" })
    throw [System.Management.Automation.ErrorRecord]::new([exception]::new($message), "PesterTest$kind", 'InvalidResult', $null)
}
