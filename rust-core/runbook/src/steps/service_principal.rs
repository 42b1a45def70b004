//! Step 2: the application's service principal, which holds the permissions and the role.

use crate::change::{Change, ChangeKind};
use crate::deleted;
use crate::observed::LookUp;
use crate::problem::Problem;
use crate::sign_in_needs::{APPLICATION, CLOUD_APPLICATION, GLOBAL};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::{WITH_THE_APPLICATION, known, unknown};
use crate::types::ServicePrincipal;
use crate::wanted::DeletedApp;

/// The step.
pub const STEP: Step = Step {
    name: StepName::ServicePrincipal,
    action: |changes| {
        let create = "Create the application's service principal, or enable it";
        enabling(changes).unwrap_or_else(|| create.to_owned())
    },
    impact: Impact::Medium,
    reads: &[LookUp::Application, LookUp::Deleted, LookUp::ServicePrincipal],
    needs: &[&["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"]],
    roles: &[GLOBAL, APPLICATION, CLOUD_APPLICATION],
    assess,
};

fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    if let Err(unknown) = known(&observed.application) {
        return Ok(unknown);
    }
    let Some(application) = observed.app(situation.wanted.adopt) else {
        let restored = deleted::restored(situation).map(|application| missing(situation, &application.app_id, ""));
        return restored.unwrap_or_else(|| Ok(create(format!("it {WITH_THE_APPLICATION}"))));
    };
    Ok(match known(&observed.service_principal) {
        Err(unknown) => unknown,
        Ok(None) => return missing(situation, &application.app_id, "there is none; "),
        Ok(Some(principal)) if principal.account_enabled == Some(false) => {
            let change = ChangeKind::SetServicePrincipalEnabled { id: principal.id.clone(), enabled: true };
            Assessment::to_do(
                format!("{} is disabled, which somebody has done: nobody can sign in as it", principal.id),
                vec![change.of(StepName::ServicePrincipal)],
            )
        }
        Ok(Some(principal)) => match principal.deactivation.words() {
            Some(why) => Assessment::to_do(format!("service principal {}: {why}", principal.id), Vec::new()),
            None => Assessment::done(format!("service principal {}", principal.id)),
        },
    })
}

/// The id of the disabled service principal that a change lets sign in again.
pub(crate) fn enables(change: &Change) -> Option<&str> {
    match &change.kind {
        ChangeKind::SetServicePrincipalEnabled { id, enabled: true } => Some(id),
        _ => None,
    }
}

/// What is enabled by these changes, as a confirmation shows it.
pub(crate) fn enabling(changes: &[Change]) -> Option<String> {
    let id = changes.iter().find_map(enables)?;
    Some(format!("Enable the service principal {id}, which somebody has disabled"))
}

/// What an admin should know before these changes: that somebody meant it to be disabled.
pub fn doubts<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<String> {
    let one = |id: &str| {
        format!(
            "somebody has disabled the service principal {id}: with it enabled, whoever has a client secret of the application can sign in \
             again, as Global Administrator where it has that role. Find out why before, as whether a secret has got out"
        )
    };
    changes.into_iter().filter_map(enables).map(one).collect()
}

fn create(detail: impl Into<String>) -> Assessment {
    Assessment::to_do(detail, vec![ChangeKind::CreateServicePrincipal.of(StepName::ServicePrincipal)])
}

/// The one it had is restored where that is wanted, which takes a call of its own; what of its consents and roles comes back
/// is looked at then. Where the deleted ones can't be read none is made: its consents and its object id would be lost. A cloud that has
/// no list of them has none to restore. Where nobody has said what becomes of it, it ends the run, as a deleted application does.
fn missing(situation: &Situation<'_>, app_id: &str, why: &str) -> Result<Assessment, Problem> {
    let Situation { observed, wanted, now } = *situation;
    match &observed.deleted_principals {
        Err(unread) if unread.passing => return Ok(unknown(unread)),
        Err(unread) if wanted.restores() && unread.was_asked_for() && !unread.lacking => {
            return Err(Problem::NotReadable { step: StepName::ServicePrincipal, unread: unread.clone() });
        }
        Ok(_) | Err(_) => {}
    }
    match (deleted::principal_of(observed, app_id), wanted.deleted_app) {
        (None, Some(DeletedApp::Restore | DeletedApp::RestoreOnly)) => {
            Ok(create(format!("{why}no deleted one can be restored")))
        }
        (None, _) => Ok(create("there is none")),
        (Some(deleted), Some(DeletedApp::Restore | DeletedApp::RestoreOnly)) => Ok(restore(&deleted.principal, why)),
        (Some(deleted), Some(DeletedApp::Purge | DeletedApp::Ignore)) => {
            Ok(create(format!("there is none, and the deleted one stays deleted: {}", deleted.words(now))))
        }
        (Some(deleted), None) => {
            Err(Problem::ServicePrincipalDeleted { app_id: app_id.to_owned(), deleted: deleted.words(now) })
        }
    }
}

/// It comes back as it was: disabled, where somebody had done that before.
fn restore(ServicePrincipal { id, account_enabled, deactivation, .. }: &ServicePrincipal, why: &str) -> Assessment {
    let mut detail =
        format!("{why}the deleted service principal {id} is restored; consents and role are looked at after that");
    let mut changes = vec![ChangeKind::RestoreServicePrincipal { id: id.clone() }.of(StepName::ServicePrincipal)];
    if *account_enabled == Some(false) {
        detail.push_str("; somebody had disabled it before, so it is enabled then");
        let enable = ChangeKind::SetServicePrincipalEnabled { id: id.clone(), enabled: true };
        changes.push(enable.of(StepName::ServicePrincipal));
    }
    if let Some(why) = deactivation.words() {
        detail = format!("{detail}; {why}");
    }
    Assessment::to_do(detail, changes)
}
