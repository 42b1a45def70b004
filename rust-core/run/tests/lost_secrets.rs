//! A secret whose answer was lost, or can't be read: whatever else happens then, none is left whose text nobody has, or the
//! error names it.

use std::error::Error;
use std::time::Duration;

use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult};
use serde_json::Value;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter, Target, Unreadable};

const UNREADABLE: [Unreadable; 3] = [Unreadable::Html, Unreadable::Empty, Unreadable::Cut];

fn tenant() -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() })
}

/// Ids and starts of all secrets PPToken of the tenant.
fn secrets(tenant: &Tenant) -> Vec<(String, String)> {
    let state = tenant.twin.state();
    let applications = state["applications"].as_array().cloned().unwrap_or_default();
    let all = applications.iter().flat_map(|app| app["passwordCredentials"].as_array().cloned().unwrap_or_default());
    let ours = all.filter(|secret| secret["displayName"] == "PPToken");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    ours.map(|secret| (text(&secret["keyId"]), text(&secret["startDateTime"]))).collect()
}

/// Runs under the faults: what lies in the tenant is what the caller was given, whatever the run's end.
fn hold(faults: &[Fault], what: &str) -> TestResult {
    let tenant = tenant()?;
    for fault in faults {
        tenant.twin.add_fault(fault.clone());
    }
    let ended = tenant.apply(&Wanted::everything());
    let given: Vec<String> = ended.iter().filter_map(|outcome| Some(outcome.secret.as_ref()?.key_id.clone())).collect();
    let there: Vec<String> = secrets(&tenant).into_iter().map(|(id, _)| id).collect();
    assert_eq!(there, given, "{what}: {:?}", ended.err());
    Ok(())
}

fn lost() -> Fault {
    Fault::new(On::call("POST", "/applications/*/addPassword"), FaultKind::AnswerLost { reset: true })
}

/// As a replica answers that doesn't know the application yet.
fn not_found() -> FaultKind {
    FaultKind::Failed { status: 404, body: ErrorBody::Json, retry_after: RetryAfter::Absent }
}

#[test]
fn a_lost_secret_is_not_gone_where_the_application_is_not_found() -> TestResult {
    let removal = On::call("POST", "/applications/*/removePassword");
    hold(&[lost(), Fault::new(removal, not_found())], "its removal")?;
    // The run ends by a look that is refused; those that follow go on for longer than a replica should lag.
    let look = || On::call("GET", "/applications/*passwordCredentials*");
    let refused = Fault::new(look(), FaultKind::Denied);
    hold(&[lost(), refused, Fault::new(look(), not_found()).nth(2).times(9)], "the looks at the end")
}

#[test]
fn a_lost_secret_was_not_never_made_before_a_look_shows_its_application() -> TestResult {
    // In the first it is known by what the run has made alone, in the second by an earlier look.
    for there_before in [false, true] {
        let tenant = tenant()?;
        if there_before {
            tenant.apply(&Wanted::everything())?;
        }
        tenant.twin.clear_requests();
        tenant.twin.add_fault(lost());
        // For longer than a replica should lag.
        let look = On::call("GET", "/applications/*passwordCredentials*");
        tenant.twin.add_fault(Fault::new(look, not_found()).times(9));
        tenant.apply(&Wanted { new_secret: there_before, ..Wanted::everything() })?;
        assert!(tenant.twin.faults_shown() > 9, "it was to be seen late");
        let requests = tenant.twin.requests();
        let items = requests.iter().flat_map(|request| &request.batch).map(|item| item.path.as_str());
        let of_secrets: Vec<&str> =
            items.filter_map(|path| path.rsplit('/').next()).filter(|call| call.ends_with("Password")).collect();
        assert_eq!(of_secrets, ["addPassword", "removePassword", "addPassword"], "there before: {there_before}");
    }
    Ok(())
}

#[test]
fn a_secret_of_which_a_gateway_answers_is_looked_for_and_the_run_goes_on() -> TestResult {
    let batches = [Target::Batch; 4].into_iter().zip(1..).map(|(target, nth)| (On::every(target), nth));
    let item = (On::call("POST", "/applications/*/addPassword"), 1);
    for (on, nth) in batches.chain([item]) {
        for status in [507, 520, 522, 524, 599] {
            let tenant = tenant()?;
            tenant.twin.add_fault(Fault::new(on.clone(), FaultKind::Gateway { status }).nth(nth));
            let secret = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?;
            let there: Vec<String> = secrets(&tenant).into_iter().map(|(id, _)| id).collect();
            assert_eq!(there, [secret.key_id], "{status} of {on:?}, {nth}");
        }
    }
    Ok(())
}

#[test]
fn an_unreadable_answer_to_any_batch_leaves_no_secret_that_nobody_has() -> TestResult {
    let model = tenant()?;
    model.apply(&Wanted::everything())?;
    let batches = model.twin.requests().iter().filter(|request| request.path.ends_with("$batch")).count();
    for (n, how) in (1..=u64::try_from(batches)?).flat_map(|n| UNREADABLE.map(|how| (n, how))) {
        let fault = Fault::new(On::every(Target::Batch), FaultKind::Unreadable(how)).nth(n);
        hold(&[fault], &format!("batch {n}, {how:?}"))?;
    }
    Ok(())
}

#[test]
fn the_batch_that_makes_the_secret_answered_with_nothing_is_looked_for_and_the_run_goes_on() -> TestResult {
    for how in UNREADABLE {
        let tenant = tenant()?;
        // Requests: sign-in, reads, organization and application, service principal, consents and secret.
        tenant.twin.add_fault(Fault::new(On::every(Target::Request), FaultKind::Unreadable(how)).nth(5));
        let outcome = tenant.apply(&Wanted::everything())?;
        let secret = outcome.secret.ok_or("no secret")?;
        let there: Vec<String> = secrets(&tenant).into_iter().map(|(id, _)| id).collect();
        assert_eq!(there, [secret.key_id], "{how:?}");
        let verbose = tenant.verbose.lock().join("\n");
        assert!(verbose.contains("a secret whose text was lost has been removed"), "{how:?}: {verbose}");
    }
    Ok(())
}

#[test]
fn a_look_up_that_cannot_be_read_does_not_end_a_run_while_a_lost_secret_is_there() -> TestResult {
    for (n, how) in (1..=2).flat_map(|n| UNREADABLE.map(|how| (n, how))) {
        // The look-ups after it are the batches after the four of a run that has come so far.
        let look = Fault::new(On::every(Target::Batch), FaultKind::Unreadable(how)).nth(4 + n);
        hold(&[lost(), look], &format!("look-up {n}, {how:?}"))?;
        let item = On {
            target: Target::Call,
            method: Some("GET".into()),
            path: Some("/applications*".into()),
            ..On::default()
        };
        let look = Fault::new(item, FaultKind::Unreadable(how)).nth(1 + n);
        hold(&[lost(), look], &format!("the application in look-up {n}, {how:?}"))?;
    }
    Ok(())
}

#[test]
fn a_lost_secret_that_cannot_be_looked_for_is_named_with_its_start_and_the_way_out() -> TestResult {
    let tenant = tenant()?;
    tenant.twin.add_fault(lost());
    let reads = On { target: Target::Batch, ..On::default() };
    tenant.twin.add_fault(Fault::new(reads, FaultKind::Unreadable(Unreadable::Html)).for_ever().nth(5));
    let error = tenant.apply(&Wanted::everything()).map(drop).err().ok_or("it did not fail")?.to_string();
    let (_, start) = secrets(&tenant).pop().ok_or("it was made")?;
    let second = start.get(..19).ok_or("no start")?.replace('T', " ");
    for part in [second.as_str(), "Get-PPClientSecret", "Remove-PPClientSecret -KeyId"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    Ok(())
}
