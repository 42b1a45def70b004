//! A person signs in with a code on another device.

use std::time::{Duration, Instant};

use pp_base::cancel::{Cancel, CancelSource};
use pp_http::SendError;
use pp_report::error::OpError;
use pp_sign_in::error::SignInError;
use pp_sign_in::user::Method;
use pp_testing::TestResult;
use pp_testing::person::{refusal, sign_in, sign_in_by, tenant, token};
use tenant_twin::{Fault, FaultKind, IdTokenFlaw, On, PersonAnswer, RetryAfter, SignInSettings, Target};

#[test]
fn the_code_is_shown_and_asked_about_until_the_person_is_through() -> TestResult {
    let tenant = tenant(Method::DeviceCode)?;
    tenant.twin.set_sign_in(SignInSettings { pending_polls: 3, ..SignInSettings::default() });
    let start = tenant.twin.now();
    let signed_in = sign_in(&tenant.connection);
    assert!(signed_in.result?.permissions().unwrap_or_default().contains(&"Policy.Read.All".to_owned()));
    assert!(signed_in.said[0].contains("https://microsoft.com/devicelogin"), "{:?}", signed_in.said);
    assert_eq!(tenant.twin.requests().len(), 5, "one start, three times pending, one answer");
    assert!(tenant.twin.now().duration_since(start)? >= Duration::from_secs(20));
    Ok(())
}

#[test]
fn asked_to_slow_down_it_does() -> TestResult {
    let tenant = tenant(Method::DeviceCode)?;
    tenant.twin.set_sign_in(SignInSettings { slow_downs: 2, pending_polls: 0, ..SignInSettings::default() });
    let start = tenant.twin.now();
    assert!(sign_in(&tenant.connection).result.is_ok());
    // 5, 10 and 15 seconds: the twin would have answered sooner polls with slow_down again.
    assert_eq!(tenant.twin.requests().len(), 4);
    assert!(tenant.twin.now().duration_since(start)? >= Duration::from_secs(30));
    Ok(())
}

#[test]
fn asked_for_time_it_gives_it_and_no_more_than_the_code_has() -> TestResult {
    for (asked, least, most) in [(40, 45, 60), (2_000, 895, 905)] {
        let tenant = tenant(Method::DeviceCode)?;
        tenant.twin.set_sign_in(SignInSettings { pending_polls: 0, ..SignInSettings::default() });
        let fault = FaultKind::Throttled(RetryAfter::Seconds(asked));
        tenant.twin.add_fault(Fault::new(On::every(Target::Token), fault).nth(2));
        let before = tenant.twin.moved();
        // A code that has ended meanwhile is refused.
        assert_eq!(sign_in(&tenant.connection).result.is_ok(), asked < 900);
        let waited = tenant.twin.moved().saturating_sub(before).as_secs();
        assert!((least..=most).contains(&waited), "{asked}: {waited}");
        assert_eq!(tenant.twin.requests().len(), 3, "{asked}: the code, throttled, answered");
    }
    Ok(())
}

#[test]
fn the_other_endings_are_told_apart() -> TestResult {
    let ending = |settings: SignInSettings| -> Result<_, Box<dyn std::error::Error>> {
        let tenant = tenant(Method::DeviceCode)?;
        tenant.twin.set_sign_in(settings);
        Ok(sign_in(&tenant.connection).result)
    };
    let with = |answer| SignInSettings { answer, pending_polls: 1, ..SignInSettings::default() };
    assert_eq!(refusal(ending(with(PersonAnswer::Declines))?)?.error, "authorization_declined");
    assert_eq!(refusal(ending(with(PersonAnswer::Refused(53_003)))?)?.code, 53_003);
    assert_eq!(refusal(ending(with(PersonAnswer::Waits))?)?.error, "expired_token");
    let flawed = ending(SignInSettings { id_token_flaw: Some(IdTokenFlaw::Tenant), ..SignInSettings::default() })?;
    assert!(matches!(flawed, Err(SignInError::Unfit(_))), "{flawed:?}");
    Ok(())
}

#[test]
fn a_code_ends_by_the_services_word_and_by_our_clock_where_the_service_has_none() -> TestResult {
    let waits = SignInSettings { answer: PersonAnswer::Waits, ..SignInSettings::default() };
    // The service says so; it doesn't get to; it is gone.
    let silent = [FaultKind::Throttled(RetryAfter::Absent), FaultKind::RequestLost { reset: true }];
    for fault in [None].into_iter().chain(silent.map(Some)) {
        let tenant = tenant(Method::DeviceCode)?;
        tenant.twin.set_sign_in(waits.clone());
        if let Some(fault) = fault.clone() {
            tenant.twin.add_fault(Fault::new(On::every(Target::Token), fault).nth(2).for_ever());
        }
        let (start, real) = (tenant.twin.now(), Instant::now());
        let error = sign_in(&tenant.connection).result.err().ok_or("signed in")?;
        let real = real.elapsed().as_secs();
        assert_eq!(matches!(error, SignInError::TimedOut(_)), fault.is_some(), "{error}");
        let OpError::Failed(report) = OpError::from(error) else { return Err("cancelled".into()) };
        assert_eq!(report.id, "PPFederation.SignInTimedOut", "{}", report.message);
        let waited = tenant.twin.now().duration_since(start)?.as_secs();
        // A code lives for 900 seconds and is asked about every five. What a busy machine took itself is no wait of ours.
        assert!(waited >= 895 && waited.saturating_sub(real) <= 905, "{fault:?}: {waited}, {real} of them real");
    }
    Ok(())
}

#[test]
fn a_code_that_the_service_no_longer_knows_is_an_ending() -> TestResult {
    let tenant = tenant(Method::DeviceCode)?;
    // The answer with the tokens is lost; the code is used up then.
    let lost = Fault::new(On::every(Target::Token), FaultKind::AnswerLost { reset: true }).nth(3);
    tenant.twin.add_fault(lost);
    assert_eq!(refusal(sign_in(&tenant.connection).result)?.error, "bad_verification_code");
    Ok(())
}

#[test]
fn what_passes_by_itself_is_waited_out() -> TestResult {
    let tenant = tenant(Method::DeviceCode)?;
    for kind in [FaultKind::Throttled(RetryAfter::Absent), FaultKind::RequestLost { reset: true }] {
        tenant.twin.add_fault(Fault::new(On::every(Target::Token), kind).nth(2));
    }
    assert!(sign_in(&tenant.connection).result.is_ok());
    Ok(())
}

#[test]
fn cancel_ends_the_wait_at_once() -> TestResult {
    let tenant = tenant(Method::DeviceCode)?;
    let (source, cancel) = CancelSource::new();
    source.cancel();
    assert!(matches!(
        sign_in_by(&tenant.connection, &cancel, &|_| None).result,
        Err(SignInError::Send(SendError::Cancelled))
    ));
    assert!(token(&tenant.connection).is_err());
    assert!(sign_in_by(&tenant.connection, &Cancel::never(), &|_| None).result.is_ok());
    Ok(())
}

#[test]
fn cancel_ends_it_while_the_service_holds_its_answer() -> TestResult {
    // To the request for the code, and to one about it.
    for held in 1..=2 {
        let tenant = tenant(Method::DeviceCode)?;
        let fault = Fault::new(On::every(Target::Token), FaultKind::Delayed(Duration::from_mins(1))).nth(held);
        tenant.twin.add_fault(fault);
        let (source, cancel) = CancelSource::new();
        let ended = std::thread::scope(|scope| {
            let signing_in = scope.spawn(|| sign_in_by(&tenant.connection, &cancel, &|_| None).result);
            while tenant.twin.faults_shown() == 0 && !signing_in.is_finished() {
                std::thread::yield_now();
            }
            source.cancel();
            signing_in.join()
        });
        assert!(matches!(ended, Ok(Err(SignInError::Send(SendError::Cancelled)))), "at {held}");
    }
    Ok(())
}
