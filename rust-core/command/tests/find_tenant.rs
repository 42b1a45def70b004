//! What a partner's delegated administration is good for, step by step, and until when.

mod op;

use std::error::Error;
use std::time::Duration;

use pp_report::error::OpError;
use pp_run::connection::open;
use pp_testing::{Tenant, TestResult, connect};
use serde_json::json;
use tenant_twin::Options;

const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";
const PRIVILEGED_ROLE: &str = "e8611ab8-c189-46e8-94e1-60213ab1f814";
const APPLICATION: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";
const HYBRID_IDENTITY: &str = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2";
const READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
const CUSTOMER: &str = "5f1c2a34-8b1e-4a6c-9a77-0d7a4f0c1b11";

/// What is said of a customer with these active relationships: when each ends, and its roles.
fn found(relationships: &[(&str, &[&str])]) -> Result<String, Box<dyn Error>> {
    let tenant =
        Tenant::start(&Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() })?;
    let admin = tenant.twin.client("admin").ok_or("no admin")?.client_id.clone();
    tenant.twin.edit(|directory| {
        directory.let_read_customers(&admin);
        for (end, roles) in relationships {
            directory.add_customer(CUSTOMER, "Customer Pty Ltd", "active", end, roles);
        }
    });
    let (rows, ended) = op::run(&json!({"op": "findTenants", "connection": open(connect(&tenant.twin, "admin")?)?}))?;
    ended.map_err(|error| format!("{error:?}"))?;
    Ok(rows)
}

#[test]
fn a_sign_in_that_may_not_read_them_is_told_which_permission_it_lacks() -> TestResult {
    let tenant =
        Tenant::start(&Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() })?;
    let (rows, ended) = op::run(&json!({"op": "findTenants", "connection": open(connect(&tenant.twin, "admin")?)?}))?;
    let Err(OpError::Failed(report)) = ended else { return Err(format!("{ended:?}: {rows}").into()) };
    let said = format!("{report:?}");
    holds(
        &said,
        &["PermissionMissing", "to read a partner's customers takes", "DelegatedAdminRelationship.Read.All or "],
    );
    Ok(())
}

fn holds(rows: &str, parts: &[&str]) {
    for part in parts {
        assert!(rows.contains(part), "{part}: {rows}");
    }
}

#[test]
fn a_role_suffices_for_the_steps_that_take_it_and_the_others_are_named() -> TestResult {
    let rows = found(&[("2098-01-01T00:00:00Z", &[PRIVILEGED_ROLE])])?;
    holds(
        &rows,
        &[
            ">false<",
            "DirSync, which takes Global Administrator or Hybrid Identity Administrator",
            "Application, ServicePrincipal, ClientSecret, which takes Global Administrator or Application Administrator",
        ],
    );
    assert!(!rows.contains("DelegatedConsent") && !rows.contains("GlobalAdministrator"), "{rows}");
    let rows = found(&[("2098-01-01T00:00:00Z", &[PRIVILEGED_ROLE, APPLICATION, HYBRID_IDENTITY])])?;
    holds(&rows, &[">true<", "The roles suffice for each step, until 2098-01-01 00:00:00Z"]);
    Ok(())
}

#[test]
fn the_end_is_when_the_first_step_loses_its_role() -> TestResult {
    for (relationships, end) in [
        ([("2090-01-01T00:00:00Z", [GLOBAL].as_slice()), ("2098-01-01T00:00:00Z", [READER].as_slice())], "2090-01-01"),
        (
            [
                ("2090-01-01T00:00:00Z", [GLOBAL].as_slice()),
                ("2098-01-01T00:00:00Z", [PRIVILEGED_ROLE, APPLICATION, HYBRID_IDENTITY].as_slice()),
            ],
            "2098-01-01",
        ),
        (
            [
                ("2090-01-01T00:00:00Z", [PRIVILEGED_ROLE].as_slice()),
                ("2098-01-01T00:00:00Z", [APPLICATION, HYBRID_IDENTITY].as_slice()),
            ],
            "2090-01-01",
        ),
    ] {
        let rows = found(&relationships)?;
        holds(&rows, &[">true<", &format!("The roles suffice for each step, until {end} 00:00:00Z")]);
    }
    Ok(())
}
