function Get-PPPlan {
    <#
    .SYNOPSIS
    Shows what Invoke-PPRunbook would change, and keeps it in a file that somebody else can approve.

    .DESCRIPTION
    Observes the tenant and returns a row for each change: what is changed, from what to what, whether it can be taken back, and
    the request that is sent for it. What is known only when an earlier change is made stands in braces, as {servicePrincipal}.
    Only reads are sent. A step that has nothing to change has no row; -Verbose says where it stands.

    With -Path the plan is written to a file, too: JSON with the tenant, the time (UTC), the module's version, what was wanted, what the
    changes build on, and the changes. It holds no secret, and its owner alone may read it (on Windows: whoever its folder
    lets). Its SHA-256 is said, and in the PlanHash of each row. Invoke-PPRunbook -Plan carries the file out, and nothing else.

    .PARAMETER Path
    The file to write the plan to.

    .PARAMETER Force
    Overwrites a file that is there.

    .EXAMPLE
    Get-PPPlan | Format-List

    Shows each change with its request.

    .EXAMPLE
    Get-PPPlan | Where-Object -Property Reversible -EQ $false

    Shows what can't be taken back, and why.

    .EXAMPLE
    $plan = Get-PPPlan -Path ./contoso.json -ClientSecretLifetime P2Y
    $plan[0].PlanHash

    Writes the plan to a file, for somebody else to read and approve, and shows its SHA-256, as Get-FileHash does. Once it
    is approved: Invoke-PPRunbook -Plan ./contoso.json -PlanHash $approved

    .EXAMPLE
    $connections | ForEach-Object { Get-PPPlan -Connection $_ -Path "./$($_.TenantId).json" }

    Writes a file for each of several tenants.

    .OUTPUTS
    PPFederation.PlanItem
    TenantId, TenantName, Step, Change, Before, After, Reversible, Reason, Request, and PlanHash where a file was written.

    .LINK
    Invoke-PPRunbook

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low', PositionalBinding = $false)]
    [OutputType('PPFederation.PlanItem')]
    param(
        [Shared()]$Connection,
        [Shared()]$Step,
        [Shared()]$Skip,
        [Shared('NameOfNew')]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,
        [Shared()]$Adopt,
        [Shared()]$DeletedApp,
        [Shared()]$NewSecret,
        [Shared()]$ClientSecretLifetime,
        [Shared()]$LockCredentials,

        [string]$Path,

        [switch]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = Get-PPOption -Bound $PSBoundParameters
        $field.steps = $Step
        $field.skip = $Skip
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        if ($PSBoundParameters.ContainsKey('Path')) {
            $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
            if ($PSCmdlet.ShouldProcess($file, 'Write the plan to the file')) {
                $field.path = $file
                $field.force = [bool]$Force
            }
        }
        Invoke-PPJob -Caller $PSCmdlet -Op 'changes' -Field $field
    }
}
