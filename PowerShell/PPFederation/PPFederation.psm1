# The source of the module's root. build.ps1 puts the functions themselves in place of the line that names them, an explicit
# export list after them (App Control refuses a trusted module that dot-sources and exports by wildcard), and the version.
Set-StrictMode -Version 3.0

# PowerShell fills a table of the process when the first function with CmdletBinding is defined, and without a lock: of two runspaces
# that import at the same moment one would lack that function (TypeAccelerators.Get). So one after the other.
if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') {
    [System.Threading.Monitor]::Enter([psobject])
    try {
        & { function Invoke-Nothing { [CmdletBinding()] param() } }
    }
    finally {
        [System.Threading.Monitor]::Exit([psobject])
    }
}

# functions

# Before anything that Constrained Language Mode refuses; a module that the policy trusts runs in full language there too.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Exit-PPImport -Id 'LanguageModeConstrained' -Category PermissionDenied -Message (
        "PPFederation can't work in PowerShell's $($ExecutionContext.SessionState.LanguageMode) mode, which App Control (WDAC), AppLocker or " +
        "whoever made this session sets: have the module's folder '$PSScriptRoot' signed by a publisher that the policy trusts, or allowed in the policy, or use a session in full language.")
}

# What Tab offers as -KeyId: the client secrets that this session has seen, by their ids.
$script:PPSeenSecret = @{}

foreach ($name in 'AppId', 'CertificateThumbprint', 'ClientSecretLifetime', 'Connection', 'DisplayName', 'KeyId', 'ObjectId', 'PlanHash',
    'SecretSink', 'TenantId', 'TenantName', 'UsageLocation') {
    Register-ArgumentCompleter -ParameterName $name -ScriptBlock { Complete-PPParameter -ParameterName $args[1] -WordToComplete $args[2] } -CommandName @(
        # commands
    )
}

Import-PPBridge -Folder "$PSScriptRoot/bin" -Version '0.0.0'

# The connections of this session, and the one that cmdlets without -Connection use.
$script:PPSession = [PPFederation.Native.Session]::new()

# The bridge's classes by the names that the library's rows have, from the first row on.
$script:PPRowType = @{}

# Whose they are, the closed ones too: errors name the tenant.
$script:PPWhose = @{}
