//! Any single fault at any request of a restore ends where a clean one ends, or in rows and errors that say what is missing, and a
//! rerun gets there, also where replicas lag and disagree. Test runs a seeded sample; with `PPFEDERATION_FULL` set, every cell.

use std::error::Error;
use std::time::Duration;

use pp_run::attribute_restore::Restored;
use pp_testing::TestResult;
use pp_testing::matrix::{hold_each, item_faults, whole_request_faults};
use tenant_twin::{Fault, On, Options, Target};

use crate::provisioned::{Provisioned, ends, options};

/// Cells of the sample; the whole has far more.
const SAMPLE: usize = 80;

#[derive(Debug, Clone)]
struct Cell {
    fault: Fault,
    /// What is written is seen late and not by every read, drawn from this seed.
    lag: Option<u64>,
}

fn overwritten(lag: Option<u64>) -> Result<Provisioned, Box<dyn Error>> {
    let lagging = |seed| Options { seed, max_lag: Duration::from_secs(20), ..options(3) };
    let provisioned = Provisioned::overwritten(&lag.map_or_else(|| options(3), lagging))?;
    provisioned.tenant.twin.clear_requests();
    Ok(provisioned)
}

/// Every request and every item of a batch that a clean restore sends.
fn cells() -> Result<Vec<Cell>, Box<dyn Error>> {
    let clean = overwritten(None)?;
    clean.restore()?;
    let requests = clean.tenant.twin.requests();
    let items: usize = requests.iter().map(|request| request.batch.len()).sum();
    let mut cells = Vec::new();
    for (target, places, kinds) in
        [(Target::Request, requests.len(), whole_request_faults()), (Target::Item, items, item_faults())]
    {
        for place in 1..=u64::try_from(places)? {
            for (kind, times) in kinds.iter().flat_map(|kind| [1, 3, u64::MAX].map(|times| (kind, times))) {
                let fault = Fault::new(On::every(target), kind.clone()).nth(place).times(times);
                if times == 1 {
                    cells.push(Cell { fault: fault.clone(), lag: Some(place) });
                }
                cells.push(Cell { fault, lag: None });
            }
        }
    }
    Ok(cells)
}

fn is_whole(restored: &[Restored]) -> bool {
    restored.iter().all(|user| ends(user).iter().all(|(_, end)| *end != "Failed"))
}

fn run(cell: &Cell) -> Result<&'static str, Box<dyn Error>> {
    let provisioned = overwritten(cell.lag)?;
    let twin = &provisioned.tenant.twin;
    twin.add_fault(cell.fault.clone());
    let ended = match provisioned.restore() {
        Ok(restored) if is_whole(&restored) => {
            same(&provisioned, "told as restored")?;
            "as a clean restore"
        }
        Ok(_) => "rows that say what is missing",
        Err(_) => "a typed error of a call",
    };
    if twin.faults_shown() == 0 {
        return Ok("not reached");
    }
    twin.clear_faults();
    let again = provisioned.restore()?;
    if !is_whole(&again) {
        return Err(format!("a rerun without faults is not whole: {again:?}").into());
    }
    same(&provisioned, "after a rerun")?;
    Ok(ended)
}

fn same(provisioned: &Provisioned, when: &str) -> TestResult {
    let (is, wanted) = (provisioned.fingerprint(), provisioned.wanted());
    if is == wanted { Ok(()) } else { Err(format!("{when}: {is:?} instead of {wanted:?}").into()) }
}

#[test]
fn any_single_fault_ends_as_a_clean_restore_or_in_rows_that_a_rerun_mends() -> TestResult {
    hold_each(cells()?, SAMPLE, run)
}
