//! Making and removing the public client of one's own that people sign in with. A loop, as a run is: look, send what is
//! missing, look again; what was made counts as there while a replica doesn't show it yet.

use std::time::Duration;

use serde_json::Value;

use crate::agreeing::{self, Absent, Agreeing};
use crate::apply::{RunError, Voice};
use crate::holder::check_writes;
use crate::name_taken::{LONG_ENOUGH, says_no_upsert};
use crate::observe::{is_lacking, item, says_none, with_what_the_cloud_has};
use crate::remove_secret::Gone;
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_graph::batch::{Answer, Item, ItemResult, Order};
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_runbook::facts::NoneWhere;
use pp_runbook::problem::Problem;
use pp_runbook::sign_in_client::{
    ClientChange, Seen, SeenError, SignInClient, WantedClient, changes, look_ups, principal, removal,
};
use pp_runbook::step::StepName;
use pp_runbook::types::ServicePrincipal;

/// What came of making the client.
#[derive(Debug)]
pub struct Ready {
    /// The client, as it was last read.
    pub client: SignInClient,
    /// Its service principal.
    pub principal: Option<ServicePrincipal>,
    /// What was done; nothing where all was there.
    pub done: Vec<ClientChange>,
}

/// What of the client the tenant has.
pub fn look(graph: Graph<'_>) -> Result<Seen, RunError> {
    look_for(graph, None)
}

/// The same, where a client is known to be there.
fn look_for(graph: Graph<'_>, made: Option<&SignInClient>) -> Result<Seen, RunError> {
    let mut answers = read(graph, &look_ups().map(item))?;
    // A cloud without a list of deleted service principals has none to restore.
    if matches!(answers.last(), Some(Err(error)) if is_lacking(error)) {
        answers.pop();
    }
    let mut answers = answers.into_iter();
    let mut next = |none| match answers.next().map_or(Ok(Value::Null), |answer| body(answer, none)) {
        // Who may not read it may not make it either, and that can be said by name.
        Err(GraphError::Service(error)) if error.status == 403 => {
            check_writes(&graph, &[StepName::Application]).and(Err(RunError::from(GraphError::Service(error))))
        }
        other => Ok(other?),
    };
    let by_key = next(NoneWhere::NotFoundOrUnknownKey)?;
    let mut list = || next(NoneWhere::Nowhere);
    let (by_mark, deleted, principals) = (list()?, list()?, list()?);
    let mut seen = Seen::of(&by_key, &by_mark, &deleted, &principals).map_err(|error| match error {
        SeenError::Problem(problem) => problem.into(),
        SeenError::Unreadable(what) => RunError::from(GraphError::unreadable("GET /applications", what)),
    })?;
    seen.client = seen.client.or_else(|| made.cloned());
    if let Some(client) = &seen.client {
        let item = item(principal(&client.app_id));
        let name = item.name();
        let answer = read(graph, &[item])?
            .pop()
            .filter(|answer| !matches!(answer, Err(error) if says_none(NoneWhere::NotFound, error)));
        seen.principal = answer.map(|answer| pp_graph::entity(&name, &answer?)).transpose()?;
    }
    Ok(seen)
}

fn read(graph: Graph<'_>, items: &[Item]) -> Result<Vec<ItemResult>, GraphError> {
    let read = |items: &[Item]| graph.read(items);
    with_what_the_cloud_has(&read, items, read(items)?)
}

fn body(answer: Result<Answer, GraphError>, none: NoneWhere) -> Result<Value, GraphError> {
    match answer {
        Ok(answer) => Ok(answer.body),
        Err(error) if says_none(none, &error) => Ok(Value::Null),
        Err(error) => Err(error),
    }
}

/// Makes the client, or gives the one that is there what it lacks, and reads back until all of it is seen.
pub fn make(graph: Graph<'_>, voice: Voice<'_>, wanted: &WantedClient) -> Result<Ready, RunError> {
    let mut make = Make { graph, upsert: true, unsure: None, made: None, principal: None, done: Vec::new() };
    let (mut agreeing, mut tries) = (Agreeing::default(), Tries::default());
    loop {
        agreeing.wait(&graph)?;
        let seen = make.look()?;
        let Some(change) = changes(&seen, wanted).into_iter().next() else {
            (voice.progress)("Reading the sign-in client back", 80);
            // What was there before is taken on the first look.
            if agreeing.count(true, &graph) == agreeing::ENOUGH || make.done.is_empty() {
                return make.ready(seen);
            }
            continue;
        };
        agreeing = Agreeing::default();
        if make.done.is_empty() {
            check_writes(&graph, &[StepName::Application])?;
        }
        (voice.progress)("Making the sign-in client", 30);
        let failed = if make.done.contains(&change) {
            GraphError::EffectUnknown("the sign-in client is not shown as it was set yet".into())
        } else {
            match make.send(&change)? {
                None => continue,
                Some(error) => error,
            }
        };
        if !tries.again(graph.clock, &graph.call, failed.retry_after(), &failed.to_string())? {
            return Err(match failed {
                GraphError::EffectUnknown(why) => RunError::NotConverged(why),
                other => other.into(),
            });
        }
    }
}

struct Make<'a> {
    graph: Graph<'a>,
    /// The service takes the alternate key with create-if-missing.
    upsert: bool,
    /// A write may have been done without an answer, since when, by the clock's `elapsed`.
    unsure: Option<Duration>,
    made: Option<SignInClient>,
    principal: Option<ServicePrincipal>,
    /// What was done, and what a replica may not show yet.
    done: Vec<ClientChange>,
}

impl Make<'_> {
    fn look(&self) -> Result<Seen, RunError> {
        let mut seen = look_for(self.graph, self.made.as_ref())?;
        seen.principal = seen.principal.or_else(|| self.principal.clone());
        Ok(seen)
    }

    fn ready(self, seen: Seen) -> Result<Ready, RunError> {
        let gone = || GraphError::unreadable("GET /applications", "the sign-in client isn't there any more");
        let client = seen.client.ok_or_else(gone)?;
        Ok(Ready { client, principal: seen.principal, done: self.done })
    }

    /// Sends one change. `None`: it was done, or there is another way to; else what passes.
    fn send(&mut self, change: &ClientChange) -> Result<Option<GraphError>, RunError> {
        if self.may_be_there(change) {
            let why = "the answer to a new sign-in client was lost; looking whether it was made";
            return Ok(Some(GraphError::EffectUnknown(why.into())));
        }
        if self.is_there_after_all(change)? {
            return Ok(None);
        }
        let not_yet = || GraphError::EffectUnknown("the sign-in client is not visible yet".into());
        let Some(request) = change.request(self.upsert) else { return Ok(Some(not_yet())) };
        let item = item(request);
        let mut results = self.graph.write(std::slice::from_ref(&item), Order::Chain).unwrap_or_else(|e| vec![Err(e)]);
        let result = results.pop().unwrap_or_else(|| Err(not_yet()));
        let error = match result.and_then(|answer| self.took(change, &item, &answer).map_err(GraphError::of_write)) {
            Ok(()) => {
                self.done.push(change.clone());
                self.unsure = None;
                return Ok(None);
            }
            Err(error) => error,
        };
        match error.reaction() {
            Reaction::Transient => {
                if !error.nothing_was_sent() {
                    self.unsure = Some(self.graph.clock.elapsed());
                }
                Ok(Some(error))
            }
            // Of somebody else, or of this run's own write whose answer was lost.
            Reaction::AlreadyThere
            | Reaction::Conflict
            | Reaction::NotYet
            | Reaction::NotFound
            | Reaction::Throttled => Ok(Some(error)),
            Reaction::Real if self.without_upsert(change, &error) => Ok(None),
            Reaction::Denied | Reaction::Policy | Reaction::SignInAgain | Reaction::NotTried | Reaction::Real => {
                Err(error.into())
            }
        }
    }

    /// Whether a client may have been made that no look has shown yet: without the key nothing keeps a second one from being made
    /// where the answer to the first got lost.
    fn may_be_there(&self, change: &ClientChange) -> bool {
        let lasting = |since| self.graph.clock.elapsed().saturating_sub(since);
        matches!(change, ClientChange::Create { .. })
            && !self.upsert
            && self.unsure.is_some_and(|since| lasting(since) < LONG_ENOUGH)
    }

    /// Looks must agree that there is none before another is made: the service principal of a restored client, with its consents,
    /// may be in neither list of a replica that lags.
    fn is_there_after_all(&self, change: &ClientChange) -> Result<bool, RunError> {
        let restored = self.done.iter().any(|done| matches!(done, ClientChange::Restore { .. }));
        if !restored || !matches!(change, ClientChange::CreatePrincipal { .. }) {
            return Ok(false);
        }
        let mut agreeing = Agreeing::default();
        loop {
            let seen = self.look()?;
            if seen.principal.is_some() || seen.to_restore().is_some() {
                return Ok(true);
            }
            if agreeing.count(true, &self.graph) == agreeing::ENOUGH {
                return Ok(false);
            }
            agreeing.wait(&self.graph)?;
        }
    }

    /// A cloud that doesn't take create-if-missing by alternate key: the client is made by POST, with the mark.
    fn without_upsert(&mut self, change: &ClientChange, error: &GraphError) -> bool {
        let first = self.upsert && matches!(change, ClientChange::Create { .. }) && says_no_upsert(error);
        self.upsert &= !first;
        first
    }

    /// Keeps what an answer tells.
    fn took(&mut self, change: &ClientChange, item: &Item, answer: &Answer) -> Result<(), GraphError> {
        match change {
            // 204: somebody else, or a write of this run whose answer was lost, has made it. The next look shows it.
            ClientChange::Create { .. } if answer.body.is_null() => {
                return Err(GraphError::EffectUnknown("the sign-in client had just been made".into()));
            }
            ClientChange::Create { .. } | ClientChange::Restore { .. } => {
                self.made = Some(pp_graph::entity(&item.name(), answer)?);
            }
            ClientChange::RestorePrincipal { .. } | ClientChange::CreatePrincipal { .. } => {
                self.principal = Some(pp_graph::entity(&item.name(), answer)?);
            }
            ClientChange::Update { .. } => {}
        }
        Ok(())
    }
}

/// The client to remove. That there is none must be seen in several looks: a replica may lag.
pub fn look_to_remove(graph: Graph<'_>) -> Result<SignInClient, RunError> {
    let mut agreeing = Agreeing::default();
    loop {
        agreeing.wait(&graph)?;
        if let Some(client) = look(graph)?.client {
            return Ok(client);
        }
        if agreeing.count(true, &graph) == agreeing::ENOUGH {
            return Err(Problem::NoSignInClient.into());
        }
    }
}

/// Deletes the client and reads back until it is gone. Its service principal goes with it.
pub fn remove(graph: Graph<'_>, voice: Voice<'_>, client: &SignInClient) -> Result<Gone, RunError> {
    check_writes(&graph, &[StepName::Application])?;
    (voice.progress)("Removing the sign-in client", 20);
    let gone = send_until_taken(graph, client)?;
    (voice.progress)("Reading back that it is gone", 70);
    let (mut agreeing, mut tries) = (Agreeing::default(), Tries::default());
    loop {
        agreeing.wait(&graph)?;
        let there = look(graph)?.client.is_some_and(|found| found.id == client.id);
        if agreeing.count(!there, &graph) == agreeing::ENOUGH {
            return Ok(gone);
        }
        if there && !tries.again(graph.clock, &graph.call, None, "the sign-in client is still shown")? {
            return Err(RunError::NotConverged("removed, but the sign-in client is still shown".into()));
        }
    }
}

fn send_until_taken(graph: Graph<'_>, client: &SignInClient) -> Result<Gone, RunError> {
    let (mut tries, mut unsure, mut absent) = (Tries::default(), false, Absent::default());
    let item = item(removal(client));
    loop {
        let mut results = graph.write(std::slice::from_ref(&item), Order::Chain).unwrap_or_else(|e| vec![Err(e)]);
        let Some(Err(error)) = results.pop() else { return Ok(Gone::Removed) };
        match error.reaction() {
            // Gone, by an answer that was lost or by somebody else; or a replica lags and doesn't know it yet.
            Reaction::NotFound => {
                let shown = look(graph)?.client.is_some_and(|found| found.id == client.id);
                if absent.count(!shown, &graph) {
                    return Ok(if unsure { Gone::Removed } else { Gone::Already });
                }
            }
            Reaction::Transient => unsure |= !error.nothing_was_sent(),
            Reaction::Conflict | Reaction::Throttled | Reaction::NotYet => {}
            _ => return Err(error.into()),
        }
        if !tries.again(graph.clock, &graph.call, error.retry_after(), &error.to_string())? {
            return Err(error.into());
        }
    }
}
