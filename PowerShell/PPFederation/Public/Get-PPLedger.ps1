function Get-PPLedger {
    <#
    .SYNOPSIS
    Shows what a ledger says of its tenants: what was begun, done and failed.

    .DESCRIPTION
    Reads the ledger of Invoke-PPFleet, a row for each action in each tenant, and writes nothing. It takes no lock and no lease, so that it
    can be run while a fleet is at work; a line that is being written at that moment is left out, with a verbose line.

    State is Done, Failed, Begun (a fleet is at work on it, or ended without a word) or Open (it was stopped, as by Ctrl+C or by
    -TimeBudget, or directory synchronization is on its way to off, for up to 72 hours). Secrets names each client secret that was asked
    for, by its key id, and where it lies; the ledger holds none itself.

    A line that can't be read, and one that a later version wrote, is an error that names it: a ledger says where secrets are, so nothing of it
    is passed over. At an address the other tenants have their rows beside it; of a file there are none then.

    .PARAMETER Ledger
    The ledger: the path of a file, or the address of one in Azure Blob Storage, as https://account.blob.core.windows.net/container/name.
    At an address the sign-in of the connection asks, whose role on the container is Storage Blob Data Reader, or a shared access
    signature.

    .PARAMETER LedgerSas
    For a ledger at an address: a shared access signature that may read and list (rl), as a SecureString; what follows the question mark,
    as sv=...&sig=... In the address itself a signature is refused: whoever saw that had it.

    .PARAMETER State
    Shows these states alone: Open, Begun, Done, Failed.

    .PARAMETER TenantId
    Shows these tenants alone, by their ids.

    .EXAMPLE
    Get-PPLedger -Ledger ./spring.jsonl

    Shows where each tenant of a fleet stands.

    .EXAMPLE
    Get-PPLedger -Ledger ./spring.jsonl -State Failed | Format-List

    Shows what failed, and why.

    .EXAMPLE
    Get-PPLedger -Ledger https://contosofleet.blob.core.windows.net/fleet/spring | Group-Object -Property State

    Counts the states of a ledger in Azure Blob Storage, by the sign-in of the connection in use.

    .OUTPUTS
    PPFederation.LedgerEntry
    TenantId, TenantName, Action, State, Since, Worker, Tries, Secrets, ErrorId, Error, Passes (whether the error passes by itself), Detail.

    .LINK
    about_PPFederation
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('PPFederation.LedgerEntry')]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string]$Ledger,

        [securestring]$LedgerSas,

        [ValidateSet('Open', 'Begun', 'Done', 'Failed')]
        [string[]]$State,

        [ValidateNotNullOrEmpty()]
        [string[]]$TenantId,

        [Shared('ConnectionOfOne')]$Connection
    )

    begin {
        Import-PPCallerPreference -Cmdlet $PSCmdlet
    }
    process {
        $field = @{ sas = $LedgerSas; states = $State; tenants = $TenantId }
        if ($Ledger -match '^\s*https?://') {
            $field.ledger = $Ledger
            if (-not $LedgerSas -and -not ($field.connection = Resolve-PPConnection -Caller $PSCmdlet -Connection $Connection)) { return }
        }
        else {
            $field.ledger = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Ledger)
        }
        Invoke-PPJob -Caller $PSCmdlet -Op 'ledger' -Field $field
    }
}
