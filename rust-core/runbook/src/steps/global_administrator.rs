//! Step 3: Global Administrator, for the whole directory, held by the service principal: not by the application object
//! and not by a user.

use crate::change::ChangeKind;
use crate::observed::{LookUp, Observed};
use crate::problem::Problem;
use crate::sign_in_needs::{GLOBAL, PRIVILEGED_ROLE};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::{WITH_THE_APPLICATION, known};
use crate::types::{RoleAssignment, RoleInstance, ServicePrincipal};
use pp_words::instant;
use time::OffsetDateTime;

/// Role template id of Global Administrator, which is its roleDefinition id too. Source: Entra documentation, "Microsoft
/// Entra built-in roles".
pub const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// The step.
pub const STEP: Step = Step {
    name: StepName::GlobalAdministrator,
    action: |_| "Make the service principal Global Administrator of the whole directory".into(),
    impact: Impact::High,
    reads: &[LookUp::Application, LookUp::ServicePrincipal, LookUp::GlobalAdministrators],
    needs: &[&["RoleManagement.ReadWrite.Directory"]],
    roles: &[GLOBAL, PRIVILEGED_ROLE],
    assess,
};

#[expect(clippy::unnecessary_wraps, reason = "every step's assess has this shape")]
fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    let facts = known(&observed.application).and_then(|_| known(&observed.service_principal));
    let (principal, assignments) = match facts.and_then(|p| Ok((p, known(&observed.global_administrators)?))) {
        Ok(facts) => facts,
        Err(unknown) => return Ok(unknown),
    };
    let Some(principal) = principal else {
        let detail = format!("the service principal {WITH_THE_APPLICATION}");
        return Ok(Assessment::to_do(
            detail,
            vec![ChangeKind::AssignGlobalAdministrator.of(StepName::GlobalAdministrator)],
        ));
    };
    let held = |assignment: &&RoleAssignment| {
        assignment.principal_id.eq_ignore_ascii_case(&principal.id)
            && assignment.directory_scope_id.as_deref() == Some("/")
    };
    Ok(match assignments.iter().find(held) {
        Some(assignment) => match last(observed, principal) {
            Last::Until(end) => Assessment::to_do(ends(assignment, end), Vec::new()),
            Last::Unknown => {
                Assessment::done(format!("role assignment {}; whether it ends could not be read", assignment.id))
            }
            Last::ForGood => Assessment::done(format!("role assignment {}", assignment.id)),
        },
        None => Assessment::to_do(
            "the service principal doesn't hold the role",
            vec![ChangeKind::AssignGlobalAdministrator.of(StepName::GlobalAdministrator)],
        ),
    })
}

/// How long the service principal has the role.
enum Last {
    /// As far as is known.
    ForGood,
    Until(OffsetDateTime),
    /// Who signed in may not read it, or it failed.
    Unknown,
}

fn last(observed: &Observed, principal: &ServicePrincipal) -> Last {
    let instances = match &observed.administrator_instances {
        Ok(instances) => instances,
        // Without the licence nobody assigns for a time.
        Err(unread) if unread.lacking || !unread.was_asked_for() => return Last::ForGood,
        Err(_) => return Last::Unknown,
    };
    let own = |instance: &&RoleInstance| {
        instance.principal_id.eq_ignore_ascii_case(&principal.id) && instance.directory_scope_id.as_deref() == Some("/")
    };
    let ends: Option<Vec<OffsetDateTime>> =
        instances.iter().filter(own).map(|instance| instance.end_date_time).collect();
    // One that doesn't end is enough.
    ends.and_then(|ends| ends.into_iter().max()).map_or(Last::ForGood, Last::Until)
}

/// A run can't change it: the role is held, and a second assignment is refused. Source: Entra documentation on Privileged Identity
/// Management, "assign for a time".
fn ends(assignment: &RoleAssignment, end: OffsetDateTime) -> String {
    format!(
        "role assignment {} ends at {}: Practice Protect provisions nothing from then on. A Privileged Role Administrator makes it \
         permanent, in the Entra admin center under Privileged Identity Management",
        assignment.id,
        instant(end)
    )
}
