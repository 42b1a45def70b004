//! Whether an application that was there really shows no secret: a replica may lag, and of all that a run makes the secret
//! alone would then be there twice.

use time::OffsetDateTime;

use crate::agreeing::Agreeing;
use crate::apply::RunError;
use crate::observe::observe;
use pp_graph::Graph;
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::problem::Problem;
use pp_runbook::step::StepName;
use pp_runbook::steps::client_secret::valid_secrets;
use pp_runbook::wanted::Wanted;

/// Looks in a row, after the one that the plan was made of, that must not show a secret until one is made.
const LOOKS: u32 = 3;

/// The looks of a run that have shown none.
#[derive(Debug, Default)]
pub(crate) struct MissingSecret {
    looks: Agreeing,
    enough: bool,
}

impl MissingSecret {
    /// Looks once more, and keeps what shows a secret; false where the looks so far are enough.
    pub(crate) fn look_again(
        &mut self,
        graph: &Graph<'_>,
        wanted: &Wanted,
        known: Option<&AppIds>,
        observed: &mut Observed,
    ) -> Result<bool, RunError> {
        if self.enough {
            return Ok(false);
        }
        self.looks.wait(graph)?;
        // Alone, so that no other read of a batch decides which replica it meets.
        let look = observe(graph, &[LookUp::Application], wanted, known)?;
        if let Err(unread) = &look.application {
            return Err(Problem::NotReadable { step: StepName::ClientSecret, unread: unread.clone() }.into());
        }
        let shows = shows_secret(&look, wanted, graph.now());
        if shows {
            observed.application = look.application;
        }
        self.enough = self.looks.count(!shows, graph) == LOOKS;
        Ok(true)
    }
}

fn shows_secret(look: &Observed, wanted: &Wanted, now: OffsetDateTime) -> bool {
    look.app(wanted.adopt).is_some_and(|app| !valid_secrets(&app.password_credentials, now).is_empty())
}
