@{
    ModuleVersion     = '7.0.0.0'
    GUID              = 'a94c8c7e-9810-47c0-b8af-65089c13a35a'
    Author            = 'PPFederation contributors'
    Description       = 'Stand-ins for the Security cmdlets that the build script, the module and the tests use.'
    PowerShellVersion = '5.1'
    NestedModules     = '..\..\host.dll'
    CmdletsToExport   = @(
        'ConvertFrom-SecureString', 'ConvertTo-SecureString', 'Get-Credential', 'Get-ExecutionPolicy'
    )
    FunctionsToExport = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
