//! Which managed identity endpoint this machine has, and how it is asked.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use url::{Host, Url};
use uuid::Uuid;

use crate::error::{SourceError, SourceKind};
use pp_base::secret::SecretText;
use pp_http::is_loopback;

/// The endpoint of virtual machines: a link-local address, which no router forwards.
const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const OF_VIRTUAL_MACHINES: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
/// The agent of Azure Arc, where its service names no other.
const ARC: &str = "http://localhost:40342/metadata/identity/oauth2/token";

/// What a machine's environment says of its managed identity.
#[derive(Debug, Default)]
pub struct Variables {
    /// `IDENTITY_ENDPOINT`.
    pub identity_endpoint: Option<String>,
    /// `IDENTITY_HEADER`.
    pub identity_header: Option<SecretText>,
    /// `IDENTITY_SERVER_THUMBPRINT`, Service Fabric's.
    pub identity_server_thumbprint: Option<String>,
    /// `IMDS_ENDPOINT`, Azure Arc's.
    pub imds_endpoint: Option<String>,
    /// `MSI_ENDPOINT`.
    pub msi_endpoint: Option<String>,
    /// `MSI_SECRET`.
    pub msi_secret: Option<SecretText>,
    /// `AZURE_POD_IDENTITY_AUTHORITY_HOST`: another host for the endpoint of virtual machines, as the Azure SDKs read it.
    pub authority_host: Option<String>,
}

/// A form of endpoint.
#[derive(Debug)]
pub enum EndpointKind {
    /// App Service, Functions, Container Apps and Azure Automation.
    AppService {
        /// Goes into `X-IDENTITY-HEADER`.
        header: SecretText,
    },
    /// The older form of the same.
    Msi {
        /// Goes into `secret`.
        secret: SecretText,
    },
    /// A server that Azure Arc manages: it shows that the caller may read a file.
    Arc {
        /// Where that file must lie.
        key_folder: PathBuf,
    },
    /// A virtual machine.
    Imds,
}

/// The endpoint of this machine.
#[derive(Debug)]
pub struct Endpoint {
    /// Its form.
    pub kind: EndpointKind,
    url: Url,
}

impl Endpoint {
    /// The endpoint that the environment speaks of, in the order of Microsoft's libraries; a virtual machine's where it says
    /// nothing.
    pub fn find(variables: Variables) -> Result<Self, SourceError> {
        Self::find_with(variables, &default_key_folder(), arc_agent().as_deref())
    }

    /// As [`Endpoint::find`], on a machine whose Arc agent keeps its files in `key_folder` and lies at `agent`, if it has one.
    pub fn find_with(variables: Variables, key_folder: &Path, agent: Option<&Path>) -> Result<Self, SourceError> {
        let arc = || EndpointKind::Arc { key_folder: key_folder.to_owned() };
        match variables {
            Variables {
                identity_endpoint: Some(_),
                identity_header: Some(_),
                identity_server_thumbprint: Some(_),
                ..
            } => Err(no_endpoint(
                "Service Fabric's managed identity is not supported: sign in with a certificate".into(),
            )),
            Variables { identity_endpoint: Some(url), identity_header: Some(header), .. } => {
                Self::at("IDENTITY_ENDPOINT", &url, EndpointKind::AppService { header })
            }
            Variables { msi_endpoint: Some(url), msi_secret: Some(secret), .. } => {
                Self::at("MSI_ENDPOINT", &url, EndpointKind::Msi { secret })
            }
            Variables { identity_endpoint: Some(url), imds_endpoint: Some(_), .. } => {
                Self::at("IDENTITY_ENDPOINT", &url, arc())
            }
            _ if agent.is_some_and(Path::exists) => Self::at("the Azure Arc agent's address", ARC, arc()),
            Variables { authority_host: Some(host), .. } => {
                let url = format!("{}/metadata/identity/oauth2/token", host.trim_end_matches('/'));
                Self::at("AZURE_POD_IDENTITY_AUTHORITY_HOST", &url, EndpointKind::Imds)
            }
            _ => Self::at("the address of virtual machines", IMDS, EndpointKind::Imds),
        }
    }

    /// Tokens and the header's secret go over plain http here, so the address must be one that this form is known to have.
    fn at(name: &str, text: &str, kind: EndpointKind) -> Result<Self, SourceError> {
        let url = Url::parse(text).map_err(|_| no_endpoint(format!("{name} is not an address: '{text}'")))?;
        match url.scheme() {
            "http" if kind.lies_at(&url) => {}
            "http" => return Err(no_endpoint(format!("{name} is plain http to another machine: '{text}'"))),
            // The content of its key file is for nobody beyond this machine.
            "https" if matches!(kind, EndpointKind::Arc { .. }) && !is_loopback(&url) => {
                return Err(no_endpoint(format!(
                    "{name} is another machine, and Azure Arc's agent is on this one: '{text}'"
                )));
            }
            "https" => {}
            _ => return Err(no_endpoint(format!("{name} is neither http nor https: '{text}'"))),
        }
        Ok(Self { kind, url })
    }

    /// Whether it is a virtual machine's.
    pub(super) fn is_imds(&self) -> bool {
        matches!(self.kind, EndpointKind::Imds)
    }

    /// The header that shows that the caller is a process of this machine's.
    pub(super) fn header(&self) -> Option<(&'static str, &SecretText)> {
        match &self.kind {
            EndpointKind::AppService { header } => Some(("x-identity-header", header)),
            EndpointKind::Msi { secret } => Some(("secret", secret)),
            EndpointKind::Arc { .. } | EndpointKind::Imds => None,
        }
    }

    /// The address with what is asked for.
    pub(super) fn request(&self, resource: &str, client_id: Option<Uuid>) -> Url {
        let (version, client) = match self.kind {
            EndpointKind::AppService { .. } => ("2019-08-01", "client_id"),
            EndpointKind::Msi { .. } => ("2017-09-01", "clientid"),
            EndpointKind::Arc { .. } => ("2020-06-01", "client_id"),
            EndpointKind::Imds => ("2018-02-01", "client_id"),
        };
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("api-version", version).append_pair("resource", resource);
        if let Some(id) = client_id {
            url.query_pairs_mut().append_pair(client, &id.to_string());
        }
        url
    }
}

impl EndpointKind {
    /// Where endpoints of a form lie: all of them on loopback (Windows App Service and Azure Automation, Arc's agent, Azure
    /// ML, a pod's own agent), and besides
    ///
    /// - of virtual machines at 169.254.169.254. Source: Entra documentation, "How to use managed identities for Azure
    ///   resources on an Azure VM to acquire an access token";
    /// - of App Service and Functions on Linux at link-local addresses that change, as `http://169.254.129.3:8081/msi/token`.
    ///   Source: environments shown in public repositories; the documentation names no address. Older ones show
    ///   172.16.0.0/12 (azure-cli issue 20196), which is no link's own and isn't taken.
    fn lies_at(&self, url: &Url) -> bool {
        let Some(Host::Ipv4(ip)) = url.host() else { return is_loopback(url) };
        match self {
            Self::AppService { .. } | Self::Msi { .. } => ip.is_loopback() || ip.is_link_local(),
            Self::Arc { .. } => ip.is_loopback(),
            Self::Imds => ip.is_loopback() || ip == OF_VIRTUAL_MACHINES,
        }
    }
}

fn no_endpoint(message: String) -> SourceError {
    SourceError { kind: SourceKind::NoManagedIdentity, message, status: None, passes: false, retry_after: None }
}

fn default_key_folder() -> PathBuf {
    if cfg!(windows) {
        PathBuf::from(std::env::var_os("ProgramData").unwrap_or_default())
            .join("AzureConnectedMachineAgent")
            .join("Tokens")
    } else {
        PathBuf::from("/var/opt/azcmagent/tokens")
    }
}

/// The program of the Arc agent: where it is, its endpoint is. Source: MSAL for Python, `managed_identity.py`.
fn arc_agent() -> Option<PathBuf> {
    if cfg!(windows) {
        let programs = PathBuf::from(std::env::var_os("ProgramFiles")?);
        Some(programs.join("AzureConnectedMachineAgent").join("himds.exe"))
    } else {
        Some(PathBuf::from("/opt/azcmagent/bin/himds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: Variables) -> String {
        match Endpoint::find_with(variables, Path::new("/keys"), None) {
            Ok(endpoint) => format!("{:?} {}", endpoint.kind, endpoint.url),
            Err(error) => error.message,
        }
    }

    #[test]
    fn the_environment_says_which_endpoint_there_is() {
        let local = "http://127.0.0.1:1/token";
        let app = Variables {
            identity_endpoint: Some(local.into()),
            identity_header: Some(SecretText::from_text("h")),
            msi_endpoint: Some(local.into()),
            msi_secret: Some(SecretText::from_text("h")),
            ..Variables::default()
        };
        assert!(found(app).starts_with("AppService"));
        let msi = Variables {
            msi_endpoint: Some(local.into()),
            msi_secret: Some(SecretText::from_text("h")),
            ..Variables::default()
        };
        assert!(found(msi).starts_with("Msi"));
        let arc = Variables {
            identity_endpoint: Some(local.into()),
            imds_endpoint: Some("http://localhost:40342".into()),
            ..Variables::default()
        };
        assert!(found(arc).starts_with("Arc"));
        assert_eq!(found(Variables::default()), format!("Imds {IMDS}"));
        let fabric = Variables {
            identity_endpoint: Some(local.into()),
            identity_header: Some(SecretText::from_text("h")),
            identity_server_thumbprint: Some("t".into()),
            ..Variables::default()
        };
        assert!(found(fabric).contains("Service Fabric"));
    }

    /// What is said of an address in each of the forms: App Service's, the older one, Arc's, a virtual machine's.
    fn taken(address: &str) -> [bool; 4] {
        let (url, secret) = (|| Some(address.to_owned()), || Some(SecretText::from_text("h")));
        let forms = [
            Variables { identity_endpoint: url(), identity_header: secret(), ..Variables::default() },
            Variables { msi_endpoint: url(), msi_secret: secret(), ..Variables::default() },
            Variables { identity_endpoint: url(), imds_endpoint: url(), ..Variables::default() },
            Variables { authority_host: url(), ..Variables::default() },
        ];
        forms.map(|variables| Endpoint::find_with(variables, Path::new("/keys"), None).is_ok())
    }

    #[test]
    fn a_secret_goes_in_clear_only_where_its_form_is_known_to_lie() {
        for (address, expected) in [
            ("http://localhost:42356/msi/token", [true; 4]),
            ("http://127.0.0.1:41741/MSI/token", [true; 4]),
            ("http://[::1]:40342", [true; 4]),
            ("http://169.254.129.3:8081/msi/token", [true, true, false, false]),
            ("http://169.254.169.254", [true, true, false, true]),
            ("http://169.254.169.253", [true, true, false, false]),
            ("https://agent.example/token", [true, true, false, true]),
            ("http://10.0.0.4/token", [false; 4]),
            ("http://172.16.5.3:8081/msi/token", [false; 4]),
            ("http://[fe80::1]/token", [false; 4]),
            ("http://169.254.169.254.example/token", [false; 4]),
            ("http://localhost.example/token", [false; 4]),
            ("ftp://127.0.0.1/token", [false; 4]),
            ("nonsense", [false; 4]),
        ] {
            assert_eq!(taken(address), expected, "{address}");
        }
    }
}
