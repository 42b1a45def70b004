function Get-PPClientSecret {
    <#
    .SYNOPSIS
    Lists the client secrets of the application: id, name, dates, and whether they work.

    .DESCRIPTION
    Returns a row for each client secret that the application has, the oldest first. The text of a secret cannot be read
    again; the hint, its first characters, tells one from another. Secrets of another name than PPToken, which the runbook
    did not make, are listed too. Certificates are not.

    .PARAMETER Connection
    The connection to use, as Connect-PPTenant returned it; connections can be piped, one after the other. Without it, the
    last connection that Connect-PPTenant made in this session is used.

    .PARAMETER DisplayName
    The display name of the application. Without it: Practice Protect Federation.

    .PARAMETER Adopt
    Takes over an existing application of the same display name that was not made by this module, if there is exactly one.
    Without it such an application is reported and left alone.

    .EXAMPLE
    Get-PPClientSecret

    Lists the secrets.

    .EXAMPLE
    Get-PPClientSecret | Where-Object DaysLeft -lt 30

    Lists those that end within 30 days, and those that have ended.

    .EXAMPLE
    Get-PPClientSecret | Where-Object State -eq 'Expired' | Remove-PPClientSecret

    Removes the secrets that have ended, after asking for each.

    .OUTPUTS
    PPFederation.ClientSecret
    TenantId, AppId, KeyId, Name, Hint, StartDateTime, EndDateTime, DaysLeft (whole days, negative once it has ended), State
    (Valid, Expired, NotYetValid), OfRunbook (its name is PPToken), Detail.

    .LINK
    Remove-PPClientSecret
    #>
    [CmdletBinding()]
    [OutputType('PPFederation.ClientSecret')]
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
        Invoke-PPJob -Caller $PSCmdlet -Op 'clientSecrets' -Field $field
    }
}
