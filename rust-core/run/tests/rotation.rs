//! Changing the secret without a gap: older ones go by what was put in place alone, whatever an earlier run left.

use std::time::Duration;

use pp_run::observe::observe;
use pp_run::placed::{look_for, remember};
use pp_run::remove_secret::remove;
use pp_runbook::client_secrets::plan_removal;
use pp_runbook::observed::{AppIds, LookUp};
use pp_runbook::rotation::{Rotation, Terms, foresee, judge};
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult};
use serde_json::json;
use tenant_twin::{Fault, FaultKind, On, Options, RetryAfter, Target};
use time::Duration as Span;

fn options() -> Options {
    Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() }
}

fn another() -> Wanted {
    Wanted { steps: vec![StepName::ClientSecret], new_secret: true, ..Wanted::everything() }
}

const WEEK: Terms = Terms { overlap: Span::WEEK, renew_within: Some(Span::days(30)) };

fn rotation(tenant: &Tenant, terms: Terms) -> Result<Rotation, Box<dyn std::error::Error>> {
    let wanted = another();
    let observed = tenant.observe(&wanted)?;
    let application = observed.app(false).ok_or("no application")?;
    Ok(judge(application, terms, tenant.connection.clock().now()))
}

fn make(tenant: &Tenant) -> Result<String, Box<dyn std::error::Error>> {
    Ok(tenant.apply(&another())?.secret.ok_or("no secret")?.key_id)
}

fn place(tenant: &Tenant, key_id: &str) -> TestResult {
    let wanted = another();
    let observed = tenant.with(|graph, _| observe(&graph, &[LookUp::Application], &wanted, None))?;
    let ids = AppIds::of(observed.app(false).ok_or("no application")?);
    Ok(tenant.with(|graph, _| remember(graph, &wanted, &ids, key_id))?)
}

/// What is said of the client secrets.
fn told(tenant: &Tenant) -> Result<String, Box<dyn std::error::Error>> {
    let judged = tenant.judge(&Wanted::everything())?;
    let step = judged.into_iter().find(|step| step.name == StepName::ClientSecret);
    Ok(step.ok_or("no such step")?.assessment.detail)
}

#[test]
fn of_the_secrets_in_place_the_newest_is_said_to_be_it() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let first = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?.key_id;
    assert!(!told(&tenant)?.contains("in place"), "nothing is known to be");
    place(&tenant, &first)?;
    let second = make(&tenant)?;
    place(&tenant, &second)?;
    let third = make(&tenant)?;
    let detail = told(&tenant)?;
    let of = |key_id: &str| detail.split("PPToken ").find(|text| text.starts_with(key_id)).map(str::to_owned);
    for (key_id, in_place) in [(first, false), (second, true), (third, false)] {
        let text = of(&key_id).ok_or("it isn't named")?;
        assert_eq!(text.contains(", in place)"), in_place, "{detail}");
    }
    Ok(())
}

#[test]
fn older_secrets_stay_for_the_overlap_and_then_go() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let old = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?.key_id;
    let new = make(&tenant)?;
    assert_eq!(rotation(&tenant, WEEK)?.remove, [] as [String; 0], "nothing is known to be in place");
    place(&tenant, &new)?;
    let seen = rotation(&tenant, WEEK)?;
    assert_eq!((seen.remove.as_slice(), seen.keep.as_slice()), (&[] as &[String], std::slice::from_ref(&old)));
    assert!(!seen.due && seen.remove_after.is_some());
    tenant.twin.advance(Duration::from_hours(7 * 24));
    let seen = rotation(&tenant, WEEK)?;
    assert_eq!((seen.remove.as_slice(), seen.remove_after), (std::slice::from_ref(&old), None));
    let wanted = another();
    let observed = tenant.observe(&wanted)?;
    let removal = plan_removal(&observed, &wanted, &old, false, tenant.connection.clock().now())?;
    tenant.with(|graph, voice| remove(graph, voice, &wanted, &removal))?;
    let seen = rotation(&tenant, WEEK)?;
    assert!(seen.remove.is_empty() && seen.keep.is_empty() && !seen.due);
    Ok(())
}

#[test]
fn a_secret_that_a_stopped_run_left_never_counts_as_the_new_one() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.apply(&Wanted::everything())?;
    let in_place = make(&tenant)?;
    place(&tenant, &in_place)?;
    // Made, and its text lost with the process.
    let orphan = make(&tenant)?;
    tenant.twin.advance(Duration::from_hours(60 * 24));
    let seen = rotation(&tenant, WEEK)?;
    assert!(!seen.remove.contains(&in_place) && !seen.remove.contains(&orphan), "{seen:?}");
    assert_eq!(seen.unplaced.iter().map(|secret| &secret.key_id).collect::<Vec<_>>(), [&orphan]);
    Ok(())
}

/// A tenant with one secret, which both of two rotations see near its end, and what they make: by start, and not yet in place.
fn two_at_once() -> Result<(Tenant, String, String), Box<dyn std::error::Error>> {
    let tenant = Tenant::start(&options())?;
    let lifetime = pp_runbook::wanted::Lifetime::Exactly(Span::days(20));
    let old = tenant.apply(&Wanted { lifetime, ..Wanted::everything() })?.secret.ok_or("no secret")?.key_id;
    place(&tenant, &old)?;
    assert!(rotation(&tenant, WEEK)?.due);
    tenant.twin.advance(Duration::from_secs(5));
    let first = make(&tenant)?;
    tenant.twin.advance(Duration::from_secs(5));
    let second = make(&tenant)?;
    tenant.twin.advance(Duration::from_secs(5));
    Ok((tenant, first, second))
}

#[test]
fn of_two_rotations_at_once_what_the_sink_has_last_is_never_removed() -> TestResult {
    // The one whose text the sink took last may show so first: between the two nothing tells what it has.
    for second_is_last in [false, true] {
        let (tenant, first, second) = two_at_once()?;
        let (before, last) = if second_is_last { (&first, &second) } else { (&second, &first) };
        place(&tenant, before)?;
        tenant.twin.advance(Duration::from_secs(30));
        place(&tenant, last)?;
        tenant.twin.advance(Duration::from_hours(8 * 24));
        let seen = rotation(&tenant, WEEK)?;
        assert!(!seen.due && seen.detail.contains(last.as_str()), "{seen:?}");
        assert_eq!(seen.remove.len(), 1, "the one before both: {seen:?}");
        assert!(!seen.remove.contains(&first) && !seen.remove.contains(&second), "{seen:?}");
        assert!(seen.unplaced.is_empty(), "both are in place: {seen:?}");
        // What comes after both replaces both.
        let next = make(&tenant)?;
        place(&tenant, &next)?;
        let seen = rotation(&tenant, Terms { overlap: Span::ZERO, ..WEEK })?;
        assert!(seen.remove.contains(&first) && seen.remove.contains(&second), "{seen:?}");
    }
    Ok(())
}

#[test]
fn what_another_rotation_is_about_to_put_in_place_stays_even_without_an_overlap() -> TestResult {
    let (tenant, first, second) = two_at_once()?;
    place(&tenant, &second)?;
    let at_once = Terms { overlap: Span::ZERO, ..WEEK };
    let seen = rotation(&tenant, at_once)?;
    assert!(seen.remove.len() == 1 && !seen.remove.contains(&first), "the one before both: {seen:?}");
    // Whoever asks for a new one in any case doesn't share the work.
    assert!(rotation(&tenant, Terms { renew_within: None, ..at_once })?.remove.contains(&first));
    // Nobody is on the way with it any more.
    tenant.twin.advance(Duration::from_hours(1));
    assert!(rotation(&tenant, at_once)?.remove.contains(&first));
    Ok(())
}

#[test]
fn a_new_one_is_due_near_the_end_of_the_one_in_place() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let lifetime = pp_runbook::wanted::Lifetime::Exactly(Span::days(90));
    let made = tenant.apply(&Wanted { lifetime, ..Wanted::everything() })?.secret.ok_or("no secret")?;
    place(&tenant, &made.key_id)?;
    assert!(!rotation(&tenant, WEEK)?.due);
    assert!(rotation(&tenant, Terms { renew_within: None, ..WEEK })?.due, "asked for");
    tenant.twin.advance(Duration::from_hours(61 * 24));
    assert!(rotation(&tenant, WEEK)?.due);
    tenant.twin.advance(Duration::from_hours(61 * 24));
    let ended = rotation(&tenant, WEEK)?;
    assert!(ended.due && ended.remove.is_empty(), "one that has ended is not the new one");
    Ok(())
}

#[test]
fn while_one_works_that_may_have_been_entered_by_hand_none_is_due_unless_it_is_asked_for() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let lifetime = pp_runbook::wanted::Lifetime::Exactly(Span::days(90));
    let by_hand = tenant.apply(&Wanted { lifetime, ..Wanted::everything() })?.secret.ok_or("no secret")?.key_id;
    let ids = |seen: &Rotation| seen.in_doubt.iter().map(|secret| secret.key_id.clone()).collect::<Vec<_>>();
    tenant.twin.advance(Duration::from_hours(61 * 24));
    let seen = rotation(&tenant, WEEK)?;
    assert!(!seen.due && seen.remove.is_empty() && seen.keep.is_empty(), "{seen:?}");
    assert_eq!(ids(&seen), std::slice::from_ref(&by_hand));
    let asked = rotation(&tenant, Terms { renew_within: None, ..WEEK })?;
    assert!(asked.due && asked.in_doubt.is_empty(), "{asked:?}");
    // Once it has ended nobody loses anything.
    tenant.twin.advance(Duration::from_hours(30 * 24));
    let ended = rotation(&tenant, WEEK)?;
    assert!(ended.due && ended.in_doubt.is_empty(), "{ended:?}");
    let next = make(&tenant)?;
    place(&tenant, &next)?;
    let seen = rotation(&tenant, WEEK)?;
    assert!(!seen.due && seen.in_doubt.is_empty() && seen.keep.contains(&by_hand), "{seen:?}");
    Ok(())
}

#[test]
fn one_that_was_replaced_is_not_in_place_again_when_its_successor_has_ended() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let for_a_century = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?.key_id;
    place(&tenant, &for_a_century)?;
    let by_hand = make(&tenant)?;
    let lifetime = pp_runbook::wanted::Lifetime::Exactly(Span::days(90));
    let successor = tenant.apply(&Wanted { lifetime, ..another() })?.secret.ok_or("no secret")?.key_id;
    place(&tenant, &successor)?;
    assert!(!rotation(&tenant, WEEK)?.due);
    tenant.twin.advance(Duration::from_hours(91 * 24));
    let seen = rotation(&tenant, WEEK)?;
    assert!(seen.due && seen.detail.contains(&successor) && seen.detail.contains("ended on"), "{seen:?}");
    assert!(seen.remove.is_empty() && seen.keep.is_empty(), "the older one is all that works: {seen:?}");
    let lost = make(&tenant)?;
    let unplaced = rotation(&tenant, WEEK)?.unplaced;
    assert_eq!(unplaced.iter().map(|secret| &secret.key_id).collect::<Vec<_>>(), [&lost]);
    place(&tenant, &by_hand)?;
    assert!(!rotation(&tenant, WEEK)?.due, "somebody says that an older one is in place since");
    let next = make(&tenant)?;
    place(&tenant, &next)?;
    let seen = rotation(&tenant, Terms { overlap: Span::ZERO, ..WEEK })?;
    assert!(!seen.due && [&for_a_century, &successor].iter().all(|id| seen.remove.contains(id)), "{seen:?}");
    Ok(())
}

#[test]
fn a_plan_says_what_would_go_after_the_new_one() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let old = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?.key_id;
    let wanted = another();
    let observed = tenant.observe(&wanted)?;
    let application = observed.app(false).ok_or("no application")?;
    let now = tenant.connection.clock().now();
    let asked_for = Terms { renew_within: None, ..WEEK };
    let at_once = foresee(application, Terms { overlap: Span::ZERO, ..asked_for }, now);
    assert_eq!(at_once.remove, std::slice::from_ref(&old));
    let later = foresee(application, asked_for, now);
    assert_eq!((later.keep.as_slice(), later.remove_after), (std::slice::from_ref(&old), Some(now + Span::WEEK)));
    Ok(())
}

#[test]
fn what_is_in_place_is_remembered_through_lag_and_faults_and_other_tags_stay() -> TestResult {
    let faults = [
        FaultKind::AnswerLost { reset: true },
        FaultKind::RequestLost { reset: false },
        FaultKind::Throttled(RetryAfter::Seconds(3)),
        FaultKind::Concurrency,
    ];
    for fault in faults {
        let lag = Options { max_lag: Duration::from_secs(10), replicas: 3, ..options() };
        let tenant = Tenant::start(&lag)?;
        let made = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?;
        let tags = |tenant: &Tenant| {
            let observed = tenant.observe(&another())?;
            Ok::<_, Box<dyn std::error::Error>>(observed.app(false).ok_or("no application")?.tags.clone())
        };
        let before = tags(&tenant)?;
        tenant.twin.add_fault(Fault::new(On::call("PATCH", "/applications/*"), fault.clone()));
        place(&tenant, &made.key_id)?;
        let after = tags(&tenant)?;
        assert!(
            before.iter().all(|tag| after.contains(tag)) && after.len() == before.len() + 1,
            "{fault:?}: {after:?}"
        );
    }
    Ok(())
}

#[test]
fn one_look_that_does_not_show_the_secret_in_place_is_not_enough() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let made = tenant.apply(&Wanted::everything())?;
    let (id, key_id) = (made.application.ok_or("no application")?.id, made.secret.ok_or("no secret")?.key_id);
    place(&tenant, &key_id)?;
    let observed = tenant.observe(&another())?;
    let secrets = &observed.app(false).ok_or("no application")?.password_credentials;
    let start = secrets.first().and_then(|secret| secret.start_date_time).ok_or("no start")?;
    tenant.twin.advance(Duration::from_mins(1));
    // A replica that lags answers the first look.
    let found = tenant.twin.edit(|directory| directory.get("applications", &id)).ok_or("no application")?;
    let none = json!([]);
    tenant.twin.edit(|directory| directory.set("applications", &id, "passwordCredentials", &none));
    let shows = json!({"edit": "set", "collection": "applications", "id": id, "property": "passwordCredentials", "value": found["passwordCredentials"]});
    tenant.twin.add_fault(Fault::new(On::every(Target::Batch), FaultKind::Edited(shows)).nth(2));
    let placed = [(start, key_id.parse()?)];
    let in_place = tenant.with(|graph, _| look_for(graph, &another(), &placed))?;
    assert_eq!(in_place.map(|found| found.key_id), Some(key_id));
    // What stays away is gone.
    tenant.twin.edit(|directory| directory.set("applications", &id, "passwordCredentials", &none));
    assert!(tenant.with(|graph, _| look_for(graph, &another(), &placed))?.is_none());
    Ok(())
}
