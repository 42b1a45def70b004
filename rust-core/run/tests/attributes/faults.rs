//! Any single fault at any request of a restore ends where a clean one ends, or in rows and errors that say what is missing, and a
//! rerun gets there, also where replicas lag and disagree. Test runs a seeded sample; with `PPFEDERATION_FULL` set, every cell.

use std::error::Error;
use std::time::Duration;

use pp_attributes::restore::Restorable;
use pp_run::attribute_restore::{Lot, Restored};
use pp_testing::TestResult;
use pp_testing::matrix::{hold_each, item_faults, whole_request_faults};
use serde_json::json;
use tenant_twin::{Fault, On, Options, Target};

use crate::provisioned::{Provisioned, ends, is_on_the_way, options};

/// Cells of the sample; the whole has far more.
const SAMPLE: usize = 120;

/// Three users of whom everything was overwritten, and one of whom the Immutable ID alone was.
const USERS: u32 = 4;

#[derive(Debug, Clone)]
struct Cell {
    fault: Fault,
    /// What is written is seen late and not by every read, drawn from this seed.
    lag: Option<u64>,
}

fn overwritten(lag: Option<u64>) -> Result<Provisioned, Box<dyn Error>> {
    let lagging = |seed| Options { seed, max_lag: Duration::from_secs(20), ..options(USERS) };
    let provisioned = Provisioned::start(&lag.map_or_else(|| options(USERS), lagging))?;
    (0..provisioned.backup.len() - 1).for_each(|number| provisioned.overwrite(number));
    provisioned.set(provisioned.backup.len() - 1, "onPremisesImmutableId", &json!("UG9ydGFs"));
    provisioned.tenant.twin.clear_requests();
    Ok(provisioned)
}

/// Every request and every item of a batch that a clean restore sends.
fn cells() -> Result<Vec<Cell>, Box<dyn Error>> {
    let clean = overwritten(None)?;
    clean.restore()?;
    same(&clean, "without a fault")?;
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
    restored.iter().all(|user| ends(user).iter().all(|(_, end)| ["Restored", "Skipped"].contains(end)))
}

/// Who can't sign in until it is mended by hand or by another run is told.
fn nobody_is_left_untold(provisioned: &Provisioned, restored: &[Restored]) -> TestResult {
    for (user, name) in provisioned.backup.iter().zip(provisioned.names()) {
        let mut rows = restored.iter().filter(|restored| restored.was.id == user.id).flat_map(|user| &user.attributes);
        if is_on_the_way(&name) && !rows.any(|outcome| outcome.left_as.as_deref() == Some(&name)) {
            return Err(format!("left as {name}, and no row says so: {restored:?}").into());
        }
    }
    Ok(())
}

fn run(cell: &Cell) -> Result<&'static str, Box<dyn Error>> {
    let provisioned = overwritten(cell.lag)?;
    let twin = &provisioned.tenant.twin;
    twin.add_fault(cell.fault.clone());
    let Lot { restored, stopped } = provisioned.lot(&Restorable::ALL);
    nobody_is_left_untold(&provisioned, &restored)?;
    let ended = match stopped {
        None if is_whole(&restored) => {
            same(&provisioned, "told as restored")?;
            "as a clean restore"
        }
        None => "rows that say what is missing",
        Some(_) => "a typed error of a call",
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
