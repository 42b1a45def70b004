//! The tenant twin: a stateful server on loopback that behaves as the parts of Entra sign-in and Microsoft Graph v1.0
//! which the federation runbook uses.
//!
//! It refuses what Graph refuses, in Graph's words; what is not on record is marked "Assumption" where it is decided. It is
//! the embedded tenant of demonstrations, the rehearsal ground, and what the tests talk to. Unknown paths, properties and
//! query options are errors, so that a client can't lean on what the service doesn't have.
//!
//! ```no_run
//! let twin = tenant_twin::Twin::start(&tenant_twin::Options { users: 200, ..Default::default() })?;
//! println!("{} {}", twin.login(), twin.graph());
//! # Ok::<(), std::io::Error>(())
//! ```

// The whole shape of an application is one JSON literal.
#![recursion_limit = "256"]

mod assertion;
mod batch;
mod call;
mod clock;
mod contract;
mod control;
mod directory;
mod errors;
mod faults;
mod federation;
mod graph;
mod graph_permissions;
mod ids;
mod jwt;
mod log;
mod managed_identity;
mod odata;
mod options;
mod pages;
mod path;
mod people;
mod permissions;
mod routes;
mod schema;
mod seed;
mod server;
mod token;
mod trouble;
mod twin;
mod usage;
mod vault;
mod wire;
mod witness;
mod world;

pub use directory::editor::{AppIds, Editor};
pub use faults::{ErrorBody, ErrorShape, Fault, FaultKind, On, RetryAfter, Target, Unreadable, When};
pub use log::{BatchItem, Chain, Request};
pub use options::{Contract, DeletedNames, Options, Policy, Published};
pub use people::{IdTokenFlaw, Person, PersonAnswer, SignInSettings};
pub use trouble::Trouble;
pub use twin::{Client, Twin};
pub use vault::{Vault, VaultAccess};
pub use witness::Secret;
