//! What a plan's changes build on: the facts that their steps judge by, one table. What moves by itself is not among them:
//! counts, times of the last synchronization, names that only people go by.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::deleted;
use crate::observed::{Fact, Found, Observed, Subject, Unread};
use crate::permissions::{Kind, id_in_tenant, of_kind};
use crate::step::StepName::{
    self, Application, ApplicationConsent, ClientSecret, DelegatedConsent, DirSync, GlobalAdministrator,
    ServicePrincipal,
};
use crate::steps::client_secret::valid_secrets;
use crate::steps::delegated_consent::grant_for_all;
use crate::types::{self, AppPolicy, AppRoleAssignment, OfferedPermission, ResourceServicePrincipal, RoleAssignment};

/// A fact that changes build on.
pub(super) struct Part {
    /// Its name in the file.
    pub(super) name: &'static str,
    /// In words.
    pub(super) what: &'static str,
    /// The steps that judge by it.
    steps: &'static [StepName],
    /// As it is written down, where it is known. The time is that of the plan.
    read: fn(&Observed, OffsetDateTime) -> Fact<Value>,
    /// Back into what a step judges by; the error says what is wrong with it. Parts come in the order of the table.
    keep: fn(&mut Observed, &Value) -> Result<(), String>,
}

const OF_THE_APPLICATION: &[StepName] =
    &[Application, ServicePrincipal, DelegatedConsent, ApplicationConsent, GlobalAdministrator, ClientSecret];

/// What could not be read, where the plan goes on without it.
const UNREAD: &str = "unread";

fn unread() -> Unread {
    let subject = Subject { what: "the list of deleted applications", permissions: &[] };
    let why = "it could not be read when the plan was made".into();
    Unread { subject, why, denied: None, passing: false, lacking: false }
}

static PARTS: &[Part] = &[
    Part {
        name: "organization",
        what: "directory synchronization",
        steps: &[DirSync],
        read: |observed, _| {
            let organization = known(&observed.organization)?;
            Ok(json!({"id": organization.id, "onPremisesSyncEnabled": organization.on_premises_sync_enabled}))
        },
        keep: |observed, value| {
            observed.organization = Ok(typed(value)?);
            Ok(())
        },
    },
    Part {
        name: "application",
        what: "the application",
        steps: OF_THE_APPLICATION,
        read: |observed, _| {
            let which = |found: &str, app: &types::Application| {
                let mut which = of(app, &["id", "appId"]);
                which["found"] = json!(found);
                which
            };
            Ok(match known(&observed.application)? {
                Found::None | Found::Several(_) | Found::NotMeant(_) => Value::Null,
                Found::Ours(app) => which("ours", app),
                Found::SameName(app) => which("sameName", app),
            })
        },
        keep: |observed, value| {
            observed.application = Ok(match value["found"].as_str() {
                None if value.is_null() => Found::None,
                Some("ours") => Found::Ours(typed(value)?),
                Some("sameName") => Found::SameName(typed(value)?),
                _ => return Err(format!("'{}' is no way to find an application", value["found"])),
            });
            Ok(())
        },
    },
    Part {
        name: "deletedApplications",
        what: "the deleted applications",
        steps: OF_THE_APPLICATION,
        read: |observed, _| {
            let none = matches!(known(&observed.application)?, Found::None);
            let unread = observed.deleted_applications.as_ref().err().filter(|unread| unread.was_asked_for());
            if unread.is_some_and(|_| none) {
                return Ok(json!(UNREAD));
            }
            let mut deleted: Vec<_> = deleted::ours(observed).filter(|_| none).collect();
            deleted.sort_by_key(|one| &one.application.id);
            Ok(if deleted.is_empty() { Value::Null } else { json!(deleted) })
        },
        keep: |observed, value| {
            observed.deleted_applications =
                if value == UNREAD { Err(unread()) } else { Ok(typed::<Option<_>>(value)?.unwrap_or_default()) };
            Ok(())
        },
    },
    Part {
        name: "deletedServicePrincipals",
        what: "the deleted service principals",
        steps: &[ServicePrincipal],
        read: |observed, _| {
            let live = one(known(&observed.application)?).map(|app| &app.app_id);
            let gone = deleted::ours(observed).map(|deleted| &deleted.application.app_id);
            let own: Vec<&String> = live.into_iter().chain(gone).collect();
            let deleted = observed.deleted_principals.iter().flatten();
            let mut deleted: Vec<_> = deleted.filter(|one| own.contains(&&one.principal.app_id)).collect();
            deleted.sort_by_key(|one| &one.principal.id);
            Ok(if deleted.is_empty() { Value::Null } else { json!(deleted) })
        },
        keep: |observed, value| {
            observed.deleted_principals = Ok(typed::<Option<_>>(value)?.unwrap_or_default());
            Ok(())
        },
    },
    Part {
        name: "applicationProperties",
        what: "what the application declares",
        steps: &[Application],
        read: |observed, _| {
            let names =
                ["uniqueName", "signInAudience", "tags", "requiredResourceAccess", "servicePrincipalLockConfiguration"];
            Ok(one(known(&observed.application)?).map_or(Value::Null, |app| of(app, &names)))
        },
        keep: |observed, value| merge(observed, value),
    },
    Part {
        name: "clientSecrets",
        what: "the client secrets PPToken",
        steps: &[ClientSecret],
        read: |observed, time| {
            Ok(one(known(&observed.application)?).map_or(Value::Null, |app| {
                let mut valid = valid_secrets(&app.password_credentials, time);
                valid.sort_by_key(|secret| &secret.key_id);
                let password_credentials = valid.into_iter().cloned().collect();
                let app = types::Application { password_credentials, ..app.clone() };
                of(&app, &["createdDateTime", "passwordCredentials"])
            }))
        },
        keep: |observed, value| merge(observed, value),
    },
    Part {
        name: "servicePrincipal",
        what: "the service principal",
        steps: &[ServicePrincipal, DelegatedConsent, ApplicationConsent, GlobalAdministrator],
        read: |observed, _| Ok(json!(known(&observed.service_principal)?)),
        keep: |observed, value| {
            observed.service_principal = Ok(typed(value)?);
            Ok(())
        },
    },
    Part {
        name: "permissions",
        what: "the permissions that Microsoft Graph offers",
        steps: &[Application, DelegatedConsent, ApplicationConsent],
        read: |observed, _| {
            let mut graph = known(&observed.catalogue)?.clone();
            let name = |one: &OfferedPermission| (one.value.clone(), one.id.clone());
            graph.app_roles.sort_by_key(name);
            graph.oauth2_permission_scopes.sort_by_key(name);
            graph.other_app_roles.clear();
            Ok(json!(graph))
        },
        keep: |observed, value| {
            observed.catalogue = Ok(typed(value)?);
            Ok(())
        },
    },
    Part {
        name: "delegatedGrant",
        what: "the consent for delegated permissions",
        steps: &[DelegatedConsent],
        read: |observed, _| {
            known(&observed.grants)?;
            Ok(json!(grant_for_all(observed, &known(&observed.catalogue)?.id)))
        },
        keep: |observed, value| {
            observed.grants = Ok(typed::<Option<_>>(value)?.into_iter().collect());
            Ok(())
        },
    },
    Part {
        name: "appRoleAssignments",
        what: "the consents for application permissions",
        steps: &[ApplicationConsent],
        read: |observed, _| {
            let graph = known(&observed.catalogue)?;
            let mut ours: Vec<&AppRoleAssignment> =
                known(&observed.assignments)?.iter().filter(|one| is_ours(one, graph)).collect();
            ours.sort_by_key(|one| (&one.app_role_id, &one.id));
            Ok(json!(ours))
        },
        keep: |observed, value| {
            observed.assignments = Ok(typed(value)?);
            Ok(())
        },
    },
    Part {
        name: "roleAssignments",
        what: "the service principal's role Global Administrator",
        steps: &[GlobalAdministrator],
        read: |observed, _| {
            let principal = known(&observed.service_principal)?.as_ref();
            let own =
                |one: &&RoleAssignment| principal.is_some_and(|own| own.id.eq_ignore_ascii_case(&one.principal_id));
            let mut own: Vec<&RoleAssignment> = known(&observed.global_administrators)?.iter().filter(own).collect();
            own.sort_by_key(|one| &one.id);
            Ok(json!(own))
        },
        keep: |observed, value| {
            observed.global_administrators = Ok(typed(value)?);
            Ok(())
        },
    },
    Part {
        name: "policies",
        what: "the app management policy",
        steps: &[ClientSecret],
        read: |observed, _| {
            let mut tenant = known(&observed.policy)?.clone();
            // What is not in force allows and forbids nothing.
            tenant.application_restrictions = tenant.application_restrictions.filter(|_| tenant.is_enabled);
            let own: Vec<&AppPolicy> =
                known(&observed.app_policies)?.iter().filter(|own| own.is_enabled || own.unknown.is_some()).collect();
            Ok(json!({"tenant": tenant, "application": own}))
        },
        keep: |observed, value| {
            observed.policy = Ok(typed(&value["tenant"])?);
            observed.app_policies = Ok(typed(&value["application"])?);
            Ok(())
        },
    },
];

/// The parts that these steps judge by.
pub(super) fn parts(steps: &[StepName]) -> impl Iterator<Item = &'static Part> {
    PARTS.iter().filter(move |part| part.steps.iter().any(|step| steps.contains(step)))
}

/// What these steps judge by, as it is written down.
pub(super) fn read(observed: &Observed, steps: &[StepName], time: OffsetDateTime) -> Fact<Map<String, Value>> {
    parts(steps).map(|part| Ok((part.name.to_owned(), (part.read)(observed, time)?))).collect()
}

/// The tenant, as far as it was written down.
pub(super) fn observed(basis: &Map<String, Value>) -> Result<Observed, String> {
    let mut observed = Observed::unread();
    for part in PARTS {
        if let Some(value) = basis.get(part.name) {
            (part.keep)(&mut observed, value).map_err(|why| format!("buildsOn.{}: {why}", part.name))?;
        }
    }
    Ok(observed)
}

/// True where all that the step judges by was written down.
pub(super) fn suffices(basis: &Map<String, Value>, step: StepName) -> bool {
    parts(&[step]).all(|part| basis.contains_key(part.name))
}

fn known<T>(fact: &Fact<T>) -> Fact<&T> {
    fact.as_ref().map_err(Clone::clone)
}

fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}

fn one(found: &Found) -> Option<&types::Application> {
    match found {
        Found::Ours(app) | Found::SameName(app) => Some(app),
        Found::None | Found::Several(_) | Found::NotMeant(_) => None,
    }
}

/// Properties of an application, as Microsoft Graph has them.
fn of(app: &types::Application, names: &[&str]) -> Value {
    let whole = json!(app);
    names.iter().map(|name| ((*name).to_owned(), whole[*name].clone())).collect::<Map<_, _>>().into()
}

/// A consent for one of the runbook's permissions.
fn is_ours(one: &AppRoleAssignment, graph: &ResourceServicePrincipal) -> bool {
    let mut roles = of_kind(Kind::Application).filter_map(|permission| id_in_tenant(graph, permission));
    one.resource_id.eq_ignore_ascii_case(&graph.id) && roles.any(|role| role.eq_ignore_ascii_case(&one.app_role_id))
}

/// More of the application that was written down before.
fn merge(observed: &mut Observed, value: &Value) -> Result<(), String> {
    let Ok(Found::Ours(app) | Found::SameName(app)) = &mut observed.application else { return Ok(()) };
    let mut whole = json!(app);
    for (name, own) in value.as_object().into_iter().flatten() {
        whole[name] = own.clone();
    }
    *app = typed(&whole)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_judges_by_something_that_is_written_down() {
        for step in StepName::ALL {
            assert!(parts(&[step]).next().is_some(), "{step}");
            assert!(!suffices(&Map::new(), step), "{step}");
        }
    }
}
