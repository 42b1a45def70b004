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

    # .NET in place of Join-Path and Test-Path: their module would be loaded for these two calls alone.
    $path = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($Folder, 'PPFederation.Native.dll'))
    $loaded = $null
    foreach ($assembly in [System.AppDomain]::CurrentDomain.GetAssemblies()) {
        if ($assembly.FullName.StartsWith('PPFederation.Native,')) {
            $loaded = $assembly
        }
    }
    if ($loaded -and $loaded.Location -ne $path) {
        throw "This session has already loaded PPFederation from '$($loaded.Location)'. Open a new session to use the one at '$path'."
    }
    if (-not [System.IO.File]::Exists($path)) {
        throw "The module is incomplete: '$path' is missing. Install the module again; from a source tree, run build.ps1 Build and import the module that it makes."
    }
    if (-not $loaded) {
        [void][System.Reflection.Assembly]::LoadFrom($path)
    }
    try {
        [void][PPFederation.Native.Library]::Open($Version.Replace('0.0.0', ''))
    }
    catch {
        # Without the words that PowerShell puts around the exception of a method.
        throw $_.Exception.InnerException.Message
    }
}
