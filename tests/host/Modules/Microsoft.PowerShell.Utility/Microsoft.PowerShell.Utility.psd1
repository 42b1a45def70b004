@{
    ModuleVersion     = '7.0.0.0'
    GUID              = '1da87e53-152b-403e-98dc-74d7b4d63d59'
    Author            = 'PPFederation contributors'
    Description       = 'Stand-ins for the Utility cmdlets that the build script, the module and the tests use.'
    PowerShellVersion = '5.1'
    NestedModules     = '..\..\host.dll'
    CmdletsToExport   = @(
        'Add-Member', 'Add-Type', 'Clear-Variable', 'Compare-Object', 'ConvertFrom-Json', 'ConvertTo-Json',
        'Export-Clixml', 'Format-List', 'Format-Table', 'Get-Alias', 'Get-Culture', 'Get-Date', 'Get-FileHash',
        'Get-Host', 'Get-Member', 'Get-PSCallStack', 'Get-Random', 'Get-UICulture', 'Get-Variable',
        'Group-Object', 'Import-Clixml', 'Import-PowerShellDataFile', 'Invoke-Expression', 'Invoke-RestMethod',
        'Invoke-WebRequest', 'Measure-Command', 'Measure-Object', 'New-Alias', 'New-Guid', 'New-Object',
        'New-TimeSpan', 'New-Variable', 'Out-File', 'Out-String', 'Read-Host', 'Remove-Variable',
        'Select-Object', 'Select-String', 'Set-Alias', 'Set-Variable', 'Sort-Object', 'Start-Sleep',
        'Tee-Object', 'Write-Debug', 'Write-Error', 'Write-Host', 'Write-Information', 'Write-Output',
        'Write-Progress', 'Write-Verbose', 'Write-Warning'
    )
    FunctionsToExport = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
