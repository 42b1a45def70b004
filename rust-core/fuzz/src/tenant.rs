//! What a run reads of a tenant. An input is a JSON list of two batch answers: the tenant's, and that of the application.

use std::cell::RefCell;

use pp_graph::batch::{self, Item};
use pp_graph::error::GraphError;
use pp_run::observe::observe_by;
use pp_runbook::kept_plan::{KeptPlan, Origin};
use pp_runbook::observed::{Fact, Observed};
use pp_runbook::plan::{judge, plan, reads};
use pp_runbook::step::StepName;
use pp_runbook::wanted::{DeletedApp, Lifetime, Wanted};
use pp_runbook::which::Which;
use serde_json::Value;

use crate::answers::now;

/// What could not be read is unknown, never none; and whatever was read, planning ends in a plan or in words.
pub(crate) fn graph_answer(data: &[u8]) {
    let Ok(Value::Array(rounds)) = serde_json::from_slice::<Value>(data) else { return };
    for (adopt, new_secret, lifetime, deleted_app) in [
        (false, false, Lifetime::Runbook, None),
        (true, true, Lifetime::Longest, Some(DeletedApp::Restore)),
        (false, true, Lifetime::Runbook, Some(DeletedApp::Ignore)),
    ] {
        let wanted = Wanted {
            steps: StepName::ALL.to_vec(),
            which: Which::default(),
            adopt,
            new_secret,
            renews: false,
            lifetime,
            lock_credentials: adopt,
            deleted_app,
            deleted_id: None,
        };
        if let Some((observed, results)) = observed(rounds.clone(), &wanted) {
            no_failure_is_empty(&observed, &results);
            for step in judge(&observed, &wanted, now()) {
                let _words = format!("{:?}", step.assessment);
            }
            match plan(&observed, &wanted, now()) {
                Ok(_) => a_kept_plan_holds_what_it_builds_on(&wanted, &observed),
                Err(problem) => drop(problem.to_string()),
            }
        }
    }
}

/// Whatever a plan was made of, its file gives the same changes again.
fn a_kept_plan_holds_what_it_builds_on(wanted: &Wanted, observed: &Observed) {
    let (tenant_id, module) = ("a tenant".to_owned(), "1.0.0".to_owned());
    let origin = Origin { tenant_id, tenant_name: None, module, time: now() };
    let kept = KeptPlan::of(origin, wanted, observed).map_err(|problem| problem.to_string());
    let text = kept.and_then(|kept| kept.to_json().map_err(|error| error.to_string()));
    let read = text.as_ref().map(|text| KeptPlan::parse(text.as_bytes()).and_then(|plan| plan.check(text.as_bytes())));
    assert_eq!(read, Ok(Ok(())), "{text:?}");
}

/// A read, and the body that answered it where it succeeded.
type Read = (String, Option<Value>);

fn observed(mut rounds: Vec<Value>, wanted: &Wanted) -> Option<(Observed, Vec<Read>)> {
    rounds.reverse();
    let rounds = RefCell::new(rounds);
    let seen = RefCell::new(Vec::new());
    let read = |items: &[Item]| {
        let body = rounds.borrow_mut().pop().ok_or_else(|| GraphError::EffectUnknown("no answer".to_owned()))?;
        let results = batch::read(&items.iter().collect::<Vec<_>>(), body, now())?;
        let bodies = results.iter().map(|result| result.as_ref().ok().map(|answer| answer.body.clone()));
        seen.borrow_mut().extend(items.iter().map(|item| item.path.clone()).zip(bodies));
        Ok(results)
    };
    let observed = observe_by(&read, &reads(&wanted.steps), wanted, None).ok()?;
    Some((observed, seen.into_inner()))
}

/// An empty list is believed only if the service sent one.
fn no_failure_is_empty(observed: &Observed, results: &[Read]) {
    let principal_is_none = observed.service_principal == Ok(None);
    check(results, "/oauth2PermissionGrants", &observed.grants, principal_is_none);
    check(results, "/appRoleAssignments", &observed.assignments, principal_is_none);
    check(results, "/roleAssignments?", &observed.global_administrators, false);
    let organization = body_of(results, "/organization");
    assert!(observed.organization.is_err() || organization.is_some_and(|body| body["value"][0].is_object()));
}

fn check<T>(results: &[Read], path: &str, fact: &Fact<Vec<T>>, none: bool) {
    let Ok(list) = fact else { return };
    let sent = body_of(results, path).and_then(|body| body["value"].as_array());
    let same = sent.is_some_and(|sent| sent.len() == list.len());
    assert!(same || none && list.is_empty(), "{path}: {} are believed, {sent:?} was sent", list.len());
}

fn body_of<'r>(results: &'r [Read], path: &str) -> Option<&'r Value> {
    results.iter().find(|(known, _)| known.contains(path))?.1.as_ref()
}
