//! Signing in with a managed identity: the four forms of endpoint, system- and user-assigned, refusals, renewal, clocks.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_report::error::OpError;
use pp_sign_in::environment::Environment;
use pp_sign_in::error::SignInError;
use pp_sign_in::managed_identity::{Endpoint, ManagedIdentity, Variables, tenant_of};
use pp_testing::TestResult;
use pp_testing::machine::{FORMS, by_identity, identity, machine};
use pp_testing::sign_in::{admin, is_renewed, token, twin};
use serde_json::json;
use tenant_twin::{Fault, FaultKind, On, Options, Published, Target, Twin};
use url::Url;
use uuid::Uuid;

fn said(error: SignInError) -> String {
    match OpError::from(error) {
        OpError::Failed(report) => format!("{}: {}", report.id, report.message),
        OpError::Cancelled(_) => "cancelled".into(),
    }
}

#[test]
fn every_form_gives_the_tokens_of_either_identity() -> TestResult {
    for form in FORMS {
        let keys = tempfile::tempdir()?;
        let twin = machine(form, keys.path())?;
        is_renewed(&twin, &by_identity(&twin, identity(&twin, form, None, keys.path())?)?)?;
        let reader = Uuid::parse_str(&twin.client("reader").ok_or("no reader")?.client_id)?;
        let connection = by_identity(&twin, identity(&twin, form, Some(reader), keys.path())?)?;
        let claims = token(&connection)?.claims.clone().ok_or("opaque")?;
        assert_eq!(claims.appid, Some(reader.to_string()), "{form}");
    }
    Ok(())
}

#[test]
fn an_identity_that_is_not_assigned_is_named_so() -> TestResult {
    for form in FORMS {
        let keys = tempfile::tempdir()?;
        let twin = machine(form, keys.path())?;
        let stranger = by_identity(&twin, identity(&twin, form, Some(Uuid::new_v4()), keys.path())?)?;
        let refused = said(token(&stranger).err().ok_or("signed in")?);
        assert!(refused.starts_with("PPFederation.IdentityNotAssigned: "), "{form}: {refused}");
        assert!(refused.contains("Identity not found"), "{refused}");
    }
    Ok(())
}

#[test]
fn where_nobody_answers_there_is_no_managed_identity() -> TestResult {
    let (twin, keys) = (twin()?, tempfile::tempdir()?);
    let gone = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let nobody = Variables { authority_host: Some(format!("http://{gone}")), ..Variables::default() };
    let identity = ManagedIdentity::new(Endpoint::find_with(nobody, keys.path(), None)?, None);
    let refused = said(token(&by_identity(&twin, identity)?).err().ok_or("signed in")?);
    assert!(refused.starts_with("PPFederation.ManagedIdentityUnavailable: "), "{refused}");
    Ok(())
}

/// An endpoint that can be away while the tenant is there: a twin of its own, of the same tenant.
fn agent(tenant: &Twin, port: u16) -> Result<Twin, Box<dyn Error>> {
    let (login, graph, vault) = (tenant.login(), tenant.graph(), tenant.vault());
    let published = Published { login, graph, vault_resource: vault.clone(), vault };
    let options = Options { port, published: Some(published), users: 1, latency: Duration::ZERO, ..Options::default() };
    let agent = Twin::start(&options)?;
    agent.set_machine(&json!({ "system": admin(tenant)?.to_string() }));
    Ok(agent)
}

#[test]
fn an_endpoint_that_has_answered_before_is_waited_for() -> TestResult {
    let (twin, keys) = (twin()?, tempfile::tempdir()?);
    let first = agent(&twin, 0)?;
    let port = Url::parse(first.origin())?.port().ok_or("no port")?;
    let connection = by_identity(&twin, identity(&first, "Imds", None, keys.path())?)?;
    token(&connection)?;
    drop(first);
    twin.advance(Duration::from_hours(1));
    let (tries, back) = (AtomicUsize::new(0), Mutex::new(None));
    let log = |line: &str| {
        if line.contains("trying again") && tries.fetch_add(1, Ordering::SeqCst) == 1 {
            *back.lock() = agent(&twin, port).ok();
        }
    };
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    connection.tokens.get(&Call { cancel: &cancel, budget: &budget, log: &log })?;
    assert!(back.lock().is_some());
    Ok(())
}

#[test]
fn a_wrong_header_is_refused_and_not_shown() -> TestResult {
    let keys = tempfile::tempdir()?;
    let twin = machine("AppService", keys.path())?;
    twin.set_machine(&json!({ "system": admin(&twin)?.to_string(), "header": "another" }));
    let refused =
        said(token(&by_identity(&twin, identity(&twin, "AppService", None, keys.path())?)?).err().ok_or("taken")?);
    assert!(refused.starts_with("PPFederation.ManagedIdentityRefused: ") && refused.contains("401"), "{refused}");
    Ok(())
}

#[test]
fn a_challenge_of_arc_reads_no_other_file() -> TestResult {
    let (keys, elsewhere) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let large = keys.path().join("large.key");
    std::fs::write(&large, vec![b'x'; 5000])?;
    let other = elsewhere.path().join("other.key");
    let wrong_kind = keys.path().join("secret.txt");
    std::fs::write(&other, "the key")?;
    std::fs::write(&wrong_kind, "the key")?;
    let out_and_in = format!("{}/../{}/other.key", keys.path().display(), elsewhere.path().display());
    for file in [other.display().to_string(), wrong_kind.display().to_string(), large.display().to_string(), out_and_in]
    {
        let twin = machine("Imds", keys.path())?;
        twin.set_machine(&json!({ "system": admin(&twin)?.to_string(), "arcFile": file, "arcKey": "the key" }));
        let refused =
            said(token(&by_identity(&twin, identity(&twin, "Arc", None, keys.path())?)?).err().ok_or("taken")?);
        assert!(refused.starts_with("PPFederation.ManagedIdentityRefused: "), "{file}: {refused}");
    }
    Ok(())
}

#[test]
fn a_challenge_of_arc_is_found_beside_another_one() -> TestResult {
    for before in [true, false] {
        let keys = tempfile::tempdir()?;
        let twin = machine("Arc", keys.path())?;
        twin.add_fault(Fault::new(On::every(Target::Source), FaultKind::OtherChallenge { before }));
        token(&by_identity(&twin, identity(&twin, "Arc", None, keys.path())?)?)
            .map_err(|error| format!("before {before}: {error}"))?;
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_challenge_of_arc_follows_no_link() -> TestResult {
    let (keys, elsewhere) = (tempfile::tempdir()?, tempfile::tempdir()?);
    std::fs::write(elsewhere.path().join("target"), "the key")?;
    let link = keys.path().join("link.key");
    std::os::unix::fs::symlink(elsewhere.path().join("target"), &link)?;
    let twin = twin()?;
    let (system, file) = (admin(&twin)?.to_string(), link.display().to_string());
    twin.set_machine(&json!({ "system": system, "arcFile": file, "arcKey": "the key" }));
    let refused = said(token(&by_identity(&twin, identity(&twin, "Arc", None, keys.path())?)?).err().ok_or("taken")?);
    assert!(refused.starts_with("PPFederation.ManagedIdentityRefused: "), "{refused}");
    Ok(())
}

#[test]
fn the_tenant_is_the_tokens_and_another_one_is_refused() -> TestResult {
    let keys = tempfile::tempdir()?;
    let twin = machine("Imds", keys.path())?;
    let endpoints = Environment::Custom.endpoints(Some(&twin.login()), Some(&twin.graph()))?;
    let asked = identity(&twin, "Imds", None, keys.path())?;
    let (cancel, budget) = (Cancel::never(), Budget::new(Duration::from_secs(1)));
    let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
    let connection = by_identity(&twin, identity(&twin, "Imds", None, keys.path())?)?;
    assert_eq!(tenant_of(&asked, &endpoints, connection.clock(), &call)?.to_string(), twin.tenant_id());
    let neighbour = Arc::new(twin.neighbour(&Options { seed: 2, ..Options::default() })?);
    let other = by_identity(&neighbour, asked)?;
    twin.clear_requests();
    let refused = said(token(&other).err().ok_or("taken")?);
    assert!(refused.starts_with("PPFederation.TokenUnfit: the token belongs to tenant "), "{refused}");
    assert_eq!(twin.requests().len(), 1, "not asked for again");
    Ok(())
}
