//! Any single fault at any request of a removal, or of a plan's undoing, ends where a clean one ends, or in a typed error and a
//! tenant from which a clean one gets there, also where replicas lag and disagree. Test runs a seeded sample; with `PPFEDERATION_FULL`
//! set, every cell.

use std::error::Error;

use pp_run::apply::RunError;
use pp_run::removal::{remove, remove_for_good, until_listed};
use pp_run::take_back::{Answers, Taken};
use pp_runbook::change::{ChangeKind, Object};
use pp_runbook::kept_plan::KeptPlan;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, Wanted};
use pp_testing::matrix::{LAG, Who, hold_each, item_faults, tenant, whole_request_faults};
use pp_testing::shape::shape;
use pp_testing::start::Start;
use pp_testing::undoing::{carried_out, undo};
use pp_testing::{Tenant, TestResult};
use serde_json::{Value, json};
use tenant_twin::{Fault, On, Target};

/// Cells of the sample; the whole has far more.
const SAMPLE: usize = 40;

/// What is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// All that the application is, for good.
    Removal,
    /// A plan that was carried out.
    Undo,
}

/// One of the matrix.
#[derive(Debug, Clone)]
struct Cell {
    way: Way,
    start: Start,
    fault: Fault,
    /// What is written is seen late and not by every read, drawn from this seed.
    lag: Option<u64>,
}

/// A tenant in which there is something to take back.
struct Standing {
    tenant: Tenant,
    /// The plan that has made it, and what there was before, but for synchronization, which isn't switched on again.
    carried_out: Option<(KeptPlan, Value)>,
}

impl Standing {
    fn of(way: Way, start: Start, lag: Option<u64>) -> Result<Self, Box<dyn Error>> {
        let tenant = tenant(Who::Application, start, lag)?;
        let carried_out = match way {
            Way::Removal => None,
            Way::Undo => {
                let mut before = shape(&tenant.twin.state());
                let kept = carried_out(&tenant, &start.wanted())?;
                before["sync"] = json!(false);
                Some((kept, before))
            }
        };
        tenant.twin.advance(LAG);
        Ok(Self { tenant, carried_out })
    }

    fn take_back(&self) -> Result<(), RunError> {
        match &self.carried_out {
            None => remove_whole(&self.tenant),
            Some((kept, _)) => undo(&self.tenant, kept, &Wanted::everything())?.failed.map_or(Ok(()), Err),
        }
    }

    /// Whether nothing is left, or what there was before the plan.
    fn holds(&self, when: &str) -> TestResult {
        let state = self.tenant.twin.state();
        let shape = shape(&state);
        let whole = if let Some((_, before)) = &self.carried_out {
            shape == *before
        } else {
            let all = ["applications", "deletedApplications", "deletedServicePrincipals"];
            let mut all = all.iter().flat_map(|name| state[name].as_array().into_iter().flatten());
            shape["principals"] == 0 && !all.any(|one| one["displayName"] == DEFAULT_DISPLAY_NAME)
        };
        if whole { Ok(()) } else { Err(format!("{when}: {shape}").into()) }
    }
}

/// A removal, for good.
fn remove_whole(tenant: &Tenant) -> Result<(), RunError> {
    tenant.with(|graph, voice| {
        let ended = remove(graph, voice, &Wanted::everything(), Answers::ALL)?;
        let id = |(item, taken): &(pp_runbook::take_back::Item, Taken)| match &item.change()?.kind {
            ChangeKind::Remove { object: Object::Application | Object::ServicePrincipal, id }
                if *taken == Taken::Done =>
            {
                Some(id.clone())
            }
            _ => None,
        };
        let gone: Vec<String> = ended.items.iter().filter_map(id).collect();
        ended.failed.map_or(Ok(()), Err)?;
        until_listed(&graph, &gone)?;
        remove_for_good(graph, voice, &gone)?.failed.map_or(Ok(()), Err)
    })
}

/// Every request and every item of a batch that it sends where nothing goes wrong, and where that ends.
fn cells(way: Way, start: Start) -> Result<Vec<Cell>, Box<dyn Error>> {
    let clean = Standing::of(way, start, None)?;
    clean.take_back()?;
    clean.holds("after a clean one")?;
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
                    cells.push(Cell { way, start, fault: fault.clone(), lag: Some(place) });
                }
                cells.push(Cell { way, start, fault, lag: None });
            }
        }
    }
    Ok(cells)
}

fn run(cell: &Cell) -> Result<&'static str, Box<dyn Error>> {
    let standing = Standing::of(cell.way, cell.start, cell.lag)?;
    let twin = &standing.tenant.twin;
    twin.add_fault(cell.fault.clone());
    let ended = match standing.take_back() {
        Ok(()) => {
            standing.holds("at its end")?;
            "as a clean one"
        }
        Err(RunError::Problem(_)) => "refused before writing",
        Err(RunError::Graph { .. }) => "a typed error of a call",
        Err(RunError::NotConverged(_)) => "not converged",
        Err(
            error @ (RunError::SecretLeft { .. }
            | RunError::NotPlanned(_)
            | RunError::NotPlannedOfRestored(_)
            | RunError::NotWrittenDown(_)),
        ) => {
            return Err(error.into());
        }
    };
    if twin.faults_shown() == 0 {
        return Ok("not reached");
    }
    twin.clear_faults();
    standing.take_back()?;
    standing.holds("after another one")?;
    Ok(ended)
}

fn hold(way: Way, starts: &[Start]) -> TestResult {
    let mut all = Vec::new();
    for start in starts {
        all.extend(cells(way, *start)?);
    }
    hold_each(all, SAMPLE, run)
}

#[test]
fn any_single_fault_ends_as_a_clean_removal_or_in_a_typed_error_that_another_one_mends() -> TestResult {
    hold(Way::Removal, &[Start::Fresh, Start::HalfDone, Start::Finished])
}

#[test]
fn any_single_fault_ends_as_a_clean_undoing_or_in_a_typed_error_that_another_one_mends() -> TestResult {
    hold(Way::Undo, &[Start::Fresh, Start::HalfDone, Start::Finished, Start::Lacking])
}
