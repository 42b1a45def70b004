//! Demonstration tenants in this process: the one behind `Connect-PPTenant -Demo`, and a firm's customers behind `Invoke-PPFleet -Demo`. Each
//! is started here and otherwise an address like any other. A library without the feature `demo` has none of them, and says so.

#[cfg(feature = "demo")]
mod embedded;
#[cfg(feature = "demo")]
mod street;
#[cfg(feature = "demo")]
pub(crate) use {
    embedded::{belongs_to, discard, is_of, stop_of},
    street::Street,
};

#[cfg(not(feature = "demo"))]
mod left_out;
#[cfg(not(feature = "demo"))]
pub(crate) use left_out::{Street, belongs_to, discard, is_of, stop_of};

use serde::Deserialize;

use pp_base::secret::SecretText;

/// `demo`: starts a tenant on loopback.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "demo"), expect(dead_code, reason = "read only where the demo is built in"))]
pub(crate) struct Demo {
    users: Option<u32>,
    seed: Option<u64>,
    /// Names of what goes wrong.
    #[serde(default)]
    faults: Vec<String>,
}

/// One tenant of a street, and how it is signed in to.
pub(crate) struct House {
    /// The tenant's id.
    pub(crate) tenant: String,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) graph: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretText,
}
