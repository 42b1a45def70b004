//! Attributes of users are put back: what a restore writes and what it can't, whatever happens on the way, also where its process
//! is killed or the service stumbles.

mod faults;
mod kill;
mod provisioned;
mod restores;
mod way_home;

use pp_attributes::account::Account;
use pp_testing::{TestResult, child};

/// What the child process does; nothing where no parent started it.
#[test]
fn child() -> TestResult {
    child::run(|graph, _, _, _| {
        let backup: Vec<Account> = serde_json::from_str(&child::told())?;
        provisioned::restore_all(&graph, &backup)?;
        Ok(())
    })
}
