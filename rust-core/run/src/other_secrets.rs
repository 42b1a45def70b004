//! Secrets PPToken that appeared beside the one a run made: of two runs at the same moment one withdraws its own, and what
//! this run lost itself is taken back.

use pp_graph::Graph;
use pp_runbook::observed::AppIds;
use pp_runbook::other_secrets::{first_of, named, removal};
use pp_runbook::step::StepName;
use pp_runbook::steps::client_secret::valid_secrets;
use pp_runbook::types::PasswordCredential;
use pp_runbook::wanted::Wanted;
use time::OffsetDateTime;

use crate::apply::Voice;
use crate::lost_secret::take_back_made;
use crate::outcome::{Outcome, StepResult};

/// What a run knows of secrets that are there and that it doesn't hand over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Ids of those that were there when it came.
    pub(crate) before: Vec<String>,
    /// Ids of those that it removed: a replica may still show them.
    pub(crate) removed: Vec<String>,
    /// Starts of those whose answer was lost and that no look has shown.
    pub(crate) lost: Vec<OffsetDateTime>,
}

impl Known {
    /// The valid ones that appeared while the run was at work, but for its own.
    fn appeared(&self, outcome: &Outcome, wanted: &Wanted, now: OffsetDateTime) -> Vec<PasswordCredential> {
        let own = outcome.secret.as_ref().map(|secret| secret.key_id.as_str());
        let secrets = outcome.observed.app(wanted.adopt).map(|app| app.password_credentials.as_slice());
        let valid = valid_secrets(secrets.unwrap_or_default(), now).into_iter();
        let new = valid.filter(|secret| {
            Some(secret.key_id.as_str()) != own
                && !self.before.contains(&secret.key_id)
                && !self.removed.contains(&secret.key_id)
        });
        new.cloned().collect()
    }
}

/// Settles what appeared: takes back what this run lost; withdraws its own secret where another run's came first, unless it
/// was asked for by itself; warns of what stays.
pub(crate) fn settle(graph: Graph<'_>, voice: Voice<'_>, known: &Known, outcome: &mut Outcome, wanted: &Wanted) {
    let application = outcome.observed.app(wanted.adopt).map(AppIds::of);
    let Some(application) = application else { return };
    let appeared = known.appeared(outcome, wanted, graph.now());
    let own_lost =
        |secret: &PasswordCredential| secret.start_date_time.is_some_and(|start| known.lost.contains(&start));
    let (lost, others): (Vec<_>, Vec<_>) = appeared.into_iter().partition(own_lost);
    for secret in lost {
        if !take_back_made(graph, wanted, &application, &secret.key_id) {
            let (name, remove) = (named(&secret), removal(&secret.key_id));
            (voice.warning)(&format!("{name}, was made by this run, and nobody has its text. {remove} removes it"));
        }
    }
    let asked_for = !wanted.renews && (wanted.new_secret || wanted.steps == [StepName::ClientSecret]);
    if asked_for || !withdrawn(graph, voice, &application, &others, outcome, wanted) {
        warn(voice, &others);
    }
}

/// Withdraws the run's own secret where one of the others came before it, by start and then by key id as the service tells
/// them: each of several runs that see the same comes to the same, and one stays.
fn withdrawn(
    graph: Graph<'_>,
    voice: Voice<'_>,
    application: &AppIds,
    others: &[PasswordCredential],
    outcome: &mut Outcome,
    wanted: &Wanted,
) -> bool {
    let Some(own) = outcome.secret.as_ref().map(|secret| secret.key_id.clone()) else { return false };
    let Some(found) = outcome.observed.app(wanted.adopt) else { return false };
    let read = found.password_credentials.iter().find(|secret| secret.key_id == own).cloned();
    let Some(first) = read.and_then(|read| first_of(others, &read)) else { return false };
    if !take_back_made(graph, wanted, application, &own) {
        return false;
    }
    let stays = format!("{}, was made by someone else at the same moment and stays", named(&first));
    let another = if wanted.renews { "the next renewal makes another" } else { "make another with -NewSecret" };
    (voice.warning)(&format!(
        "someone else is at work in this tenant: {stays}. The secret of this run, {own}, was taken back before anybody had \
         it. If nobody has the text of the one that stays, {another}; then {} removes that one",
        removal(&first.key_id)
    ));
    outcome.withdraw_secret(&stays);
    true
}

fn warn(voice: Voice<'_>, others: &[PasswordCredential]) {
    for other in others {
        let (name, remove) = (named(other), removal(&other.key_id));
        (voice.warning)(&format!(
            "{name}, appeared while this run was at work: someone else is at work in this tenant. If nobody has its text, \
             {remove} removes it"
        ));
    }
}

impl Outcome {
    /// The secret was taken back, since another one stays.
    fn withdraw_secret(&mut self, stays: &str) {
        self.secret = None;
        for row in self.steps.iter_mut().filter(|row| row.step == StepName::ClientSecret) {
            row.result = StepResult::AlreadyDone;
            row.action = "Made a client secret and took it back".into();
            stays.clone_into(&mut row.detail);
        }
    }
}
