function Get-PPFederationApp {
    <#
    .SYNOPSIS
    Shows the application and the identifiers to record: step 4 of the runbook.

    .DESCRIPTION
    Finds the application that New-PPFederationApp or Invoke-PPRunbook made and returns its identifiers. It is an error when
    there is none, and when there are two that fit: both are listed then.

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
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.App')]
    param(
        [Shared()]$Connection,
        [Parameter(Position = 0)]
        [Shared()]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,
        [Shared('AdoptOnce')]$Adopt
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        Invoke-PPJob -Caller $PSCmdlet -Op 'app' -Field $field
    }
}
