//! The client secrets of the application, and which of them may go. Pure.

use time::OffsetDateTime;

use crate::observed::{Observed, label};
use crate::other_secrets::described;
use crate::problem::Problem;
use crate::step::StepName;
use crate::types::{Application, PasswordCredential};
use crate::wanted::{SECRET_NAME, Wanted};

/// Whether a secret works by its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It works.
    Valid,
    /// It has ended.
    Expired,
    /// It starts later.
    NotYetValid,
}

impl Standing {
    /// Of one secret.
    pub fn of(secret: &PasswordCredential, now: OffsetDateTime) -> Self {
        if secret.end_date_time.is_some_and(|end| end <= now) {
            Self::Expired
        } else if secret.start_date_time.is_some_and(|start| start > now) {
            Self::NotYetValid
        } else {
            Self::Valid
        }
    }

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "Valid",
            Self::Expired => "Expired",
            Self::NotYetValid => "NotYetValid",
        }
    }
}

/// True for a secret of the runbook's, whoever made it.
pub fn is_ours(secret: &PasswordCredential) -> bool {
    secret.display_name.as_deref() == Some(SECRET_NAME)
}

/// Where one secret stands, in a sentence.
pub fn detail(secret: &PasswordCredential, all: &[PasswordCredential], now: OffsetDateTime) -> String {
    if !is_ours(secret) {
        return "not one of the runbook: it has another name".into();
    }
    let working = all.iter().filter(|other| is_ours(other) && Standing::of(other, now) == Standing::Valid).count();
    match (Standing::of(secret, now), working) {
        (Standing::Valid, 1) => "the only PPToken that works".into(),
        (Standing::Valid, working) => format!("one of {working} PPToken that work"),
        (Standing::Expired, _) => "it has ended".into(),
        (Standing::NotYetValid, _) => "it has not started".into(),
    }
}

/// Whole days until a secret ends: 0 on its last day, negative afterwards.
pub fn days_left(secret: &PasswordCredential, now: OffsetDateTime) -> Option<i64> {
    secret.end_date_time.map(|end| (end - now).whole_seconds().div_euclid(24 * 60 * 60))
}

/// A removal that may be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The application.
    pub application: Application,
    /// The secret's id, as the service writes it.
    pub key_id: String,
    /// The secret, in words.
    pub secret: String,
    /// Nothing that works is left.
    pub last: bool,
}

/// The application of a run, or why there is none.
pub fn application<'a>(observed: &'a Observed, wanted: &Wanted) -> Result<&'a Application, Problem> {
    match &observed.application {
        Ok(found) => found.resolve(wanted)?.ok_or_else(|| wanted.which.not_found()),
        Err(unread) => Err(Problem::NotReadable { step: StepName::ClientSecret, unread: unread.clone() }),
    }
}

/// What removing a secret means. The last one that works goes with `force` only.
pub fn plan_removal(
    observed: &Observed,
    wanted: &Wanted,
    key_id: &str,
    force: bool,
    now: OffsetDateTime,
) -> Result<Removal, Problem> {
    let application = application(observed, wanted)?;
    let secrets = &application.password_credentials;
    let Some(secret) = secrets.iter().find(|secret| secret.key_id.eq_ignore_ascii_case(key_id)) else {
        return Err(Problem::SecretNotFound { application: label(application), key_id: key_id.to_owned() });
    };
    let last = is_last(secret, secrets, now);
    if last && !force {
        return Err(Problem::LastSecret(described(secret)));
    }
    let (key_id, secret) = (secret.key_id.clone(), described(secret));
    Ok(Removal { application: application.clone(), key_id, secret, last })
}

/// A PPToken is replaced by another PPToken only; a secret of another name by any that works.
fn is_last(secret: &PasswordCredential, all: &[PasswordCredential], now: OffsetDateTime) -> bool {
    let works = |secret: &PasswordCredential| Standing::of(secret, now) == Standing::Valid;
    let replaces = |other: &&PasswordCredential| {
        other.key_id != secret.key_id && works(other) && (is_ours(other) || !is_ours(secret))
    };
    works(secret) && !all.iter().any(|other| replaces(&other))
}
