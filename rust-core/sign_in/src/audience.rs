//! The service a token is for.

/// The app id of Microsoft Graph, which tokens may name as their audience instead of an address.
pub const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// A service that takes tokens: its address, and the app id that its tokens may name instead.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Audience {
    /// What the service is called in errors.
    pub name: &'static str,
    /// The resource's identifier, as `https://graph.microsoft.com`. No slash at the end.
    pub address: String,
    /// The resource's application id.
    pub app_id: &'static str,
}

impl Audience {
    /// Microsoft Graph at an address of a cloud.
    pub fn graph(address: &str) -> Self {
        Self { name: "Microsoft Graph", address: address.trim_end_matches('/').into(), app_id: GRAPH_APP_ID }
    }

    /// Azure Key Vault at the resource of a cloud. Source of the app id: Microsoft's list of first-party applications.
    pub fn key_vault(resource: &str) -> Self {
        let address = resource.trim_end_matches('/').into();
        Self { name: "Azure Key Vault", address, app_id: "cfa8b339-82a2-471a-a3c9-0fc0be7a4093" }
    }

    /// Azure Storage, whose resource is the same in all clouds. Source: Azure Storage documentation, "Authorize access to blobs using
    /// Microsoft Entra ID"; of the app id, Microsoft's list of first-party applications.
    pub fn storage() -> Self {
        let address = "https://storage.azure.com".into();
        Self { name: "Azure Storage", address, app_id: "e406a681-f3d4-42a8-90b6-c2b029497af1" }
    }

    /// What another issuer's token is for that proves an application, as `api://AzureADTokenExchange`.
    pub fn federation(address: &str) -> Self {
        Self { name: "Microsoft Entra ID", address: address.into(), app_id: "" }
    }

    /// The scope that asks for whatever the application was granted on the service.
    pub fn default_scope(&self) -> String {
        format!("{}/.default", self.address)
    }

    /// Whether a token's `aud` means this service.
    pub fn is(&self, aud: &str) -> bool {
        let aud = aud.trim_end_matches('/');
        aud.eq_ignore_ascii_case(self.app_id) || aud.eq_ignore_ascii_case(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_a_service_by_address_or_by_app_id() {
        let graph = Audience::graph("https://graph.microsoft.us/");
        for aud in
            ["https://graph.microsoft.us", "https://graph.microsoft.us/", "HTTPS://Graph.Microsoft.US", GRAPH_APP_ID]
        {
            assert!(graph.is(aud), "{aud}");
        }
        for aud in ["https://graph.microsoft.com", "https://graph.microsoft.us.example", "", "https://vault.azure.net"]
        {
            assert!(!graph.is(aud), "{aud}");
        }
    }
}
