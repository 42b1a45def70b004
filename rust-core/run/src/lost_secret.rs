//! Secrets whose text reaches nobody: the answer that held it was lost, or the caller has gone. Such a secret is known by
//! its id or by the very start that was sent, and only that one is removed: nothing else tells an orphan from a key in use.

use std::time::Duration;

use time::OffsetDateTime;

use crate::agreeing::Absent;
use crate::apply::{LeftSecret, RunError};
use crate::carry_out::{CarryOut, Halt, Trouble, not_visible};
use crate::observe::{item, observe};
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::clock::Clock;
use pp_base::retry::{Budget, Tries};
use pp_graph::Graph;
use pp_graph::batch::Order;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_runbook::change::ChangeKind;
use pp_runbook::change_request::Ids;
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::step::StepName;
use pp_runbook::types::{Application, PasswordCredential};
use pp_runbook::wanted::{SECRET_NAME, Wanted};
use pp_words::instant;

/// How long a secret whose answer was lost must not show before it counts as never made: a replica may lag.
pub(crate) const LONG_ENOUGH: Duration = Duration::from_secs(30);
/// Waiting time for a secret that was under way when the run ended. After a cancel nobody waits for it: the job has ended.
pub(crate) const AFTER_END: Duration = Duration::from_mins(1);

/// A secret that was asked for and whose answer was lost.
pub(crate) struct LostSecret {
    /// The start that was sent.
    pub(crate) start: OffsetDateTime,
    /// When its answer was lost, by the clock's [`Clock::elapsed`].
    since: Duration,
    /// The last look itself has shown its application: one that counts as there without says nothing of its secrets.
    pub(crate) shown: bool,
}

impl LostSecret {
    /// One that was asked for with this start, and whose answer was lost just now.
    pub(crate) fn new(start: OffsetDateTime, clock: &dyn Clock) -> Self {
        Self { start, since: clock.elapsed(), shown: false }
    }

    /// What to say of it where nobody can tell whether it was made.
    pub(crate) fn may_be_there(&self) -> String {
        let start = instant(self.start);
        format!(
            "a client secret PPToken that starts {start} may have been made, and nobody has its text: Get-PPClientSecret \
             lists it by its start; if it is there, remove it with Remove-PPClientSecret -KeyId and its KeyId"
        )
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

impl CarryOut<'_> {
    /// A secret whose answer was lost is known by the very start that was sent. It is removed, since its text is gone,
    /// and only that one is. Until it is found, or several looks at the application don't show it, no other is made.
    pub(crate) fn settle_lost_secret(&mut self, observed: &Observed) -> Result<(), Halt> {
        let Some(lost) = &mut self.lost_secret else { return Ok(()) };
        let application = observed.app(self.wanted.adopt);
        let step = StepName::ClientSecret;
        let Some((application, orphan)) = application.and_then(|app| Some((app, lost.in_application(app)?))) else {
            if lost.shown && lost.missed(self.graph.clock) {
                let start = lost.start;
                self.lost_secret = None;
                self.made.lost.push(start);
                self.note(|journal| journal.lost(start, None));
                return Ok(());
            }
            return Err(not_visible(step, "the answer to a new secret was lost; looking whether it was made").into());
        };
        match remove(self.graph, &application.id, &orphan.key_id) {
            Ok(()) => {}
            Err(error) if matches!(error.reaction(), Reaction::Denied | Reaction::Policy | Reaction::SignInAgain) => {
                return Err(RunError::Graph { step: Some(step), error }.into());
            }
            // Also where a lagging replica still shows what is gone, which the service refuses to remove once more, or doesn't know the
            // application yet: it isn't found then, which says nothing of the secret.
            Err(error) => {
                return Err(Trouble::new(error.retry_after(), RunError::Graph { step: Some(step), error }).into());
            }
        }
        let start = lost.start;
        self.lost_secret = None;
        self.note(|journal| journal.lost(start, Some(&orphan.key_id)));
        self.made.removed.push(orphan.key_id.clone());
        Err(not_visible(step, "a secret whose text was lost has been removed").into())
    }

    /// The run ends with this error before a secret could reach the caller: one that was made, or may have been, is taken
    /// back; where that fails, the error names it.
    pub(crate) fn leave_no_secret(&mut self, observed: &Observed, error: RunError) -> RunError {
        let known = self.known(observed);
        let (mut left, mut secret) = (Vec::new(), None);
        if let (Some(made), Some(known)) = (self.made.secret.take(), &known) {
            if take_back_made(self.graph, &self.wanted, known, &made.key_id) {
                self.note(|journal| journal.removed(&made.key_id));
            } else {
                let made = LeftSecret { app_id: known.app_id.clone(), secret: made };
                left.push(made.words());
                secret = Some(made);
            }
        }
        if let Some(lost) = self.lost_secret.take() {
            match take_back(self.graph, &self.wanted, known.as_ref(), &lost) {
                TakenBack::Removed(key_id) => self.note(|journal| journal.lost(lost.start, Some(&key_id))),
                TakenBack::NeverThere => self.note(|journal| journal.lost(lost.start, None)),
                TakenBack::Unknown => left.push(lost.may_be_there()),
            }
        }
        if left.is_empty() { error } else { RunError::left(error, left.join(". "), secret) }
    }
}

/// What is still to be done when the operation has ended: its caller may have cancelled, and its retry budget may be spent.
pub(crate) fn after_end<T>(graph: Graph<'_>, time: Duration, work: impl FnOnce(Graph<'_>) -> T) -> T {
    let (cancel, budget) = (Cancel::never(), Budget::new(time));
    work(Graph { call: Call { cancel: &cancel, budget: &budget, ..graph.call }, ..graph })
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

/// What became of a secret whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenBack {
    /// It was there, and is gone: its key id.
    Removed(String),
    /// Several looks didn't show it.
    NeverThere,
    /// That can't be found out.
    Unknown,
}

/// The run ends while a secret may be there whose answer was lost: it is looked for, and taken back where it was made. Where
/// that can't be found out, the next run names what is there.
pub(crate) fn take_back(graph: Graph<'_>, wanted: &Wanted, known: Option<&AppIds>, lost: &LostSecret) -> TakenBack {
    after_end(graph, AFTER_END, |graph| until_found(graph, wanted, known, lost))
}

fn until_found(graph: Graph<'_>, wanted: &Wanted, known: Option<&AppIds>, lost: &LostSecret) -> TakenBack {
    let mut tries = Tries::default();
    loop {
        let observed = observe(&graph, &[LookUp::Application], wanted, known);
        let application = observed.as_ref().ok().and_then(|observed| observed.app(wanted.adopt));
        match application.and_then(|app| Some((app, lost.in_application(app)?))) {
            Some((application, orphan)) => {
                let removed = remove(graph, &application.id, &orphan.key_id);
                told(graph, &orphan.key_id, &removed);
                match removed {
                    Ok(()) => return TakenBack::Removed(orphan.key_id.clone()),
                    Err(error) if error.reaction() == Reaction::Denied => return TakenBack::Unknown,
                    Err(_) => {}
                }
            }
            // A look that doesn't show the application says nothing of its secrets.
            None if application.is_some() && lost.missed(graph.clock) => return TakenBack::NeverThere,
            None => {}
        }
        let why = "the run ends while a secret was being made; looking whether it was";
        if !matches!(tries.again(graph.clock, &graph.call, None, why), Ok(true)) {
            return TakenBack::Unknown;
        }
    }
}

/// Takes back a secret whose text has reached nobody, again after what passes by itself. True where it is gone.
pub fn take_back_made(graph: Graph<'_>, wanted: &Wanted, known: &AppIds, key_id: &str) -> bool {
    after_end(graph, AFTER_END, |graph| until_gone(graph, wanted, known, key_id))
}

fn until_gone(graph: Graph<'_>, wanted: &Wanted, known: &AppIds, key_id: &str) -> bool {
    let (mut tries, mut absent) = (Tries::default(), Absent::default());
    loop {
        let removed = remove(graph, &known.object_id, key_id);
        told(graph, key_id, &removed);
        let error = match removed {
            Ok(()) => return true,
            Err(error) => error,
        };
        match error.reaction() {
            // What is gone is refused, by an answer that was lost or by somebody else; so is what a lagging replica doesn't
            // know yet.
            Reaction::NotFound | Reaction::Real => {
                if absent.count(is_absent(graph, wanted, known, key_id), &graph) {
                    return true;
                }
            }
            Reaction::Transient | Reaction::Conflict | Reaction::Throttled => {}
            Reaction::AlreadyThere
            | Reaction::NotYet
            | Reaction::Denied
            | Reaction::Policy
            | Reaction::SignInAgain
            | Reaction::NotTried => return false,
        }
        if !matches!(tries.again(graph.clock, &graph.call, error.retry_after(), &error.to_string()), Ok(true)) {
            return false;
        }
    }
}

/// Whether a look at the application doesn't show the secret.
fn is_absent(graph: Graph<'_>, wanted: &Wanted, known: &AppIds, key_id: &str) -> bool {
    let observed = observe(&graph, &[LookUp::Application], wanted, Some(known)).ok();
    let application = observed.as_ref().and_then(|observed| observed.app(wanted.adopt));
    application.is_some_and(|found| !found.password_credentials.iter().any(|secret| secret.key_id == key_id))
}

fn told(graph: Graph<'_>, key_id: &str, removed: &Result<(), GraphError>) {
    let what = match removed {
        Ok(()) => "was removed".to_owned(),
        Err(error) => format!("could not be removed: {error}"),
    };
    (graph.call.log)(&format!("taking back: secret {key_id} {what}"));
}
