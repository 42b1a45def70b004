//! A plan that is kept: written down by one admin, approved by another, carried out later by a job.
//!
//! It holds what was wanted, the facts that its changes build on, and the changes with their requests. The changes follow from
//! the other two, as every plan does, so that they are made again when it is read: whoever edits one of the three edits what
//! doesn't follow any more. What an edit of all three at once leaves is another plan; the file's SHA-256 tells the two apart.
//!
//! Facts that the plan's own changes have moved count as moved, too: nothing in a tenant tells whether it was this plan that
//! made an application or somebody who waits for it to be made Global Administrator. A plan that was carried out in part is
//! made anew for the rest; one that was carried out whole has nothing left to change.

mod basis;
mod difference;
mod words;
mod written;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;
use time::OffsetDateTime;

use crate::change::{Change, ChangeKind};
use crate::observed::{Observed, Unread};
use crate::plan::{PlannedStep, judge, plan};
use crate::problem::Problem;
use crate::stage::Stage;
use crate::step::{State, StepName};
use crate::wanted::Wanted;
use crate::which::Which;
use difference::{Difference, difference};
use pp_words::instant;
pub(crate) use words::properties;
use written::KeptWanted;

pub use written::{KeptChange, KeptRequest};

/// A change in words.
pub(crate) fn in_words(change: &ChangeKind) -> String {
    words::Words::of(change).change
}

/// The form of the file. It is raised with every change of what is written, words included: what one version wrote the other
/// makes again to the letter.
pub const SCHEMA: u64 = 3;

/// A plan as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct KeptPlan {
    /// [`SCHEMA`].
    pub schema: u64,
    /// The module's version; for the reader.
    pub module: String,
    /// Whose it is.
    pub tenant_id: String,
    /// The organization's name; for the reader.
    pub tenant_name: Option<String>,
    /// When it was made, in whole seconds of UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    wanted: KeptWanted,
    builds_on: Map<String, Value>,
    /// The changes in the runbook's order.
    pub changes: Vec<KeptChange>,
}

/// Whose a plan is, when it was made and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The tenant's id.
    pub tenant_id: String,
    /// The organization's name.
    pub tenant_name: Option<String>,
    /// The module's version.
    pub module: String,
    /// When.
    pub time: OffsetDateTime,
}

/// What has become of a tenant since its plan was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing that the changes build on has moved.
    AsPlanned,
    /// All of the changes are in place.
    CarriedOut,
}

/// Why a plan that was kept is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeptPlanError {
    /// Something else, or cut.
    #[error("it is no plan that Get-PPPlan has written: {0}")]
    Foreign(String),
    /// Another form of file.
    #[error("it has schema {found}, and this version of the module reads schema {SCHEMA}")]
    OtherSchema {
        /// The file's.
        found: u64,
    },
    /// What is in it doesn't follow from its facts and choices.
    #[error("it was changed after Get-PPPlan had written it: {0}")]
    Altered(String),
    /// The tenant has moved.
    #[error("since the plan was made at {made}, what its changes build on has moved: {}. Nothing was written{}", .moved.join("; "), in_place(.done))]
    Moved {
        /// When the plan was made.
        made: String,
        /// What has, from what to what.
        moved: Vec<String>,
        /// Steps of the plan that have nothing left to change.
        done: Vec<StepName>,
    },
    /// The caller or the tenant must change something else first.
    #[error(transparent)]
    Problem(#[from] Problem),
}

fn in_place(done: &[StepName]) -> String {
    let names: Vec<&str> = done.iter().map(|step| step.name()).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(". In place already, by a run of this plan or of somebody else: {}", names.join(", "))
}

impl KeptPlan {
    /// The plan of what is wanted in a tenant as it was read. The error is [`plan`]'s.
    pub fn of(origin: Origin, wanted: &Wanted, observed: &Observed) -> Result<Self, Problem> {
        let time = origin.time.checked_to_offset(time::UtcOffset::UTC).unwrap_or(origin.time);
        let time = time.replace_nanosecond(0).unwrap_or(time);
        let steps = plan(observed, wanted, time)?;
        let changing: Vec<StepName> = steps.iter().filter(|step| step.changes()).map(|step| step.name).collect();
        let builds_on = basis::read(observed, &changing, time).map_err(|unread| not_readable(&changing, unread))?;
        Ok(Self {
            schema: SCHEMA,
            module: origin.module,
            tenant_id: origin.tenant_id,
            tenant_name: origin.tenant_name,
            time,
            wanted: KeptWanted::of(wanted),
            builds_on,
            changes: changes(&steps, wanted, observed),
        })
    }

    /// As the file has it: fields in their order, indented, with a line feed at the end of each line.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// From a file; whether it is as it was written is for [`Self::check`] to say.
    pub fn parse(file: &[u8]) -> Result<Self, KeptPlanError> {
        let foreign = |error: serde_json::Error| KeptPlanError::Foreign(error.to_string());
        let value: Value = serde_json::from_slice(file).map_err(foreign)?;
        match value.get("schema").map(Value::as_u64) {
            Some(Some(SCHEMA)) => serde_json::from_value(value).map_err(foreign),
            Some(Some(found)) => Err(KeptPlanError::OtherSchema { found }),
            Some(None) | None => Err(KeptPlanError::Foreign("it has no schema number".into())),
        }
    }

    /// Makes the changes again from what was wanted and from the facts: any difference refuses.
    pub fn check(&self, file: &[u8]) -> Result<(), KeptPlanError> {
        let again = self.again().map_err(KeptPlanError::Altered)?;
        if let Some(found) = difference(&json!(self), &json!(again)) {
            let Difference { at, one, other } = found;
            let what = format!("{at} is {one}, where {other} follows from what was wanted and what the plan builds on");
            return Err(KeptPlanError::Altered(what));
        }
        let written = again.to_json().map_err(|error| KeptPlanError::Altered(error.to_string()))?;
        if written.as_bytes() == file {
            return Ok(());
        }
        Err(KeptPlanError::Altered("spaces, line ends or the order of its fields are not as they were written".into()))
    }

    fn again(&self) -> Result<Self, String> {
        let observed = basis::observed(&self.builds_on)?;
        let mut wanted = self.wanted.to_wanted(self.time).map_err(|problem| format!("wanted: {problem}"))?;
        wanted.steps.retain(|step| basis::suffices(&self.builds_on, *step));
        let origin = Origin {
            tenant_id: self.tenant_id.clone(),
            tenant_name: self.tenant_name.clone(),
            module: self.module.clone(),
            time: self.time,
        };
        let again = Self::of(origin, &wanted, &observed).map_err(|problem| problem.to_string())?;
        Ok(Self { wanted: self.wanted.clone(), ..again })
    }

    /// The steps that change something, in order.
    pub fn steps(&self) -> Vec<StepName> {
        let changes = |step: &StepName| self.changes.iter().any(|change| change.step == *step);
        StepName::ALL.into_iter().filter(changes).collect()
    }

    /// What was wanted of those of its steps that are given; steps that had nothing to change are no part of it.
    pub fn wanted(&self, steps: &[StepName]) -> Result<Wanted, KeptPlanError> {
        let mut own = self.steps();
        own.retain(|step| steps.contains(step));
        let wanted = self.wanted.to_wanted(self.time)?;
        Ok(Wanted { steps: own, ..wanted })
    }

    /// The other steps that were wanted, which had nothing to change when it was made, where these steps' changes hold one that can't be
    /// taken back: that waits for all that was wanted.
    pub fn before(&self, steps: &[StepName]) -> Vec<StepName> {
        let last = |change: &KeptChange| steps.contains(&change.step) && change.change().stage() == Stage::Irreversible;
        if !self.changes.iter().any(last) {
            return Vec::new();
        }
        let own = self.steps();
        self.wanted.steps.iter().copied().filter(|step| !own.contains(step)).collect()
    }

    /// What its undoing looks for: the application that it was made for, by its id, whoever has made that; where there was none, the
    /// one that it has made, which carries the mark. One made by hand under the same name is neither.
    pub fn wanted_back(&self) -> Result<Wanted, KeptPlanError> {
        let wanted = self.wanted(&self.steps())?;
        let id = self.builds_on.get("application").and_then(|application| application["id"].as_str());
        let which = match id {
            Some(id) => Which { object_id: Some(id.to_owned()), ..Which::default() },
            None => wanted.which,
        };
        Ok(Wanted { adopt: id.is_some(), which, ..wanted })
    }

    /// The changes, of which none but these may be made.
    pub fn approved(&self) -> Vec<Change> {
        self.changes.iter().map(KeptChange::change).collect()
    }

    /// Holds the tenant as it is now against what these steps' changes build on, and against what they come after ([`Self::before`]).
    pub fn standing(
        &self,
        observed: &Observed,
        wanted: &Wanted,
        now: OffsetDateTime,
    ) -> Result<Standing, KeptPlanError> {
        let steps = judge(observed, wanted, now);
        let settled = |step: &&PlannedStep| matches!(step.assessment.state, State::Done | State::Pending);
        if steps.iter().all(|step| settled(&step)) {
            return Ok(Standing::CarriedOut);
        }
        let is = basis::read(observed, &wanted.steps, self.time)
            .map_err(|unread| KeptPlanError::from(not_readable(&wanted.steps, unread)))?;
        let mut moved: Vec<String> = basis::parts(&wanted.steps)
            .filter_map(|part| {
                let was = self.builds_on.get(part.name).unwrap_or(&Value::Null);
                let found = difference(was, is.get(part.name).unwrap_or(&Value::Null))?;
                Some(format!("{} ({found})", part.what))
            })
            .collect();
        if moved.is_empty() && !self.would_be_made(&plan(observed, wanted, now)?) {
            moved.push("what follows from it at this time (a policy may begin or end by then)".into());
        }
        moved.extend(self.undone_since(observed, wanted, now)?);
        if moved.is_empty() {
            return Ok(Standing::AsPlanned);
        }
        let done = steps.iter().filter(settled).map(|step| step.name).collect();
        Err(KeptPlanError::Moved { made: instant(self.time), moved, done })
    }

    /// What comes before these steps' changes and has something to change by now, which it hadn't when the plan was made.
    fn undone_since(
        &self,
        observed: &Observed,
        wanted: &Wanted,
        now: OffsetDateTime,
    ) -> Result<Vec<String>, KeptPlanError> {
        let before = Wanted { steps: self.before(&wanted.steps), ..wanted.clone() };
        let undone = |step: &PlannedStep| {
            let PlannedStep { name, assessment } = step;
            format!("step {name}, which was done ({})", assessment.detail.trim_end_matches('.'))
        };
        match plan(observed, &before, now) {
            Ok(steps) => Ok(steps.iter().filter(|step| step.changes()).map(undone).collect()),
            Err(problem @ Problem::NotReadable { .. }) => Err(problem.into()),
            Err(problem) => Ok(vec![format!("what comes before them ({problem})")]),
        }
    }

    fn would_be_made(&self, now: &[PlannedStep]) -> bool {
        let of_steps = self.approved().into_iter().filter(|change| now.iter().any(|step| step.name == change.step));
        of_steps.eq(now.iter().flat_map(|step| step.assessment.changes.clone()))
    }
}

/// The first of the steps stands for all: what can't be read says itself what it is.
fn not_readable(steps: &[StepName], unread: Unread) -> Problem {
    Problem::NotReadable { step: steps.first().copied().unwrap_or(StepName::Application), unread }
}

fn changes(steps: &[PlannedStep], wanted: &Wanted, observed: &Observed) -> Vec<KeptChange> {
    let (application, principal) = (observed.app(wanted.adopt), observed.principal());
    let all = steps.iter().flat_map(|step| &step.assessment.changes);
    all.map(|change| KeptChange::of(change, change.shown(application, principal))).collect()
}
