//! What a fleet's plan has that is to be asked about, as one question for all tenants.

use std::collections::BTreeMap;

use super::action::{flag, text};
use super::customers::Customer;
use super::told::FAILED;
use pp_report::clixml::Object;
use pp_report::rows::{FleetAsked, FleetFailure, FleetQuestion, FleetResult};

/// Most tenants that a question names: what a terminal still shows of it. The rows of `-WhatIf` name all.
const NAMED: usize = 200;

/// The changes to ask about of the tenants that were planned so far.
#[derive(Debug, Default)]
pub(super) struct Question {
    /// It asks about every change, not about the grave ones alone.
    of_all: bool,
    /// In how many tenants each is.
    changes: BTreeMap<String, usize>,
    /// Whom they befall.
    names: Vec<String>,
    /// How many of these are warned of something.
    warned: usize,
    /// Those that could be planned, as the caller names them.
    tenants: Vec<String>,
    /// What is grave in each that has anything of it.
    asked: Vec<FleetAsked>,
    /// Those that are left as they are, by the ids of their rows.
    left: Vec<String>,
    /// Those whose plan has failed.
    failed: Vec<FleetFailure>,
}

impl Question {
    /// One about every change, or about the grave ones alone.
    pub(super) fn of(of_all: bool) -> Self {
        Self { of_all, ..Self::default() }
    }

    /// Takes in what a tenant's plan says.
    pub(super) fn take_in(&mut self, customer: &Customer, row: &FleetResult) {
        if row.result == FAILED {
            self.failed.push(FleetFailure {
                named: customer.tenant.clone(),
                tenant: row.tenant.clone(),
                error_id: row.error_id.clone().unwrap_or_default(),
                message: row.error.clone().unwrap_or_default(),
            });
            return;
        }
        self.tenants.push(customer.tenant.clone());
        let changes = || row.rows.iter().filter(|change| flag(change, "Change"));
        let is_grave = |change: &Object| text(change, "Impact").as_deref() == Some("High");
        let steps: Vec<String> =
            changes().filter(|change| is_grave(change)).filter_map(|change| text(change, "Step")).collect();
        if !steps.is_empty() {
            self.asked.push(FleetAsked { tenant: customer.tenant.clone(), steps });
        }
        let asked = changes().filter(|change| self.of_all || is_grave(change));
        let asked: Vec<String> =
            asked.filter_map(|change| text(change, "Step").map(|step| words(&step, is_grave(change)))).collect();
        if !asked.is_empty() {
            self.names.push(row.tenant.name.clone().unwrap_or_else(|| row.tenant.id.clone()));
            self.warned += usize::from(row.warning_count > 0);
        }
        for change in asked {
            *self.changes.entry(change).or_default() += 1;
        }
    }

    /// Takes in a tenant that was not planned: the time was over, or the ledger has an end of it.
    pub(super) fn leave_out(&mut self, row: &FleetResult) {
        self.left.push(row.tenant.id.clone());
    }

    /// The question, of so many tenants in all.
    pub(super) fn row(mut self, all: usize) -> FleetQuestion {
        self.names.sort();
        let warned = (self.warned > 0).then(|| format!("warnings, which -WhatIf shows, for {}", self.warned));
        let changes = self.changes.iter().map(|(change, count)| format!("{change} in {count}"));
        let changes: Vec<String> = changes.chain(warned).collect();
        let more = self.names.len().saturating_sub(NAMED);
        let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named: Vec<&str> = self.names.iter().take(NAMED).map(String::as_str).collect();
        FleetQuestion {
            ask: !self.changes.is_empty(),
            action: changes.join("; "),
            target: format!("{} of {all} tenants: {}{and_more}", self.names.len(), named.join(", ")),
            tenants: self.tenants,
            asked: self.asked,
            left: self.left,
            failed: self.failed,
        }
    }
}

fn words(step: &str, is_grave: bool) -> String {
    match step {
        "ClientSecret" if !is_grave => "Make a client secret",
        "DirSync" => "Switch directory synchronization off",
        "ServicePrincipal" if is_grave => "Restore or enable the application's service principal",
        "ApplicationConsent" => "Grant the application permissions",
        "GlobalAdministrator" => "Make the application Global Administrator",
        "ClientSecret" => "Remove client secrets",
        other => return format!("Carry out step {other}"),
    }
    .to_owned()
}
