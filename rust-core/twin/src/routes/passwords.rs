//! `addPassword` and `removePassword`, and the app management policies that limit them.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::applications::check_owner;
use super::{Context, Route, policies, post};
use crate::call::Answer;
use crate::clock;
use crate::directory::secrets::{self, NewSecret};
use crate::directory::shapes::{object, text};
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::schema::{self, Object};

pub(super) const ROUTES: &[Route] = &[
    post("/applications/{id}/addPassword", add),
    post("/applications/{id}/removePassword", remove),
    post("/servicePrincipals/{id}/addPassword", add_to_principal),
];

/// Without an end a secret lives two years (Graph's page on addPassword).
fn default_end(start: OffsetDateTime) -> OffsetDateTime {
    start.replace_year(start.year() + 2).unwrap_or(start + Duration::days(730))
}

fn add(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let application = context.target(Kind::Application)?;
    check_owner(context, &application)?;
    add_secret(context, Kind::Application, application)
}

/// A service principal takes a secret of its own, unless its application's lock holds. Assumption: no policy limits it, and
/// nobody signs in with it.
fn add_to_principal(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let principal = context.target(Kind::ServicePrincipal)?;
    check_owner(context, &principal)?;
    let application = context.world.directory.find(Kind::Application, "appId", text(&principal, "appId"), Sight::Truth);
    if application.is_some_and(is_locked) {
        return Err(GraphError::locked("passwordCredentials"));
    }
    add_secret(context, Kind::ServicePrincipal, principal)
}

/// Client secrets are credentials whose usage is Verify (Graph's page on servicePrincipalLockConfiguration).
fn is_locked(application: &Object) -> bool {
    let lock = application.get("servicePrincipalLockConfiguration");
    let set = |name: &str| lock.and_then(|lock| lock.get(name)) == Some(&json!(true));
    set("isEnabled") && (set("allProperties") || set("credentialsWithUsageVerify"))
}

fn add_secret(context: &mut Context<'_>, kind: Kind, mut holder: Object) -> Result<Answer, GraphError> {
    let asked = asked(&context.body)?;
    let date = |property| asked.get(property).and_then(Value::as_str).and_then(clock::parse);
    let start = date("startDateTime").unwrap_or(context.now);
    let end = date("endDateTime").unwrap_or_else(|| default_end(start));
    if end <= start {
        let words = "Key credential end date is invalid.";
        return Err(GraphError::refused(words).with_detail("InvalidKeyEndDate", "EndDate"));
    }
    if kind == Kind::Application {
        check_policies(context, &holder, start, end)?;
    }
    let directory = &mut context.world.directory;
    let (key_id, secret) = (directory.seeded.guid().to_string(), directory.seeded.secret_text());
    let name = asked.get("displayName").cloned().unwrap_or_default();
    let new = NewSecret { key_id: &key_id, text: &secret, name, start, end };
    let mut credential = secrets::add(&mut holder, &new);
    let id = text(&holder, "id").to_owned();
    directory.store.put(kind, &id, holder, context.now);
    credential["secretText"] = json!(secret);
    let mut body = object(json!({
        "@odata.context": format!("{}/v1.0/$metadata#microsoft.graph.passwordCredential", context.world.graph())
    }));
    body.extend(credential);
    Ok(Answer::json(200, Value::Object(body)))
}

/// The wanted credential; an empty body asks for the defaults.
fn asked(body: &Object) -> Result<Object, GraphError> {
    if let Some(name) = body.keys().find(|name| *name != "passwordCredential" && !name.contains('@')) {
        let words = format!(
            "The parameter '{name}' in the request payload is not a valid parameter for the operation 'addPassword'."
        );
        return Err(GraphError::malformed(words));
    }
    let asked = match body.get("passwordCredential") {
        None | Some(Value::Null) => Object::new(),
        Some(Value::Object(asked)) => asked.clone(),
        Some(_) => return Err(GraphError::invalid_value("passwordCredential", "Application")),
    };
    schema::check("passwordCredential", &asked)?;
    // Assumption: what the service alone decides is refused, not ignored.
    let fixed = ["secretText", "hint", "keyId", "customKeyIdentifier"];
    match fixed.into_iter().find(|name| asked.get(*name).is_some_and(|value| !value.is_null())) {
        Some(name) => Err(GraphError::read_only(name)),
        None => Ok(asked),
    }
}

fn remove(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let mut application = context.target(Kind::Application)?;
    check_owner(context, &application)?;
    if let Some(name) = context.body.keys().find(|name| *name != "keyId" && !name.contains('@')) {
        let words = format!(
            "The parameter '{name}' in the request payload is not a valid parameter for the operation 'removePassword'."
        );
        return Err(GraphError::malformed(words));
    }
    let key_id = Uuid::try_parse(text(&context.body, "keyId"))
        .map_err(|_| GraphError::invalid_value("keyId", "Application"))?
        .to_string();
    let id = text(&application, "id").to_owned();
    // Straight after addPassword the service answers so; here while a replica has not seen the last write.
    if !context.world.directory.store.settled(Kind::Application, &id, context.now) {
        return Err(GraphError::concurrency());
    }
    if !secrets::remove(&mut application, &key_id) {
        return Err(GraphError::refused(format!("No password credential found with keyId '{key_id}'.")));
    }
    context.world.directory.store.put(Kind::Application, &id, application, context.now);
    Ok(Answer::empty(204))
}

/// The policy of the application itself goes before the tenant's default: wholly, or in the kinds of which it has a rule, as
/// [`Options::own_policy_inherits`](crate::Options::own_policy_inherits) says. Assumption: one that isn't enabled is one without rules.
fn check_policies(
    context: &Context<'_>,
    application: &Object,
    start: OffsetDateTime,
    end: OffsetDateTime,
) -> Result<(), GraphError> {
    let store = &context.world.directory.store;
    let own = policies::of_application(&context.world.directory, application, Sight::Truth).next();
    let tenants = store.get(Kind::TenantPolicy, Kind::TenantPolicy.name(), Sight::Truth);
    let own_rules = rules_of(own, "restrictions");
    let mut rules = own_rules.clone();
    if own.is_none() || context.world.own_policy_inherits {
        let silent = |kind: &str| !own_rules.iter().any(|(_, rule)| text(rule, "restrictionType") == kind);
        let inherited = rules_of(tenants, "applicationRestrictions").into_iter();
        rules.extend(inherited.filter(|(_, rule)| silent(text(rule, "restrictionType"))));
    }
    let created = clock::parse(text(application, "createdDateTime"));
    let mut rules = rules.into_iter().filter(|(_, rule)| applies(rule, created) && !exempts_caller(context, rule));
    rules.try_for_each(|(policy, rule)| check_rule(rule, policy, start, end))
}

/// The rules about client secrets of a policy that is enabled, each with the policy's id.
fn rules_of<'a>(policy: Option<&'a Object>, section: &str) -> Vec<(&'a str, &'a Object)> {
    let Some(policy) = policy.filter(|policy| policy.get("isEnabled") == Some(&json!(true))) else { return Vec::new() };
    let rules = policy.get(section).and_then(|rules| rules.get("passwordCredentials")).and_then(Value::as_array);
    rules.into_iter().flatten().filter_map(Value::as_object).map(|rule| (text(policy, "id"), rule)).collect()
}

/// A restriction without a state counts as enabled.
fn applies(rule: &Object, created: Option<OffsetDateTime>) -> bool {
    let enabled = rule.get("state").and_then(Value::as_str).is_none_or(|state| state == "enabled");
    let after = clock::parse(text(rule, "restrictForAppsCreatedAfterDateTime"));
    enabled && after.is_none_or(|after| created.is_none_or(|created| created > after))
}

/// A rule doesn't hold for a caller that has one of the custom security attributes it names (Graph's pages on
/// appManagementPolicyActorExemptions and customSecurityAttributeStringValueExemption: `id` is `<set>_<attribute>`, the
/// operator `equals`). Assumption: of a person's call it is the application's service principal all the same.
fn exempts_caller(context: &Context<'_>, rule: &Object) -> bool {
    let directory = &context.world.directory;
    let caller = directory.find(Kind::ServicePrincipal, "appId", &context.caller.app_id, Sight::Truth);
    let held = caller.and_then(|caller| caller.get("customSecurityAttributes")).unwrap_or(&Value::Null);
    let exemptions = rule.get("excludeActors").and_then(|actors| actors.get("customSecurityAttributes"));
    exemptions.and_then(Value::as_array).into_iter().flatten().any(|exemption| {
        let named = exemption.get("id").and_then(Value::as_str).and_then(|id| id.split_once('_'));
        let value = named.and_then(|(set, attribute)| held.get(set)?.get(attribute));
        value.is_some() && value == exemption.get("value")
    })
}

fn check_rule(rule: &Object, policy: &str, start: OffsetDateTime, end: OffsetDateTime) -> Result<(), GraphError> {
    match text(rule, "restrictionType") {
        "passwordAddition" => Err(GraphError::blocked_by_policy(policy)),
        "passwordLifetime" => {
            let longest = clock::parse_duration(text(rule, "maxLifetime"));
            let fits = longest.is_none_or(|longest| end - start <= longest);
            if fits { Ok(()) } else { Err(GraphError::limited_by_policy(policy)) }
        }
        _ => Ok(()),
    }
}
