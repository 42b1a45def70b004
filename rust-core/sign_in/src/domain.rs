//! The tenant that a domain belongs to: the sign-in service's metadata of the domain names the tenant's id and its cloud.
//!
//! Source: Microsoft identity platform, its page on the protocol "openid-connect": the metadata is at
//! `{login}/{tenant}/v2.0/.well-known/openid-configuration`, where the tenant is an id or a domain, and `token_endpoint` there
//! holds the id. `cloud_instance_name` and `msgraph_host` are in every such answer; that they name the tenant's own cloud,
//! whichever was asked, is no documented contract, but what the tools that look tenants up go by.

use std::fmt;

use pp_http::{Client, Limits, Method, Request};
use serde::Deserialize;
use thiserror::Error;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::audience::Audience;
use super::environment::{Endpoints, Environment};
use super::error::SignInError;
use super::request::{Ask, refused};
use pp_base::call::Call;
use pp_base::clock::Clock;

/// No name of the domain name system is longer, no label of one longer than 63.
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// What the sign-in service refuses a domain with that no tenant has. Source: Entra documentation, "Microsoft Entra
/// authentication error codes".
const UNKNOWN: [u32; 3] = [50059, 90002, 900_023];

/// A domain's name as it may stand in an address: labels of ASCII letters, digits and hyphens, two at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// The domain of a text, in small letters; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let fits = text.len() <= LONGEST && text.contains('.') && text.split('.').all(is_label);
        fits.then_some(Self(text))
    }
}

fn is_label(label: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let inside = !label.starts_with('-') && !label.ends_with('-');
    (1..=LONGEST_LABEL).contains(&label.len()) && inside && label.chars().all(known)
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A domain that leads to no tenant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DomainError {
    /// No tenant of the cloud has it.
    #[error("No tenant of the cloud {cloud} has the domain '{domain}'.")]
    Unknown {
        /// The domain.
        domain: String,
        /// The cloud that was asked.
        cloud: &'static str,
    },
    /// Its tenant lives in another cloud.
    #[error("The tenant of the domain '{domain}' is in the cloud {cloud}: connect with -Environment {cloud}.")]
    Elsewhere {
        /// The domain.
        domain: String,
        /// The tenant's cloud.
        cloud: &'static str,
    },
    /// The answer names no tenant of the service that was asked.
    #[error("The sign-in service's answer for the domain '{domain}' names no tenant below {login}.")]
    NoTenant {
        /// The domain.
        domain: String,
        /// The sign-in service.
        login: String,
    },
}

/// What of the metadata is read.
#[derive(Deserialize)]
struct Metadata {
    token_endpoint: String,
    #[serde(default)]
    cloud_instance_name: Option<String>,
    #[serde(default)]
    msgraph_host: Option<String>,
}

/// The cloud that is asked for a domain's tenant.
#[derive(Debug, Clone, Copy)]
pub struct Cloud<'a> {
    /// Its name.
    pub environment: Environment,
    /// Its addresses.
    pub endpoints: &'a Endpoints,
}

impl Cloud<'_> {
    /// The id of the tenant that has the domain, asked for again after what passes by itself.
    pub fn tenant_of(self, domain: &Domain, clock: &dyn Clock, call: &Call<'_>) -> Result<Uuid, SignInError> {
        let Self { endpoints, .. } = self;
        let client = &Client::new(&[&endpoints.login], Limits::default()).map_err(SignInError::Local)?;
        let audience = Audience::graph(&endpoints.graph);
        // The tenant is what is asked for: no endpoint of one is called.
        let ask = Ask { client, clock, endpoints, tenant: Uuid::nil(), audience: &audience, call, challenge: None };
        ask.with_retry(|| self.once(domain, &ask))
    }

    fn once(self, domain: &Domain, ask: &Ask<'_>) -> Result<Uuid, SignInError> {
        let address = format!("{}/{domain}/v2.0/.well-known/openid-configuration", self.endpoints.login);
        let url = Url::parse(&address).map_err(|e| SignInError::unreadable(0, format!("{address}: {e}")))?;
        let headers = vec![("accept", Zeroizing::new("application/json".to_owned()))];
        let answer = ask.client.send(Request { method: Method::GET, url, headers, body: None }, ask.call.cancel)?;
        self.read(domain, answer.status, &answer.body).map_err(|error| error.told_by(&answer, ask.clock.now()))
    }

    fn read(self, domain: &Domain, status: u16, body: &[u8]) -> Result<Uuid, SignInError> {
        if status != 200 {
            return Err(self.refusal(domain, refused(status, body)));
        }
        let metadata: Metadata =
            serde_json::from_slice(body).map_err(|_| SignInError::unreadable(200, "no metadata of a tenant"))?;
        if let Some(cloud) = self.other_cloud(&metadata) {
            return Err(DomainError::Elsewhere { domain: domain.to_string(), cloud: cloud.name() }.into());
        }
        let no_tenant = || DomainError::NoTenant { domain: domain.to_string(), login: self.endpoints.login.clone() };
        Ok(tenant_in(&metadata.token_endpoint, &self.endpoints.login).ok_or_else(no_tenant)?)
    }

    fn refusal(self, domain: &Domain, error: SignInError) -> SignInError {
        match error {
            SignInError::Refused(refusal) if UNKNOWN.contains(&refusal.code) || refusal.error == "invalid_tenant" => {
                DomainError::Unknown { domain: domain.to_string(), cloud: self.environment.name() }.into()
            }
            other => other,
        }
    }

    /// The cloud that the metadata names, where it is another one. Addresses of the caller's own are those of any.
    /// The two of the US Government share a sign-in service: a tenant that is said to be in L4 is taken in L5 all the same,
    /// since how the service tells them apart is on no record.
    fn other_cloud(self, metadata: &Metadata) -> Option<Environment> {
        let graph = metadata.msgraph_host.as_deref().unwrap_or_default();
        let named = Environment::named(graph, metadata.cloud_instance_name.as_deref().unwrap_or_default())?;
        let same = self.environment == Environment::Custom
            || named == self.environment
            || (self.environment, named) == (Environment::USGovDoD, Environment::USGov);
        (!same).then_some(named)
    }
}

/// The tenant's id in the address of its token endpoint, where that is the sign-in service's own.
fn tenant_in(token_endpoint: &str, login: &str) -> Option<Uuid> {
    let start = token_endpoint.get(..login.len())?;
    let rest = token_endpoint[login.len()..].strip_prefix('/')?;
    let tenant = rest.split('/').next().filter(|tenant| tenant.len() == 36)?;
    start.eq_ignore_ascii_case(login).then(|| Uuid::parse_str(tenant).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TENANT: &str = "2f6e1c1a-7f0f-4a53-9f0a-0d3d8a8f5a11";

    /// What comes of asking a cloud, where the metadata says this.
    fn asked(environment: Environment, host: &str, instance: &str, graph: &str) -> Result<String, String> {
        let metadata = json!({
            "token_endpoint": format!("https://{host}/{TENANT}/oauth2/v2.0/token"),
            "issuer": format!("https://{host}/{TENANT}/v2.0"),
            "cloud_instance_name": instance, "msgraph_host": graph,
        });
        let endpoints = environment.endpoints(None, None).map_err(|e| e.to_string())?;
        let domain = Domain::parse("contoso.example").ok_or("no domain")?;
        let cloud = Cloud { environment, endpoints: &endpoints };
        let tenant = cloud.read(&domain, 200, metadata.to_string().as_bytes());
        tenant.map(|id| id.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_domain_is_labels_of_letters_digits_and_hyphens() {
        for text in ["contoso.com", " Contoso.OnMicrosoft.com ", "xn--mnchen-3ya.example", "1-2.a"] {
            assert!(
                Domain::parse(text).is_some_and(|domain| domain.to_string() == text.trim().to_lowercase()),
                "{text}"
            );
        }
        let long = format!("{}.com", "a".repeat(64));
        let odd = [
            "", "contoso", "common", ".com", "contoso.", "a..b", "a b.com", "a/b.com", "a.com/..", "a.com?x",
            "a%2f.com",
        ];
        for text in
            odd.into_iter().chain(["-a.com", "a-.com", "m\u{fc}nchen.example", "a@b.com", "a.com#", "a_b.com", &long])
        {
            assert_eq!(Domain::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_tenant_of_the_cloud_is_known_by_its_id() {
        let clouds = [
            (Environment::Global, "login.microsoftonline.com", "microsoftonline.com", "graph.microsoft.com"),
            (Environment::USGov, "login.microsoftonline.us", "microsoftonline.us", "graph.microsoft.us"),
            (Environment::USGovDoD, "login.microsoftonline.us", "microsoftonline.us", "dod-graph.microsoft.us"),
            (Environment::USGovDoD, "login.microsoftonline.us", "microsoftonline.us", "graph.microsoft.us"),
            (
                Environment::China,
                "login.partner.microsoftonline.cn",
                "partner.microsoftonline.cn",
                "microsoftgraph.chinacloudapi.cn",
            ),
        ];
        for (environment, host, instance, graph) in clouds {
            assert_eq!(asked(environment, host, instance, graph).as_deref(), Ok(TENANT), "{environment:?} {graph}");
            assert_eq!(asked(environment, host, "", "").as_deref(), Ok(TENANT), "{environment:?} without names");
        }
    }

    #[test]
    fn a_tenant_of_another_cloud_is_told_with_the_environment_to_use() {
        let cases = [
            (Environment::Global, "login.microsoftonline.us", "microsoftonline.us", "graph.microsoft.us", "USGov"),
            (
                Environment::Global,
                "login.microsoftonline.us",
                "microsoftonline.us",
                "dod-graph.microsoft.us",
                "USGovDoD",
            ),
            (
                Environment::USGov,
                "login.microsoftonline.us",
                "microsoftonline.us",
                "dod-graph.microsoft.us",
                "USGovDoD",
            ),
            (Environment::Global, "login.partner.microsoftonline.cn", "partner.microsoftonline.cn", "", "China"),
            (Environment::China, "login.microsoftonline.com", "microsoftonline.com", "graph.microsoft.com", "Global"),
        ];
        for (environment, host, instance, graph, wanted) in cases {
            let said = asked(environment, host, instance, graph);
            assert!(said.as_ref().is_err_and(|text| text.ends_with(&format!("-Environment {wanted}."))), "{said:?}");
        }
    }

    #[test]
    fn a_tenant_below_another_host_is_none() {
        for host in ["login.example", "login.microsoftonline.com.example", "login.microsoftonline.com/x"] {
            let said = asked(Environment::Global, host, "microsoftonline.com", "graph.microsoft.com");
            assert!(said.as_ref().is_err_and(|text| text.contains("names no tenant")), "{host}: {said:?}");
        }
    }
}
