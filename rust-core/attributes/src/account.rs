//! A user of Microsoft 365, as far as the comparison looks at one.

use serde::{Deserialize, Serialize};

/// One user. Source of the names: Microsoft Graph documentation, "user resource type".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Object id.
    pub id: String,
    /// The sign-in name.
    pub user_principal_name: Option<String>,
    /// The primary address.
    pub mail: Option<String>,
    /// Display name.
    pub display_name: Option<String>,
    /// Country, as two letters.
    pub usage_location: Option<String>,
    /// What both sides know the user by.
    pub on_premises_immutable_id: Option<String>,
    /// Every address, as `SMTP:primary@…` and `smtp:alias@…`.
    #[serde(default)]
    pub proxy_addresses: Vec<String>,
    /// True: still synchronized; null: converted, or never synchronized; false: it left what is synchronized.
    pub on_premises_sync_enabled: Option<bool>,
    /// `Member` or `Guest`.
    pub user_type: Option<String>,
    /// Whether it may sign in.
    pub account_enabled: Option<bool>,
}

/// What a walk over users selects, in this order.
pub const SELECT: &str = "id,userPrincipalName,mail,displayName,usageLocation,onPremisesImmutableId,proxyAddresses,\
    onPremisesSyncEnabled,userType,accountEnabled";
