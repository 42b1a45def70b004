//! A fleet whose tenants have client secrets in a vault of the caller's own tenant: each is read in its tenant's turn, what is wrong
//! with one is its tenant's failure alone, and no text is seen anywhere.

#[path = "op/fleet.rs"]
mod op;

use std::error::Error;
use std::sync::Arc;

use pp_report::error::OpError;
use pp_run::connection;
use pp_testing::street::Street;
use pp_testing::{TestResult, connect};
use serde_json::{Value, json};
use tempfile::tempdir;
use tenant_twin::{Twin, VaultAccess};

/// The caller's own tenant, and the number of a connection to it.
fn home() -> Result<(Arc<Twin>, u64), Box<dyn Error>> {
    let twin = pp_testing::sign_in::twin_of(900)?;
    let number = connection::open(connect(&twin, "admin")?)?;
    Ok((twin, number))
}

/// A name that differs by tenant.
const NAME: &str = "app-{TenantId}";

fn name(twin: &Twin) -> String {
    format!("app-{}", twin.tenant_id())
}

/// A fleet over the street whose secrets the vault of `home` has, and no request.
fn by_vault(street: &Street, (home, number): (&Twin, u64), more: &Value) -> Result<(Value, String), Box<dyn Error>> {
    let (mut request, _) = street.fleet("Status", more)?;
    request["home"] = json!(number);
    request["retryBudgetSeconds"] = json!(1);
    for (tenant, twin) in request["tenants"].as_array_mut().into_iter().flatten().zip(&street.tenants) {
        tenant.as_object_mut().map(|tenant| tenant.remove("clientSecret"));
        tenant["clientSecretVaultUri"] = json!(home.vault());
        tenant["clientSecretName"] = json!(NAME);
        let secret = &twin.client("admin").ok_or("no admin")?.client_secret;
        home.edit_vault(|vault| vault.add_secret(&name(twin), secret, &Value::Null));
    }
    Ok((request, String::new()))
}

/// No text of a secret is in what was said, or in the file.
fn nothing_is_seen(street: &Street, said: &op::Said, ledger: &str) -> TestResult {
    for twin in &street.tenants {
        let secret = &twin.client("admin").ok_or("no admin")?.client_secret;
        let all = [said.objects.as_slice(), &said.errors, &said.texts].concat();
        assert!(!all.iter().any(|text| text.contains(secret)) && !ledger.contains(secret), "{}", twin.tenant_id());
    }
    assert!(!said.texts.is_empty());
    Ok(())
}

#[test]
fn each_tenant_is_signed_in_to_by_its_secret_in_the_vault_and_one_that_is_done_is_not_read_again() -> TestResult {
    let (street, (home, number), folder) = (Street::of(3)?, home()?, tempdir()?);
    let ledger = folder.path().join("ledger.jsonl");
    let request = by_vault(&street, (&home, number), &json!({"ledger": ledger}))?;
    let (said, ended) = op::run(&request)?;
    ended?;
    assert_eq!(said.count("Done"), 3, "{said:?}");
    nothing_is_seen(&street, &said, &std::fs::read_to_string(&ledger)?)?;
    let tokens = home.requests().iter().filter(|request| request.token).count();
    assert_eq!(tokens, 1, "one token for the vault serves all lanes");
    home.clear_requests();
    op::run(&request)?.1?;
    assert!(home.requests().is_empty(), "by the ledger they are done");
    Ok(())
}

#[test]
fn what_is_wrong_with_a_secret_is_its_tenants_failure_alone() -> TestResult {
    let (street, (home, number), folder) = (Street::of(9)?, home()?, tempdir()?);
    let ledger = folder.path().join("ledger.jsonl");
    let (mut request, none) = by_vault(&street, (&home, number), &json!({"ledger": ledger}))?;
    let minute_ago = time::OffsetDateTime::now_utc().unix_timestamp() - 60;
    home.edit_vault(|vault| {
        let [_, missing, disabled, ended, later, other, ..] = &street.tenants[..] else { return };
        vault.delete_secret(&name(missing));
        vault.set_attributes(&name(disabled), &json!({"enabled": false}));
        vault.set_attributes(&name(ended), &json!({"exp": minute_ago}));
        vault.set_attributes(&name(later), &json!({"nbf": minute_ago + 7200}));
        vault.add_secret(&name(other), "of another application", &Value::Null);
    });
    request["tenants"][6]["clientSecretVaultUri"] = json!(street.tenants[6].vault());
    request["tenants"][7]["clientSecretVaultUri"] = json!("http://127.0.0.1:1/vault");
    request["tenants"][8]["clientSecretVaultUri"] = json!("http://vault.example/{TenantId}");
    let (said, ended) = op::run(&(request, none))?;
    ended?;
    let ids = [
        "VaultSecretNotFound",
        "VaultSecretDisabled",
        "VaultSecretOutOfDate",
        "VaultSecretOutOfDate",
        "ClientSecretWrong",
        "VaultForeign",
        "VaultNotFound",
        "VaultUriInvalid",
    ];
    assert_eq!((said.count("Done"), said.count("Failed"), said.errors.len()), (1, 8, 8), "{said:?}");
    for (twin, id) in street.tenants.iter().skip(1).zip(ids) {
        let row = said.row(twin.tenant_id())?;
        assert!(row.contains(&format!(r#"<S N="ErrorId">PPFederation.{id}</S>"#)), "{id}: {row}");
        assert!(row.contains(r#"<S N="Advice">"#), "{row}");
    }
    nothing_is_seen(&street, &said, &std::fs::read_to_string(&ledger)?)
}

#[test]
fn a_vault_that_may_not_be_read_fails_each_tenant_that_needs_it() -> TestResult {
    let (street, (home, number)) = (Street::of(2)?, home()?);
    for access in [VaultAccess::NoRole, VaultAccess::NoPolicy, VaultAccess::Firewall] {
        let request = by_vault(&street, (&home, number), &json!({}))?;
        home.edit_vault(|vault| vault.set_access(access));
        let (said, ended) = op::run(&request)?;
        ended?;
        assert_eq!((said.count("Failed"), said.errors.len()), (2, 2), "{said:?}");
        assert!(said.errors.iter().all(|error| error.contains("PPFederation.VaultRefused")), "{said:?}");
    }
    Ok(())
}

#[test]
fn half_of_what_a_vault_takes_or_a_secret_besides_is_refused_before_anything_is_asked() -> TestResult {
    let (street, (home, number)) = (Street::of(2)?, home()?);
    let (request, _) = by_vault(&street, (&home, number), &json!({}))?;
    let secret = json!({"at": 0, "len": 6});
    let cases = [
        ("clientSecretVaultUri", Value::Null, "no -ClientSecretVaultUri"),
        ("clientSecretName", Value::Null, "no -ClientSecretName"),
        ("clientSecretName", json!("app-{Name}"), "no TenantName"),
        ("clientId", Value::Null, "no -ClientId"),
        ("clientSecret", secret, "it takes one secret"),
    ];
    for (field, value, words) in cases {
        let mut request = request.clone();
        request["tenants"][1][field] = value;
        let (said, ended) = op::run(&(request, "secret".to_owned()))?;
        let Err(OpError::Failed(report)) = ended else { return Err(format!("{field}: {said:?}").into()) };
        assert_eq!(report.id, "PPFederation.FleetOptionInvalid", "{field}");
        assert!(report.message.contains(words) && report.message.contains(street.tenants[1].tenant_id()), "{report:?}");
    }
    let (mut request, _) = by_vault(&street, (&home, number), &json!({}))?;
    request["home"] = Value::Null;
    let Err(OpError::Failed(report)) = op::run(&(request, String::new()))?.1 else { return Err("taken".into()) };
    assert_eq!(report.id, "PPFederation.FleetSignInMissing");
    assert!(home.requests().is_empty() && street.tenants.iter().all(|twin| twin.requests().is_empty()));
    Ok(())
}
