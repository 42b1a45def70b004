function Merge-PPProvisioningScript {
    <#
    .SYNOPSIS
    Puts the runbook's two lines into a provisioning script that is there: part of step 6 of the runbook.

    .DESCRIPTION
    Adds destination.UsageLocation, with the firm's own country, and destination.Mail at the end of the script's
    if (isPerson()) { } block, in the block's indentation and line ends. Every other byte stays. Where the script has no such block, one
    is put at its end. A line that is there is not added again: merging twice changes nothing.

    What was merged is run in a sandbox before it is given back: both lines have to take effect for people, and all else has to come out
    as before. Where that isn't so, or where it isn't clear where the lines belong (several blocks, isPerson() within another condition,
    another value for the same property), an error names the place, and nothing is changed.

    It needs no connection and enters nothing in the portal: copy the portal's script from there, and the merged one back. Keep a copy of
    the first. Test-PPProvisioningScript shows what it would write for your users.

    .PARAMETER UsageLocation
    The country to set for everybody, a two-letter code of ISO 3166-1, for example AU.

    .PARAMETER Script
    The script as it is in the portal. Lines that come one by one through the pipeline are put together; use Get-Content -Raw to keep the
    ends of its lines.

    .PARAMETER AcceptConflict
    Goes on where something in the script may be in the way: takes the last of several blocks, puts a block at the end where isPerson() is
    used in another way, and comes after what sets the same properties. That the lines take effect is tried all the same.

    .PARAMETER OutFile
    The file to write the merged script to. Its owner alone may read it.

    .PARAMETER Force
    Overwrites -OutFile where it is there.

    .EXAMPLE
    Merge-PPProvisioningScript -Path ./script.js -UsageLocation AU -OutFile ./merged.js

    Writes the merged script to a file, and shows which lines were added and where.

    .EXAMPLE
    (Get-Clipboard -Raw | Merge-PPProvisioningScript -UsageLocation NZ).Script | Set-Clipboard

    Merges the script on the clipboard.

    .OUTPUTS
    PPFederation.MergedScript
    UsageLocation, Result (Inserted, Appended, AlreadyThere), Line, Added, Path, Script, and Note: what about it is not verified.

    .LINK
    Get-PPProvisioningScript

    .LINK
    Test-PPProvisioningScript

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(DefaultParameterSetName = 'File', SupportsShouldProcess = $true, ConfirmImpact = 'Low', PositionalBinding = $false)]
    [OutputType('PPFederation.MergedScript')]
    param(
        [Parameter(Mandatory = $true)]
        [string]$UsageLocation,

        [Parameter(Mandatory = $true, ParameterSetName = 'Text', ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [AllowEmptyString()]
        [string]$Script,

        [Shared('ScriptPath')]$Path,

        [switch]$AcceptConflict,

        [ValidateNotNullOrEmpty()]
        [string]$OutFile,

        [switch]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
        $pieces = [System.Collections.Generic.List[string]]::new()
    }
    process {
        if ($PSCmdlet.ParameterSetName -eq 'Text') {
            $pieces.Add($Script)
        }
    }
    end {
        $field = @{
            script         = Get-PPGivenScript -Caller $PSCmdlet -Bound $PSBoundParameters -Text ($pieces -join "`n")
            usageLocation  = $UsageLocation
            acceptConflict = [bool]$AcceptConflict
        }
        if ($PSBoundParameters.ContainsKey('OutFile')) {
            $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutFile)
            if ($PSCmdlet.ShouldProcess($file, 'Write the merged provisioning script to the file')) {
                $field.outFile = $file
                $field.force = [bool]$Force
            }
        }
        Invoke-PPJob -Caller $PSCmdlet -Op 'mergeScript' -Field $field
    }
}
