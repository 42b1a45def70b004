//! The process is killed at every request boundary of a restore: a rerun ends where one that was not killed ends.

use std::thread;
use std::time::Duration;

use pp_testing::{TestResult, child};
use tenant_twin::{Fault, FaultKind, On, Target};

use crate::provisioned::{Provisioned, options};

fn rerun(provisioned: &Provisioned, what: &str) -> TestResult {
    provisioned.tenant.twin.clear_faults();
    assert!(provisioned.on_the_way() <= 1, "{what}: more than one user is on the way at once");
    provisioned.restore()?;
    assert_eq!(provisioned.fingerprint(), provisioned.wanted(), "{what}");
    provisioned.tenant.twin.clear_requests();
    provisioned.restore()?;
    assert_eq!(provisioned.tenant.writes(), 0, "{what}: a rerun changes nothing");
    Ok(())
}

/// Three users of whom everything was overwritten.
fn overwritten() -> Result<(Provisioned, String), Box<dyn std::error::Error>> {
    let provisioned = Provisioned::overwritten(&options(3))?;
    provisioned.tenant.twin.clear_requests();
    let word = serde_json::to_string(&provisioned.backup)?;
    Ok((provisioned, word))
}

#[test]
fn killed_at_any_boundary_a_rerun_restores_everybody() -> TestResult {
    let (model, _) = overwritten()?;
    model.restore()?;
    let requests = model.tenant.twin.requests().len();
    assert!(requests > 3, "{requests}");
    for n in 1..=requests {
        // After the request was carried out, before its answer.
        let (provisioned, word) = overwritten()?;
        let twin = &provisioned.tenant.twin;
        let late = FaultKind::Delayed(Duration::from_mins(1));
        twin.add_fault(Fault::new(On::every(Target::Request), late).nth(u64::try_from(n)?));
        let mut child = child::start_told(twin, usize::MAX, &word)?;
        while twin.requests().len() < n && child.try_wait()?.is_none() {
            thread::yield_now();
        }
        child.kill()?;
        child.wait()?;
        rerun(&provisioned, &format!("killed before answer {n}"))?;
        // After its answer, before the next one is sent.
        let (provisioned, word) = overwritten()?;
        child::start_told(&provisioned.tenant.twin, n, &word)?.wait()?;
        rerun(&provisioned, &format!("killed after answer {n}"))?;
    }
    Ok(())
}

#[test]
fn killed_within_the_move_of_an_immutable_id_a_rerun_brings_the_user_home() -> TestResult {
    for written in 1..=2 {
        let (provisioned, _) = overwritten()?;
        let user = &provisioned.backup[2];
        let away = format!("ppfederation-restore-{}@contosoaccounting.onmicrosoft.com", user.id.replace('-', ""));
        provisioned.set(2, "userPrincipalName", &serde_json::json!(away));
        if written == 2 {
            provisioned.set(2, "onPremisesImmutableId", &serde_json::json!(user.on_premises_immutable_id));
        }
        assert_eq!(provisioned.on_the_way(), 1);
        rerun(&provisioned, &format!("after write {written} of three"))?;
    }
    Ok(())
}
