//! A fleet whose tenants each have an application of their own that the caller's certificate, job or managed identity proves, or some of
//! them, where a list says so.

#[path = "op/fleet.rs"]
mod op;

use std::error::Error;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pp_base::clock::SystemClock;
use pp_base::retry::DEFAULT_BUDGET;
use pp_report::error::OpError;
use pp_run::connection::{self, Connection};
use pp_sign_in::Credential;
use pp_sign_in::certificate::SigningCertificate;
use pp_sign_in::environment::Environment;
use pp_testing::TestResult;
use pp_testing::machine::{AUDIENCE, REPOSITORY, github, identity};
use pp_testing::sign_in::{admin, joined, register_certificate};
use pp_testing::street::Street;
use serde_json::{Value, json};
use tempfile::tempdir;
use tenant_twin::{Options, Twin};

/// The caller's own tenant, which the machine and the other issuer belong to, and the customers.
fn split(street: &Street) -> Result<(&Twin, &[Twin]), Box<dyn Error>> {
    Ok(street.tenants.split_last().ok_or("no tenant")?)
}

/// The number of a connection to a tenant.
fn home(twin: &Twin, credential: Credential) -> Result<u64, Box<dyn Error>> {
    let endpoints = Environment::Custom.endpoints(Some(&twin.login()), Some(&twin.graph()))?;
    let (tenant, clock) = (twin.tenant_id().parse()?, Arc::new(SystemClock::default()));
    Ok(connection::open(Connection::new(tenant, Environment::Custom, endpoints, credential, clock, DEFAULT_BUDGET)?)?)
}

/// A fleet over the customers by that connection, each as its own application where `clients` says so.
fn run(customers: &[Twin], home: u64, clients: bool) -> Result<(op::Said, Result<(), OpError>), Box<dyn Error>> {
    let tenant = |twin: &Twin| -> Result<Value, Box<dyn Error>> {
        let client = clients.then(|| admin(twin)).transpose()?;
        Ok(json!({"tenantId": twin.tenant_id(), "clientId": client}))
    };
    let tenants = customers.iter().map(tenant).collect::<Result<Vec<_>, _>>()?;
    let request = json!({"op": "fleet", "action": "Status", "home": home, "tenants": tenants, "retryBudgetSeconds": 4});
    op::run(&(request, String::new()))
}

/// All are done but the last, which fails with that error.
fn all_but_the_last(customers: &[Twin], (said, ended): (op::Said, Result<(), OpError>), id: &str) -> TestResult {
    ended?;
    assert_eq!((said.count("Done"), said.count("Failed")), (customers.len() - 1, 1), "{said:?}");
    let last = customers.last().ok_or("no tenant")?;
    assert!(said.row(last.tenant_id())?.contains(id), "{said:?}");
    Ok(())
}

#[test]
fn a_certificate_proves_each_application_that_has_it() -> TestResult {
    let (street, folder) = (Street::of(5)?, tempdir()?);
    let (own, customers) = split(&street)?;
    let (_, registered) = customers.split_last().ok_or("no customer")?;
    registered.iter().try_for_each(register_certificate)?;
    let path = joined(folder.path(), &["certificate.pem", "key.pem"])?;
    let certificate = Box::new(SigningCertificate::from_file(&path, None)?);
    let home = home(own, Credential::Certificate { client_id: admin(own)?, certificate })?;
    all_but_the_last(customers, run(customers, home, true)?, "PPFederation.AssertionRefused")
}

/// Who has got a token of a tenant since it was watched, and whether by a secret ("1") or by an assertion ("2").
fn signed_in(twin: &Twin) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let tokens = twin.secrets().into_iter().filter(|secret| secret.kind == "access_token");
    tokens
        .map(|token| {
            let claims = token.text.split('.').nth(1).ok_or("no claims")?;
            let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
            let claim = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
            Ok((claim("appid"), claim("appidacr")))
        })
        .collect()
}

#[test]
fn each_tenant_of_one_list_is_signed_in_to_as_its_own_cells_say() -> TestResult {
    let (street, folder) = (Street::with(4, &Options { seed: 5300, ..Options::default() })?, tempdir()?);
    let (own, customers) = split(&street)?;
    let [by_secret, by_application, bare] = customers else { return Err("not three customers".into()) };
    [own, by_application, bare].into_iter().try_for_each(register_certificate)?;
    // The caller's application is one of several tenants, and this customer has consented to it.
    let (client, replaced) = (admin(own)?, admin(bare)?.to_string());
    bare.edit(|directory| directory.set_client_id(&replaced, &client.to_string()));
    let secret = &by_secret.client("admin").ok_or("no admin")?.client_secret;
    own.edit_vault(|vault| vault.add_secret("customer", secret, &Value::Null));
    let path = joined(folder.path(), &["certificate.pem", "key.pem"])?;
    let certificate = Box::new(SigningCertificate::from_file(&path, None)?);
    let home = home(own, Credential::Certificate { client_id: client, certificate })?;
    street.tenants.iter().for_each(Twin::watch);
    let tenants = json!([
        {"tenantId": by_secret.tenant_id(), "clientId": admin(by_secret)?, "clientSecretVaultUri": own.vault(),
            "clientSecretName": "customer"},
        {"tenantId": by_application.tenant_id(), "clientId": admin(by_application)?},
        {"tenantId": bare.tenant_id()},
    ]);
    let request = json!({"op": "fleet", "action": "Status", "home": home, "tenants": tenants, "retryBudgetSeconds": 4});
    let (said, ended) = op::run(&(request, String::new()))?;
    ended?;
    assert_eq!((said.count("Done"), said.errors.len()), (3, 0), "{said:?}");
    let expected = [
        (by_secret, admin(by_secret)?, "1"),
        (by_application, admin(by_application)?, "2"),
        (bare, client, "2"),
        // For its vault.
        (own, client, "2"),
    ];
    for (twin, client, proof) in expected {
        assert_eq!(signed_in(twin)?, [(client.to_string(), proof.to_owned())], "{}", twin.tenant_id());
    }
    Ok(())
}

#[test]
fn a_jobs_token_proves_each_application_that_trusts_its_issuer() -> TestResult {
    let street = Street::of(4)?;
    let (own, customers) = split(&street)?;
    let (_, trusting) = customers.split_last().ok_or("no customer")?;
    for twin in trusting {
        let (client, issuer) = (admin(twin)?.to_string(), format!("{}/oidc", own.origin()));
        twin.edit(|e| e.add_federated_credential(&e.application_id(&client), &issuer, REPOSITORY, AUDIENCE));
    }
    let home = home(own, Credential::Federated { client_id: admin(own)?, source: github(own, "pipeline")? })?;
    all_but_the_last(customers, run(customers, home, true)?, "PPFederation.FederationNotTrusted")
}

#[test]
fn a_managed_identity_proves_each_application_that_trusts_it_and_signs_in_to_no_other_tenant_itself() -> TestResult {
    let (street, folder) = (Street::of(4)?, tempdir()?);
    let (own, customers) = split(&street)?;
    let client = admin(own)?.to_string();
    own.set_machine(&json!({"system": client}));
    let state = own.state();
    let principals = state["servicePrincipals"].as_array().into_iter().flatten();
    let principal = principals.into_iter().find(|one| one["appId"] == client.as_str()).ok_or("no principal")?;
    let principal = principal["id"].as_str().ok_or("no id")?;
    let (_, trusting) = customers.split_last().ok_or("no customer")?;
    for twin in trusting {
        let (client, issuer) = (admin(twin)?.to_string(), format!("{}/{}/v2.0", own.login(), own.tenant_id()));
        twin.edit(|e| e.add_federated_credential(&e.application_id(&client), &issuer, principal, AUDIENCE));
    }
    let home = home(own, Credential::ManagedIdentity(Box::new(identity(own, "Imds", None, folder.path())?)))?;
    all_but_the_last(customers, run(customers, home, true)?, "PPFederation.FederationNotTrusted")?;
    let Err(OpError::Failed(report)) = run(customers, home, false)?.1 else { return Err("taken".into()) };
    assert_eq!(report.id, "PPFederation.FleetSignInMissing");
    assert!(report.message.contains("federated credential"), "{}", report.message);
    Ok(())
}
