//! What a ledger says of its tenants.

use time::OffsetDateTime;

use super::Tenant;
use super::rows;

rows! {
    /// Where an action stands in a tenant, as a ledger has it.
    LedgerEntry {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// What is done in the tenant, as Runbook.
        action: String => "Action",
        /// Open (left as it was), Begun (no end of it is known), Done or Failed.
        state: &'static str => "State",
        /// Since when, by the clock of the machine that wrote it; empty where it was never begun.
        since: Option<OffsetDateTime> => "Since",
        /// Who wrote the last line of it.
        worker: Option<String> => "Worker",
        /// How often it was begun.
        tries: i64 => "Tries",
        /// The secrets that were asked for, a line each: key id and where it lies, or what became of it.
        secrets: Vec<String> => "Secrets",
        /// The id of the error that the last try failed with.
        error_id: Option<String> => "ErrorId",
        /// That error in words.
        error: Option<String> => "Error",
        /// Whether that passes by itself.
        passes: Option<bool> => "Passes",
        /// What came of it, or why it was left as it was.
        detail: Option<String> => "Detail",
    }
}
