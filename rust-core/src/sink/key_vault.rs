//! A vault as a sink: the newest version of one secret, with tags that tell whose key it is.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Delivery;
use crate::catalogue as c;
use crate::error::OpError;
use crate::graph::Graph;
use crate::vault::address::VaultAddress;
use crate::vault::error::VaultError;
use crate::vault::{New, Stored, Vault};

/// The tags of what this tool writes.
const TENANT: &str = "tenantId";
const APPLICATION: &str = "appId";
const KEY: &str = "keyId";

/// A vault that can be read, and a name in it that is free or ours.
#[derive(Debug)]
pub struct KeyVault {
    vault: Vault,
    name: String,
}

impl KeyVault {
    /// Makes sure of the vault before there is a secret: that it is one of this tenant's, that the sign-in may read it, and
    /// that the name is neither somebody else's (unless `force`) nor held by a deleted secret. Whether the sign-in may write
    /// shows only by writing.
    pub fn prepare(
        graph: Graph<'_>,
        tenant: Uuid,
        address: VaultAddress,
        name: &str,
        app_id: Option<&str>,
        force: bool,
    ) -> Result<Self, OpError> {
        let vault = Vault::find(graph, address, tenant)?;
        match vault.get(graph, name)? {
            Some(stored) => check_owner(&stored, name, &tenant.to_string(), app_id, force)?,
            None if vault.is_deleted(graph, name)? => {
                let what = format!("the vault still keeps a deleted secret '{name}', whose name can't be used again");
                return Err(c::VAULT_SECRET_TAKEN.report(what).target(name).into());
            }
            None => {}
        }
        Ok(Self { vault, name: name.to_owned() })
    }

    /// Writes the secret and reads it back.
    pub fn put(&self, graph: Graph<'_>, delivery: &Delivery<'_>) -> Result<String, VaultError> {
        let tags = BTreeMap::from([(TENANT, delivery.tenant), (APPLICATION, delivery.app_id), (KEY, delivery.key_id)]);
        let new = New::client_secret(delivery.text, delivery.end, tags);
        self.vault.put(graph, &self.name, &new, delivery.text)
    }

    /// Whether the newest version is this secret.
    pub fn holds(&self, graph: Graph<'_>, delivery: &Delivery<'_>) -> Result<bool, VaultError> {
        self.vault.holds(graph, &self.name, delivery.text)
    }
}

fn check_owner(stored: &Stored, name: &str, tenant: &str, app_id: Option<&str>, force: bool) -> Result<(), OpError> {
    let tag = |name: &str| stored.tags.as_ref().and_then(|tags| tags.get(name)).map(String::as_str);
    let ours = tag(KEY).is_some()
        && tag(TENANT).is_some_and(|tagged| tagged.eq_ignore_ascii_case(tenant))
        && app_id.is_none_or(|app_id| tag(APPLICATION).is_some_and(|tagged| tagged.eq_ignore_ascii_case(app_id)));
    if ours || force {
        return Ok(());
    }
    let what = format!("the vault has a secret '{name}' already, which is not one of this application's");
    Err(c::VAULT_SECRET_TAKEN.report(what).target(name).into())
}
