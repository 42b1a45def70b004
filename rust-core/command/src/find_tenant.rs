//! `findTenants`: a partner's customers, and what the delegated administration of them is good for.

use serde::Deserialize;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use pp_report::error::OpError;
use pp_report::rows::{CustomerTenant, Tenant};
use pp_run::customers::{Customer, customers};
use pp_words::instant;
use time::OffsetDateTime;

/// Roles that a relationship may have, by template id. Source: Entra documentation, "Microsoft Entra built-in roles".
const ROLES: &[(&str, &str)] = &[
    (GLOBAL_ADMINISTRATOR, "Global Administrator"),
    (PRIVILEGED_ROLE_ADMINISTRATOR, "Privileged Role Administrator"),
    ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"),
    ("158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator"),
    ("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "Directory Readers"),
    ("9360feb5-f418-4baa-8175-e2a00bac4301", "Directory Writers"),
    ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"),
    ("8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "Hybrid Identity Administrator"),
    ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
];
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
const PRIVILEGED_ROLE_ADMINISTRATOR: &str = "e8611ab8-c189-46e8-94e1-60213ab1f814";

/// `findTenants`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindTenants {
    connection: u64,
}

impl Op for FindTenants {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let found = operation.run(output, |graph, _| customers(&graph))?;
        let now = operation.connection.now();
        Ok(output.rows(found.into_iter().map(|customer| row(customer, now)))?)
    }
}

fn row(customer: Customer, now: OffsetDateTime) -> CustomerTenant {
    let active: Vec<_> = customer.relationships.iter().filter(|one| one.is_active(now)).collect();
    let mut roles: Vec<&str> = active.iter().flat_map(|one| one.roles()).collect();
    roles.sort_unstable();
    roles.dedup();
    let suffices = roles.iter().any(|role| {
        [GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR].iter().any(|enough| role.eq_ignore_ascii_case(enough))
    });
    let end = active.iter().filter_map(|one| one.end_date_time).max();
    let other = customer.relationships.first().map(|one| one.status.clone());
    let state = if active.is_empty() { other.unwrap_or_else(|| "none".to_owned()) } else { "active".to_owned() };
    let detail = match (active.is_empty(), suffices, end) {
        (true, ..) => format!("nothing can be done there by delegated administration: the relationship is {state}"),
        (false, false, _) => {
            "step GlobalAdministrator takes Privileged Role Administrator or Global Administrator, which \
                              the relationship doesn't have"
                .to_owned()
        }
        (false, true, Some(end)) => format!("the roles suffice for each step, until {}", instant(end)),
        (false, true, None) => "the roles suffice for each step".to_owned(),
    };
    CustomerTenant {
        tenant: Tenant { id: customer.tenant_id, name: customer.name },
        state,
        end,
        roles: roles.into_iter().map(named).collect(),
        suffices,
        detail: pp_words::sentence(&detail),
    }
}

fn named(role: &str) -> String {
    let known = ROLES.iter().find(|(id, _)| id.eq_ignore_ascii_case(role));
    known.map_or_else(|| role.to_owned(), |(_, name)| (*name).to_owned())
}
