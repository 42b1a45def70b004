//! Answers of Microsoft Graph as typed facts. Pure; the error says what was wrong.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::observed::Synced;
use crate::permissions::{PERMISSIONS, id_in_tenant};
use crate::types::{AppManagementPolicy, AppPolicy, ExpandedApplication, OfferedPermission, ResourceServicePrincipal};
use pp_words::lenient::whole;

/// One entity.
pub(crate) fn entity<T: DeserializeOwned>(answer: &Value) -> Result<T, String> {
    T::deserialize(answer).map_err(|error| error.to_string())
}

/// A list of entities.
pub(crate) fn list<T: DeserializeOwned>(answer: &Value) -> Result<Vec<T>, String> {
    entity(answer.get("value").ok_or("no 'value'")?)
}

/// The only one of a list.
pub(crate) fn first<T: DeserializeOwned>(answer: &Value) -> Result<T, String> {
    list(answer)?.pop().ok_or_else(|| "an empty list".to_owned())
}

/// `@odata.count`, a number or its text. Absent is not zero.
fn count(answer: &Value) -> Result<u64, String> {
    let count = answer.get("@odata.count").ok_or("no '@odata.count'")?;
    let number = whole::of(count).and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| format!("'@odata.count' is no number: {count}"))
}

/// A count, and the first of what is counted, where they can be read: they are told, and nothing builds on them.
pub(crate) fn counted(answer: &Value) -> Result<Synced, String> {
    Ok(Synced { count: count(answer)?, first: list(answer).unwrap_or_default() })
}

/// What null stands for, or the entity.
pub(crate) fn none_or<T: DeserializeOwned, F>(answer: &Value, none: F, some: fn(T) -> F) -> Result<F, String> {
    if answer.is_null() { Ok(none) } else { entity(answer).map(some) }
}

/// The same for a list.
pub(crate) fn none_or_list<T: DeserializeOwned>(answer: &Value) -> Result<Vec<T>, String> {
    if answer.is_null() { Ok(Vec::new()) } else { list(answer) }
}

/// The tenant's app management policy. What doesn't say whether it is in force is none.
pub(crate) fn tenant_policy(answer: &Value) -> Result<AppManagementPolicy, String> {
    answer.get("isEnabled").ok_or("no 'isEnabled'")?;
    entity(answer)
}

/// App management policies of an application's own.
pub(crate) fn own_policies(answer: &Value) -> Result<Vec<AppPolicy>, String> {
    none_or(answer, Vec::new(), |application: ExpandedApplication| application.app_management_policies)
}

/// Microsoft Graph offers some thousand permissions: those of the runbook are kept, and what its other application permissions are
/// called.
pub(crate) fn runbook_part(graph: ResourceServicePrincipal) -> ResourceServicePrincipal {
    let is_ours = |offer: &OfferedPermission| {
        PERMISSIONS.iter().any(|permission| offer.value.as_deref() == Some(permission.name))
    };
    let (app_roles, others): (Vec<_>, Vec<_>) = graph.app_roles.into_iter().partition(is_ours);
    let mut other_app_roles = graph.other_app_roles;
    for OfferedPermission { id, value, .. } in others {
        if let Some(name) = value {
            other_app_roles.extend([&*id, " ", &*name, "\n"]);
        }
    }
    let oauth2_permission_scopes = graph.oauth2_permission_scopes.into_iter().filter(is_ours).collect();
    ResourceServicePrincipal { app_roles, oauth2_permission_scopes, other_app_roles, ..graph }
}

/// The same from the JSON of the answer, which is half a megabyte and more.
pub(crate) fn read_runbook_part(answer: &str) -> Option<Value> {
    let graph = serde_json::from_str(answer).ok()?;
    serde_json::to_value(runbook_part(graph)).ok()
}

/// The same for as long as a connection is open, where none of them is missing: what is may be offered a moment later.
pub(crate) fn whole_runbook_part(answer: &Value) -> Option<Value> {
    let part = runbook_part(entity(answer).ok()?);
    let whole = PERMISSIONS.iter().all(|permission| id_in_tenant(&part, permission).is_some());
    whole.then(|| serde_json::to_value(part).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{count, entity};
    use crate::types::PasswordCredential;

    #[test]
    fn a_count_is_a_number_or_its_text_and_absent_is_not_zero() {
        for (answer, counted) in [(json!({"@odata.count": 12}), 12), (json!({"@odata.count": "12"}), 12)] {
            assert_eq!(count(&answer), Ok(counted));
        }
        assert!(count(&json!({})).is_err_and(|why| why == "no '@odata.count'"));
        assert!(count(&json!({"@odata.count": Value::Null})).is_err_and(|why| why.ends_with("is no number: null")));
    }

    #[test]
    fn a_key_id_is_the_same_in_any_case() {
        let read = |id: &str| entity::<PasswordCredential>(&json!({"keyId": id})).map(|secret| secret.key_id);
        assert_eq!(read("8F69709D-4D80-4F9C-A404-24A0D96E5646"), read("8f69709d-4d80-4f9c-a404-24a0d96e5646"));
    }
}
