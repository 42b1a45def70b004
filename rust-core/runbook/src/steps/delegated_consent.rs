//! Step 2: admin consent for the nine delegated permissions: one grant for all principals. Names that others added to
//! it are kept; grants for single users are not ours and do not count.

use crate::change::{Change, ChangeKind};
use crate::observed::{LookUp, Observed};
use crate::permissions::{Kind, of_kind};
use crate::problem::Problem;
use crate::sign_in_needs::{APPLICATION, CLOUD_APPLICATION, GLOBAL, PRIVILEGED_ROLE};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::{and_beside, counted, is_granted, known, of_api, offered, tally};
use crate::types::{Grant, ResourceServicePrincipal};

/// The step.
pub const STEP: Step = Step {
    name: StepName::DelegatedConsent,
    action: |changes| {
        let scopes = |change: &Change| match &change.kind {
            ChangeKind::CreateGrant { scopes, .. } => Some(scopes.len()),
            _ => None,
        };
        let some = changes.iter().find_map(scopes).unwrap_or_default();
        let count = counted(some, of_kind(Kind::Delegated).count(), "the");
        format!("Grant admin consent for {count} delegated permissions")
    },
    impact: Impact::Medium,
    reads: &[LookUp::Application, LookUp::Catalogue, LookUp::ServicePrincipal, LookUp::Grants],
    needs: &[&["DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All"]],
    roles: &[GLOBAL, PRIVILEGED_ROLE, APPLICATION, CLOUD_APPLICATION],
    assess,
};

/// The grant of Microsoft Graph's permissions for everybody.
pub fn grant_for_all<'a>(observed: &'a Observed, resource: &str) -> Option<&'a Grant> {
    let ours =
        |grant: &&Grant| grant.consent_type == "AllPrincipals" && grant.resource_id.eq_ignore_ascii_case(resource);
    observed.grants.as_ref().ok()?.iter().find(ours)
}

/// True where the grant holds the permission.
pub fn holds(grant: &Grant, name: &str) -> bool {
    grant.scope.as_deref().unwrap_or_default().split_whitespace().any(|scope| scope.eq_ignore_ascii_case(name))
}

/// What is granted to everybody beside the runbook's permissions.
fn beside(observed: &Observed, graph: &ResourceServicePrincipal) -> Vec<String> {
    let is_ours = |grant: &Grant, name: &str| {
        grant.resource_id.eq_ignore_ascii_case(&graph.id)
            && of_kind(Kind::Delegated).any(|permission| permission.name.eq_ignore_ascii_case(name))
    };
    let mut others = Vec::new();
    for grant in observed.grants.iter().flatten().filter(|grant| grant.consent_type == "AllPrincipals") {
        let scopes = grant.scope.as_deref().unwrap_or_default().split_whitespace();
        others.extend(scopes.filter(|name| !is_ours(grant, name)).map(|name| of_api(name, &grant.resource_id, graph)));
    }
    others
}

#[expect(clippy::unnecessary_wraps, reason = "every step's assess has this shape")]
fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    let facts = known(&observed.application).and_then(|_| known(&observed.service_principal));
    let facts = facts.and_then(|_| known(&observed.grants)).and_then(|_| known(&observed.catalogue));
    let catalogue = match facts {
        Ok(catalogue) => catalogue,
        Err(unknown) => return Ok(unknown),
    };
    let resource = catalogue.id.clone();
    let (offered, not_offered) = offered(catalogue, Kind::Delegated);
    let grant = grant_for_all(observed, &resource);
    let missing: Vec<&'static str> =
        offered.iter().map(|(name, _)| *name).filter(|name| !grant.is_some_and(|grant| holds(grant, name))).collect();
    let (detail, others) = (tally(Kind::Delegated, &missing, &not_offered), beside(observed, catalogue));
    if is_granted(missing.len(), Kind::Delegated, &not_offered) {
        let by = grant.map(|grant| grant.id.as_str()).unwrap_or_default();
        return Ok(Assessment::done(and_beside(format!("{detail} to everybody by grant {by}"), others)));
    }
    let detail = and_beside(detail, others);
    let change = match grant {
        _ if missing.is_empty() => None,
        None => {
            let scopes = missing.iter().map(|name| (*name).to_owned()).collect();
            Some(ChangeKind::CreateGrant { resource, scopes })
        }
        Some(grant) => {
            let there = grant.scope.as_deref().unwrap_or_default();
            let to = format!("{there} {}", missing.join(" ")).trim().to_owned();
            Some(ChangeKind::SetGrantScope { id: grant.id.clone(), to, before: there.to_owned() })
        }
    };
    Ok(Assessment::to_do(detail, change.map(|kind| kind.of(StepName::DelegatedConsent)).into_iter().collect()))
}
