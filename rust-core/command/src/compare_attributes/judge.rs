//! What is said of each user, on as many threads as the machine has processors.

use std::num::NonZero;
use std::ops::Range;
use std::thread;

use super::CompareAttributes;
use super::portal::Given;
use super::script::Prepared;
use crate::temporary::not_kept;
use pp_attributes::compare::Comparison;
use pp_attributes::difference::{Difference, Severity};
use pp_attributes::facts::{Coverage, Facts};
use pp_attributes::hazards::Holder;
use pp_attributes::object_id::ObjectId;
use pp_attributes::pairing::{Packed, Pairing};
use pp_attributes::spool::{Records, Walked, WalkedUsers};
use pp_attributes::written::Written;
use pp_base::cancel::{Cancel, Cancelled};
use pp_report::error::OpError;
use pp_report::rows::{AttributeDifference, Tenant};
use pp_run::comparison::Index;
use pp_runbook::pattern::Pattern;

/// A row, and the other objects that its user's rows speak of by their ids.
pub(super) struct Judged {
    pub(super) row: AttributeDifference,
    pub(super) concerns: Vec<Holder>,
}

/// How many users there were.
#[derive(Default)]
pub(super) struct Judgement {
    pub(super) judged: u64,
    /// Of those, who pairs with none of the portal's users, where these are only some of them: nothing can be said of such an account.
    pub(super) left_out: u64,
}

/// On so many threads at most: a part has to be worth its thread.
const MOST_THREADS: usize = 8;

/// What judges one user, whichever thread asks.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) op: &'a CompareAttributes,
    pub(super) cancel: &'a Cancel,
    pub(super) tenant: &'a Tenant,
    pub(super) patterns: &'a [Pattern],
    pub(super) given: Option<&'a Given>,
    pub(super) script: Option<&'a Prepared>,
    pub(super) facts: &'a Facts,
    pub(super) index: &'a Index,
}

/// What came of a part of the users.
pub(super) type Part = Result<(Judgement, Vec<Judged>), OpError>;

impl Judge<'_> {
    pub(super) fn comparison(&self) -> Comparison<'_> {
        Comparison {
            facts: self.facts,
            hazards: &self.index.hazards,
            portal: self.given.map(|given| &given.users),
            equal: self.op.include_equal,
        }
    }

    pub(super) fn is_wanted(&self, name: Option<&str>) -> bool {
        self.patterns.is_empty() || name.is_some_and(|name| self.patterns.iter().any(|pattern| pattern.matches(name)))
    }

    /// Users in their order, a part of them on each of the machine's processors: a script that runs for each takes far longer than reading them.
    pub(super) fn in_parts(&self, users: &Records<WalkedUsers>) -> Vec<Part> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
        let each = users.len().div_ceil(threads).max(1);
        let mut parts: Vec<(usize, Option<Part>)> = (0..users.len()).step_by(each).map(|from| (from, None)).collect();
        thread::scope(|scope| {
            let mut parts = parts.iter_mut();
            let own = parts.next();
            for (from, part) in parts {
                let thread = thread::Builder::new().name("ppfederation-judge".to_owned());
                // Where the system gives none, it is done below.
                let _ = thread.spawn_scoped(scope, || *part = Some(self.part(users, *from..*from + each)));
            }
            if let Some((from, part)) = own {
                *part = Some(self.part(users, *from..*from + each));
            }
        });
        parts.into_iter().map(|(from, part)| part.unwrap_or_else(|| self.part(users, from..from + each))).collect()
    }

    fn part(&self, users: &Records<WalkedUsers>, places: Range<usize>) -> Part {
        let (mut judgement, mut rows) = (Judgement::default(), Vec::new());
        for user in users.part(places) {
            let user = user.map_err(|error| not_kept(&error))?;
            if !self.index.hazards.is_latest(user.place) {
                continue;
            }
            judgement.judged += 1;
            if self.is_wanted(user.account.user_principal_name) {
                if self.says_nothing_of(&user) {
                    judgement.left_out += 1;
                } else {
                    self.account(user, &mut rows)?;
                }
            }
        }
        Ok((judgement, rows))
    }

    /// Whether an account pairs with nobody of a list that has only some of the portal's users: all of it would be Unknown.
    fn says_nothing_of(&self, user: &Walked<'_>) -> bool {
        let is_part = self.given.is_some() && self.facts.coverage == Coverage::Part;
        is_part && user.found.is_none() && !self.op.include_equal
    }

    fn account(&self, Walked { account, found, .. }: Walked<'_>, rows: &mut Vec<Judged>) -> Result<(), Cancelled> {
        let Some(id) = ObjectId::parse(account.id) else { return Ok(()) };
        let pairing = self.given.map_or(Pairing::Alone, |given| given.users.pair(&self.index.claims, id, found));
        let user = if let Pairing::Paired { user, .. } = &pairing { Some(user) } else { None };
        let paired = self.given.zip(user).map(|(given, user)| self.written(given, user)).transpose()?;
        let constants = || Written::constants(self.script.map(Prepared::constants));
        let written = paired.unwrap_or_else(constants);
        let row = || AttributeDifference {
            user_principal_name: account.user_principal_name.map(str::to_owned),
            user_id: Some(account.id.to_owned()),
            portal_place: user.map(|user| user.place),
            on_premises_sync_enabled: account.on_premises_sync_enabled,
            ..self.row()
        };
        rows.extend(rows_of(row, self.comparison().account(&account, &pairing, &written)));
        Ok(())
    }

    pub(super) fn written<'a>(&'a self, given: &Given, user: &'a Packed<'_>) -> Result<Written<'a>, Cancelled> {
        let written = match self.script {
            Some(script) => script.written(user, &given.columns),
            None => Written::of(|name| user.attribute(name), &given.columns, None),
        };
        // That a script was stopped says nothing of its user.
        self.cancel.check()?;
        Ok(written)
    }

    pub(super) fn row(&self) -> AttributeDifference {
        AttributeDifference {
            tenant: self.tenant.clone(),
            severity: Severity::Equal.name(),
            user_principal_name: None,
            attribute: "",
            before: None,
            after: None,
            reason: String::new(),
            advice: None,
            user_id: None,
            portal_place: None,
            on_premises_sync_enabled: None,
        }
    }
}

/// A row for each difference of one user.
pub(super) fn rows_of(
    of: impl Fn() -> AttributeDifference,
    differences: Vec<Difference>,
) -> impl Iterator<Item = Judged> {
    let concerns: Vec<Holder> = differences.iter().flat_map(|one| one.concerns.iter().copied()).collect();
    differences.into_iter().map(move |one| {
        let row = AttributeDifference {
            severity: one.severity.name(),
            attribute: one.attribute,
            before: one.before,
            after: one.after,
            reason: one.reason,
            advice: one.advice,
            ..of()
        };
        Judged { row, concerns: concerns.clone() }
    })
}
