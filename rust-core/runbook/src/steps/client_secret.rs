//! Step 5: the client secret PPToken. One that is there is kept: nothing tells a live key from an orphan, and removing a
//! live one locks the firm out.

use pp_words::instant;
use time::{Duration, OffsetDateTime};

use crate::change::{ChangeKind, SecretEnd};
use crate::deleted;
use crate::observed::LookUp;
use crate::other_secrets::named;
use crate::problem::Problem;
use crate::rotation::newest_in_place;
use crate::secret_policy::allowed_end;
use crate::sign_in_needs::{APPLICATION, CLOUD_APPLICATION, GLOBAL};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::known;
use crate::types::{Application, PasswordCredential};
use crate::wanted::SECRET_NAME;

/// The step.
pub const STEP: Step = Step {
    name: StepName::ClientSecret,
    action: |_| "Create the client secret PPToken".into(),
    impact: Impact::Medium,
    reads: &[LookUp::Application, LookUp::Policy],
    needs: &[&["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"]],
    roles: &[GLOBAL, APPLICATION, CLOUD_APPLICATION],
    assess,
};

fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    if let Err(unknown) = known(&observed.application) {
        return Ok(unknown);
    }
    let application = deleted::live_or_restored(situation);
    let valid = application.map(|app| valid_secrets(&app.password_credentials, situation.now));
    let valid = valid.unwrap_or_default();
    if !valid.is_empty() && !situation.wanted.new_secret {
        let described = describe(application, &valid, situation.now);
        if valid.iter().any(|secret| has_started(secret, situation.now)) {
            return Ok(Assessment::done(format!("{described}; {FOR_A_LOST_TEXT}")));
        }
        return Ok(Assessment::to_do(
            format!("{described}; it works from then on, and no other is made beside it without -NewSecret"),
            Vec::new(),
        ));
    }
    if let Err(unknown) = known(&observed.policy).and_then(|_| known(&observed.app_policies)) {
        return Ok(unknown);
    }
    let end = allowed_end(situation)?;
    let detail = if valid.is_empty() {
        "there is no PPToken that is valid".into()
    } else {
        format!("another one beside: {}", describe(application, &valid, situation.now))
    };
    Ok(Assessment::to_do(
        format!("{detail}; {}", describe_end(end)),
        vec![ChangeKind::AddSecret { end }.of(StepName::ClientSecret)],
    ))
}

/// The secrets PPToken that have not ended, those among them that start later: beside any of them no other is made unasked.
pub fn valid_secrets(secrets: &[PasswordCredential], now: OffsetDateTime) -> Vec<&PasswordCredential> {
    let lives = |secret: &&PasswordCredential| {
        secret.display_name.as_deref() == Some(SECRET_NAME) && secret.end_date_time.is_none_or(|end| end > now)
    };
    secrets.iter().filter(lives).collect()
}

/// Whether one of them works by its start. Machines, or what the service's own said of the time when it was made, may differ by some minutes.
pub fn has_started(secret: &PasswordCredential, now: OffsetDateTime) -> bool {
    secret.start_date_time.is_none_or(|start| start <= now.saturating_add(SOME_MINUTES))
}

const SOME_MINUTES: Duration = Duration::minutes(15);

/// What a caller who lacks the text does: it can't be read again, and a key that may be in use is never removed unasked.
const FOR_A_LOST_TEXT: &str =
    "its text can't be read again: whoever lacks it makes another with -NewSecret, then Remove-PPClientSecret -KeyId";

/// The valid secrets with their ends; of the newest that is known to be in place, that it is: it is the one that counts.
fn describe(application: Option<&Application>, valid: &[&PasswordCredential], now: OffsetDateTime) -> String {
    let in_place = application.and_then(|application| newest_in_place(application, now));
    let in_place = in_place.map(|(secret, _)| secret.key_id.as_str());
    let one = |secret: &&PasswordCredential| {
        let end = secret.end_date_time.map_or_else(|| "no end".into(), |end| format!("until {}", end.date()));
        let place = if in_place == Some(secret.key_id.as_str()) { ", in place" } else { "" };
        let later = secret.start_date_time.filter(|_| !has_started(secret, now));
        let starts = |start| format!("PPToken {}: it starts at {}", secret.key_id, instant(start));
        format!("{} ({end}{place})", later.map_or_else(|| named(secret), starts))
    };
    valid.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// How long a new one lives, in words.
pub(crate) fn describe_end(end: SecretEnd) -> String {
    match end {
        SecretEnd::Runbook => "it will live for 100 years".into(),
        SecretEnd::After(time) if time.whole_days() > 0 => format!("it will live for {} days", time.whole_days()),
        SecretEnd::After(time) => format!("it will live for {} minutes", time.whole_minutes()),
    }
}
