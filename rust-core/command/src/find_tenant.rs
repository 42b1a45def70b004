//! `findTenants`: a partner's customers, and what the delegated administration of them is good for.

use serde::Deserialize;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use pp_report::error::OpError;
use pp_report::rows::{CustomerTenant, Tenant};
use pp_run::customers::{Customer, Relationship, customers};
use pp_runbook::sign_in_needs::Role;
use pp_runbook::step::StepName;
use pp_words::instant;
use time::{OffsetDateTime, PrimitiveDateTime};

/// Roles that a relationship may have, by template id. Source: Entra documentation, "Microsoft Entra built-in roles".
const ROLES: &[(&str, &str)] = &[
    ("62e90394-69f5-4237-9190-012177145e10", "Global Administrator"),
    ("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"),
    ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"),
    ("158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator"),
    ("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "Directory Readers"),
    ("9360feb5-f418-4baa-8175-e2a00bac4301", "Directory Writers"),
    ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"),
    ("8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "Hybrid Identity Administrator"),
    ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
];
/// One of these lets them be read, in the partner's own tenant. Source: Microsoft Graph documentation, "List delegatedAdminCustomers".
const READS_CUSTOMERS: [&str; 2] = ["DelegatedAdminRelationship.Read.All", "DelegatedAdminRelationship.ReadWrite.All"];
/// The end of a relationship that has none.
const NEVER: OffsetDateTime = PrimitiveDateTime::MAX.assume_utc();

/// `findTenants`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindTenants {
    connection: u64,
}

impl Op for FindTenants {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        operation.check_permission(output, "to read a partner's customers", &READS_CUSTOMERS)?;
        let found = operation.run(output, |graph, _| customers(&graph))?;
        let now = operation.connection.now();
        Ok(output.rows(found.into_iter().map(|customer| row(customer, now)))?)
    }
}

fn row(customer: Customer, now: OffsetDateTime) -> CustomerTenant {
    let active: Vec<&Relationship> = customer.relationships.iter().filter(|one| one.is_active(now)).collect();
    let mut roles: Vec<&str> = active.iter().flat_map(|one| one.roles()).collect();
    roles.sort_unstable();
    roles.dedup();
    let first_lost = StepName::ALL.iter().filter_map(|step| until(&active, step.step().roles)).min();
    let end = first_lost.or_else(|| active.iter().map(|one| ends(one)).max()).filter(|end| *end != NEVER);
    let without = steps_without_role(&active);
    let suffices = without.is_empty();
    let other = customer.relationships.first().map(|one| one.status.clone());
    let state = if active.is_empty() { other.unwrap_or_else(|| "none".to_owned()) } else { "active".to_owned() };
    let detail = match (active.is_empty(), suffices, end) {
        (true, ..) => format!("nothing can be done there by delegated administration: the relationship is {state}"),
        (false, false, _) => format!("no role of the relationship suffices for {}", without.join("; nor for ")),
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

/// The steps for which no relationship has a role, those that take the same ones together, with these.
fn steps_without_role(active: &[&Relationship]) -> Vec<String> {
    let mut groups: Vec<(&[Role], Vec<&str>)> = Vec::new();
    for name in StepName::ALL.into_iter().filter(|name| until(active, name.step().roles).is_none()) {
        let roles = name.step().roles;
        match groups.iter_mut().find(|(known, _)| *known == roles) {
            Some((_, names)) => names.push(name.name()),
            None => groups.push((roles, vec![name.name()])),
        }
    }
    let words = |(roles, steps): (&[Role], Vec<&str>)| {
        let roles: Vec<&str> = roles.iter().map(|(name, _)| *name).collect();
        format!("{}, which takes {}", steps.join(", "), roles.join(" or "))
    };
    groups.into_iter().map(words).collect()
}

/// Until when some relationship gives one of these roles; none where none does.
fn until(active: &[&Relationship], roles: &[Role]) -> Option<OffsetDateTime> {
    let is_one = |held: &str| roles.iter().any(|(_, id)| held.eq_ignore_ascii_case(id));
    active.iter().filter(|one| one.roles().any(is_one)).map(|one| ends(one)).max()
}

fn ends(relationship: &Relationship) -> OffsetDateTime {
    relationship.end_date_time.unwrap_or(NEVER)
}

fn named(role: &str) -> String {
    let known = ROLES.iter().find(|(id, _)| id.eq_ignore_ascii_case(role));
    known.map_or_else(|| role.to_owned(), |(_, name)| (*name).to_owned())
}
