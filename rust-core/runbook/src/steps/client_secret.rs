//! Step 5: the client secret PPToken. One that is there is kept: nothing tells a live key from an orphan, and removing a
//! live one locks the firm out.

use time::{Duration, OffsetDateTime};

use crate::change::{ChangeKind, SecretEnd};
use crate::duration;
use crate::facts::POLICY;
use crate::observed::{LookUp, Unread};
use crate::other_secrets::named;
use crate::problem::Problem;
use crate::sign_in_needs::{APPLICATION, CLOUD_APPLICATION, GLOBAL};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::{known, unknown};
use crate::types::{AppManagementPolicy, AppPolicy, CredentialRestriction, CredentialRestrictions, PasswordCredential};
use crate::wanted::{Lifetime, SECRET_NAME, runbook_end};

/// The step.
pub const STEP: Step = Step {
    name: StepName::ClientSecret,
    action: || "Create the client secret PPToken".into(),
    impact: Impact::Medium,
    reads: &[LookUp::Application, LookUp::Policy],
    needs: &[&["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"]],
    roles: &[GLOBAL, APPLICATION, CLOUD_APPLICATION],
    assess,
};

/// Entra compares to the second; other tools keep an hour's distance from the policy's limit (CIPP).
const POLICY_MARGIN: Duration = Duration::HOUR;

fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    if let Err(unknown) = known(&observed.application) {
        return Ok(unknown);
    }
    let valid = situation
        .observed
        .app(situation.wanted.adopt)
        .map(|app| valid_secrets(&app.password_credentials, situation.now));
    let valid = valid.unwrap_or_default();
    if !valid.is_empty() && !situation.wanted.new_secret {
        return Ok(Assessment::done(format!("{}; {}", describe(&valid), FOR_A_LOST_TEXT)));
    }
    let rules = match known(&observed.policy).and_then(|policy| Ok(Rules::of(policy, known(&observed.app_policies)?))) {
        Ok(rules) => rules,
        Err(unknown) => return Ok(unknown),
    };
    let created = observed.app(situation.wanted.adopt).and_then(|app| app.created_date_time).unwrap_or(situation.now);
    let limit = match rules.limit(created) {
        Ok(limit) => limit,
        Err(unread) => return Ok(unknown(&unread)),
    };
    let end = allowed(situation, &rules, created, limit)?;
    let detail = if valid.is_empty() {
        "there is no PPToken that is valid".into()
    } else {
        format!("another one beside: {}", describe(&valid))
    };
    Ok(Assessment::to_do(
        format!("{detail}; {}", describe_end(end)),
        vec![ChangeKind::AddSecret { end }.of(StepName::ClientSecret)],
    ))
}

/// The secrets PPToken that have not ended.
pub fn valid_secrets(secrets: &[PasswordCredential], now: OffsetDateTime) -> Vec<&PasswordCredential> {
    let lives = |secret: &&PasswordCredential| {
        secret.display_name.as_deref() == Some(SECRET_NAME) && secret.end_date_time.is_none_or(|end| end > now)
    };
    secrets.iter().filter(lives).collect()
}

/// What a caller who lacks the text does: it can't be read again, and a key that may be in use is never removed unasked.
const FOR_A_LOST_TEXT: &str =
    "its text can't be read again: whoever lacks it makes another with -NewSecret, then Remove-PPClientSecret -KeyId";

fn describe(valid: &[&PasswordCredential]) -> String {
    let one = |secret: &&PasswordCredential| {
        let end = secret.end_date_time.map_or_else(|| "no end".into(), |end| format!("until {}", end.date()));
        format!("{} ({end})", named(secret))
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

/// The policy that counts for the application.
struct Rules<'a> {
    policy: &'a str,
    rules: &'a [CredentialRestriction],
}

impl<'a> Rules<'a> {
    /// A policy of the application's own wins over the tenant's.
    fn of(tenant: &'a AppManagementPolicy, own: &'a [AppPolicy]) -> Self {
        match own.iter().find(|policy| policy.is_enabled) {
            Some(policy) => Self::from(&policy.id, policy.restrictions.as_ref()),
            None => Self::from(&tenant.id, tenant.application_restrictions.as_ref().filter(|_| tenant.is_enabled)),
        }
    }

    fn from(policy: &'a str, rules: Option<&'a CredentialRestrictions>) -> Self {
        Self { policy, rules: rules.map(|rules| rules.password_credentials.as_slice()).unwrap_or_default() }
    }

    /// The rules of one kind that are in force for an application made at `created`. A rule without a state counts as
    /// enabled.
    fn in_force(&self, kind: &str, created: OffsetDateTime) -> impl Iterator<Item = &CredentialRestriction> {
        self.rules.iter().filter(move |rule| {
            rule.restriction_type == kind
                && rule.state.as_deref() != Some("disabled")
                && rule.restrict_for_apps_created_after_date_time.is_none_or(|after| after <= created)
        })
    }

    /// The longest life that a secret may have.
    fn limit(&self, created: OffsetDateTime) -> Result<Option<Duration>, Unread> {
        let caps = self.in_force("passwordLifetime", created).filter_map(|rule| rule.max_lifetime.as_deref());
        let limits = caps.map(|cap| duration::parse(cap).ok_or_else(|| unreadable(cap)));
        Ok(limits.collect::<Result<Vec<_>, _>>()?.into_iter().min())
    }
}

/// A rule that can't be read may forbid what is wanted.
fn unreadable(lifetime: &str) -> Unread {
    let why = format!("its longest lifetime of client secrets is '{lifetime}', which is no duration");
    Unread { subject: POLICY, why, denied: false, passing: false }
}

/// The end the caller wants, where the policy allows it.
fn allowed(
    situation: &Situation<'_>,
    rules: &Rules<'_>,
    created: OffsetDateTime,
    limit: Option<Duration>,
) -> Result<SecretEnd, Problem> {
    let policy = rules.policy.to_owned();
    let none_may_live = limit.is_some_and(|limit| !limit.is_positive());
    if none_may_live || rules.in_force("passwordAddition", created).next().is_some() {
        return Err(Problem::SecretsForbidden(policy));
    }
    let lifetime = situation.wanted.lifetime;
    let asked = match lifetime {
        Lifetime::Runbook | Lifetime::Longest => runbook_end(situation.now) - situation.now,
        Lifetime::Exactly(time) => time,
    };
    match (limit.filter(|limit| asked > *limit), lifetime) {
        (Some(limit), Lifetime::Longest) => Ok(SecretEnd::After((limit - POLICY_MARGIN).max(limit / 2))),
        (Some(limit), _) => Err(Problem::LifetimeForbidden { policy, allowed: format!("{} days", limit.whole_days()) }),
        (None, Lifetime::Exactly(time)) => Ok(SecretEnd::After(time)),
        (None, Lifetime::Runbook | Lifetime::Longest) => Ok(SecretEnd::Runbook),
    }
}
