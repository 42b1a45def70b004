function Invoke-PPRunbook {
    <#
    .SYNOPSIS
    Carries out the Microsoft 365 half of the runbook: plans, asks, applies, checks.

    .DESCRIPTION
    Observes the tenant, plans what is missing, asks for confirmation where a change is grave (switching directory synchronization
    off, granting the application permissions and the role, restoring what was deleted, enabling a service principal that somebody
    has disabled), applies the plan and checks it. What is there already is kept: running it again changes nothing, and
    after an interruption the next run takes up what is missing.

    What is grave and came up after the question is held back, as where somebody has switched synchronization on meanwhile: its row
    says NotDone, and the next run asks about it.

    -WhatIf prints the plan and sends no write. A script that runs unattended needs -Confirm:$false. It never waits for the 72
    hours that switching directory synchronization off can take: that row says Pending, and the next run takes it up.

    A run returns one object, which shows itself as the table of its steps. Result says what they come to: Done; Pending, where
    the service is still at work; Skipped, where a step was declined when asked for; NotConfirmed, where a change was sent and
    not seen, or not sent, or something could not be read: Detail says of which steps, and Detail of each in Steps what to do; Failed, where a secret was made and its sink did not take it. What
    became of each step is a column too, so that Export-Csv gives a flat row a tenant.

    The steps, in this order: {{Steps}}. Directory synchronization, which can't be taken back, is switched off last, when
    everything else is confirmed. A step that is declined when asked for holds it back; one that is left out with -Skip doesn't.

    With -Plan it carries out what Get-PPPlan -Path has written to a file, and nothing else: one admin plans, another approves the
    file by its SHA-256, a job carries it out. The same confirmations are asked for. The requests in the file are for the reader:
    they are made again, and a file in which anything differs is refused (PPFederation.PlanAltered), as one of another tenant is
    (PPFederation.PlanOfAnotherTenant), and one whose changes build on something that has moved in the tenant meanwhile
    (PPFederation.PlanMoved), or one that switches synchronization off where a step that was done is so no more; all before anything
    is written. A plan that was carried out already changes nothing and says so; one
    that was stopped half-way has moved the tenant itself: plan again for the rest.

    .PARAMETER Plan
    The file of a plan, as Get-PPPlan -Path wrote it. Of its steps those are taken that had something to change.

    .PARAMETER PlanHash
    The SHA-256 of the file that was approved, as Get-PPPlan says it and Get-FileHash. Another file is refused.

    .EXAMPLE
    Invoke-PPRunbook -WhatIf

    Prints the plan. Nothing is changed.

    .EXAMPLE
    $result = Invoke-PPRunbook -Confirm:$false
    $result.ClientSecret

    Carries out all steps without asking. The secret is a SecureString.

    .EXAMPLE
    $connections | Invoke-PPRunbook -Confirm:$false | Tee-Object -Variable runs | Group-Object -Property Result

    Carries it out in several tenants, keeps the results with their secrets, and counts them.

    .EXAMPLE
    Invoke-PPRunbook -Skip DirSync -ClientSecretLifetime P2Y

    Leaves directory synchronization alone, and makes a secret for two years.

    .EXAMPLE
    Invoke-PPRunbook -Plan ./contoso.json -PlanHash $approved -SecretSink KeyVault -VaultUri $vault -Confirm:$false

    Carries out a plan that somebody has approved by its SHA-256, in a job. The secret goes into a key vault.

    .EXAMPLE
    Invoke-PPRunbook -DeletedApp Restore -Confirm:$false

    Brings the application back where somebody has deleted it, and makes what is missing.

    .OUTPUTS
    PPFederation.RunResult
    One a tenant: TenantId, TenantName, Result, Detail, the result of each step in a column of its name (of the step
    ClientSecret in ClientSecretResult) and with action and detail in Steps; AppId, ObjectId, ServicePrincipalId and
    DisplayName; SecretId, SecretEndDateTime and ClientSecret where a secret was made, with a sink SecretSink and
    SecretLocation instead of ClientSecret; Duration.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', DefaultParameterSetName = 'Choices', PositionalBinding = $false)]
    [OutputType('PPFederation.RunResult')]
    param(
        [Shared()]$Connection,

        [Parameter(Mandatory = $true, ParameterSetName = 'Plan')]
        [string]$Plan,

        [Parameter(ParameterSetName = 'Plan')]
        [string]$PlanHash,

        [Parameter(ParameterSetName = 'Choices', Position = 0)]
        [Shared()]$Step,

        [Parameter(ParameterSetName = 'Choices')]
        [Shared()]$Skip,

        [Parameter(ParameterSetName = 'Choices')]
        [Shared('NameOfNew')]$DisplayName,
        [Shared()]$AppId,
        [Shared()]$ObjectId,

        [Parameter(ParameterSetName = 'Choices')]
        [Shared()]$Adopt,

        [Parameter(ParameterSetName = 'Choices')]
        [Shared()]$DeletedApp,

        [Parameter(ParameterSetName = 'Choices')]
        [Shared()]$NewSecret,

        [Parameter(ParameterSetName = 'Choices')]
        [Shared()]$ClientSecretLifetime,

        [Parameter(ParameterSetName = 'Choices')]
        [Shared()]$LockCredentials,

        [Shared()]$SecretSink,
        [Shared()]$VaultUri,
        [Shared()]$SecretName,
        [Shared()]$RecipientCertificate,
        [Shared()]$Path,
        [Shared()]$Force
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        if ($PSBoundParameters.ContainsKey('Plan')) {
            $field = @{ path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Plan) }
            if ($PSBoundParameters.ContainsKey('PlanHash')) {
                $field.hash = $PlanHash
            }
        }
        else {
            $field = Get-PPOption -Bound $PSBoundParameters
            $field.steps = $Step
            $field.skip = $Skip
        }
        if (-not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        $target = @{ Sink = Get-PPSink -Caller $PSCmdlet -Bound $PSBoundParameters; ScriptBlock = Get-PPSinkScript -Bound $PSBoundParameters }
        Invoke-PPStep -Caller $PSCmdlet -Field $field @target
    }
}
