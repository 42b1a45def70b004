//! Whether an application that was there really shows no secret: a replica may lag, and of all that a run makes the secret
//! alone would then be there twice.

use crate::agreeing::Agreeing;
use crate::apply::RunError;
use crate::carry_out::{Halt, not_visible};
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
    /// Looks once more, and keeps what shows a secret; false where the looks so far are enough. One that doesn't show the application
    /// is none of them.
    pub(crate) fn look_again(
        &mut self,
        graph: &Graph<'_>,
        wanted: &Wanted,
        known: Option<&AppIds>,
        observed: &mut Observed,
    ) -> Result<bool, Halt> {
        if self.enough {
            return Ok(false);
        }
        self.looks.wait(graph).map_err(RunError::from)?;
        // Alone, so that no other read of a batch decides which replica it meets.
        let look = observe(graph, &[LookUp::Application], wanted, known).map_err(RunError::from)?;
        if let Err(unread) = &look.application {
            let unread = unread.clone();
            return Err(RunError::from(Problem::NotReadable { step: StepName::ClientSecret, unread }).into());
        }
        let Some(application) = look.app(wanted.adopt) else {
            self.looks.count(false, graph);
            let why = "the application isn't shown; looking whether it has a client secret";
            return Err(not_visible(StepName::ClientSecret, why).into());
        };
        let shows = !valid_secrets(&application.password_credentials, graph.now()).is_empty();
        if shows {
            observed.application = look.application;
        }
        self.enough = self.looks.count(!shows, graph) == LOOKS;
        Ok(true)
    }
}
