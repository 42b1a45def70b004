//! What the rows of the steps come to: the columns of a run, its result, and what comes next.

use super::{Cells, Column, Kind};
use crate::clixml::{Object, Value};
use pp_runbook::step::StepName;

/// What became of each step, a column a step; a step that was not asked for has nothing in its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepColumns(pub Vec<(StepName, &'static str)>);

/// The column of a step: its name, but where the secret itself has that.
pub fn step_column(step: StepName) -> &'static str {
    match step {
        StepName::ClientSecret => "ClientSecretResult",
        other => other.name(),
    }
}

impl Cells for StepColumns {
    fn columns(_name: &'static str, _about: &str) -> Vec<Column> {
        let column = |step| Column {
            name: step_column(step),
            kind: Kind::Text,
            optional: true,
            about: format!("What became of the step {step}; empty where it was not asked for."),
            of_bridge: false,
        };
        StepName::ALL.into_iter().map(column).collect()
    }

    fn put(self, _name: &'static str, object: Object) -> Object {
        let of = |step| self.0.iter().find(|(known, _)| *known == step).map(|(_, result)| *result);
        StepName::ALL.into_iter().fold(object, |object, step| object.with(step_column(step), Value::from(of(step))))
    }
}

/// Results of a step after which nobody knows that it is as it should be.
const OPEN: [&str; 3] = ["NotConfirmed", "NotDone", "Unknown"];
/// Those after which a later run may know.
const UNCONFIRMED: [&str; 2] = ["NotConfirmed", "Unknown"];

/// What a run comes to, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// A secret was made and not put in place.
    Failed,
    /// Nor was it, and it was taken back.
    TakenBack,
    /// A step was written and not seen, was not done, or could not be read.
    NotConfirmed,
    /// A step was declined when asked for confirmation.
    Skipped,
    /// The service is at work.
    Pending,
    /// Every step that was asked for is done.
    Done,
}

impl RunOutcome {
    /// Of the results of the steps; `placed` is false where a secret was made and its sink did not take it.
    pub fn of(steps: &StepColumns, placed: bool) -> Self {
        let any = |names: &[&str]| steps.0.iter().any(|(_, result)| names.contains(result));
        if !placed {
            Self::Failed
        } else if any(&OPEN) {
            Self::NotConfirmed
        } else if any(&["Skipped"]) {
            Self::Skipped
        } else if any(&["Pending"]) {
            Self::Pending
        } else {
            Self::Done
        }
    }

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed | Self::TakenBack => "Failed",
            Self::NotConfirmed => "NotConfirmed",
            Self::Skipped => "Skipped",
            Self::Pending => "Pending",
            Self::Done => "Done",
        }
    }

    /// How many of the steps are done, and what comes next.
    pub fn detail(self, steps: &StepColumns) -> String {
        let named = |names: &[&str]| {
            let of: Vec<&str> =
                steps.0.iter().filter(|(_, result)| names.contains(result)).map(|(step, _)| step.name()).collect();
            of.join(", ")
        };
        let next = match self {
            Self::Failed => "The client secret was made, but is not in place: the error says why. Get-PPClientSecret -Unclaimed gives it.".to_owned(),
            Self::TakenBack => "The new client secret did not get into its sink and was taken back: the error says why. Those that were there stay.".to_owned(),
            Self::NotConfirmed => {
                let words = |names: &[&str], what: &str, next: &str| match named(names) {
                    steps if steps.is_empty() => None,
                    steps => Some(format!("{what}: {steps}{next}.")),
                };
                let not_done = words(&["NotDone"], "Not done", ". Detail of each in Steps says why and what to do");
                let open = words(&UNCONFIRMED, "Not confirmed", ". Run Invoke-PPRunbook again in some minutes");
                not_done.into_iter().chain(open).collect::<Vec<_>>().join(" ")
            }
            Self::Skipped => format!("Skipped: {}. Run Invoke-PPRunbook again to be asked again.", named(&["Skipped"])),
            Self::Pending => format!("Pending: {}. Wait-PPDirSync waits for it.", named(&["Pending"])),
            Self::Done if steps.0.len() < StepName::ALL.len() => {
                "Next: Get-PPFederationStatus shows the others.".to_owned()
            }
            Self::Done => "Next: Get-PPHandover shows what to enter in the Practice Protect portal.".to_owned(),
        };
        let done = steps.0.iter().filter(|(_, result)| ["Done", "AlreadyDone"].contains(result)).count();
        let of = match steps.0.len() {
            all if all == StepName::ALL.len() => format!("{all} steps are"),
            1 => "1 chosen step is".to_owned(),
            chosen => format!("{chosen} chosen steps are"),
        };
        format!("{done} of {of} done. {next}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(results: [&'static str; 7]) -> StepColumns {
        StepColumns(StepName::ALL.into_iter().zip(results).collect())
    }

    #[test]
    fn the_gravest_of_the_steps_is_the_result() {
        let cases = [
            (["Done"; 7], "Done"),
            (["AlreadyDone"; 7], "Done"),
            (["Pending", "Done", "Done", "Done", "Done", "Done", "Done"], "Pending"),
            (["Pending", "Done", "Skipped", "Done", "Done", "Done", "Done"], "Skipped"),
            (["NotDone", "Done", "Done", "Done", "Done", "Done", "Done"], "NotConfirmed"),
            (["Pending", "Done", "Skipped", "Done", "Unknown", "Done", "Done"], "NotConfirmed"),
            (["Pending", "Done", "Skipped", "Done", "NotConfirmed", "Done", "Done"], "NotConfirmed"),
        ];
        for (results, wanted) in cases {
            assert_eq!(RunOutcome::of(&run(results), true).name(), wanted, "{results:?}");
            assert_eq!(RunOutcome::of(&run(results), false).name(), "Failed", "{results:?}");
        }
    }

    #[test]
    fn the_detail_counts_what_is_done_and_says_what_comes_next() {
        let of = |steps: &StepColumns| RunOutcome::of(steps, true).detail(steps);
        assert!(of(&run(["Done"; 7])).starts_with("7 of 7 steps are done. Next: Get-PPHandover"));
        let pending = of(&run(["Pending", "Done", "AlreadyDone", "Done", "Done", "Done", "Done"]));
        assert_eq!(pending, "6 of 7 steps are done. Pending: DirSync. Wait-PPDirSync waits for it.");
        let held = of(&run(["NotDone", "Done", "Done", "Done", "Done", "NotDone", "Done"]));
        assert_eq!(
            held,
            "5 of 7 steps are done. Not done: DirSync, GlobalAdministrator. Detail of each in Steps says why and what to do."
        );
        let both = of(&run(["NotDone", "Done", "Done", "Done", "Done", "Done", "NotConfirmed"]));
        assert!(both.contains("Not done: DirSync. ") && both.contains("Not confirmed: ClientSecret. Run "), "{both}");
        let one = of(&StepColumns(vec![(StepName::Application, "Done")]));
        assert_eq!(one, "1 of 1 chosen step is done. Next: Get-PPFederationStatus shows the others.");
    }
}
