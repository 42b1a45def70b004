@{
    ModuleVersion     = '7.0.0.0'
    GUID              = 'eefcb906-b326-4e99-9f54-8b4bb6ef3c6d'
    Author            = 'PPFederation contributors'
    Description       = 'Stand-ins for the Management cmdlets that the build script, the module and the tests use.'
    PowerShellVersion = '5.1'
    NestedModules     = '..\..\host.dll'
    CmdletsToExport   = @(
        'Add-Content', 'Clear-Content', 'Convert-Path', 'Copy-Item', 'Get-ChildItem', 'Get-Content', 'Get-Item',
        'Get-Location', 'Get-PSDrive', 'Get-Process', 'Join-Path', 'Move-Item', 'New-Item', 'New-PSDrive',
        'Pop-Location', 'Push-Location', 'Remove-Item', 'Remove-PSDrive', 'Rename-Item', 'Resolve-Path',
        'Set-Content', 'Set-Item', 'Set-Location', 'Split-Path', 'Start-Process', 'Stop-Process', 'Test-Path',
        'Wait-Process'
    )
    FunctionsToExport = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
