//! The steps, one a file, in the runbook's order.

pub mod application;
pub mod application_consent;
pub mod client_secret;
pub mod delegated_consent;
pub mod directory_sync;
pub mod global_administrator;
pub mod service_principal;

use crate::observed::{Fact, Unread};
use crate::permissions::{Kind, id_in_tenant, of_kind};
use crate::step::{Assessment, State};
use crate::types::ResourceServicePrincipal;

/// What a step reports when a fact it needs could not be read.
fn unknown(unread: &Unread) -> Assessment {
    Assessment {
        state: State::Unknown,
        detail: unread.to_string(),
        changes: Vec::new(),
        unread: Some(Box::new(unread.clone())),
    }
}

/// A fact, or the assessment that it is unknown.
fn known<T>(fact: &Fact<T>) -> Result<&T, Assessment> {
    fact.as_ref().map_err(unknown)
}

const WITH_THE_APPLICATION: &str = "is made with the application";

/// The runbook's permissions of one kind: names with the tenant's ids, and names that the tenant doesn't offer.
pub(crate) fn offered(graph: &ResourceServicePrincipal, kind: Kind) -> (Vec<(&'static str, &str)>, Vec<&'static str>) {
    let (mut offered, mut not_offered) = (Vec::new(), Vec::new());
    for permission in of_kind(kind) {
        match id_in_tenant(graph, permission) {
            Some(id) => offered.push((permission.name, id)),
            None => not_offered.push(permission.name),
        }
    }
    (offered, not_offered)
}

/// How many permissions a step's changes are about, by the article where that is all of the runbook's.
fn counted(some: usize, all: usize, article: &str) -> String {
    if (1..all).contains(&some) { some.to_string() } else { format!("{article} {all}") }
}

/// How many of a kind are granted, and which are not; of those that can be.
fn tally(kind: Kind, missing: &[&str], not_offered: &[&str]) -> String {
    let all = of_kind(kind).count();
    let offered = all.saturating_sub(not_offered.len());
    let granted = offered.saturating_sub(missing.len());
    let mut words = match not_offered {
        [] => format!("{granted} of {all} granted"),
        _ => format!("{granted} of {offered} granted of those that this cloud offers"),
    };
    if !missing.is_empty() && granted > 0 {
        words = format!("{words}; missing: {}", missing.join(", "));
    }
    if !not_offered.is_empty() {
        words = format!("{words}; not offered by Microsoft Graph in this tenant: {}", not_offered.join(", "));
    }
    words
}

/// What is said of a consent, and behind it what is granted beside the runbook's permissions: in one order, so that the same is always said
/// alike.
fn and_beside(words: String, mut others: Vec<String>) -> String {
    if others.is_empty() {
        return words;
    }
    others.sort();
    others.dedup();
    format!("{words}; granted beside them: {}", others.join(", "))
}

/// A permission of an API, which is named where it isn't Microsoft Graph.
fn of_api(permission: &str, resource: &str, graph: &ResourceServicePrincipal) -> String {
    let is_graph = resource.eq_ignore_ascii_case(&graph.id);
    if is_graph { permission.to_owned() } else { format!("{permission} of service principal {resource}") }
}

/// What can't be granted isn't lacking; but where a kind's list is empty, nothing says that the step is done.
fn is_granted(missing: usize, kind: Kind, not_offered: &[&str]) -> bool {
    missing == 0 && not_offered.len() < of_kind(kind).count()
}
