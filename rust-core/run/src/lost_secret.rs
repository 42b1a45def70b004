//! Secrets whose text reaches nobody: the answer that held it was lost, or the caller has gone. Such a secret is known by
//! its id or by the very start that was sent, and only that one is removed: nothing else tells an orphan from a key in use.

use std::time::Duration;

use time::OffsetDateTime;

use crate::made::MadeSecret;
use crate::observe::{item, observe};
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::clock::Clock;
use pp_base::retry::{Budget, Tries};
use pp_graph::Graph;
use pp_graph::batch::Order;
use pp_graph::error::GraphError;
use pp_runbook::change::ChangeKind;
use pp_runbook::change_request::Ids;
use pp_runbook::observed::{AppIds, LookUp};
use pp_runbook::step::StepName;
use pp_runbook::types::{Application, PasswordCredential};
use pp_runbook::wanted::{SECRET_NAME, Wanted};

/// How long a secret whose answer was lost must not show before it counts as never made: a replica may lag.
const LONG_ENOUGH: Duration = Duration::from_secs(30);
/// Waiting time for a secret that was under way when the caller cancelled. Nobody waits for it: the job has ended.
const AFTER_CANCEL: Duration = Duration::from_mins(1);

/// A secret that was asked for and whose answer was lost.
pub(crate) struct LostSecret {
    start: OffsetDateTime,
    /// When its answer was lost, by the clock's [`Clock::elapsed`].
    since: Duration,
}

impl LostSecret {
    /// One that was asked for with this start, and whose answer was lost just now.
    pub(crate) fn new(start: OffsetDateTime, clock: &dyn Clock) -> Self {
        Self { start, since: clock.elapsed() }
    }

    /// The secret, where the application shows it.
    pub(crate) fn in_application<'a>(&self, application: &'a Application) -> Option<&'a PasswordCredential> {
        application.password_credentials.iter().find(|secret| {
            secret.display_name.as_deref() == Some(SECRET_NAME) && secret.start_date_time == Some(self.start)
        })
    }

    /// Whether it counts as never made, after a look that did not show it.
    pub(crate) fn missed(&self, clock: &dyn Clock) -> bool {
        clock.elapsed().saturating_sub(self.since) >= LONG_ENOUGH
    }
}

/// Removes one secret.
pub(crate) fn remove(graph: Graph<'_>, application: &str, key_id: &str) -> Result<(), GraphError> {
    let change = ChangeKind::RemoveSecret { key_id: key_id.to_owned() }.of(StepName::ClientSecret);
    let start = graph.now();
    let ids = Ids { application: Some(application), app_id: None, principal: None, upsert: false, start };
    let items: Vec<_> = change.request(&ids).map(item).into_iter().collect();
    let results = graph.write(&items, Order::Parallel)?;
    results.into_iter().try_for_each(|result| result.map(drop))
}

/// The caller has cancelled and will never get this secret, whose text has not left this process: it is taken back, as
/// far as one request can.
pub fn withdraw(graph: Graph<'_>, known: &AppIds, secret: &MadeSecret) {
    let (cancel, budget) = (Cancel::never(), Budget::new(Duration::ZERO));
    let call = Call { cancel: &cancel, budget: &budget, ..graph.call };
    told(graph, &secret.key_id, &remove(Graph { call, ..graph }, &known.object_id, &secret.key_id));
}

/// The caller cancelled while a secret was being made: it is looked for, and taken back where it was made. One that turns
/// up later is named by the next run.
pub(crate) fn take_back(graph: Graph<'_>, wanted: &Wanted, known: Option<&AppIds>, start: OffsetDateTime) {
    let (cancel, budget) = (Cancel::never(), Budget::new(AFTER_CANCEL));
    let call = Call { cancel: &cancel, budget: &budget, ..graph.call };
    let graph = Graph { call, ..graph };
    let lost = LostSecret::new(start, graph.clock);
    let mut tries = Tries::default();
    loop {
        let observed = observe(&graph, &[LookUp::Application], wanted, known);
        let application = observed.as_ref().ok().and_then(|observed| observed.app(wanted.adopt));
        let orphan = application.and_then(|app| Some((app, lost.in_application(app)?)));
        match orphan {
            Some((application, orphan)) => {
                let removed = remove(graph, &application.id, &orphan.key_id);
                told(graph, &orphan.key_id, &removed);
                if removed.is_ok() {
                    return;
                }
            }
            None if application.is_some() && lost.missed(graph.clock) => return,
            None => {}
        }
        let why = "cancelled while a secret was being made; looking whether it was";
        if !matches!(tries.again(graph.clock, &graph.call, None, why), Ok(true)) {
            return;
        }
    }
}

fn told(graph: Graph<'_>, key_id: &str, removed: &Result<(), GraphError>) {
    let what = match removed {
        Ok(()) => "was removed".to_owned(),
        Err(error) => format!("could not be removed: {error}"),
    };
    (graph.call.log)(&format!("cancelled: secret {key_id} {what}"));
}
