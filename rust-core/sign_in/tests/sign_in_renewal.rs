//! A sign-in is renewed without the person, as long as the service allows.

use std::sync::Arc;
use std::time::Duration;

use pp_graph::batch::Item;
use pp_report::error::OpError;
use pp_sign_in::error::{SignInError, Unfit};
use pp_testing::person::{BROWSER, credential, refusal, sign_in, tenant, token};
use pp_testing::{Tenant, TestResult, connect_by};
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter, SignInSettings, Target};

/// A person has signed in.
fn signed_in(settings: SignInSettings) -> Result<Tenant, Box<dyn std::error::Error>> {
    let tenant = tenant(BROWSER)?;
    tenant.twin.set_sign_in(settings);
    sign_in(&tenant.connection).result?;
    tenant.twin.clear_requests();
    Ok(tenant)
}

fn read(tenant: &Tenant) -> Result<(), String> {
    let item = Item::get("/organization?$select=id");
    let results = tenant.with(|graph, _| graph.read(&[item])).map_err(|error| error.to_string())?;
    results.into_iter().try_for_each(|result| result.map(drop).map_err(|error| error.to_string()))
}

fn token_requests(tenant: &Tenant) -> usize {
    tenant.twin.requests().iter().filter(|request| request.token).count()
}

#[test]
fn a_token_is_renewed_before_it_ends_over_and_over() -> TestResult {
    for rotates in [true, false] {
        let tenant = signed_in(SignInSettings { rotates, ..SignInSettings::default() })?;
        let first = token(&tenant.connection)?;
        assert!(Arc::ptr_eq(&first, &token(&tenant.connection)?), "a good token is kept");
        for _ in 0..3 {
            tenant.twin.advance(Duration::from_mins(56));
            read(&tenant)?;
        }
        assert_eq!(token_requests(&tenant), 3);
    }
    Ok(())
}

#[test]
fn a_token_is_renewed_once_after_it_was_refused() -> TestResult {
    let tenant = signed_in(SignInSettings::default())?;
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::TokenExpired));
    read(&tenant)?;
    assert_eq!(token_requests(&tenant), 1);
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::TokenExpired).for_ever());
    assert!(read(&tenant).is_err());
    assert_eq!(token_requests(&tenant), 2, "once, not for ever");
    Ok(())
}

#[test]
fn a_claims_challenge_is_answered_by_a_person_and_by_an_application() -> TestResult {
    let application = Tenant::start(&Options { latency: Duration::ZERO, ..Options::default() })?;
    for tenant in [signed_in(SignInSettings::default())?, application] {
        read(&tenant)?;
        // The twin takes no token any more that was asked for without the claims of the challenge.
        tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::ClaimsChallenge));
        read(&tenant)?;
        tenant.twin.advance(Duration::from_hours(1));
        read(&tenant)?;
    }
    Ok(())
}

#[test]
fn a_claims_challenge_is_found_beside_another_way_to_sign_in() -> TestResult {
    for before in [true, false] {
        let tenant = signed_in(SignInSettings::default())?;
        for kind in [FaultKind::ClaimsChallenge, FaultKind::OtherChallenge { before }] {
            tenant.twin.add_fault(Fault::new(On::every(Target::Graph), kind));
        }
        read(&tenant).map_err(|error| format!("before {before}: {error}"))?;
    }
    Ok(())
}

#[test]
fn a_challenge_that_only_the_person_can_answer_says_so() -> TestResult {
    let tenant = signed_in(SignInSettings::default())?;
    tenant.twin.refuse_refresh(Some(50_076));
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::ClaimsChallenge));
    let said = read(&tenant).err().unwrap_or_default();
    assert!(said.starts_with("AADSTS50076: "), "{said}");
    Ok(())
}

#[test]
fn what_only_the_person_can_answer_the_next_sign_in_answers_and_no_later_one_has_to() -> TestResult {
    for refresh_tokens in [true, false] {
        let tenant = signed_in(SignInSettings { refresh_tokens, ..SignInSettings::default() })?;
        tenant.twin.refuse_refresh(Some(50_076));
        tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::ClaimsChallenge));
        assert!(read(&tenant).is_err());
        tenant.twin.watch();
        let asked =
            || tenant.twin.urls().iter().filter(|url| url.contains("/authorize?") && url.contains("nbf")).count();
        for signed_in in 1..=2 {
            let again = Tenant::of(connect_by(&tenant.twin, credential(BROWSER))?, Arc::clone(&tenant.twin));
            sign_in(&again.connection).result?;
            assert_eq!(asked(), 1, "at sign-in {signed_in}");
            if signed_in == 1 {
                read(&again)?;
            }
        }
    }
    Ok(())
}

#[test]
fn a_renewal_whose_answer_is_lost_goes_on_with_the_refresh_token_it_had() -> TestResult {
    let lost = [
        FaultKind::AnswerLost { reset: true },
        FaultKind::AnswerLost { reset: false },
        FaultKind::ResetInBody,
        FaultKind::Truncated { announced: true },
        FaultKind::RequestLost { reset: true },
        FaultKind::Throttled(RetryAfter::Seconds(7)),
        FaultKind::Failed { status: 503, body: ErrorBody::Html, retry_after: RetryAfter::Absent },
    ];
    for kind in lost {
        let tenant = signed_in(SignInSettings::default())?;
        tenant.twin.advance(Duration::from_hours(1));
        tenant.twin.add_fault(Fault::new(On::every(Target::Token), kind.clone()).times(2));
        read(&tenant).map_err(|error| format!("{kind:?}: {error}"))?;
        assert_eq!(token_requests(&tenant), 3, "{kind:?}");
    }
    Ok(())
}

#[test]
fn a_token_that_is_good_is_used_while_another_one_cannot_be_had() -> TestResult {
    let down = FaultKind::Failed { status: 503, body: ErrorBody::Html, retry_after: RetryAfter::Seconds(20) };
    let application = Tenant::start(&Options { latency: Duration::ZERO, ..Options::default() })?;
    for tenant in [signed_in(SignInSettings::default())?, application] {
        read(&tenant)?;
        tenant.twin.advance(Duration::from_mins(56));
        tenant.twin.clear_requests();
        tenant.twin.add_fault(Fault::new(On::every(Target::Token), down.clone()).for_ever());
        let before = tenant.twin.moved();
        (0..3).try_for_each(|_| read(&tenant))?;
        assert_eq!((token_requests(&tenant), tenant.twin.moved()), (1, before), "asked once, and not waited for");
        tenant.twin.advance(Duration::from_secs(31));
        (0..3).try_for_each(|_| read(&tenant))?;
        assert_eq!(token_requests(&tenant), 2, "asked again after a while");
        tenant.twin.advance(Duration::from_mins(5));
        assert!(read(&tenant).is_err(), "it has ended");
        tenant.twin.clear_faults();
        read(&tenant)?;
    }
    Ok(())
}

#[test]
fn a_token_that_was_refused_is_not_gone_back_to() -> TestResult {
    let tenant = signed_in(SignInSettings::default())?;
    tenant.twin.advance(Duration::from_mins(56));
    tenant
        .twin
        .add_fault(Fault::new(On::every(Target::Token), FaultKind::Throttled(RetryAfter::Seconds(20))).for_ever());
    read(&tenant)?;
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::TokenExpired));
    assert!(read(&tenant).is_err());
    Ok(())
}

/// Nobody has the refresh token that came in the answer, and the service no longer takes the one before.
#[test]
fn where_refresh_tokens_are_good_once_a_lost_answer_ends_the_sign_in_and_says_so() -> TestResult {
    let once = SignInSettings { used_once: true, ..SignInSettings::default() };
    let tenant = signed_in(once.clone())?;
    for _ in 0..3 {
        tenant.twin.advance(Duration::from_hours(1));
        read(&tenant)?;
    }
    tenant.twin.advance(Duration::from_hours(1));
    tenant.twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::AnswerLost { reset: true }));
    let error = token(&tenant.connection).err().ok_or("a token")?;
    let OpError::Failed(report) = OpError::from(error) else { return Err("cancelled".into()) };
    assert_eq!(report.id, "PPFederation.SignInAgain", "{}", report.message);
    sign_in(&tenant.connection).result?;
    read(&tenant).map_err(Into::into)
}

#[test]
fn a_dead_refresh_token_is_not_tried_again() -> TestResult {
    for code in [50_173, 70_000, 70_008, 70_043, 700_082] {
        let tenant = signed_in(SignInSettings::default())?;
        tenant.twin.refuse_refresh(Some(code));
        tenant.twin.advance(Duration::from_hours(1));
        assert_eq!(refusal(token(&tenant.connection))?.code, code);
        assert_eq!(token_requests(&tenant), 1);
    }
    Ok(())
}

#[test]
fn without_a_refresh_token_the_access_token_is_used_to_its_end() -> TestResult {
    let tenant = signed_in(SignInSettings { refresh_tokens: false, ..SignInSettings::default() })?;
    tenant.twin.advance(Duration::from_mins(58));
    read(&tenant)?;
    tenant.twin.advance(Duration::from_mins(2));
    assert!(matches!(token(&tenant.connection), Err(SignInError::Unfit(Unfit::NotRenewable))));
    Ok(())
}

#[test]
fn many_at_once_renew_once() -> TestResult {
    let tenant = signed_in(SignInSettings::default())?;
    tenant.twin.advance(Duration::from_hours(1));
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..16).map(|_| scope.spawn(|| token(&tenant.connection).is_ok())).collect();
        assert!(all.into_iter().all(|one| one.join().unwrap_or(false)));
    });
    assert_eq!(token_requests(&tenant), 1);
    Ok(())
}

#[test]
fn a_clock_that_is_wrong_does_not_end_a_token_early() -> TestResult {
    let tenant = tenant(BROWSER)?;
    tenant.twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::Skewed { seconds: -4000 }).for_ever());
    sign_in(&tenant.connection).result?;
    tenant.twin.clear_requests();
    assert!(token(&tenant.connection).is_ok());
    assert_eq!(token_requests(&tenant), 0);
    Ok(())
}
