//! Nothing to restore, as it seems: an application that is being restored leaves the list of what is deleted and comes into that of what is
//! there, and a replica that lags shows it in neither.

use std::time::Duration;

use pp_base::retry::pause;
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_runbook::observed::{LookUp, Observed};
use pp_runbook::plan::plan;
use pp_runbook::problem::Problem;
use pp_runbook::wanted::Wanted;

use crate::agreeing::BETWEEN;
use crate::name_taken::LONG_ENOUGH;
use crate::observe::observe;

/// Since when there is nothing.
#[derive(Debug, Default)]
pub(crate) struct Nothing {
    since: Option<Duration>,
}

impl Nothing {
    /// Whether a later look may show what this one lacks.
    pub(crate) fn may_pass(&mut self, problem: &Problem, graph: &Graph<'_>) -> bool {
        // Where others are listed, the id is another one.
        let nothing = matches!(problem, Problem::NothingToRestore { others, .. } if others.is_empty());
        let now = graph.clock.elapsed();
        nothing && now.saturating_sub(*self.since.get_or_insert(now)) < LONG_ENOUGH
    }
}

/// What a plan reads. Where there is nothing to restore it looks again, for as long as a replica may lag.
pub fn observe_to_plan(graph: &Graph<'_>, look_ups: &[LookUp], wanted: &Wanted) -> Result<Observed, GraphError> {
    let mut nothing = Nothing::default();
    loop {
        let observed = observe(graph, look_ups, wanted, None)?;
        // By the plan, for which a list that may not be read isn't an empty one.
        let planned = if wanted.restores() { plan(&observed, wanted, graph.now()).map(drop) } else { Ok(()) };
        let Err(problem) = planned else { return Ok(observed) };
        if !nothing.may_pass(&problem, graph)
            || !pause(graph.clock, &graph.call, BETWEEN, &format!("{problem}, as one look says"))?
        {
            return Ok(observed);
        }
    }
}
