//! The tenants of a fleet as a request names them, and how each is signed in to.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::options::invalid;
use super::vault_secret::VaultSecret;
use crate::credential::id;
use crate::operation::Operation;
use crate::pattern::takes_name;
use crate::{BadRequest, SecretBlock, SecretReference};
use pp_base::secret::SecretText;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::Tenant;
use pp_run::connection::Connection;
use pp_sign_in::Credential;
use pp_sign_in::environment::{Endpoints, Environment};

/// One tenant; what it doesn't say, the caller's own connection does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CustomerRequest {
    tenant_id: String,
    /// What the caller calls it.
    name: Option<String>,
    client_id: Option<String>,
    client_secret: Option<SecretReference>,
    /// Of a vault that holds its secret instead; `{TenantId}` and `{Name}` stand for what differs.
    client_secret_vault_uri: Option<String>,
    /// The secret's name there, likewise.
    client_secret_name: Option<String>,
    /// As the list has it: a cell that is wrong is told with its tenant.
    environment: Option<String>,
    login_endpoint: Option<String>,
    graph_endpoint: Option<String>,
    app_id: Option<String>,
    object_id: Option<String>,
    /// Domains; a cell of a list may have several.
    #[serde(default)]
    federated_domain: Vec<String>,
    vault_uri: Option<String>,
}

/// Tenants, each with its own secret where it has one.
#[derive(Debug, Default)]
pub(super) struct Named(Vec<(CustomerRequest, Option<SecretText>)>);

/// A tenant that can be connected to.
#[derive(Debug, Clone)]
pub(super) struct Customer {
    /// An id or a domain.
    pub(super) tenant: String,
    pub(super) name: Option<String>,
    pub(super) environment: Environment,
    pub(super) endpoints: Endpoints,
    pub(super) sign_in: SignIn,
    pub(super) own: Own,
}

/// What an action takes of a tenant alone, in place of what all have.
#[derive(Debug, Clone, Default)]
pub(super) struct Own {
    /// Which application is meant.
    pub(super) app_id: Option<String>,
    pub(super) object_id: Option<String>,
    /// The domains that are federated with Practice Protect, or going to be.
    pub(super) federated_domain: Vec<String>,
    /// Where its secret goes.
    pub(super) vault_uri: Option<String>,
}

/// How a tenant is signed in to.
#[derive(Debug, Clone)]
pub(super) enum SignIn {
    /// By what is at hand.
    By(Arc<Credential>),
    /// By a secret that is read in the tenant's turn.
    InVault(VaultSecret),
}

impl Customer {
    /// Whose it is, as far as that is known before anything is read.
    pub(super) fn whose(&self) -> Tenant {
        Tenant { id: self.tenant.clone(), name: self.name.clone() }
    }
}

impl Named {
    /// The tenants of a request, with the secrets that it refers to.
    pub(super) fn resolve(requests: Vec<CustomerRequest>, secrets: &SecretBlock) -> Result<Self, BadRequest> {
        let resolve = |request: CustomerRequest| {
            let secret = request.client_secret.map(|secret| secrets.resolve(secret)).transpose()?;
            Ok((request, secret))
        };
        requests.into_iter().map(resolve).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// The tenants. What can't be taken of any of them is told before the first is begun.
    pub(super) fn open(self, home: Option<&Operation>) -> Result<Vec<Customer>, OpError> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut customers = Vec::with_capacity(self.0.len());
        for (place, (request, secret)) in (1..).zip(self.0) {
            let tenant = request.tenant_id.trim().to_owned();
            if tenant.is_empty() {
                return Err(c::FLEET_LIST_INVALID.report(format!("tenant {place} of the list has no TenantId")).into());
            }
            if let Some(before) = seen.insert(tenant.to_lowercase(), place) {
                let what = format!("tenant {place} of the list, {tenant}, is number {before}, too");
                return Err(c::FLEET_LIST_INVALID.report(what).target(tenant).into());
            }
            let (environment, endpoints) = request.cloud(home.map(|home| &*home.connection))?;
            let sign_in = request.sign_in(secret, home)?;
            let own = request.own();
            let name = request.name.filter(|name| !name.is_empty());
            customers.push(Customer { tenant, name, environment, endpoints, sign_in, own });
        }
        Ok(customers)
    }
}

impl CustomerRequest {
    fn own(&self) -> Own {
        let domains = self.federated_domain.iter().flat_map(|text| text.split([',', ';', ' ']));
        Own {
            app_id: self.app_id.clone(),
            object_id: self.object_id.clone(),
            federated_domain: domains.filter(|domain| !domain.is_empty()).map(str::to_owned).collect(),
            vault_uri: self.vault_uri.clone(),
        }
    }

    /// Its own cloud, or that of the caller's connection.
    fn cloud(&self, home: Option<&Connection>) -> Result<(Environment, Endpoints), OpError> {
        let own = self.login_endpoint.is_some() || self.graph_endpoint.is_some();
        let environment = match &self.environment {
            Some(name) => Environment::try_from(name.trim().to_owned()).map_err(|why| self.no_environment(&why))?,
            None => home.map_or(Environment::Global, |home| home.environment),
        };
        match home {
            Some(home) if !own && environment == home.environment => Ok((environment, home.endpoints.clone())),
            _ => {
                let endpoints =
                    environment.endpoints(self.login_endpoint.as_deref(), self.graph_endpoint.as_deref())?;
                Ok((environment, endpoints))
            }
        }
    }

    fn no_environment(&self, why: &str) -> OpError {
        let tenant = self.tenant_id.as_str();
        let what = format!("the Environment of tenant {tenant} of the list can't be taken: {why}");
        let advice = "Give one of these, or none for that of the connection. Nothing was begun.";
        c::FLEET_LIST_INVALID.report(what).target(tenant).advice(advice).into()
    }

    fn missing(&self, why: &str) -> OpError {
        let tenant = self.tenant_id.as_str();
        let what = format!("nothing says how to sign in to tenant {tenant}: {why}");
        c::FLEET_SIGN_IN_MISSING.report(what).target(tenant).into()
    }

    /// Its own application's secret, given or in a vault; else how the caller's connection signs in.
    fn sign_in(&self, secret: Option<SecretText>, home: Option<&Operation>) -> Result<SignIn, OpError> {
        if let Some(in_vault) = self.in_vault(secret.is_some(), home)? {
            return Ok(SignIn::InVault(in_vault));
        }
        if let Some(secret) = secret {
            let client_id = id(self.client_id.as_deref().unwrap_or_default())?;
            return Ok(SignIn::By(Arc::new(Credential::ClientSecret { client_id, secret })));
        }
        let home = home.ok_or_else(|| self.missing("it has no ClientSecret, and there is no connection"))?;
        self.as_home(&home.connection).map(SignIn::By)
    }

    /// Its application's secret in a vault, where it names one: with the vault, as an application, and instead of a secret.
    fn in_vault(&self, has_secret: bool, home: Option<&Operation>) -> Result<Option<VaultSecret>, OpError> {
        let wrong = |why: &str| Err(invalid(&format!("tenant {} has a {why}", self.tenant_id)));
        let (vault_uri, name) = match (&self.client_secret_vault_uri, &self.client_secret_name) {
            (None, None) => return Ok(None),
            (None, Some(_)) => return wrong("-ClientSecretName, and no -ClientSecretVaultUri says in which vault"),
            (Some(_), None) => return wrong("-ClientSecretVaultUri, and no -ClientSecretName says which secret there"),
            (Some(_), Some(_)) if has_secret => {
                return wrong("-ClientSecretName and a -ClientSecret: it takes one secret");
            }
            (Some(vault_uri), Some(name)) => (vault_uri.clone(), name.clone()),
        };
        let named = self.name.as_ref().is_some_and(|name| !name.is_empty());
        if !named && [&vault_uri, &name].into_iter().any(|pattern| takes_name(pattern)) {
            return wrong(
                "{Name} in its -ClientSecretName or -ClientSecretVaultUri, and no TenantName: what it is called is not known before it \
                 is signed in to",
            );
        }
        let Some(client_id) = &self.client_id else {
            return wrong("-ClientSecretName, and no -ClientId says whose secret it is");
        };
        let home = home.ok_or_else(|| self.missing("no connection reads its secret from the vault"))?;
        Ok(Some(VaultSecret { client_id: id(client_id)?, vault_uri, name, home: home.number }))
    }

    /// How the caller's connection signs in, as the tenant's application where it names one.
    fn as_home(&self, home: &Connection) -> Result<Arc<Credential>, OpError> {
        let credential = home.tokens.shared_credential();
        match (&self.client_id, &*credential) {
            (None, Credential::ManagedIdentity(_)) => Err(self.missing(
                "a managed identity signs in to its own tenant; give the ClientId of a multi-tenant application that trusts it by \
                 a federated credential",
            )),
            (None, Credential::AccessToken(_)) => Err(self.missing("an access token is of one tenant")),
            (None, _) => Ok(credential),
            (Some(client_id), _) => credential.of_client(id(client_id)?).ok_or_else(|| {
                self.missing(&format!("the connection's {} doesn't prove application {client_id}", credential.kind()))
            }),
        }
    }
}
