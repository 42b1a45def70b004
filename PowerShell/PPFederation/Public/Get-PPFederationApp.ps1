function Get-PPFederationApp {
    <#
    .SYNOPSIS
    Shows the application and the identifiers to record: step 4 of the runbook.

    .DESCRIPTION
    Finds the application that New-PPFederationApp or Invoke-PPRunbook made and returns its identifiers. It is an error when
    there is none, and when there are two that fit: both are listed then.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
    last connection that Connect-PPTenant made in this session is used.

    .PARAMETER DisplayName
    The display name of the application. Without it: Practice Protect Federation.

    .PARAMETER Adopt
    Takes over an existing application of the same display name that was not made by this module, if there is exactly one.
    Without it such an application is reported and left alone.

    .EXAMPLE
    Get-PPFederationApp

    Shows the application's identifiers.

    .EXAMPLE
    Get-PPFederationApp | Select-Object -Property TenantId, AppId, ObjectId

    Shows the three identifiers that the runbook asks to record.

    .OUTPUTS
    PPFederation.App
    TenantId, AppId, ObjectId, ServicePrincipalId and DisplayName. The text of a secret cannot be read again.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding()]
    [OutputType('PPFederation.App')]
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
        Invoke-PPJob -Caller $PSCmdlet -Op 'app' -Field $field
    }
}
