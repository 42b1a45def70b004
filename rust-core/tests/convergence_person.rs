//! A person's run under faults: any at any request, as in `convergence_matrix`; and at the sign-in service while a token is
//! renewed that ended, or was challenged, anywhere in the run. Test runs a sample; with `PPFEDERATION_FULL` set, every cell.

mod support;

use std::error::Error;

use ppfederation::runbook::wanted::Wanted;
use support::TestResult;
use support::matrix::{Cell, Start, Who, hold, tenant, whole_request_faults};
use tenant_twin::{Fault, FaultKind, On, Target};

/// Cells of the samples.
const SAMPLE: usize = 30;

/// Requests of a clean run to Microsoft Graph.
fn requests(start: Start) -> Result<u64, Box<dyn Error>> {
    let clean = tenant(Who::Person, start, None)?;
    clean.apply(&Wanted::everything())?;
    Ok(u64::try_from(clean.twin.requests().iter().filter(|request| !request.token).count())?)
}

fn cells(faults: impl Fn(u64, &FaultKind, u64) -> Vec<Vec<Fault>>) -> Result<Vec<Cell>, Box<dyn Error>> {
    let mut cells = Vec::new();
    for start in [Start::Fresh, Start::HalfDone, Start::Finished] {
        for place in 1..=requests(start)? {
            for kind in &whole_request_faults() {
                for times in [1, 3, u64::MAX] {
                    let all = faults(place, kind, times).into_iter();
                    cells.extend(all.map(|faults| Cell { who: Who::Person, start, faults, lag: None }));
                }
            }
        }
    }
    Ok(cells)
}

#[test]
fn any_single_fault_ends_as_a_clean_run_or_in_a_typed_error_that_a_rerun_mends() -> TestResult {
    let one = |place, kind: &FaultKind, times| {
        vec![vec![Fault::new(On::every(Target::Request), kind.clone()).nth(place).times(times)]]
    };
    hold(cells(one)?, SAMPLE)
}

#[test]
fn a_renewal_that_fails_ends_likewise() -> TestResult {
    // The token has ended at this request, and the sign-in service stumbles over the refresh token.
    let renewal = |place, kind: &FaultKind, times| {
        let stumble = Fault::new(On::every(Target::Token), kind.clone()).times(times);
        let ended = [FaultKind::TokenExpired, FaultKind::ClaimsChallenge];
        let ended = ended.map(|ended| Fault::new(On::every(Target::Graph), ended).nth(place));
        ended.map(|ended| vec![ended, stumble.clone()]).to_vec()
    };
    hold(cells(renewal)?, SAMPLE)
}
