//! Ops that put back what a backup of attributes has: what that would change, and doing it.

mod backup;
mod survey;

use std::collections::BTreeSet;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::Op;
use crate::operation::Operation;
use crate::output::{Output, Progress};
use crate::run::target;
use backup::{Backup, Chosen};
use pp_attributes::account::Account;
use pp_attributes::facts::Known;
use pp_attributes::object_id::ObjectId;
use pp_attributes::restore::{Domains, Restorable};
use pp_base::call::Call;
use pp_base::retry::Budget;
use pp_graph::Graph;
use pp_graph::batch::MOST;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_report::catalogue as c;
use pp_report::error::{OpError, Report};
use pp_report::rows::{PlannedChange, RestoredAttribute, Tenant};
use pp_run::attribute_restore::{Ended, Outcome, Restored, Wanted as Restoring, restore};
use pp_run::comparison::admins;
use pp_run::holder::{judged, outdated};
use pp_runbook::denial::of_then;
use pp_runbook::observed::{LookUp, Observed};
use pp_runbook::sign_in_needs::{CHANGES_ADMINISTRATORS, Holder, WRITES_USERS};
use pp_runbook::step::State;
use pp_runbook::wanted::Wanted;
use survey::Survey;

/// What stands for the step in a confirmation.
const STEP: &str = "AttributeRestore";

/// `planAttributeRestore`: what it would change, and what can't be put back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Plan {
    connection: u64,
    path: String,
    /// Whom: by object id, or by the sign-in name in the backup; everybody where nobody is named.
    #[serde(default)]
    users: Vec<String>,
    #[serde(default)]
    attributes: Vec<String>,
    throttle_limit: Option<usize>,
}

/// What a restore works with.
struct Work {
    operation: Operation,
    backup: Backup,
    attributes: Vec<Restorable>,
    domains: Domains,
    /// Who has a role of the directory; nobody where that can't be read.
    administrators: BTreeSet<ObjectId>,
    /// How many users are written at once.
    at_once: usize,
}

impl Plan {
    /// Whom the backup doesn't have is said by the plan.
    fn open(self, output: &Output, plans: bool) -> Result<Work, OpError> {
        let attributes = attributes(&self.attributes)?;
        let operation = Operation::on(self.connection)?;
        let chosen = Chosen::of(&self.users);
        let (backup, missing) = backup::open(&self.path, &chosen, &operation.tenant().id, output)?;
        for name in missing.into_iter().filter(|_| plans) {
            // The name is the caller's own.
            let message = format!("the backup '{}' has no user '{name}'", self.path);
            output.error(&c::USER_NOT_IN_BACKUP.report(message).target(name))?;
        }
        let observed = operation.observe(output, &[LookUp::Organization], &Wanted::everything())?;
        let domains = domains(&observed)?;
        let administrators = administrators(&operation, output)?;
        let at_once = self.throttle_limit.unwrap_or(MOST).clamp(1, MOST);
        Ok(Work { operation, backup, attributes, domains, administrators, at_once })
    }
}

/// Who they are is for a warning alone.
fn administrators(operation: &Operation, output: &Output) -> Result<BTreeSet<ObjectId>, OpError> {
    match operation.run(output, |graph, _| admins(&graph))? {
        Known::Is(admins) => Ok(admins.roles.into_keys().collect()),
        Known::Unknown(why) => {
            output.verbose(why)?;
            Ok(BTreeSet::new())
        }
    }
}

fn attributes(names: &[String]) -> Result<Vec<Restorable>, OpError> {
    let unknown = |name: &String| {
        let message = format!("'{name}' is no attribute that can be restored");
        OpError::from(c::ATTRIBUTE_UNKNOWN.report(message).target(name))
    };
    if names.is_empty() {
        return Ok(Restorable::ALL.into());
    }
    names.iter().map(|name| Restorable::named(name).ok_or_else(|| unknown(name))).collect()
}

/// Without its domains nothing can be told of a tenant's sign-in names.
fn domains(observed: &Observed) -> Result<Domains, OpError> {
    let organization = observed
        .organization
        .as_ref()
        .map_err(|unread| c::ACCESS_DENIED.report(format!("the tenant's domains can't be read: {unread}")))?;
    let all = || organization.verified_domains.iter().flatten();
    let federated = |kind: Option<&str>| kind.is_some_and(|kind| kind.eq_ignore_ascii_case("Federated"));
    let verified = all().filter_map(|domain| Some((domain.name.clone()?, federated(domain.kind.as_deref()))));
    let initial = all().find(|domain| domain.is_initial == Some(true)).and_then(|domain| domain.name.clone());
    Ok(Domains { verified: verified.collect(), initial })
}

impl Op for Plan {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let mut work = self.open(output, true)?;
        let survey = Survey::of(&mut work, output)?;
        let lacks_role = work.check_sign_in(output, survey.users > 0)?;
        survey.warn(output, lacks_role)?;
        let tenant = work.operation.tenant();
        let change = survey.users > 0;
        Ok(output.row(PlannedChange {
            plan: None,
            step: STEP,
            change,
            action: if change { survey.action() } else { String::new() },
            target: target(&tenant),
            impact: "High",
            state: if change { State::NotDone } else { State::Done }.name(),
            detail: String::new(),
            plan_hash: None,
            tenant,
        })?)
    }
}

impl Work {
    /// That the token lets users be written, where that is to be done and it says so; whether it shows no role that changes
    /// administrators.
    fn check_sign_in(&self, output: &Output, writes: bool) -> Result<bool, OpError> {
        self.operation.run(output, |graph, _| {
            let lacks = |holder: &Holder| {
                let holds = holder.permissions.iter().any(|held| WRITES_USERS.contains(&held.as_str()));
                (writes && !holds).then_some(WRITES_USERS).into_iter().collect()
            };
            let (holder, lacks) = judged(&graph, lacks)?;
            if !lacks.is_empty() {
                return Err(lacks_permission(outdated(&graph, holder.as_ref())));
            }
            let roles = holder.and_then(|holder| holder.roles);
            Ok(roles.is_some_and(|held| !CHANGES_ADMINISTRATORS.is_held(&held)))
        })
    }
}

/// By a token that was issued then, where something may have been granted since.
fn lacks_permission(issued: Option<OffsetDateTime>) -> OpError {
    let needs = WRITES_USERS.join(" or ");
    let message = format!("to change users takes the Microsoft Graph permission {needs}, which the token doesn't hold");
    let report = match issued {
        Some(issued) => c::TOKEN_OUTDATED.report(format!("{message}; {}", of_then(issued))),
        None => c::PERMISSION_MISSING.report(message),
    };
    report.into()
}

/// `restoreAttributes`: puts it back, a row for each attribute of a user that differed.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Restore(Plan);

impl Op for Restore {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let mut work = self.0.open(output, false)?;
        let survey = Survey::of(&mut work, output)?;
        work.check_sign_in(output, survey.users > 0)?;
        // What another user of this run holds may be free at its end; who waits for one behind it comes after that one.
        let mut taken = work.restore_all(&survey.differing, output, true)?;
        taken.reverse();
        work.restore_all(&taken, output, false)?;
        Ok(())
    }
}

impl Work {
    /// Those whose lines begin there; where some of them can be tried again, their places in place of their rows.
    fn restore_all(&mut self, places: &[u64], output: &Output, again: bool) -> Result<Vec<u64>, OpError> {
        let mut taken = Vec::new();
        for (done, chunk) in places.chunks(self.at_once).enumerate() {
            progress(done * self.at_once, places.len(), output)?;
            let users = chunk.iter().map(|at| self.backup.user(*at)).collect::<Result<Vec<_>, _>>()?;
            let wanted = Restoring { attributes: &self.attributes, domains: &self.domains };
            // A restore may take hours: each lot has the whole budget.
            let budget = Budget::new(self.operation.connection.retry_budget);
            let restored = self.operation.run(output, |graph, _| {
                let graph = Graph { call: Call { budget: &budget, ..graph.call }, ..graph };
                restore(&graph, users, wanted)
            })?;
            for (at, restored) in chunk.iter().zip(restored) {
                if again && restored.attributes.iter().any(is_taken) {
                    taken.push(*at);
                }
                self.tell(restored, output, again)?;
            }
        }
        Ok(taken)
    }

    /// The rows of one user, and its error; what is tried again isn't told yet.
    fn tell(&self, restored: Restored, output: &Output, again: bool) -> Result<(), OpError> {
        let Restored { was, attributes } = restored;
        let told: Vec<Outcome> = attributes.into_iter().filter(|outcome| !again || !is_taken(outcome)).collect();
        if let Some(report) = failure(&was.id, &told) {
            output.error(&report)?;
        }
        let tenant = self.operation.tenant();
        Ok(output.rows(told.into_iter().map(|outcome| row(&tenant, &was, outcome)))?)
    }
}

fn progress(done: usize, all: usize, output: &Output) -> Result<(), OpError> {
    let status = format!("{done} of {all} users");
    let percent = u8::try_from(done * 100 / all.max(1)).ok();
    let activity = "Putting back the users' attributes";
    Ok(output.progress(Progress { activity, status: &status, percent, seconds_remaining: None })?)
}

/// Whether another object has it already.
fn is_taken(outcome: &Outcome) -> bool {
    matches!(&outcome.result, Ended::Failed(error) if error.reaction() == Reaction::AlreadyThere)
}

fn row(tenant: &Tenant, was: &Account, outcome: Outcome) -> RestoredAttribute {
    let (result, reason) = match outcome.result {
        Ended::Restored => ("Restored", None),
        Ended::Kept(why) => ("Skipped", Some(pp_words::sentence(why.words()))),
        Ended::Failed(error) => ("Failed", Some(pp_words::sentence(&why(&error)))),
    };
    RestoredAttribute {
        tenant: tenant.clone(),
        result,
        user_principal_name: was.user_principal_name.clone(),
        attribute: outcome.attribute,
        before: outcome.before,
        after: outcome.after,
        reason,
        user_id: was.id.clone(),
    }
}

/// Of a user something of whom could not be put back. It is named by its object id: errors go into logs.
fn failure(id: &str, told: &[Outcome]) -> Option<Report> {
    let failed = |outcome: &Outcome| match &outcome.result {
        Ended::Failed(error) => Some((outcome.attribute, error.clone())),
        Ended::Restored | Ended::Kept(_) => None,
    };
    let failed: Vec<(&str, GraphError)> = told.iter().filter_map(failed).collect();
    let (_, first) = failed.first()?;
    let names: Vec<&str> = failed.iter().map(|(name, _)| *name).collect();
    let message = format!("user {id}: {} could not be put back: {}", names.join(", "), why(first));
    let report = c::ATTRIBUTE_NOT_RESTORED.report(message).target(id);
    let GraphError::Service(error) = first else { return Some(report) };
    Some(Report {
        http_status: Some(error.status),
        code: Some(error.code.clone()).filter(|code| !code.is_empty()),
        request_id: Some(error.request_id.clone()).filter(|id| !id.is_empty()),
        ..report
    })
}

/// The service's words, and what they come to.
fn why(error: &GraphError) -> String {
    let words = error.to_string();
    let words = words.trim_end_matches('.');
    let GraphError::Service(service) = error else { return words.to_owned() };
    let more = match (&service.conflicting, service.reaction) {
        (Some(other), _) => Some(format!("the other one is {other}")),
        (None, Reaction::Denied) => Some(format!(
            "an administrator's sign-in name and Immutable ID are changed by one who holds the role {CHANGES_ADMINISTRATORS} \
             alone; an application needs the role, too"
        )),
        _ if service.message.contains("originated within an external service") => {
            Some("Exchange Online masters it: change it there".to_owned())
        }
        _ => None,
    };
    more.map_or_else(|| words.to_owned(), |more| format!("{words}; {more}"))
}
