//! One tenant of a fleet: its connection, its place in the ledger, the action, its row.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use super::Fleet;
use super::action::{At, text};
use super::at_place;
use super::customers::{Customer, SignIn};
use super::journal::{Held, placed, with_call};
use super::options::Options;
use super::told::{self, DONE, FAILED, OPEN, SKIPPED, Told};
use crate::connect::{Whose, guid, read_names, sign_in};
use crate::operation::{Operation, tenant};
use crate::output::{Output, Said};
use crate::sink::have_remembered;
use pp_base::gate::Gate;
use pp_ledger::Taken;
use pp_ledger::error::LedgerError;
use pp_ledger::line::{Choices, ErrorMark, Event};
use pp_ledger::state::{SecretMark, State, TenantState};
use pp_report::catalogue as c;
use pp_report::clixml::Object;
use pp_report::error::{OpError, Report};
use pp_report::rows::{FleetBegun, FleetResult, Tenant};
use pp_run::connection::{self, Connection};
use pp_run::journal::Journal;
use pp_run::orphan::{Fate, Orphan, settle};
use pp_run::placed::{InPlace, look_for};
use pp_run::unclaimed;
use pp_runbook::observed::LookUp;
use pp_runbook::other_secrets;
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_sign_in::domain::Cloud;
use pp_words::sentence;

/// What became of a tenant.
pub(super) struct Outcome {
    pub(super) row: FleetResult,
    /// Its error, where it failed.
    pub(super) error: Option<Report>,
    /// Whether another worker has the tenant.
    pub(super) by_another: bool,
    /// Whether it is left as it is, since the ledger has an end of it.
    pub(super) left: bool,
    /// Whether its error is every tenant's: the ledger can't be had.
    pub(super) no_ledger: bool,
}

/// How the work in a tenant ended.
enum Ended {
    /// Another worker has it.
    ByAnother(Told),
    /// Nothing of it was begun.
    Left(Told),
    /// Nor was it, since the ledger can't be had for any tenant.
    NoLedger(LedgerError),
    /// Nor was it, since the ledger could not be had for this one.
    NotTaken(LedgerError),
    /// It was carried out or planned.
    Through(Told),
}

/// What a plan finds of the secrets that the run takes up.
#[derive(Default)]
struct Foreseen {
    /// Why the run will leave the tenant alone.
    left: Option<Told>,
    /// Those that the tenant remembers to be in place, by start and id.
    placed: Vec<(OffsetDateTime, Uuid)>,
    /// The ids of those that the run removes where nobody has them.
    orphans: Vec<String>,
}

/// A tenant at work.
struct One<'a> {
    fleet: &'a Fleet<'a>,
    customer: &'a Customer,
    /// The fleet's, with what is the tenant's own.
    options: Options,
    output: Output,
    said: Arc<Said>,
    /// Whose it is, as far as that is known by now.
    whose: Tenant,
    held: Option<Arc<Held>>,
    /// The application of a secret that was asked for, where that is deleted.
    deleted: Option<String>,
    /// The ids of the secrets that were taken up by removing them.
    removed: Vec<String>,
}

impl Fleet<'_> {
    /// Does it, and puts all that came of it into the tenant's row.
    pub(super) fn one(&self, customer: &Customer) -> Outcome {
        let from = self.clock.elapsed();
        let (output, said) = self.output.of_one(customer.name.clone().unwrap_or_else(|| customer.tenant.clone()));
        let options = self.request.options.of_one(&customer.own);
        let whose = customer.whose();
        let (held, deleted, removed) = (None, None, Vec::new());
        let mut one = One { fleet: self, customer, options, output, said, whose, held, deleted, removed };
        let ended = one.work();
        let (by_another, left) = (matches!(ended, Ok(Ended::ByAnother(_))), matches!(ended, Ok(Ended::Left(_))));
        let no_ledger = matches!(ended, Ok(Ended::NoLedger(_)));
        let (told, error) = one.told(ended);
        let (told, error) = match one.close(&told, error.as_ref()) {
            Err(OpError::Failed(report)) if error.is_none() => {
                (Told::new(told::UNKNOWN, report.message.as_str()), Some(*report))
            }
            _ => (told, error),
        };
        let duration = self.clock.elapsed().saturating_sub(from);
        Outcome { row: one.row(&told, error.as_ref(), duration), error, by_another, left, no_ledger }
    }
}

impl One<'_> {
    fn work(&mut self) -> Result<Ended, OpError> {
        let request = self.fleet.request;
        let cloud = Cloud { environment: self.customer.environment, endpoints: &self.customer.endpoints };
        let whose = Whose::parse(&self.customer.tenant)?;
        let id = whose.id(cloud, &*self.fleet.clock, &self.output)?;
        self.fleet.check_once(id, self.customer)?;
        self.whose.id = id.to_string();
        if let Some(left) = self.take(id)? {
            return Ok(left);
        }
        self.fleet.output.row(FleetBegun { tenant: self.whose.clone() })?;
        let number = self.connect(id)?;
        let open = Open(number);
        self.read_name(open.0)?;
        // The list's name comes first: whoever wrote it chose the names of the places, too.
        let called = Tenant { name: self.customer.name.clone().or(self.whose.name.clone()), ..self.whose.clone() };
        let choices = self.options.choices(request.action, &called)?;
        let choices = Choices { machine: request.machine.clone(), ..choices };
        if let Some(not_begun) = self.begin(&choices)? {
            return Ok(not_begun);
        }
        if let Some(left) = self.take_up(open.0)? {
            return Ok(Ended::Through(left));
        }
        let foreseen = self.foresee(id, open.0)?;
        if let Some(left) = foreseen.left {
            return Ok(Ended::Through(left));
        }
        // In that very file alone, which the ledger names: what lies elsewhere is somebody else's.
        let takes_up = self.held.as_ref().is_some_and(|held| held.may_overwrite(&choices));
        let at = At {
            connection: open.0,
            called: &called,
            output: &self.output,
            said: &self.said,
            options: &self.options,
            takes_up,
            placed: self.in_place(id, open.0, foreseen.placed)?,
            orphans: foreseen.orphans,
            asked: request.asked_of(self.customer),
            removed: std::mem::take(&mut self.removed),
        };
        let told = if request.plan { at.plan(request.action)? } else { at.carry_out(request.action)? };
        Ok(Ended::Through(self.with_what_came_back(told)))
    }

    /// Takes the tenant in the ledger, where there is one, or looks into what a plan has read of it; the answer is why it is left alone.
    fn take(&mut self, id: Uuid) -> Result<Option<Ended>, OpError> {
        let Fleet { request, ledger, .. } = self.fleet;
        let taken = ledger.open.as_ref().map(|ledger| with_call(|call| ledger.take(id, request.action.name(), call)));
        let hold = match taken {
            None => None,
            Some(Err(error)) if error.is_of_all_tenants() => return Ok(Some(Ended::NoLedger(error))),
            Some(Err(error)) if error.is_of_lines() => return Err(error.into()),
            Some(Err(error)) => return Ok(Some(Ended::NotTaken(error))),
            Some(Ok(Taken::Held(hold))) => Some(hold),
            Some(Ok(Taken::ByAnother { worker })) => {
                let worker = worker.map(|worker| format!(", {worker},")).unwrap_or_default();
                let told = Told::new(SKIPPED, format!("another worker{worker} has this tenant, and is at work"));
                return Ok(Some(Ended::ByAnother(told)));
            }
        };
        let read = ledger.of(id)?;
        let state = hold.as_ref().map(|hold| hold.state()).or(read);
        // Before the choices, whose places are made of it.
        if self.whose.name.is_none() {
            self.whose.name = state.and_then(|state| state.tenant_name.clone());
        }
        let choices = self.options.choices(request.action, &self.whose)?;
        let left = state.and_then(|state| ended_before(state, &choices, request.retry_failed));
        if let Some(state) = state.filter(|state| left.is_none() && state.state == State::Done) {
            let summary = state.summary.as_deref().unwrap_or_default();
            self.output.verbose(format!(
                "by the ledger it was done with other choices: {summary} It is taken up with those of this run"
            ))?;
        }
        if left.is_none() {
            self.held = hold.map(|hold| Arc::new(Held::new(hold, self.output.cancel())));
        }
        Ok(left.map(Ended::Left))
    }

    fn connect(&self, id: Uuid) -> Result<u64, OpError> {
        let Fleet { request, clock, .. } = self.fleet;
        let Customer { environment, endpoints, sign_in: by, .. } = self.customer;
        let (clock, budget) = (Arc::clone(clock), request.retry_budget());
        let credential = match by {
            SignIn::By(credential) => Arc::clone(credential),
            SignIn::InVault(secret) => Arc::new(secret.read(&self.whose, budget, &self.output)?),
        };
        let connection = Connection::new(id, *environment, endpoints.clone(), credential, clock, budget)
            .map_err(|why| c::NETWORK_FAILED.report(format!("no HTTP client: {why}")))?;
        let connection = match &self.held {
            Some(held) => connection.with_journal(Arc::clone(held) as Arc<dyn Journal>),
            None => connection,
        };
        sign_in(&connection, &self.output)?;
        connection::open(connection).map_err(|full| c::TOO_MANY_CONNECTIONS.report(full.to_string()).into())
    }

    /// Reads what the tenant is called. It has to be known where a place is made of that and the list has no name: by another name another
    /// place would be meant.
    fn read_name(&mut self, number: u64) -> Result<(), OpError> {
        let wanted = self.customer.name.is_none() && self.options.takes_name();
        let unknown = if wanted {
            let operation = Operation::on(number)?;
            let observed = operation.observe(&self.output, &[LookUp::Organization], &Wanted::everything())?;
            observed.organization.map_or_else(|unread| Some(unread.to_string()), |_| None)
        } else {
            read_names(number, &self.output)?;
            None
        };
        let known = tenant(&*connection::find(number)?);
        if wanted && known.name.is_none() {
            let why = unknown.unwrap_or_else(|| "the organization has no name".to_owned());
            let what = format!(
                "{{Name}} stands in the address of a place, and what the tenant is called is not known: {}. Give it a TenantName in the list",
                why.trim_end_matches('.')
            );
            return Err(c::LOOK_UP_FAILED.report(what).into());
        }
        self.whose = Tenant { name: known.name.or(self.whose.name.take()), ..known };
        Ok(())
    }

    /// Writes to the ledger that it is begun. What that doesn't take is no failure of the tenant, in which nothing was begun.
    fn begin(&mut self, choices: &Choices) -> Result<Option<Ended>, OpError> {
        let Some(held) = &self.held else { return Ok(None) };
        let begun = Event::Begun { tenant_name: self.whose.name.clone(), choices: choices.clone() };
        match held.record(begun) {
            Ok(()) => Ok(None),
            Err(error) if error.is_of_all_tenants() => {
                self.held = None;
                Ok(Some(Ended::NoLedger(error)))
            }
            Err(error) => Err(c::WRITE_WITHHELD.report(error.to_string()).into()),
        }
    }

    /// Removes what earlier workers had asked for and nobody has; what lies where it was to go is in place. The answer is why the tenant is
    /// left alone: somebody may have one.
    fn take_up(&mut self, number: u64) -> Result<Option<Told>, OpError> {
        let Some(held) = &self.held else { return Ok(None) };
        let operation = Operation::on(number)?;
        for mark in held.state().not_in_place() {
            held.may_write().map_err(|why| c::WRITE_WITHHELD.report(why))?;
            let key_id = mark.key_id.map(|id| id.to_string());
            let (app_id, unclaimed) = (mark.app_id.to_string(), mark.unclaimed);
            let orphan = Orphan { start: mark.start, app_id, key_id, unclaimed };
            let fate = self.fate(&operation, &orphan, mark)?;
            if fate == Fate::WithDeleted {
                self.deleted = Some(orphan.app_id);
                continue;
            }
            if let Fate::Removed(key_id) = &fate {
                self.removed.push(key_id.clone());
            }
            let left = left_alone(&fate);
            self.settled(held, &orphan, fate)?;
            let Some(left) = left else { continue };
            if self.options.makes_secret(self.fleet.request.action)? {
                return Ok(Some(Told::new(OPEN, left)));
            }
            self.output.warning(left)?;
        }
        Ok(None)
    }

    /// One whose application the run has restored is not through: a secret may be there again that nobody has.
    fn with_what_came_back(&self, told: Told) -> Told {
        let Some(app_id) = &self.deleted else { return told };
        let rows = self.said.objects.lock();
        let is = |row: &Object| text(row, "AppId").is_some_and(|id| id.eq_ignore_ascii_case(app_id));
        if told.result == FAILED || !rows.iter().any(|row| told::is(row, "RunResult") && is(row)) {
            return told;
        }
        let detail = format!(
            "{}; but with its application a client secret may be there again that an earlier run had asked for and that nobody has: run this \
             again, which settles that",
            told.detail.trim_end_matches('.')
        );
        Told::new(OPEN, detail)
    }

    /// The client secret that this action has put in place before, where it works. The tenant is told of it, to which an earlier worker
    /// may not have come. A plan knows beside the ledger what it has foreseen.
    fn in_place(
        &self,
        id: Uuid,
        number: u64,
        foreseen: Vec<(OffsetDateTime, Uuid)>,
    ) -> Result<Option<String>, OpError> {
        let placed = match &self.held {
            Some(held) => held.in_place(),
            None => [self.fleet.ledger.of(id)?.map(placed).unwrap_or_default(), foreseen].concat(),
        };
        if placed.is_empty() {
            return Ok(None);
        }
        let wanted = self.options.which.wanted(&[StepName::ClientSecret])?;
        let operation = Operation::on(number)?;
        let found = operation.run(&self.output, |graph, _| look_for(graph, &wanted, &placed))?;
        let Some(InPlace { key_id, ids, remembered }) = found else { return Ok(None) };
        if !remembered && self.held.is_some() {
            have_remembered(&operation, &self.output, &wanted, &ids, &key_id)?;
        }
        Ok(Some(key_id))
    }

    /// Looks, for a plan, after what the run takes up, and changes nothing.
    fn foresee(&self, id: Uuid, number: u64) -> Result<Foreseen, OpError> {
        let mut foreseen = Foreseen::default();
        let Some(state) = self.fleet.ledger.of(id)? else { return Ok(foreseen) };
        let (operation, makes_secret) = (Operation::on(number)?, self.options.makes_secret(self.fleet.request.action)?);
        for mark in state.not_in_place() {
            let (start, key_id) = (mark.start, mark.key_id.map(|id| id.to_string()));
            // What somebody may have is not removed.
            let orphan = Orphan { start, app_id: mark.app_id.to_string(), key_id, unclaimed: true };
            match self.fate(&operation, &orphan, mark)? {
                Fate::Left { key_id, doubt: None, .. } if !mark.unclaimed && unclaimed::find(&key_id).is_none() => {
                    foreseen.orphans.push(key_id);
                }
                left @ Fate::Left { .. } if makes_secret => {
                    foreseen.left = left_alone(&left).map(|left| Told::new(OPEN, left));
                }
                Fate::Placed { key_id, .. } => foreseen.placed.extend(guid(&key_id).map(|id| (start, id))),
                Fate::Left { .. } | Fate::Removed(_) | Fate::NeverThere | Fate::WithDeleted => {}
            }
        }
        Ok(foreseen)
    }

    /// What becomes of a secret that was asked for.
    fn fate(&self, operation: &Operation, orphan: &Orphan, mark: &SecretMark) -> Result<Fate, OpError> {
        let here = self.fleet.request.machine.as_deref();
        operation.run(&self.output, |graph, _| {
            settle(graph, orphan, &|graph, application, secret| {
                at_place::look(graph, &operation.connection, mark, here, application, secret)
            })
            .map_err(Into::into)
        })
    }

    fn settled(&self, held: &Held, orphan: &Orphan, fate: Fate) -> Result<(), OpError> {
        let made = |key_id: &str, app_id: &str| match orphan.key_id {
            Some(_) => Ok(()),
            None => held.made(orphan.start, key_id, app_id),
        };
        let noted = match fate {
            Fate::Removed(key_id) => {
                self.output.warning(format!(
                    "client secret {key_id}, which an earlier worker had made and nobody has, was removed"
                ))?;
                held.lost(orphan.start, Some(&key_id))
            }
            Fate::NeverThere => held.lost(orphan.start, orphan.key_id.as_deref()),
            Fate::WithDeleted => Ok(()),
            Fate::Placed { key_id, app_id, place } => {
                unclaimed::claim(&key_id);
                made(&key_id, &app_id).and_then(|()| held.placed(&key_id, &place))
            }
            // The session that has its text may end before the next run, which can't know of it then.
            Fate::Left { key_id, app_id, unclaimed, .. } => made(&key_id, &app_id)
                .and_then(|()| if unclaimed && !orphan.unclaimed { held.unclaimed(&key_id) } else { Ok(()) }),
        };
        noted.map_err(|why| c::WRITE_WITHHELD.report(why).into())
    }

    /// How it ended in words, and its error.
    fn told(&self, ended: Result<Ended, OpError>) -> (Told, Option<Report>) {
        let first = self.said.errors.lock().first().cloned();
        let by = |report: &Report| if stays_open(report.id) { OPEN } else { FAILED };
        match ended {
            Ok(Ended::Left(told) | Ended::ByAnother(told)) => (told, None),
            Ok(Ended::NoLedger(error) | Ended::NotTaken(error)) => match error.into() {
                OpError::Failed(report) => (Told::new(OPEN, report.message.as_str()), Some(*report)),
                cancelled @ OpError::Cancelled(_) => self.told(Err(cancelled)),
            },
            Ok(Ended::Through(told)) => match first {
                Some(report) => (Told::new(by(&report), report.message.as_str()), Some(report)),
                None if told.result == FAILED => {
                    let report = c::FLEET_TENANT_FAILED.report(told.detail.as_str());
                    (told, Some(report))
                }
                None => (told, None),
            },
            Err(OpError::Failed(report)) => (Told::new(by(&report), report.message.as_str()), Some(*report)),
            Err(OpError::Cancelled(_)) => {
                (Told::new(OPEN, "it was stopped while it was at work; the next run takes up what is missing"), None)
            }
        }
    }

    /// Writes the end to the ledger, and lets go of the tenant.
    fn close(&mut self, told: &Told, error: Option<&Report>) -> Result<(), OpError> {
        let Some(held) = self.held.take() else { return Ok(()) };
        let event = match (told.result, error) {
            (DONE, None) => Event::Done { summary: sentence(&told.detail) },
            (_, Some(report)) if stays_open(report.id) => Event::Stopped { why: sentence(&report.message) },
            (_, Some(report)) => Event::Failed { error: mark(report) },
            (_, None) => Event::Stopped { why: sentence(&told.detail) },
        };
        let written = held.record(event).map_err(OpError::from);
        // Whoever else holds it lets go of it when it is dropped.
        if let Some(held) = Arc::into_inner(held) {
            held.release();
        }
        written
    }

    fn row(&self, told: &Told, error: Option<&Report>, duration: Duration) -> FleetResult {
        let action = self.fleet.request.action;
        let rows = std::mem::take(&mut *self.said.objects.lock());
        let warnings = std::mem::take(&mut *self.said.warnings.lock());
        let made = rows.iter().rev().find(|row| told::is(row, "RunResult"));
        let of = |column| made.and_then(|row| text(row, column));
        FleetResult {
            tenant: self.whose.clone(),
            action: action.name(),
            result: told.result,
            detail: sentence(&told.detail),
            warning_count: warnings.len() as u64,
            warnings,
            error_id: error.map(|report| report.id.to_owned()),
            error: error.map(|report| sentence(&report.message)),
            advice: error.and_then(|report| report.advice.clone()),
            secret_id: of("SecretId"),
            secret_location: of("SecretLocation"),
            path: rows.iter().find(|row| told::is(row, "AttributeBackup")).and_then(|row| text(row, "Path")),
            duration,
            rows,
        }
    }
}

/// What to say of a tenant that the ledger has an end of; nothing where there is something to do.
fn ended_before(state: &TenantState, choices: &Choices, retry_failed: bool) -> Option<Told> {
    match state.state {
        State::Done if state.is_done(choices) => {
            let summary = state.summary.as_deref().unwrap_or_default();
            Some(Told::new(DONE, format!("by the ledger: {summary}")))
        }
        State::Failed if !retry_failed => {
            let why = state.error.as_ref().map(|error| error.message.as_str()).unwrap_or_default();
            Some(Told::new(SKIPPED, format!("it failed before; -Retry Failed takes it up: {why}")))
        }
        State::Done | State::Failed | State::Open | State::Begun => None,
    }
}

/// What to say of a secret that somebody may have, whom nobody but the admin can ask, or that may be in use.
fn left_alone(fate: &Fate) -> Option<String> {
    let Fate::Left { key_id, doubt, .. } = fate else { return None };
    let why = match doubt {
        Some(doubt) => format!("whether it lies there is not known ({doubt})"),
        None => "somebody may have its text".to_owned(),
    };
    let here = match unclaimed::find(key_id) {
        Some(_) => format!(" The {}; Save-PPClientSecret puts it in place.", other_secrets::unclaimed(key_id)),
        None => String::new(),
    };
    Some(format!(
        "an earlier run made client secret {key_id} and did not see it put in place, and {why}: it is left alone.{here} \
         If it is in use, Update-PPClientSecret -Complete -KeyId {key_id} says so; if nobody has it, {} removes it. Then run this again",
        other_secrets::removal(key_id)
    ))
}

fn mark(report: &Report) -> ErrorMark {
    ErrorMark { id: report.id.to_owned(), message: sentence(&report.message), passes: passes(report.id) }
}

/// Whether an error of this id passes by itself.
pub(super) fn passes(id: &str) -> bool {
    [c::NETWORK_FAILED.id, c::NOT_CONVERGED.id, c::LOOK_UP_FAILED.id].contains(&id)
}

/// Whether an error of this id says that a change was not begun on account of the ledger: the next run takes up what is open.
fn stays_open(id: &str) -> bool {
    [c::WRITE_WITHHELD.id, c::LEASE_ENDING.id].contains(&id)
}

/// An open connection, closed when it goes.
struct Open(u64);

impl Drop for Open {
    fn drop(&mut self) {
        // Nobody else has its number.
        let _ = connection::close(self.0);
    }
}
