//! A fleet's plan and its ledger: what has an end there is left as it is and not asked about, what the run would be refused for is told before
//! anything is read, and what failed in the plan is in the ledger as well. And who is said to be at work.

#[path = "op/fleet.rs"]
mod op;

use std::error::Error;
use std::fs;
use std::path::Path;

use pp_base::cancel::Cancel;
use pp_ledger::file;
use pp_ledger::state::State;
use pp_report::error::OpError;
use pp_testing::TestResult;
use pp_testing::azurite::{Azurite, sas};
use pp_testing::shape::secrets as secrets_of;
use pp_testing::street::Street;
use serde_json::{Value, json};
use tempfile::tempdir;
use tenant_twin::{Options, Twin};
use time::OffsetDateTime;

fn with_ledger(path: &Path, street: &Street) -> Value {
    json!({"ledger": path, "options": {"skip": ["DirSync"], "sink": {"kind": "KeyVault", "vaultUri": street.vaults()}}})
}

/// The request with further fields.
fn with(request: &Value, more: &Value) -> Value {
    let mut request = request.clone();
    for (name, value) in more.as_object().into_iter().flatten() {
        request[name] = value.clone();
    }
    request
}

/// A list of the question of a plan, as its text.
fn listed(said: &op::Said, name: &str) -> Result<String, String> {
    let question = said.objects.iter().find(|text| text.contains("FleetQuestion")).ok_or("no question")?;
    let (_, list) = question.split_once(&format!(r#"N="{name}""#)).ok_or_else(|| format!("no {name}: {question}"))?;
    Ok(list.split("</LST>").next().unwrap_or_default().to_owned())
}

fn is_begun(said: &op::Said, twin: &Twin) -> bool {
    said.objects.iter().any(|text| text.contains("FleetBegun") && text.contains(twin.tenant_id()))
}

fn nothing_was_asked(street: &Street) -> bool {
    street.tenants.iter().all(|twin| twin.requests().is_empty())
}

fn failed(ended: Result<(), OpError>) -> String {
    match ended {
        Err(OpError::Failed(report)) => report.id.to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn what_the_ledger_has_an_end_of_is_said_without_a_look_and_is_in_no_question() -> TestResult {
    let (street, folder) = (Street::of(3)?, tempdir()?);
    let ledger = folder.path().join("ledger.jsonl");
    let (request, secrets) = street.fleet("Runbook", &with_ledger(&ledger, &street))?;
    let [done, failed, open] = &street.tenants[..] else { return Err("not three tenants".into()) };
    let mut earlier = with(&request, &json!({"only": [done.tenant_id(), failed.tenant_id()]}));
    earlier["tenants"][1]["clientSecret"]["len"] = json!(5);
    let (said, ended) = op::run(&(earlier, secrets.clone()))?;
    ended?;
    assert_eq!((said.count("Done"), said.count("Failed")), (1, 1), "{said:?}");
    assert!(is_begun(&said, done) && is_begun(&said, failed));
    street.tenants.iter().for_each(Twin::clear_requests);
    let before = fs::read(&ledger)?;
    for precedes in [false, true] {
        let plan = with(&request, &json!({"plan": true, "precedesRun": precedes}));
        let (said, ended) = op::run(&(plan, secrets.clone()))?;
        ended?;
        let (by_ledger, left, planned) =
            (said.row(done.tenant_id())?, said.row(failed.tenant_id())?, said.row(open.tenant_id())?);
        assert!(by_ledger.contains(">Done<") && by_ledger.contains("By the ledger: "), "{by_ledger}");
        assert!(left.contains(">Skipped<") && left.contains("-Retry Failed takes it up"), "{left}");
        assert!(planned.contains("Would: "), "{planned}");
        assert!(done.requests().is_empty() && failed.requests().is_empty() && !open.requests().is_empty());
        assert_eq!((said.errors.len(), fs::read(&ledger)? == before), (0, true), "{said:?}");
        let (asked, left) = (listed(&said, "Tenants")?, listed(&said, "Left")?);
        for (twin, is_left) in [(done, true), (failed, true), (open, false)] {
            let id = twin.tenant_id();
            assert_eq!((left.contains(id), asked.contains(id)), (is_left, !is_left), "{asked} {left}");
            assert_eq!(is_begun(&said, twin), !is_left, "{said:?}");
        }
    }
    let (said, ended) = op::run(&(with(&request, &json!({"plan": true, "retryFailed": true})), secrets))?;
    ended?;
    assert!(
        said.row(failed.tenant_id())?.contains("Would: ") && listed(&said, "Tenants")?.contains(failed.tenant_id())
    );
    Ok(())
}

#[test]
fn what_the_run_would_be_refused_for_is_told_before_anything_is_read() -> TestResult {
    let (street, folder) = (Street::of(2)?, tempdir()?);
    let (free, taken) = (folder.path().join("free.jsonl"), folder.path().join("taken.jsonl"));
    let _another = file::open(&taken, "another")?;
    let without_sink = json!({"ledger": free, "options": {"skip": ["DirSync"]}});
    let cases = [
        (without_sink.clone(), "PPFederation.FleetNeedsSink"),
        (with_ledger(&taken, &street), "PPFederation.LedgerInUse"),
        (with_ledger(&folder.path().join("none").join("ledger.jsonl"), &street), "PPFederation.LedgerNotWritable"),
        (with_ledger(folder.path(), &street), "PPFederation.NotALedger"),
    ];
    for (options, id) in cases {
        let (request, secrets) = street.fleet("Runbook", &options)?;
        let plan = with(&request, &json!({"plan": true, "precedesRun": true}));
        let (said, ended) = op::run(&(plan, secrets))?;
        assert_eq!(failed(ended), id, "{options}");
        assert_eq!((said.rows().len(), nothing_was_asked(&street)), (0, true), "{options}");
    }
    // Who only looks needs neither.
    let (request, secrets) = street.fleet("Runbook", &without_sink)?;
    let (said, ended) = op::run(&(with(&request, &json!({"plan": true})), secrets))?;
    ended?;
    assert_eq!((said.count("Open"), free.exists()), (2, false), "{said:?}");
    Ok(())
}

#[test]
fn a_container_that_is_not_there_is_told_before_anything_is_read() -> TestResult {
    // Where there is no Azurite, build.ps1 Test says so.
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let (street, sas) = (Street::of(1)?, azurite.sas("racwl"));
    let place = azurite.ledger("plan").replace("/fleet/", "/nowhere/");
    let (request, secrets) = street.fleet("Runbook", &with_ledger(Path::new(&place), &street))?;
    for precedes in [false, true] {
        let sas_at = json!({"at": secrets.len(), "len": sas.len()});
        let plan = with(&request, &json!({"plan": true, "precedesRun": precedes, "ledgerSas": sas_at}));
        let (_, ended) = op::run(&(plan, format!("{secrets}{sas}")))?;
        assert_eq!(
            (failed(ended).as_str(), nothing_was_asked(&street)),
            ("PPFederation.LedgerContainerNotFound", true)
        );
    }
    Ok(())
}

#[test]
fn a_tenant_whose_lines_somebody_damaged_is_a_row_that_failed_and_keeps_no_other_from_being_planned() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let (street, sas) = (Street::with(2, &Options { seed: 5220, ..Options::default() })?, azurite.sas("racwl"));
    let [damaged, other] = &street.tenants[..] else { return Err("not two tenants".into()) };
    let place = azurite.ledger("damaged-plan");
    let (request, secrets) = street.fleet("Runbook", &with_ledger(Path::new(&place), &street))?;
    let sas_at = json!({"at": secrets.len(), "len": sas.len()});
    let (request, secrets) = (with(&request, &json!({"ledgerSas": sas_at})), format!("{secrets}{sas}"));
    op::run(&(with(&request, &json!({"only": [other.tenant_id()]})), secrets.clone()))?.1?;
    let path = format!("fleet/damaged-plan/lines/{}/000000", damaged.tenant_id());
    azurite.send("PUT", &path, "", &[("x-ms-blob-type", "AppendBlob")], Vec::new())?;
    let lines = r#"{"schema":"ppfederation-ledger-1","module":"0","time":"2026-11-29T10:00:00Z"}
nonsense
{}
"#;
    azurite.send("PUT", &path, "comp=appendblock", &[], lines.into())?;
    street.tenants.iter().for_each(Twin::clear_requests);
    for precedes in [false, true] {
        let (said, ended) =
            op::run(&(with(&request, &json!({"plan": true, "precedesRun": precedes})), secrets.clone()))?;
        ended?;
        assert_eq!((said.count("Failed"), said.count("Done"), said.errors.len()), (1, 1, 1), "{said:?}");
        assert!(said.row(damaged.tenant_id())?.contains("PPFederation.LedgerDamaged"), "{said:?}");
        assert!(said.row(other.tenant_id())?.contains("By the ledger: "), "{said:?}");
        assert!(nothing_was_asked(&street), "what can't be read of a ledger is never taken for nothing");
        // The run says it no second time.
        let only = json!({"only": [], "failed": failures(&said)?});
        let (said, ended) = op::run(&(with(&request, &only), secrets.clone()))?;
        ended?;
        assert_eq!((said.rows().len(), said.errors.len()), (0, 0), "{said:?}");
    }
    let (said, ended) =
        op::run(&(with(&request, &json!({"plan": true, "only": [other.tenant_id()]})), secrets.clone()))?;
    ended?;
    assert_eq!((said.count("Done"), said.errors.len()), (1, 0), "{said:?}");
    for (tenants, errors) in [(json!([]), 1), (json!([other.tenant_id()]), 0)] {
        let request = json!({"op": "ledger", "ledger": place, "sas": sas_at, "tenants": tenants});
        let (said, ended) = op::run(&(request, secrets.clone()))?;
        ended?;
        assert_eq!((said.objects.len(), said.errors.len()), (1, errors), "{said:?}");
        assert!(said.objects[0].contains(other.tenant_id()), "{said:?}");
        assert!(said.errors.iter().all(|error| error.contains(&path) && error.contains("LedgerDamaged")), "{said:?}");
    }
    Ok(())
}

#[test]
fn a_plan_that_only_shows_takes_no_lease_and_writes_no_line() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let off = Options { seed: 5240, users: 3, dir_sync: false, ..Options::default() };
    let street = Street::with(2, &off)?;
    let [done, open] = &street.tenants[..] else { return Err("not two tenants".into()) };
    let options = json!({"sink": {"kind": "KeyVault", "vaultUri": street.vaults()}});
    let more = json!({"ledger": azurite.ledger("only-shown"), "options": options, "retryBudgetSeconds": 4});
    let (request, secrets) = street.fleet("Runbook", &more)?;
    let by = |permissions: &str, more: &Value| {
        let sas = azurite.sas(permissions);
        let sas_at = json!({"at": secrets.len(), "len": sas.len()});
        let (said, ended) =
            op::run(&(with(&with(&request, more), &json!({"ledgerSas": sas_at})), format!("{secrets}{sas}")))?;
        ended?;
        Ok::<_, Box<dyn Error>>(said)
    };
    let listing = || {
        let listed = azurite.send("GET", "fleet", "restype=container&comp=list&prefix=only-shown/", &[], Vec::new())?;
        Ok::<_, Box<dyn Error>>(String::from_utf8(listed.body)?)
    };
    let ended = by("racwl", &json!({"only": [done.tenant_id()]}))?;
    assert_eq!(ended.count("Done"), 1, "{ended:?}");
    // Synchronization is on, and nobody was asked about it.
    open.edit(|directory| directory.set("organization", open.tenant_id(), "onPremisesSyncEnabled", &json!(true)));
    let asked = json!([{"tenant": open.tenant_id(), "steps": ["ApplicationConsent", "GlobalAdministrator"]}]);
    let held = by("racwl", &json!({"only": [open.tenant_id()], "asked": asked}))?;
    assert_eq!(held.count("Open"), 1, "{held:?}");
    let before = listing()?;
    for (twin, folder) in [(done, "leases"), (done, "lines"), (open, "leases"), (open, "lines")] {
        assert!(before.contains(&format!("only-shown/{folder}/{}", twin.tenant_id())), "{before}");
    }
    assert!(before.contains("<Etag>") && before.contains("<Content-Length>"), "{before}");
    let said = by("rl", &json!({"plan": true}))?;
    assert!(said.row(done.tenant_id())?.contains("By the ledger: "), "{said:?}");
    assert!(said.row(open.tenant_id())?.contains("Would: "), "{said:?}");
    assert_eq!((said.rows().len(), said.errors.len()), (2, 0), "{said:?}");
    assert_eq!(listing()?, before, "names, lengths, etags and leases are as they were");
    Ok(())
}

/// What a run of these tenants, one after the other, comes to.
fn run_on(
    street: &Street,
    place: &str,
    sas: &str,
    hear: impl Fn(&str) + Send + Sync + 'static,
) -> Result<op::Said, Box<dyn Error>> {
    let (request, secrets) = street.fleet("Status", &json!({"ledger": place, "throttleLimit": 1}))?;
    let sas_at = json!({"at": secrets.len(), "len": sas.len()});
    let request = with(&request, &json!({"ledgerSas": sas_at}));
    let (said, ended) = op::run_until(&(request, format!("{secrets}{sas}")), Cancel::never(), hear)?;
    ended?;
    Ok(said)
}

#[test]
fn a_ledger_that_cannot_be_had_is_one_error_and_leaves_the_tenants_open() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let street = Street::with(4, &Options { seed: 5230, ..Options::default() })?;
    let ended = sas("racwl", OffsetDateTime::now_utc() - time::Duration::hours(1));
    for (sas, id) in [(azurite.sas("rl"), "PPFederation.LedgerDenied"), (ended, "PPFederation.LedgerSasInvalid")] {
        let said = run_on(&street, &azurite.ledger("not-had"), &sas, |_| ())?;
        assert_eq!((said.count("Open"), said.errors.len(), nothing_was_asked(&street)), (4, 1, true), "{said:?}");
        assert!(said.errors[0].contains(id), "{said:?}");
    }
    // In the middle, too.
    azurite.make_container("short-lived")?;
    let deletes = move |text: &str| {
        if text.contains("PPFederation.FleetResult") {
            // A second time there is none.
            let _ = azurite.send("DELETE", "short-lived", "restype=container", &[], Vec::new());
        }
    };
    let place = azurite.ledger("summer").replace("/fleet/", "/short-lived/");
    let said = run_on(&street, &place, &azurite.sas("racwl"), deletes)?;
    assert_eq!((said.count("Done"), said.count("Open"), said.errors.len()), (1, 3, 1), "{said:?}");
    assert!(said.errors[0].contains("PPFederation.LedgerContainerNotFound"), "{said:?}");
    assert!(street.tenants[1..].iter().all(|twin| twin.requests().is_empty()));
    for twin in &street.tenants[1..] {
        let row = said.row(twin.tenant_id())?;
        assert!(row.contains("the ledger can't be had") && row.contains("az storage container create"), "{row}");
    }
    Ok(())
}

#[test]
fn what_failed_in_the_plan_is_in_the_ledger_and_not_begun() -> TestResult {
    let (street, folder) = (Street::of(2)?, tempdir()?);
    let ledger = folder.path().join("ledger.jsonl");
    let (request, secrets) = street.fleet("Runbook", &with_ledger(&ledger, &street))?;
    let [done, broken] = &street.tenants[..] else { return Err("not two tenants".into()) };
    // Another worker was through with it before the question was answered.
    op::run(&(with(&request, &json!({"only": [done.tenant_id()]})), secrets.clone()))?.1?;
    street.tenants.iter().for_each(Twin::clear_requests);
    let failure = |tenant: &str| json!({"named": tenant, "tenantId": tenant, "tenantName": "Fabrikam", "errorId": "PPFederation.ConsentMissing", "message": "Nobody has consented."});
    let of_plan = [failure(done.tenant_id()), failure(broken.tenant_id()), failure("nobody.example")];
    let (said, ended) = op::run(&(with(&request, &json!({"only": [], "failed": of_plan})), secrets.clone()))?;
    ended?;
    assert_eq!((said.objects.len(), said.errors.len(), nothing_was_asked(&street)), (0, 0, true), "{said:?}");
    let states = file::read(&ledger)?.states;
    let of = |twin: &Twin| states.iter().find(|state| state.tenant.to_string() == twin.tenant_id()).ok_or("no state");
    assert_eq!((states.len(), of(done)?.state), (2, State::Done), "{states:?}");
    let entry = of(broken)?;
    let error = entry.error.as_ref().ok_or("no error")?;
    assert_eq!((entry.state, entry.tenant_name.as_deref(), entry.tries), (State::Failed, Some("Fabrikam"), 1));
    assert_eq!((error.id.as_str(), error.message.as_str()), ("PPFederation.ConsentMissing", "Nobody has consented."));
    let (said, ended) = op::run(&(request, secrets))?;
    ended?;
    assert!(said.row(broken.tenant_id())?.contains("Nobody has consented."), "{said:?}");
    assert!(said.count("Skipped") == 1 && !is_begun(&said, done) && !is_begun(&said, broken), "{said:?}");
    Ok(())
}

#[test]
fn what_failed_in_the_plan_of_more_than_is_done_is_in_the_ledger_too() -> TestResult {
    let (street, folder) = (Street::of(2)?, tempdir()?);
    let ledger = folder.path().join("ledger.jsonl");
    let (request, secrets) = street.fleet("Runbook", &with_ledger(&ledger, &street))?;
    let mut fewer = request.clone();
    fewer["options"]["skip"] = json!(["DirSync", "ClientSecret"]);
    let [own, other] = &street.tenants[..] else { return Err("not two tenants".into()) };
    op::run(&(fewer.clone(), secrets.clone()))?.1?;
    let failed = |request: &Value| -> Result<Vec<State>, Box<dyn std::error::Error>> {
        let failure = |twin: &Twin| json!({"named": twin.tenant_id(), "tenantId": twin.tenant_id(), "tenantName": "Fabrikam", "errorId": "PPFederation.ConsentMissing", "message": "Nobody has consented."});
        let more = json!({"only": [], "failed": [failure(own), failure(other)]});
        op::run(&(with(request, &more), secrets.clone()))?.1?;
        let states = file::read(&ledger)?.states;
        let of = |twin: &Twin| states.iter().find(|state| state.tenant.to_string() == twin.tenant_id());
        Ok([own, other].into_iter().filter_map(of).map(|state| state.state).collect())
    };
    assert_eq!(failed(&fewer)?, [State::Done, State::Done]);
    let mut another = fewer.clone();
    another["tenants"][0]["appId"] = json!("00000000-0000-4000-8000-000000000001");
    assert_eq!(failed(&another)?, [State::Failed, State::Done]);
    assert_eq!(failed(&request)?, [State::Failed, State::Failed]);
    Ok(())
}

fn sync_is_on(twin: &Twin) -> bool {
    twin.state()["organization"][0]["onPremisesSyncEnabled"] == json!(true)
}

#[test]
fn what_has_become_grave_since_the_question_waits_for_the_next_one() -> TestResult {
    let off = Options { seed: 5200, users: 3, dir_sync: false, ..Options::default() };
    let street = Street::with(2, &off)?;
    let [changed, same] = &street.tenants[..] else { return Err("not two tenants".into()) };
    let more = json!({"options": {"sink": {"kind": "KeyVault", "vaultUri": street.vaults()}}, "retryBudgetSeconds": 4});
    let (request, secrets) = street.fleet("Runbook", &more)?;
    let (said, ended) = op::run(&(with(&request, &json!({"plan": true, "precedesRun": true})), secrets.clone()))?;
    ended?;
    let question = said.objects.iter().find(|text| text.contains("FleetQuestion")).ok_or("no question")?;
    let (_, asked) = question.split_once(r#"N="Asked""#).ok_or("nothing is asked")?;
    assert!(asked.contains("GlobalAdministrator") && !asked.contains("DirSync"), "{asked}");
    assert!([changed, same].iter().all(|twin| asked.contains(twin.tenant_id())), "{asked}");
    // While it was open, somebody has switched synchronization on.
    changed.edit(|directory| directory.set("organization", changed.tenant_id(), "onPremisesSyncEnabled", &json!(true)));
    let steps = ["ApplicationConsent", "GlobalAdministrator"];
    let asked: Vec<Value> =
        street.tenants.iter().map(|twin| json!({"tenant": twin.tenant_id(), "steps": steps})).collect();
    let (said, ended) = op::run(&(with(&request, &json!({"asked": asked})), secrets.clone()))?;
    ended?;
    let row = said.row(changed.tenant_id())?;
    assert!(row.contains("Run again to be asked about it") && sync_is_on(changed), "{row}");
    assert_eq!((said.count("Done"), said.count("Open")), (1, 1), "{said:?}");
    // Where nobody is asked, all of it is wanted.
    op::run(&(request, secrets))?.1?;
    assert!(!sync_is_on(changed));
    Ok(())
}

#[test]
fn a_client_secret_that_may_go_since_the_question_stays_until_the_next_one() -> TestResult {
    let street = Street::with(1, &Options { seed: 5210, users: 3, ..Options::default() })?;
    let sink = json!({"kind": "KeyVault", "vaultUri": street.vaults()});
    let run = |action: &str, more: Value| {
        let (request, secrets) = street.fleet(action, &json!({"retryBudgetSeconds": 4}))?;
        let (said, ended) = op::run(&(with(&request, &more), secrets))?;
        ended?;
        Ok::<_, Box<dyn Error>>(said)
    };
    let left =
        || street.tenants[0].state()["applications"].as_array().into_iter().flatten().flat_map(secrets_of).count();
    run("Runbook", json!({"options": {"skip": ["DirSync"], "sink": sink}}))?;
    let kept = run("Rotate", json!({"options": {"sink": sink, "overlapSeconds": 86400}}))?;
    assert_eq!((kept.count("Done"), left()), (1, 2), "{kept:?}");
    let over = json!({"sink": sink, "overlapSeconds": 0, "renewWithinSeconds": 86400});
    let held = run("Rotate", json!({"options": over, "asked": []}))?;
    assert_eq!((held.count("Open"), left()), (1, 2), "{held:?}");
    assert!(held.rows()[0].contains("run this again to be asked about it"), "{held:?}");
    let asked = json!([{"tenant": street.tenants[0].tenant_id(), "steps": ["ClientSecret"]}]);
    let removed = run("Rotate", json!({"options": over, "asked": asked}))?;
    assert_eq!((removed.count("Done"), left()), (1, 1), "{removed:?}");
    Ok(())
}

/// What the question of a plan says of those whose plan has failed, as a run takes it.
fn failures(said: &op::Said) -> Result<Vec<Value>, String> {
    let question = said.objects.iter().find(|text| text.contains("FleetQuestion")).ok_or("no question")?;
    let (_, failed) = question.split_once(r#"N="Failed""#).ok_or_else(|| format!("no failures: {question}"))?;
    let of = |row: &str, name: &str| {
        let (_, value) = row.split_once(&format!(r#"<S N="{name}">"#))?;
        Some(json!(value.split("</S>").next()?))
    };
    let rows = failed.split("</Obj>").filter(|row| row.contains(r#"N="Named""#));
    Ok(rows
        .map(|row| {
            json!({"named": of(row, "Named"), "tenantId": of(row, "TenantId"), "tenantName": of(row, "TenantName"),
                "errorId": of(row, "ErrorId"), "message": of(row, "Message")})
        })
        .collect())
}

#[test]
fn what_failed_in_the_plan_of_a_domain_is_judged_by_its_own_choices() -> TestResult {
    let (street, folder) = (Street::with(4, &Options { seed: 60, ..Options::default() })?, tempdir()?);
    let ledger = folder.path().join("ledger.jsonl");
    let (mut request, secrets) = street.fleet("Runbook", &with_ledger(&ledger, &street))?;
    // The founder is the last of them.
    for (tenant, number) in request["tenants"].as_array_mut().into_iter().flatten().zip([61, 62, 63, 60]) {
        tenant["tenantId"] = json!(format!("customer{number}ptyltd.onmicrosoft.com"));
    }
    let [done, broken, mistyped, _] = &street.tenants[..] else { return Err("not four tenants".into()) };
    let first = json!({"only": [request["tenants"][0]["tenantId"]]});
    op::run(&(with(&request, &first), secrets.clone()))?.1?;
    request["tenants"][0]["appId"] = json!("00000000-0000-4000-8000-000000000001");
    request["tenants"][1]["clientSecret"]["len"] = json!(5);
    request["tenants"][2]["appId"] = json!("x");
    let (said, ended) = op::run(&(with(&request, &json!({"plan": true, "precedesRun": true})), secrets.clone()))?;
    ended?;
    let told: Vec<&String> = said.errors.iter().filter(|error| error.contains("PPFederation.AppIdInvalid")).collect();
    assert_eq!((said.count("Open"), said.errors.len(), told.len()), (1, 3, 1), "{said:?}");
    assert!(told[0].contains(mistyped.tenant_id()), "{said:?}");
    let failed = failures(&said)?;
    assert_eq!(failed.len(), 3, "{said:?}");
    street.tenants.iter().for_each(Twin::clear_requests);
    let (said, ended) = op::run(&(with(&request, &json!({"only": [], "failed": failed})), secrets))?;
    ended?;
    assert_eq!((said.objects.len(), said.errors.len(), nothing_was_asked(&street)), (0, 0, true), "{said:?}");
    let states = file::read(&ledger)?.states;
    assert_eq!(states.len(), 2, "a run's ledger has none whose choices can't be made: {states:?}");
    for twin in [done, broken] {
        let of = states.iter().find(|state| state.tenant.to_string() == twin.tenant_id()).ok_or("no state")?;
        assert_eq!(of.state, State::Failed, "{of:?}");
        let error = of.error.as_ref().ok_or("no error")?;
        let told = failed.iter().find(|failure| failure["tenantId"] == twin.tenant_id()).ok_or("no failure")?;
        assert_eq!((told["errorId"].as_str(), told["message"].as_str()), (Some(&*error.id), Some(&*error.message)));
    }
    Ok(())
}
