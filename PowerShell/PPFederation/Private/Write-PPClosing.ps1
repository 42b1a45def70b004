function Write-PPClosing {
    # The sentence that a writing cmdlet ends with: whose it is, how it stands and what comes next. For the information stream,
    # so that it is seen with -InformationAction Continue or 6>, and no script is in its way.
    param(
        # A row that says whose it is.
        [Parameter(Mandatory = $true, ParameterSetName = 'Row')]
        $Row,

        # Whose it is, where it is several tenants'.
        [Parameter(Mandatory = $true, ParameterSetName = 'Whose')]
        [string]$Whose,

        [Parameter(Mandatory = $true)]
        [string]$Text
    )

    if ($PSCmdlet.ParameterSetName -eq 'Row') {
        $Whose = [PPFederation.Native.ViewText]::Tenant($Row.TenantName, $Row.TenantId)
    }
    Write-Information -MessageData "${Whose}: $Text" -Tags 'PPFederation'
}

function Get-PPCountText {
    # How many rows came to which result, as "2 Done, 1 Failed".
    param(
        # The numbers by the results.
        [Parameter(Mandatory = $true)]
        [hashtable]$Count
    )

    @($Count.GetEnumerator() | Sort-Object -Property Name | ForEach-Object { "$($_.Value) $($_.Name)" }) -join ', '
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
