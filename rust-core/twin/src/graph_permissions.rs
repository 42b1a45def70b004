//! The permissions that Microsoft Graph's own service principal publishes: all of them, as in a real tenant, where their
//! texts make its object larger than a megabyte.
//!
//! Assumption: whose consent a delegated permission takes and its title are those of the data where it has them; the
//! other texts are made here, in the length that the service's have.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::directory::shapes::{GRAPH_APP_ID, text};
use crate::schema::Object;

/// One published permission.
pub(crate) struct Published {
    /// True for a delegated permission (`Scope`), false for an application permission (`Role`).
    pub(crate) delegated: bool,
    /// The name that consents and tokens carry.
    pub(crate) value: &'static str,
    /// The id that `requiredResourceAccess` and app role assignments carry.
    pub(crate) id: &'static str,
    /// Whether only an administrator can consent.
    pub(crate) admin: bool,
    /// The title that the consent page shows, where it is known.
    title: Option<&'static str>,
}

/// Every published permission.
pub(crate) static PUBLISHED: LazyLock<Vec<Published>> = LazyLock::new(|| {
    let lines = include_str!("graph_permissions.txt").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(read).collect()
});

fn read(line: &'static str) -> Option<Published> {
    let mut columns = line.split('\t');
    let (value, kind, id) = (columns.next()?, columns.next()?, columns.next()?);
    let delegated = kind == "Scope";
    let admin = match columns.next() {
        Some(consent) => consent == "Admin",
        None => !delegated || value.ends_with(".All"),
    };
    Some(Published { delegated, value, id, admin, title: columns.next() })
}

/// What they are in the service principal's `appRoles` and `oauth2PermissionScopes`; written once for all twins.
static ENTRIES: LazyLock<(Value, Value)> = LazyLock::new(|| {
    let (scopes, roles): (Vec<_>, Vec<_>) = PUBLISHED.iter().partition(|permission| permission.delegated);
    let entries = |list: Vec<&Published>| list.into_iter().map(Published::entry).collect();
    (entries(roles), entries(scopes))
});

/// The same as JSON.
static TEXTS: LazyLock<(String, String)> = LazyLock::new(|| (ENTRIES.0.to_string(), ENTRIES.1.to_string()));

/// The properties that hold what an API offers.
pub(crate) const LISTS: [&str; 2] = ["appRoles", "oauth2PermissionScopes"];

/// A property of an object. What Microsoft Graph's service principal offers is not in it, unless something has been changed of that: half a
/// megabyte, of which each tenant and each answer would have a copy.
pub(crate) fn property<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        let of_graph = LISTS.contains(&name) && text(object, "appId") == GRAPH_APP_ID;
        of_graph.then(|| if name == LISTS[0] { &ENTRIES.0 } else { &ENTRIES.1 })
    })
}

/// The app roles that a service principal offers.
pub(crate) fn app_roles(principal: &Object) -> impl Iterator<Item = &Object> {
    let list = property(principal, LISTS[0]).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_object)
}

/// Whether an object is Microsoft Graph's service principal, and offers what is published.
pub(crate) fn offers_all(object: &Object) -> bool {
    text(object, "appId") == GRAPH_APP_ID && LISTS.iter().all(|list| !object.contains_key(*list))
}

/// An answer about it in which the lists are empty, as JSON with the lists.
pub(crate) fn with_lists(answer: &Object) -> String {
    let mut written = String::with_capacity(TEXTS.0.len() + TEXTS.1.len() + 4096);
    for (name, value) in answer {
        written.push(if written.is_empty() { '{' } else { ',' });
        written.push_str(&Value::from(name.as_str()).to_string());
        written.push(':');
        match name.as_str() {
            "appRoles" => written.push_str(&TEXTS.0),
            "oauth2PermissionScopes" => written.push_str(&TEXTS.1),
            _ => written.push_str(&value.to_string()),
        }
    }
    written.push('}');
    written
}

/// The id of an application permission by its name.
pub(crate) fn role_id(value: &str) -> Option<&'static str> {
    PUBLISHED
        .iter()
        .find(|permission| !permission.delegated && permission.value == value)
        .map(|permission| permission.id)
}

impl Published {
    /// The entry of `appRoles` or `oauth2PermissionScopes`.
    fn entry(&self) -> Value {
        let action = action(self.value);
        let title = self.title.map_or_else(|| crate::schema::title(&action), str::to_owned);
        if !self.delegated {
            let description = format!("Allows the app to {action} in your organization, without a signed-in user.");
            return json!({
                "allowedMemberTypes": ["Application"], "description": description, "displayName": title,
                "id": self.id, "isEnabled": true, "origin": "Application", "value": self.value
            });
        }
        let admin =
            format!("Allows the app to {action} that the signed-in user has access to, on behalf of that user.");
        let user = format!("Allows the app to {action} that you have access to, on your behalf.");
        json!({
            "adminConsentDescription": admin, "adminConsentDisplayName": title, "id": self.id, "isEnabled": true,
            "type": if self.admin { "Admin" } else { "User" },
            "userConsentDescription": user, "userConsentDisplayName": title, "value": self.value
        })
    }
}

/// `read and write all role management` for `RoleManagement.ReadWrite.All`.
fn action(value: &str) -> String {
    let mut parts = value.split('.');
    let what = words(parts.next().unwrap_or_default());
    let verb = parts.next().map_or_else(|| "use".to_owned(), words).replace("read write", "read and write");
    let reach: Vec<String> = parts.map(words).collect();
    let reach = reach.join(" ");
    [verb, reach, what].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The words of a name in capitals: `role management` for `RoleManagement`.
fn words(name: &str) -> String {
    let mut words = String::new();
    let mut before = ' ';
    for letter in name.replace(['-', '_'], " ").chars() {
        if letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
        before = letter;
    }
    words
}
