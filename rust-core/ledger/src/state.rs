//! What a tenant's lines come to, by folding.

use std::collections::BTreeMap;

use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::line::{Choices, ErrorMark, Event, InVault, Line};

/// Where an action stands in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum State {
    /// Never begun, or left as it was.
    Open,
    /// Begun, and no end of it is known.
    Begun,
    /// Done.
    Done,
    /// Failed.
    Failed,
}

impl State {
    /// All, in the order of a tenant's life.
    pub const ALL: [Self; 4] = [Self::Open, Self::Begun, Self::Done, Self::Failed];

    /// The name in parameters and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Begun => "Begun",
            Self::Done => "Done",
            Self::Failed => "Failed",
        }
    }
}

/// A secret that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretMark {
    /// Its `startDateTime`, exactly as it was sent.
    pub start: OffsetDateTime,
    /// The application's (client) id.
    pub app_id: Uuid,
    /// The file that it was to go to, where it was to go to one.
    pub file: Option<String>,
    /// The machine that the file lies on, by its name; none where that isn't known.
    pub machine: Option<String>,
    /// The vault that it was to go to, where it was to go to one.
    pub vault: Option<InVault>,
    /// Its key id, once the service has told it.
    pub key_id: Option<Uuid>,
    /// Where it lies.
    pub place: Option<String>,
    /// Whether its text was left with the session that made it: somebody may have it.
    pub unclaimed: bool,
    /// Whether it was taken back, or never came to be.
    pub removed: bool,
}

impl SecretMark {
    /// Whether its file lies on the machine of this name, in whatever case that is written. Where either isn't known that isn't either.
    pub fn is_on(&self, machine: Option<&str>) -> bool {
        let of_mark = self.machine.as_deref();
        of_mark.zip(machine).is_some_and(|(of_mark, machine)| of_mark.eq_ignore_ascii_case(machine))
    }
}

/// What a tenant's lines of one action come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantState {
    /// The tenant's id.
    pub tenant: Uuid,
    /// The organization's display name, where it is known.
    pub tenant_name: Option<String>,
    /// What is done in the tenant.
    pub action: String,
    /// Where that stands.
    pub state: State,
    /// Since when, by the writer's clock; none where nothing was ever written.
    pub since: Option<OffsetDateTime>,
    /// Who wrote last.
    pub worker: Option<String>,
    /// How often it was begun.
    pub tries: u32,
    /// What was chosen when it was begun last.
    pub choices: Choices,
    /// What is done: the steps of each time that it ended so for the same application, locked by any of them, and the last one's file.
    pub done: Option<Choices>,
    /// The secrets that were asked for, in their order.
    pub secrets: Vec<SecretMark>,
    /// What the last try failed with.
    pub error: Option<ErrorMark>,
    /// What came of it; why it was stopped.
    pub summary: Option<String>,
}

impl TenantState {
    /// Of a tenant in which nothing was begun.
    pub fn open(tenant: Uuid, action: &str) -> Self {
        Self {
            tenant,
            tenant_name: None,
            action: action.to_owned(),
            state: State::Open,
            since: None,
            worker: None,
            tries: 0,
            choices: Choices::default(),
            done: None,
            secrets: Vec::new(),
            error: None,
            summary: None,
        }
    }

    /// Whether all that is asked for is done.
    pub fn is_done(&self, asked: &Choices) -> bool {
        self.state == State::Done && self.done.as_ref().is_some_and(|done| done.cover(asked))
    }

    /// Secrets that may be in the tenant and that nobody has: asked for, not placed, not left to anybody, not removed.
    pub fn orphans(&self) -> impl Iterator<Item = &SecretMark> {
        self.not_in_place().filter(|secret| !secret.unclaimed)
    }

    /// Secrets that may be in the tenant and that are not known to be in place, those among them that somebody may have.
    pub fn not_in_place(&self) -> impl Iterator<Item = &SecretMark> {
        self.secrets.iter().filter(|secret| secret.place.is_none() && !secret.removed)
    }

    /// What it comes to with this line. The error is for a line that speaks of a secret that no line before it has asked for.
    pub(crate) fn fold(&mut self, line: &Line) -> Result<(), String> {
        match &line.event {
            Event::Begun { tenant_name, choices } => {
                self.choices.clone_from(choices);
                self.tries = self.tries.saturating_add(1);
                self.tenant_name = tenant_name.clone().or_else(|| self.tenant_name.take());
                self.enter(State::Begun, line, None, None);
            }
            Event::SecretAsked { start, app_id } => {
                let (start, app_id) = (*start, *app_id);
                self.secrets.push(SecretMark {
                    start,
                    app_id,
                    file: self.choices.file.clone(),
                    machine: self.choices.machine.clone(),
                    vault: self.choices.vault.clone(),
                    key_id: None,
                    place: None,
                    unclaimed: false,
                    removed: false,
                });
            }
            Event::SecretMade { start, key_id, app_id } => {
                let secret = self.asked_for(*start)?;
                (secret.key_id, secret.app_id) = (Some(*key_id), *app_id);
            }
            Event::SecretPlaced { key_id, place } => self.made(*key_id)?.place = Some(place.clone()),
            Event::SecretUnclaimed { key_id } => self.made(*key_id)?.unclaimed = true,
            Event::SecretRemoved { start, key_id } => {
                let secret = self.asked_for(*start)?;
                secret.key_id = key_id.or(secret.key_id);
                secret.removed = true;
            }
            Event::Done { summary } => {
                let mut done = self.choices.clone();
                let before = self.done.take().filter(|before| before.application == done.application);
                done.lock |= before.as_ref().is_some_and(|before| before.lock);
                let more = before.into_iter().flat_map(|before| before.steps);
                let more: Vec<String> = more.filter(|step| !done.steps.contains(step)).collect();
                done.steps.extend(more);
                self.done = Some(done);
                self.enter(State::Done, line, None, Some(summary));
            }
            Event::Failed { error } => self.enter(State::Failed, line, Some(error), None),
            Event::Stopped { why } => self.enter(State::Open, line, None, Some(why)),
        }
        self.worker = Some(line.worker.clone());
        Ok(())
    }

    fn enter(&mut self, state: State, line: &Line, error: Option<&ErrorMark>, summary: Option<&String>) {
        self.state = state;
        self.since = Some(line.time);
        self.error = error.cloned();
        self.summary = summary.cloned();
    }

    /// The last one that was asked for so.
    fn asked_for(&mut self, start: OffsetDateTime) -> Result<&mut SecretMark, String> {
        let found = self.secrets.iter_mut().rev().find(|secret| secret.start == start);
        found.ok_or_else(|| format!("no line before it asks for a secret that starts at {start}"))
    }

    fn made(&mut self, key_id: Uuid) -> Result<&mut SecretMark, String> {
        let found = self.secrets.iter_mut().rev().find(|secret| secret.key_id == Some(key_id));
        found.ok_or_else(|| format!("no line before it says that secret {key_id} was made"))
    }
}

/// The states of all tenants and actions.
#[derive(Debug, Default)]
pub(crate) struct States(BTreeMap<(Uuid, String), TenantState>);

impl States {
    /// Takes note of a line.
    pub(crate) fn fold(&mut self, line: &Line) -> Result<(), String> {
        let key = (line.tenant, line.action.clone());
        self.0.entry(key).or_insert_with(|| TenantState::open(line.tenant, &line.action)).fold(line)
    }

    /// Of one action in one tenant.
    pub(crate) fn of(&self, tenant: Uuid, action: &str) -> TenantState {
        let known = self.0.get(&(tenant, action.to_owned())).cloned();
        known.unwrap_or_else(|| TenantState::open(tenant, action))
    }

    /// Takes a state in place of the one that is known.
    pub(crate) fn put(&mut self, state: TenantState) {
        self.0.insert((state.tenant, state.action.clone()), state);
    }

    /// Takes others, of other tenants.
    pub(crate) fn join(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// All, by tenant and action.
    pub(crate) fn all(&self) -> Vec<TenantState> {
        self.0.values().cloned().collect()
    }
}
