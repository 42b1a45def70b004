//! Taking things back until they are seen to be gone: what a removal or an undoing plans. Everything it sends is safe to send
//! again, so that a run which was killed is taken up by the next: it plans anew, and what is gone is no part of that.

use crate::agreeing::{self, Agreeing};
use crate::apply::{RunError, Voice, wait_out};
use crate::carry_out::{Halt, Trouble};
use crate::holder::check_writes;
use crate::observe::item;
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_graph::batch::{ItemResult, Order};
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_runbook::change::Change;
use pp_runbook::change_request::Ids;
use pp_runbook::observed::AppIds;
use pp_runbook::problem::Problem;
use pp_runbook::step::StepName;
use pp_runbook::take_back::{Item, Way, steps_of};

/// What a look at the tenant says is to be taken back, in the order in which that is done.
#[derive(Debug)]
pub struct Look {
    /// All of it.
    pub items: Vec<Item>,
    /// The application's ids, where there is one.
    pub application: Option<AppIds>,
}

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Taken back, and seen to be so.
    Done,
    /// There was nothing to take back, and why.
    AlreadyDone(String),
    /// Sent, and not seen everywhere.
    NotConfirmed(String),
    /// Not taken back, and why.
    NotDone(String),
    /// Not approved, or held back since something that hangs on it was not.
    Skipped(String),
}

/// How it ended.
#[derive(Debug)]
pub struct Ended {
    /// Each item, in order, with what became of it.
    pub items: Vec<(Item, Taken)>,
    /// Why it stopped, where something had been sent before.
    pub failed: Option<RunError>,
}

/// What is looked at, and how: of the application with these ids, once one is known, and of no other.
pub type Looking<'a> = &'a dyn Fn(Option<&AppIds>) -> Result<Look, RunError>;

/// What was said to the questions, one a step.
#[derive(Debug, Clone, Copy)]
pub struct Answers<'a> {
    /// Steps that were approved.
    pub approved: &'a [StepName],
    /// Those that were not. Of the others nobody was asked.
    pub declined: &'a [StepName],
    /// The application that the questions were about; none: the one that the first look shows.
    pub application: Option<&'a AppIds>,
}

impl Answers<'_> {
    /// Everything is approved.
    pub const ALL: Self = Self { approved: &StepName::ALL, declined: &[], application: None };
}

/// Takes back what `look` shows of the approved steps.
pub fn take_back(
    graph: Graph<'_>,
    voice: Voice<'_>,
    answers: Answers<'_>,
    look: Looking<'_>,
) -> Result<Ended, RunError> {
    let mut work = Work {
        graph,
        voice,
        answers,
        look,
        application: answers.application.cloned(),
        shown: Vec::new(),
        settled: Vec::new(),
        sent: false,
        unsure: false,
        refused: Vec::new(),
    };
    let failed = match work.until_gone() {
        Ok(()) => None,
        Err(error) if !work.sent => return Err(error),
        Err(error) => Some(error),
    };
    let items = work.shown.iter().map(|item| (item.clone(), work.taken(item, failed.as_ref()))).collect();
    Ok(Ended { items, failed })
}

struct Work<'a> {
    graph: Graph<'a>,
    voice: Voice<'a>,
    answers: Answers<'a>,
    look: Looking<'a>,
    /// What it is about. Once that is gone, whatever else has its name or mark is another one, about which nobody was asked.
    application: Option<AppIds>,
    /// What looks have shown so far: what the caller is told about. A replica that lags shows less at first.
    shown: Vec<Item>,
    /// Changes that the service has carried out. They are not sent again while a replica doesn't show it yet.
    settled: Vec<Change>,
    /// Something was sent.
    sent: bool,
    /// What was sent may have been done without an answer.
    unsure: bool,
    /// Changes that were refused, though a look had shown what they change.
    refused: Vec<Change>,
}

impl Work<'_> {
    /// Passes until looks in a row show that nothing is left.
    fn until_gone(&mut self) -> Result<(), RunError> {
        let (mut tries, mut agreeing) = (Tries::default(), Agreeing::default());
        loop {
            agreeing.wait(&self.graph)?;
            let before = self.settled.len();
            let passed = self.pass();
            if self.settled.len() > before {
                tries.start_over();
            }
            match passed {
                Ok(left) if agreeing.count(!left, &self.graph) >= self.looks() => return Ok(()),
                Ok(_) => {}
                Err(halt) => {
                    agreeing.count(false, &self.graph);
                    wait_out(&self.graph, &mut tries, halt)?;
                }
            }
        }
    }

    /// How many looks have to agree: of what was there and that the service has not confirmed to be gone, more, since a replica
    /// that doesn't know it yet says the same.
    fn looks(&self) -> u32 {
        let open = self.open(&self.shown);
        if open.iter().all(|change| self.settled.contains(change)) { agreeing::ENOUGH } else { 2 * agreeing::ENOUGH }
    }

    /// Looks, and sends what is left; true where something was.
    fn pass(&mut self) -> Result<bool, Halt> {
        let Look { items, application } = match (self.look)(self.application.as_ref()) {
            Err(RunError::Problem(Problem::NotReadable { step, unread })) if unread.passing => {
                return Err(Trouble::new(None, Problem::NotReadable { step, unread }.into()).into());
            }
            looked => looked?,
        };
        self.application = self.application.take().or(application);
        let open = self.open(&items);
        let begins = self.shown.is_empty();
        if begins {
            check_writes(&self.graph, &steps_of(&open))?;
        }
        self.learn(items);
        if open.is_empty() {
            return Ok(false);
        }
        let left: Vec<Change> = open.into_iter().filter(|change| !self.settled.contains(change)).collect();
        if left.is_empty() {
            let why = "taken back, but not yet seen everywhere in the tenant".to_owned();
            return Err(Trouble::new(None, RunError::NotConverged(why)).into());
        }
        (self.voice.progress)("Taking back", if begins { 20 } else { 50 });
        self.send(&left)?;
        Ok(true)
    }

    fn learn(&mut self, items: Vec<Item>) {
        let begins = self.shown.is_empty();
        let new = |item: &Item, shown: &[Item]| {
            item.change().is_some() && !shown.iter().any(|one| one.change() == item.change())
        };
        for item in items {
            if begins || new(&item, &self.shown) {
                self.shown.push(item);
            }
        }
    }

    /// What is approved. What would take along what isn't stays.
    fn open(&self, items: &[Item]) -> Vec<Change> {
        let open = items.iter().filter(|item| self.held_back(item, items).is_none());
        open.filter_map(Item::change).cloned().collect()
    }

    /// Why an item that could be taken back isn't.
    fn held_back(&self, item: &Item, items: &[Item]) -> Option<String> {
        item.change()?;
        let Answers { approved, declined, .. } = self.answers;
        if !approved.contains(&item.step) {
            let why = if declined.contains(&item.step) {
                "Declined when asked for confirmation."
            } else {
                "Came to light after the confirmation: run the same command again."
            };
            return Some(why.into());
        }
        let stays = |one: &&Item| one.change().is_some() && !approved.contains(&one.step);
        let stays = items.iter().take_while(|one| *one != item).find(stays).filter(|_| item.takes_more())?;
        let what = if declined.contains(&stays.step) { "was declined" } else { "came to light after the confirmation" };
        Some(format!("Held back: it would take along what {what}, of step {}.", stays.step))
    }

    fn send(&mut self, changes: &[Change]) -> Result<(), Halt> {
        let application = self.application.as_ref().map(|application| application.object_id.as_str());
        let ids = Ids { application, app_id: None, principal: None, upsert: false, start: self.graph.now() };
        let (changes, items): (Vec<&Change>, Vec<_>) =
            changes.iter().filter_map(|change| Some((change, item(change.request(&ids)?)))).unzip();
        let step = changes.first().map(|change| change.step);
        match self.graph.write(&items, Order::Chain) {
            Ok(results) => self.take_in(&changes, results),
            Err(error) => {
                self.unsure |= !error.nothing_was_sent();
                self.sent |= self.unsure;
                let (passes, asked) = (error.reaction() == Reaction::Transient, error.retry_after());
                let error = RunError::Graph { step, error };
                Err(if passes { Trouble::new(asked, error).into() } else { error.into() })
            }
        }
    }

    fn take_in(&mut self, changes: &[&Change], results: Vec<ItemResult>) -> Result<(), Halt> {
        let mut halt = None;
        for (change, result) in changes.iter().zip(results) {
            let Err(error) = result else {
                self.sent = true;
                self.settled.push((*change).clone());
                continue;
            };
            self.unsure |= error.reaction() == Reaction::Transient && !error.nothing_was_sent();
            self.sent |= self.unsure;
            halt = halt.or_else(|| self.what_now(change, error));
        }
        halt.map_or(Ok(()), Err)
    }

    fn what_now(&mut self, change: &Change, error: GraphError) -> Option<Halt> {
        let (reaction, asked) = (error.reaction(), error.retry_after());
        let error = RunError::Graph { step: Some(change.step), error };
        match reaction {
            Reaction::NotTried => None,
            Reaction::Transient | Reaction::Conflict | Reaction::Throttled | Reaction::NotYet => {
                Some(Trouble::new(asked, error).into())
            }
            // What is gone is refused, a secret with a real error; a replica that doesn't know it yet says the same. Another
            // look tells.
            Reaction::NotFound => Some(Trouble::new(asked, error).into()),
            Reaction::Real | Reaction::AlreadyThere if !self.refused.contains(change) => {
                self.refused.push(change.clone());
                Some(Trouble::new(asked, error).into())
            }
            Reaction::Real | Reaction::AlreadyThere | Reaction::Denied | Reaction::Policy | Reaction::SignInAgain => {
                Some(error.into())
            }
        }
    }

    fn taken(&self, item: &Item, failed: Option<&RunError>) -> Taken {
        let change = match &item.way {
            Way::Nothing(why) => return Taken::AlreadyDone(why.clone()),
            Way::Impossible(why) => return Taken::NotDone(why.clone()),
            Way::Change(change) => change,
        };
        if let Some(why) = self.held_back(item, &self.shown) {
            return Taken::Skipped(why);
        }
        match (failed, self.settled.contains(change)) {
            (None, _) => Taken::Done,
            (Some(error), settled) if settled || self.unsure => Taken::NotConfirmed(error.to_string()),
            (Some(error), _) => Taken::NotDone(error.to_string()),
        }
    }
}
