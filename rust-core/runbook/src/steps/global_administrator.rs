//! Step 3: Global Administrator, for the whole directory, held by the service principal: not by the application object
//! and not by a user.

use crate::change::ChangeKind;
use crate::observed::LookUp;
use crate::problem::Problem;
use crate::sign_in_needs::{GLOBAL, PRIVILEGED_ROLE};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::{WITH_THE_APPLICATION, known};
use crate::types::RoleAssignment;

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
        Some(assignment) => Assessment::done(format!("role assignment {}", assignment.id)),
        None => Assessment::to_do(
            "the service principal doesn't hold the role",
            vec![ChangeKind::AssignGlobalAdministrator.of(StepName::GlobalAdministrator)],
        ),
    })
}
