//! Clouds and their hosts, and what may be called at all.

use serde::Deserialize;
use thiserror::Error;
use url::Url;

use pp_http::is_loopback;

/// The Microsoft clouds, by the names that `Connect-MgGraph -Environment` uses, and addresses of the caller's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Environment {
    /// The public cloud, US Government GCC included.
    Global,
    /// US Government GCC High (L4).
    USGov,
    /// US Government DoD (L5).
    USGovDoD,
    /// China, operated by 21Vianet.
    China,
    /// Addresses that the caller gives: a test tenant, a proxy.
    Custom,
}

/// Where to sign in and where Graph is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Tokens are asked for at `{login}/{tenant}/oauth2/v2.0/token`. No slash at the end.
    pub login: String,
    /// Graph is called at `{graph}/v1.0/...`; also the audience of tokens. No slash at the end.
    pub graph: String,
    /// The audience that a federated token must name, a constant of the cloud.
    pub federation_audience: &'static str,
}

/// An address that can't be used.
#[derive(Debug, Clone, Error)]
pub enum EndpointError {
    /// `Custom` without an address, or an address with another environment.
    #[error("{0}")]
    Contradiction(String),
    /// Not an absolute http or https address.
    #[error("{name} '{value}' is not an absolute https address")]
    NotAnAddress {
        /// The parameter.
        name: &'static str,
        /// What it was given.
        value: String,
    },
    /// Plain http beyond this machine.
    #[error(
        "{name} '{value}' is plain http to another machine: tokens and the client secret would cross the network in clear"
    )]
    NotHttps {
        /// The parameter.
        name: &'static str,
        /// What it was given.
        value: String,
    },
}

/// By its name, in any case.
impl TryFrom<String> for Environment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|cloud| cloud.name().eq_ignore_ascii_case(&text));
        named.ok_or_else(|| format!("'{text}' is not one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

impl Environment {
    const ALL: [Self; 5] = [Self::Global, Self::USGov, Self::USGovDoD, Self::China, Self::Custom];

    /// Login and Graph host. Source: Microsoft Graph docs "National cloud deployments"; MSAL's KnownCloudConfiguration.
    fn hosts(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Global => Some(("https://login.microsoftonline.com", "https://graph.microsoft.com")),
            Self::USGov => Some(("https://login.microsoftonline.us", "https://graph.microsoft.us")),
            Self::USGovDoD => Some(("https://login.microsoftonline.us", "https://dod-graph.microsoft.us")),
            Self::China => {
                Some(("https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"))
            }
            Self::Custom => None,
        }
    }

    /// Source: Entra documentation, "Workload identity federation", considerations for national clouds.
    fn federation_audience(self) -> &'static str {
        match self {
            Self::Global | Self::Custom => "api://AzureADTokenExchange",
            Self::USGov | Self::USGovDoD => "api://AzureADTokenExchangeUSGov",
            Self::China => "api://AzureADTokenExchangeChina",
        }
    }

    /// The name in parameters and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "Global",
            Self::USGov => "USGov",
            Self::USGovDoD => "USGovDoD",
            Self::China => "China",
            Self::Custom => "Custom",
        }
    }

    /// The cloud of this host of Microsoft Graph, or else of this name, which follows "login." in its sign-in service's.
    pub(super) fn named(graph_host: &str, instance: &str) -> Option<Self> {
        let by = |known: fn((&'static str, &'static str)) -> &'static str, address: String| {
            Self::ALL.into_iter().find(|cloud| cloud.hosts().is_some_and(|hosts| known(hosts) == address))
        };
        by(|(_, graph)| graph, format!("https://{graph_host}"))
            .or_else(|| by(|(login, _)| login, format!("https://login.{instance}")))
    }

    /// The addresses to use: the cloud's own, or for `Custom` the two given.
    pub fn endpoints(self, login: Option<&str>, graph: Option<&str>) -> Result<Endpoints, EndpointError> {
        match (self.hosts(), login, graph) {
            (Some((login, graph)), None, None) => {
                let federation_audience = self.federation_audience();
                Ok(Endpoints { login: login.into(), graph: graph.into(), federation_audience })
            }
            (Some(_), _, _) => Err(EndpointError::Contradiction(format!(
                "environment {} has its own addresses: LoginEndpoint and GraphEndpoint go with Custom only",
                self.name()
            ))),
            (None, Some(login), Some(graph)) => custom(login, graph),
            (None, _, _) => Err(EndpointError::Contradiction(
                "environment Custom needs both LoginEndpoint and GraphEndpoint".into(),
            )),
        }
    }
}

fn custom(login: &str, graph: &str) -> Result<Endpoints, EndpointError> {
    Ok(Endpoints {
        login: checked("LoginEndpoint", login)?,
        graph: checked("GraphEndpoint", graph)?,
        federation_audience: Environment::Custom.federation_audience(),
    })
}

/// The address as its service spells it, however it was typed: its answers' links begin so, and its tokens are for that. Refuses what is
/// no address or would send secrets in clear.
fn checked(name: &'static str, value: &str) -> Result<String, EndpointError> {
    let not_an_address = || EndpointError::NotAnAddress { name, value: value.into() };
    let url = Url::parse(value).map_err(|_| not_an_address())?;
    let plain =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    if !plain || url.host().is_none() {
        return Err(not_an_address());
    }
    match url.scheme() {
        "http" if !is_loopback(&url) => Err(EndpointError::NotHttps { name, value: value.into() }),
        "http" | "https" => Ok(url.as_str().trim_end_matches('/').to_owned()),
        _ => Err(not_an_address()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_its_service_spells_it() -> Result<(), EndpointError> {
        for (login, graph) in [
            ("https://login.x", "https://graph.x/at"),
            ("https://LOGIN.x:443/", " https://Graph.x/at// "),
            ("HTTPS://login.X//", "https://graph.x/in/../at"),
        ] {
            let known = Environment::Custom.endpoints(Some(login), Some(graph))?;
            assert_eq!((known.login.as_str(), known.graph.as_str()), ("https://login.x", "https://graph.x/at"));
        }
        Ok(())
    }
}
