//! Step 2: the application, for this tenant alone, with the 18 permissions declared. What others declared is kept.

use crate::change::{AppKey, ApplicationProperties, Change, ChangeKind};
use crate::deleted::{self, DeletedApplication};
use crate::observed::{Found, LookUp};
use crate::permissions::{PERMISSIONS, id_in_tenant, lacking};
use crate::problem::Problem;
use crate::sign_in_needs::{APPLICATION, CLOUD_APPLICATION, GLOBAL};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::{counted, known, unknown};
use crate::types::GRAPH_APP_ID;
use crate::types::{Application, CredentialLock, RequiredResourceAccess, ResourceAccess, ResourceServicePrincipal};
use crate::wanted::{DeletedApp, UNIQUE_NAME, Wanted};

/// Sign-in audience "this tenant alone".
pub const SINGLE_TENANT: &str = "AzureADMyOrg";

/// The step.
pub const STEP: Step = Step {
    name: StepName::Application,
    action: |changes| {
        let declared = |change: &Change| match &change.kind {
            ChangeKind::CreateApplication { permissions, .. } => {
                Some(permissions.iter().map(|one| one.resource_access.len()).sum())
            }
            _ => None,
        };
        let some = changes.iter().find_map(declared).unwrap_or_default();
        let count = counted(some, PERMISSIONS.len(), "its");
        format!("Register the application and declare {count} Microsoft Graph permissions")
    },
    impact: Impact::Medium,
    reads: &[LookUp::Organization, LookUp::Application, LookUp::Deleted, LookUp::Catalogue],
    needs: &[&["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"]],
    roles: &[GLOBAL, APPLICATION, CLOUD_APPLICATION],
    assess,
};

fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    let (found, catalogue) = match (known(&observed.application), known(&observed.catalogue)) {
        (Ok(found), Ok(catalogue)) => (found, catalogue),
        (Err(unknown), _) | (_, Err(unknown)) => return Ok(unknown),
    };
    let wanted = situation.wanted;
    Ok(match found.resolve(wanted)? {
        Some(application) if application.deactivation.words().is_some() => deactivated(application),
        Some(application) => judge(application, matches!(found, Found::SameName(_)), wanted, catalogue),
        None if wanted.which.by_id() => return Err(wanted.which.not_found()),
        None => return without_one(situation, catalogue),
    })
}

/// There is none: one is restored, or made, which a deleted one can be in the way of.
fn without_one(situation: &Situation<'_>, catalogue: &ResourceServicePrincipal) -> Result<Assessment, Problem> {
    let Situation { observed, wanted, now } = *situation;
    if let Some(unread) = observed.deleted_applications.as_ref().err().filter(|unread| unread.passing) {
        return Ok(unknown(unread));
    }
    deleted::must_be_known(&observed.deleted_applications, wanted)?;
    if let Some(deleted) = deleted::to_restore(observed, wanted)? {
        return Ok(restore(deleted, situation, catalogue));
    }
    let name = wanted.which.new_name().to_owned();
    let holder = deleted::holder(observed);
    match (holder, wanted.deleted_app) {
        (Some(holder), None) => Err(Problem::ApplicationDeleted { name, deleted: holder.words(now) }),
        (Some(holder), Some(DeletedApp::Purge)) => {
            let Application { id, app_id, .. } = holder.application.clone();
            let mut assessment = create(situation, catalogue, AppKey::Ours);
            assessment.detail = format!("the deleted application {} is deleted for good first", holder.words(now));
            assessment.changes.insert(0, ChangeKind::PurgeApplication { id, app_id }.of(StepName::Application));
            Ok(assessment)
        }
        (holder, Some(DeletedApp::Ignore)) if holder.is_some() || observed.deleted_applications.is_err() => {
            let last = deleted::ours(observed).max_by_key(|deleted| deleted.deleted_date_time);
            let beside = |deleted: &DeletedApplication| AppKey::Beside(deleted.application.app_id.clone());
            Ok(create(situation, catalogue, last.map_or(AppKey::None, beside)))
        }
        (Some(_) | None, _) => Ok(create(situation, catalogue, AppKey::Ours)),
    }
}

fn create(situation: &Situation<'_>, catalogue: &ResourceServicePrincipal, key: AppKey) -> Assessment {
    let Situation { observed, wanted, now } = *situation;
    let name = wanted.which.new_name();
    let permissions = merged(&[], catalogue);
    let lock = wanted.lock_credentials.then(|| CredentialLock::default().made_whole());
    let change = ChangeKind::CreateApplication { display_name: name.to_owned(), permissions, key, lock };
    let beside = deleted::ours(observed).map(|one| format!("beside the deleted {}", one.words(now)));
    let others = deleted::same_name(observed, wanted)
        .map(|one| format!("not this module's, and left alone: {}", one.words(now)));
    let detail = std::iter::once(format!("there is no application '{name}'")).chain(beside).chain(others);
    Assessment::to_do(detail.collect::<Vec<_>>().join("; "), vec![change.of(StepName::Application)])
}

/// What it lacks is known before it is back.
fn restore(
    deleted: &DeletedApplication,
    situation: &Situation<'_>,
    catalogue: &ResourceServicePrincipal,
) -> Assessment {
    let Application { id, app_id, .. } = deleted.application.clone();
    let secrets = deleted.application.password_credentials.len();
    let mut changes = vec![ChangeKind::RestoreApplication { id, app_id }.of(StepName::Application)];
    let mut detail = format!(
        "the deleted application {} is restored, with the same ids and the client secrets it had ({secrets})",
        deleted.words(situation.now)
    );
    if let Some(why) = deleted.application.deactivation.words() {
        detail = format!("{detail}; then as before {why}");
    } else {
        changes.extend(judge(&deleted.application, false, situation.wanted, catalogue).changes);
    }
    Assessment::to_do(detail, changes)
}

/// Whoever did that had a reason: it isn't ours to undo.
fn deactivated(application: &Application) -> Assessment {
    let name = application.display_name.as_deref().unwrap_or_default();
    let why = application.deactivation.words().unwrap_or_default();
    Assessment::to_do(format!("'{name}', application id {}: {why}", application.app_id), Vec::new())
}

fn judge(
    application: &Application,
    adopting: bool,
    wanted: &Wanted,
    catalogue: &ResourceServicePrincipal,
) -> Assessment {
    let missing = missing(application, catalogue);
    let audience = application.sign_in_audience.as_deref() != Some(SINGLE_TENANT);
    let tags = (!is_marked(application)).then(|| marked(application));
    let name = application.display_name.as_deref().unwrap_or_default();
    let lock = application.service_principal_lock_configuration.clone().unwrap_or_default();
    let to_lock = wanted.lock_credentials && !lock.is_whole();
    if missing.is_empty() && !audience && tags.is_none() && !to_lock {
        let locked = if lock.is_whole() { "; its service principal's credentials are locked" } else { "" };
        let declared = declared(catalogue);
        return Assessment::done(format!("'{name}', application id {}, {declared}{locked}", application.app_id));
    }
    let mut why = Vec::new();
    if adopting {
        why.push("it was made by hand and is taken over".to_owned());
    }
    if !missing.is_empty() {
        why.push(format!("{} permissions are not declared: {}", missing.len(), missing.join(", ")));
    }
    if audience {
        why.push(format!("its audience is {}", application.sign_in_audience.as_deref().unwrap_or("not set")));
    }
    if tags.is_some() && !adopting {
        why.push("it lacks this module's mark".to_owned());
    }
    if to_lock {
        why.push("credentials could be added to its service principal".to_owned());
    }
    let permissions = (!missing.is_empty()).then(|| merged(&application.required_resource_access, catalogue));
    let before = ApplicationProperties {
        required_resource_access: permissions.as_ref().map(|_| application.required_resource_access.clone()),
        tags: tags.as_ref().map(|_| application.tags.clone()),
        sign_in_audience: application.sign_in_audience.clone().filter(|_| audience),
        service_principal_lock_configuration: to_lock.then(|| lock.clone()),
    };
    let sign_in_audience = audience.then(|| SINGLE_TENANT.to_owned());
    let service_principal_lock_configuration = to_lock.then(|| lock.made_whole());
    let to = ApplicationProperties {
        required_resource_access: permissions,
        tags,
        sign_in_audience,
        service_principal_lock_configuration,
    };
    let change = ChangeKind::UpdateApplication { id: application.id.clone(), to, before }.of(StepName::Application);
    Assessment::to_do(format!("'{name}', application id {}: {}", application.app_id, why.join("; ")), vec![change])
}

/// How many permissions are declared where all are that can be.
fn declared(catalogue: &ResourceServicePrincipal) -> String {
    let lacking: Vec<&str> = lacking(catalogue).into_iter().map(|permission| permission.name).collect();
    let offered = PERMISSIONS.len() - lacking.len();
    if lacking.is_empty() {
        return format!("{offered} permissions declared");
    }
    format!(
        "{offered} of {offered} permissions declared of those that this cloud offers; not offered by Microsoft Graph in this tenant: {}",
        lacking.join(", ")
    )
}

/// An application found by its alternate key needs no mark.
pub fn is_marked(application: &Application) -> bool {
    application.unique_name.as_deref() == Some(UNIQUE_NAME) || application.tags.iter().any(|tag| tag == UNIQUE_NAME)
}

fn marked(application: &Application) -> Vec<String> {
    let mut tags = application.tags.clone();
    tags.push(UNIQUE_NAME.into());
    tags
}

/// True where the application declares a permission of Microsoft Graph by this id.
pub fn declares(application: &Application, kind: &str, id: &str) -> bool {
    let graph = |api: &&RequiredResourceAccess| api.resource_app_id.eq_ignore_ascii_case(GRAPH_APP_ID);
    let same = |access: &ResourceAccess| access.kind == kind && access.id.eq_ignore_ascii_case(id);
    application.required_resource_access.iter().filter(graph).any(|api| api.resource_access.iter().any(same))
}

fn missing(application: &Application, catalogue: &ResourceServicePrincipal) -> Vec<&'static str> {
    let lacks = |permission: &&crate::permissions::Permission| {
        id_in_tenant(catalogue, permission).is_some_and(|id| !declares(application, permission.kind.access_type(), id))
    };
    PERMISSIONS.iter().filter(lacks).map(|permission| permission.name).collect()
}

/// What is declared already and, under Microsoft Graph, what of the 18 was missing. The service replaces the collection
/// as a whole, so nothing may be left out.
fn merged(declared: &[RequiredResourceAccess], catalogue: &ResourceServicePrincipal) -> Vec<RequiredResourceAccess> {
    let mut all = declared.to_vec();
    let position = all.iter().position(|api| api.resource_app_id.eq_ignore_ascii_case(GRAPH_APP_ID));
    let index = position.unwrap_or_else(|| {
        all.push(RequiredResourceAccess { resource_app_id: GRAPH_APP_ID.into(), resource_access: Vec::new() });
        all.len() - 1
    });
    let access = &mut all[index].resource_access;
    for permission in PERMISSIONS {
        let Some(id) = id_in_tenant(catalogue, permission) else { continue };
        let kind = permission.kind.access_type();
        if !access.iter().any(|has| has.kind == kind && has.id.eq_ignore_ascii_case(id)) {
            access.push(ResourceAccess { id: id.into(), kind: kind.into() });
        }
    }
    all
}
