//! What the caller wants of a run, and what of that can't be.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::problem::Problem;
use crate::step::StepName;
use crate::which::Which;

/// The application's name, unless the caller gives another.
pub const DEFAULT_DISPLAY_NAME: &str = "Practice Protect Federation";
/// The client secret's name.
pub const SECRET_NAME: &str = "PPToken";
/// The application's alternate key, for ever: another run finds its app by it whatever the app is called.
pub const UNIQUE_NAME: &str = "practice-protect-federation";
/// The runbook's lifetime of the secret.
const RUNBOOK_YEARS: i32 = 100;

/// How long a new client secret is to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// 100 years.
    Runbook,
    /// As long as the tenant's policy allows, 100 years at most.
    Longest,
    /// A time of the caller's.
    Exactly(Duration),
}

impl std::fmt::Display for Lifetime {
    /// As [`lifetime`] reads it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Runbook => f.write_str("Runbook"),
            Self::Longest => f.write_str("Longest"),
            Self::Exactly(time) => f.write_str(&crate::duration::text(*time)),
        }
    }
}

/// What becomes of our deleted application, which keeps its alternate key, where there is no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub enum DeletedApp {
    /// It is restored, where there is one.
    Restore,
    /// It is restored, and it is an error where there is none.
    RestoreOnly,
    /// It is deleted for good, and another is made.
    Purge,
    /// It stays, and another is made beside it, found by its mark.
    Ignore,
}

/// By its name, in any case.
impl TryFrom<String> for DeletedApp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let named = [
            ("Restore", Self::Restore),
            ("RestoreOnly", Self::RestoreOnly),
            ("Purge", Self::Purge),
            ("Ignore", Self::Ignore),
        ];
        let found = named.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(&text));
        found.map(|(_, choice)| choice).ok_or_else(|| format!("'{text}' is not one of Restore, Purge, Ignore"))
    }
}

/// The caller's choices for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Wanted {
    /// Steps in the runbook's order.
    pub steps: Vec<StepName>,
    /// Which application is meant, and what a new one is called.
    pub which: Which,
    /// Take over the one that is meant though it was made by hand.
    pub adopt: bool,
    /// Make a secret even where a PPToken exists.
    pub new_secret: bool,
    /// The new secret is made since one was due, as on a schedule: of two runs at the same moment one is enough.
    pub renews: bool,
    /// The new secret's lifetime.
    pub lifetime: Lifetime,
    /// Let nobody add credentials to the service principal; without it that stays as it is.
    pub lock_credentials: bool,
    /// What becomes of our deleted application; without a choice one that keeps our alternate key ends the run.
    pub deleted_app: Option<DeletedApp>,
    /// Object id or application id of the one to restore, where there are several.
    pub deleted_id: Option<String>,
}

impl Wanted {
    /// Every step with the runbook's own values: what is checked when nothing else is said.
    pub fn everything() -> Self {
        Self {
            steps: StepName::ALL.to_vec(),
            which: Which::default(),
            adopt: false,
            new_secret: false,
            renews: false,
            lifetime: Lifetime::Runbook,
            lock_credentials: false,
            deleted_app: None,
            deleted_id: None,
        }
    }

    /// True where a deleted application is to be restored.
    pub fn restores(&self) -> bool {
        matches!(self.deleted_app, Some(DeletedApp::Restore | DeletedApp::RestoreOnly))
    }

    /// True when the step is part of the run.
    pub fn includes(&self, step: StepName) -> bool {
        self.steps.contains(&step)
    }
}

/// `-Step` and `-Skip` together: the steps to take, in the runbook's order.
pub fn steps(only: &[StepName], skip: &[StepName]) -> Result<Vec<StepName>, Problem> {
    if let Some(&both) = only.iter().find(|step| skip.contains(step)) {
        return Err(Problem::StepAndSkip(both));
    }
    let chosen = |step: &StepName| (only.is_empty() || only.contains(step)) && !skip.contains(step);
    let steps: Vec<StepName> = StepName::ALL.into_iter().filter(chosen).collect();
    if steps.is_empty() { Err(Problem::NoStepLeft) } else { Ok(steps) }
}

/// A lifetime as text: `Runbook`, `Longest`, an ISO 8601 duration (`P2Y`, `P180D`, `PT12H`) or .NET's `days.hh:mm:ss`.
/// Checked against the calendar's end.
pub fn lifetime(given: Option<&str>, now: OffsetDateTime) -> Result<Lifetime, Problem> {
    let Some(text) = given else { return Ok(Lifetime::Runbook) };
    if text.eq_ignore_ascii_case("runbook") {
        return Ok(Lifetime::Runbook);
    }
    if text.eq_ignore_ascii_case("longest") {
        return Ok(Lifetime::Longest);
    }
    let invalid = |why| Problem::LifetimeInvalid { given: text.to_owned(), why };
    let time = crate::duration::parse(text).ok_or_else(|| invalid("it is neither Runbook, Longest nor a duration"))?;
    if !time.is_positive() {
        return Err(invalid("it must be longer than nothing"));
    }
    if now.checked_add(time).is_none() {
        return Err(invalid("the secret would end after the year 9999"));
    }
    Ok(Lifetime::Exactly(time))
}

/// The end of a secret of the runbook's lifetime that starts at `start`: the same day, a hundred years on.
pub fn runbook_end(start: OffsetDateTime) -> OffsetDateTime {
    let year = start.year() + RUNBOOK_YEARS;
    // 29 February exists in a century's year only where that is divisible by 400.
    start.replace_year(year).unwrap_or_else(|_| start.saturating_add(Duration::days(36_524)))
}
