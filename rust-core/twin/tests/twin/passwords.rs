//! Client secrets and the policies about them.

use serde_json::{Value, json};
use tenant_twin::{Options, Policy};

use crate::client::{Answer, DAY, Tenant, http, quick};

fn add(tenant: &Tenant, id: &str, credential: &Value) -> Answer {
    tenant.post(&format!("/applications/{id}/addPassword"), &json!({ "passwordCredential": credential }))
}

fn under(policy: Policy) -> (Tenant, String) {
    let tenant = Tenant::with(&Options { policy, ..quick() });
    let (id, _) = tenant.application("New");
    (tenant, id)
}

#[test]
fn the_text_is_in_this_answer_alone() {
    let tenant = Tenant::new();
    let (id, _) = tenant.application("New");
    let asked = json!({
        "displayName": "PPToken", "startDateTime": "2026-08-01T02:00:00.1234567+02:00",
        "endDateTime": "2126-08-01T00:00:00Z"
    });
    let made = add(&tenant, &id, &asked);
    assert_eq!(made.status, 200);
    let text = made.text("/secretText");
    assert_eq!((text.len(), text.chars().nth(5)), (40, Some('~')));
    assert_eq!(made.text("/hint"), &text[..3]);
    assert_eq!(made.text("/startDateTime"), "2026-08-01T00:00:00.1234567Z");
    assert_eq!(made.text("/endDateTime"), "2126-08-01T00:00:00Z");
    let read = tenant.get(&format!("/applications/{id}?$select=passwordCredentials"));
    let listed = &read.body["passwordCredentials"][0];
    assert_eq!((&listed["keyId"], &listed["secretText"]), (&made.body["keyId"], &Value::Null));
    assert_eq!(listed["startDateTime"], made.body["startDateTime"]);
}

#[test]
fn without_dates_a_secret_lives_two_years() {
    let tenant = Tenant::new();
    let (id, _) = tenant.application("New");
    let made = add(&tenant, &id, &json!({ "displayName": "x" }));
    let year = |pointer: &str| made.text(pointer)[..4].parse::<u32>().expect("a year");
    assert_eq!(year("/endDateTime"), year("/startDateTime") + 2);
}

#[test]
fn bad_dates_and_fixed_properties_are_refused() {
    let tenant = Tenant::new();
    let (id, _) = tenant.application("New");
    let backwards = json!({ "startDateTime": "2026-08-01T00:00:00Z", "endDateTime": "2026-08-01T00:00:00Z" });
    let backwards = add(&tenant, &id, &backwards);
    assert_eq!(backwards.refusal().2, "Key credential end date is invalid.");
    assert_eq!(backwards.text("/error/details/0/code"), "InvalidKeyEndDate");
    assert_eq!(add(&tenant, &id, &json!({ "endDateTime": "10000-01-01T00:00:00Z" })).refusal().0, 400);
    assert_eq!(add(&tenant, &id, &json!({ "endDateTime": "tomorrow" })).refusal().0, 400);
    assert_eq!(add(&tenant, &id, &json!({ "secretText": "mine" })).refusal().0, 400);
    let misplaced = tenant.post(&format!("/applications/{id}/addPassword"), &json!({ "displayName": "x" }));
    assert_eq!(misplaced.refusal().1, "BadRequest");
}

#[test]
fn a_removed_secret_no_longer_signs_in() {
    let tenant = Tenant::new();
    let (id, app_id) = tenant.application("New");
    tenant.post("/servicePrincipals", &json!({ "appId": app_id }));
    let made = add(&tenant, &id, &json!({}));
    assert_eq!(tenant.token_for(&app_id, made.text("/secretText")).status, 200);
    let key = json!({ "keyId": made.body["keyId"] });
    assert_eq!(tenant.post(&format!("/applications/{id}/removePassword"), &key).status, 204);
    assert_eq!(tenant.token_for(&app_id, made.text("/secretText")).status, 401);
    assert_eq!(tenant.post(&format!("/applications/{id}/removePassword"), &key).refusal().0, 400);
}

#[test]
fn secrets_survive_a_patch_of_the_application() {
    let tenant = Tenant::new();
    let (id, _) = tenant.application("New");
    let made = add(&tenant, &id, &json!({}));
    tenant.patch(&format!("/applications/{id}"), &json!({ "notes": "x" }));
    let read = tenant.get(&format!("/applications/{id}"));
    assert_eq!(read.body["passwordCredentials"][0]["keyId"], made.body["keyId"]);
    let refused = tenant.patch(&format!("/applications/{id}"), &json!({ "passwordCredentials": [{}] }));
    assert_eq!(refused.status, 400);
}

#[test]
fn a_policy_that_limits_the_lifetime_names_itself() {
    let (tenant, id) = under(Policy { enabled: true, max_secret_lifetime: Some(DAY * 180), ..Policy::default() });
    let policy = tenant.get("/policies/defaultAppManagementPolicy");
    let rule = &policy.body["applicationRestrictions"]["passwordCredentials"][1];
    assert_eq!((&rule["restrictionType"], &rule["maxLifetime"]), (&json!("passwordLifetime"), &json!("P180D")));
    let span = |end: &str| json!({ "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": end });
    let refused = add(&tenant, &id, &span("2126-01-01T00:00:00Z"));
    let words = format!("Credential lifetime exceeds the max value allowed as per assigned policy '{}'.", policy.id());
    assert_eq!(refused.refusal(), (400, "CredentialInvalidLifetimeAsPerAppPolicy", words.as_str()));
    assert_eq!(refused.text("/error/details/0/code"), "InvalidKeyEndDate");
    assert_eq!(add(&tenant, &id, &span("2026-06-29T23:00:00Z")).status, 200);
}

#[test]
fn a_policy_that_blocks_secrets_blocks_all_of_them() {
    let (tenant, id) = under(Policy { enabled: true, block_secrets: true, ..Policy::default() });
    let refused = add(&tenant, &id, &json!({}));
    assert_eq!(refused.refusal().1, "CredentialTypeNotAllowedAsPerAppPolicy");
}

#[test]
fn a_policy_that_is_off_blocks_nothing() {
    let (tenant, id) = under(Policy { enabled: false, block_secrets: true, ..Policy::default() });
    assert_eq!(add(&tenant, &id, &json!({})).status, 200);
}

#[test]
fn the_policy_of_the_application_goes_before_the_default() {
    let (tenant, id) = under(Policy { enabled: true, block_secrets: true, ..Policy::default() });
    let exemption = tenant.twin.edit(|edit| edit.add_app_policy(&id, &Policy { enabled: true, ..Policy::default() }));
    assert_eq!(add(&tenant, &id, &json!({})).status, 200);
    let listed = tenant.get(&format!("/applications/{id}/appManagementPolicies"));
    assert_eq!(listed.text("/value/0/id"), exemption);
    let expanded = tenant.get(&format!("/applications/{id}?$select=id&$expand=appManagementPolicies"));
    assert_eq!(expanded.text("/appManagementPolicies/0/id"), exemption);
    assert_eq!(tenant.get(&format!("/applications/{id}?$expand=nonsense")).refusal().0, 400);
}

#[test]
fn what_the_policy_of_the_application_is_silent_about_is_the_tenants_or_nobodys() {
    let (tenant, id) = under(Policy { enabled: true, block_secrets: true, ..Policy::default() });
    let own = tenant.twin.edit(|edit| edit.add_app_policy(&id, &Policy { enabled: true, ..Policy::default() }));
    let rule = |kind: &str| json!({ "restrictionType": kind, "state": "disabled" });
    let inherits = format!("{}/options", tenant.twin.control());
    for (inherited, kinds, status) in [
        (false, vec![], 200),
        (false, vec![rule("passwordLifetime")], 200),
        (true, vec![], 400),
        (true, vec![rule("passwordLifetime")], 400),
        (true, vec![rule("passwordAddition")], 200),
    ] {
        let told = json!({ "ownPolicyInherits": inherited }).to_string();
        assert_eq!(http().post(&inherits).body(told).send().expect("an answer").status(), 204);
        let rules = json!({ "passwordCredentials": kinds });
        assert!(tenant.twin.edit(|edit| edit.set("appManagementPolicies", &own, "restrictions", &rules)));
        assert_eq!(add(&tenant, &id, &json!({})).status, status, "{inherited} {rules}");
    }
}

#[test]
fn a_lock_keeps_secrets_from_the_service_principal_and_not_from_the_application() {
    let tenant = Tenant::new();
    let (id, app_id) = tenant.application("New");
    let principal = tenant.post("/servicePrincipals", &json!({ "appId": app_id }));
    let to_principal = format!("/servicePrincipals/{}/addPassword", principal.text("/id"));
    let secret = json!({ "passwordCredential": { "displayName": "by hand" } });
    let made = tenant.post(&to_principal, &secret);
    assert_eq!((made.status, made.text("/error/message")), (200, ""));
    let lock = json!({ "servicePrincipalLockConfiguration": { "isEnabled": true, "allProperties": true } });
    assert_eq!(tenant.patch(&format!("/applications/{id}"), &lock).status, 204);
    let refused = tenant.post(&to_principal, &secret);
    assert_eq!((refused.status, refused.text("/error/code")), (400, "CannotUpdateLockedServicePrincipalProperty"));
    assert_eq!(add(&tenant, &id, &json!({})).status, 200);
}

#[test]
fn a_rule_does_not_hold_for_a_caller_that_has_the_attribute_it_exempts() {
    let (tenant, id) = under(Policy { enabled: true, block_secrets: true, ..Policy::default() });
    let admin = tenant.twin.client("admin").expect("an administrator").client_id.clone();
    let principal = tenant.get(&format!("/servicePrincipals(appId='{admin}')")).id();
    let exemption = json!({ "id": "Federation_MakesSecrets", "operator": "equals", "value": "yes" });
    let rule = json!({
        "restrictionType": "passwordAddition", "state": "enabled",
        "excludeActors": { "customSecurityAttributes": [exemption] }
    });
    let policy = "defaultAppManagementPolicy";
    let rules = json!({ "passwordCredentials": [rule] });
    assert!(tenant.twin.edit(|edit| edit.set(policy, policy, "applicationRestrictions", &rules)));
    for (attributes, status) in [
        (json!(null), 400),
        (json!({ "Federation": { "MakesSecrets": "no" } }), 400),
        (json!({ "Other": { "MakesSecrets": "yes" } }), 400),
        (json!({ "Federation": { "MakesSecrets": "yes" } }), 200),
    ] {
        let held = "customSecurityAttributes";
        tenant.twin.edit(|edit| edit.set("servicePrincipals", &principal, held, &attributes));
        assert_eq!(add(&tenant, &id, &json!({})).status, status, "{attributes}");
    }
}
