//! Changing the client secret without a gap: whether a new one is due, and which older ones may go. Pure: what is known is
//! the application alone, so that any run takes up what an earlier one left, from any machine.
//!
//! Older secrets go once a newer one has been in place for the overlap, and by nothing else. What is newer than that one
//! is never touched: it may be somebody's next one. Nor is what was put in place while that one was made, as by another rotation at
//! the same time: a later rotation has it go. Where none is known to have been in place, a new one is made only for whoever asks for
//! it in any case: what works may have been entered somewhere by hand.

use time::{Duration, OffsetDateTime};

use crate::client_secrets::{Standing, is_ours};
use crate::placed::placed_at;
use crate::types::{Application, PasswordCredential};

/// How long a rotation on a schedule may take from asking for a secret until the tenant remembers that it is in place.
const ON_ITS_WAY: Duration = Duration::hours(1);

/// What the caller wants of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How long older secrets stay beside the new one.
    pub overlap: Duration,
    /// Make a new one only where the one in place ends within this time; `None`: always.
    pub renew_within: Option<Duration>,
}

/// Where a rotation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// A new secret is to be made.
    pub due: bool,
    /// Why, in a sentence.
    pub detail: String,
    /// Key ids of older secrets that may go now.
    pub remove: Vec<String>,
    /// Key ids of those that may go later.
    pub keep: Vec<String>,
    /// When those may go.
    pub remove_after: Option<OffsetDateTime>,
    /// Secrets that are newer than the one in place and in no place: nobody is known to have their texts.
    pub unplaced: Vec<PasswordCredential>,
    /// Secrets that work where none is known to be in place and a new one is made only when it is due: somebody may have entered one by
    /// hand, and would lose it once a new one is in place for the overlap. Whether one is due can't be told then, and it isn't.
    pub in_doubt: Vec<PasswordCredential>,
}

/// Judges the application's secrets.
pub fn judge(application: &Application, terms: Terms, now: OffsetDateTime) -> Rotation {
    let newest = newest_in_place(application, now);
    let (due, detail) = due(newest.map(|(secret, _)| secret), terms, now);
    let ours = || application.password_credentials.iter().filter(|secret| is_ours(secret));
    let valid = |secret: &&PasswordCredential| Standing::of(secret, now) == Standing::Valid;
    let doubtful = newest.is_none() && terms.renew_within.is_some();
    let in_doubt: Vec<PasswordCredential> = ours().filter(|secret| doubtful && valid(secret)).cloned().collect();
    // One that has ended makes room for none: what came before it may be all that works.
    let works = newest.filter(|(newest, _)| Standing::of(newest, now) == Standing::Valid);
    // Of two that were put in place at the same time nobody knows which the sink has: that one is old is sure only where it was in place
    // before the newest was asked for.
    let older = |secret: &&PasswordCredential| {
        let placed = placed_at(application, secret);
        works.is_some_and(|(newest, _)| {
            start(secret) < start(newest) && placed.is_none_or(|placed| placed <= start(newest))
        })
    };
    // One that isn't in place may be on its way there, where rotations may meet.
    let on_its_way = |secret: &&PasswordCredential| {
        let begun = start(secret).saturating_add(ON_ITS_WAY) > now;
        terms.renew_within.is_some() && begun && placed_at(application, secret).is_none()
    };
    let ids = |secrets: Vec<&PasswordCredential>| secrets.into_iter().map(|secret| secret.key_id.clone()).collect();
    let mut old: Vec<&PasswordCredential> = ours().filter(older).collect();
    let from = works.map(|(_, placed)| placed.saturating_add(terms.overlap)).filter(|_| !old.is_empty());
    let may_go = from.is_some_and(|from| from <= now);
    if may_go {
        old.retain(|secret| !on_its_way(secret));
    }
    let (remove, keep) = if may_go { (ids(old), Vec::new()) } else { (Vec::new(), ids(old)) };
    let newer = |secret: &&PasswordCredential| newest.is_some_and(|(newest, _)| start(secret) > start(newest));
    let nowhere = |secret: &&PasswordCredential| placed_at(application, secret).is_none();
    let unplaced = ours().filter(valid).filter(newer).filter(nowhere).cloned().collect();
    let due = due && in_doubt.is_empty();
    Rotation { due, detail, remove, keep, remove_after: from.filter(|_| !may_go), unplaced, in_doubt }
}

/// What would be so if a new secret were put in place now: for a plan.
pub fn foresee(application: &Application, terms: Terms, now: OffsetDateTime) -> Rotation {
    let seen = judge(application, terms, now);
    if !seen.due {
        return seen;
    }
    let ours = application.password_credentials.iter().filter(|secret| is_ours(secret));
    let old: Vec<String> = ours.map(|secret| secret.key_id.clone()).collect();
    let at_once = !terms.overlap.is_positive();
    let (remove, keep) = if at_once { (old, Vec::new()) } else { (Vec::new(), old) };
    let remove_after = (!at_once).then(|| now.saturating_add(terms.overlap));
    Rotation { remove, keep, remove_after, unplaced: Vec::new(), ..seen }
}

/// The secret that works and was put in place last, and when that was; but the last that was put in place where that has ended: what
/// it had replaced isn't in place again by that.
pub fn newest_in_place(
    application: &Application,
    now: OffsetDateTime,
) -> Option<(&PasswordCredential, OffsetDateTime)> {
    let ours = application.password_credentials.iter().filter(|secret| is_ours(secret));
    let placed: Vec<_> = ours.filter_map(|secret| Some((secret, placed_at(application, secret)?))).collect();
    let standing = |secret| Standing::of(secret, now);
    let order = |(secret, at): &(&PasswordCredential, OffsetDateTime)| (*at, start(secret));
    let last = placed.iter().copied().max_by_key(order);
    let ended = last.filter(|(secret, _)| standing(secret) == Standing::Expired);
    let working = placed.iter().copied().filter(|(secret, _)| standing(secret) == Standing::Valid);
    ended.or_else(|| working.max_by_key(order))
}

fn start(secret: &PasswordCredential) -> OffsetDateTime {
    secret.start_date_time.unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn due(in_place: Option<&PasswordCredential>, terms: Terms, now: OffsetDateTime) -> (bool, String) {
    let Some(within) = terms.renew_within else { return (true, "a new one is asked for".into()) };
    let Some(secret) = in_place else {
        return (true, "no PPToken that works is known to have been put in place".into());
    };
    let id = &secret.key_id;
    match secret.end_date_time {
        Some(end) if end <= now => {
            (true, format!("PPToken {id}, the last that was put in place, ended on {}", end.date()))
        }
        Some(end) if end <= now.saturating_add(within) => (true, format!("PPToken {id} ends on {}", end.date())),
        Some(end) => (false, format!("PPToken {id} is in place until {}", end.date())),
        None => (false, format!("PPToken {id} is in place and has no end")),
    }
}
