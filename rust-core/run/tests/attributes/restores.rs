//! What a restore writes, and what becomes of what the service refuses.

use pp_attributes::restore::{Kept, Restorable};
use pp_graph::error::GraphError;
use pp_run::attribute_restore::Ended;
use pp_testing::TestResult;
use serde_json::json;

use crate::provisioned::{Provisioned, ends, options, restore_some};

const ALL: [(&str, &str); 6] = [
    ("displayName", "Restored"),
    ("usageLocation", "Restored"),
    ("mail", "Restored"),
    ("onPremisesImmutableId", "Restored"),
    ("userPrincipalName", "Restored"),
    ("proxyAddresses", "Skipped"),
];

#[test]
fn after_a_provisioning_every_user_is_as_the_backup_has_it_and_a_rerun_writes_nothing() -> TestResult {
    let provisioned = Provisioned::overwritten(&options(30))?;
    let (first, rest) = provisioned.backup.split_at(20);
    let restored = provisioned.tenant.with(|graph, _| restore_some(&graph, first, &Restorable::ALL))?;
    assert!(restored.iter().all(|user| ends(user) == ALL), "{restored:?}");
    provisioned.tenant.with(|graph, _| restore_some(&graph, rest, &Restorable::ALL))?;
    assert_eq!(provisioned.fingerprint(), provisioned.wanted());
    provisioned.tenant.twin.clear_requests();
    let again = provisioned.restore()?;
    assert!(again.iter().all(|user| ends(user) == [("proxyAddresses", "Skipped")]), "{again:?}");
    assert_eq!(provisioned.tenant.writes(), 0);
    Ok(())
}

#[test]
fn only_what_differs_and_was_asked_for_is_written() -> TestResult {
    let provisioned = Provisioned::start(&options(5))?;
    provisioned.set(3, "usageLocation", &json!("GB"));
    provisioned.set(3, "displayName", &json!("Somebody"));
    let restored =
        provisioned.tenant.with(|graph, _| restore_some(&graph, &provisioned.backup, &[Restorable::UsageLocation]))?;
    let told: Vec<_> = restored.iter().map(ends).collect();
    assert_eq!(told, [vec![], vec![], vec![], vec![("usageLocation", "Restored")], vec![]]);
    let before = restored[3].attributes[0].before.as_deref();
    assert_eq!((before, restored[3].attributes[0].after.as_deref()), (Some("GB"), Some("AU")));
    assert_eq!(provisioned.fingerprint()[3][0], json!("Somebody"));
    Ok(())
}

#[test]
fn one_refusal_of_a_user_keeps_nothing_else_from_being_written() -> TestResult {
    let provisioned = Provisioned::overwritten(&options(6))?;
    provisioned.set(3, "_masteredByExchange", &json!(true));
    // Its Immutable ID is another's by now.
    provisioned.set(5, "onPremisesImmutableId", &json!(provisioned.backup[4].on_premises_immutable_id));
    let users = &provisioned.backup[2..5];
    let restored = provisioned.tenant.with(|graph, _| restore_some(&graph, users, &Restorable::ALL))?;
    let failed =
        |user: usize| ends(&restored[user]).into_iter().filter(|(_, end)| *end == "Failed").collect::<Vec<_>>();
    assert_eq!(
        (failed(0), failed(1), failed(2)),
        (vec![], vec![("mail", "Failed")], vec![("onPremisesImmutableId", "Failed")])
    );
    let error = restored[2].attributes.iter().find_map(|outcome| match &outcome.result {
        Ended::Failed(GraphError::Service(error)) => error.conflicting.clone(),
        _ => None,
    });
    assert_eq!(error, Some(format!("User_{}", provisioned.backup[5].id)), "the other one is named");
    let (is, wanted) = (provisioned.fingerprint(), provisioned.wanted());
    for user in 2..5 {
        for (attribute, (is, wanted)) in Restorable::ALL.iter().zip(is[user].iter().zip(&wanted[user])) {
            let refused = failed(user - 2).contains(&(attribute.name(), "Failed"));
            assert_eq!(is == wanted, !refused, "{attribute:?} of user {user} is {is}");
        }
    }
    assert_eq!(provisioned.on_the_way(), 0, "nobody is left under a name for the time being");
    Ok(())
}

#[test]
fn an_administrator_whom_the_client_may_not_change_keeps_its_name_and_the_others_get_theirs() -> TestResult {
    let provisioned = Provisioned::overwritten(&options(4))?;
    let twin = &provisioned.tenant.twin;
    // The first two of a tenant's users are administrators; now the client is none.
    let roles = twin.state()["roleAssignments"].clone();
    let users: Vec<&str> = provisioned.backup.iter().map(|user| user.id.as_str()).collect();
    for role in roles.as_array().into_iter().flatten() {
        let (id, holder) = (role["id"].as_str().unwrap_or_default(), role["principalId"].as_str().unwrap_or_default());
        if !users.contains(&holder) {
            twin.edit(|directory| directory.erase("roleAssignments", id));
        }
    }
    let restored = provisioned.restore()?;
    let refused = [("onPremisesImmutableId", "Failed"), ("userPrincipalName", "Failed")];
    for (number, user) in restored.iter().enumerate() {
        let failed: Vec<_> = ends(user).into_iter().filter(|(_, end)| *end == "Failed").collect();
        assert_eq!(failed, if number < 2 { refused.to_vec() } else { vec![] }, "user {number}: {user:?}");
    }
    assert_eq!(provisioned.on_the_way(), 0);
    assert_eq!(provisioned.fingerprint()[2..], provisioned.wanted()[2..]);
    Ok(())
}

#[test]
fn who_is_gone_or_still_synchronized_is_told_and_nothing_is_sent() -> TestResult {
    let provisioned = Provisioned::overwritten(&options(3))?;
    provisioned.set(0, "onPremisesSyncEnabled", &json!(true));
    provisioned.tenant.twin.edit(|directory| directory.erase("users", &provisioned.backup[1].id));
    let users = &provisioned.backup[..2];
    let restored = provisioned.tenant.with(|graph, _| restore_some(&graph, users, &Restorable::ALL))?;
    assert!(restored[0].attributes.iter().all(|outcome| matches!(outcome.result, Ended::Kept(Kept::Synced))));
    assert_eq!(restored[0].attributes.len(), 5);
    let gone: Vec<_> = restored[1].attributes.iter().map(|outcome| (outcome.attribute, &outcome.result)).collect();
    assert!(matches!(gone[..], [("id", Ended::Kept(Kept::Gone))]), "{gone:?}");
    assert_eq!(provisioned.tenant.writes(), 0);
    Ok(())
}

#[test]
fn an_immutable_id_alone_comes_back_and_the_name_stays_as_the_provisioning_left_it() -> TestResult {
    let provisioned = Provisioned::overwritten(&options(3))?;
    let restored =
        provisioned.tenant.with(|graph, _| restore_some(&graph, &provisioned.backup, &[Restorable::ImmutableId]))?;
    assert!(restored.iter().all(|user| ends(user) == [("onPremisesImmutableId", "Restored")]), "{restored:?}");
    for (number, user) in provisioned.fingerprint().iter().enumerate() {
        assert_eq!(user[3], json!(provisioned.backup[number].on_premises_immutable_id));
        assert_eq!(user[4], json!(format!("portal{number}@contoso.com")));
    }
    Ok(())
}
