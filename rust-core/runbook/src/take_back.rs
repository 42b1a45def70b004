//! What a removal or an undoing takes back: its items, and how each is done. Pure.

use crate::change::{Change, ChangeKind, Object};
use crate::kept_plan::in_words;
use crate::observed::{Fact, LookUp};
use crate::problem::Problem;
use crate::step::StepName;

/// The steps of the runbook that these changes belong to, in its order.
pub fn steps_of<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<StepName> {
    let of_them: Vec<StepName> = changes.into_iter().map(|change| change.step).collect();
    StepName::ALL.into_iter().filter(|step| of_them.contains(step)).collect()
}

/// What both look at.
pub const READS: &[LookUp] = &[
    LookUp::Organization,
    LookUp::Application,
    LookUp::Catalogue,
    LookUp::ServicePrincipal,
    LookUp::Grants,
    LookUp::Assignments,
    LookUp::GlobalAdministrators,
];

/// One thing to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The step of the runbook that makes it.
    pub step: StepName,
    /// What is taken back, in words.
    pub what: String,
    /// How.
    pub way: Way,
}

/// How something is taken back.
#[expect(clippy::large_enum_variant, reason = "one is made at a time, and taken apart at once")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By this change.
    Change(Change),
    /// There is nothing to take back, and why.
    Nothing(String),
    /// Not at all, and why.
    Impossible(String),
}

impl Item {
    /// What a change takes back, in that change's words.
    pub fn of(change: Change) -> Self {
        Self { step: change.step, what: in_words(&change.kind), way: Way::Change(change) }
    }

    /// The same, named by the application permission that it withdraws.
    #[must_use]
    pub fn of_permission(self, name: &str) -> Self {
        Self { what: format!("Withdraw the consent for the application permission {name}"), ..self }
    }

    /// The change, where there is one.
    pub fn change(&self) -> Option<&Change> {
        if let Way::Change(change) = &self.way { Some(change) } else { None }
    }

    /// True where nothing stays of what is taken back.
    pub fn removes(&self) -> bool {
        let gone = |kind: &ChangeKind| {
            matches!(
                kind,
                ChangeKind::Remove { .. } | ChangeKind::RemoveSecret { .. } | ChangeKind::PurgeApplication { .. }
            )
        };
        self.change().is_some_and(|change| gone(&change.kind))
    }

    /// True where everything that hangs on an object goes with it.
    pub fn takes_more(&self) -> bool {
        let whole = |kind: &ChangeKind| {
            matches!(kind, ChangeKind::Remove { object: Object::Application | Object::ServicePrincipal, .. })
        };
        self.change().is_some_and(|change| whole(&change.kind))
    }
}

/// Takes an object away.
pub(crate) fn removal(step: StepName, object: Object, id: &str) -> Item {
    Item::of(ChangeKind::Remove { object, id: id.to_owned() }.of(step))
}

/// A fact, or the problem that it isn't known.
pub(crate) fn known<T>(step: StepName, fact: &Fact<T>) -> Result<&T, Problem> {
    fact.as_ref().map_err(|unread| Problem::NotReadable { step, unread: unread.clone() })
}
