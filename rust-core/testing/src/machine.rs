//! Machines with a managed identity, in each form that its endpoint has, and jobs that another issuer gives tokens.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use pp_base::secret::SecretText;
use pp_run::connection::Connection;
use pp_sign_in::Credential;
use pp_sign_in::federated::FederatedToken;
use pp_sign_in::managed_identity::{Endpoint, ManagedIdentity, Variables};
use serde_json::json;
use tenant_twin::Twin;
use url::Url;
use uuid::Uuid;

use crate::sign_in::{admin, twin};
use crate::{TestResult, connect_by};

/// The forms of endpoints.
pub const FORMS: [&str; 4] = ["AppService", "Msi", "Arc", "Imds"];

/// What the environment says of an endpoint of this form.
pub fn variables(twin: &Twin, form: &str) -> Variables {
    let app_service = Some(format!("{}/msi/token", twin.origin()));
    let metadata = Some(format!("{}/metadata/identity/oauth2/token", twin.origin()));
    let header = || Some(SecretText::from_text("header"));
    match form {
        "AppService" => Variables { identity_endpoint: app_service, identity_header: header(), ..Variables::default() },
        "Msi" => Variables { msi_endpoint: app_service, msi_secret: header(), ..Variables::default() },
        "Arc" => {
            Variables { identity_endpoint: metadata, imds_endpoint: Some(twin.origin().into()), ..Variables::default() }
        }
        _ => Variables { authority_host: Some(twin.origin().into()), ..Variables::default() },
    }
}

/// The managed identity of a machine with an endpoint of this form.
pub fn identity(twin: &Twin, form: &str, client: Option<Uuid>, keys: &Path) -> Result<ManagedIdentity, Box<dyn Error>> {
    Ok(ManagedIdentity::new(Endpoint::find_with(variables(twin, form), keys, None)?, client))
}

/// A connection that signs in by it.
pub fn by_identity(twin: &Arc<Twin>, identity: ManagedIdentity) -> Result<Connection, Box<dyn Error>> {
    connect_by(twin, Credential::ManagedIdentity(Box::new(identity)))
}

/// A twin whose machine has the administrator as its system-assigned and the reader as its user-assigned identity.
pub fn machine(form: &str, keys: &Path) -> Result<Arc<Twin>, Box<dyn Error>> {
    let twin = twin()?;
    let (system, user) = (admin(&twin)?.to_string(), twin.client("reader").ok_or("no reader")?.client_id.clone());
    let mut machine = json!({ "system": system, "user": [user] });
    if matches!(form, "AppService" | "Msi") {
        machine["header"] = json!("header");
    }
    if form == "Arc" {
        let file = keys.join("challenge.key");
        std::fs::write(&file, "the key")?;
        machine["arcFile"] = json!(file.display().to_string());
        machine["arcKey"] = json!("the key");
    }
    twin.set_machine(&machine);
    Ok(twin)
}

/// What a federated token must name.
pub const AUDIENCE: &str = "api://AzureADTokenExchange";

/// The administrator trusts a subject of the twin's other issuer.
pub fn trust(twin: &Twin, subject: &str) -> TestResult {
    let (client, issuer) = (admin(twin)?.to_string(), format!("{}/oidc", twin.origin()));
    twin.edit(|e| e.add_federated_credential(&e.application_id(&client), &issuer, subject, AUDIENCE));
    Ok(())
}

/// A connection that signs in by another issuer's token.
pub fn by_federated(twin: &Arc<Twin>, source: FederatedToken) -> Result<Connection, Box<dyn Error>> {
    connect_by(twin, Credential::Federated { client_id: admin(twin)?, source })
}

/// What GitHub Actions' token service trusts, and its job.
pub const REPOSITORY: &str = "repo:contoso/tenant:ref:refs/heads/main";

/// A job of GitHub Actions that calls as `caller`.
pub fn github(twin: &Twin, caller: &str) -> Result<FederatedToken, Box<dyn Error>> {
    let url = Url::parse(&format!("{}/oidc/github?api-version=2.0", twin.origin()))?;
    Ok(FederatedToken::GitHubActions { url, token: SecretText::from_text(caller) })
}

/// A job of Azure Pipelines, likewise.
pub fn pipelines(twin: &Twin, caller: &str, connection: Uuid) -> Result<FederatedToken, Box<dyn Error>> {
    let url = Url::parse(&format!("{}/oidc/pipelines", twin.origin()))?;
    Ok(FederatedToken::AzurePipelines { url, token: SecretText::from_text(caller), service_connection: connection })
}
