//! A user of Microsoft 365, as far as the comparison looks at one.

use std::borrow::Cow;
use std::fmt;

use pp_words::lenient::{filled, flag, or_default};
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

/// One user. Source of the names: Microsoft Graph documentation, "user resource type". Its texts are its own, or a page's ([`Text`]),
/// since of a million users each text that is copied counts. An empty one is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "S: AsRef<str> + Deserialize<'de>"))]
pub struct Account<S = String> {
    /// Object id.
    pub id: S,
    /// The sign-in name.
    #[serde(default, deserialize_with = "filled")]
    pub user_principal_name: Option<S>,
    /// The primary address.
    #[serde(default, deserialize_with = "filled")]
    pub mail: Option<S>,
    /// Display name.
    #[serde(default, deserialize_with = "filled")]
    pub display_name: Option<S>,
    /// Country, as two letters.
    #[serde(default, deserialize_with = "filled")]
    pub usage_location: Option<S>,
    /// What both sides know the user by.
    #[serde(default, deserialize_with = "filled")]
    pub on_premises_immutable_id: Option<S>,
    /// Every address, as `SMTP:primary@…` and `smtp:alias@…`.
    #[serde(default = "Vec::new", deserialize_with = "or_default")]
    pub proxy_addresses: Vec<S>,
    /// True: still synchronized; null: converted, or never synchronized; false: it left what is synchronized.
    #[serde(default, deserialize_with = "flag::option")]
    pub on_premises_sync_enabled: Option<bool>,
    /// `Member` or `Guest`.
    #[serde(default, deserialize_with = "filled")]
    pub user_type: Option<S>,
    /// Whether it may sign in.
    #[serde(default, deserialize_with = "flag::option")]
    pub account_enabled: Option<bool>,
}

impl<S: AsRef<str>> Account<S> {
    /// The same, of these texts.
    pub fn borrowed(&self) -> Account<&str> {
        Account {
            id: self.id.as_ref(),
            user_principal_name: self.user_principal_name.as_ref().map(AsRef::as_ref),
            mail: self.mail.as_ref().map(AsRef::as_ref),
            display_name: self.display_name.as_ref().map(AsRef::as_ref),
            usage_location: self.usage_location.as_ref().map(AsRef::as_ref),
            on_premises_immutable_id: self.on_premises_immutable_id.as_ref().map(AsRef::as_ref),
            proxy_addresses: self.proxy_addresses.iter().map(AsRef::as_ref).collect(),
            on_premises_sync_enabled: self.on_premises_sync_enabled,
            user_type: self.user_type.as_ref().map(AsRef::as_ref),
            account_enabled: self.account_enabled,
        }
    }
}

/// What a walk over users selects, in this order.
pub const SELECT: &str = "id,userPrincipalName,mail,displayName,usageLocation,onPremisesImmutableId,proxyAddresses,\
    onPremisesSyncEnabled,userType,accountEnabled";

/// What a walk over changes says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<S = String> {
    /// It is so now.
    Is(Account<S>),
    /// The user of this object id is there no longer.
    Removed(S),
}

/// A text of a page of JSON, where it lies in the page unless it is written with escapes there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text<'p>(Cow<'p, str>);

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'p> Deserialize<'p> for Text<'p> {
    fn deserialize<D: Deserializer<'p>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(OfPage).map(Self)
    }
}

struct OfPage;

impl<'p> Visitor<'p> for OfPage {
    type Value = Cow<'p, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'p str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_and_an_empty_text_are_what_absent_is_and_flags_may_be_text() -> serde_json::Result<()> {
        let absent = Account { id: "1".to_owned(), ..Account::default() };
        let null = json!({
            "id": "1", "proxyAddresses": null, "onPremisesSyncEnabled": null, "accountEnabled": null, "mail": null
        });
        assert_eq!(serde_json::from_value::<Account>(null)?, absent);
        assert_eq!(serde_json::from_value::<Account>(json!({ "id": "1" }))?, absent);
        let empty = json!({
            "id": "1", "userPrincipalName": "", "mail": "", "displayName": "", "usageLocation": "", "onPremisesImmutableId": "",
            "userType": ""
        });
        assert_eq!(serde_json::from_value::<Account>(empty)?, absent);
        let text =
            r#"{"id": "1", "proxyAddresses": ["smtp:a"], "onPremisesSyncEnabled": "True", "accountEnabled": "false"}"#;
        let of_page: Account<Text<'_>> = serde_json::from_str(text)?;
        assert_eq!((of_page.on_premises_sync_enabled, of_page.account_enabled), (Some(true), Some(false)));
        assert_eq!(of_page.borrowed().proxy_addresses, ["smtp:a"]);
        Ok(())
    }
}
