Set-StrictMode -Version 3.0

foreach ($part in 'Scopes', 'Blocks', 'Discovery', 'TestDrive', 'Run', 'Format', 'Operators', 'Should', 'Report', 'Invoke') {
    . (Join-Path $PSScriptRoot "$part.ps1")
}

Export-ModuleMember -Function Describe, Context, It, BeforeDiscovery, BeforeAll, AfterAll, BeforeEach, AfterEach,
    Should, Set-ItResult, InModuleScope, Invoke-Pester, New-PesterConfiguration, New-PesterContainer
