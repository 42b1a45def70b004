function Get-PPHandover {
    <#
    .SYNOPSIS
    Shows the values for the Practice Protect portal, and where each goes: step 6 of the runbook.

    .DESCRIPTION
    Lists in order what to enter in the Practice Protect portal: the authentication method with its identifiers, the
    provisioning script, and the start of the synchronization. The text of the secret is never among them: the row says where
    it comes from, and which of several is in place. Nothing is changed. A provisioning script that is there takes the lines by Merge-PPProvisioningScript.

    .PARAMETER UsageLocation
    The firm's country, a two-letter code of ISO 3166-1, for example AU. With it, the provisioning script is among the rows.

    .EXAMPLE
    Get-PPHandover -UsageLocation AU

    Lists the values for an Australian firm.

    .EXAMPLE
    Get-PPHandover | Format-List

    Shows each value with its note.

    .OUTPUTS
    PPFederation.HandoverItem
    Order, Place, Field, Value and Note.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.HandoverItem')]
    param(
        [Shared()]$Connection,
        [Shared()]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,
        [Shared('AdoptOnce')]$Adopt,

        [string]$UsageLocation
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        Invoke-PPJob -Caller $PSCmdlet -Op 'handover' -Field $field
    }
}
