//! A row of a report, as the bridge's class `PPFederation.AttributeDifference` has it.

use std::fmt;

use pp_attributes::difference::Severity;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What Practice Protect will write to one attribute of one user. Its columns are those of the row that a comparison gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ReportRow {
    /// The tenant's id.
    pub tenant_id: String,
    /// The organization's display name, where it is known.
    pub tenant_name: Option<String>,
    /// How grave it is.
    #[serde(serialize_with = "by_name", deserialize_with = "of_name")]
    pub severity: Severity,
    /// The user's sign-in name.
    pub user_principal_name: Option<String>,
    /// Microsoft Graph's name of the attribute.
    pub attribute: String,
    /// The value that Microsoft 365 has.
    pub before: Option<String>,
    /// The value that there will be; none where there is none, and where that isn't known.
    pub after: Option<String>,
    /// Why.
    pub reason: String,
    /// What to do.
    pub advice: Option<String>,
    /// The user's object id.
    pub user_id: Option<String>,
    /// Where the portal's user stands in its file.
    pub portal_place: Option<u64>,
    /// Whether the user is still synchronized.
    pub on_premises_sync_enabled: Option<bool>,
}

impl ReportRow {
    /// Whose the row is: two rows of one user are alike in it.
    pub(crate) fn user(&self) -> impl std::hash::Hash + '_ {
        let by_name = if self.user_id.is_none() { self.user_principal_name.as_deref() } else { None };
        let by_place = if self.user_id.is_none() && by_name.is_none() { self.portal_place } else { None };
        (&self.tenant_id, self.user_id.as_deref(), by_name, by_place)
    }

    /// What is shown afterwards where the row has no value: where there is none now and the row can be judged, nothing is written.
    pub(crate) fn without_after(&self) -> &'static str {
        if self.before.is_none() && self.severity != Severity::Unknown { "none" } else { "not known" }
    }

    /// The tenant's name with its id, or the id alone.
    pub(crate) fn tenant(&self) -> String {
        match self.tenant_name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => format!("{name} ({})", self.tenant_id),
            None => self.tenant_id.clone(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it serializes so")]
fn by_name<S: Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.name())
}

fn of_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Severity, D::Error> {
    let given = String::deserialize(deserializer)?;
    let known = Severity::ALL.into_iter().find(|severity| severity.name().eq_ignore_ascii_case(&given));
    known.ok_or_else(|| D::Error::custom(NoSeverity(given)))
}

struct NoSeverity(String);

impl fmt::Display for NoSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Severity::ALL.map(Severity::name).join(", ");
        write!(f, "the severity '{}' is not one of {names}", self.0)
    }
}
