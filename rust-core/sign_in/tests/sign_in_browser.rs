//! A person signs in in the browser of this computer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use pp_base::cancel::CancelSource;
use pp_http::SendError;
use pp_sign_in::error::{SignInError, Unfit};
use pp_sign_in::user::Method;
use pp_testing::TestResult;
use pp_testing::person::{BROWSER, browse, refusal, sign_in, sign_in_by, tenant, token};
use tenant_twin::{
    ErrorBody, Fault, FaultKind, IdTokenFlaw, On, Person, PersonAnswer, RetryAfter, SignInSettings, Target,
};
use url::Url;

fn field(address: &Url, name: &str) -> String {
    address.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[test]
fn the_person_is_signed_in_and_may_close_the_page() -> TestResult {
    let tenant = tenant(BROWSER)?;
    let signed_in = sign_in(&tenant.connection);
    let token = signed_in.result?;
    let claims = token.claims.as_ref().ok_or("a readable token")?;
    assert!(claims.is_of_a_person() && token.permissions().unwrap_or_default().contains(&"Policy.Read.All".to_owned()));
    let [(200, page)] = signed_in.pages.as_slice() else { return Err("one page".into()) };
    assert!(page.contains("You are signed in") && page.contains("You may close this page"), "{page}");
    // Nothing runs, and nothing comes from elsewhere.
    assert!(!page.contains("<script") && !page.contains("http:") && !page.contains("https:"), "{page}");
    assert_eq!(tenant.connection.tokens.credential().kind(), "Interactive");
    assert!(signed_in.said[0].contains("A browser was opened"), "{:?}", signed_in.said);
    Ok(())
}

#[test]
fn where_no_browser_opens_the_address_is_said() -> TestResult {
    let tenant = tenant(Method::Browser { timeout: Duration::from_secs(1) })?;
    let signed_in = sign_in_by(&tenant.connection, &pp_base::cancel::Cancel::never(), &|_| None);
    assert!(matches!(signed_in.result, Err(SignInError::TimedOut(_))));
    let address = signed_in.said[0].lines().last().unwrap_or_default();
    let address = Url::parse(address)?;
    // The customer's own authority: over delegated administration `common` would be the partner's tenant.
    assert!(address.path().contains(tenant.twin.tenant_id()), "{address}");
    assert_eq!(
        (field(&address, "code_challenge_method"), field(&address, "response_type")),
        ("S256".into(), "code".into())
    );
    assert!(field(&address, "redirect_uri").starts_with("http://localhost:"));
    assert!(field(&address, "claims").contains("cp1"));
    for needed in ["state", "nonce", "code_challenge"] {
        assert!(field(&address, needed).len() >= 43, "{needed} of {address}");
    }
    Ok(())
}

#[test]
fn a_refusal_is_shown_whole_and_once() -> TestResult {
    for (answer, code) in [
        (PersonAnswer::Declines, 65_004),
        (PersonAnswer::Refused(53_003), 53_003),
        (PersonAnswer::Refused(530_035), 530_035),
        (PersonAnswer::Refused(90_094), 90_094),
    ] {
        let tenant = tenant(BROWSER)?;
        tenant.twin.set_sign_in(SignInSettings { answer, ..SignInSettings::default() });
        let signed_in = sign_in(&tenant.connection);
        let refused = refusal(signed_in.result)?;
        assert_eq!(refused.code, code);
        assert!(refused.description.starts_with(&format!("AADSTS{code}: ")), "{refused}");
        assert!(signed_in.pages[0].1.contains("was not completed") && !signed_in.pages[0].1.contains("AADSTS"));
        assert_eq!(tenant.twin.requests().len(), 1, "not tried again");
        assert!(matches!(token(&tenant.connection), Err(SignInError::Unfit(Unfit::NobodySignedIn))));
    }
    Ok(())
}

#[test]
fn an_id_token_of_another_sign_in_is_not_believed() -> TestResult {
    for flaw in [IdTokenFlaw::Nonce, IdTokenFlaw::Tenant, IdTokenFlaw::Audience] {
        let tenant = tenant(BROWSER)?;
        tenant.twin.set_sign_in(SignInSettings { id_token_flaw: Some(flaw), ..SignInSettings::default() });
        let result = sign_in(&tenant.connection).result;
        assert!(matches!(result, Err(SignInError::Unfit(Unfit::IdToken(_)))), "{flaw:?}: {result:?}");
    }
    Ok(())
}

#[test]
fn a_sign_in_that_the_person_has_finished_is_not_lost_to_a_service_that_is_busy() -> TestResult {
    let busy = |status| FaultKind::Failed { status, body: ErrorBody::Html, retry_after: RetryAfter::Absent };
    for (kind, requests, signed_in) in [
        (FaultKind::Throttled(RetryAfter::Seconds(2)), 2, true),
        (busy(503), 2, true),
        // Whether these have taken the code nobody knows.
        (busy(504), 1, false),
        (FaultKind::RequestLost { reset: true }, 1, false),
    ] {
        let tenant = tenant(BROWSER)?;
        let on = On { method: Some("POST".into()), ..On::every(Target::Token) };
        tenant.twin.add_fault(Fault::new(on, kind.clone()));
        let result = sign_in(&tenant.connection).result;
        assert_eq!(result.is_ok(), signed_in, "{kind:?}: {result:?}");
        let redeemed = tenant.twin.requests().iter().filter(|request| request.method == "POST").count();
        assert_eq!(redeemed, requests, "{kind:?}");
    }
    Ok(())
}

#[test]
fn the_wait_ends_with_its_time_and_at_once_on_cancel() -> TestResult {
    let tenant = tenant(BROWSER)?;
    tenant.twin.set_sign_in(SignInSettings { answer: PersonAnswer::Waits, ..SignInSettings::default() });
    let late = sign_in(&tenant.connection);
    assert!(matches!(late.result, Err(SignInError::TimedOut(_))));
    let (source, cancel) = CancelSource::new();
    let cancelled = sign_in_by(&tenant.connection, &cancel, &|_| {
        source.cancel();
        Some((0, String::new()))
    });
    assert!(matches!(cancelled.result, Err(SignInError::Send(SendError::Cancelled))));
    Ok(())
}

/// Sends a request as it stands to the listener of an address; the status.
fn raw(address: &Url, request: &str) -> Option<u16> {
    let redirect = Url::parse(&field(address, "redirect_uri")).ok()?;
    let mut stream = TcpStream::connect(("127.0.0.1", redirect.port()?)).ok()?;
    stream.write_all(request.replace("{port}", &redirect.port()?.to_string()).as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

#[test]
fn what_is_not_the_answer_is_sent_away_and_the_wait_goes_on() -> TestResult {
    let tenant = tenant(BROWSER)?;
    let strange = |address: &Url| {
        let state = field(address, "state");
        let requests = [
            ("GET /favicon.ico HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".to_owned(), 404),
            ("GET /?code=evil&state=guessed HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".to_owned(), 400),
            ("GET /?code=evil HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".to_owned(), 400),
            (format!("GET /?code=evil&state={state} HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 400),
            (format!("GET /?code=evil&state={state} HTTP/1.1\r\n\r\n"), 400),
            (format!("POST /?code=evil&state={state} HTTP/1.1\r\nHost: localhost:{{port}}\r\n\r\n"), 404),
            (format!("GET /other?code=evil&state={state} HTTP/1.1\r\nHost: localhost:{{port}}\r\n\r\n"), 404),
            ("no HTTP at all\r\n\r\n".to_owned(), 400),
            (format!("GET /{} HTTP/1.1\r\nHost: localhost:{{port}}\r\n\r\n", "x".repeat(20_000)), 400),
        ];
        for (request, status) in requests {
            assert_eq!(raw(address, &request), Some(status), "{request:.60}");
        }
        let page = browse(address.as_str()).ok();
        // One answer was taken: another one of the same state is not.
        let again = format!("GET /?code=evil&state={state} HTTP/1.1\r\nHost: localhost:{{port}}\r\n\r\n");
        assert_ne!(raw(address, &again), Some(200));
        page
    };
    let signed_in = sign_in_by(&tenant.connection, &pp_base::cancel::Cancel::never(), &strange);
    assert!(signed_in.result.is_ok(), "{:?}", signed_in.result);
    Ok(())
}

#[test]
fn a_browser_that_connects_ahead_of_need_holds_nothing_up() -> TestResult {
    let tenant = tenant(BROWSER)?;
    let signed_in = sign_in_by(&tenant.connection, &pp_base::cancel::Cancel::never(), &|address| {
        let redirect = Url::parse(&field(address, "redirect_uri")).ok()?;
        let idle: Vec<_> = (0..4).map(|_| TcpStream::connect(("127.0.0.1", redirect.port()?)).ok()).collect();
        let page = browse(address.as_str()).ok();
        drop(idle);
        page
    });
    assert!(signed_in.result.is_ok(), "{:?}", signed_in.result);
    Ok(())
}

#[test]
fn who_has_the_code_alone_can_do_nothing_with_it() -> TestResult {
    let tenant = tenant(BROWSER)?;
    // Somebody brings a code of a sign-in of their own, with the right state.
    let injected = sign_in_by(&tenant.connection, &pp_base::cancel::Cancel::never(), &|address| {
        let (redirect, state) = (field(address, "redirect_uri"), field(address, "state"));
        browse(&format!("{redirect}/?code=of-another-sign-in&state={state}")).ok()
    });
    assert_eq!(refusal(injected.result)?.error, "invalid_grant");
    Ok(())
}

#[test]
fn the_token_is_the_persons() -> TestResult {
    let tenant = tenant(BROWSER)?;
    tenant.twin.set_sign_in(SignInSettings { person: Person::GlobalReader, ..SignInSettings::default() });
    let token = sign_in(&tenant.connection).result?;
    let claims = token.claims.as_ref().ok_or("a readable token")?;
    assert!(
        claims.wids.as_ref().is_some_and(|wids| wids.contains(&"f2ef992c-3afb-46b9-b7cf-a126ee74c451".to_owned())),
        "{claims:?}"
    );
    Ok(())
}
