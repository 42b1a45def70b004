//! What takes something away goes by the service's time: machines whose clocks are a week ahead or behind decide as one
//! whose clock is right.

mod op;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use pp_graph::batch::{Item, Order};
use pp_report::error::OpError;
use pp_run::connection::open;
use pp_runbook::wanted::{Lifetime, SECRET_NAME, Wanted};
use pp_testing::{Tenant, TestResult, TwinClock, connect_at};
use serde_json::json;
use tenant_twin::{Options, Twin};
use time::Duration as Span;
use time::format_description::well_known::Rfc3339;

const DAY: Duration = Duration::from_hours(24);
const WRONG: [Span; 2] = [Span::WEEK, Span::weeks(-1)];

fn tenant() -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users: 1, latency: Duration::ZERO, ..Options::default() })
}

/// The number of a connection from a machine whose clock is so far ahead.
fn machine(twin: &Arc<Twin>, ahead: Span) -> Result<u64, Box<dyn Error>> {
    Ok(open(connect_at(twin, Arc::new(TwinClock::ahead_of(twin, ahead)))?)?)
}

/// Another secret beside those that are there.
fn another(tenant: &Tenant, lifetime: Lifetime) -> Result<String, Box<dyn Error>> {
    let outcome = tenant.apply(&Wanted { new_secret: true, lifetime, ..Wanted::everything() })?;
    Ok(outcome.secret.ok_or("no secret")?.key_id)
}

/// Whether a rotation whose overlap is three days would keep older secrets.
fn keeps(machine: u64) -> Result<bool, Box<dyn Error>> {
    let (objects, ended) =
        op::run(&json!({"op": "rotation", "connection": machine, "overlapSeconds": 3 * DAY.as_secs()}))?;
    ended?;
    Ok(objects.contains(">Later<"))
}

#[test]
fn an_overlap_passes_by_the_service_s_time() -> TestResult {
    for ahead in WRONG {
        for (places, judges) in [(ahead, Span::ZERO), (Span::ZERO, ahead), (ahead, ahead)] {
            let tenant = tenant()?;
            tenant.apply(&Wanted::everything())?;
            let new = another(&tenant, Lifetime::Runbook)?;
            let places = machine(&tenant.twin, places)?;
            op::run(&json!({"op": "secretPlaced", "connection": places, "keyId": new}))?.1?;
            let judges = machine(&tenant.twin, judges)?;
            assert!(keeps(judges)?, "{ahead}: the older one may still be in use");
            tenant.twin.advance(4 * DAY);
            assert!(!keeps(judges)?, "{ahead}: the overlap has passed");
        }
    }
    Ok(())
}

/// Whether the removal of a secret is refused because no other works.
fn is_last(machine: u64, key_id: &str) -> Result<bool, Box<dyn Error>> {
    match op::run(&json!({"op": "planSecretRemoval", "connection": machine, "keyId": key_id}))?.1 {
        Err(OpError::Failed(report)) if report.id == "PPFederation.LastSecret" => Ok(true),
        ended => Ok(ended.map(|()| false)?),
    }
}

#[test]
fn a_secret_that_has_ended_or_has_not_started_for_the_service_replaces_none() -> TestResult {
    for ahead in WRONG {
        // It ends before the service's time, and after that of a machine that is a week behind.
        let tenant = tenant()?;
        let old = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?.key_id;
        another(&tenant, Lifetime::Exactly(Span::days(6)))?;
        assert!(!is_last(machine(&tenant.twin, ahead)?, &old)?, "{ahead}: there is another");
        tenant.twin.advance(8 * DAY);
        assert!(is_last(machine(&tenant.twin, ahead)?, &old)?, "{ahead}: the other one has ended");
        // It starts after the service's time, and before that of a machine that is a week ahead.
        let tenant = self::tenant()?;
        let outcome = tenant.apply(&Wanted::everything())?;
        let application = outcome.application.ok_or("no application")?.id;
        let [start, end] = [3, 300].map(|days| (tenant.connection.now() + Span::days(days)).format(&Rfc3339));
        let later = json!({"displayName": SECRET_NAME, "startDateTime": start?, "endDateTime": end?});
        let add = Item {
            method: "POST",
            body: Some(json!({"passwordCredential": later})),
            ..Item::get(format!("/applications/{application}/addPassword"))
        };
        tenant.with(|graph, _| graph.write(&[add], Order::Chain))?.remove(0)?;
        let old = outcome.secret.ok_or("no secret")?.key_id;
        assert!(is_last(machine(&tenant.twin, ahead)?, &old)?, "{ahead}: the other one has not started");
    }
    Ok(())
}
