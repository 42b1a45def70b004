function Read-PPDeletedChoice {
    # Asks what becomes of a deleted application that keeps the name: Restore, Purge or Ignore; nothing where the answer is to stop,
    # or where nobody can be asked.
    param($Caller, $Failure)

    if ($WhatIfPreference -or $ConfirmPreference -eq 'None') {
        return
    }
    $offer = [System.Management.Automation.Host.ChoiceDescription[]]@(
        [System.Management.Automation.Host.ChoiceDescription]::new('&Restore', 'Bring it back, with its ids and client secrets.')
        [System.Management.Automation.Host.ChoiceDescription]::new('&Purge', 'Delete it for good, and make another.')
        [System.Management.Automation.Host.ChoiceDescription]::new('&Ignore', 'Make another beside it, found by its tag.')
        [System.Management.Automation.Host.ChoiceDescription]::new('&Stop', 'Change nothing.')
    )
    try {
        $picked = $Caller.Host.UI.PromptForChoice('The application was deleted', $Failure.Message, $offer, 3)
    }
    catch {
        Write-Verbose -Message "Nobody can be asked: $($_.Exception.GetBaseException().Message)"
        return
    }
    ('Restore', 'Purge', 'Ignore', '')[$picked]
}
