//! Secrets PPToken beside the one a run hands over. Whether somebody has their text and uses them can't be told, so they
//! are kept, and named with the command that removes them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::apply::Voice;

use super::observed::Observed;
use super::outcome::Outcome;
use super::steps::client_secret::valid_secrets;
use super::wanted::Wanted;
use crate::graph::types::PasswordCredential;

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
pub(super) fn described(secret: &PasswordCredential) -> String {
    let name = secret.display_name.as_deref().unwrap_or("without a name");
    let day = |time: Option<OffsetDateTime>| time.map_or_else(|| "?".into(), |time| time.date().to_string());
    format!("{name} {} ({} to {})", secret.key_id, day(secret.start_date_time), day(secret.end_date_time))
}

/// Ids of the secrets that were there when the run came.
pub(super) fn ids(observed: &Observed, wanted: &Wanted) -> Vec<String> {
    let secrets = observed.app(wanted.adopt).map(|app| app.password_credentials.as_slice());
    secrets.unwrap_or_default().iter().map(|secret| secret.key_id.clone()).collect()
}

/// Warns of each valid secret that this run did not make, where it is not the only one.
pub(super) fn warn(voice: Voice<'_>, before: &[String], outcome: &Outcome, wanted: &Wanted, now: OffsetDateTime) {
    let Some(application) = outcome.observed.app(wanted.adopt) else { return };
    let own = outcome.secret.as_ref().map(|secret| secret.key_id.as_str());
    let valid = valid_secrets(&application.password_credentials, now);
    let others: Vec<_> = valid.into_iter().filter(|secret| Some(secret.key_id.as_str()) != own).collect();
    let several = others.len() + usize::from(own.is_some()) > 1;
    for other in others {
        let (name, remove) = (named(other), removal(&other.key_id));
        if !before.contains(&other.key_id) {
            (voice.warning)(&format!(
                "{name}, appeared while this run was at work: someone else is at work in this tenant. If nobody has its \
                 text, remove it with: {remove}"
            ));
        } else if several {
            (voice.warning)(&format!(
                "{name}, was not made by this run and stays valid. If nobody uses it, remove it with: {remove}"
            ));
        }
    }
}
