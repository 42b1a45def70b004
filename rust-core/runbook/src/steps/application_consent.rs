//! Step 2: admin consent for the nine application permissions: an app role assignment each.

use crate::change::{Change, ChangeKind};
use crate::observed::{LookUp, Observed};
use crate::permissions::{Kind, of_kind};
use crate::problem::Problem;
use crate::sign_in_needs::{GLOBAL, PRIVILEGED_ROLE};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::{counted, is_granted, known, offered, tally};
use crate::types::AppRoleAssignment;

/// The step.
pub const STEP: Step = Step {
    name: StepName::ApplicationConsent,
    action: |changes| {
        let some = changes.iter().filter(|change| matches!(change.kind, ChangeKind::AssignAppRole { .. })).count();
        let count = counted(some, of_kind(Kind::Application).count(), "the");
        format!("Grant admin consent for {count} application permissions")
    },
    impact: Impact::High,
    reads: &[LookUp::Application, LookUp::Catalogue, LookUp::ServicePrincipal, LookUp::Assignments],
    needs: &[
        &["AppRoleAssignment.ReadWrite.All"],
        // Beside the other, by name: the data lists no permission that writes in their place.
        &["Application.Read.All", "Directory.Read.All"],
    ],
    roles: &[GLOBAL, PRIVILEGED_ROLE],
    assess,
};

/// The assignment of one role of Microsoft Graph.
pub fn assignment<'a>(observed: &'a Observed, resource: &str, role: &str) -> Option<&'a AppRoleAssignment> {
    let same = |assignment: &&AppRoleAssignment| {
        assignment.resource_id.eq_ignore_ascii_case(resource) && assignment.app_role_id.eq_ignore_ascii_case(role)
    };
    observed.assignments.as_ref().ok()?.iter().find(same)
}

#[expect(clippy::unnecessary_wraps, reason = "every step's assess has this shape")]
fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    let facts = known(&observed.application).and_then(|_| known(&observed.service_principal));
    let facts = facts.and_then(|_| known(&observed.assignments)).and_then(|_| known(&observed.catalogue));
    let catalogue = match facts {
        Ok(catalogue) => catalogue,
        Err(unknown) => return Ok(unknown),
    };
    let (offered, not_offered) = offered(catalogue, Kind::Application);
    let missing: Vec<(&'static str, &str)> =
        offered.into_iter().filter(|(_, role)| assignment(observed, &catalogue.id, role).is_none()).collect();
    let names: Vec<&'static str> = missing.iter().map(|(name, _)| *name).collect();
    let detail = tally(Kind::Application, &names, &not_offered);
    if is_granted(missing.len(), Kind::Application, &not_offered) {
        return Ok(Assessment::done(detail));
    }
    let assign = |(name, role): (&'static str, &str)| -> Change {
        let (resource, role, name) = (catalogue.id.clone(), role.to_owned(), name.to_owned());
        ChangeKind::AssignAppRole { resource, role, name }.of(StepName::ApplicationConsent)
    };
    Ok(Assessment::to_do(detail, missing.into_iter().map(assign).collect()))
}
