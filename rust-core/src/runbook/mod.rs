//! What the product knows: the runbook as data. Reading ([`observe`]), judging ([`step`]), planning ([`plan`]), carrying
//! out and verifying ([`apply`]).

pub mod apply;
mod carry_out;
pub mod change;
pub mod client_secrets;
mod duration;
mod evidence;
pub mod lost_secret;
pub mod made;
mod missing_secret;
pub mod observe;
pub mod observed;
pub mod other_secrets;
pub mod outcome;
pub mod permission_rows;
pub mod permissions;
pub mod placed;
pub mod plan;
pub mod problem;
pub mod remove_secret;
mod request;
pub mod rotation;
pub mod sign_in_needs;
mod stage;
pub mod step;
pub mod steps;
pub mod subject;
mod verify;
pub mod wanted;
