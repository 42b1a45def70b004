//! One pass over a plan's changes, in as few requests as the service's rules allow: the application; the service
//! principal; one chain of consents, role and the secret; and, when all of that is confirmed, what can't be taken back.
//! Writes to one application are ordered, since parallel ones conflict.

use std::cell::RefCell;
use std::time::Duration;

use time::OffsetDateTime;

use crate::apply::{Limits, RunError, Voice};
use crate::journal::Journal;
use crate::lost_secret::LostSecret;
use crate::made::Made;
use crate::name_taken::{Unseen, brings_back};
use crate::new_secret::{new_secret, to_microsecond};
use crate::observe::{item, observe_by};
use crate::outcome::{StepOutcome, StepResult};
use pp_graph::Graph;
use pp_graph::batch::{Answer, Item, ItemResult, Order};
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_runbook::change::{Change, ChangeKind, Yields};
use pp_runbook::change_request::Ids;
use pp_runbook::observed::{AppIds, Observed};
use pp_runbook::plan::{PlannedStep, reads};
use pp_runbook::problem::Problem;
use pp_runbook::stage::{STAGES, Stage};
use pp_runbook::step::{Impact, StepName};
use pp_runbook::types::{Application, ServicePrincipal};
use pp_runbook::wanted::Wanted;

/// Of a step that the tenant needed nothing of when the caller was asked.
const UNASKED: &str =
    "held back: the tenant has changed since the plan, which did not ask about this. Run again to be asked about it";

/// Something that passes: wait, look, go on.
pub(crate) struct Trouble {
    /// How long the service asks to wait.
    pub(crate) asked: Option<Duration>,
    /// What to say if the waiting time is spent.
    pub(crate) error: Box<RunError>,
}

impl Trouble {
    /// Wait so long at least.
    pub(crate) fn new(asked: Option<Duration>, error: RunError) -> Self {
        Self { asked, error: Box::new(error) }
    }
}

/// Why a pass over the changes ended before its end.
pub(crate) enum Halt {
    /// Wait, look, go on.
    LookAgain(Trouble),
    /// The run ends.
    Stop(Box<RunError>),
}

impl Halt {
    /// Look again, where the run would end for a problem that may pass.
    pub(crate) fn where_passing(self, passing: impl FnOnce(&Problem) -> bool) -> Self {
        match self {
            Self::Stop(error) if matches!(&*error, RunError::Problem(problem) if passing(problem)) => {
                Trouble { asked: None, error }.into()
            }
            other => other,
        }
    }
}

impl From<Trouble> for Halt {
    fn from(trouble: Trouble) -> Self {
        Self::LookAgain(trouble)
    }
}

impl From<RunError> for Halt {
    fn from(error: RunError) -> Self {
        Self::Stop(Box::new(error))
    }
}

/// A run in progress.
pub(crate) struct CarryOut<'a> {
    pub(crate) graph: Graph<'a>,
    pub(crate) voice: Voice<'a>,
    pub(crate) wanted: Wanted,
    pub(crate) made: Made,
    pub(crate) limits: Limits<'a>,
    /// Steps whose changes are not sent, since the caller was not asked about them.
    unasked: Vec<StepName>,
    /// Changes that were made, or that the service says are there already. They are not sent again while it doesn't
    /// show them yet.
    settled: Vec<Change>,
    pub(crate) lost_secret: Option<LostSecret>,
    /// A write of this run may have been done without an answer: what is there already may be its own.
    pub(crate) unsure: bool,
    /// A new application that may be there, since when, by the clock's `elapsed`.
    pub(crate) unseen: Option<(Unseen, Duration)>,
    /// In which words a new service principal was refused as there already, and since when.
    pub(crate) refused_principal: Option<(String, Duration)>,
    /// The caller has been told that somebody else is at work.
    told_of_others: bool,
    /// The service takes the alternate key `uniqueName` with create-if-missing.
    pub(crate) upsert: bool,
}

impl<'a> CarryOut<'a> {
    pub(crate) fn new(graph: Graph<'a>, voice: Voice<'a>, wanted: Wanted, limits: Limits<'a>) -> Self {
        Self {
            graph,
            voice,
            wanted,
            made: Made::default(),
            limits,
            unasked: Vec::new(),
            settled: Vec::new(),
            lost_secret: None,
            unsure: false,
            unseen: None,
            refused_principal: None,
            told_of_others: false,
            upsert: true,
        }
    }

    /// The application: what this run made, else what was read.
    fn application<'o>(&'o self, observed: &'o Observed) -> Option<&'o Application> {
        self.made.application.as_ref().or_else(|| observed.app(self.wanted.adopt))
    }

    /// The application's ids, where it is known.
    pub(crate) fn known(&self, observed: &Observed) -> Option<AppIds> {
        self.application(observed).map(AppIds::of)
    }

    /// Writes down what became of a secret. Where that can't be done, the start that was written down before it was asked for is
    /// enough to find it.
    pub(crate) fn note(&self, what: impl FnOnce(&dyn Journal) -> Result<(), String>) {
        if let Some(Err(why)) = self.limits.journal.map(what) {
            (self.voice.warning)(&format!("what became of a client secret could not be written down: {why}"));
        }
    }

    /// Takes out of a plan what is grave and came up after the caller was asked, and what builds on that.
    pub(crate) fn hold_unasked(&mut self, steps: &mut [PlannedStep]) {
        let Some(asked) = &self.limits.asked else { return };
        let grave =
            |step: &&PlannedStep| step.changes() && step.impact() == Impact::High && !asked.contains(&step.name);
        let held: Vec<StepName> = steps.iter().filter(grave).map(|step| step.name).collect();
        let builds_on_it = |change: &Change| change.builds_on().iter().any(|first| held.contains(first));
        for step in steps {
            if held.contains(&step.name) || step.assessment.changes.iter().any(builds_on_it) {
                step.assessment.changes.clear();
                if !self.unasked.contains(&step.name) {
                    self.unasked.push(step.name);
                }
            }
        }
    }

    /// Says of a step that was held back so, and that no later look has shown to be done, what to do.
    pub(crate) fn tell_unasked(&self, rows: &mut [StepOutcome]) {
        let held = |row: &&mut StepOutcome| {
            row.result == StepResult::NotConfirmed && self.unasked.contains(&row.step) && !self.made.touched(row.step)
        };
        for row in rows.iter_mut().filter(held) {
            row.result = StepResult::NotDone;
            row.detail = format!("{}; {UNASKED}", row.detail);
            (self.voice.warning)(&format!("{}: {}", row.step, row.detail));
        }
    }

    /// True where these steps make a secret because an application that was there shows none.
    pub(crate) fn misses_secret(&self, steps: &[PlannedStep]) -> bool {
        let plans = |is: fn(&Change) -> bool| steps.iter().any(|step| step.assessment.changes.iter().any(is));
        !self.wanted.new_secret
            && self.made.application.is_none()
            && self.lost_secret.is_none()
            && !plans(|change| matches!(change.yields(), Yields::Application | Yields::Restored))
            && plans(|change| change.yields() == Yields::Secret)
    }

    /// How much of the plan is behind the run: it only grows.
    pub(crate) fn progress(&self) -> usize {
        self.settled.len() + self.made.removed.len()
    }

    /// What requests are built on.
    fn ids<'o>(&'o self, observed: &'o Observed, start: OffsetDateTime) -> Ids<'o> {
        let application = self.application(observed);
        let principal = self.made.principal.as_ref().or_else(|| observed.principal());
        Ids {
            application: application.map(|application| application.id.as_str()),
            app_id: application.map(|application| application.app_id.as_str()),
            principal: principal.map(|principal| principal.id.as_str()),
            upsert: self.upsert,
            start,
        }
    }

    /// Carries out what the steps would change, but for what can't be taken back.
    pub(crate) fn carry_out(&mut self, observed: &Observed, steps: &[PlannedStep]) -> Result<(), Halt> {
        self.settle_lost_secret(observed)?;
        self.settle_unseen(observed, steps)?;
        for (at, progress, text) in STAGES.into_iter().filter(|(stage, ..)| *stage != Stage::Irreversible) {
            let changes = self.open(steps, at)?;
            if changes.is_empty() {
                continue;
            }
            (self.voice.progress)(text, progress);
            self.check_purge(&changes)?;
            self.stage(observed, &changes)?;
            if brings_back(&changes) {
                let look = not_visible(StepName::ServicePrincipal, "looking at what came back with it");
                return Err(Trouble { asked: Some(Duration::ZERO), ..look }.into());
            }
        }
        Ok(())
    }

    /// Carries out what can't be taken back, and looks in the same request at what becomes of it. `None`: nothing was
    /// left to send.
    pub(crate) fn carry_out_irreversible(
        &mut self,
        observed: &Observed,
        steps: &[PlannedStep],
    ) -> Result<Option<Observed>, Halt> {
        let changes = self.open(steps, Stage::Irreversible)?;
        if changes.is_empty() {
            return Ok(None);
        }
        let start = self.start();
        let items = RefCell::new(self.items(observed, &changes, start)?);
        let written = RefCell::new(Vec::new());
        let send = |reads: &[Item]| {
            let mut all = items.take();
            let writes = all.len();
            all.extend_from_slice(reads);
            let mut results = self.graph.write(&all, Order::Chain)?;
            let answers = results.split_off(writes);
            written.borrow_mut().extend(results);
            Ok(answers)
        };
        let names: Vec<StepName> = steps.iter().map(|step| step.name).collect();
        match observe_by(&send, &reads(&names), &self.wanted, None) {
            Ok(after) => self.take_in(observed, &changes, written.into_inner(), start).map(|()| Some(after)),
            Err(error) => Err(self.whole_failed(&changes, error, start)),
        }
    }

    /// The changes of one stage that are still to be sent. One that the plan doesn't hold ends the run: the tenant has moved
    /// since the run began, or what came back with a service principal lacks something.
    fn open<'p>(&self, steps: &'p [PlannedStep], stage: Stage) -> Result<Vec<&'p Change>, RunError> {
        let all = steps.iter().flat_map(|step| &step.assessment.changes);
        let open = all.filter(|change| change.stage() == stage && !self.settled.contains(change));
        let allowed = |change| self.limits.approved.as_ref().is_none_or(|approved| approved.contains(change));
        let restored = self.settled.iter().any(|change| brings_back(&[change]));
        let of_principal = |change: &Change| {
            change.step == StepName::ServicePrincipal || change.builds_on().contains(&StepName::ServicePrincipal)
        };
        let not_planned = |change: &Change| {
            let error =
                if restored && of_principal(change) { RunError::NotPlannedOfRestored } else { RunError::NotPlanned };
            error(change.step)
        };
        open.map(|change| if allowed(change) { Ok(change) } else { Err(not_planned(change)) }).collect()
    }

    fn start(&self) -> OffsetDateTime {
        to_microsecond(self.graph.now())
    }

    fn items(&self, observed: &Observed, changes: &[&Change], start: OffsetDateTime) -> Result<Vec<Item>, Trouble> {
        let ids = self.ids(observed, start);
        let not_yet = |change: &Change| not_visible(change.step, "what the step builds on is not visible yet");
        let one = |change: &&Change| change.request(&ids).map(item).ok_or_else(|| not_yet(change));
        changes.iter().map(one).collect()
    }

    fn stage(&mut self, observed: &Observed, changes: &[&Change]) -> Result<(), Halt> {
        let start = self.start();
        let items = self.items(observed, changes, start)?;
        if let (true, Some(journal)) = (makes_secret(changes), self.limits.journal) {
            let application = self.application(observed);
            let app_id = application.map(|application| application.app_id.as_str()).unwrap_or_default();
            journal.asking(start, app_id).map_err(RunError::NotWrittenDown)?;
        }
        match self.graph.write(&items, Order::Chain) {
            Ok(results) => self.take_in(observed, changes, results, start),
            Err(error) => Err(self.whole_failed(changes, error, start)),
        }
    }

    /// The batch itself got no answer: whatever it held may have been done.
    fn whole_failed(&mut self, changes: &[&Change], error: GraphError, start: OffsetDateTime) -> Halt {
        let step = changes.first().map(|change| change.step);
        for change in changes {
            self.note_unseen(change, &error);
        }
        let makes_secret = makes_secret(changes);
        if makes_secret && error.is_cancelled() {
            self.lost_secret = Some(LostSecret::new(start, self.graph.clock));
        }
        if error.reaction() != Reaction::Transient {
            return RunError::Graph { step, error }.into();
        }
        self.unsure |= !error.nothing_was_sent();
        if makes_secret && !error.nothing_was_sent() {
            self.lost_secret = Some(LostSecret::new(start, self.graph.clock));
        }
        Trouble::new(error.retry_after(), RunError::Graph { step, error }).into()
    }

    fn take_in(
        &mut self,
        observed: &Observed,
        changes: &[&Change],
        results: Vec<ItemResult>,
        start: OffsetDateTime,
    ) -> Result<(), Halt> {
        let mut trouble: Option<Trouble> = None;
        let mut fatal = None;
        for (&change, result) in changes.iter().zip(results) {
            let step = change.step;
            let error = match result
                .and_then(|answer| self.took(observed, change, answer, start).map_err(GraphError::of_write))
            {
                Ok(()) => {
                    self.settled.push(change.clone());
                    continue;
                }
                Err(error) => error,
            };
            let next = self.what_now(change, &error, start);
            if change.yields() == Yields::Secret && self.lost_secret.is_none() {
                self.note(|journal| journal.lost(start, None));
            }
            match next {
                Next::LookAgain(asked) => {
                    trouble.get_or_insert(Trouble::new(asked, RunError::Graph { step: Some(step), error }));
                }
                Next::NotTried => {}
                Next::Stop => {
                    fatal.get_or_insert(RunError::Graph { step: Some(step), error });
                }
            }
        }
        match (fatal, trouble) {
            (Some(error), _) => Err(error.into()),
            (None, Some(trouble)) => Err(trouble.into()),
            (None, None) => Ok(()),
        }
    }

    fn what_now(&mut self, change: &Change, error: &GraphError, start: OffsetDateTime) -> Next {
        let secret = change.yields() == Yields::Secret;
        let first = self.note_unseen(change, error);
        match error.reaction() {
            // It isn't settled before a look shows it: a deleted one is refused in the same words, and so is the restoration of one whose
            // unique name another has.
            Reaction::AlreadyThere
                if change.yields() == Yields::Application
                    || matches!(change.kind, ChangeKind::RestoreApplication { .. }) =>
            {
                Next::LookAgain(first.then_some(Duration::ZERO))
            }
            Reaction::AlreadyThere => {
                if !self.unsure {
                    self.somebody_else("what this run came to make was there already");
                }
                self.note_refused_principal(change, error);
                self.settled.push(change.clone());
                self.made.found.push(change.step);
                Next::LookAgain(Some(Duration::ZERO))
            }
            Reaction::Transient => {
                self.unsure |= !error.nothing_was_sent();
                if secret && !error.nothing_was_sent() {
                    self.lost_secret = Some(LostSecret::new(start, self.graph.clock));
                }
                Next::LookAgain(error.retry_after())
            }
            Reaction::Conflict => {
                self.somebody_else("the service refused a write because of another one at the same time");
                Next::LookAgain(error.retry_after())
            }
            Reaction::NotYet | Reaction::Throttled => Next::LookAgain(error.retry_after()),
            // An object that this run made moments ago, or that another replica has shown.
            Reaction::NotFound => Next::LookAgain(None),
            Reaction::NotTried => Next::NotTried,
            Reaction::Real if self.without_upsert(change, error) => Next::LookAgain(Some(Duration::ZERO)),
            Reaction::Denied | Reaction::Policy | Reaction::SignInAgain | Reaction::Real => Next::Stop,
        }
    }

    /// Tells once that another run, or a person, writes to the same objects; a run of moments ago looks the same.
    pub(crate) fn somebody_else(&mut self, what: &str) {
        if !std::mem::replace(&mut self.told_of_others, true) {
            (self.voice.warning)(&format!(
                "someone else is at work in this tenant, or was moments ago: {what}. This run takes over what is there"
            ));
        }
    }

    /// Keeps what an answer tells.
    fn took(
        &mut self,
        observed: &Observed,
        change: &Change,
        mut answer: Answer,
        start: OffsetDateTime,
    ) -> Result<(), GraphError> {
        let made = match change.yields() {
            Yields::Nothing => String::new(),
            Yields::Restored => {
                self.took_restored(change, observed);
                String::new()
            }
            Yields::Application => self.took_application(&answer)?,
            Yields::ServicePrincipal => {
                let principal: ServicePrincipal = pp_graph::entity("POST /servicePrincipals", &answer)?;
                self.made.principal.insert(principal).id.clone()
            }
            Yields::Secret => {
                let secret = new_secret(&mut answer, change, self.graph.now())?;
                self.wanted.new_secret = false;
                let app_id = self.known(observed).map(|known| known.app_id).unwrap_or_default();
                self.note(|journal| journal.made(start, &secret.key_id, &app_id));
                self.made.secret.insert(secret).key_id.clone()
            }
        };
        self.made.did(change.step, format!("{} {made}", change.done()).trim_end());
        Ok(())
    }

    fn took_application(&mut self, answer: &Answer) -> Result<String, GraphError> {
        if answer.body.is_null() {
            // 204: it is there; unless a lost write of this run made it, somebody else has. Look.
            if !self.unsure {
                self.somebody_else("the application had just been made");
            }
            return Err(GraphError::EffectUnknown("the application was made by somebody else at the same time".into()));
        }
        let application: Application = pp_graph::entity("PATCH /applications", answer)?;
        Ok(self.made.application.insert(application).app_id.clone())
    }
}

fn makes_secret(changes: &[&Change]) -> bool {
    changes.iter().any(|change| change.yields() == Yields::Secret)
}

enum Next {
    LookAgain(Option<Duration>),
    NotTried,
    Stop,
}

pub(crate) fn not_visible(step: StepName, what: &str) -> Trouble {
    Trouble::new(None, RunError::Graph { step: Some(step), error: GraphError::EffectUnknown(what.into()) })
}
