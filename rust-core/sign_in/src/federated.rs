//! Workload identity federation: a token of another issuer (a cluster, a pipeline) instead of a secret. It is asked for
//! anew for each sign-in, because it lives for minutes and its file is replaced.

use std::io::Read;
use std::path::{Path, PathBuf};

use pp_http::Method;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::{SignInError, SourceError};
use super::request::{Ask, Form, Issued};
use pp_base::secret::SecretText;
use pp_http::Request;

/// Larger than any token.
const LARGEST: u64 = 64 * 1024;

/// Where the other issuer's token comes from.
#[derive(Debug)]
pub enum FederatedToken {
    /// A file, as Azure Kubernetes Service projects it.
    File(PathBuf),
    /// GitHub Actions' token service, for jobs with `permissions: id-token: write`.
    GitHubActions {
        /// `ACTIONS_ID_TOKEN_REQUEST_URL`.
        url: Url,
        /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
        token: SecretText,
    },
    /// Azure Pipelines' token service.
    AzurePipelines {
        /// `SYSTEM_OIDCREQUESTURI`.
        url: Url,
        /// `SYSTEM_ACCESSTOKEN`.
        token: SecretText,
        /// The service connection, by its resource id.
        service_connection: Uuid,
    },
}

impl FederatedToken {
    /// The kind's name in results.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "FederatedTokenFile",
            Self::GitHubActions { .. } => "GitHubActions",
            Self::AzurePipelines { .. } => "AzurePipelines",
        }
    }

    fn get(&self, ask: &Ask<'_>) -> Result<SecretText, SignInError> {
        match self {
            Self::File(path) => from_file(path),
            Self::GitHubActions { url, token } => github(ask, url, token),
            Self::AzurePipelines { url, token, service_connection } => pipelines(ask, url, token, *service_connection),
        }
    }
}

/// Signs in once, with a token that is got for it.
pub(super) fn once(ask: &Ask<'_>, client_id: Uuid, source: &FederatedToken) -> Result<Issued, SignInError> {
    let assertion = source.get(ask)?;
    ask.token(Form::client_credentials(client_id, ask.audience).with_assertion(&assertion))
}

fn from_file(path: &Path) -> Result<SecretText, SignInError> {
    let failed = |why: String| SourceError::federated(format!("federated token file '{}' {why}", path.display()));
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let read = std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    read.map_err(|e| failed(format!("can't be read: {e}")))?;
    let text = std::str::from_utf8(&bytes).map(str::trim).unwrap_or_default();
    if !is_jwt(text) {
        return Err(failed("does not hold a JSON Web Token".into()).into());
    }
    Ok(SecretText::from_text(text))
}

/// Three parts without spaces; whether it is any good is for the sign-in service to say.
fn is_jwt(text: &str) -> bool {
    text.split('.').count() == 3 && !text.contains(char::is_whitespace)
}

#[derive(Deserialize)]
struct GitHubAnswer {
    value: SecretText,
}

/// Source: GitHub documentation, reference of its OIDC tokens (`audience` is a query parameter, the answer's `value` the token).
fn github(ask: &Ask<'_>, url: &Url, token: &SecretText) -> Result<SecretText, SignInError> {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("audience", ask.endpoints.federation_audience);
    let body = fetch(ask, Method::GET, url, token, "GitHub Actions")?;
    let answer: GitHubAnswer = serde_json::from_slice(&body).map_err(|_| no_token("GitHub Actions"))?;
    Ok(answer.value)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PipelinesAnswer {
    oidc_token: SecretText,
}

/// Source: Azure DevOps REST reference, "Oidctoken - Create"; the audience is the service connection's.
fn pipelines(ask: &Ask<'_>, url: &Url, token: &SecretText, connection: Uuid) -> Result<SecretText, SignInError> {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("api-version", "7.1").append_pair("serviceConnectionId", &connection.to_string());
    let body = fetch(ask, Method::POST, url, token, "Azure Pipelines")?;
    let answer: PipelinesAnswer = serde_json::from_slice(&body).map_err(|_| no_token("Azure Pipelines"))?;
    Ok(answer.oidc_token)
}

fn no_token(issuer: &str) -> SourceError {
    SourceError::federated(format!("{issuer} answered without a token"))
}

fn fetch(ask: &Ask<'_>, method: Method, url: Url, token: &SecretText, issuer: &str) -> Result<Vec<u8>, SignInError> {
    let headers = vec![
        ("authorization", Zeroizing::new(format!("Bearer {}", token.expose()))),
        ("accept", Zeroizing::new("application/json".to_owned())),
        // Else Azure DevOps answers a refusal with a redirect to a sign-in page.
        ("x-tfs-fedauthredirect", Zeroizing::new("Suppress".to_owned())),
    ];
    let body = (method == Method::POST).then(|| ("application/json", Zeroizing::new(Vec::new())));
    let answer = ask.client.send(Request { method, url, headers, body }, ask.call.cancel)?;
    if answer.status == 200 {
        return Ok(answer.body);
    }
    let status = answer.status;
    let refused = SourceError::federated(format!("{issuer} refused a token with HTTP status {status}"));
    let passes = status == 429 || status >= 500;
    let error = SignInError::from(SourceError { status: Some(status), passes, ..refused });
    Err(error.told_by(&answer, ask.clock.now()))
}

#[cfg(test)]
mod tests {
    use super::is_jwt;

    #[test]
    fn a_token_has_three_parts_and_no_spaces() {
        assert!(is_jwt("a.b.c"));
        for text in ["", "a.b", "a.b.c.d", "a. b.c", "not a token"] {
            assert!(!is_jwt(text), "{text}");
        }
    }
}
