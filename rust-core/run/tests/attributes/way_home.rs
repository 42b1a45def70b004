//! Whoever has the name for the time being can't sign in: whatever goes wrong, the user is brought home, or a row says so.

use std::error::Error;
use std::time::Duration;

use pp_attributes::restore::{Kept, Restorable};
use pp_base::call::Call;
use pp_base::cancel::CancelSource;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_run::attribute_restore::{Ended, Lot, Outcome, Wanted, restore};
use pp_testing::TestResult;
use serde_json::json;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, RetryAfter, Target};

use crate::provisioned::{Provisioned, domains, ends, options};

/// The user of whom something differs.
const USER: usize = 2;

fn failed(status: u16, retry_after: RetryAfter) -> FaultKind {
    FaultKind::Failed { status, body: ErrorBody::Json, retry_after }
}

/// A call that writes to a user, alone or in a batch.
fn patch() -> On {
    On::call("PATCH", "/users/*")
}

/// The user's Immutable ID differs, and nothing else.
fn without_anchor() -> Result<Provisioned, Box<dyn Error>> {
    let provisioned = Provisioned::start(&options(3))?;
    provisioned.set(USER, "onPremisesImmutableId", &json!("UG9ydGFs"));
    Ok(provisioned)
}

fn left_as(lot: &Lot) -> Option<&Outcome> {
    lot.restored[USER].attributes.iter().find(|outcome| outcome.left_as.is_some())
}

#[test]
fn a_user_whom_the_retry_budget_leaves_on_the_way_is_brought_home_by_one_of_its_own() -> TestResult {
    // More than the budget, once for the Immutable ID.
    for kind in [failed(503, RetryAfter::Seconds(3_600)), FaultKind::Throttled(RetryAfter::Seconds(3_600))] {
        let provisioned = without_anchor()?;
        provisioned.tenant.twin.add_fault(Fault::new(patch(), kind.clone()).nth(2));
        let lot = provisioned.lot(&Restorable::ALL);
        assert_eq!(ends(&lot.restored[USER]), [("onPremisesImmutableId", "Failed")], "{kind:?}");
        assert_eq!(provisioned.on_the_way(), 0, "{kind:?}");
        assert_eq!(provisioned.names()[USER], provisioned.backup[USER].user_principal_name.clone().unwrap_or_default());
    }
    Ok(())
}

#[test]
fn a_user_who_cannot_be_brought_home_is_told_by_the_name_that_it_is_left_under() -> TestResult {
    let provisioned = without_anchor()?;
    provisioned.tenant.twin.add_fault(Fault::new(patch(), failed(503, RetryAfter::Absent)).nth(2).for_ever());
    let lot = provisioned.lot(&Restorable::ALL);
    let told = [("onPremisesImmutableId", "Failed"), ("userPrincipalName", "Left away")];
    assert_eq!(ends(&lot.restored[USER]), told);
    let row = left_as(&lot).ok_or("no row")?;
    assert_eq!(row.left_as.as_ref(), Some(&provisioned.names()[USER]));
    assert!(matches!(row.result, Ended::Failed(_)));
    provisioned.tenant.twin.clear_faults();
    provisioned.restore()?;
    assert_eq!(provisioned.fingerprint(), provisioned.wanted());
    Ok(())
}

#[test]
fn a_user_whose_way_there_was_not_answered_gets_the_name_it_had_and_not_the_one_of_the_backup() -> TestResult {
    let provisioned = Provisioned::overwritten(&options(3))?;
    let twin = &provisioned.tenant.twin;
    // The way there is carried out, the Immutable ID isn't, and nobody hears of either.
    twin.add_fault(Fault::new(patch(), failed(503, RetryAfter::Absent)).nth(2));
    twin.add_fault(Fault::new(On::every(Target::Batch), FaultKind::AnswerLost { reset: true }).nth(2));
    let users = &provisioned.backup[USER..];
    let wanted = Wanted { attributes: &[Restorable::ImmutableId], domains: &domains() };
    let lot = provisioned.tenant.with(|graph, _| restore(&graph, users.to_vec(), wanted));
    assert_eq!(ends(&lot.restored[0]), [("onPremisesImmutableId", "Restored")]);
    assert_eq!(provisioned.names()[USER], format!("portal{USER}@contoso.com"));
    Ok(())
}

#[test]
fn a_user_whose_way_there_was_not_answered_is_brought_home_or_told_though_a_replica_shows_the_name_before() -> TestResult
{
    for throttled in [1, u64::MAX] {
        let provisioned = without_anchor()?;
        let twin = &provisioned.tenant.twin;
        twin.edit(|directory| directory.set_max_lag(Duration::from_secs(10)));
        // The way there is carried out, the Immutable ID isn't, and nobody hears of either. What is sent after that is too much.
        twin.add_fault(Fault::new(patch(), failed(503, RetryAfter::Absent)).nth(2));
        twin.add_fault(Fault::new(On::every(Target::Batch), FaultKind::AnswerLost { reset: true }).nth(2));
        let too_much = FaultKind::Throttled(RetryAfter::Seconds(3_600));
        twin.add_fault(Fault::new(patch(), too_much).nth(3).times(throttled));
        let lot = provisioned.lot(&Restorable::ALL);
        let away = provisioned.names()[USER].clone();
        let told = left_as(&lot).and_then(|row| row.left_as.clone());
        if throttled == 1 {
            assert_eq!((provisioned.on_the_way(), told), (0, None), "{lot:?}");
        } else {
            assert_eq!((provisioned.on_the_way(), told), (1, Some(away)), "{lot:?}");
        }
        assert_eq!(ends(&lot.restored[USER])[0], ("onPremisesImmutableId", "Failed"));
    }
    Ok(())
}

#[test]
fn one_that_is_stopped_by_the_caller_brings_home_who_is_on_the_way() -> TestResult {
    let provisioned = without_anchor()?;
    provisioned.tenant.twin.add_fault(Fault::new(patch(), failed(503, RetryAfter::Absent)).nth(2));
    let (source, cancel) = CancelSource::new();
    let log = |text: &str| {
        if text.contains("trying again") {
            source.cancel();
        }
    };
    let budget = Budget::new(DEFAULT_BUDGET);
    let graph = provisioned.tenant.connection.graph(Call { cancel: &cancel, budget: &budget, log: &log });
    let wanted = Wanted { attributes: &Restorable::ALL, domains: &domains() };
    let lot = restore(&graph, provisioned.backup.clone(), wanted);
    assert!(lot.stopped.as_ref().is_some_and(pp_graph::error::GraphError::is_cancelled), "{:?}", lot.stopped);
    assert_eq!(ends(&lot.restored[USER]), [("onPremisesImmutableId", "Failed")]);
    assert_eq!(provisioned.on_the_way(), 0);
    Ok(())
}

#[test]
fn what_was_written_before_nothing_could_be_read_any_more_is_told() -> TestResult {
    let provisioned = Provisioned::start(&options(3))?;
    let twin = &provisioned.tenant.twin;
    (0..3).for_each(|user| provisioned.set(user, "usageLocation", &json!("GB")));
    twin.add_fault(Fault::new(patch(), failed(503, RetryAfter::Absent)).nth(2));
    // A look, the writes, and no look any more.
    twin.add_fault(Fault::new(On::every(Target::Batch), failed(503, RetryAfter::Absent)).nth(3).for_ever());
    let lot = provisioned.lot(&[Restorable::UsageLocation]);
    assert!(lot.stopped.is_some());
    let told: Vec<_> = lot.restored.iter().map(ends).collect();
    let ended = |end| vec![("usageLocation", end)];
    assert_eq!(told, [ended("Restored"), ended("Failed"), ended("Restored")]);
    // Of users who were never read nothing is to be told but why.
    let lot = provisioned.lot(&[Restorable::UsageLocation]);
    assert!(lot.stopped.is_some() && lot.restored.is_empty());
    Ok(())
}

#[test]
fn a_rerun_brings_a_user_home_whose_name_in_the_backup_cannot_be_had_or_says_that_it_is_left() -> TestResult {
    for (taken, attributes) in
        [(true, &Restorable::ALL[..]), (false, &Restorable::ALL), (false, &[Restorable::DisplayName])]
    {
        let mut provisioned = Provisioned::start(&options(3))?;
        let id = provisioned.backup[USER].id.clone();
        let away = format!("ppfederation-restore-{}@contosoaccounting.onmicrosoft.com", id.replace('-', ""));
        provisioned.set(USER, "userPrincipalName", &json!(away));
        let address = format!("other{USER}@contoso.com");
        provisioned.set(USER, "mail", &json!(address));
        provisioned.backup[USER].mail = Some(address.clone());
        if taken {
            let name = provisioned.backup[USER].user_principal_name.clone();
            provisioned.set(0, "userPrincipalName", &json!(name));
        } else {
            provisioned.backup[USER].user_principal_name = Some("alex@gone.example".into());
        }
        let users = &provisioned.backup[USER..];
        let wanted = Wanted { attributes, domains: &domains() };
        let restore_it = || provisioned.tenant.with(|graph, _| restore(&graph, users.to_vec(), wanted));
        let end = if taken { "Failed" } else { "Skipped" };
        let of_name = |lot: &Lot| {
            let told = ends(&lot.restored[0]).into_iter().find(|(attribute, _)| *attribute == "userPrincipalName");
            told.map(|(_, end)| end)
        };
        // Its address is somebody else's name, too.
        provisioned.set(1, "userPrincipalName", &json!(address));
        let lot = restore_it();
        assert_eq!((of_name(&lot), provisioned.on_the_way()), (Some("Left away"), 1), "{lot:?}");
        provisioned.set(1, "userPrincipalName", &json!("user1@contoso.com"));
        let lot = restore_it();
        assert_eq!((of_name(&lot), provisioned.names()[USER].clone()), (Some(end), address), "{lot:?}");
        let of_backup = |outcome: &Outcome| matches!(outcome.result, Ended::Kept(Kept::DomainGone) | Ended::Failed(_));
        assert!(lot.restored[0].attributes.iter().any(of_backup));
    }
    Ok(())
}

#[test]
fn a_rename_that_is_refused_within_federated_domains_goes_by_way_of_the_initial_domain_once() -> TestResult {
    let away = |provisioned: &Provisioned| {
        provisioned.set(USER, "userPrincipalName", &json!("portal@contoso.com"));
        provisioned.tenant.twin.clear_requests();
    };
    let batches = |provisioned: &Provisioned| -> Vec<usize> {
        let requests = provisioned.tenant.twin.requests();
        requests.iter().filter(|request| request.write).map(|request| request.batch.len()).collect()
    };
    let refused = || failed(400, RetryAfter::Absent);
    let provisioned = Provisioned::start(&options(3))?;
    away(&provisioned);
    provisioned.tenant.twin.add_fault(Fault::new(patch(), refused()));
    let lot = provisioned.lot(&Restorable::ALL);
    assert_eq!(ends(&lot.restored[USER]), [("userPrincipalName", "Restored")]);
    assert_eq!((batches(&provisioned), provisioned.fingerprint()), (vec![1, 2], provisioned.wanted()));
    // Refused from there, too: it gets the name back that it had.
    let provisioned = Provisioned::start(&options(3))?;
    away(&provisioned);
    for write in [1, 3] {
        provisioned.tenant.twin.add_fault(Fault::new(patch(), refused()).nth(write));
    }
    let lot = provisioned.lot(&Restorable::ALL);
    assert_eq!(ends(&lot.restored[USER]), [("userPrincipalName", "Failed")]);
    assert_eq!((batches(&provisioned), provisioned.names()[USER].as_str()), (vec![1, 2, 1], "portal@contoso.com"));
    // Another's name is refused on any way.
    let provisioned = Provisioned::start(&options(3))?;
    away(&provisioned);
    provisioned.set(0, "userPrincipalName", &json!(provisioned.backup[USER].user_principal_name));
    let users = &provisioned.backup[USER..];
    let wanted = Wanted { attributes: &Restorable::ALL, domains: &domains() };
    let lot = provisioned.tenant.with(|graph, _| restore(&graph, users.to_vec(), wanted));
    assert_eq!((ends(&lot.restored[0]), batches(&provisioned)), (vec![("userPrincipalName", "Failed")], vec![1]));
    Ok(())
}
