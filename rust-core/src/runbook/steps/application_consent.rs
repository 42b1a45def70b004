//! Step 2: admin consent for the nine application permissions: an app role assignment each.

use super::known;
use crate::graph::types::AppRoleAssignment;
use crate::runbook::change::Change;
use crate::runbook::observe::{LookUp, Observed};
use crate::runbook::permissions::{Kind, id_in_tenant, of_kind};
use crate::runbook::problem::Problem;
use crate::runbook::step::{Assessment, Impact, Situation, State, Step, StepName};

/// The step.
pub const STEP: Step = Step {
    name: StepName::ApplicationConsent,
    action: "Grant admin consent for the 9 application permissions",
    impact: Impact::High,
    reads: &[LookUp::Application, LookUp::Catalogue, LookUp::ServicePrincipal, LookUp::Assignments],
    needs: &[
        &["AppRoleAssignment.ReadWrite.All"],
        &["Application.Read.All", "Directory.Read.All", "Application.ReadWrite.All", "Directory.ReadWrite.All"],
    ],
    assess,
    undo: None,
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
    let mut changes = Vec::new();
    let mut missing = Vec::new();
    let mut not_offered = Vec::new();
    for permission in of_kind(Kind::Application) {
        let Some(role) = id_in_tenant(catalogue, permission) else {
            not_offered.push(permission.name);
            continue;
        };
        if assignment(observed, &catalogue.id, role).is_none() {
            missing.push(permission.name);
            changes.push(Change::AssignAppRole {
                resource: catalogue.id.clone(),
                role: role.into(),
                name: permission.name,
            });
        }
    }
    let granted = 9 - missing.len() - not_offered.len();
    let mut detail = format!("{granted} of 9 granted");
    if !missing.is_empty() && granted > 0 {
        detail = format!("{detail}; missing: {}", missing.join(", "));
    }
    if !not_offered.is_empty() {
        detail = format!("{detail}; not offered by Microsoft Graph in this tenant: {}", not_offered.join(", "));
    }
    let state = if missing.is_empty() && not_offered.is_empty() { State::Done } else { State::NotDone };
    Ok(Assessment { state, detail, changes, unread: None })
}
