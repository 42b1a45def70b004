//! What the tenant remembers of a secret that was put where it is used: a tag of the application names its key id and when.
//! A rotation removes older secrets by this alone, so that one whose text nobody got never counts as the new one.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::types::{Application, PasswordCredential};

/// How such a tag begins.
const PREFIX: &str = "practice-protect-federation:placed:";

/// When the secret was put in place, if it was.
pub fn placed_at(application: &Application, secret: &PasswordCredential) -> Option<OffsetDateTime> {
    let times = application.tags.iter().filter_map(|tag| read(tag));
    times.filter(|(key_id, _)| key_id.eq_ignore_ascii_case(&secret.key_id)).map(|(_, at)| at).max()
}

fn read(tag: &str) -> Option<(&str, OffsetDateTime)> {
    let (key_id, at) = tag.strip_prefix(PREFIX)?.split_once(':')?;
    Some((key_id, OffsetDateTime::parse(at, &Rfc3339).ok()?))
}

/// The tags with one more; those of secrets that are gone are left out.
pub fn with_tag(application: &Application, key_id: &str, at: OffsetDateTime) -> Vec<String> {
    let is_there = |id: &str| application.password_credentials.iter().any(|has| has.key_id.eq_ignore_ascii_case(id));
    let stays = |tag: &&String| read(tag).is_none_or(|(id, _)| is_there(id));
    let mut tags: Vec<String> = application.tags.iter().filter(stays).cloned().collect();
    let at = at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default();
    tags.push(format!("{PREFIX}{key_id}:{at}"));
    tags
}

/// Whether the application has a secret of this id.
pub fn has(application: &Application, key_id: &str) -> bool {
    application.password_credentials.iter().any(|secret| secret.key_id.eq_ignore_ascii_case(key_id))
}

/// Whether it has one, and remembers that it was put in place.
pub fn shows(application: &Application, key_id: &str) -> bool {
    application
        .password_credentials
        .iter()
        .any(|secret| secret.key_id.eq_ignore_ascii_case(key_id) && placed_at(application, secret).is_some())
}
