//! A vault as a sink: the newest version of one secret, with tags that tell whose key it is.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::Delivery;
use crate::error::SinkError;
use pp_sign_in::Access;
use pp_vault::address::VaultAddress;
use pp_vault::error::VaultError;
use pp_vault::{New, Stored, Vault};

/// The tags of what this module writes.
const TENANT: &str = "tenantId";
const APPLICATION: &str = "appId";
const KEY: &str = "keyId";

/// A vault that can be read, and a name in it that is free or ours.
#[derive(Debug)]
pub struct KeyVault {
    vault: Vault,
    name: String,
    /// Whether a write left that the vault has not refused.
    may_hold: bool,
}

impl KeyVault {
    /// Makes sure of the vault before there is a secret: that it is one of this tenant's, that the sign-in may read it, and
    /// that the name is neither somebody else's (unless `force`) nor held by a deleted secret. Whether the sign-in may write
    /// shows only by writing.
    pub fn prepare(
        access: Access<'_>,
        tenant: Uuid,
        address: VaultAddress,
        name: &str,
        app_id: Option<&str>,
        force: bool,
    ) -> Result<Self, SinkError> {
        let vault = Vault::find(access, address, tenant)?;
        match vault.get(access, name)? {
            Some(stored) => check_owner(&stored, name, &tenant.to_string(), app_id, force)?,
            None if vault.is_deleted(access, name)? => {
                return Err(SinkError::NameKept(name.to_owned()));
            }
            None => {}
        }
        Ok(Self { vault, name: name.to_owned(), may_hold: false })
    }

    /// Writes the secret and reads it back.
    pub fn put(&mut self, access: Access<'_>, delivery: &Delivery<'_>) -> Result<String, VaultError> {
        let tags = BTreeMap::from([(TENANT, delivery.tenant), (APPLICATION, delivery.app_id), (KEY, delivery.key_id)]);
        let new = New::client_secret(delivery.text, delivery.end, tags);
        self.vault.put(access, &self.name, &new, delivery.text, &mut self.may_hold)
    }

    /// False where the vault certainly doesn't have the secret.
    pub fn may_hold(&self) -> bool {
        self.may_hold
    }
}

/// Whether it was written with this key, as its tags say: they come with the value, in one request. Somebody may have edited either since.
pub fn is_tagged(stored: &Stored, tenant: &str, app_id: &str, key_id: &str) -> bool {
    has_tag(stored, TENANT, tenant) && has_tag(stored, APPLICATION, app_id) && has_tag(stored, KEY, key_id)
}

fn tag<'s>(stored: &'s Stored, name: &str) -> Option<&'s str> {
    stored.tags.as_ref().and_then(|tags| tags.get(name)).map(String::as_str)
}

fn has_tag(stored: &Stored, name: &str, value: &str) -> bool {
    tag(stored, name).is_some_and(|tagged| tagged.eq_ignore_ascii_case(value))
}

fn check_owner(stored: &Stored, name: &str, tenant: &str, app_id: Option<&str>, force: bool) -> Result<(), SinkError> {
    let ours = tag(stored, KEY).is_some()
        && has_tag(stored, TENANT, tenant)
        && app_id.is_none_or(|app_id| has_tag(stored, APPLICATION, app_id));
    if ours || force {
        return Ok(());
    }
    Err(SinkError::NameTaken(name.to_owned()))
}
