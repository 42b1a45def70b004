//! What waits for a tenant: reading it ([`observe`]), carrying a plan out and verifying it ([`apply`]), taking secrets away.
//! A [`connection`] ties a run to one tenant.
//!
//! **Invariant:** no other crate waits for a tenant.
#![forbid(unsafe_code)]

pub mod agreeing;
pub mod application_sign_in;
pub mod apply;
pub mod attribute_restore;
mod carry_out;
pub mod comparison;
pub mod connection;
pub mod customers;
mod evidence;
pub mod holder;
mod irreversible;
pub mod journal;
pub mod lost_secret;
pub mod made;
mod missing_secret;
mod name_taken;
mod new_secret;
pub mod nothing_to_restore;
pub mod observe;
pub mod orphan;
mod other_secrets;
pub mod outcome;
pub mod placed;
pub mod removal;
pub mod remove_secret;
pub mod sign_in_client;
pub mod take_back;
pub mod unclaimed;
pub mod user_changes;
pub mod users;
mod verify;
mod walk;
