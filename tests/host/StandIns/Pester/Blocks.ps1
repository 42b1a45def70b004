# What a test file says during discovery. Blocks and tests become objects; bodies of tests and set-ups are kept
# for the run.

function New-Block {
    param([string] $Name, $Parent, [scriptblock] $Body, [hashtable] $More = @{})

    $block = [pscustomobject] @{
        ItemType      = 'Block'; Name = $Name; ExpandedName = $Name; ExpandedPath = $Name; Parent = $Parent; Body = $Body
        Line          = 0; Tag = @(); Skip = $false; Data = $null; HasData = $false; CommandUsed = 'Describe'
        Items         = [System.Collections.Generic.List[object]]::new()
        BeforeAll     = $null; AfterAll = $null; BeforeEach = $null; AfterEach = $null
        ShouldRun     = $true; Include = $false; Exclude = $false; Result = 'NotRun'; Executed = $false
        ErrorRecord   = [System.Collections.Generic.List[object]]::new()
    }
    foreach ($key in $More.Keys) { $block.$key = $More[$key] }
    $block
}

function Assert-Discovery {
    param([string] $Command)

    if ($null -eq $script:Block) { throw "$Command works only in a test file that Invoke-Pester runs." }
    if (-not $script:Discovering) { throw "$Command was called while the tests run. It belongs directly in a file, Describe or Context." }
}

function Add-Block {
    param([string] $Name, [scriptblock] $Fixture, [hashtable] $More, [bool] $HasForEach, $ForEach)

    Assert-Discovery -Command $More.CommandUsed
    if ($null -eq $Fixture) { throw 'No test fixture is provided. (Have you put the open curly brace on the next line?)' }
    if (-not $HasForEach) { return Invoke-Discovery -Name $Name -Fixture $Fixture -More $More }
    foreach ($entry in @($ForEach)) {
        Invoke-Discovery -Name $Name -Fixture $Fixture -More ($More + @{ Data = $entry; HasData = $true })
    }
}

function Describe {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Alias('Tags')] [string[]] $Tag = @(),
        [Parameter(Position = 1)] [ValidateNotNull()] [scriptblock] $Fixture,
        [switch] $Skip,
        $ForEach
    )

    $more = @{ CommandUsed = 'Describe'; Line = $MyInvocation.ScriptLineNumber; Tag = $Tag; Skip = [bool] $Skip }
    Add-Block -Name $Name -Fixture $Fixture -More $more -HasForEach $PSBoundParameters.ContainsKey('ForEach') -ForEach $ForEach
}

function Context {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Alias('Tags')] [string[]] $Tag = @(),
        [Parameter(Position = 1)] [ValidateNotNull()] [scriptblock] $Fixture,
        [switch] $Skip,
        $ForEach
    )

    $more = @{ CommandUsed = 'Context'; Line = $MyInvocation.ScriptLineNumber; Tag = $Tag; Skip = [bool] $Skip }
    Add-Block -Name $Name -Fixture $Fixture -More $more -HasForEach $PSBoundParameters.ContainsKey('ForEach') -ForEach $ForEach
}

function It {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Position = 1)] [scriptblock] $Test,
        [Alias('TestCases')] [object[]] $ForEach,
        [Alias('Tags')] [string[]] $Tag = @(),
        [switch] $Skip
    )

    Assert-Discovery -Command 'It'
    if ($null -eq $script:Block.Parent) { throw 'Test cannot be directly in the root.' }
    if ($null -eq $Test) { throw 'No test scriptblock is provided. Did you put the opening curly brace on the next line?' }
    $hasData = $PSBoundParameters.ContainsKey('ForEach')
    $entries = [object[]]::new(1)
    if ($hasData) { $entries = @($ForEach) }
    foreach ($entry in $entries) {
        $script:Block.Items.Add([pscustomobject] @{
                ItemType  = 'Test'; Name = $Name; ExpandedName = $Name; ExpandedPath = $Name; Block = $script:Block; Body = $Test
                Line      = $MyInvocation.ScriptLineNumber; Tag = $Tag; Skip = [bool] $Skip; Data = $entry; HasData = $hasData
                ShouldRun = $true; Include = $false; Exclude = $false; Result = 'NotRun'; Executed = $false
                Duration  = [timespan]::Zero; ErrorRecord = [System.Collections.Generic.List[object]]::new()
            })
    }
}

function Set-BlockScript {
    param([string] $Name, [scriptblock] $Script)

    Assert-Discovery -Command $Name
    # Pester would silently keep the last one only.
    if ($null -ne $script:Block.$Name) { throw "There are two $Name in '$($script:Block.Name)'. Pester keeps only the last; make them one." }
    if ($null -eq $script:Block.Parent -and $Name -like '*Each') { throw "$Name is not supported in root (directly in the file)." }
    $script:Block.$Name = $Script
}

function BeforeAll {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 1)] [scriptblock] $Scriptblock)

    Set-BlockScript -Name BeforeAll -Script $Scriptblock
}

function AfterAll {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 1)] [scriptblock] $Scriptblock)

    Set-BlockScript -Name AfterAll -Script $Scriptblock
}

function BeforeEach {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 1)] [scriptblock] $Scriptblock)

    Set-BlockScript -Name BeforeEach -Script $Scriptblock
}

function AfterEach {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 1)] [scriptblock] $Scriptblock)

    Set-BlockScript -Name AfterEach -Script $Scriptblock
}

function BeforeDiscovery {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [scriptblock] $ScriptBlock)

    Assert-Discovery -Command 'BeforeDiscovery'
    . $ScriptBlock
}

function InModuleScope {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $ModuleName,
        [Parameter(Mandatory)] [scriptblock] $ScriptBlock,
        [hashtable] $Parameters = @{}
    )

    $module = @(Get-Module -Name $ModuleName)
    if ($module.Count -ne 1) { throw "$($module.Count) modules named '$ModuleName' are loaded; InModuleScope needs exactly one." }
    & $module[0] $ScriptBlock @Parameters
}
