//! Secrets PPToken beside the one a run hands over. Whether somebody has their text and uses them can't be told, so they
//! are kept, and named with the command that removes them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::observed::Observed;
use crate::types::PasswordCredential;
use crate::wanted::Wanted;

/// The command that removes a secret.
pub fn removal(key_id: &str) -> String {
    format!("Remove-PPClientSecret -KeyId {key_id}")
}

/// A secret by id and start, the two things that name it.
pub fn named(secret: &PasswordCredential) -> String {
    let start = secret.start_date_time.and_then(|start| start.format(&Rfc3339).ok());
    format!("PPToken {}, started {}", secret.key_id, start.unwrap_or_else(|| "at an unknown time".into()))
}

/// A secret of any name, likewise, for a confirmation.
pub fn described(secret: &PasswordCredential) -> String {
    let name = secret.display_name.as_deref().unwrap_or("without a name");
    let day = |time: Option<OffsetDateTime>| time.map_or_else(|| "?".into(), |time| time.date().to_string());
    format!("{name} {} ({} to {})", secret.key_id, day(secret.start_date_time), day(secret.end_date_time))
}

/// Ids of the secrets that were there when the run came.
pub fn ids(observed: &Observed, wanted: &Wanted) -> Vec<String> {
    let secrets = observed.app(wanted.adopt).map(|app| app.password_credentials.as_slice());
    secrets.unwrap_or_default().iter().map(|secret| secret.key_id.clone()).collect()
}
