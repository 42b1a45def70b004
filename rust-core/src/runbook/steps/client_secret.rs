//! Step 5: the client secret PPToken. One that is there is kept: nothing tells a live key from an orphan, and removing a
//! live one locks the firm out.

use time::{Duration, OffsetDateTime};

use super::known;
use crate::graph::types::{AppManagementPolicy, CredentialRestriction, PasswordCredential};
use crate::runbook::change::{Change, SecretEnd};
use crate::runbook::duration;
use crate::runbook::observe::LookUp;
use crate::runbook::problem::Problem;
use crate::runbook::step::{Assessment, Impact, Situation, Step, StepName};
use crate::runbook::wanted::{Lifetime, SECRET_NAME, runbook_end};

/// The step.
pub const STEP: Step = Step {
    name: StepName::ClientSecret,
    action: "Create the client secret PPToken",
    impact: Impact::Medium,
    reads: &[LookUp::Application, LookUp::Policy],
    needs: &[&["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"]],
    assess,
    undo: None,
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
        return Ok(Assessment::done(describe(&valid)));
    }
    let policy = match known(&observed.policy) {
        Ok(policy) => policy,
        Err(unknown) => return Ok(unknown),
    };
    let end = allowed(situation, policy)?;
    let detail = if valid.is_empty() {
        "there is no PPToken that is valid".into()
    } else {
        format!("another one beside: {}", describe(&valid))
    };
    Ok(Assessment::to_do(format!("{detail}; {}", describe_end(end)), vec![Change::AddSecret { end }]))
}

/// The secrets PPToken that have not ended.
pub fn valid_secrets(secrets: &[PasswordCredential], now: OffsetDateTime) -> Vec<&PasswordCredential> {
    let lives = |secret: &&PasswordCredential| {
        secret.display_name.as_deref() == Some(SECRET_NAME) && secret.end_date_time.is_none_or(|end| end > now)
    };
    secrets.iter().filter(lives).collect()
}

fn describe(valid: &[&PasswordCredential]) -> String {
    let one = |secret: &&PasswordCredential| {
        let end = secret.end_date_time.map_or_else(|| "no end".into(), |end| format!("until {}", end.date()));
        format!("PPToken {} ({end})", secret.key_id)
    };
    valid.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn describe_end(end: SecretEnd) -> String {
    match end {
        SecretEnd::Runbook => "it will live for 100 years".into(),
        SecretEnd::After(time) if time.whole_days() > 0 => format!("it will live for {} days", time.whole_days()),
        SecretEnd::After(time) => format!("it will live for {} minutes", time.whole_minutes()),
    }
}

/// The end the caller wants, where the policy allows it.
fn allowed(situation: &Situation<'_>, policy: &AppManagementPolicy) -> Result<SecretEnd, Problem> {
    if !restrictions(situation, policy, "passwordAddition").is_empty() {
        return Err(Problem::SecretsForbidden(policy.id.clone()));
    }
    let caps = restrictions(situation, policy, "passwordLifetime");
    let limit = caps.iter().filter_map(|rule| rule.max_lifetime.as_deref().and_then(duration::parse)).min();
    let asked = match situation.wanted.lifetime {
        Lifetime::Runbook | Lifetime::Longest => runbook_end(situation.now) - situation.now,
        Lifetime::Exactly(time) => time,
    };
    match limit {
        Some(limit) if situation.wanted.lifetime == Lifetime::Longest => {
            Ok(SecretEnd::After((limit - POLICY_MARGIN).max(limit / 2).min(asked)))
        }
        Some(limit) if asked > limit => Err(Problem::LifetimeForbidden {
            policy: policy.id.clone(),
            allowed: format!("{} days", limit.whole_days()),
        }),
        _ => Ok(match situation.wanted.lifetime {
            Lifetime::Runbook | Lifetime::Longest => SecretEnd::Runbook,
            Lifetime::Exactly(time) => SecretEnd::After(time),
        }),
    }
}

/// The policy's rules of one kind that are in force for an application made now. A rule without a state counts as
/// enabled. Assumption: an application that is there already is treated like a new one, as its age is not read.
fn restrictions<'a>(
    situation: &Situation<'_>,
    policy: &'a AppManagementPolicy,
    kind: &str,
) -> Vec<&'a CredentialRestriction> {
    let Some(rules) = policy.application_restrictions.as_ref().filter(|_| policy.is_enabled) else { return Vec::new() };
    let in_force = |rule: &&CredentialRestriction| {
        rule.restriction_type == kind
            && rule.state.as_deref() != Some("disabled")
            && rule.restrict_for_apps_created_after_date_time.is_none_or(|after| after <= situation.now)
    };
    rules.password_credentials.iter().filter(in_force).collect()
}
