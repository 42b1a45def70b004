//! The process is killed at every request boundary of a run: a rerun ends with one application, one service principal,
//! all grants, and keeps every secret it finds.
#![expect(clippy::print_stdout, reason = "the test says how much it tried")]

use std::thread;
use std::time::Duration;

use pp_run::apply::apply;
use pp_runbook::wanted::Wanted;
use pp_testing::shape::shape;
use pp_testing::{Tenant, TestResult, child};
use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Options, Target};

/// What the child process does; nothing where no parent started it.
#[test]
fn child() -> TestResult {
    child::run(|graph, voice, _, _| {
        apply(graph, voice, &Wanted::everything(), None)?;
        Ok(())
    })
}

fn options() -> Options {
    Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() }
}

/// Key id and start, to the second, of an application's PPToken.
fn of_runbook(application: &Value) -> Option<(String, String)> {
    let secrets = application["passwordCredentials"].as_array()?;
    let secret = secrets.iter().find(|secret| secret["displayName"] == "PPToken")?;
    Some((secret["keyId"].as_str()?.to_owned(), secret["startDateTime"].as_str()?.get(..19)?.replace('T', " ")))
}

/// A rerun after the kill: as a clean run, but for a secret that was made before and is kept.
fn rerun(tenant: &Tenant, clean: &Value, what: &str) -> TestResult {
    tenant.twin.clear_faults();
    let before = shape(&tenant.twin.state())["secrets"].clone();
    let outcome = tenant.apply(&Wanted::everything())?;
    assert_eq!(&shape(&tenant.twin.state()), clean, "{what}");
    let kept = before == json!([1]);
    assert_eq!(outcome.secret.is_none(), kept, "{what}: a secret that was there is kept, and only then none is made");
    if kept {
        let state = tenant.twin.state();
        let secret = state["applications"].as_array().and_then(|all| all.iter().find_map(of_runbook));
        let (id, start) = secret.ok_or("the secret is gone")?;
        let detail = outcome.steps.iter().map(|row| row.detail.as_str()).collect::<String>();
        assert!(
            detail.contains(&id) && detail.contains(&start),
            "{what}: named by key id {id} and start {start}: {detail}"
        );
        // The process that made it has ended with it unclaimed.
        assert!(
            detail.contains("can't be read again") && detail.contains("-NewSecret"),
            "{what}: with the way out: {detail}"
        );
    }
    Ok(())
}

#[test]
fn killed_at_any_boundary_a_rerun_makes_nothing_twice() -> TestResult {
    let model = Tenant::start(&options())?;
    model.apply(&Wanted::everything())?;
    let clean = shape(&model.twin.state());
    let requests = model.twin.requests().len();
    let mut kills = 0;
    for n in 1..=requests {
        // After the request was carried out, before its answer.
        let tenant = Tenant::start(&options())?;
        let late = FaultKind::Delayed(Duration::from_mins(1));
        tenant.twin.add_fault(Fault::new(On::every(Target::Request), late).nth(u64::try_from(n)?));
        let mut child = child::start(&tenant.twin, usize::MAX)?;
        while tenant.twin.requests().len() < n {
            thread::yield_now();
        }
        child.kill()?;
        child.wait()?;
        rerun(&tenant, &clean, &format!("killed before answer {n}"))?;
        // After its answer, before the next one is sent.
        let tenant = Tenant::start(&options())?;
        let ended = child::start(&tenant.twin, n)?.wait()?;
        rerun(&tenant, &clean, &format!("killed after answer {n}"))?;
        // Fewer answers are logged than requests sent: those to sign-ins are not.
        kills += 1 + usize::from(!ended.success());
    }
    println!("{kills} kills at the boundaries of {requests} requests");
    Ok(())
}
