//! Any single fault at any request of a run ends where a clean run ends, or in a typed error and a tenant from which a
//! clean rerun gets there, also where replicas lag and disagree, and where the machine's clock is a week
//! ahead or behind. Test runs a seeded sample; with `PPFEDERATION_FULL` set,
//! every cell.

use std::error::Error;

use pp_testing::TestResult;
use pp_testing::matrix::{Cell, Who, hold, item_faults, tenant, whole_request_faults};
use pp_testing::start::{Start, starts};
use tenant_twin::{ErrorShape, Fault, FaultKind, On, RetryAfter, Target, Unreadable};
use time::Duration as Span;

/// Cells of the sample; the whole has far more.
const SAMPLE: usize = 90;

/// What may befall one item of a run.
fn item_faults_of_a_run() -> Vec<FaultKind> {
    let mut kinds = item_faults();
    kinds.extend([
        FaultKind::Throttled(RetryAfter::Absent),
        FaultKind::SecondWriter,
        FaultKind::OddError(ErrorShape::DetailsObject),
        FaultKind::PolicyBlocksSecrets,
    ]);
    kinds
}

/// The same, and the answer to the request after it can't be read.
fn then_unreadable(cell: &Cell, place: u64) -> Cell {
    let how = [Unreadable::Html, Unreadable::Empty, Unreadable::Cut][usize::try_from(place % 3).unwrap_or_default()];
    let mut cell = cell.clone();
    cell.faults.push(Fault::new(On::every(Target::Request), FaultKind::Unreadable(how)).nth(place + 1));
    cell
}

/// Every request and every item of a batch that a clean run sends.
fn cells(start: Start) -> Result<Vec<Cell>, Box<dyn Error>> {
    let clean = tenant(Who::Application, start, None)?;
    let ended = clean.apply(&start.wanted());
    if start.lift(&clean.twin)? {
        start.refuses(&ended)?;
    } else {
        ended?;
    }
    let requests = clean.twin.requests();
    let items: usize = requests.iter().map(|request| request.batch.len()).sum();
    let mut cells = Vec::new();
    for (target, places, kinds) in
        [(Target::Request, requests.len(), whole_request_faults()), (Target::Item, items, item_faults_of_a_run())]
    {
        for place in 1..=u64::try_from(places)? {
            for kind in &kinds {
                for times in [1, 3, u64::MAX] {
                    let fault = Fault::new(On::every(target), kind.clone()).nth(place).times(times);
                    let cell = Cell {
                        who: Who::Application,
                        start,
                        faults: vec![fault],
                        lag: None,
                        ahead: Span::ZERO,
                        draw: 0,
                    };
                    if times == 1 {
                        cells.push(Cell { lag: Some(place), ..cell.clone() });
                        cells.push(then_unreadable(&cell, place));
                        cells.extend([Span::WEEK, -Span::WEEK].map(|ahead| Cell { ahead, ..cell.clone() }));
                    }
                    cells.push(cell);
                }
            }
        }
    }
    Ok(cells)
}

#[test]
fn any_single_fault_ends_as_a_clean_run_or_in_a_typed_error_that_a_rerun_mends() -> TestResult {
    let mut all = Vec::new();
    for start in starts() {
        all.extend(cells(start)?);
    }
    hold(all, SAMPLE)
}
