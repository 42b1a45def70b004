//! The rows of many tenants in one command.
#![expect(clippy::doc_markdown, reason = "the texts are those of the classes too, which have other marks")]

use std::time::Duration;

use time::OffsetDateTime;

use super::{Tenant, rows};
use crate::clixml::Object;

rows! {
    /// A customer's tenant, and what the delegated administration (GDAP) of it is good for.
    CustomerTenant {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The relationship's status, as active; none where there is no relationship.
        state: String => "State",
        /// When the first of the steps that they suffice for loses its role; where they suffice for none, when the last active relationship ends.
        end: Option<OffsetDateTime> => "EndDateTime",
        /// The roles of the active relationships.
        roles: Vec<String> => "Roles",
        /// Whether they suffice for every step of the runbook.
        suffices: bool => "SufficesForSteps",
        /// What they don't suffice for, in a sentence.
        detail: String => "Detail",
    }

    /// What an action came to in one tenant of a fleet.
    FleetResult {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// Status, Runbook, DirSync, Rotate, Compare or Backup.
        action: &'static str => "Action",
        /// Done, Open, Unknown, Skipped or Failed.
        result: &'static str => "Result",
        /// What was done or found, or why it was not; in a sentence.
        detail: String => "Detail",
        /// How many warnings there were.
        warning_count: u64 => "WarningCount",
        /// What was warned of.
        warnings: Vec<String> => "Warnings",
        /// The id of the error, where there was one.
        error_id: Option<String> => "ErrorId",
        /// The error in a sentence.
        error: Option<String> => "ErrorMessage",
        /// What to do about the error.
        advice: Option<String> => "Advice",
        /// The key id of the client secret that was made.
        secret_id: Option<String> => "SecretId",
        /// Where that secret is.
        secret_location: Option<String> => "SecretLocation",
        /// The file that was written.
        path: Option<String> => "Path",
        /// How long it took.
        duration: Duration => "Duration",
        /// The rows that the action has for this tenant alone.
        rows: Vec<Object> => "Rows",
    }
}

/// What leaves no cmdlet.
pub(crate) mod within {
    use crate::rows::{Tenant, rows};

    rows! {
        /// An action has begun in a tenant of a fleet.
        FleetBegun {
            /// Whose it is.
            tenant: Tenant => "Tenant",
        }

        /// What a fleet's question asks of a tenant.
        FleetAsked {
            /// The tenant, as the caller names it.
            tenant: String => "Tenant",
            /// The steps whose changes can't be taken back or are grave.
            steps: Vec<String> => "Steps",
        }

        /// What a fleet would change that can't be taken back or is grave, as one confirmation shows it.
        FleetQuestion {
            /// Whether there is anything to ask.
            ask: bool => "Ask",
            /// What would be done in how many tenants.
            action: String => "Action",
            /// To whom.
            target: String => "Target",
            /// The tenants that could be looked at, as the caller names them.
            tenants: Vec<String> => "Tenants",
            /// Of which of them it asks, and what.
            asked: Vec<FleetAsked> => "Asked",
            /// The ids of those that are left as they are: there was no time, or the ledger has an end of them.
            left: Vec<String> => "Left",
            /// Those whose plan has failed, and how.
            failed: Vec<FleetFailure> => "Failed",
        }

        /// How the plan of a tenant has failed.
        FleetFailure {
            /// The tenant as the caller names it.
            named: String => "Named",
            /// Whose it is.
            tenant: Tenant => "Tenant",
            /// The id of the error.
            error_id: String => "ErrorId",
            /// The error in a sentence.
            message: String => "Message",
        }
    }
}
