//! Where a ledger lies in Azure Blob Storage.

use url::{Host, Url};

use crate::error::LedgerError;
use pp_http::is_loopback;

/// Domains below which accounts of Azure Storage lie, in all clouds. Tokens go nowhere else. Source: Azure Storage documentation,
/// "Storage account overview" (standard endpoints, and those of a DNS zone), and the endpoints of Azure Government and Azure in China.
const DOMAINS: [&str; 4] = [
    ".blob.core.windows.net",
    ".blob.storage.azure.net",
    ".blob.core.usgovcloudapi.net",
    ".blob.core.chinacloudapi.cn",
];

/// The address of a ledger, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlobAddress {
    /// Of the container, without a slash at the end.
    container: String,
    name: String,
    /// Whether an account of Azure Storage lies there by its name.
    pub(crate) is_azure: bool,
}

impl BlobAddress {
    /// `https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME`. What names an account in its path, as an emulator of storage does, is
    /// taken on this machine.
    pub(crate) fn parse(text: &str) -> Result<Self, LedgerError> {
        let url = Url::parse(text.trim()).map_err(|_| invalid(text, "it is no address"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid(text, "a name and a password in an address are seen by whoever sees that"));
        }
        if url.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case("sig")) {
            return Err(invalid(
                text,
                "a shared access signature is a secret: give the address without it, and it as -LedgerSas",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid(text, "it is more than an address"));
        }
        if url.scheme() != "https" && !is_loopback(&url) {
            return Err(invalid(text, "plain http is taken on this machine only"));
        }
        let (account, container, name) = parts(&url).ok_or_else(|| invalid(text, FORM))?;
        let host = url.host_str().unwrap_or_default();
        let is_azure =
            url.port().is_none() && DOMAINS.iter().any(|domain| host.len() > domain.len() && host.ends_with(domain));
        let container = format!("{}{account}/{container}", url.origin().ascii_serialization());
        Ok(Self { container, name, is_azure })
    }

    /// Of a blob of the ledger.
    pub(crate) fn of(&self, blob: &str) -> String {
        format!("{}/{}/{blob}", self.container, self.name)
    }

    /// Of the container.
    pub(crate) fn container(&self) -> &str {
        &self.container
    }

    /// With what the names of the ledger's blobs begin.
    pub(crate) fn prefix(&self) -> String {
        format!("{}/", self.name)
    }
}

impl std::fmt::Display for BlobAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.container, self.name)
    }
}

const FORM: &str = "it is not as https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME, where CONTAINER is 3 to 63 lower-case letters, \
                    digits and hyphens, and NAME at most 64 letters, digits, hyphens, underscores and dots";

/// The account with a slash before it where the path names one, the container, and the ledger's name.
fn parts(url: &Url) -> Option<(String, String, String)> {
    let segments: Vec<&str> = url.path().trim_matches('/').split('/').collect();
    let account_in_path = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))) || is_loopback(url);
    let (account, container, name) = match (account_in_path, segments.as_slice()) {
        (true, [account, container, name]) => (format!("/{account}"), container, name),
        (false, [container, name]) => (String::new(), container, name),
        _ => return None,
    };
    let of_a_container = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    let of_a_name = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter);
    let fits = (3..=63).contains(&container.len())
        && container.bytes().all(of_a_container)
        && (1..=64).contains(&name.len())
        && name.bytes().all(of_a_name);
    fits.then(|| (account, (*container).to_owned(), (*name).to_owned()))
}

/// What was given is shown without what follows a question mark, which may be a secret, and without a user's name and password.
fn invalid(given: &str, why: &str) -> LedgerError {
    let shown = given.split(['?', '#']).next().unwrap_or_default();
    let shown = match (shown.split_once("//"), shown.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}//{rest}"),
        _ => shown.to_owned(),
    };
    LedgerError::Address { given: shown, why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_account_container_and_ledger() {
        for (text, first, azure) in [
            (
                "https://acc.blob.core.windows.net/fleet/spring",
                "https://acc.blob.core.windows.net/fleet/spring/x",
                true,
            ),
            (
                "https://acc.z12.blob.storage.azure.net/fleet/spring/",
                "https://acc.z12.blob.storage.azure.net/fleet/spring/x",
                true,
            ),
            ("https://blobs.contoso.com/fleet/spring", "https://blobs.contoso.com/fleet/spring/x", false),
            ("http://127.0.0.1:10000/devacc/fleet/spring", "http://127.0.0.1:10000/devacc/fleet/spring/x", false),
        ] {
            let address = BlobAddress::parse(text);
            let told = address.as_ref().map(|address| (address.of("x"), address.is_azure)).map_err(ToString::to_string);
            assert_eq!(told, Ok((first.to_owned(), azure)), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_an_address_is_told_without_its_secrets() {
        for (text, why) in [
            ("https://acc.blob.core.windows.net/fleet", "NAME"),
            ("https://acc.blob.core.windows.net/fleet/a/b", "NAME"),
            ("https://acc.blob.core.windows.net/Fleet/a", "lower-case"),
            ("https://acc.blob.core.windows.net/fleet/a%20b", "NAME"),
            ("http://acc.blob.core.windows.net/fleet/a", "plain http"),
            ("https://acc.blob.core.windows.net/fleet/a?sv=1&sig=SECRET", "-LedgerSas"),
            ("https://acc.blob.core.windows.net/fleet/a?SIG=SECRET", "-LedgerSas"),
            ("https://acc.blob.core.windows.net/fleet/a?x=SECRET", "more than an address"),
            ("https://user:SECRET@acc.blob.core.windows.net/fleet/a", "password"),
            ("https://[SECRET", "no address"),
        ] {
            let told = BlobAddress::parse(text).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(told.contains(why) && (!told.contains("SECRET") || text == "https://[SECRET"), "{text}: {told}");
        }
    }

    #[test]
    fn an_account_is_below_the_domains_of_azure_alone() {
        for text in [
            "https://blob.core.windows.net/fleet/a",
            "https://acc.blob.core.windows.net.example/fleet/a",
            "https://accblob.core.windows.net/fleet/a",
            "https://acc.blob.core.windows.net:8443/fleet/a",
        ] {
            assert_eq!(BlobAddress::parse(text).map(|address| address.is_azure).ok(), Some(false), "{text}");
        }
    }
}
