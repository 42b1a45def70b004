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
        throw "This session has already loaded PPFederation from '$($loaded.Assembly.Location)'. Open a new session to use the one at '$path'."
    }
    if (-not [System.IO.File]::Exists($path)) {
        throw "The module is incomplete: '$path' is missing. Install the module again; from a source tree, run build.ps1 Build and import the module that it makes."
    }
    [void][System.Reflection.Assembly]::LoadFrom($path)
    try {
        [void][PPFederation.Native.Library]::Open($Version.Replace('0.0.0', ''))
    }
    catch {
        # Without the words that PowerShell puts around the exception of a method.
        throw $_.Exception.InnerException.Message
    }
    # From then on PowerShell takes colours out where $PSStyle.OutputRendering or NO_COLOR says so.
    [PPFederation.Native.ViewText]::Coloured = $PSVersionTable.PSVersion -ge '7.2'
}
