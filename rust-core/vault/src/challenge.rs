//! What a vault says when it is asked without a token: who issues tokens for it, and for which resource. Both are checked
//! before a token is asked for, and the token is got from the connection's own sign-in service whatever is said here.

use url::Url;
use uuid::Uuid;

use crate::address::VaultAddress;

/// A challenge, as it stands in `WWW-Authenticate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Where the vault's tenant signs in.
    pub authorization: String,
    /// Whom tokens are for.
    pub resource: String,
}

/// Reads `Bearer authorization="...", resource="..."`; `scope` in place of the resource is the newer form.
/// Source: Key Vault documentation, "Authentication, requests and responses".
pub fn read(header: &str) -> Option<Challenge> {
    let rest = header.trim();
    let rest = rest.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer ")).and_then(|_| rest.get(7..))?;
    let part = |wanted: &str| {
        let parts = rest.split(',').filter_map(|part| part.trim().split_once('='));
        let found = parts.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim().trim_matches('"').to_owned()).filter(|value| !value.is_empty())
    };
    let authorization = part("authorization").or_else(|| part("authorization_uri"))?;
    let scope = || part("scope").map(|scope| scope.trim_end_matches("/.default").to_owned());
    Some(Challenge { authorization, resource: part("resource").or_else(scope)? })
}

impl Challenge {
    /// Why no token is asked for; the resource where one may be.
    pub fn check(&self, vault: &VaultAddress, tenant: Uuid) -> Result<String, String> {
        let resource = Url::parse(&self.resource).map_err(|_| format!("it names no resource ('{}')", self.resource))?;
        if !vault.belongs_to(&resource) {
            return Err(format!("it asks for a token for {}, which is not where the vault lies", self.resource));
        }
        let authorization = Url::parse(&self.authorization);
        let authority = authorization.map_err(|_| format!("it names no sign-in service ('{}')", self.authorization))?;
        let segments: Vec<&str> =
            authority.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let named = segments.iter().rev().find_map(|part| Uuid::parse_str(part).ok());
        if named != Some(tenant) {
            let named = named.map_or_else(|| "no tenant".to_owned(), |named| format!("tenant {named}"));
            return Err(format!("it belongs to {named}, the connection to tenant {tenant}"));
        }
        Ok(self.resource.trim_end_matches('/').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pp_sign_in::environment::Environment;

    const TENANT: Uuid = Uuid::from_u128(7);

    fn checked(header: &str) -> Option<Result<String, String>> {
        let vault = VaultAddress::parse("https://contoso.vault.azure.net", Environment::Global).ok()?;
        Some(read(header)?.check(&vault, TENANT))
    }

    #[test]
    fn both_forms_of_a_challenge_are_read() {
        let old =
            format!(r#"Bearer authorization="https://login.windows.net/{TENANT}", resource="https://vault.azure.net""#);
        let new = format!(
            r#"bearer authorization_uri="https://login.microsoftonline.com/{TENANT}/", scope="https://vault.azure.net/.default""#
        );
        for header in [old, new] {
            assert_eq!(checked(&header), Some(Ok("https://vault.azure.net".into())), "{header}");
        }
    }

    #[test]
    fn what_is_no_challenge_is_none() {
        for header in
            ["", "Bearer", "Basic realm=\"x\"", "Bearer resource=\"https://vault.azure.net\"", "Bearer authorization="]
        {
            assert!(read(header).is_none(), "{header}");
        }
    }

    #[test]
    fn another_tenant_or_resource_gets_no_token() {
        let of = |tenant: &str, resource: &str| {
            checked(&format!(r#"Bearer authorization="https://login.windows.net/{tenant}", resource="{resource}""#))
        };
        let other = Uuid::from_u128(8).to_string();
        for (tenant, resource) in [
            (other.as_str(), "https://vault.azure.net"),
            ("common", "https://vault.azure.net"),
            (&TENANT.to_string(), "https://graph.microsoft.com"),
            (&TENANT.to_string(), "https://evil.example"),
            (&TENANT.to_string(), "nothing"),
        ] {
            assert!(matches!(of(tenant, resource), Some(Err(_))), "{tenant} {resource}");
        }
    }
}
