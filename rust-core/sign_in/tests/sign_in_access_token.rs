//! A token that the caller got elsewhere: what is checked before anything is sent, and what happens at its end.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_report::error::OpError;
use pp_run::connection::Connection;
use pp_runbook::wanted::Wanted;
use pp_sign_in::Credential;
use pp_sign_in::audience::Audience;
use pp_sign_in::error::{SignInError, Unfit};
use pp_testing::shape::shape;
use pp_testing::sign_in::{asked, token, twin};
use pp_testing::{Tenant, TestResult, TwinClock, connect, connect_by, connect_by_at};
use pp_words::instant;
use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Options, RetryAfter, Target, Twin};
use time::Duration as Span;

/// A token of the administrator for an audience, got by another program.
fn got(twin: &Arc<Twin>, audience: &Audience) -> Result<String, Box<dyn Error>> {
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
    Ok(connect(twin, "admin")?.tokens.get_for(audience, &call)?.text.expose().to_owned())
}

fn for_graph(twin: &Arc<Twin>) -> Result<String, Box<dyn Error>> {
    got(twin, &Audience::graph(&twin.graph()))
}

fn given(twin: &Arc<Twin>, text: &str) -> Result<Connection, Box<dyn Error>> {
    connect_by(twin, Credential::AccessToken(SecretText::from_text(text).into()))
}

/// A token of these claims that nobody has signed.
fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({ "typ": "JWT", "alg": "RS256" })), part(claims))
}

fn id(error: impl Into<OpError>) -> String {
    match error.into() {
        OpError::Failed(report) => format!("{}: {}", report.id, report.message),
        OpError::Cancelled(_) => "cancelled".into(),
    }
}

#[test]
fn it_is_used_as_it_is_and_nothing_is_asked_of_the_sign_in_service() -> TestResult {
    let twin = twin()?;
    let text = for_graph(&twin)?;
    twin.clear_requests();
    let tenant = Tenant::of(given(&twin, &text)?, Arc::clone(&twin));
    tenant.with(|graph, _| graph.read(&[Item::get("/organization?$select=id")]))?.remove(0)?;
    assert_eq!((tenant.connection.tokens.credential().kind(), asked(&twin)), ("AccessToken", 0));
    // It serves Microsoft Graph alone.
    let vault = Audience::key_vault(&twin.vault());
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    let other = tenant.connection.tokens.get_for(&vault, &Call { cancel: &cancel, budget: &budget, log: &|_| () });
    assert!(matches!(other, Err(SignInError::Unfit(Unfit::OneAudience { wanted: "Azure Key Vault" }))), "{other:?}");
    Ok(())
}

#[test]
fn one_that_is_no_use_is_refused_before_anything_is_sent() -> TestResult {
    let twin = twin()?;
    // What vaults' tokens are for doesn't change with a neighbour, as the vault's address does.
    let vaults = Audience::key_vault(&twin.vault());
    let neighbour = Arc::new(twin.neighbour(&Options { seed: 2, ..Options::default() })?);
    let of = |mut claims: Value, name: &str, value: Value| {
        claims[name] = value;
        unsigned(&claims)
    };
    let good = json!({ "aud": twin.graph(), "tid": twin.tenant_id(), "exp": 4_000_000_000_i64, "roles": [] });
    let cases = [
        ("another tenant's", for_graph(&neighbour)?, "belongs to tenant"),
        ("a vault's", got(&twin, &vaults)?, "not for Microsoft Graph at"),
        (
            "another cloud's",
            of(good.clone(), "aud", json!("https://graph.microsoft.us")),
            "is for 'https://graph.microsoft.us'",
        ),
        (
            "of an address that only begins alike",
            of(good.clone(), "aud", json!(format!("{}.example", twin.graph()))),
            "is for '",
        ),
        ("without an audience", of(good.clone(), "aud", Value::Null), "is for no audience"),
        ("without an end", of(good.clone(), "exp", Value::Null), "can't be read"),
        ("without a tenant", of(good.clone(), "tid", Value::Null), "can't be read"),
        ("no token", "a word".into(), "can't be read"),
        ("three words", "a.b.c".into(), "can't be read"),
        ("empty", String::new(), "can't be read"),
    ];
    twin.clear_requests();
    for (what, text, reason) in cases {
        let said = id(token(&given(&twin, &text)?).err().ok_or_else(|| format!("{what}: taken"))?);
        assert!(said.starts_with("PPFederation.TokenUnfit: ") && said.contains(reason), "{what}: {said}");
        assert!(text.len() < 8 || !said.contains(&text), "{what}: shown");
    }
    assert_eq!(twin.requests().len(), 0);
    Ok(())
}

#[test]
fn it_is_used_until_the_service_says_that_it_has_ended_whatever_this_machine_s_clock_says() -> TestResult {
    let read = |tenant: &Tenant| -> Result<(), GraphError> {
        tenant.with(|graph, _| graph.read(&[Item::get("/organization?$select=id")]))?.remove(0).map(drop)
    };
    for ahead in [Span::ZERO, Span::hours(2), Span::hours(-2)] {
        let twin = twin()?;
        let credential = Credential::AccessToken(SecretText::from_text(&for_graph(&twin)?).into());
        let clock = Arc::new(TwinClock::ahead_of(&twin, ahead));
        let tenant = Tenant::of(connect_by_at(&twin, credential, clock)?, Arc::clone(&twin));
        let end = instant(token(&tenant.connection)?.expires_on);
        read(&tenant).map_err(|error| format!("{ahead}: {error}"))?;
        twin.advance(Duration::from_secs(3590));
        read(&tenant).map_err(|error| format!("{ahead}, in its last seconds: {error}"))?;
        twin.advance(Duration::from_secs(10));
        let said = id(read(&tenant).err().ok_or_else(|| format!("{ahead}: taken"))?);
        assert!(said.starts_with("PPFederation.TokenUnfit: ") && said.contains("no longer takes"), "{said}");
        assert!(said.contains(&format!("its end is {end}, and this computer's clock says ")), "{said}");
    }
    Ok(())
}

/// A fresh tenant whose administrator has brought a token that lives for another half minute.
fn late() -> Result<Tenant, Box<dyn Error>> {
    let options = Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() };
    let twin = Arc::new(Twin::start(&options)?);
    let connection = given(&twin, &for_graph(&twin)?)?;
    token(&connection)?;
    twin.advance(Duration::from_secs(3570));
    twin.clear_requests();
    Ok(Tenant::of(connection, twin))
}

#[test]
fn its_end_within_a_run_is_said_and_a_run_with_another_one_takes_up() -> TestResult {
    let clean = late()?;
    clean.apply(&Wanted::everything())?;
    let requests = u64::try_from(clean.twin.requests().iter().filter(|request| !request.token).count())?;
    let clean = shape(&clean.twin.state());
    let mut ended = 0;
    // While the run waits as it is told the token ends; or the service takes it no longer, whatever its end.
    for kind in [FaultKind::Throttled(RetryAfter::Seconds(60)), FaultKind::TokenExpired] {
        for place in 1..=requests {
            let tenant = late()?;
            tenant.twin.add_fault(Fault::new(On::every(Target::Graph), kind.clone()).nth(place));
            let outcome = tenant.apply(&Wanted::everything());
            let made = shape(&tenant.twin.state())["secrets"] == json!([1]);
            match outcome {
                Ok(outcome) => assert!(outcome.secret.is_some(), "{kind:?} at {place}"),
                Err(error) => {
                    let said = id(error);
                    assert!(said.starts_with("PPFederation.TokenUnfit: "), "{kind:?} at {place}: {said}");
                    assert!(said.contains("no longer takes"), "{said}");
                    assert!(!made, "{kind:?} at {place}: a secret was made and not handed over");
                    ended += 1;
                }
            }
            let again = Tenant::of(given(&tenant.twin, &for_graph(&tenant.twin)?)?, Arc::clone(&tenant.twin));
            tenant.twin.clear_faults();
            again.apply(&Wanted::everything()).map_err(|error| format!("{kind:?} at {place}: {error}"))?;
            assert_eq!(shape(&tenant.twin.state()), clean, "{kind:?} at {place}");
        }
    }
    assert!(ended >= 6, "{ended} of {requests} places");
    Ok(())
}
