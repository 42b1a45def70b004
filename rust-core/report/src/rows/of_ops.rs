//! Rows that one op gives the module to go on with; they leave no cmdlet.

use super::{Tenant, rows};

rows! {
    /// A connection that is open; its row follows.
    Opened {
        /// Its number in this process.
        number: u64 => "Number",
        /// Whether its token is renewed when that ends.
        renews: bool => "Renews",
        /// The tenant's domains, as far as they are known.
        domains: Vec<String> => "Domains",
    }

    /// A report that takes rows.
    OpenedReport {
        /// Its number in this process.
        number: u64 => "Number",
    }

    /// What a step would change, as a confirmation shows it.
    PlannedChange {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The number of the plan, where it can be applied by that.
        plan: Option<u64> => "Plan",
        /// The step.
        step: &'static str => "Step",
        /// Whether it changes anything.
        change: bool => "Change",
        /// What it would do.
        action: String => "Action",
        /// To what.
        target: String => "Target",
        /// Medium or High: `ConfirmImpact`.
        impact: &'static str => "Impact",
        /// Where the step stands, as a status says it.
        state: &'static str => "State",
        /// The same in a sentence.
        detail: String => "Detail",
        /// Of a plan from a file, the file's SHA-256.
        plan_hash: Option<String> => "PlanHash",
    }

    /// Where a rotation of the client secret stands.
    Rotation {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// The application (client) id.
        app_id: String => "AppId",
        /// Whether a new secret is to be made.
        due: bool => "Due",
        /// Why, in a sentence.
        detail: String => "Detail",
        /// Key ids of older secrets that may go now.
        remove: Vec<String> => "Remove",
        /// What is to be said of those that may go later.
        keep: Vec<super::SecretRemoval> => "Keep",
    }

    /// Whether every step is done.
    TestResult {
        /// Whose it is.
        tenant: Tenant => "Tenant",
        /// Every step is.
        passed: bool => "Passed",
    }
}
