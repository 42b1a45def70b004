//! A tenant's end state, without what differs from run to run.

use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, SECRET_NAME};
use serde_json::{Value, json};

/// The tenant without what differs from run to run: ids and times.
pub fn shape(state: &Value) -> Value {
    let list = |name: &str| state[name].as_array().map_or(&[][..], Vec::as_slice);
    let named = |name| list(name).iter().filter(|object| object["displayName"] == DEFAULT_DISPLAY_NAME);
    let (apps, principals): (Vec<_>, Vec<_>) = (named("applications").collect(), named("servicePrincipals").collect());
    let principal = principals.first().map(|principal| principal["id"].clone()).unwrap_or_default();
    let of_ours = |name: &str, key: &str| list(name).iter().filter(|o| o[key] == principal).collect::<Vec<_>>();
    let mut roles: Vec<String> =
        of_ours("appRoleAssignments", "principalId").iter().map(|r| r["appRoleId"].to_string()).collect();
    roles.sort();
    let secrets: Vec<usize> = apps.iter().map(|app| secrets(app).len()).collect();
    json!({
        "applications": apps.iter().map(|app| json!([app["signInAudience"], app["requiredResourceAccess"]])).collect::<Vec<_>>(),
        "secrets": secrets,
        "principals": principals.len(),
        "grants": of_ours("oauth2PermissionGrants", "clientId").iter().map(|g| g["scope"].clone()).collect::<Vec<_>>(),
        "roles": roles,
        "directoryRoles": of_ours("roleAssignments", "principalId").len(),
        "sync": state["organization"][0]["onPremisesSyncEnabled"],
        "others": list("applications").len() - apps.len(),
    })
}

/// The secrets PPToken of an application.
pub fn secrets(app: &Value) -> Vec<&Value> {
    let all = app["passwordCredentials"].as_array();
    all.into_iter().flatten().filter(|secret| secret["displayName"] == SECRET_NAME).collect()
}
