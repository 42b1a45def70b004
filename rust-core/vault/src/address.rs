//! A vault's address and the names in it.

use pp_sign_in::environment::Environment;
use thiserror::Error;
use url::{Host, Url};

/// Longest name of a secret. Source: Key Vault documentation, "Azure Key Vault keys, secrets and certificates overview".
const LONGEST_NAME: usize = 127;

/// Where a vault is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultAddress {
    /// Without a slash at the end.
    base: String,
    host: String,
}

/// Why there is no vault of such an address or name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// No vault of the connection's cloud can lie there.
    #[error("the vault's address can't be '{given}': {why}")]
    Address {
        /// What was given.
        given: String,
        /// What is wrong with it.
        why: String,
    },
    /// No secret can have the name.
    #[error("the name of a secret in a vault can't be '{0}': letters, digits and hyphens, 1 to {LONGEST_NAME}")]
    Name(String),
}

/// The domain below which a cloud's vaults lie. Source: Key Vault documentation, the same page, "Vault names".
fn domain_of(environment: Environment) -> Option<&'static str> {
    match environment {
        Environment::Global => Some("vault.azure.net"),
        Environment::USGov | Environment::USGovDoD => Some("vault.usgovcloudapi.net"),
        Environment::China => Some("vault.azure.cn"),
        Environment::Custom => None,
    }
}

impl VaultAddress {
    /// A vault of the connection's cloud; with `Custom` any https address, or this machine.
    pub fn parse(text: &str, environment: Environment) -> Result<Self, AddressError> {
        let invalid = |why: &str| AddressError::Address { given: text.to_owned(), why: why.to_owned() };
        let url = Url::parse(text.trim()).map_err(|_| invalid(&form(environment)))?;
        let plain =
            url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
        let Some(host) = url.host().filter(|_| plain) else { return Err(invalid("it is more than an address")) };
        let https = url.scheme() == "https";
        match domain_of(environment) {
            Some(_) if !(https && url.port().is_none() && matches!(url.path(), "" | "/")) => {
                Err(invalid(&form(environment)))
            }
            Some(domain) if !below(&host.to_string(), domain) => {
                let cloud = environment.name();
                Err(invalid(&format!("vaults of environment {cloud} are https://NAME.{domain}")))
            }
            None if !(https || url.scheme() == "http" && is_this_machine(&host)) => Err(invalid("it is not https")),
            Some(_) | None => Ok(Self { base: url.as_str().trim_end_matches('/').to_owned(), host: host.to_string() }),
        }
    }

    /// The address of something in the vault.
    pub fn join(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// True where tokens for this resource are for this vault: a token never goes to a host that isn't the resource's own
    /// or below it. Source: aka.ms/azsdk/blog/vault-uri.
    pub fn belongs_to(&self, resource: &Url) -> bool {
        let secure = resource.scheme() == "https" || resource.host().is_some_and(|host| is_this_machine(&host));
        let host = resource.host_str().unwrap_or_default();
        secure && !host.is_empty() && (self.host.eq_ignore_ascii_case(host) || below(&self.host, host))
    }
}

impl std::fmt::Display for VaultAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.base)
    }
}

/// What an address has to look like.
fn form(environment: Environment) -> String {
    let Some(domain) = domain_of(environment) else { return "it is no address such as https://vault.example".into() };
    format!("it is https://NAME.{domain}, without port and path")
}

fn below(host: &str, domain: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(&domain.to_ascii_lowercase()).is_some_and(|name| name.len() > 1 && name.ends_with('.'))
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
    }
}

/// A secret's name: letters, digits and hyphens.
pub fn secret_name(name: &str) -> Result<&str, AddressError> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || character == '-';
    if !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(allowed) {
        return Ok(name);
    }
    Err(AddressError::Name(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_lies_in_the_connection_s_cloud() {
        for (text, environment) in [
            ("https://contoso.vault.azure.net", Environment::Global),
            ("https://Contoso.Vault.Azure.Net/", Environment::Global),
            ("https://contoso.vault.usgovcloudapi.net", Environment::USGov),
            ("https://contoso.vault.usgovcloudapi.net/", Environment::USGovDoD),
            ("https://contoso.vault.azure.cn", Environment::China),
            ("https://vault.example/v", Environment::Custom),
            ("http://127.0.0.1:8080/vault", Environment::Custom),
        ] {
            assert!(VaultAddress::parse(text, environment).is_ok(), "{text}");
        }
        for (text, environment) in [
            ("http://contoso.vault.azure.net", Environment::Global),
            ("https://vault.azure.net", Environment::Global),
            ("https://.vault.azure.net", Environment::Global),
            ("https://contoso.vault.azure.net.example", Environment::Global),
            ("https://contosovault.azure.net", Environment::Global),
            ("https://contoso.vault.azure.cn", Environment::Global),
            ("https://contoso.vault.azure.net/secrets/x", Environment::Global),
            ("https://contoso.vault.azure.net:444", Environment::Global),
            ("https://user:word@contoso.vault.azure.net", Environment::Global),
            ("https://127.0.0.1", Environment::Global),
            ("http://vault.example", Environment::Custom),
            ("contoso", Environment::Global),
            ("", Environment::Custom),
        ] {
            assert!(VaultAddress::parse(text, environment).is_err(), "{text}");
        }
    }

    #[test]
    fn a_resource_is_the_vault_s_own_domain() {
        let vault = VaultAddress::parse("https://contoso.vault.azure.net", Environment::Global);
        let belongs = |resource: &str| {
            let resource = Url::parse(resource);
            vault.as_ref().is_ok_and(|vault| resource.is_ok_and(|resource| vault.belongs_to(&resource)))
        };
        assert!(belongs("https://vault.azure.net") && belongs("https://VAULT.azure.net/"));
        for other in
            ["http://vault.azure.net", "https://azure.example", "https://ault.azure.net", "https://graph.microsoft.com"]
        {
            assert!(!belongs(other), "{other}");
        }
    }

    #[test]
    fn names_are_letters_digits_and_hyphens() {
        assert!(secret_name("PPToken-1").is_ok());
        for name in ["", "a/b", "a b", "a_b", "..", &"a".repeat(128)] {
            assert!(secret_name(name).is_err(), "{name}");
        }
    }
}
