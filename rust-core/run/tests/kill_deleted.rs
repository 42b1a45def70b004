//! The process is killed at every request boundary of a run that restores, deletes for good or goes on beside a deleted
//! application: a rerun with the same choice ends as a clean run.
#![expect(clippy::print_stdout, reason = "the test says how much it tried")]

use std::error::Error;
use std::thread;
use std::time::Duration;

use pp_run::apply::apply;
use pp_runbook::wanted::{DeletedApp, Wanted};
use pp_testing::matrix::drawn;
use pp_testing::shape::shape;
use pp_testing::{Tenant, TestResult, child};
use tenant_twin::{Fault, FaultKind, On, Options, Target};

fn choosing(choice: &str) -> Result<Wanted, Box<dyn Error>> {
    Ok(Wanted { deleted_app: Some(DeletedApp::try_from(choice.to_owned())?), ..Wanted::everything() })
}

/// What the child process does; nothing where no parent started it.
#[test]
fn child() -> TestResult {
    child::run(|graph, voice, _, _| {
        apply(graph, voice, &choosing(&child::told())?, None)?;
        Ok(())
    })
}

/// Of the twin's forms the one that is drawn from this.
fn deleted(draw: u64) -> Result<Tenant, Box<dyn Error>> {
    let options = Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() };
    let tenant = Tenant::start(&drawn(draw, options))?;
    let made = tenant.apply(&Wanted::everything())?.application.ok_or("no application")?;
    tenant.twin.edit(|directory| directory.delete_application(&made.id));
    tenant.twin.clear_requests();
    Ok(tenant)
}

#[test]
fn killed_at_any_boundary_a_rerun_with_the_same_choice_ends_as_a_clean_run() -> TestResult {
    let (mut kills, mut draw) = (0, 0);
    for choice in ["Restore", "Purge", "Ignore"] {
        let model = deleted(0)?;
        model.apply(&choosing(choice)?)?;
        let clean = shape(&model.twin.state());
        for n in 1..=model.twin.requests().len() {
            // Three choices, so that each meets other forms at the same place.
            let tenant = deleted(draw)?;
            draw += 1;
            let late = FaultKind::Delayed(Duration::from_mins(1));
            tenant.twin.add_fault(Fault::new(On::every(Target::Request), late).nth(u64::try_from(n)?));
            let mut child = child::start_told(&tenant.twin, usize::MAX, choice)?;
            while tenant.twin.requests().len() < n && child.try_wait()?.is_none() {
                thread::yield_now();
            }
            child.kill()?;
            child.wait()?;
            tenant.twin.clear_faults();
            tenant.apply(&choosing(choice)?)?;
            assert_eq!(shape(&tenant.twin.state()), clean, "{choice}: killed before answer {n}");
            kills += 1;
        }
    }
    println!("{kills} kills");
    Ok(())
}
