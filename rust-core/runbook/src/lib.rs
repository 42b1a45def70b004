//! What the product knows: the runbook as data. What is known of a tenant ([`observed`]) and wanted of it ([`wanted`]) is
//! judged step by step ([`step`], [`steps`]) and becomes a [`plan`] of [`change`]s.
//!
//! **Invariant:** pure. Nothing here reads, writes or waits, and its manifest names nothing that could.
#![forbid(unsafe_code)]

pub mod change;
pub mod change_request;
pub mod client_secrets;
pub mod comparison;
pub mod deleted;
pub mod denial;
mod duration;
pub mod facts;
pub mod kept_plan;
pub mod observed;
pub mod other_secrets;
mod parse;
pub mod pattern;
pub mod permission_rows;
pub mod permissions;
pub mod placed;
pub mod plan;
pub mod problem;
pub mod removal;
pub mod request;
pub mod rotation;
pub mod secret_policy;
pub mod sign_in_client;
pub mod sign_in_needs;
pub mod stage;
pub mod step;
pub mod steps;
pub mod take_back;
pub mod types;
pub mod undo;
pub mod undo_plan;
pub mod wanted;
pub mod which;
