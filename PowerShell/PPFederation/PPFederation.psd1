@{
    RootModule             = 'PPFederation.psm1'
    # The version lives in Cargo.toml; build.ps1 writes it here.
    ModuleVersion          = '0.0.0'
    GUID                   = 'b4d2f939-4c75-437d-9568-dc14b770290e'
    Author                 = 'PPFederation contributors'
    CompanyName            = 'PPFederation contributors'
    Copyright              = '(c) PPFederation contributors. MIT licence.'
    Description            = 'Federates a Microsoft 365 tenant with Practice Protect by token-based authentication: directory synchronization, application, permissions, consent, role and secret, planned first and checked afterwards.'
    PowerShellVersion      = '5.1'
    CompatiblePSEditions   = @('Desktop', 'Core')
    DotNetFrameworkVersion = '4.7.2'
    ProcessorArchitecture  = 'None'
    FormatsToProcess       = @('PPFederation.Format.ps1xml')
    FunctionsToExport      = @(
        'Compare-PPAttribute'
        'Connect-PPTenant'
        'Disable-PPDirSync'
        'Disconnect-PPTenant'
        'Export-PPAttributeBackup'
        'Export-PPReport'
        'Find-PPTenant'
        'Get-PPAttributeOwnership'
        'Get-PPClientSecret'
        'Get-PPConnection'
        'Get-PPDirSync'
        'Get-PPFederationApp'
        'Get-PPFederationStatus'
        'Get-PPHandover'
        'Get-PPLedger'
        'Get-PPPermission'
        'Get-PPPlan'
        'Invoke-PPFleet'
        'Invoke-PPRunbook'
        'New-PPClientSecret'
        'New-PPFederationApp'
        'New-PPSignInClient'
        'Get-PPProvisioningScript'
        'Merge-PPProvisioningScript'
        'Remove-PPClientSecret'
        'Remove-PPFederationApp'
        'Remove-PPSignInClient'
        'Restore-PPAttribute'
        'Restore-PPFederationApp'
        'Save-PPClientSecret'
        'Select-PPConnection'
        'Show-PPClientSecret'
        'Test-PPFederation'
        'Test-PPProvisioningScript'
        'Undo-PPRunbook'
        'Update-PPClientSecret'
        'Wait-PPDirSync'
    )
    CmdletsToExport        = @()
    VariablesToExport      = @()
    AliasesToExport        = @()
    # Every file of the module; build.ps1 writes them here.
    FileList               = @()
    PrivateData            = @{
        PSData = @{
            Tags         = @('PracticeProtect', 'Microsoft365', 'Entra', 'Graph', 'Federation', 'PSEdition_Desktop', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            ProjectUri   = 'https://github.com/ppfederation/ppfederation'
            LicenseUri   = 'https://github.com/ppfederation/ppfederation/blob/main/LICENSE'
            ReleaseNotes = 'https://github.com/ppfederation/ppfederation/blob/main/CHANGELOG.md'
            Prerelease   = ''
        }
    }
}
