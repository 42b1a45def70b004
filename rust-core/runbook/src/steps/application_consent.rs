//! Step 2: admin consent for the nine application permissions: an app role assignment each.

use crate::change::{Change, ChangeKind};
use crate::observed::{LookUp, Observed};
use crate::permissions::{Kind, of_kind};
use crate::problem::Problem;
use crate::sign_in_needs::{GLOBAL, PRIVILEGED_ROLE};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::{and_beside, counted, is_granted, known, of_api, offered, tally};
use crate::types::{AppRoleAssignment, ResourceServicePrincipal};

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

/// What is assigned beside the runbook's roles.
fn beside(observed: &Observed, graph: &ResourceServicePrincipal) -> Vec<String> {
    let (ours, _) = offered(graph, Kind::Application);
    let is_ours = |one: &AppRoleAssignment| {
        let mut roles = ours.iter().map(|(_, role)| *role);
        one.resource_id.eq_ignore_ascii_case(&graph.id) && roles.any(|role| role.eq_ignore_ascii_case(&one.app_role_id))
    };
    let others = observed.assignments.iter().flatten().filter(|one| !is_ours(one));
    others.map(|one| of_api(graph.role_name(&one.app_role_id), &one.resource_id, graph)).collect()
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
    let others = beside(observed, catalogue);
    let (offered, not_offered) = offered(catalogue, Kind::Application);
    let missing: Vec<(&'static str, &str)> =
        offered.into_iter().filter(|(_, role)| assignment(observed, &catalogue.id, role).is_none()).collect();
    let names: Vec<&'static str> = missing.iter().map(|(name, _)| *name).collect();
    let detail = and_beside(tally(Kind::Application, &names, &not_offered), others);
    if is_granted(missing.len(), Kind::Application, &not_offered) {
        return Ok(Assessment::done(detail));
    }
    let assign = |(name, role): (&'static str, &str)| -> Change {
        let (resource, role, name) = (catalogue.id.clone(), role.to_owned(), name.to_owned());
        ChangeKind::AssignAppRole { resource, role, name }.of(StepName::ApplicationConsent)
    };
    Ok(Assessment::to_do(detail, missing.into_iter().map(assign).collect()))
}
