//! Step 3: Global Administrator, for the whole directory, held by the service principal: not by the application object
//! and not by a user.

use super::{WITH_THE_APPLICATION, known};
use crate::graph::types::RoleAssignment;
use crate::runbook::change::Change;
use crate::runbook::observed::LookUp;
use crate::runbook::problem::Problem;
use crate::runbook::step::{Assessment, Impact, Situation, Step, StepName};

/// The step.
pub const STEP: Step = Step {
    name: StepName::GlobalAdministrator,
    action: "Make the service principal Global Administrator of the whole directory",
    impact: Impact::High,
    reads: &[LookUp::Application, LookUp::ServicePrincipal, LookUp::GlobalAdministrators],
    needs: &[&["RoleManagement.ReadWrite.Directory"]],
    assess,
    undo: None,
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
        return Ok(Assessment::to_do(detail, vec![Change::AssignGlobalAdministrator]));
    };
    let held = |assignment: &&RoleAssignment| {
        assignment.principal_id.eq_ignore_ascii_case(&principal.id)
            && assignment.directory_scope_id.as_deref() == Some("/")
    };
    Ok(match assignments.iter().find(held) {
        Some(assignment) => Assessment::done(format!("role assignment {}", assignment.id)),
        None => {
            Assessment::to_do("the service principal doesn't hold the role", vec![Change::AssignGlobalAdministrator])
        }
    })
}
