//! Properties as services give them and documentation doesn't: null where an absent one is meant, a flag as text, an instant
//! without zone. Source: public trouble reports of Microsoft Graph, and PowerShell modules that read its answers.

use serde::{Deserialize, Deserializer};

/// An absent value and null are the same.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// A flag that may be missing.
pub(crate) mod flag {
    use serde::{Deserialize, Deserializer, de};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Flag(bool),
        Text(String),
    }

    /// `true`, `"true"`, in any case, or nothing.
    pub(crate) fn option<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
        match Option::<Written>::deserialize(from)? {
            None => Ok(None),
            Some(Written::Flag(flag)) => Ok(Some(flag)),
            Some(Written::Text(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Written::Text(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(Written::Text(text)) => Err(de::Error::custom(format!("'{text}' is neither true nor false"))),
        }
    }

    /// The same, where nothing means no.
    pub(crate) fn or_false<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
        Ok(option(from)?.unwrap_or_default())
    }
}

/// An instant that may be missing: RFC 3339, or the same without zone, which is UTC then.
pub(crate) mod instant {
    use serde::{Deserialize, Deserializer, de};
    use time::format_description::well_known::{Iso8601, Rfc3339};
    pub(crate) use time::serde::rfc3339::option::serialize;
    use time::{OffsetDateTime, PrimitiveDateTime};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<OffsetDateTime>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let zoned = OffsetDateTime::parse(&text, &Rfc3339);
        let instant =
            zoned.or_else(|_| PrimitiveDateTime::parse(&text, &Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc));
        instant.map(Some).map_err(|_| de::Error::custom(format!("'{text}' is no date and time")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::types::{AppManagementPolicy, Application, Organization, ServicePrincipal};

    fn application(with: &Value) -> Result<Application, serde_json::Error> {
        let mut whole = json!({"id": "1", "appId": "2"});
        if let (Some(whole), Some(with)) = (whole.as_object_mut(), with.as_object()) {
            whole.extend(with.clone());
        }
        serde_json::from_value(whole)
    }

    #[test]
    fn null_is_what_absent_is() -> Result<(), serde_json::Error> {
        let absent = application(&json!({}))?;
        for name in ["tags", "requiredResourceAccess", "passwordCredentials", "isDisabled", "createdDateTime"] {
            assert_eq!(application(&json!({ name: null }))?, absent, "{name}");
        }
        let policy: AppManagementPolicy = serde_json::from_value(json!({
            "id": "p", "isEnabled": null, "applicationRestrictions": {"passwordCredentials": null}
        }))?;
        assert!(
            !policy.is_enabled && policy.application_restrictions.is_some_and(|r| r.password_credentials.is_empty())
        );
        Ok(())
    }

    #[test]
    fn a_flag_is_one_as_text_too() -> Result<(), serde_json::Error> {
        for (written, read) in [(json!(true), Some(true)), (json!("False"), Some(false)), (json!(null), None)] {
            let principal: ServicePrincipal = serde_json::from_value(
                json!({"id": "1", "appId": "2", "accountEnabled": written, "isDisabled": written}),
            )?;
            assert_eq!((principal.account_enabled, principal.deactivation.is_disabled), (read, read));
            let organization: Organization =
                serde_json::from_value(json!({"id": "1", "onPremisesSyncEnabled": written}))?;
            assert_eq!(organization.on_premises_sync_enabled, read);
        }
        let other = serde_json::from_value::<Organization>(json!({"id": "1", "onPremisesSyncEnabled": "perhaps"}));
        assert!(other.is_err_and(|error| error.to_string().contains("'perhaps'")));
        Ok(())
    }

    #[test]
    fn an_instant_without_zone_is_utc_and_no_instant_is_an_error() -> Result<(), serde_json::Error> {
        let at = |text: &str| application(&json!({ "createdDateTime": text }));
        let same = at("2026-11-24T17:01:55Z")?;
        assert_eq!(at("2026-11-24T17:01:55")?, same);
        assert_eq!(at("2026-11-25T04:01:55+11:00")?, same);
        assert!(at("24/11/2026").is_err_and(|error| error.to_string().contains("24/11/2026")));
        Ok(())
    }
}
