@{
    RootModule        = 'Pester.psm1'
    ModuleVersion     = '5.7.0'
    GUID              = '5f0d1a6e-8f3c-4a55-9b3e-64cf1d7ad3a2'
    Author            = 'PPFederation contributors'
    Description       = 'A stand-in for the part of Pester 5 that the tests of PPFederation use.'
    PowerShellVersion = '5.1'
    NestedModules     = '..\..\host.dll'
    FunctionsToExport = @(
        'Describe', 'Context', 'It', 'BeforeDiscovery', 'BeforeAll', 'AfterAll', 'BeforeEach', 'AfterEach',
        'Should', 'Set-ItResult', 'InModuleScope', 'Invoke-Pester', 'New-PesterConfiguration', 'New-PesterContainer'
    )
    CmdletsToExport   = @()
    VariablesToExport = @()
    AliasesToExport   = @()
}
