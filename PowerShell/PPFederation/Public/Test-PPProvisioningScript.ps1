function Test-PPProvisioningScript {
    <#
    .SYNOPSIS
    Shows what a provisioning script would write for each user of the portal, without the portal.

    .DESCRIPTION
    Runs the script in a sandbox on this computer, once for each user, and returns a row for each: what it sets and adds, what it
    traces, whether it rejects the user, or why it fails, with line and column. Names that no documentation knows are listed, with the
    name that may have been meant, and so is what the user doesn't have: those are null to the script.

    It needs no connection. The script reaches no file, network, secret or other user, and is stopped when it takes too long or too
    much memory. The portal's own engine is not documented: it may do some of this differently, which each row says in Note.

    Users come from a file (-UserPath) or through the pipeline. Without any, the script is run once for somebody who has nothing.

    .PARAMETER Script
    The script to try, as one text.

    .PARAMETER UserPath
    A CSV or JSON file of the portal's users. A column is known to the script by its name, and by Username, DisplayName or
    CanonicalizeName where it is that. Those that are Mail, ImmutableId or ObjectId are known by these names, too, but no documentation
    of the portal has them: where the column is called otherwise, as Email, the name is listed in Undocumented with the column's.

    .PARAMETER InputObject
    Users of the portal to try the script with, as Import-Csv gives them.

    .PARAMETER Group
    Runs the script as for groups: isGroup() is true, and isPerson() isn't.

    .PARAMETER TimeoutSec
    How many seconds the script may take for one user. Without it: 5. A few functions of the engine's own, as join, look at the time
    only when they are done; Ctrl+C ends the command all the same.

    .EXAMPLE
    Test-PPProvisioningScript -Path ./script.js -UserPath ./portal-users.csv

    Shows a row for each user of the file.

    .EXAMPLE
    Import-Csv ./portal-users.csv | Where-Object Department -eq 'Tax' | Test-PPProvisioningScript -Path ./script.js | Format-List

    Shows all that is known of each run, for some of the users.

    .EXAMPLE
    Test-PPProvisioningScript -Path ./script.js -UserPath ./portal-users.csv | Where-Object Result -ne 'Written'

    Shows who is rejected, and for whom the script fails.

    .OUTPUTS
    PPFederation.ScriptResult
    Place, User, Result (Written, Rejected, Failed), Detail, Written, Trace, Error, Line, Column, Absent, Undocumented, Varying, Note.

    .LINK
    Merge-PPProvisioningScript

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(DefaultParameterSetName = 'File', PositionalBinding = $false)]
    [OutputType('PPFederation.ScriptResult')]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'Text')]
        [AllowEmptyString()]
        [string]$Script,

        [Shared('ScriptPath')]$Path,

        [ValidateNotNullOrEmpty()]
        [string]$UserPath,

        [Parameter(ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$InputObject,

        [Shared()]$ColumnMap,

        [switch]$Group,

        [ValidateRange(1, 3600)]
        [int]$TimeoutSec = 5
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
        $users = [System.Collections.Generic.List[object]]::new()
    }
    process {
        if ($PSBoundParameters.ContainsKey('InputObject')) {
            $users.Add((ConvertTo-PPGivenUser -InputObject $InputObject))
        }
    }
    end {
        $field = @{
            script         = Get-PPGivenScript -Caller $PSCmdlet -Bound $PSBoundParameters -Text $Script
            group          = [bool]$Group
            timeoutSeconds = $TimeoutSec
        }
        if ($PSBoundParameters.ContainsKey('UserPath')) {
            $field.userPath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($UserPath)
        }
        Add-PPGivenUser -Field $field -User $users -Bound $PSBoundParameters
        Invoke-PPJob -Caller $PSCmdlet -Op 'testScript' -Field $field
    }
}
