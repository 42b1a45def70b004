//! Planning: what was observed and what is wanted become changes. Pure.

use time::OffsetDateTime;

use crate::change::{Change, ChangeKind};
use crate::kept_plan::properties;
use crate::observed::{LookUp, Observed};
use crate::problem::{Missing, Problem};
use crate::step::{Assessment, Impact, Situation, StepName};
use crate::steps::service_principal::{enables, enabling};
use crate::wanted::Wanted;

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// The step.
    pub name: StepName,
    /// Where it stands and what it would change.
    pub assessment: Assessment,
}

impl PlannedStep {
    /// True where something would be changed.
    pub fn changes(&self) -> bool {
        !self.assessment.changes.is_empty()
    }

    /// How much it weighs: what is restored, deleted for good or enabled although somebody has disabled it weighs more than the step
    /// does else.
    pub fn impact(&self) -> Impact {
        let weighs = |change: &Change| change.kind.of_deleted().is_some() || enables(change).is_some();
        if self.assessment.changes.iter().any(weighs) {
            return Impact::High;
        }
        self.name.step().impact
    }

    /// What it does, as a confirmation shows it.
    pub fn action(&self) -> String {
        let changes = &self.assessment.changes;
        let of_deleted = changes.iter().find_map(|change| change.kind.of_deleted());
        let and_enabled =
            |of_deleted| [Some(of_deleted), enabling(changes)].into_iter().flatten().collect::<Vec<_>>().join("; ");
        let of_deleted = of_deleted.map(and_enabled);
        of_deleted.or_else(|| changes.iter().find_map(update)).unwrap_or_else(|| (self.name.step().action)(changes))
    }

    /// Where it stands and why, in a line.
    pub fn told(&self) -> String {
        format!("{}: {}: {}", self.name, self.assessment.state.name(), self.assessment.detail)
    }
}

/// What an application that is there is given: it isn't registered anew.
fn update(change: &Change) -> Option<String> {
    match &change.kind {
        ChangeKind::UpdateApplication { id, to, .. } => {
            Some(format!("Update the application {id}: {}", properties(to)))
        }
        _ => None,
    }
}

/// Everything the steps need to read.
pub fn reads(steps: &[StepName]) -> Vec<LookUp> {
    let mut reads = Vec::new();
    for look_up in steps.iter().flat_map(|name| name.step().reads) {
        if !reads.contains(look_up) {
            reads.push(*look_up);
        }
    }
    reads
}

/// Judges each wanted step, in order.
fn assess(observed: &Observed, wanted: &Wanted, now: OffsetDateTime) -> Result<Vec<PlannedStep>, Problem> {
    let situation = Situation { observed, wanted, now };
    let one = |&name: &StepName| Ok(PlannedStep { name, assessment: (name.step().assess)(&situation)? });
    wanted.steps.iter().map(one).collect()
}

/// Where each wanted step stands, in order. What would stop a run is a step that is not done, with the reason.
pub fn judge(observed: &Observed, wanted: &Wanted, now: OffsetDateTime) -> Vec<PlannedStep> {
    let situation = Situation { observed, wanted, now };
    let one = |&name: &StepName| {
        let assessed = (name.step().assess)(&situation);
        let assessment = assessed.unwrap_or_else(|problem| Assessment::to_do(problem.to_string(), Vec::new()));
        PlannedStep { name, assessment }
    };
    wanted.steps.iter().map(one).collect()
}

/// The plan, or why there can be none: an unknown fact, or a step that builds on one that is left out.
pub fn plan(observed: &Observed, wanted: &Wanted, now: OffsetDateTime) -> Result<Vec<PlannedStep>, Problem> {
    let steps = assess(observed, wanted, now)?;
    for step in &steps {
        if let Some(unread) = step.assessment.unread.clone().filter(|_| must_be_known(step.name, observed)) {
            return Err(Problem::NotReadable { step: step.name, unread: *unread });
        }
        if let Some(needs) = needed_first(step, observed, wanted) {
            return Err(Problem::NeedsStep { step: step.name, needs });
        }
    }
    Ok(steps)
}

/// What a step can't change without knowing more stops a run. That synchronization is off is known without the counts.
fn must_be_known(step: StepName, observed: &Observed) -> bool {
    step != StepName::DirSync || observed.organization.is_err()
}

fn needed_first(step: &PlannedStep, observed: &Observed, wanted: &Wanted) -> Option<StepName> {
    let has_application = observed.app(wanted.adopt).is_some() || wanted.includes(StepName::Application);
    let has_principal = observed.principal().is_some() || wanted.includes(StepName::ServicePrincipal);
    let there = |needed: &StepName| match needed {
        StepName::Application => has_application,
        StepName::ServicePrincipal => has_principal,
        _ => true,
    };
    let first = |change: &Change| change.builds_on().iter().copied().find(|needed| !there(needed));
    step.assessment.changes.iter().find_map(first)
}

/// The steps among these that change something.
pub fn changing(steps: &[PlannedStep]) -> Vec<StepName> {
    steps.iter().filter(|step| step.changes()).map(|step| step.name).collect()
}

/// The permissions that the steps' changes need and a token with `held` doesn't have.
pub fn missing_permissions(steps: &[StepName], held: &[String]) -> Vec<Missing> {
    steps.iter().flat_map(|step| missing(*step, held)).collect()
}

/// The same for the writes of one step.
pub fn missing(step: StepName, held: &[String]) -> Vec<Missing> {
    let holds = |any_of: &&[&str]| any_of.iter().any(|name| held.iter().any(|has| has == name));
    let needs = step.step().needs.iter().copied();
    needs.filter(|any_of| !holds(any_of)).map(|any_of| Missing { step, any_of }).collect()
}

/// True when nothing of these steps is left to change; what the service itself still works on is not ours to change.
pub fn is_settled(steps: &[PlannedStep], observed: &Observed) -> bool {
    let unknown = |step: &PlannedStep| step.assessment.unread.is_some() && must_be_known(step.name, observed);
    steps.iter().all(|step| !step.changes() && !unknown(step))
}
