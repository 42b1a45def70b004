//! A tenant's client secret that lies in a vault of the caller's own tenant until the tenant's turn comes.

use std::time::Duration;

use uuid::Uuid;

use super::options::invalid;
use crate::operation::Operation;
use crate::output::Output;
use crate::pattern::{addressed, named};
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::Tenant;
use pp_sign_in::{Access, Credential};
use pp_vault::address::{VaultAddress, secret_name};
use pp_vault::{OutOfDate, Stored, Vault};
use pp_words::instant;

/// Where it lies, and whose it is.
#[derive(Debug, Clone)]
pub(super) struct VaultSecret {
    /// The application that it proves.
    pub(super) client_id: Uuid,
    /// A pattern.
    pub(super) vault_uri: String,
    /// The name in the vault, a pattern.
    pub(super) name: String,
    /// The connection that reads it.
    pub(super) home: u64,
}

impl VaultSecret {
    /// Reads it, waiting no longer than this: how the tenant is signed in to.
    pub(super) fn read(&self, tenant: &Tenant, patience: Duration, output: &Output) -> Result<Credential, OpError> {
        let operation = Operation::within(self.home, patience)?;
        let home = &operation.connection;
        let name = named(&self.name, tenant);
        let name = secret_name(&name).map_err(|error| invalid(&error.to_string()))?;
        let address = VaultAddress::parse(&addressed(&self.vault_uri, tenant), home.environment)?;
        let stored = operation.run(output, |graph, _| look_up(graph.access(), address, home.tenant, name))?;
        let out_of_date = |when: String| {
            c::VAULT_SECRET_OUT_OF_DATE.report(format!("the vault's secret '{name}' {when}, by its attributes"))
        };
        match stored.out_of_date(home.now()) {
            Some(OutOfDate::Begins(begins)) => Err(out_of_date(format!("begins at {}", instant(begins))).into()),
            Some(OutOfDate::Ended(ended)) => Err(out_of_date(format!("ended at {}", instant(ended))).into()),
            None => Ok(Credential::ClientSecret { client_id: self.client_id, secret: stored.into_text() }),
        }
    }
}

/// The newest version of the secret, in a vault of the caller's tenant.
fn look_up(access: Access<'_>, address: VaultAddress, tenant: Uuid, name: &str) -> Result<Stored, OpError> {
    let vault = Vault::find(access, address, tenant).map_err(|error| -> OpError {
        if error.nothing_was_sent() { c::VAULT_NOT_FOUND.report(error.to_string()).into() } else { error.into() }
    })?;
    let stored = vault.get(access, name).map_err(|error| -> OpError {
        if error.is_disabled() { c::VAULT_SECRET_DISABLED.report(error.to_string()).into() } else { error.into() }
    })?;
    if let Some(stored) = stored {
        return Ok(stored);
    }
    let deleted = if vault.is_deleted(access, name)? { "; one of that name was deleted" } else { "" };
    Err(c::VAULT_SECRET_NOT_FOUND.report(format!("the vault has no secret '{name}'{deleted}")).into())
}
