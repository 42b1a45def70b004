//! A key vault as the sink of a secret: what is checked before there is one, what it keeps, and what happens when answers
//! get lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::CancelSource;
use pp_base::gate::Gate;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_report::error::OpError;
use pp_sign_in::Access;
use pp_sign_in::environment::Environment;
use pp_sink::key_vault::KeyVault;
use pp_sink::{Delivery, Sink};
use pp_testing::person::{self, BROWSER};
use pp_testing::{Tenant, TestResult};
use pp_vault::address::VaultAddress;
use serde_json::json;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter, SignInSettings, VaultAccess};
use time::OffsetDateTime;

const NAME: &str = "pptoken";
const TEXT: &str = "a~secret \"with\" \\ and \u{fc}";

fn options() -> Options {
    Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() }
}

fn prepare(tenant: &Tenant, app_id: Option<&str>, force: bool) -> Result<Sink, OpError> {
    let address = VaultAddress::parse(&tenant.twin.vault(), Environment::Custom)?;
    let id = tenant.connection.tenant;
    let vault = tenant.with(|graph, _| KeyVault::prepare(graph.access(), id, address, NAME, app_id, force))?;
    Ok(Sink::KeyVault(vault))
}

fn put(tenant: &Tenant, sink: &mut Sink) -> Result<String, OpError> {
    put_while_allowed(tenant, sink, None)
}

fn put_while_allowed(tenant: &Tenant, sink: &mut Sink, gate: Option<&dyn Gate>) -> Result<String, OpError> {
    let text = SecretText::from_text(TEXT);
    let id = tenant.connection.tenant.to_string();
    let end = OffsetDateTime::from_unix_timestamp(4_900_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let delivery = Delivery { tenant: &id, app_id: "an-app", key_id: "a-key", end, text: &text };
    Ok(tenant.with(|graph, _| sink.put(Access { gate, ..graph.access() }, &delivery))?)
}

fn id(result: &Result<impl std::fmt::Debug, OpError>) -> &'static str {
    match result {
        Err(OpError::Failed(report)) => report.id,
        Err(OpError::Cancelled(_)) => "cancelled",
        Ok(_) => "ok",
    }
}

#[test]
fn a_secret_is_kept_with_its_end_and_with_whose_it_is() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let mut sink = prepare(&tenant, None, false)?;
    let location = put(&tenant, &mut sink)?;
    assert!(location.starts_with(&format!("{}/secrets/{NAME}/", tenant.twin.vault())), "{location}");
    let (holds, about) = tenant.twin.edit_vault(|vault| (vault.holds(NAME, TEXT), vault.about(NAME)));
    assert!(holds);
    assert_eq!(about["attributes"]["exp"], json!(4_900_000_000_i64));
    assert_eq!(about["contentType"], "Entra client secret");
    let tags = &about["tags"];
    assert_eq!((&tags["keyId"], &tags["appId"]), (&json!("a-key"), &json!("an-app")));
    assert!(tenant.verbose.lock().iter().all(|line| !line.contains(TEXT)), "{:?}", tenant.verbose.lock());
    let paths: Vec<String> = tenant.twin.requests().into_iter().map(|request| request.path).collect();
    assert!(paths.iter().all(|path| !path.contains("a~secret")), "{paths:?}");
    Ok(())
}

#[test]
fn a_next_one_of_the_same_application_is_a_new_version() -> TestResult {
    let tenant = Tenant::start(&options())?;
    put(&tenant, &mut prepare(&tenant, None, false)?)?;
    put(&tenant, &mut prepare(&tenant, Some("an-app"), false)?)?;
    assert_eq!(tenant.twin.edit_vault(|vault| vault.versions(NAME)), 2);
    Ok(())
}

#[test]
fn what_the_vault_would_refuse_is_known_before_there_is_a_secret() -> TestResult {
    for (access, words) in [
        (VaultAccess::NoRole, "ForbiddenByRbac"),
        (VaultAccess::NoPolicy, "AccessDenied"),
        (VaultAccess::Firewall, "ForbiddenByFirewall"),
    ] {
        let tenant = Tenant::start(&options())?;
        tenant.twin.edit_vault(|vault| vault.set_access(access));
        let refused = prepare(&tenant, None, false);
        assert_eq!(id(&refused), "PPFederation.VaultRefused", "{access:?}");
        assert!(format!("{refused:?}").contains(words), "{access:?}: {refused:?}");
        assert_eq!(tenant.writes(), 0);
    }
    Ok(())
}

#[test]
fn a_sign_in_that_may_only_read_is_refused_by_the_write() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.twin.edit_vault(|vault| vault.set_access(VaultAccess::User));
    let mut sink = prepare(&tenant, None, false)?;
    assert_eq!(id(&put(&tenant, &mut sink)), "PPFederation.VaultRefused");
    Ok(())
}

#[test]
fn no_token_is_asked_for_where_the_challenge_does_not_fit() -> TestResult {
    for (tenant_id, resource) in [
        (Some("00000000-0000-0000-0000-000000000009"), None),
        (None, Some("https://graph.microsoft.com")),
        (None, Some("http://vault.azure.net")),
    ] {
        let tenant = Tenant::start(&options())?;
        tenant.twin.edit_vault(|vault| {
            if let Some(id) = tenant_id {
                vault.set_challenge_tenant(id);
            }
            if let Some(resource) = resource {
                vault.set_challenge_resource(resource);
            }
        });
        assert_eq!(id(&prepare(&tenant, None, false)), "PPFederation.VaultForeign", "{tenant_id:?} {resource:?}");
        assert!(tenant.twin.requests().iter().all(|request| !request.token), "a token was asked for");
    }
    let tenant = Tenant::start(&options())?;
    let address = VaultAddress::parse(&tenant.twin.graph(), Environment::Custom)?;
    let other = tenant
        .with(|graph, _| KeyVault::prepare(graph.access(), tenant.connection.tenant, address, NAME, None, false))
        .map_err(OpError::from);
    assert_eq!(id(&other), "PPFederation.VaultForeign", "Graph is no vault");
    Ok(())
}

#[test]
fn a_vault_is_known_by_its_challenge_beside_another_one() -> TestResult {
    for before in [true, false] {
        let tenant = Tenant::start(&options())?;
        let on = On { path: Some("/vault/*".into()), ..On::default() };
        tenant.twin.add_fault(Fault::new(on, FaultKind::OtherChallenge { before }));
        let ready = prepare(&tenant, None, false);
        assert!(ready.is_ok(), "before {before}: {ready:?}");
    }
    Ok(())
}

#[test]
fn a_name_of_somebody_else_s_or_of_a_deleted_secret_is_not_taken() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.twin.edit_vault(|vault| vault.add_secret(NAME, "somebody's", &json!({})));
    assert_eq!(id(&prepare(&tenant, None, false)), "PPFederation.VaultSecretTaken");
    let own_tenant = tenant.twin.tenant_id().to_owned();
    let tags = json!({ "tenantId": own_tenant, "appId": "another-app", "keyId": "k" });
    tenant.twin.edit_vault(|vault| vault.add_secret(NAME, "another's", &tags));
    assert_eq!(id(&prepare(&tenant, Some("an-app"), false)), "PPFederation.VaultSecretTaken");
    assert!(prepare(&tenant, Some("an-app"), true).is_ok(), "with force");
    tenant.twin.edit_vault(|vault| vault.delete_secret(NAME));
    assert_eq!(id(&prepare(&tenant, None, true)), "PPFederation.VaultSecretTaken", "it can't be written");
    Ok(())
}

#[test]
fn lost_answers_are_looked_up_and_what_passes_is_waited_out() -> TestResult {
    let failed = |status, body| FaultKind::Failed { status, body, retry_after: RetryAfter::Absent };
    let faults = [
        (FaultKind::AnswerLost { reset: true }, 1),
        (FaultKind::ResetInBody, 1),
        (FaultKind::Truncated { announced: false }, 1),
        (FaultKind::RequestLost { reset: false }, 1),
        (FaultKind::Throttled(RetryAfter::Seconds(3)), 1),
        (failed(503, ErrorBody::Json), 1),
        (failed(500, ErrorBody::Html), 1),
        (FaultKind::TokenExpired, 1),
    ];
    for (fault, versions) in faults {
        for path in ["/vault/secrets/pptoken*", "/vault/*"] {
            let tenant = Tenant::start(&options())?;
            let mut sink = prepare(&tenant, None, false)?;
            let on = On { path: Some(path.into()), ..On::default() };
            tenant.twin.add_fault(Fault::new(on, fault.clone()));
            put(&tenant, &mut sink)?;
            assert!(tenant.twin.edit_vault(|vault| vault.holds(NAME, TEXT)), "{fault:?}");
            assert_eq!(tenant.twin.edit_vault(|vault| vault.versions(NAME)), versions, "{fault:?}: written once");
        }
        let tenant = Tenant::start(&options())?;
        let on = On { path: Some("/vault/*".into()), ..On::default() };
        tenant.twin.add_fault(Fault::new(on, fault.clone()).nth(2));
        let ready = prepare(&tenant, None, false);
        assert!(ready.is_ok(), "{fault:?}: {ready:?}");
    }
    Ok(())
}

/// Allows so many writes.
#[derive(Debug)]
struct Allowed(AtomicUsize);

impl Gate for Allowed {
    fn may_write(&self) -> Result<(), String> {
        let took = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        took.map(drop).map_err(|_| "the lease ends in 12 s".into())
    }
}

#[test]
fn each_try_of_a_write_has_to_be_allowed() -> TestResult {
    for (tries, told, versions) in
        [(0, "PPFederation.WriteWithheld", 0), (1, "PPFederation.WriteWithheld", 0), (2, "ok", 1)]
    {
        let tenant = Tenant::start(&options())?;
        let mut sink = prepare(&tenant, None, false)?;
        let on = On { path: Some("/vault/*".into()), write: Some(true), ..On::default() };
        tenant.twin.add_fault(Fault::new(on, FaultKind::Throttled(RetryAfter::Seconds(3))));
        let gate = Allowed(AtomicUsize::new(tries));
        let put = put_while_allowed(&tenant, &mut sink, Some(&gate));
        assert_eq!((id(&put), tenant.twin.edit_vault(|vault| vault.versions(NAME))), (told, versions), "{put:?}");
    }
    Ok(())
}

#[test]
fn a_vaults_claims_are_asked_for_with_its_tokens_and_microsoft_graphs_with_graphs() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let mut sink = prepare(&tenant, None, false)?;
    tenant.twin.watch();
    let of_graph = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    tenant.with(|graph, _| {
        let token = graph.tokens.get(&graph.call)?;
        graph.tokens.refused(&token, Some(of_graph), &graph.call)
    })?;
    let on = On { path: Some("/vault/*".into()), ..On::default() };
    tenant.twin.add_fault(Fault::new(on, FaultKind::ClaimsChallenge));
    put(&tenant, &mut sink)?;
    assert!(tenant.twin.edit_vault(|vault| vault.holds(NAME, TEXT)));
    // Either is renewed with its own.
    tenant.twin.advance(Duration::from_hours(1));
    put(&tenant, &mut prepare(&tenant, Some("an-app"), false)?)?;
    tenant.with(|graph, _| graph.tokens.get(&graph.call).map(drop))?;
    let asked = tenant.twin.claims();
    let (of_vault, of_graph): (Vec<_>, Vec<_>) =
        asked.iter().partition(|(scope, _)| scope.starts_with(&tenant.twin.vault()));
    assert_eq!((of_vault.len(), of_graph.len()), (2, 2), "{asked:?}");
    assert!(of_vault.iter().all(|(_, claims)| claims.contains("nbf") && !claims.contains("c1")), "{asked:?}");
    assert!(of_graph.iter().all(|(_, claims)| !claims.contains("nbf")), "{asked:?}");
    assert!(of_graph[1].1.contains("c1"), "{asked:?}");
    Ok(())
}

#[test]
fn a_vault_that_never_answers_ends_within_the_budget() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let mut sink = prepare(&tenant, None, false)?;
    let on = On { path: Some("/vault/*".into()), ..On::default() };
    tenant.twin.add_fault(Fault::new(on, FaultKind::Throttled(RetryAfter::Seconds(60))).for_ever());
    assert_eq!(id(&put(&tenant, &mut sink)), "PPFederation.VaultFailed");
    Ok(())
}

/// What becomes of a write before its caller cancels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    /// It is taken, and its answer is on its way.
    Taken,
    /// It is on its way itself.
    Under,
    /// It is refused.
    Refused,
}

#[test]
fn a_cancel_ends_a_write_at_once_and_the_sink_knows_whether_it_may_be_taken() -> TestResult {
    for write in [Write::Taken, Write::Under, Write::Refused] {
        let tenant = Arc::new(Tenant::start(&options())?);
        let mut sink = prepare(&tenant, None, false)?;
        let on = On { path: Some("/vault/*".into()), write: Some(true), ..On::default() };
        match write {
            Write::Taken => tenant.twin.add_fault(Fault::new(on, FaultKind::Delayed(Duration::from_secs(5)))),
            Write::Under => tenant.twin.set_latency(Duration::from_secs(5)),
            Write::Refused => tenant.twin.add_fault(Fault::new(on, FaultKind::Denied)),
        }
        let Sink::KeyVault(vault) = &mut sink else { return Err("no vault".into()) };
        let (source, cancel) = CancelSource::new();
        let text = SecretText::from_text(TEXT);
        let id = tenant.connection.tenant.to_string();
        let end = OffsetDateTime::UNIX_EPOCH + Duration::from_hours(900_000);
        let delivery = Delivery { tenant: &id, app_id: "an-app", key_id: "a-key", end, text: &text };
        let before = tenant.twin.requests().len();
        let ended = thread::scope(|scope| {
            let run = scope.spawn(|| {
                let budget = Budget::new(DEFAULT_BUDGET);
                let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
                vault.put(tenant.connection.graph(call).access(), &delivery).is_err()
            });
            while tenant.twin.requests().len() == before && !run.is_finished() {
                thread::yield_now();
            }
            while match write {
                Write::Taken => !tenant.twin.edit_vault(|vault| vault.holds(NAME, TEXT)),
                Write::Under => false,
                Write::Refused => !run.is_finished(),
            } {
                thread::yield_now();
            }
            source.cancel();
            run.join()
        });
        assert!(matches!(ended, Ok(true)), "{write:?}");
        assert_eq!(sink.may_hold(), write != Write::Refused, "{write:?}");
    }
    Ok(())
}

#[test]
fn a_persons_refresh_token_opens_the_vault_too_where_the_client_has_consent_for_it() -> TestResult {
    let tenant = person::tenant(BROWSER)?;
    person::sign_in(&tenant.connection).result?;
    put(&tenant, &mut prepare(&tenant, None, false)?)?;
    assert!(tenant.twin.edit_vault(|vault| vault.holds(NAME, TEXT)));
    // Graph's token is renewed with what came of that.
    tenant.twin.advance(Duration::from_hours(1));
    assert!(person::token(&tenant.connection)?.permissions().is_some_and(|all| all.len() > 3));
    let tenant = person::tenant(BROWSER)?;
    person::sign_in(&tenant.connection).result?;
    tenant.twin.set_sign_in(SignInSettings { consented: false, ..SignInSettings::default() });
    assert_eq!(id(&prepare(&tenant, None, false)), "PPFederation.ConsentMissing", "before there is a secret");
    Ok(())
}
