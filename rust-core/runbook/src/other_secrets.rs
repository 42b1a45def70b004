//! Secrets PPToken beside the one a run hands over. Whether somebody has their text and uses them can't be told, so they
//! are kept, and named with the command that removes them.

use pp_words::instant;
use time::OffsetDateTime;

use crate::deleted::ours;
use crate::observed::Observed;
use crate::rotation::newest_in_place;
use crate::step::StepName;
use crate::steps::client_secret::valid_secrets;
use crate::types::PasswordCredential;
use crate::wanted::Wanted;

/// The command that removes a secret.
pub fn removal(key_id: &str) -> String {
    format!("Remove-PPClientSecret -KeyId {key_id}")
}

/// Where the text of a secret is that a run has made and that is in no sink.
pub fn unclaimed(key_id: &str) -> String {
    format!("client secret {key_id} is unclaimed in this session: Get-PPClientSecret -Unclaimed -KeyId {key_id}")
}

/// A secret by id and start, the two things that name it.
pub fn named(secret: &PasswordCredential) -> String {
    let start = secret.start_date_time.map(instant);
    format!("PPToken {}, started {}", secret.key_id, start.unwrap_or_else(|| "at an unknown time".into()))
}

/// A secret of any name, likewise, for a confirmation.
pub fn described(secret: &PasswordCredential) -> String {
    let name = secret.display_name.as_deref().unwrap_or("without a name");
    let day = |time: Option<OffsetDateTime>| time.map_or_else(|| "?".into(), |time| time.date().to_string());
    format!("{name} {} ({} to {})", secret.key_id, day(secret.start_date_time), day(secret.end_date_time))
}

/// Of these and the own one, as the service tells them, the one that came first, where that is not the own one: by start,
/// then by key id. An own one without a start was not read yet.
pub fn first_of(others: &[PasswordCredential], own: &PasswordCredential) -> Option<PasswordCredential> {
    let rank = |secret: &PasswordCredential| (secret.start_date_time, secret.key_id.to_lowercase());
    own.start_date_time?;
    let started = others.iter().filter(|other| other.start_date_time.is_some());
    started.min_by_key(|other| rank(other)).filter(|first| rank(first) < rank(own)).cloned()
}

/// What is to be said before a run of the valid secrets that are there and that it won't hand over: where it makes another,
/// or where there are several. The one in place is known to be in use, and is none of several.
pub fn beside(observed: &Observed, wanted: &Wanted, now: OffsetDateTime) -> Vec<String> {
    if !wanted.includes(StepName::ClientSecret) {
        return Vec::new();
    }
    let application = observed.app(wanted.adopt);
    let secrets = application.map(|app| app.password_credentials.as_slice());
    let valid = valid_secrets(secrets.unwrap_or_default(), now);
    let several = valid.len() + usize::from(wanted.new_secret) > 1;
    let in_place = application.and_then(|app| newest_in_place(app, now)).filter(|_| !wanted.new_secret);
    let other = |secret: &&&PasswordCredential| in_place.is_none_or(|(placed, _)| placed.key_id != secret.key_id);
    let one = |secret: &&PasswordCredential| {
        let (name, remove) = (named(secret), removal(&secret.key_id));
        format!("{name}, is not made by this run and stays valid. If nobody uses it, {remove} removes it")
    };
    valid.iter().filter(|_| several).filter(other).map(one).collect()
}

/// Ids of the secrets that were there when the run came, those of a deleted application of ours among them, which may come back.
pub fn ids(observed: &Observed, wanted: &Wanted) -> Vec<String> {
    let deleted = ours(observed).map(|deleted| &deleted.application);
    let applications = observed.app(wanted.adopt).into_iter().chain(deleted);
    applications.flat_map(|app| &app.password_credentials).map(|secret| secret.key_id.clone()).collect()
}
