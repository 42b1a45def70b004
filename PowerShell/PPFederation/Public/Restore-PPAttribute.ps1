function Restore-PPAttribute {
    <#
    .SYNOPSIS
    Puts back what a backup of the users' attributes has, where it differs.

    .DESCRIPTION
    Reads a file that Export-PPAttributeBackup has written, verifies it (number of users, SHA-256, tenant), compares it with the tenant,
    says what can't be put back and why, and asks once, with the numbers. Then it writes what differs and nothing else, in batches of up to
    20 users, and returns a row for each attribute of a user that differed; where none of it can be put back, it returns these without
    asking. What goes wrong with one user is one error and keeps no other from being restored. Running it again takes up what is missing,
    and changes nothing where all is back. Of a user who changed while the backup was written, what was read first is put back.

    What Microsoft 365 doesn't let be put back: attributes of a user that is still synchronized from a directory of your own; a
    mail address, usage location or display name that was empty; aliases, which Exchange Online alone writes; users that were deleted. Of
    administrators sign-in name and Immutable ID are changed by a Privileged Authentication Administrator or Global Administrator alone; an
    application needs one of these roles, too. A person needs a role that changes users, as User Administrator. All this is said beforehand.
    What Microsoft 365 alone knows isn't: a value that somebody else has got meanwhile, an address that Exchange Online masters, or a user
    of a restricted management administrative unit, is a row that Failed, with the reason.

    An Immutable ID can't be changed while the user's domain is federated. The user gets a name of the tenant's onmicrosoft.com
    domain (ppfederation-restore-...), the Immutable ID, and its own name again, in one batch of three writes; a batch takes one such
    chain, so these users come one after the other. A rename that Microsoft 365 refuses within federated domains goes the same way. Where
    the service fails in between, or Ctrl+C ends the run, the user gets its own name back first; a user who could not get it is a row that
    Failed and an error, with the name that the user is left under. A run that is killed in between leaves that user under the name for
    the time being; running it again brings the user back to the name in the backup, or where that can't be had, to a name like the
    user's mail address.

    -WhatIf says what would be written and sends no write. A script that runs unattended needs -Confirm:$false. The sign-in takes the
    permission User.ReadWrite.All, for which a person asks with Connect-PPTenant -RestoreAttribute.

    .PARAMETER UserPrincipalName
    Only these users, by the sign-in name that the backup has, which means who had it last. Rows with such a property can be piped.

    .PARAMETER UserId
    Only these users, by object id, which never changes. Rows with such a property can be piped; it is taken before a name.

    .PARAMETER Attribute
    Only these attributes. Without it: all five.

    .PARAMETER ThrottleLimit
    How many users are written at once, 1 to 20: they go in one batch. Without it: 20, which at a batch a second is what Microsoft Graph
    lets one application write to a tenant (3,000 writes in 150 seconds).

    .EXAMPLE
    Restore-PPAttribute -Path ./contoso.jsonl -WhatIf

    Says how much differs and what can't be put back.

    .EXAMPLE
    Restore-PPAttribute -Path ./contoso.jsonl -Attribute userPrincipalName, mail

    Puts back sign-in names and mail addresses after asking.

    .EXAMPLE
    'alex.adams@contoso.com' | Restore-PPAttribute -Path ./contoso.jsonl -Confirm:$false

    Puts back one user without asking.

    .OUTPUTS
    PPFederation.RestoredAttribute
    TenantId, TenantName, Result (Restored, Skipped, Failed), UserPrincipalName, Attribute, Before, After, Reason, UserId.

    .LINK
    Export-PPAttributeBackup
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', PositionalBinding = $false)]
    [OutputType('PPFederation.RestoredAttribute')]
    param(
        [Shared('BackupFile')]$Path,

        [Parameter(ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [AllowNull()]
        [AllowEmptyString()]
        [AllowEmptyCollection()]
        [string[]]$UserPrincipalName,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [AllowNull()]
        [AllowEmptyString()]
        [AllowEmptyCollection()]
        [string[]]$UserId,

        [ValidateSet('displayName', 'usageLocation', 'mail', 'onPremisesImmutableId', 'userPrincipalName')]
        [string[]]$Attribute,

        [ValidateRange(1, 20)]
        [int]$ThrottleLimit,

        [Shared('ConnectionOfOne')]$Connection,
        [Shared('TenantOfRow')]$TenantId
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
        # Whom, by the tenant whose rows named them.
        $chosen = @{}
        $everybody = -not ($MyInvocation.ExpectingInput -or $PSBoundParameters.ContainsKey('UserId') -or
            $PSBoundParameters.ContainsKey('UserPrincipalName'))
    }
    process {
        $whose = [string]$TenantId
        if (-not $chosen.ContainsKey($whose)) {
            $chosen[$whose] = [System.Collections.Generic.List[string]]::new()
        }
        $named = @($UserId | Where-Object { $_ })
        if ($named.Count -eq 0) {
            $named = @($UserPrincipalName | Where-Object { $_ })
        }
        foreach ($user in $named) {
            $chosen[$whose].Add($user)
        }
    }
    end {
        foreach ($whose in $chosen.Keys) {
            # Who named nobody, or piped nothing, doesn't mean everybody.
            if (-not $everybody -and $chosen[$whose].Count -eq 0) { continue }
            $field = @{ path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path) }
            $field.users = [string[]]@($chosen[$whose] | Sort-Object -Unique)
            $field.attributes = [string[]]@($Attribute | Where-Object { $_ })
            if ($ThrottleLimit) {
                $field.throttleLimit = $ThrottleLimit
            }
            if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection -TenantId $whose)) { continue }
            foreach ($row in Invoke-PPJob -Caller $PSCmdlet -Op 'planAttributeRestore' -Field $field) {
                if ($row -is [PPFederation.RestoredAttribute]) {
                    $row
                }
                elseif (-not $row.Change) {
                    $left = if ($row.State -eq 'Done') { 'Nothing is left to put back.' } else { 'What differs can''t be put back.' }
                    Write-PPShown -Text "$([PPFederation.Native.ViewText]::Tenant($row.TenantName, $row.TenantId)): $left"
                }
                elseif (Test-PPApproval -Caller $PSCmdlet -Row $row) {
                    $counts = @{}
                    Invoke-PPJob -Caller $PSCmdlet -Op 'restoreAttributes' -Field $field | ForEach-Object {
                        $counts[$_.Result] = 1 + $counts[$_.Result]
                        $_
                    }
                    if ($counts.Count -gt 0) {
                        Write-PPClosing -Row $row -Text "Of the attributes that differed: $(Get-PPCountText -Count $counts)."
                    }
                }
            }
        }
    }
}
