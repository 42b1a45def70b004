# Reads test files: makes the tree of blocks and decides which of them run.

function Invoke-Discovery {
    # Runs the body of one block, which adds what it holds.
    param([string] $Name, [scriptblock] $Fixture, [hashtable] $More)

    $parent = $script:Block
    $block = New-Block -Name $Name -Parent $parent -Body $Fixture -More $More
    $parent.Items.Add($block)
    $script:Block = $block
    try {
        $part = @{ Body = $Fixture; Variables = Get-DataVariable -Data $block.Data -HasData $block.HasData }
        $null = & $script:Wrapper.Body $part
    }
    finally { $script:Block = $parent }
}

function Find-Test {
    # The root block of one test file. What the file throws is kept as an error of the root.
    param($Container, [hashtable] $Filter)

    $root = New-Block -Name (Split-Path $Container.Path -Leaf) -Parent $null
    $script:Block = $root
    $script:Discovering = $true
    try { $null = & $script:Wrapper.File $Container.Path $Container.Data }
    catch { $root.ErrorRecord.Add($_) }
    finally {
        $script:Discovering = $false
        $script:Block = $null
    }
    Resolve-Selection -Block $root -Filter $Filter
    $root
}

function Resolve-Selection {
    # Decides what runs and what is skipped. A block of which nothing runs does not run its set-up either.
    param($Block, [hashtable] $Filter)

    $anyRuns = $false
    $anyLive = $false
    foreach ($item in $Block.Items) {
        $item.Skip = $item.Skip -or $Block.Skip
        $choice = Get-Selection -Item $item -Parent $Block -Filter $Filter
        $item.Include = $choice -eq 'Include'
        $item.Exclude = $choice -eq 'Exclude'
        $item.ShouldRun = $choice -eq 'Include' -or ($choice -eq 'Undecided' -and $item.ItemType -eq 'Block')
        if ($item.ItemType -eq 'Block') { Resolve-Selection -Block $item -Filter $Filter }
        $anyRuns = $anyRuns -or $item.ShouldRun
        $anyLive = $anyLive -or ($item.ShouldRun -and -not $item.Skip)
    }
    $Block.ShouldRun = $Block.ShouldRun -and $anyRuns
    $Block.Skip = $Block.Skip -or -not $anyLive
}

function Get-Selection {
    param($Item, $Parent, [hashtable] $Filter)

    if ($Parent.Exclude) { return 'Exclude' }
    foreach ($pattern in $Filter.ExcludeTag) {
        if (@($Item.Tag) -like $pattern) { return 'Exclude' }
    }
    if ($Parent.Include) { return 'Include' }
    if (-not $Filter.Tag -and -not $Filter.FullName) {
        return $(if ($Item.ItemType -eq 'Test') { 'Include' } else { 'Undecided' })
    }
    foreach ($pattern in $Filter.Tag) {
        if (@($Item.Tag) -like $pattern) { return 'Include' }
    }
    foreach ($pattern in $Filter.FullName) {
        if ((Get-DottedPath -Item $Item) -like $pattern) { return 'Include' }
    }
    'Undecided'
}

function Get-DottedPath {
    param($Item)

    $parent = if ($Item.ItemType -eq 'Test') { $Item.Block } else { $Item.Parent }
    if ($null -eq $parent.Parent) { return $Item.Name }
    (Get-DottedPath -Item $parent) + '.' + $Item.Name
}
