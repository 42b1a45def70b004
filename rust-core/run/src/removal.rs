//! Removing the application: what is looked at for that, and what was deleted.

use crate::apply::{RunError, Voice};
use crate::observe::{item, observe};
use crate::take_back::{Answers, Ended, Look, Looking, take_back};
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_runbook::deleted::{DeletedApplication, DeletedServicePrincipal};
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::problem::Problem;
use pp_runbook::removal::{HANGING, plan, plan_for_good};
use pp_runbook::step::StepName;
use pp_runbook::take_back::READS;
use pp_runbook::wanted::{DeletedApp, Wanted};

/// What was deleted and can be restored.
#[derive(Debug, Clone, Default)]
pub struct Deleted {
    /// Applications.
    pub applications: Vec<DeletedApplication>,
    /// Service principals.
    pub principals: Vec<DeletedServicePrincipal>,
}

/// Takes away what the approved steps hold, until it is seen to be gone.
pub fn remove(graph: Graph<'_>, voice: Voice<'_>, wanted: &Wanted, answers: Answers<'_>) -> Result<Ended, RunError> {
    let look: Looking<'_> = &|known| {
        let observed = observe(&graph, READS, wanted, known)?;
        let application = observed.app(wanted.adopt).map(AppIds::of);
        Ok(Look { items: plan(&observed, wanted)?, application })
    };
    take_back(graph, voice, answers, look)
}

/// Deletes for good what was deleted and is ours, or one of these. It is read again right before.
pub fn remove_for_good(graph: Graph<'_>, voice: Voice<'_>, just_deleted: &[String]) -> Result<Ended, RunError> {
    let look: Looking<'_> = &|_| {
        let Deleted { applications, principals } = deleted(&graph)?;
        Ok(Look { items: plan_for_good(&applications, &principals, just_deleted), application: None })
    };
    take_back(graph, voice, Answers::ALL, look)
}

/// Waits until the lists show these applications as deleted, where a replica doesn't yet; as long as the retry budget allows.
pub fn until_listed(graph: &Graph<'_>, ids: &[String]) -> Result<(), RunError> {
    let mut tries = Tries::default();
    loop {
        let Deleted { applications, principals } = deleted(graph)?;
        let applications = applications.iter().map(|one| one.application.id.as_str());
        let all: Vec<&str> = applications.chain(principals.iter().map(|one| one.principal.id.as_str())).collect();
        let why = "what was deleted is not listed yet";
        if ids.iter().all(|id| all.contains(&id.as_str())) || !tries.again(graph.clock, &graph.call, None, why)? {
            return Ok(());
        }
    }
}

/// Reads what was deleted.
pub fn deleted(graph: &Graph<'_>) -> Result<Deleted, RunError> {
    // Service principals are read where something may be restored.
    let wanted = Wanted { deleted_app: Some(DeletedApp::Restore), ..Wanted::everything() };
    let observed = observe(graph, &[LookUp::Deleted], &wanted, None)?;
    let not_readable = |step| move |unread| Problem::NotReadable { step, unread };
    Ok(Deleted {
        applications: observed.deleted_applications.map_err(not_readable(StepName::Application))?,
        principals: observed.deleted_principals.map_err(not_readable(StepName::ServicePrincipal))?,
    })
}

/// What hangs on the application that no step reads, in sentences; and what of it can't be read.
pub fn hanging(graph: &Graph<'_>, observed: &Observed, wanted: &Wanted) -> Result<Vec<String>, GraphError> {
    let (Some(application), Some(principal)) = (observed.app(wanted.adopt), observed.principal()) else {
        return Ok(Vec::new());
    };
    let items: Vec<_> = HANGING.iter().map(|one| item((one.request)(application, principal))).collect();
    let mut words = Vec::new();
    for (one, answer) in HANGING.iter().zip(graph.read(&items)?) {
        match answer {
            Ok(answer) => words.extend(one.words(&answer.body)),
            Err(error) => words.push(format!("{} could not be read: {error}", one.what)),
        }
    }
    Ok(words)
}
