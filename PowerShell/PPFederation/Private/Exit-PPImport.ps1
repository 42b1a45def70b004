function Exit-PPImport {
    # Ends the import of the module with an error that has an id and is the only one. Of the language that Constrained
    # Language Mode allows alone: there an error record can't be made but by a cmdlet, and thrown.
    param(
        # Without "PPFederation." in front.
        [string]$Id,
        [string]$Category,
        # A sentence that says what to do too: nothing else is shown of it in Windows PowerShell.
        [string]$Message
    )

    try {
        Write-Error -ErrorId "PPFederation.$Id" -Category $Category -Message $Message -ErrorAction Stop
    }
    catch {
        throw $_
    }
}
