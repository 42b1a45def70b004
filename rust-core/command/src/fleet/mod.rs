//! `fleet`: one action in many tenants, over bounded lanes in one job. Each tenant has a connection of its own and one row, as it
//! ends; a tenant that fails stops no other.

mod action;
mod at_place;
mod customers;
mod demo;
mod journal;
mod lanes;
mod one;
mod options;
mod plan_failure;
mod progress;
mod question;
mod told;
mod vault_secret;

use std::collections::{BTreeSet, HashMap};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use uuid::Uuid;

use crate::connect::guid;
use crate::ledger::{self, by_sign_in};
use crate::operation::Operation;
use crate::output::Output;
use crate::{BadRequest, Op, SecretBlock, SecretReference};
use customers::{Customer, CustomerRequest, Named};
use demo::Street;
use lanes::Lanes;
use one::Outcome;
use options::{Action, Options, Shard, budget, invalid};
use plan_failure::PlanFailure;
use pp_base::clock::{Clock, SystemClock};
use pp_base::guard;
use pp_base::retry::DEFAULT_BUDGET;
use pp_base::secret::SecretText;
use pp_ledger::blob::{BlobAccess, Terms};
use pp_ledger::error::LedgerError;
use pp_ledger::state::TenantState;
use pp_ledger::{Contents, Ledger};
use pp_report::catalogue as c;
use pp_report::error::{OpError, Report};
use pp_report::rows::{FleetResult, Tenant};
use pp_run::connection::Connection;
use pp_runbook::step::StepName;
use pp_words::sentence;
use progress::Counted;
use question::Question;
use told::{OPEN, Told, UNKNOWN};

/// Lanes where the caller says nothing.
const LANES: usize = 32;
/// More would be more threads than anybody's machine is for.
const MOST_LANES: usize = 256;

/// `fleet`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct FleetRequest {
    action: Action,
    tenants: Vec<CustomerRequest>,
    /// The caller's own connection: how tenants are signed in to that have no secret of their own.
    home: Option<u64>,
    #[serde(default)]
    options: Options,
    /// Tenants at once.
    throttle_limit: Option<usize>,
    retry_budget_seconds: Option<u64>,
    /// A file, or the address of one in Azure Blob Storage.
    ledger: Option<String>,
    /// A shared access signature for it.
    ledger_sas: Option<SecretReference>,
    /// How long the leases of its tenants last: for tests, which can't wait as long as everybody else.
    lease_seconds: Option<u64>,
    /// Who writes the ledger.
    worker: Option<String>,
    /// The machine that it runs on, by its name.
    machine: Option<String>,
    /// What failed by the ledger is taken up, too.
    #[serde(default)]
    retry_failed: bool,
    /// How long tenants may be begun.
    time_budget_milliseconds: Option<i64>,
    shard: Option<String>,
    /// Only says what would be changed.
    #[serde(default)]
    plan: bool,
    /// Once that is confirmed it is carried out: what a run is refused for is told before anything is read.
    #[serde(default)]
    precedes_run: bool,
    /// Its question is about every change, and not about the grave ones alone.
    #[serde(default)]
    ask_all: bool,
    /// Of the tenants those that were planned, as they are named; all where there is no such list.
    only: Option<Vec<String>>,
    /// What the plan's question has asked of them; without it nobody was asked, and all that is grave is carried out.
    asked: Option<Vec<Asked>>,
    /// Those whose plan has failed.
    #[serde(default)]
    failed: Vec<PlanFailure>,
    /// So many demonstration tenants.
    demo: Option<u64>,
}

/// What was asked of a tenant, as the question has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Asked {
    tenant: String,
    steps: Vec<StepName>,
}

/// A fleet's request whose secrets are resolved.
#[derive(Debug)]
struct FleetOp {
    request: FleetRequest,
    named: Named,
    ledger_sas: Option<SecretText>,
}

impl FleetRequest {
    pub(crate) fn resolve(mut self, secrets: &SecretBlock) -> Result<Box<dyn Op>, BadRequest> {
        let named = Named::resolve(std::mem::take(&mut self.tenants), secrets)?;
        let ledger_sas = self.ledger_sas.take().map(|secret| secrets.resolve(secret)).transpose()?;
        Ok(Box::new(FleetOp { request: self, named, ledger_sas }))
    }

    fn retry_budget(&self) -> Duration {
        self.retry_budget_seconds.map_or(DEFAULT_BUDGET, Duration::from_secs)
    }

    fn lanes(&self) -> Result<usize, OpError> {
        match self.throttle_limit.unwrap_or(LANES) {
            limit @ 1..=MOST_LANES => Ok(limit),
            other => Err(invalid(&format!("-ThrottleLimit {other} is not from 1 to {MOST_LANES}"))),
        }
    }

    fn takes(&self, customer: &Customer) -> bool {
        let named = |only: &[String]| only.iter().any(|named| named.eq_ignore_ascii_case(&customer.tenant));
        self.only.as_deref().is_none_or(named)
    }

    /// The steps whose grave changes in a tenant were asked about, where anybody was asked.
    fn asked_of(&self, customer: &Customer) -> Option<Vec<StepName>> {
        let asked = self.asked.as_ref()?.iter().filter(|asked| asked.tenant.eq_ignore_ascii_case(&customer.tenant));
        Some(asked.flat_map(|asked| asked.steps.iter().copied()).collect())
    }

    /// Whether nothing is carried out after it, whatever the caller says to it.
    fn only_shows(&self) -> bool {
        self.plan && !self.precedes_run
    }

    /// Refuses what goes with a ledger where there is none: what is done in the tenants would be done again.
    fn check_ledger(&self, has_sas: bool) -> Result<(), OpError> {
        let given = [(self.retry_failed, "-Retry"), (has_sas, "-LedgerSas")];
        match given.into_iter().find(|(given, _)| *given && self.ledger.is_none()) {
            Some((_, parameter)) => Err(invalid(&format!("{parameter} goes with a -Ledger, and there is none"))),
            None => Ok(()),
        }
    }

    /// The ledger: a run has it open. A plan reads it, takes no tenant in it and writes no line; one that precedes a run opens it for that as
    /// the run will.
    fn ledger(
        &self,
        sas: Option<SecretText>,
        home: Option<&Connection>,
        chosen: &[&Customer],
        clock: &Arc<dyn Clock>,
        output: &Output,
    ) -> Result<Book, OpError> {
        let Some(place) = self.ledger.as_deref() else { return Ok(Book::default()) };
        let by_sign_in = home.filter(|_| sas.is_none() && pp_ledger::is_address(place)).map(by_sign_in);
        let access = sas.map(BlobAccess::Sas).or(by_sign_in);
        // Who is named by a domain may be any of those that it knows.
        let tenants: Option<BTreeSet<Uuid>> = chosen.iter().map(|customer| guid(&customer.tenant)).collect();
        if self.only_shows() {
            let new = is_new_file(place);
            let read = if new { Contents::default() } else { ledger::read(place, access, tenants.as_ref(), output)? };
            return Ok(Book::read(read, self.action));
        }
        let worker = self.worker.clone().unwrap_or_else(|| format!("process {}", std::process::id()));
        let terms =
            self.lease_seconds.map_or_else(Terms::default, |seconds| Terms::short(Duration::from_secs(seconds)));
        let opened = pp_ledger::open(place, access, &worker, Arc::clone(clock), terms)?;
        if let Some(warning) = opened.warning {
            output.warning(warning)?;
        }
        if self.plan {
            let read = ledger::reading(output, |call| opened.ledger.read(tenants.as_ref(), call))?;
            return Ok(Book::read(read, self.action));
        }
        Ok(Book { open: Some(opened.ledger), ..Book::default() })
    }
}

/// A file that a run would make has nothing in it yet.
fn is_new_file(place: &str) -> bool {
    let about = Path::new(place).symlink_metadata();
    !pp_ledger::is_address(place) && about.is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// What a fleet has of its ledger.
#[derive(Debug, Default)]
struct Book {
    /// It, of a run.
    open: Option<Arc<dyn Ledger>>,
    /// What a plan has read of its action, by tenant; or what is wrong with the tenant's lines.
    read: HashMap<Uuid, Result<TenantState, LedgerError>>,
}

impl Book {
    fn read(Contents { states, unreadable, .. }: Contents, action: Action) -> Self {
        let of_action = states.into_iter().filter(|state| state.action == action.name());
        let of_action = of_action.map(|state| (state.tenant, Ok(state)));
        let unreadable = unreadable.into_iter().map(|(tenant, error)| (tenant, Err(error)));
        Self { open: None, read: of_action.chain(unreadable).collect() }
    }

    /// What a plan has read of a tenant.
    fn of(&self, tenant: Uuid) -> Result<Option<&TenantState>, OpError> {
        let Some(read) = self.read.get(&tenant) else { return Ok(None) };
        Ok(Some(read.as_ref().map_err(Clone::clone)?))
    }
}

impl Op for FleetOp {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let Self { mut request, named, ledger_sas } = *self;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let (limit, time) = (request.lanes()?, budget(request.time_budget_milliseconds)?);
        let shard = request.shard.as_deref().map(Shard::parse).transpose()?;
        request.options.check_taken(request.action)?;
        request.check_ledger(ledger_sas.is_some())?;
        let street = request.demo.map(Street::start).transpose()?;
        let home = request.home.map(Operation::on).transpose()?;
        let mut customers = named.open(home.as_ref())?;
        if let Some(street) = &street {
            customers.extend(street.customers()?);
            request.options.sink_of_demo(street.vaults());
        }
        if customers.is_empty() {
            return Err(c::FLEET_EMPTY.report("there are no tenants").into());
        }
        request.options.check(request.action, request.only_shows(), &customers)?;
        let by_id = customers.iter().filter_map(|customer| Some((guid(&customer.tenant)?, customer.tenant.clone())));
        let named = Mutex::new(by_id.collect());
        let chosen: Vec<&Customer> = customers
            .iter()
            .enumerate()
            .filter(|(place, customer)| shard.is_none_or(|shard| shard.takes(*place)) && request.takes(customer))
            .map(|(_, customer)| customer)
            .collect();
        let home = home.as_ref().map(|home| &*home.connection);
        let ledger = request.ledger(ledger_sas, home, &chosen, &clock, output)?;
        let fleet = Fleet { request: &request, output, ledger, named, clock };
        fleet.run(&customers, &chosen, limit, time)
    }
}

/// How far a fleet is.
struct Work<'a> {
    /// In all its rounds.
    lanes: Lanes<'a>,
    counted: Mutex<Counted>,
    question: Mutex<Question>,
    /// Why the ledger can't be had, once that was found: no more tenants are begun.
    no_ledger: OnceLock<Report>,
}

/// A fleet at work.
struct Fleet<'a> {
    request: &'a FleetRequest,
    output: &'a Output,
    ledger: Book,
    /// How the list names the tenants whose ids are known: two domains, or an id and a domain, may be one tenant's.
    named: Mutex<HashMap<Uuid, String>>,
    clock: Arc<dyn Clock>,
}

impl Fleet<'_> {
    /// Works on the chosen ones of all customers.
    fn run(
        &self,
        all: &[Customer],
        chosen: &[&Customer],
        limit: usize,
        budget: Option<Duration>,
    ) -> Result<(), OpError> {
        let begun = self.clock.elapsed();
        let lanes = self.lanes(limit, budget.map(|budget| begun.saturating_add(budget)));
        let work = Work {
            lanes,
            counted: Mutex::new(Counted::new(self.request.action.name(), chosen.len(), begun)),
            question: Mutex::new(Question::of(self.request.ask_all)),
            no_ledger: OnceLock::new(),
        };
        self.note_failures(all, limit);
        let held = self.round(chosen, &work, false)?;
        self.held_by_others(held, &work)?;
        if self.request.plan {
            self.output.row(work.question.into_inner().row(chosen.len()))?;
        }
        // After all rows: with `-ErrorAction Stop` nothing comes after it.
        Ok(work.no_ledger.get().map_or(Ok(()), |report| self.output.error(report))?)
    }

    /// Lanes until then.
    fn lanes(&self, limit: usize, until: Option<Duration>) -> Lanes<'_> {
        let (clock, cancel) = (&*self.clock, self.output.cancel());
        Lanes { limit, until, clock, cancel, took: Mutex::default(), closed: AtomicBool::default() }
    }

    /// Goes over tenants once. The answer is whom another worker had; the `last` time they are left to it.
    fn round<'c>(&self, customers: &[&'c Customer], work: &Work<'_>, last: bool) -> Result<Vec<&'c Customer>, OpError> {
        let held = Mutex::new(Vec::new());
        let begun = work.lanes.run(customers, |customer| {
            let Outcome { row, error, by_another, left, no_ledger } =
                guard::contain(|| self.one(customer)).unwrap_or_else(|_panicked| self.panicked(customer));
            if let Some(report) = error.as_ref().filter(|_| no_ledger) {
                work.lanes.close();
                let report = work.no_ledger.get_or_init(|| report.clone());
                let _ = self.leave(customer, work, Some(report));
                return false;
            }
            if by_another && !last {
                held.lock().push(*customer);
                return false;
            }
            if left {
                work.question.lock().leave_out(&row);
            } else {
                work.question.lock().take_in(customer, &row);
            }
            // Who can't be told any more has cancelled, which the lanes see.
            let _ = work.counted.lock().ended(row.result, left || by_another, self.output, self.clock.elapsed());
            let _ = self.deliver(row, error);
            !(by_another || left)
        });
        self.output.cancel().check()?;
        for customer in &customers[begun..] {
            self.leave(customer, work, work.no_ledger.get())?;
        }
        Ok(held.into_inner())
    }

    /// A row of a tenant that was not begun.
    fn leave(&self, customer: &Customer, work: &Work<'_>, no_ledger: Option<&Report>) -> Result<(), OpError> {
        let row = self.left(customer, no_ledger);
        work.question.lock().leave_out(&row);
        self.deliver(row, None)
    }

    /// Comes back to those whom another worker had: one that lives gets through with them, and one that died holds them for a time.
    fn held_by_others(&self, mut held: Vec<&Customer>, work: &Work<'_>) -> Result<(), OpError> {
        let most = self.ledger.open.as_ref().map_or(Duration::ZERO, |ledger| ledger.outlives_its_worker());
        let until = (self.clock.elapsed() + most).min(work.lanes.until.unwrap_or(Duration::MAX));
        let mut pause = Duration::from_secs(1);
        while !held.is_empty() {
            let left = until.saturating_sub(self.clock.elapsed());
            let time = pause.min(left);
            self.output.verbose(format!("another worker has {} tenants: they are looked at again", held.len()))?;
            self.clock.wait(time, self.output.cancel())?;
            held = self.round(&held, work, time == left)?;
            pause *= 2;
        }
        Ok(())
    }

    /// The row, and after it the error: with `-ErrorAction Stop` nothing comes after that.
    fn deliver(&self, row: FleetResult, error: Option<Report>) -> Result<(), OpError> {
        let whose = row.tenant.clone();
        self.output.row(row)?;
        error.map_or(Ok(()), |report| self.tell(whose, report))
    }

    /// An error, with the name of the tenant that it is about.
    fn tell(&self, Tenant { id, name }: Tenant, report: Report) -> Result<(), OpError> {
        let whose = name.map_or_else(|| id.clone(), |name| format!("{name} ({id})"));
        let message = format!("{whose}: {}", report.message);
        let target = report.target.clone().or(Some(id));
        Ok(self.output.error(&Report { message, target, ..report })?)
    }

    fn panicked(&self, customer: &Customer) -> Outcome {
        let report = c::PANIC.report("the work in this tenant met a bug of the library, and was left as it was");
        let row = self.bare(customer, Told::new(UNKNOWN, report.message.as_str()));
        let (error_id, error, advice) = (report.id.to_owned(), report.message.clone(), report.advice.clone());
        Outcome {
            row: FleetResult { error_id: Some(error_id), error: Some(error), advice, ..row },
            error: Some(report),
            by_another: false,
            left: false,
            no_ledger: false,
        }
    }

    /// Refuses a tenant that the list has by another name as well: two lanes would work in it.
    fn check_once(&self, id: Uuid, customer: &Customer) -> Result<(), OpError> {
        let mut named = self.named.lock();
        let before = named.entry(id).or_insert_with(|| customer.tenant.clone());
        if *before == customer.tenant {
            return Ok(());
        }
        let what = format!("the list has tenant {id} twice, as {before} and as {}", customer.tenant);
        let advice = "Take one of the two out of the list. For this one nothing was begun.";
        Err(c::FLEET_LIST_INVALID.report(what).target(&customer.tenant).advice(advice).into())
    }

    /// Of a tenant that was not begun: there is no time, or no ledger.
    fn left(&self, customer: &Customer, no_ledger: Option<&Report>) -> FleetResult {
        let detail = match no_ledger {
            None => "The time budget doesn't allow it to be begun; run the same command again.".to_owned(),
            Some(why) => sentence(&format!("nothing was begun, since the ledger can't be had: {}", why.message)),
        };
        self.bare(customer, Told::new(OPEN, detail))
    }

    fn bare(&self, customer: &Customer, told: Told) -> FleetResult {
        FleetResult {
            tenant: customer.whose(),
            action: self.request.action.name(),
            result: told.result,
            detail: told.detail,
            warning_count: 0,
            warnings: Vec::new(),
            error_id: None,
            error: None,
            advice: None,
            secret_id: None,
            secret_location: None,
            path: None,
            duration: Duration::ZERO,
            rows: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use pp_base::call::Call;
    use pp_base::cancel::{Cancel, CancelSource};
    use pp_ledger::line::Event;
    use pp_ledger::state::State;
    use pp_ledger::{Hold, Taken, file};
    use pp_testing::street::Street;
    use serde_json::{Value, json};

    use super::*;

    /// A ledger that is in the way of each tenant once.
    #[derive(Debug)]
    struct Hindering {
        ledger: Arc<dyn Ledger>,
        when: When,
    }

    #[derive(Debug, Clone)]
    enum When {
        /// It doesn't take that a tenant is begun.
        Begun,
        /// Nor does it, and won't take it of another one either.
        Full,
        /// The lease ends when the first write is to be begun.
        FirstWrite,
        /// The lease ends while a secret that was made is on its way into its vault, and somebody stops the fleet just then.
        Vault(Arc<CancelSource>),
    }

    #[derive(Debug)]
    struct HinderingHold {
        hold: Box<dyn Hold>,
        when: When,
        /// How many calls may still be let through before the one that is not.
        may: Mutex<Option<usize>>,
    }

    impl HinderingHold {
        /// Whether this is the call that is not let through.
        fn is_in_the_way(&self) -> bool {
            let mut may = self.may.lock();
            let left = may.take();
            *may = left.and_then(|left| left.checked_sub(1));
            left == Some(0)
        }
    }

    impl Ledger for Hindering {
        fn read(&self, tenants: Option<&BTreeSet<Uuid>>, call: &Call<'_>) -> Result<Contents, LedgerError> {
            self.ledger.read(tenants, call)
        }

        fn take(&self, tenant: Uuid, action: &str, call: &Call<'_>) -> Result<Taken, LedgerError> {
            let when = self.when.clone();
            let may = Mutex::new(if matches!(when, When::Vault(_)) { None } else { Some(0) });
            Ok(match self.ledger.take(tenant, action, call)? {
                Taken::Held(hold) => Taken::Held(Box::new(HinderingHold { hold, when, may })),
                by_another @ Taken::ByAnother { .. } => by_another,
            })
        }

        fn outlives_its_worker(&self) -> Duration {
            self.ledger.outlives_its_worker()
        }
    }

    impl Hold for HinderingHold {
        fn state(&self) -> &TenantState {
            self.hold.state()
        }

        fn record(&self, event: Event, call: &Call<'_>) -> Result<(), LedgerError> {
            match (&self.when, &event) {
                (When::Begun, Event::Begun { .. }) if self.is_in_the_way() => {
                    let (tenant, why) = (self.hold.state().tenant, "its lease was broken".to_owned());
                    return Err(LedgerError::Lost { tenant, why });
                }
                (When::Full, Event::Begun { .. }) => {
                    return Err(LedgerError::NotWritable { place: "ledger".into(), why: "the disk is full".into() });
                }
                // Its sink asks once, and its vault last of all.
                (When::Vault(_), Event::SecretMade { .. }) => *self.may.lock() = Some(1),
                _ => {}
            }
            self.hold.record(event, call)
        }

        fn may_write(&self, cancel: &Cancel) -> Result<(), LedgerError> {
            if matches!(self.when, When::Begun | When::Full) || !self.is_in_the_way() {
                return self.hold.may_write(cancel);
            }
            if let When::Vault(stop) = &self.when {
                stop.cancel();
            }
            let (tenant, why) = (self.hold.state().tenant, "the service is busy".to_owned());
            Err(LedgerError::Ending { tenant, left: 9, why })
        }

        fn release(self: Box<Self>, call: &Call<'_>) {
            self.hold.release(call);
        }
    }

    /// The rows and the errors of a fleet, and how it ended.
    struct Ran {
        rows: Vec<String>,
        errors: Vec<String>,
        ended: Result<(), OpError>,
    }

    /// Runs a fleet with this ledger.
    fn run(
        (request, secrets): &(Value, String),
        ledger: Arc<dyn Ledger>,
        cancel: Cancel,
    ) -> Result<Ran, Box<dyn std::error::Error>> {
        let mut request = request.clone();
        request.as_object_mut().ok_or("no object")?.remove("op");
        let mut request: FleetRequest = serde_json::from_value(request)?;
        let tenants = std::mem::take(&mut request.tenants);
        let customers = Named::resolve(tenants, &SecretBlock::copy_of(secrets.as_bytes()))?.open(None)?;
        let (sender, events) = std::sync::mpsc::channel();
        let send = move |event: crate::event::Event| {
            if let crate::event::Payload::Plain(bytes) = event.payload {
                // The receiver outlives the op.
                let _ = sender.send((event.kind, String::from_utf8_lossy(&bytes).into_owned()));
            }
            Ok(())
        };
        let output = Output::new(Box::new(send), cancel);
        let ledger = Book { open: Some(ledger), ..Book::default() };
        let clock = Arc::new(SystemClock::default());
        let fleet = Fleet { request: &request, output: &output, ledger, named: Mutex::default(), clock };
        let ended = fleet.run(&customers, &customers.iter().collect::<Vec<_>>(), 1, None);
        let told: Vec<_> = events.try_iter().collect();
        let of = |wanted| {
            let of_kind = told.iter().filter(move |(kind, _)| *kind == wanted);
            of_kind.map(|(_, text)| text.clone()).collect::<Vec<String>>()
        };
        let rows = of(crate::event::Kind::Objects).into_iter().filter(|text| text.contains("FleetResult")).collect();
        Ok(Ran { rows, errors: of(crate::event::Kind::Error), ended })
    }

    /// So many tenants, and a runbook's request for them.
    fn some(count: u64, seed: u64) -> Result<(Street, (Value, String)), Box<dyn std::error::Error>> {
        let street = Street::with(count, &tenant_twin::Options { seed, ..tenant_twin::Options::default() })?;
        let options = json!({"skip": ["DirSync"], "sink": {"kind": "KeyVault", "vaultUri": street.vaults()}});
        let request = street.fleet("Runbook", &json!({"options": options}))?;
        Ok((street, request))
    }

    #[test]
    fn a_tenant_in_which_a_write_was_withheld_is_open_and_the_same_request_takes_it_up()
    -> Result<(), Box<dyn std::error::Error>> {
        for (seed, when) in [(510, When::FirstWrite), (512, When::Begun)] {
            let ((_street, request), folder) = (some(1, seed)?, tempfile::tempdir()?);
            let path = folder.path().join("ledger.jsonl");
            let hindering = Arc::new(Hindering { ledger: file::open(&path, "one")?.ledger, when });
            let Ran { rows, errors, ended } = run(&request, hindering, Cancel::never())?;
            ended?;
            assert!(errors.len() == 1 && errors[0].contains("PPFederation.WriteWithheld"), "{errors:?}");
            assert!(rows.len() == 1 && rows[0].contains(">Open<"), "{rows:?}");
            assert_eq!(file::read(&path)?.states[0].state, State::Open);
            let Ran { errors, ended, .. } = run(&request, file::open(&path, "two")?.ledger, Cancel::never())?;
            ended?;
            assert_eq!((errors.len(), file::read(&path)?.states[0].state), (0, State::Done), "{errors:?}");
        }
        Ok(())
    }

    #[test]
    fn a_ledger_that_takes_no_line_is_one_error_and_leaves_every_tenant_open_without_another_being_asked()
    -> Result<(), Box<dyn std::error::Error>> {
        let ((street, request), folder) = (some(3, 513)?, tempfile::tempdir()?);
        let path = folder.path().join("ledger.jsonl");
        let hindering = Arc::new(Hindering { ledger: file::open(&path, "one")?.ledger, when: When::Full });
        let Ran { rows, errors, ended } = run(&request, hindering, Cancel::never())?;
        ended?;
        assert!(errors.len() == 1 && errors[0].contains("PPFederation.LedgerNotWritable"), "{errors:?}");
        assert!(rows.len() == 3 && rows.iter().all(|row| row.contains(">Open<")), "{rows:?}");
        let asked = street.tenants.iter().filter(|twin| !twin.requests().is_empty());
        assert_eq!(asked.count(), 1, "the first one alone");
        assert!(file::read(&path)?.states.is_empty(), "nothing was begun");
        Ok(())
    }

    #[test]
    fn a_secret_that_waits_for_its_lease_before_its_vault_is_taken_back_where_the_fleet_is_stopped()
    -> Result<(), Box<dyn std::error::Error>> {
        let ((street, request), folder) = (some(1, 511)?, tempfile::tempdir()?);
        let path = folder.path().join("ledger.jsonl");
        let (source, cancel) = CancelSource::new();
        let when = When::Vault(Arc::new(source));
        let hindering = Arc::new(Hindering { ledger: file::open(&path, "one")?.ledger, when });
        let Ran { errors, ended, .. } = run(&request, hindering, cancel)?;
        assert!(matches!(ended, Err(OpError::Cancelled(_))), "{ended:?} {errors:?}");
        let twin = &street.tenants[0];
        let state = twin.state();
        let apps = state["applications"].as_array().into_iter().flatten();
        let ours = |app: &&Value| app["displayName"] == "Practice Protect Federation";
        let left: Vec<&Value> = apps.filter(ours).flat_map(pp_testing::shape::secrets).collect();
        assert!(left.is_empty() && twin.edit_vault(|vault| vault.versions("pptoken")) == 0, "nobody has it: {left:?}");
        let states = file::read(&path)?.states;
        assert_eq!((states[0].state, states[0].secrets.len()), (State::Open, 1), "{states:?}");
        assert!(states[0].secrets[0].removed, "{states:?}");
        Ok(())
    }
}
