//! What a request says of how to sign in, and the credential that it comes to.

use std::path::PathBuf;

use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;

use crate::connect::guid;
use crate::person::Person;
use crate::{BadRequest, SecretBlock, SecretReference};
use pp_base::secret::SecretText;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_sign_in::Credential;
use pp_sign_in::certificate::{CertificateError, SigningCertificate};
use pp_sign_in::error::SourceError;
use pp_sign_in::federated::FederatedToken;
use pp_sign_in::is_loopback;
use pp_sign_in::managed_identity::{self, Endpoint, ManagedIdentity};

/// A way to sign in; `S` is a secret, or a reference to one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum CredentialRequest<S> {
    ClientSecret {
        client_id: String,
        client_secret: S,
    },
    AccessToken {
        access_token: S,
    },
    Interactive(Person),
    DeviceCode(Person),
    CertificateFile {
        client_id: String,
        path: PathBuf,
        password: Option<S>,
    },
    /// Without both where the key can't be exported.
    Certificate {
        client_id: String,
        certificate: Option<S>,
        password: Option<S>,
    },
    CertificateStore {
        client_id: String,
        thumbprint: String,
    },
    FederatedTokenFile {
        client_id: String,
        path: PathBuf,
    },
    WorkloadIdentity {
        client_id: Option<String>,
        variables: Variables<S>,
    },
    GitHubActions {
        client_id: String,
        variables: Variables<S>,
    },
    AzurePipelines {
        client_id: String,
        service_connection_id: String,
        variables: Variables<S>,
    },
    ManagedIdentity {
        client_id: Option<String>,
        variables: Variables<S>,
    },
}

/// Variables of the caller's environment, by their names. PowerShell hands them over, because a variable that it sets is
/// not one of the process everywhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) struct Variables<S> {
    azure_tenant_id: Option<String>,
    azure_client_id: Option<String>,
    azure_federated_token_file: Option<PathBuf>,
    actions_id_token_request_url: Option<String>,
    actions_id_token_request_token: Option<S>,
    system_oidcrequesturi: Option<String>,
    system_accesstoken: Option<S>,
    identity_endpoint: Option<String>,
    identity_header: Option<S>,
    identity_server_thumbprint: Option<String>,
    imds_endpoint: Option<String>,
    msi_endpoint: Option<String>,
    msi_secret: Option<S>,
    azure_pod_identity_authority_host: Option<String>,
}

impl CredentialRequest<SecretReference> {
    /// The same with the secrets themselves.
    pub(crate) fn resolve(self, secrets: &SecretBlock) -> Result<CredentialRequest<SecretText>, BadRequest> {
        use CredentialRequest as Kind;
        let secret = |reference| secrets.resolve(reference);
        Ok(match self {
            Self::ClientSecret { client_id, client_secret } => {
                Kind::ClientSecret { client_id, client_secret: secret(client_secret)? }
            }
            Self::AccessToken { access_token } => Kind::AccessToken { access_token: secret(access_token)? },
            Self::Interactive(who) => Kind::Interactive(who),
            Self::DeviceCode(who) => Kind::DeviceCode(who),
            Self::CertificateFile { client_id, path, password } => {
                Kind::CertificateFile { client_id, path, password: password.map(secret).transpose()? }
            }
            Self::Certificate { client_id, certificate, password } => Kind::Certificate {
                client_id,
                certificate: certificate.map(secret).transpose()?,
                password: password.map(secret).transpose()?,
            },
            Self::CertificateStore { client_id, thumbprint } => Kind::CertificateStore { client_id, thumbprint },
            Self::FederatedTokenFile { client_id, path } => Kind::FederatedTokenFile { client_id, path },
            Self::WorkloadIdentity { client_id, variables } => {
                Kind::WorkloadIdentity { client_id, variables: variables.resolve(secrets)? }
            }
            Self::GitHubActions { client_id, variables } => {
                Kind::GitHubActions { client_id, variables: variables.resolve(secrets)? }
            }
            Self::AzurePipelines { client_id, service_connection_id, variables } => {
                Kind::AzurePipelines { client_id, service_connection_id, variables: variables.resolve(secrets)? }
            }
            Self::ManagedIdentity { client_id, variables } => {
                Kind::ManagedIdentity { client_id, variables: variables.resolve(secrets)? }
            }
        })
    }
}

impl Variables<SecretReference> {
    fn resolve(self, secrets: &SecretBlock) -> Result<Variables<SecretText>, BadRequest> {
        let secret = |reference: Option<SecretReference>| reference.map(|r| secrets.resolve(r)).transpose();
        Ok(Variables {
            azure_tenant_id: self.azure_tenant_id,
            azure_client_id: self.azure_client_id,
            azure_federated_token_file: self.azure_federated_token_file,
            actions_id_token_request_url: self.actions_id_token_request_url,
            actions_id_token_request_token: secret(self.actions_id_token_request_token)?,
            system_oidcrequesturi: self.system_oidcrequesturi,
            system_accesstoken: secret(self.system_accesstoken)?,
            identity_endpoint: self.identity_endpoint,
            identity_header: secret(self.identity_header)?,
            identity_server_thumbprint: self.identity_server_thumbprint,
            imds_endpoint: self.imds_endpoint,
            msi_endpoint: self.msi_endpoint,
            msi_secret: secret(self.msi_secret)?,
            azure_pod_identity_authority_host: self.azure_pod_identity_authority_host,
        })
    }
}

impl CredentialRequest<SecretText> {
    /// Whether signing in opens the system's browser.
    pub(crate) fn opens_browser(&self) -> bool {
        matches!(self, Self::Interactive(who) if who.opens_browser())
    }

    /// The client that the environment names for a person, where it is the one to sign in with.
    pub(crate) fn client_of_environment(&self) -> Option<&str> {
        let (Self::Interactive(who) | Self::DeviceCode(who)) = self else { return None };
        who.client_of_environment()
    }

    /// The tenant that the environment names.
    pub(crate) fn tenant_id(&self) -> Option<&str> {
        match self {
            Self::WorkloadIdentity { variables, .. } => variables.azure_tenant_id.as_deref(),
            _ => None,
        }
    }

    /// The credential, its files read and its certificate's dates checked.
    pub(crate) fn open(self, now: OffsetDateTime) -> Result<Credential, OpError> {
        Ok(match self {
            Self::ClientSecret { client_id, client_secret } => {
                Credential::ClientSecret { client_id: id(&client_id)?, secret: client_secret }
            }
            Self::AccessToken { access_token } => Credential::AccessToken(access_token.into()),
            Self::Interactive(who) => who.in_browser()?,
            Self::DeviceCode(who) => who.by_device_code()?,
            Self::CertificateFile { client_id, path, password } => {
                certificate(&client_id, now, || SigningCertificate::from_file(&path, password.as_ref()))?
            }
            Self::Certificate { client_id, certificate: pkcs12, password } => {
                let pkcs12 = pkcs12.ok_or_else(not_exportable)?;
                certificate(&client_id, now, || SigningCertificate::from_pkcs12(&pkcs12, password.as_ref()))?
            }
            Self::CertificateStore { client_id, thumbprint } => {
                certificate(&client_id, now, || SigningCertificate::from_store(&thumbprint))?
            }
            Self::FederatedTokenFile { client_id, path } => federated(&client_id, FederatedToken::File(path))?,
            Self::WorkloadIdentity { client_id, variables } => workload_identity(client_id, variables)?,
            Self::GitHubActions { client_id, variables } => federated(&client_id, github_actions(variables)?)?,
            Self::AzurePipelines { client_id, service_connection_id, variables } => {
                federated(&client_id, azure_pipelines(variables, &service_connection_id)?)?
            }
            Self::ManagedIdentity { client_id, variables } => managed_identity(client_id.as_deref(), variables)?,
        })
    }
}

/// A client id.
pub(crate) fn id(text: &str) -> Result<Uuid, OpError> {
    guid(text).ok_or_else(|| {
        c::CLIENT_ID_INVALID.report(format!("the client id '{text}' is none: it has to be a GUID")).into()
    })
}

fn certificate(
    client_id: &str,
    now: OffsetDateTime,
    open: impl FnOnce() -> Result<SigningCertificate, CertificateError>,
) -> Result<Credential, OpError> {
    let client_id = id(client_id)?;
    let certificate = open()?;
    certificate.check_dates(now)?;
    Ok(Credential::Certificate { client_id, certificate: Box::new(certificate) })
}

fn not_exportable() -> OpError {
    c::CERTIFICATE_KEY_NOT_EXPORTABLE.report("the certificate's private key is not there, or can't be exported").into()
}

fn federated(client_id: &str, source: FederatedToken) -> Result<Credential, OpError> {
    Ok(Credential::Federated { client_id: id(client_id)?, source })
}

/// Source: Azure Workload Identity documentation: the webhook sets these three in each pod.
fn workload_identity(client_id: Option<String>, variables: Variables<SecretText>) -> Result<Credential, OpError> {
    let client_id = set(client_id.or(variables.azure_client_id), "AZURE_CLIENT_ID", IN_A_POD)?;
    let path = set(variables.azure_federated_token_file, "AZURE_FEDERATED_TOKEN_FILE", IN_A_POD)?;
    federated(&client_id, FederatedToken::File(path))
}

fn github_actions(variables: Variables<SecretText>) -> Result<FederatedToken, OpError> {
    Ok(FederatedToken::GitHubActions {
        url: address(variables.actions_id_token_request_url, "ACTIONS_ID_TOKEN_REQUEST_URL", IN_A_WORKFLOW)?,
        token: set(variables.actions_id_token_request_token, "ACTIONS_ID_TOKEN_REQUEST_TOKEN", IN_A_WORKFLOW)?,
    })
}

fn azure_pipelines(variables: Variables<SecretText>, connection: &str) -> Result<FederatedToken, OpError> {
    let no_id =
        || missing(format!("the service connection '{connection}' is not the resource id of a service connection"));
    Ok(FederatedToken::AzurePipelines {
        url: address(variables.system_oidcrequesturi, "SYSTEM_OIDCREQUESTURI", IN_A_PIPELINE)?,
        token: set(variables.system_accesstoken, "SYSTEM_ACCESSTOKEN", IN_A_PIPELINE)?,
        service_connection: guid(connection).ok_or_else(no_id)?,
    })
}

fn managed_identity(client_id: Option<&str>, variables: Variables<SecretText>) -> Result<Credential, OpError> {
    let endpoint = Endpoint::find(managed_identity::Variables {
        identity_endpoint: variables.identity_endpoint,
        identity_header: variables.identity_header,
        identity_server_thumbprint: variables.identity_server_thumbprint,
        imds_endpoint: variables.imds_endpoint,
        msi_endpoint: variables.msi_endpoint,
        msi_secret: variables.msi_secret,
        authority_host: variables.azure_pod_identity_authority_host,
    })?;
    Ok(Credential::ManagedIdentity(Box::new(ManagedIdentity::new(endpoint, client_id.map(id).transpose()?))))
}

const IN_A_POD: &str = "which Azure Workload Identity sets in a pod";
const IN_A_WORKFLOW: &str = "which GitHub Actions sets for a job with 'permissions: id-token: write'";
const IN_A_PIPELINE: &str =
    "which a step of Azure Pipelines gets with 'env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)'";

fn set<T>(value: Option<T>, name: &str, whence: &str) -> Result<T, OpError> {
    value.ok_or_else(|| missing(format!("there is no environment variable {name}, {whence}")))
}

/// The token that goes with it is a secret, so plain http is taken on this machine only.
fn address(value: Option<String>, name: &str, whence: &str) -> Result<Url, OpError> {
    let text = set(value, name, whence)?;
    let fit = |url: &Url| url.scheme() == "https" || url.scheme() == "http" && is_loopback(url);
    let https = Url::parse(&text).ok().filter(fit);
    https.ok_or_else(|| missing(format!("environment variable {name} is not an https address")))
}

fn missing(message: String) -> OpError {
    SourceError::federated(message).into()
}
