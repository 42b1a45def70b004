//! Whether an application that was there really shows no secret: a replica may lag, and of all that a run makes the secret
//! alone would then be there twice.

use time::OffsetDateTime;

use crate::apply::RunError;
use crate::observe::observe;
use pp_base::retry::{self, WaitEnd};
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::steps::client_secret::valid_secrets;
use pp_runbook::wanted::Wanted;

/// Looks that must not show a secret until one is made.
const LOOKS: u32 = 4;

/// The looks of a run that have shown none.
pub(crate) struct MissingSecret {
    looks: u32,
}

impl MissingSecret {
    /// After the look that a plan was made of.
    pub(crate) fn new() -> Self {
        Self { looks: 1 }
    }

    /// Looks once more, and keeps what shows a secret; false where the looks so far must do, since they are enough or no
    /// time for another is left.
    pub(crate) fn look_again(
        &mut self,
        graph: &Graph<'_>,
        wanted: &Wanted,
        known: Option<&AppIds>,
        observed: &mut Observed,
    ) -> Result<bool, RunError> {
        if self.looks == LOOKS || !wait(graph, self.looks)? {
            return Ok(false);
        }
        self.looks += 1;
        // Alone, so that no other read of a batch decides which replica it meets.
        let look = observe(graph, &[LookUp::Application], wanted, known)?;
        if shows_secret(&look, wanted, graph.clock.now()) {
            observed.application = look.application;
        }
        Ok(true)
    }
}

fn wait(graph: &Graph<'_>, looks: u32) -> Result<bool, RunError> {
    let why = "the application shows no PPToken that is valid; looking again, since a replica may lag";
    match retry::wait(graph.clock, &graph.call, looks, None, why) {
        Ok(()) => Ok(true),
        Err(WaitEnd::Spent) => Ok(false),
        Err(WaitEnd::Cancelled) => Err(GraphError::Cancelled.into()),
    }
}

fn shows_secret(look: &Observed, wanted: &Wanted, now: OffsetDateTime) -> bool {
    look.app(wanted.adopt).is_some_and(|app| !valid_secrets(&app.password_credentials, now).is_empty())
}
