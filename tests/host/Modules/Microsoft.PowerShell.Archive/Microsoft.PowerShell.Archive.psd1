@{
    ModuleVersion     = '7.0.0.0'
    GUID              = 'eb74e8da-9ae2-482a-a648-e96550fb8733'
    Author            = 'PPFederation contributors'
    Description       = 'Stand-ins for the Archive cmdlets that the build script, the module and the tests use.'
    PowerShellVersion = '5.1'
    NestedModules     = '..\..\host.dll'
    CmdletsToExport   = @(
        'Compress-Archive', 'Expand-Archive'
    )
    FunctionsToExport = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
