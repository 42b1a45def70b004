function Import-PPBridge {
    # Loads the bridge and its native library, and refuses parts of another version. One process can hold one bridge only:
    # a second copy from another folder would silently use the first folder's native library.
    param(
        [Parameter(Mandatory = $true)]
        [string]$Folder,

        # The module's version; 0.0.0 is the source tree, which has none.
        [Parameter(Mandatory = $true)]
        [string]$Version
    )

    # .NET in place of Join-Path and Test-Path: their module would be loaded for these two calls alone. Few calls, since the
    # engine compiles each: asking every assembly of the process for its name took longer than loading the bridge.
    $path = [System.IO.Path]::GetFullPath("$Folder/PPFederation.Native.dll")
    $loaded = 'PPFederation.Native.Library' -as [type]
    if ($loaded -and $loaded.Assembly.Location -ne $path) {
        Exit-PPImport -Id 'ModuleLoadedElsewhere' -Category ResourceExists -Message "This session has already loaded PPFederation from '$($loaded.Assembly.Location)'. Open a new session to use the one at '$path'."
    }
    if (-not [System.IO.File]::Exists($path)) {
        Exit-PPImport -Id 'ModuleIncomplete' -Category ObjectNotFound -Message "The module is incomplete: '$path' is missing. Install the module again; from a source tree, run build.ps1 Build and import the module that it makes."
    }
    if ($PSVersionTable.PSEdition -eq 'Desktop') {
        $key = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full'
        Assert-PPFramework -Release ([Microsoft.Win32.Registry]::GetValue($key, 'Release', 0))
    }
    try {
        [void][System.Reflection.Assembly]::LoadFrom($path)
        [void][PPFederation.Native.Library]::Open($Version.Replace('0.0.0', ''))
    }
    catch {
        Exit-PPFailedLoad -Path $path -Failure $_.Exception
    }
    # From then on PowerShell takes colours out where $PSStyle.OutputRendering or NO_COLOR says so.
    [PPFederation.Native.ViewText]::Coloured = $PSVersionTable.PSVersion -ge '7.2'
}

function Assert-PPFramework {
    # Ends the import where the .NET Framework of Windows PowerShell is older than 4.7.2, the first with all of .NET Standard 2.0.
    # Its number in the registry is from "How to determine which .NET Framework versions are installed".
    param($Release)

    if ($Release -lt 461808) {
        Exit-PPImport -Id 'ProcessUnfit' -Category InvalidOperation -Message "PPFederation needs .NET Framework 4.7.2 or later in Windows PowerShell, and this computer has an older one (release $Release): install .NET Framework 4.8, or use PowerShell 7."
    }
}

function Exit-PPFailedLoad {
    # Ends the import since the bridge or its library can't be loaded, with the reason.
    param([string]$Path, [System.Exception]$Failure)

    # Without the words that PowerShell puts around the exception of a method.
    $reason = if ($Failure.InnerException) { $Failure.InnerException } else { $Failure }
    if ($reason -is [System.PlatformNotSupportedException]) {
        Exit-PPImport -Id 'ProcessUnfit' -Category InvalidOperation -Message $reason.Message
    }
    if ($reason -is [System.UnauthorizedAccessException]) {
        Exit-PPImport -Id 'LibraryBlocked' -Category PermissionDenied -Message $reason.Message
    }
    # What .NET Framework says of an assembly with the mark of the web.
    if ($reason.HResult -eq 0x80131515) {
        Exit-PPImport -Id 'LibraryBlocked' -Category PermissionDenied -Message "Windows blocks '$Path', because it is marked as coming from the Internet: run Get-ChildItem -LiteralPath '$PSScriptRoot' -Recurse | Unblock-File, and import the module in a new session."
    }
    # The library's own errors say what to do; those of .NET say what is wrong with a file.
    $what = if ($reason -is [System.InvalidOperationException]) { $reason.Message } else { "The module is damaged: '$Path' can't be loaded ($($reason.Message.TrimEnd('.'))). Install the module again." }
    Exit-PPImport -Id 'ModuleIncomplete' -Category ObjectNotFound -Message $what
}
