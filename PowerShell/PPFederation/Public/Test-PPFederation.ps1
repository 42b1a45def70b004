function Test-PPFederation {
    <#
    .SYNOPSIS
    Tells whether the Microsoft 365 half of the runbook is complete.

    .DESCRIPTION
    Observes the tenant and returns True when every step is done, and False otherwise. Each reason for a False is a warning;
    Get-PPFederationStatus and Get-PPPermission show the details. What cannot be read counts as not done.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
    last connection that Connect-PPTenant made in this session is used.

    .PARAMETER DisplayName
    The display name of the application. Without it: Practice Protect Federation.

    .PARAMETER Adopt
    Takes over an existing application of the same display name that was not made by this module, if there is exactly one.
    Without it such an application is reported and left alone.

    .EXAMPLE
    Test-PPFederation

    True or False.

    .EXAMPLE
    if (-not (Test-PPFederation -WarningVariable reason)) { $reason }

    Keeps the reasons.

    .OUTPUTS
    System.Boolean
    True when every step is done.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(ValueFromPipeline = $true)]
        [ValidateNotNull()]
        [psobject]$Connection,

        [string]$DisplayName,

        [switch]$Adopt
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        $field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection
        $result = Invoke-PPJob -Caller $PSCmdlet -Op 'test' -Field $field
        if ($result) {
            [bool]$result.Passed
        }
    }
}
