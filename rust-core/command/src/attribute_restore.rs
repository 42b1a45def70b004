//! Ops that put back what a backup of attributes has: what that would change, and doing it.

mod backup;
mod survey;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use crate::pace::Pace;
use crate::run::target;
use backup::{Backup, Chosen};
use pp_attributes::account::Account;
use pp_attributes::facts::Known;
use pp_attributes::object_id::ObjectId;
use pp_attributes::restore::{Domains, Kept, Restorable};
use pp_base::call::Call;
use pp_base::retry::Budget;
use pp_graph::Graph;
use pp_graph::batch::MOST;
use pp_graph::error::{GraphError, ServiceError};
use pp_graph::reaction::Reaction;
use pp_report::catalogue as c;
use pp_report::error::{OpError, Report};
use pp_report::rows::{PlannedChange, RestoredAttribute, Tenant};
use pp_run::attribute_restore::{Ended, Lot, Outcome, Restored, Wanted as Restoring, as_it_is, restore};
use pp_run::comparison::admins;
use pp_run::holder::looked_into;
use pp_runbook::observed::{LookUp, Observed};
use pp_runbook::sign_in_needs::{CHANGES_ADMINISTRATORS, CHANGES_USERS, Holder, WRITES_USERS};
use pp_runbook::step::State;
use pp_runbook::wanted::Wanted;
use survey::Survey;

/// What the progress bar is headed with.
const RESTORING: &str = "Putting back the users' attributes";

/// What stands for the step in a confirmation.
const STEP: &str = "AttributeRestore";

/// `planAttributeRestore`: what it would change, and what can't be put back; where that is all that differs, a row for each.
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
        let holder = work.check_sign_in(output, survey.users > 0)?;
        survey.warn(output, holder.as_ref())?;
        let tenant = work.operation.tenant();
        let change = survey.users > 0;
        let state = if survey.differing.is_empty() { State::Done } else { State::NotDone };
        output.row(PlannedChange {
            plan: None,
            step: STEP,
            change,
            action: if change { survey.action() } else { String::new() },
            target: target(&tenant),
            impact: "High",
            state: state.name(),
            detail: String::new(),
            plan_hash: None,
            tenant,
        })?;
        // There is nothing to confirm: why is told at once.
        if !change && state == State::NotDone { work.tell_as_they_are(output) } else { Ok(()) }
    }
}

impl Work {
    /// That the token lets users be written, where that is to be done and it says so; what it holds.
    fn check_sign_in(&self, output: &Output, writes: bool) -> Result<Option<Holder>, OpError> {
        let any_of: &[&str] = if writes { &WRITES_USERS } else { &[] };
        self.operation.check_permission(output, "to change users", any_of)
    }
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
        let mut waiting = Vec::new();
        let mut ended = work.first_time(&survey.differing, output, &mut waiting);
        if ended.is_ok() {
            ended = work.second_time(&mut waiting, output);
        }
        // Whose turn didn't come again.
        let told: Vec<_> = waiting.into_iter().map(|waiting| work.tell(waiting.left, output)).collect();
        told.into_iter().fold(ended, Result::and)
    }
}

/// One who is tried again at the end, since another object has what is to be put back: another user of this run may hold it.
struct Waiting {
    /// Where its line begins.
    at: u64,
    /// What was told of the first time.
    told: Vec<&'static str>,
    /// What was not.
    left: Restored,
}

impl Work {
    /// Those whose lines begin there.
    fn first_time(&mut self, places: &[u64], output: &Output, waiting: &mut Vec<Waiting>) -> Result<(), OpError> {
        let connection = Arc::clone(&self.operation.connection);
        let pace = Pace::new(output, connection.clock(), RESTORING, Some(places.len() as u64));
        pace.read("Users", 0)?;
        for chunk in places.chunks(self.at_once) {
            let lot = self.restore(chunk, output)?;
            let told = chunk.iter().zip(lot.restored).map(|(at, Restored { was, attributes })| {
                let (left, told): (Vec<Outcome>, Vec<Outcome>) = attributes.into_iter().partition(is_taken);
                if !left.is_empty() {
                    let told = told.iter().map(|outcome| outcome.attribute).collect();
                    waiting.push(Waiting { at: *at, told, left: Restored { was: was.clone(), attributes: left } });
                }
                self.tell(Restored { was, attributes: told }, output)
            });
            all_of(told, lot.stopped)?;
            pace.read("Users", chunk.len())?;
        }
        Ok(())
    }

    /// Those of the first time again, the last first: who waits for one behind it comes after that one. Whose turn doesn't come stays.
    fn second_time(&mut self, waiting: &mut Vec<Waiting>, output: &Output) -> Result<(), OpError> {
        let connection = Arc::clone(&self.operation.connection);
        let pace = Pace::new(output, connection.clock(), RESTORING, Some(waiting.len() as u64));
        while !waiting.is_empty() {
            let from = waiting.len().saturating_sub(self.at_once);
            let places: Vec<u64> = waiting[from..].iter().rev().map(|waiting| waiting.at).collect();
            let mut lot = self.restore(&places, output)?;
            let again = waiting.drain(waiting.len() - lot.restored.len()..).rev();
            let told = again.zip(lot.restored.drain(..)).map(|(first, mut restored)| {
                let is_new = |outcome: &Outcome| {
                    matches!(outcome.result, Ended::Restored) || !first.told.contains(&outcome.attribute)
                };
                restored.attributes.retain(is_new);
                self.tell(restored, output)
            });
            all_of(told, lot.stopped)?;
            pace.read("Users, once more", places.len())?;
        }
        Ok(())
    }

    /// Users whose lines begin there, in one go.
    fn restore(&mut self, places: &[u64], output: &Output) -> Result<Lot, OpError> {
        let users = places.iter().map(|at| self.backup.user(*at)).collect::<Result<Vec<_>, _>>()?;
        let wanted = Restoring { attributes: &self.attributes, domains: &self.domains };
        // A restore may take hours: each lot has the whole budget.
        let budget = Budget::new(self.operation.connection.retry_budget);
        Ok(self.operation.run(output, |graph, _| {
            let graph = Graph { call: Call { budget: &budget, ..graph.call }, ..graph };
            restore(&graph, users, wanted)
        }))
    }

    /// What of the users differs, where nothing of it can be put back; nothing is written.
    fn tell_as_they_are(&mut self, output: &Output) -> Result<(), OpError> {
        let Self { operation, backup, attributes, domains, .. } = self;
        let wanted = Restoring { attributes, domains };
        let tenant = operation.tenant();
        operation.run(output, |graph, _| {
            backup.compare(&graph, output, |was, now, _| {
                tell(&tenant, as_it_is(was.clone(), now.map(Option::<&Account>::cloned), wanted), output)
            })
        })
    }

    /// The rows of one user, and its error.
    fn tell(&self, restored: Restored, output: &Output) -> Result<(), OpError> {
        tell(&self.operation.tenant(), restored, output)
    }
}

fn tell(tenant: &Tenant, Restored { was, attributes }: Restored, output: &Output) -> Result<(), OpError> {
    if let Some(report) = failure(&was.id, &attributes) {
        output.error(&report)?;
    }
    Ok(output.rows(attributes.into_iter().map(|outcome| row(tenant, &was, outcome)))?)
}

/// All of a lot is told before what stopped it ends the op.
fn all_of(told: impl Iterator<Item = Result<(), OpError>>, stopped: Option<GraphError>) -> Result<(), OpError> {
    let told = told.fold(Ok(()), Result::and);
    stopped.map_or(told, |error| Err(error.into()))
}

/// Whether another object has it already.
fn is_taken(outcome: &Outcome) -> bool {
    matches!(&outcome.result, Ended::Failed(error) if error.reaction() == Reaction::AlreadyThere)
}

fn row(tenant: &Tenant, was: &Account, outcome: Outcome) -> RestoredAttribute {
    let reason = reason(&outcome).map(|reason| pp_words::sentence(&reason));
    let result = match outcome.result {
        _ if outcome.left_as.is_some() => "Failed",
        Ended::Restored => "Restored",
        Ended::Kept(_) => "Skipped",
        Ended::Failed(_) => "Failed",
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

/// Why it isn't as the backup has it.
fn reason(outcome: &Outcome) -> Option<String> {
    let reason = match &outcome.result {
        Ended::Restored => None,
        Ended::Kept(why) => Some(why.words().to_owned()),
        Ended::Failed(error) => Some(why(outcome.attribute, error)),
    };
    let Some(name) = &outcome.left_as else { return reason };
    let how = if matches!(outcome.result, Ended::Kept(Kept::OnTheWay)) { "with an earlier backup" } else { "again" };
    let left = format!(
        "the user is left under the sign-in name {name}, or may be, and can't sign in by Practice Protect: run Restore-PPAttribute {how}, \
         or give the user a sign-in name by hand"
    );
    Some(reason.map_or_else(|| left.clone(), |reason| format!("{left}; {reason}")))
}

/// Of a user something of whom could not be put back. It is named by its object id: errors go into logs.
fn failure(id: &str, told: &[Outcome]) -> Option<Report> {
    let failed = |outcome: &&Outcome| outcome.left_as.is_some() || matches!(outcome.result, Ended::Failed(_));
    let failed: Vec<&Outcome> = told.iter().filter(failed).collect();
    // Who can't sign in is said before anything else.
    let first = failed.iter().find(|outcome| outcome.left_as.is_some()).or(failed.first())?;
    let names: Vec<&str> = failed.iter().map(|outcome| outcome.attribute).collect();
    let reason = reason(first).unwrap_or_default();
    let message = format!("user {id}: {} could not be put back: {reason}", names.join(", "));
    let report = c::ATTRIBUTE_NOT_RESTORED.report(message).target(id);
    let Ended::Failed(GraphError::Service(error)) = &first.result else { return Some(report) };
    Some(Report {
        http_status: Some(error.status),
        code: Some(error.code.clone()).filter(|code| !code.is_empty()),
        request_id: Some(error.request_id.clone()).filter(|id| !id.is_empty()),
        ..report
    })
}

/// The service's words of an attribute, and what they come to.
fn why(attribute: &str, error: &GraphError) -> String {
    let words = error.to_string();
    let words = words.trim_end_matches('.');
    let GraphError::Service(service) = error else { return words.to_owned() };
    let more = match (&service.conflicting, service.reaction) {
        (Some(other), _) => Some(format!("the other one is {other}")),
        (None, Reaction::Denied) => return denied(words, attribute, service),
        _ if service.message.contains("originated within an external service") => {
            Some("Exchange Online masters it: change it there".to_owned())
        }
        _ => None,
    };
    more.map_or_else(|| words.to_owned(), |more| format!("{words}; {more}"))
}

/// A refusal with 403, and what is behind it, as far as the service's words and the token that was refused tell. Source of the last:
/// Entra documentation, "Restricted management administrative units".
fn denied(words: &str, attribute: &str, error: &ServiceError) -> String {
    let judged = looked_into(error, |refused| (refused.call(), refused.holder.cloned()));
    let (said, holder) = judged.unwrap_or_default();
    if let Some(denial) = said {
        return format!("{words}. {}", denial.words);
    }
    let (role, _) = CHANGES_USERS;
    let mut causes = Vec::new();
    if holder.as_ref().is_some_and(Holder::shows_no_role_that_changes_users) {
        causes.push(format!("the token shows no role that lets its person change users, which usually takes {role}"));
    }
    let sensitive = [Restorable::ImmutableId, Restorable::UserPrincipalName].map(Restorable::name).contains(&attribute);
    let changes_administrators = holder.as_ref().and_then(Holder::shows_role_that_changes_administrators);
    if sensitive && changes_administrators != Some(true) {
        causes.push(format!(
            "an administrator's sign-in name and Immutable ID are changed by one who holds the role {CHANGES_ADMINISTRATORS} alone; an \
             application needs the role, too"
        ));
    }
    if causes.is_empty() {
        let may_lack = holder.as_ref().is_none_or(|holder| holder.person && holder.roles.is_none());
        causes.extend(may_lack.then(|| format!("a person needs the role {role} for it")));
        causes.push(
            "users of a restricted management administrative unit are changed by that unit's administrators alone"
                .into(),
        );
    }
    format!("{words}; {}", causes.join("; "))
}
