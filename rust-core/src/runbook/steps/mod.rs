//! The steps, one a file, in the runbook's order.

pub mod application;
pub mod application_consent;
pub mod client_secret;
pub mod delegated_consent;
pub mod directory_sync;
pub mod global_administrator;
pub mod service_principal;

use super::observe::{Fact, Unread};
use super::step::{Assessment, State};

/// What a step reports when a fact it needs could not be read.
fn unknown(unread: &Unread) -> Assessment {
    Assessment { state: State::Unknown, detail: unread.to_string(), changes: Vec::new(), unread: Some(unread.clone()) }
}

/// A fact, or the assessment that it is unknown.
fn known<T>(fact: &Fact<T>) -> Result<&T, Assessment> {
    fact.as_ref().map_err(unknown)
}

const WITH_THE_APPLICATION: &str = "is made with the application";
