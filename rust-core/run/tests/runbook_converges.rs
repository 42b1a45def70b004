//! The runbook under replication lag and the service's own time: it ends where a clean run ends.

use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::CancelSource;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_http::SendError;
use pp_run::apply::{RunError, Voice, apply};
use pp_run::outcome::StepResult;
use pp_runbook::step::{State, StepName};
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, Wanted};
use pp_testing::shape::shape;
use pp_testing::{Tenant, TestResult};
use serde_json::json;
use tenant_twin::{Fault, FaultKind, On, Options, Target};

#[test]
fn lag_on_replicas_that_disagree_makes_nothing_twice() -> TestResult {
    for seed in 0..20 {
        let options = Options {
            seed,
            replicas: 3,
            max_lag: Duration::from_secs(20),
            latency: Duration::ZERO,
            ..Options::default()
        };
        let tenant = Tenant::start(&options)?;
        let outcome = tenant.apply(&Wanted::everything()).map_err(|e| format!("seed {seed}: {e}"))?;
        for row in outcome.steps.iter().filter(|row| row.step != StepName::DirSync) {
            assert_eq!(row.result, StepResult::Done, "seed {seed}: {row:?}");
        }
        let state = tenant.twin.state();
        let apps = state["applications"].as_array().cloned().unwrap_or_default();
        let ours: Vec<_> = apps.iter().filter(|app| app["displayName"] == DEFAULT_DISPLAY_NAME).collect();
        assert_eq!(ours.len(), 1, "seed {seed}");
        assert_eq!(ours[0]["passwordCredentials"].as_array().map(Vec::len), Some(1), "seed {seed}");
    }
    Ok(())
}

#[test]
fn a_rerun_at_once_makes_no_second_secret_where_a_replica_lags() -> TestResult {
    let secret = Wanted { steps: vec![StepName::ClientSecret], ..Wanted::everything() };
    let max_lag = Duration::from_secs(30);
    // How many reads came before decides which replica the rerun reads first.
    for (seed, reads) in (1..5).flat_map(|seed| (0..3).map(move |reads| (seed, reads))) {
        let tenant = Tenant::start(&Options { seed, max_lag, latency: Duration::ZERO, ..Options::default() })?;
        tenant.apply(&Wanted { steps: StepName::ALL[..6].to_vec(), ..Wanted::everything() })?;
        tenant.twin.advance(max_lag);
        tenant.apply(&secret)?.secret.ok_or("no secret")?;
        for _ in 0..reads {
            tenant.with(|graph, _| graph.read(&[Item::get("/organization?$select=id")]).map(drop))?;
        }
        let rerun = tenant.apply(&secret).map_err(|e| format!("seed {seed}: {e}"))?;
        assert!(rerun.secret.is_none(), "seed {seed}, {reads} reads before: {:?}", rerun.steps);
    }
    Ok(())
}

#[test]
fn directory_sync_is_pending_until_the_last_object_is_converted() -> TestResult {
    let tenant = Tenant::start(&Options { users: 30, ..Options::default() })?;
    let sync = Wanted { steps: vec![StepName::DirSync], ..Wanted::everything() };
    let state = || Ok::<_, Box<dyn std::error::Error>>(tenant.judge(&sync)?[0].assessment.state);
    assert_eq!(state()?, State::NotDone);
    assert_eq!(tenant.apply(&sync)?.steps[0].result, StepResult::Pending);
    tenant.twin.advance(Duration::from_hours(36));
    assert_eq!(state()?, State::Pending);
    tenant.twin.advance(Duration::from_hours(36));
    assert_eq!(state()?, State::Done, "72 hours on; the token of before has ended and is renewed");
    assert_eq!(tenant.apply(&sync)?.steps[0].result, StepResult::AlreadyDone);
    Ok(())
}

#[test]
fn a_machine_whose_clock_is_off_makes_a_secret_that_signs_in_at_once() -> TestResult {
    for seconds in [-600, 600] {
        let tenant = Tenant::start(&Options { latency: Duration::ZERO, ..Options::default() })?;
        tenant.twin.add_fault(Fault::new(On::every(Target::Request), FaultKind::Skewed { seconds }).for_ever());
        let outcome = tenant.apply(&Wanted::everything())?;
        let secret = outcome.steps.iter().find(|row| row.step == StepName::ClientSecret).ok_or("no row")?;
        assert_eq!(secret.result, StepResult::Done, "the service is {seconds} s ahead: {secret:?}");
        let waited = tenant.connection.clock().elapsed();
        assert_eq!(waited, Duration::from_secs(5), "the time between two looks alone was waited for");
        let refused = tenant.twin.requests().iter().filter(|request| request.token && request.status != 200).count();
        assert_eq!(refused, 0, "the service is {seconds} s ahead");
    }
    Ok(())
}

#[test]
fn each_conflict_costs_a_moment_however_many_came_before_it() -> TestResult {
    let tenant = Tenant::start(&Options { latency: Duration::ZERO, ..Options::default() })?;
    let writes = [
        ("PATCH", "/applications*"),
        ("POST", "/servicePrincipals"),
        ("POST", "/oauth2PermissionGrants"),
        ("POST", "*/appRoleAssignedTo"),
        ("POST", "/roleManagement/directory/roleAssignments"),
        ("POST", "*/addPassword"),
    ];
    for (method, path) in writes {
        tenant.twin.add_fault(Fault::new(On::call(method, path), FaultKind::Concurrency));
    }
    let outcome = tenant.apply(&Wanted::everything())?;
    assert!(outcome.secret.is_some());
    assert_eq!(tenant.twin.faults_shown(), 6);
    let between_looks = Duration::from_secs(5);
    assert_eq!(tenant.connection.clock().elapsed(), between_looks + 6 * Duration::from_millis(100));
    Ok(())
}

#[test]
fn tokens_that_cannot_be_read_do_not_stop_a_run() -> TestResult {
    let tenant = Tenant::start(&Options { opaque_tokens: true, ..Options::default() })?;
    let outcome = tenant.apply(&Wanted::everything())?;
    assert!(outcome.steps.iter().all(|row| matches!(row.result, StepResult::Done | StepResult::Pending)));
    Ok(())
}

#[test]
fn a_secret_reaches_its_caller_with_its_application_when_nothing_can_be_read_back() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    // Requests: sign-in, reads, organization and application, service principal, consents and secret; then all fail.
    tenant
        .twin
        .add_fault(Fault::new(On::every(Target::Request), FaultKind::RequestLost { reset: true }).nth(6).for_ever());
    let outcome = tenant.apply(&Wanted::everything())?;
    let secret = outcome.secret.ok_or("the secret is lost")?;
    let application = outcome.application.ok_or("whose secret is it?")?;
    assert!(outcome.principal.is_some());
    tenant.twin.clear_faults();
    let there = tenant.twin.edit(|d| d.get("applications", &application.id)).ok_or("no such application")?;
    assert_eq!(there["passwordCredentials"][0]["keyId"], secret.key_id.as_str());
    assert!(outcome.steps.iter().any(|row| row.result == StepResult::NotConfirmed));
    assert!(!tenant.warnings.lock().is_empty());
    Ok(())
}

#[test]
fn a_run_that_is_cancelled_before_its_secret_is_handed_over_takes_the_secret_back() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let (source, cancel) = CancelSource::new();
    let budget = Budget::new(DEFAULT_BUDGET);
    let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
    let progress = |what: &str, _| {
        if what.starts_with("Reading back") {
            source.cancel();
        }
    };
    let voice = Voice { progress: &progress, warning: &|_| (), debug: &|_| () };
    let ended = apply(tenant.connection.graph(call), voice, &Wanted::everything(), None);
    assert!(matches!(ended, Err(RunError::Graph { error: GraphError::Send(SendError::Cancelled), .. })), "{ended:?}");
    assert_eq!(shape(&tenant.twin.state())["secrets"], json!([0]));
    Ok(())
}

#[test]
fn a_lost_secret_that_lagging_replicas_still_show_after_its_removal_is_not_taken_for_a_live_one() -> TestResult {
    for seed in 0..12 {
        let lag = Duration::from_secs(30);
        let tenant =
            Tenant::start(&Options { seed, replicas: 3, max_lag: lag, latency: Duration::ZERO, ..Options::default() })?;
        let secret = On::call("POST", "/applications/*/addPassword");
        tenant.twin.add_fault(Fault::new(secret, FaultKind::AnswerLost { reset: true }));
        let outcome = tenant.apply(&Wanted::everything()).map_err(|e| format!("seed {seed}: {e}"))?;
        assert!(outcome.secret.is_some(), "seed {seed}: the run ended without a secret: {:?}", outcome.steps);
        tenant.twin.advance(lag);
        assert_eq!(shape(&tenant.twin.state())["secrets"], json!([1]), "seed {seed}");
    }
    Ok(())
}

#[test]
fn answers_that_say_null_text_and_instants_without_zone_end_as_a_clean_run_in_as_many_requests() -> TestResult {
    let mut ends = Vec::new();
    for loose in [false, true] {
        let tenant = Tenant::start(&Options { latency: Duration::ZERO, ..Options::default() })?;
        if loose {
            let graph = On::every(Target::Graph);
            tenant.twin.add_fault(Fault::new(graph, FaultKind::LooseValues).for_ever());
        }
        let outcome = tenant.apply(&Wanted::everything())?;
        assert!(outcome.secret.is_some() && outcome.failed.is_none());
        let requests = tenant.twin.requests().len();
        // A second run reads all of what the first has made.
        let again = tenant.apply(&Wanted::everything())?;
        assert!(again.steps.iter().all(|row| row.result != StepResult::Unknown), "{:?}", again.steps);
        ends.push((requests, shape(&tenant.twin.state())));
    }
    assert_eq!(ends[0], ends[1]);
    Ok(())
}
