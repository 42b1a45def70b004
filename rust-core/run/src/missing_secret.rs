//! Whether an application that was there really shows no secret: a replica may lag, and of all that a run makes the secret
//! alone would then be there twice.

use time::OffsetDateTime;

use crate::apply::RunError;
use crate::observe::observe;
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::steps::client_secret::valid_secrets;
use pp_runbook::wanted::Wanted;

/// Looks that must not show a secret until one is made.
const LOOKS: u32 = 4;

/// The looks of a run that have shown none.
pub(crate) struct MissingSecret {
    looks: Tries,
}

impl MissingSecret {
    /// After the look that a plan was made of.
    pub(crate) fn new() -> Self {
        Self { looks: Tries::default() }
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
        let why = "the application shows no PPToken that is valid; looking again, since a replica may lag";
        if self.looks.so_far() == LOOKS || !self.looks.again(graph.clock, &graph.call, None, why)? {
            return Ok(false);
        }
        // Alone, so that no other read of a batch decides which replica it meets.
        let look = observe(graph, &[LookUp::Application], wanted, known)?;
        if shows_secret(&look, wanted, graph.clock.now()) {
            observed.application = look.application;
        }
        Ok(true)
    }
}

fn shows_secret(look: &Observed, wanted: &Wanted, now: OffsetDateTime) -> bool {
    look.app(wanted.adopt).is_some_and(|app| !valid_secrets(&app.password_credentials, now).is_empty())
}
