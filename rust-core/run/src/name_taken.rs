//! A new application that the service refuses as there already: looks say whether it is somebody else's of a moment ago, or a
//! deleted one that keeps our alternate key; where none says so, the run ends soon and names both.

use std::time::Duration;

use crate::apply::RunError;
use crate::carry_out::{CarryOut, Halt, Trouble, not_visible};
use crate::observe::item;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_runbook::change::{AppKey, Change, ChangeKind};
use pp_runbook::deleted::DeletedApplication;
use pp_runbook::observed::Observed;
use pp_runbook::plan::PlannedStep;
use pp_runbook::problem::Problem;
use pp_runbook::request::Request;
use pp_runbook::step::StepName;

/// How long a replica may lag behind what was made or deleted before it counts as not there.
pub(crate) const LONG_ENOUGH: Duration = Duration::from_secs(30);

/// A new application that may be there, and that no look has shown yet.
#[derive(Debug)]
pub(crate) enum Unseen {
    /// The service has refused it as there already, in these words.
    Refused(String),
    /// Its answer was lost, and sent again it would be made twice.
    Lost,
}

impl CarryOut<'_> {
    /// What a new application's error leaves to be looked for; true where nothing was before.
    pub(crate) fn note_unseen(&mut self, change: &Change, error: &GraphError) -> bool {
        let unseen = match (&change.kind, error.reaction()) {
            (ChangeKind::CreateApplication { .. } | ChangeKind::RestoreApplication { .. }, Reaction::AlreadyThere) => {
                Unseen::Refused(error.to_string())
            }
            (ChangeKind::CreateApplication { key, .. }, Reaction::Transient)
                if (*key == AppKey::None || !self.upsert) && !error.nothing_was_sent() =>
            {
                Unseen::Lost
            }
            (ChangeKind::RestoreApplication { .. }, Reaction::Transient) if !error.nothing_was_sent() => Unseen::Lost,
            _ => return false,
        };
        let since = self.unseen.take().map(|(_, since)| since);
        self.unseen = Some((unseen, since.unwrap_or_else(|| self.graph.clock.elapsed())));
        since.is_none()
    }

    /// Keeps in which words a service principal that is made or restored is refused as there already.
    pub(crate) fn note_refused_principal(&mut self, change: &Change, error: &GraphError) {
        if matches!(change.kind, ChangeKind::CreateServicePrincipal | ChangeKind::RestoreServicePrincipal { .. }) {
            self.refused_principal.get_or_insert((error.to_string(), self.graph.clock.elapsed()));
        }
    }

    /// Ends the run where a service principal is refused as there already for longer than a replica lags, and no look shows it.
    fn settle_refused_principal(&mut self, observed: &Observed) -> Result<(), RunError> {
        let Some((refusal, since)) = &self.refused_principal else { return Ok(()) };
        if self.made.principal.is_some() || observed.principal().is_some() {
            self.refused_principal = None;
        } else if self.graph.clock.elapsed().saturating_sub(*since) >= LONG_ENOUGH {
            return Err(Problem::ServicePrincipalTaken { refusal: refusal.clone() }.into());
        }
        Ok(())
    }

    /// Judges that by another look: `steps` are what it calls for.
    pub(crate) fn settle_unseen(&mut self, observed: &Observed, steps: &[PlannedStep]) -> Result<(), Halt> {
        self.settle_refused_principal(observed)?;
        let Some((unseen, since)) = &self.unseen else { return Ok(()) };
        let lasting = self.graph.clock.elapsed().saturating_sub(*since);
        if self.known(observed).is_some() {
            let of_others = matches!(unseen, Unseen::Refused(_)) && self.made.application.is_none();
            self.unseen = None;
            if of_others && !self.unsure {
                self.somebody_else("the application had just been made");
            }
            return Ok(());
        }
        let calls_for = |is: fn(&ChangeKind) -> bool| {
            steps.iter().flat_map(|step| &step.assessment.changes).any(|change| is(&change.kind))
        };
        let restores = calls_for(|kind| matches!(kind, ChangeKind::RestoreApplication { .. }));
        if let (Unseen::Refused(refusal), true) = (unseen, restores) {
            return not_restored(refusal, lasting);
        }
        if !calls_for(|kind| matches!(kind, ChangeKind::CreateApplication { .. })) {
            return Ok(());
        }
        match unseen {
            Unseen::Refused(refusal) => taken(refusal, observed, lasting),
            Unseen::Lost if lasting >= LONG_ENOUGH => {
                self.unseen = None;
                Ok(())
            }
            Unseen::Lost => {
                let why = "the answer to a new application was lost; looking whether it was made";
                Err(not_visible(StepName::Application, why).into())
            }
        }
    }

    /// What is deleted for good is read once more by its id: it must still be deleted, and still be ours.
    pub(crate) fn check_purge(&self, changes: &[&Change]) -> Result<(), Halt> {
        for change in changes {
            let ChangeKind::PurgeApplication { id, .. } = &change.kind else { continue };
            let deleted = match self.deleted_now(id) {
                Ok(deleted) => deleted,
                // Restored or gone meanwhile, or a replica that lags: the next look says which.
                Err(error) if error.passes() => {
                    let asked = error.retry_after();
                    return Err(Trouble::new(asked, RunError::Graph { step: Some(change.step), error }).into());
                }
                Err(error) => return Err(RunError::Graph { step: Some(change.step), error }.into()),
            };
            let why = if deleted.deleted_date_time.is_none() {
                "it is not deleted any more"
            } else if !deleted.holds_name() || !deleted.application.id.eq_ignore_ascii_case(id) {
                "read once more, it doesn't have this module's unique name"
            } else {
                continue;
            };
            return Err(RunError::from(Problem::NotPurged { id: id.clone(), why }).into());
        }
        Ok(())
    }

    fn deleted_now(&self, id: &str) -> Result<DeletedApplication, GraphError> {
        let look = item(Request::get(format!("/directory/deletedItems/{id}")));
        let name = look.name();
        let answer = self.graph.read(&[look])?.pop().ok_or_else(|| GraphError::unreadable(&name, "no answer"))??;
        pp_graph::entity(&name, &answer)
    }

    /// A cloud that doesn't take create-if-missing by alternate key: from now on the application is made by POST, with
    /// our mark, after looking for it by mark and name.
    pub(crate) fn without_upsert(&mut self, change: &Change, error: &GraphError) -> bool {
        let by_key = matches!(&change.kind, ChangeKind::CreateApplication { key, .. } if *key != AppKey::None);
        let first = self.upsert && by_key && says_no_upsert(error);
        if first {
            self.upsert = false;
        }
        first
    }

    /// Keeps what was restored as it was read when it was deleted: a look may not show it yet.
    pub(crate) fn took_restored(&mut self, change: &Change, observed: &Observed) {
        match &change.kind {
            ChangeKind::RestoreApplication { id, .. } => {
                let mut deleted = observed.deleted_applications.iter().flatten();
                let restored = deleted.find(|deleted| deleted.application.id == *id);
                self.made.application = restored.map(|deleted| deleted.application.clone());
            }
            ChangeKind::RestoreServicePrincipal { id } => {
                let mut deleted = observed.deleted_principals.iter().flatten();
                let restored = deleted.find(|deleted| deleted.principal.id == *id);
                self.made.principal = restored.map(|deleted| deleted.principal.clone());
            }
            _ => {}
        }
        // What came back with it is there already, and nobody else has made it.
        self.unsure = true;
    }
}

/// Whether a cloud says that it doesn't take the request at all. Assumption: the words; a refusal in other ones is a real error,
/// since with a POST in its place a second application could come into being.
pub(crate) fn says_no_upsert(error: &GraphError) -> bool {
    const WORDS: [&str; 4] = [
        "upsert operation is not supported",
        "create-if-missing",
        "resource not found for the segment",
        "could not find a property named 'uniquename'",
    ];
    let GraphError::Service(error) = error else { return false };
    let message = error.message.to_ascii_lowercase();
    matches!(error.status, 405 | 501) || error.status == 400 && WORDS.iter().any(|words| message.contains(words))
}

/// Sends it once more while a look may lag; then it is said, at once where deleted ones can't be looked at.
fn taken(refusal: &str, observed: &Observed, lasting: Duration) -> Result<(), Halt> {
    let looked = match &observed.deleted_applications {
        Err(unread) if unread.was_asked_for() => {
            format!("whether a deleted one keeps its unique name can't be seen ({unread})")
        }
        Ok(_) | Err(_) if lasting < LONG_ENOUGH => return Ok(()),
        Ok(_) | Err(_) => format!(
            "in {} s no look has shown it, neither there nor deleted: it was made or deleted elsewhere moments ago, or this sign-in can't see it",
            lasting.as_secs()
        ),
    };
    Err(RunError::from(Problem::NameTaken { refusal: refusal.to_owned(), looked }).into())
}

/// The same for one that is to be restored, which the looks go on showing as deleted.
fn not_restored(refusal: &str, lasting: Duration) -> Result<(), Halt> {
    if lasting < LONG_ENOUGH {
        return Ok(());
    }
    let looked = format!(
        "in {} s every look has shown the one that is to be restored as deleted still: something else here has what must be its own, or \
         this sign-in can't see it",
        lasting.as_secs()
    );
    Err(RunError::from(Problem::NameTaken { refusal: refusal.to_owned(), looked }).into())
}

/// True where a service principal came back: what came with it is looked at before anything is added.
pub(crate) fn brings_back(changes: &[&Change]) -> bool {
    changes.iter().any(|change| matches!(change.kind, ChangeKind::RestoreServicePrincipal { .. }))
}
