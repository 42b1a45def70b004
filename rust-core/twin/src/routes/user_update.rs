//! `PATCH /users/{id}`: the attributes that Practice Protect provisions, with what the service refuses.
//!
//! Source of what may be written, and of the words unless something else stands beside them: Graph's page on updating a user; its
//! page on the user resource for sensitive properties and who may change them; microsoft-graph-docs issue 12584 for what another
//! service masters.

use serde_json::{Value, json};

use super::{Context, Route, merge, patch};
use crate::call::Answer;
use crate::directory::shapes::{GLOBAL_ADMINISTRATOR, PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, text};
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::odata::filter::{Filter, Operator};
use crate::schema::{self, Object};

pub(super) const ROUTES: &[Route] = &[patch("/users/{id}", update)];

/// What can be set here.
const WRITABLE: [&str; 5] = ["displayName", "usageLocation", "mail", "userPrincipalName", "onPremisesImmutableId"];

/// Of those the ones that of administrators only some administrators change.
const SENSITIVE: [&str; 2] = ["userPrincipalName", "onPremisesImmutableId"];

/// Where a user has true whose mail Exchange masters.
const MASTERED_BY_EXCHANGE: &str = "_masteredByExchange";

const SYNCED: &str = "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects \
                      currently undergoing migration.";
const MASTERED: &str =
    "Unable to update the specified properties for objects that have originated within an external service.";
/// Not on record of Graph; these are the words of the `MSOnline` module (azure-docs issue 5108).
const SOURCE_ANCHOR: &str = "You must provide a required property: Parameter name: FederatedUser.SourceAnchor";
/// Assumption: that an Immutable ID can't be changed in a federated domain is on record, the words are not.
const FEDERATED: &str = "Property onPremisesImmutableId cannot be changed while the user's domain is federated.";
/// Words that the portal and Graph show; from general knowledge, not from a page.
const DOMAIN: &str = "The domain portion of the userPrincipalName property is invalid. You must use one of the verified \
                      domain names in your organization.";

fn update(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let id = context.member(Kind::User)?.id();
    let newest = context.world.directory.store.row(Kind::User, &id, Sight::Truth);
    let mut user = newest.map(|row| row.object().into_owned()).ok_or_else(|| GraphError::not_found(&id))?;
    schema::check("user", &context.body)?;
    let mut body = context.body.clone();
    // The service takes an empty Immutable ID and changes nothing (msgraph-sdk-powershell issue 2514).
    if body.get("onPremisesImmutableId") == Some(&json!("")) {
        body.remove("onPremisesImmutableId");
    }
    allowed(context, &id, &body)?;
    mastered(&user, &body)?;
    values(context, &user, &body)?;
    unique(context, &id, &body)?;
    if let Some(mail) = body.get("mail").and_then(Value::as_str) {
        user.insert("proxyAddresses".to_owned(), addresses(&user, mail));
    }
    merge(&mut user, &body, "user");
    context.world.directory.store.put(Kind::User, &id, user, context.now);
    Ok(Answer::empty(204))
}

/// What nobody may set, and what of administrators only those who may.
fn allowed(context: &Context<'_>, id: &str, body: &Object) -> Result<(), GraphError> {
    let names = || body.keys().filter(|name| !name.contains('@'));
    if let Some(name) = names().find(|name| !WRITABLE.contains(&name.as_str())) {
        return Err(GraphError::read_only(name));
    }
    let sensitive = names().any(|name| SENSITIVE.contains(&name.as_str()));
    // Assumption: every directory role is one of those whose members are guarded.
    if sensitive && !roles(context, id).is_empty() && !context.world.rival {
        let held = match &context.caller.person {
            Some(person) => person.wids.clone(),
            None => principal(context).map(|principal| roles(context, &principal)).unwrap_or_default(),
        };
        if ![GLOBAL_ADMINISTRATOR, PRIVILEGED_AUTHENTICATION_ADMINISTRATOR]
            .iter()
            .any(|role| held.iter().any(|h| h == role))
        {
            return Err(GraphError::denied());
        }
    }
    Ok(())
}

fn principal(context: &Context<'_>) -> Option<String> {
    let found = context.world.directory.find(Kind::ServicePrincipal, "appId", &context.caller.app_id, Sight::Truth);
    found.map(|principal| text(principal, "id").to_owned())
}

/// Template ids of the directory roles of a user or service principal.
fn roles(context: &Context<'_>, id: &str) -> Vec<String> {
    let all = context.world.directory.store.all(Kind::RoleAssignment, Sight::Truth);
    let own = all.filter(|assignment| text(assignment, "principalId") == id);
    own.map(|assignment| text(assignment, "roleDefinitionId").to_owned()).collect()
}

fn mastered(user: &Object, body: &Object) -> Result<(), GraphError> {
    // Assumption: of what can be set here, all of it.
    if user.get("onPremisesSyncEnabled") == Some(&json!(true)) && !body.is_empty() {
        return Err(GraphError::refused(SYNCED));
    }
    // Assumption: seen with onPremisesExtensionAttributes; that the mail is refused alike isn't on record.
    if user.get(MASTERED_BY_EXCHANGE) == Some(&json!(true)) && body.contains_key("mail") {
        return Err(GraphError::refused(MASTERED));
    }
    Ok(())
}

fn values(context: &Context<'_>, user: &Object, body: &Object) -> Result<(), GraphError> {
    // Assumption: that mail can't be cleared either.
    for name in ["displayName", "mail", "usageLocation", "userPrincipalName"] {
        if body.get(name).is_some_and(|value| value.as_str().is_none_or(str::is_empty)) {
            return Err(GraphError::invalid_value(name, "User"));
        }
    }
    let location = body.get("usageLocation").and_then(Value::as_str).unwrap_or("AU");
    if location.len() != 2 || !location.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(GraphError::invalid_value("usageLocation", "User"));
    }
    let now = text(user, "userPrincipalName");
    let name = body.get("userPrincipalName").and_then(Value::as_str).unwrap_or(now);
    let domain = domain(context, name).ok_or_else(|| GraphError::refused(DOMAIN))?;
    let anchor = body.get("onPremisesImmutableId").or_else(|| user.get("onPremisesImmutableId"));
    let anchor = anchor.and_then(Value::as_str).unwrap_or_default();
    if anchor.contains(['$', '_']) && body.contains_key("onPremisesImmutableId") {
        return Err(GraphError::invalid_value("onPremisesImmutableId", "User"));
    }
    let changed = body.contains_key("onPremisesImmutableId") && anchor != text(user, "onPremisesImmutableId");
    // Assumption: what the user's domain is before the write counts.
    if changed && self::domain(context, now).as_deref() == Some("Federated") {
        return Err(GraphError::refused(FEDERATED));
    }
    if domain == "Federated" && anchor.is_empty() && name != now {
        return Err(GraphError::refused(SOURCE_ANCHOR));
    }
    Ok(())
}

/// How the domain of a sign-in name authenticates; `None` where it is not one of the tenant's.
fn domain(context: &Context<'_>, name: &str) -> Option<String> {
    let (local, domain) = name.split_once('@')?;
    let store = &context.world.directory.store;
    let organization = store.all(Kind::Organization, Sight::Truth).next()?;
    let domains = organization.get("verifiedDomains")?.as_array()?;
    let known = |known: &&Value| known["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(domain));
    let found = domains.iter().find(known).filter(|_| !local.is_empty())?;
    Some(found["type"].as_str().unwrap_or_default().to_owned())
}

/// What another object has already.
fn unique(context: &Context<'_>, id: &str, body: &Object) -> Result<(), GraphError> {
    let value = |name: &str| body.get(name).and_then(Value::as_str);
    for name in ["onPremisesImmutableId", "userPrincipalName"] {
        let same = value(name).map(|value| equal(name, value));
        if let Some(other) = same.and_then(|same| other(context, Kind::User, id, &same)) {
            return Err(taken(name, &other));
        }
    }
    let Some(mail) = value("mail") else { return Ok(()) };
    let is_address =
        Filter::Any { path: "proxyAddresses".to_owned(), inner: Box::new(equal("", &format!("smtp:{mail}"))) };
    let named = Filter::Or(Box::new(is_address), Box::new(equal("mail", mail)));
    let found = [Kind::User, Kind::Group, Kind::Contact].into_iter().find_map(|kind| other(context, kind, id, &named));
    found.map_or(Ok(()), |other| Err(taken("proxyAddresses", &other)))
}

fn equal(path: &str, value: &str) -> Filter {
    Filter::Compare { path: path.to_owned(), operator: Operator::Eq, value: json!(value) }
}

/// Another object that passes, as the service names it.
fn other(context: &Context<'_>, kind: Kind, id: &str, filter: &Filter) -> Option<String> {
    let rows = context.world.directory.store.rows(kind, Sight::Truth, None, Some(filter));
    let other = rows.map(|row| row.id()).find(|found| found != id)?;
    // Assumption: the names of groups and contacts; that of users is on record.
    let name = match kind {
        Kind::User => "User",
        Kind::Group => "Group",
        _ => "Contact",
    };
    Some(format!("{name}_{other}"))
}

/// The words of microsoft-graph-docs-contrib issue 8421; the details are on record with it and with the Immutable ID.
fn taken(property: &'static str, other: &str) -> GraphError {
    GraphError::refused(format!("Another object with the same value for property {property} already exists."))
        .with_detail("ObjectConflict", property)
        .with_detail("ConflictingObjects", other.to_owned())
}

/// The new mail is the primary address; what was that stays as an alias (microsoft-graph-docs-contrib issue 8421).
fn addresses(user: &Object, mail: &str) -> Value {
    let old = user.get("proxyAddresses").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let aliases = old.filter_map(|entry| {
        let (kind, address) = entry.split_once(':')?;
        let kind = if kind == "SMTP" { "smtp" } else { kind };
        (!(kind.eq_ignore_ascii_case("smtp") && address.eq_ignore_ascii_case(mail)))
            .then(|| format!("{kind}:{address}"))
    });
    std::iter::once(format!("SMTP:{mail}")).chain(aliases).collect()
}
