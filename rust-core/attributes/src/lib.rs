//! Who owns which user attribute once the federation is in force, and what the next provisioning would do to each user: whom it
//! would rename, and who couldn't sign in afterwards. Nothing is read or written, and nothing is guessed: what can't be known is
//! Unknown, with the reason.
//!
//! The way of a comparison: the portal's users are read ([`portal_users`]) into an index ([`pairing`]); a walk over the tenant
//! fills the index of who holds which address ([`hazards`]) and of who pairs with whom, and keeps the accounts in a file ([`spool`]);
//! from there each account is compared ([`compare`]) with what will be written to it ([`written`]).
#![forbid(unsafe_code)]

pub mod account;
pub mod backup;
pub mod compare;
pub mod difference;
pub mod facts;
pub mod hazards;
pub mod key;
pub mod object_id;
pub mod ownership;
mod packed;
pub mod pairing;
pub mod portal_user;
pub mod portal_users;
pub mod restore;
pub mod spool;
mod verdicts;
pub mod written;

pub use ownership::{ATTRIBUTES, Attribute, Owner};
