//! A refusal with 403 is told apart by what the service says and by the token that was refused.

mod op;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pp_report::error::{OpError, Report};
use pp_run::connection::{Connection, open};
use pp_testing::machine::{by_identity, identity};
use pp_testing::person::{self, BROWSER};
use pp_testing::{TestResult, connect};
use serde_json::{Value, json};
use tempfile::TempDir;
use tenant_twin::{Fault, FaultKind, On, Options, Person, SignInSettings, Twin};

/// What the runbook takes of an application.
const ALL: [&str; 8] = [
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "Application.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Organization.ReadWrite.All",
    "Policy.Read.All",
    "RoleManagement.ReadWrite.Directory",
];

fn twin() -> Result<Arc<Twin>, Box<dyn Error>> {
    let options = Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() };
    Ok(Arc::new(Twin::start(&options)?))
}

/// Somebody whose eligible roles may be inactive has signed in, with all the scopes.
fn signed_in(person: Person) -> Result<(Arc<Twin>, u64), Box<dyn Error>> {
    let tenant = person::tenant(BROWSER)?;
    tenant.twin.set_sign_in(SignInSettings { person, ..SignInSettings::default() });
    person::sign_in(&tenant.connection).result?;
    Ok((tenant.twin, open(tenant.connection)?))
}

fn ask(op: &str, connection: u64) -> Value {
    match op {
        "apply" => json!({"op": op, "connection": connection, "steps": [
            "DirSync", "Application", "ServicePrincipal", "DelegatedConsent", "ApplicationConsent", "GlobalAdministrator", "ClientSecret"
        ]}),
        "removeApp" => json!({"op": op, "connection": connection, "steps": [
            "Application", "ServicePrincipal", "DelegatedConsent", "ApplicationConsent", "GlobalAdministrator"
        ]}),
        _ => json!({"op": op, "connection": connection}),
    }
}

fn failure(op: &str, connection: u64) -> Result<Report, Box<dyn Error>> {
    match op::run(&ask(op, connection))?.1 {
        Err(OpError::Failed(report)) => Ok(*report),
        other => Err(format!("{op}: {other:?}").into()),
    }
}

fn holds(report: &Report, id: &str, parts: &[&str]) {
    assert_eq!(report.id, format!("PPFederation.{id}"), "{}", report.message);
    for part in parts {
        assert!(report.message.contains(part), "{part}: {}", report.message);
    }
}

/// Gives the client all that the runbook takes.
fn grant(twin: &Twin, kind: &str) -> TestResult {
    let client = twin.client(kind).ok_or("no such client")?.client_id.clone();
    let state = twin.state();
    let principals = state["servicePrincipals"].as_array().cloned().unwrap_or_default();
    let own = principals.iter().find(|one| one["appId"] == client.as_str()).ok_or("no service principal")?;
    let id = own["id"].as_str().unwrap_or_default().to_owned();
    twin.edit(|directory| ALL.iter().for_each(|role| drop(directory.add_app_role(&id, role))));
    Ok(())
}

#[test]
fn a_permission_that_is_not_in_the_token() -> TestResult {
    let twin = twin()?;
    let none = open(connect(&twin, "noRole")?)?;
    let read = failure("plan", none)?;
    holds(&read, "PermissionMissing", &["Organization.Read.All or Directory.Read.All", "which the token doesn't hold"]);
    let reader = open(connect(&twin, "reader")?)?;
    holds(&failure("apply", reader)?, "PermissionMissing", &["Organization.ReadWrite.All"]);
    Ok(())
}

#[test]
fn a_directory_role_that_is_not_active() -> TestResult {
    let (_member, connection) = signed_in(Person::Member)?;
    let read = failure("plan", connection)?;
    let parts = ["The token holds the Microsoft Graph permission", "Global Reader", "none of the directory roles"];
    holds(&read, "DirectoryRoleNotActive", &parts);
    assert!(
        read.advice.as_deref().is_some_and(|advice| advice.contains("activate it") && advice.contains("connect again"))
    );
    let (_reader, connection) = signed_in(Person::GlobalReader)?;
    let write = failure("apply", connection)?;
    holds(&write, "DirectoryRoleNotActive", &["none of the directory roles", "Application Administrator"]);
    Ok(())
}

#[test]
fn a_licence_and_a_policy() -> TestResult {
    for (kind, id) in [(FaultKind::Unlicensed, "LicenceMissing"), (FaultKind::ProtectedAction, "RefusedByPolicy")] {
        for (method, op) in [("GET", "plan"), ("POST", "apply")] {
            let twin = twin()?;
            let connection = open(connect(&twin, "admin")?)?;
            let on = On::call(method, "/roleManagement/directory/roleAssignments*");
            twin.add_fault(Fault::new(on, kind.clone()).for_ever());
            let report = failure(op, connection)?;
            holds(&report, id, &["403"]);
            assert_eq!(report.target.as_deref(), Some("GlobalAdministrator"), "{op} {id}");
        }
    }
    Ok(())
}

#[test]
fn what_neither_the_words_nor_the_token_tell() -> TestResult {
    for opaque_tokens in [false, true] {
        let options = Options { users: 1, latency: Duration::ZERO, opaque_tokens, ..Options::default() };
        let twin = Arc::new(Twin::start(&options)?);
        let connection = open(connect(&twin, "admin")?)?;
        twin.add_fault(Fault::new(On::call("GET", "/organization*"), FaultKind::Denied).for_ever());
        let words = if opaque_tokens { "The token can't be read here" } else { "The token holds" };
        holds(&failure("plan", connection)?, "AccessDenied", &[words, "Microsoft Graph permission"]);
    }
    Ok(())
}

#[test]
fn what_was_granted_meanwhile_is_used_where_another_token_can_be_had() -> TestResult {
    let twin = twin()?;
    let connection = open(connect(&twin, "noRole")?)?;
    holds(&failure("plan", connection)?, "PermissionMissing", &[]);
    grant(&twin, "noRole")?;
    twin.advance(Duration::from_mins(2));
    assert!(op::run(&ask("plan", connection))?.1.is_ok());
    let reader = open(connect(&twin, "reader")?)?;
    holds(&failure("apply", reader)?, "PermissionMissing", &[]);
    grant(&twin, "reader")?;
    twin.advance(Duration::from_mins(2));
    assert!(op::run(&ask("apply", reader))?.1.is_ok());
    Ok(())
}

/// A machine whose identity is that client, and whose tokens Azure keeps.
fn keeping(twin: &Arc<Twin>, kind: &str) -> Result<Connection, Box<dyn Error>> {
    let client = twin.client(kind).ok_or("no such client")?.client_id.clone();
    twin.set_machine(&json!({"system": client, "keepsTokens": true}));
    by_identity(twin, identity(twin, "Imds", None, Path::new(""))?)
}

#[test]
fn an_old_token_that_is_kept_is_named_with_its_time() -> TestResult {
    for (kind, op) in [("noRole", "plan"), ("reader", "apply")] {
        let twin = twin()?;
        let connection = open(keeping(&twin, kind)?)?;
        holds(&failure(op, connection)?, "PermissionMissing", &[]);
        grant(&twin, kind)?;
        twin.advance(Duration::from_hours(3));
        let report = failure(op, connection)?;
        holds(&report, "TokenOutdated", &["the token was issued at", "isn't in it"]);
        assert!(
            report
                .advice
                .as_deref()
                .is_some_and(|advice| advice.contains("managed identity") && advice.contains("24 hours"))
        );
        twin.advance(Duration::from_hours(22));
        assert!(op::run(&ask(op, connection))?.1.is_ok(), "{op}: the kept token has ended");
    }
    Ok(())
}

#[test]
fn what_takes_back_asks_for_another_token_too_and_names_an_old_one() -> TestResult {
    let federated = |kept: bool| -> Result<(Arc<Twin>, u64), Box<dyn Error>> {
        let twin = twin()?;
        assert!(op::run(&ask("apply", open(connect(&twin, "admin")?)?))?.1.is_ok());
        let connection = if kept { keeping(&twin, "reader")? } else { connect(&twin, "reader")? };
        Ok((twin, open(connection)?))
    };
    let (twin, reader) = federated(false)?;
    holds(&failure("removeApp", reader)?, "PermissionMissing", &["Application.ReadWrite.All"]);
    grant(&twin, "reader")?;
    twin.advance(Duration::from_mins(2));
    assert!(op::run(&ask("removeApp", reader))?.1.is_ok());

    let (twin, reader) = federated(true)?;
    assert!(failure("removeApp", reader).is_ok());
    grant(&twin, "reader")?;
    twin.advance(Duration::from_hours(3));
    holds(&failure("removeApp", reader)?, "TokenOutdated", &["the token was issued at", "isn't in it"]);
    Ok(())
}

#[test]
fn a_restore_asks_for_another_token_too_and_names_an_old_one() -> TestResult {
    for kept in [false, true] {
        let twin = twin()?;
        let folder = TempDir::new()?;
        let ask = |op: &str, connection: u64| json!({"op": op, "connection": connection, "path": folder.path().join("users")});
        op::run(&ask("backupAttributes", open(connect(&twin, "admin")?)?))?.1?;
        let user = twin.edit(|directory| directory.first("users")).ok_or("nobody")?;
        twin.edit(|directory| {
            directory.set("users", &user, "onPremisesSyncEnabled", &Value::Null);
            directory.set("users", &user, "displayName", &json!("Overwritten"));
        });
        let reader = open(if kept { keeping(&twin, "reader")? } else { connect(&twin, "reader")? })?;
        let refused = |connection: u64| match op::run(&ask("planAttributeRestore", connection))?.1 {
            Err(OpError::Failed(report)) => Ok(*report),
            other => Err(Box::<dyn Error>::from(format!("{other:?}"))),
        };
        holds(&refused(reader)?, "PermissionMissing", &["User.ReadWrite.All"]);
        let client = twin.client("reader").ok_or("no such client")?.client_id.clone();
        let principals = twin.state()["servicePrincipals"].clone();
        let own = principals.as_array().into_iter().flatten().find(|one| one["appId"] == client.as_str());
        let own = own.and_then(|own| own["id"].as_str()).ok_or("no service principal")?.to_owned();
        twin.edit(|directory| drop(directory.add_app_role(&own, "User.ReadWrite.All")));
        twin.advance(if kept { Duration::from_hours(3) } else { Duration::from_mins(2) });
        if kept {
            holds(&refused(reader)?, "TokenOutdated", &["the token was issued at", "isn't in it"]);
        } else {
            assert!(op::run(&ask("planAttributeRestore", reader))?.1.is_ok());
        }
    }
    Ok(())
}
