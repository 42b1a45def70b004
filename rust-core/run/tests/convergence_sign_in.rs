//! The matrix of faults for each kind of sign-in: for a person, any fault at any request, as `convergence_matrix` has it for a
//! client secret; for every kind, faults of whatever gives the token, when it is renewed because it ended, or was challenged,
//! anywhere in the run. Test runs a sample; with `PPFEDERATION_FULL` set, every cell.

use std::error::Error;

use pp_runbook::wanted::Wanted;
use pp_testing::TestResult;
use pp_testing::matrix::{Cell, Who, hold, tenant, whole_request_faults};
use pp_testing::start::Start;
use tenant_twin::{Fault, FaultKind, On, Target};
use time::Duration as Span;

/// Cells of the samples.
const SAMPLE: usize = 30;

/// Requests of a clean run to Microsoft Graph.
fn requests(start: Start) -> Result<u64, Box<dyn Error>> {
    let clean = tenant(Who::Person, start, None)?;
    clean.apply(&Wanted::everything())?;
    Ok(u64::try_from(clean.twin.requests().iter().filter(|request| !request.token).count())?)
}

fn cells(of: impl Fn(u64, &FaultKind, u64) -> Vec<(Who, Vec<Fault>)>) -> Result<Vec<Cell>, Box<dyn Error>> {
    let mut cells = Vec::new();
    for start in [Start::Fresh, Start::HalfDone, Start::Finished] {
        for place in 1..=requests(start)? {
            for kind in &whole_request_faults() {
                for times in [1, 3, u64::MAX] {
                    let all = of(place, kind, times).into_iter();
                    cells.extend(all.map(|(who, faults)| Cell {
                        who,
                        start,
                        faults,
                        lag: None,
                        ahead: Span::ZERO,
                        draw: 0,
                    }));
                }
            }
        }
    }
    Ok(cells)
}

#[test]
fn any_single_fault_ends_as_a_clean_run_or_in_a_typed_error_that_a_rerun_mends() -> TestResult {
    let one = |place, kind: &FaultKind, times| {
        let fault = Fault::new(On::every(Target::Request), kind.clone()).nth(place).times(times);
        vec![(Who::Person, vec![fault])]
    };
    hold(cells(one)?, SAMPLE)
}

#[test]
fn a_renewal_that_fails_ends_likewise() -> TestResult {
    let renewals = [
        (Who::Person, Target::Token),
        (Who::Application, Target::Token),
        (Who::Certificate, Target::Token),
        (Who::Pipeline, Target::Token),
        (Who::Pipeline, Target::Source),
        (Who::ManagedIdentity, Target::Source),
    ];
    // The token has ended at this request of the run, and whatever gives another one stumbles.
    let renewal = |place, kind: &FaultKind, times| {
        let mut all = Vec::new();
        for (who, target) in renewals {
            // To an application a challenge is another way to end.
            let ends = [FaultKind::TokenExpired, FaultKind::ClaimsChallenge];
            for ended in ends.into_iter().take(if who == Who::Person { 2 } else { 1 }) {
                let ended = Fault::new(On::every(Target::Graph), ended).nth(place);
                // The first request for a token is the run's own, but for a person's, who has signed in before it.
                let first = if who == Who::Person { 1 } else { 2 };
                let stumble = Fault::new(On::every(target), kind.clone()).nth(first).times(times);
                all.push((who, vec![ended, stumble]));
            }
        }
        all
    };
    hold(cells(renewal)?, SAMPLE)
}
