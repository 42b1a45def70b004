function Write-PPClosing {
    # The sentence that a writing cmdlet ends with: whose it is, how it stands and what comes next. For the information stream,
    # so that it is seen with -InformationAction Continue or 6>, and no script is in its way.
    param(
        # A row that says whose it is.
        [Parameter(Mandatory = $true)]
        $Row,

        [Parameter(Mandatory = $true)]
        [string]$Text
    )

    $whose = [PPFederation.Native.ViewText]::Tenant($Row.TenantName, $Row.TenantId)
    Write-Information -MessageData "${whose}: $Text" -Tags 'PPFederation'
}

function Write-PPWhatIf {
    # What -WhatIf has to say where ShouldProcess isn't asked, in the same words and as it does: by the host.
    param(
        [Parameter(Mandatory = $true)]
        [string]$Text
    )

    Write-PPShown -Text "What if: $Text"
}

function Write-PPShown {
    # A sentence that is shown under every preference, where a command that returns nothing would say nothing at all.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)]
        [string]$Text
    )

    # Write-Information refuses the tag that makes it so, the method doesn't.
    $InformationPreference = 'Continue'
    $PSCmdlet.WriteInformation($Text, [string[]]('PPFederation', 'PSHOST'))
}
