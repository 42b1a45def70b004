function Test-PPFederation {
    <#
    .SYNOPSIS
    Tells whether the Microsoft 365 half of the runbook is complete.

    .DESCRIPTION
    Observes the tenant and returns True when every step is done, and False otherwise. Each reason for a False is a warning;
    Get-PPFederationStatus and Get-PPPermission show the details. What cannot be read counts as not done.
    Permissions that this cloud doesn't offer are a warning, and not a reason for False.

    With -ClientSecret it signs in as the application too: a policy of Conditional Access for workload identities, or a secret
    that was removed, shows nowhere else.

    .PARAMETER ClientSecret
    The application's client secret, to sign in with once. The fresh token must show the application permissions and the role.

    .EXAMPLE
    Test-PPFederation

    True or False.

    .EXAMPLE
    if (-not (Test-PPFederation -WarningVariable reason)) { $reason }

    Keeps the reasons.

    .EXAMPLE
    Test-PPFederation -ClientSecret (Read-Host -AsSecureString -Prompt 'PPToken')

    Signs in as the application besides.

    .OUTPUTS
    System.Boolean
    True when every step is done.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType([bool])]
    param(
        [Shared()]$Connection,
        [Shared()]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,
        [Shared('AdoptOnce')]$Adopt,

        [securestring]$ClientSecret
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        $field.clientSecret = $ClientSecret
        $result = Invoke-PPJob -Caller $PSCmdlet -Op 'test' -Field $field
        if ($result) {
            [bool]$result.Passed
        }
    }
}
