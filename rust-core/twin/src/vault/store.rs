//! What a key vault holds, and how it is set up.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

/// What a caller with a good token may do in the vault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VaultAccess {
    /// Everything with secrets (the role Key Vault Secrets Officer).
    #[default]
    Officer,
    /// Reading only (the role Key Vault Secrets User).
    User,
    /// Nothing, by roles.
    NoRole,
    /// Nothing, by access policies.
    NoPolicy,
    /// Nothing, from this network.
    Firewall,
}

/// A key vault of the tenant, served beside Graph.
#[derive(Debug, Default)]
pub struct Vault {
    pub(super) secrets: BTreeMap<String, Vec<Version>>,
    pub(super) deleted: BTreeMap<String, Vec<Version>>,
    pub(super) access: VaultAccess,
    pub(super) challenge_tenant: Option<String>,
    pub(super) challenge_resource: Option<String>,
}

/// One version of a secret.
#[derive(Clone)]
pub(super) struct Version {
    pub(super) id: String,
    pub(super) value: String,
    pub(super) content_type: Value,
    pub(super) attributes: Value,
    pub(super) tags: Value,
}

impl fmt::Debug for Version {
    /// Leaves the value out, as every debug print does.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Version").field("id", &self.id).field("tags", &self.tags).finish_non_exhaustive()
    }
}

impl Vault {
    /// What callers may do from now on.
    pub fn set_access(&mut self, access: VaultAccess) {
        self.access = access;
    }

    /// The tenant that challenges name, instead of the vault's own.
    pub fn set_challenge_tenant(&mut self, tenant: &str) {
        self.challenge_tenant = Some(tenant.to_owned());
    }

    /// The resource that challenges name, instead of the vault's own.
    pub fn set_challenge_resource(&mut self, resource: &str) {
        self.challenge_resource = Some(resource.to_owned());
    }

    /// Puts a secret there, as another program would.
    pub fn add_secret(&mut self, name: &str, value: &str, tags: &Value) {
        let versions = self.secrets.entry(name.to_owned()).or_default();
        let id = format!("{:032x}", versions.len() + 1);
        let attributes = json!({ "enabled": true });
        let (value, tags) = (value.to_owned(), tags.clone());
        versions.push(Version { id, value, content_type: Value::Null, attributes, tags });
    }

    /// Sets attributes of the newest version, as another program would: `enabled`, or `nbf` and `exp` in seconds since 1970.
    pub fn set_attributes(&mut self, name: &str, attributes: &Value) {
        let Some(newest) = self.secrets.get_mut(name).and_then(|versions| versions.last_mut()) else { return };
        for (attribute, value) in attributes.as_object().into_iter().flatten() {
            newest.attributes[attribute] = value.clone();
        }
    }

    /// Deletes a secret; with soft delete, which every vault has, its name stays taken.
    pub fn delete_secret(&mut self, name: &str) {
        if let Some(versions) = self.secrets.remove(name) {
            self.deleted.insert(name.to_owned(), versions);
        }
    }

    /// How many versions a secret has.
    pub fn versions(&self, name: &str) -> usize {
        self.secrets.get(name).map_or(0, Vec::len)
    }

    /// Whether the newest version of a secret is this text.
    pub fn holds(&self, name: &str, text: &str) -> bool {
        self.newest(name).is_some_and(|version| version.value == text)
    }

    /// The newest version of a secret, in clear.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.newest(name).map(|version| version.value.as_str())
    }

    /// Content type, attributes and tags of the newest version.
    pub fn about(&self, name: &str) -> Value {
        self.newest(name).map_or(Value::Null, |version| {
            json!({ "contentType": version.content_type, "attributes": version.attributes, "tags": version.tags })
        })
    }

    pub(super) fn newest(&self, name: &str) -> Option<&Version> {
        self.secrets.get(name)?.last()
    }
}
