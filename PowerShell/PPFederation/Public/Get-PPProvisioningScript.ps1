function Get-PPProvisioningScript {
    <#
    .SYNOPSIS
    Writes the provisioning script for Practice Protect: part of step 6 of the runbook.

    .DESCRIPTION
    Returns the script to merge into the provisioning script of the Office 365 application in the Practice Protect portal, with
    the firm's own country. It needs no connection and changes nothing. Keep a copy of the portal's current script first.
    Where that has anything in it, Merge-PPProvisioningScript puts the two lines into it.

    .PARAMETER UsageLocation
    The firm's country, a two-letter code of ISO 3166-1, for example AU.

    .EXAMPLE
    Get-PPProvisioningScript -UsageLocation AU

    Shows the script for an Australian firm.

    .EXAMPLE
    (Get-PPProvisioningScript -UsageLocation NZ).Script | Set-Clipboard

    Puts the script for a firm in New Zealand on the clipboard.

    .OUTPUTS
    PPFederation.ProvisioningScript
    UsageLocation, Script, and Note: what about it is not verified.

    .LINK
    Merge-PPProvisioningScript

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.ProvisioningScript')]
    param(
        [Parameter(Mandatory = $true, ValueFromPipelineByPropertyName = $true)]
        [string]$UsageLocation
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        Invoke-PPJob -Caller $PSCmdlet -Op 'provisioningScript' -Field @{ usageLocation = $UsageLocation }
    }
}
