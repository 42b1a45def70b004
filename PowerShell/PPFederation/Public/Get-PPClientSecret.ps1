function Get-PPClientSecret {
    <#
    .SYNOPSIS
    Lists the client secrets of the application: id, name, dates, and whether they work.

    .DESCRIPTION
    Returns a row for each client secret that the application has, the oldest first. The text of a secret cannot be read
    again; the hint, its first characters, tells one from another. Secrets of another name than PPToken, which the runbook
    did not make, are listed too. Certificates are not.

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
        [Shared()]$Connection,
        [Shared()]$DisplayName,
        [Shared('AdoptOnce')]$Adopt
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
