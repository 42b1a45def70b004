//! What each action of a fleet leaves where: files and secrets each tenant's own, nothing of them in rows, and a tenant that fails alone.

#[path = "op/fleet.rs"]
mod op;

use std::error::Error;
use std::fs;
use std::path::Path;

use pp_report::error::OpError;
use pp_testing::TestResult;
use pp_testing::street::Street;
use serde_json::{Value, json};
use tempfile::tempdir;
use tenant_twin::{Options, Twin, VaultAccess};

/// The place of the tenant that can't be signed in to.
const BROKEN: usize = 1;

/// Runs an action over a street one of whose tenants can't be signed in to.
fn run(street: &Street, action: &str, options: &Value, plan: bool) -> Result<op::Said, Box<dyn Error>> {
    let more = json!({"options": options, "plan": plan, "retryBudgetSeconds": 4});
    let (mut request, secrets) = street.fleet(action, &more)?;
    request["tenants"][BROKEN]["clientSecret"]["len"] = json!(5);
    let (said, ended) = op::run(&(request, secrets))?;
    ended?;
    let row = said.row(street.tenants[BROKEN].tenant_id())?;
    assert!(row.contains("PPFederation.ClientSecretWrong"), "{row}");
    assert_eq!((said.count("Failed"), said.errors.len()), (1, 1), "{said:?}");
    Ok(said)
}

fn street() -> Result<Street, Box<dyn Error>> {
    Street::with(4, &Options { users: 5, ..Options::default() })
}

/// The tenants that can be signed in to.
fn whole(street: &Street) -> impl Iterator<Item = &Twin> {
    street.tenants.iter().enumerate().filter(|(place, _)| *place != BROKEN).map(|(_, twin)| twin)
}

fn files(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let name = |entry: std::io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut names = fs::read_dir(folder)?.map(name).collect::<std::io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

#[test]
fn a_backup_writes_each_tenants_file_and_its_plan_says_where_it_would_and_writes_none() -> TestResult {
    let (street, folder) = (street()?, tempdir()?);
    let options = json!({"path": folder.path().join("{TenantId}.jsonl")});
    let untouched = fs::metadata(folder.path())?.modified()?;
    let planned = run(&street, "Backup", &options, true)?;
    assert_eq!(fs::metadata(folder.path())?.modified()?, untouched, "nothing is made there, and be it for a moment");
    assert_eq!((planned.count("Open"), files(folder.path())?.len()), (3, 0), "{planned:?}");
    for twin in whole(&street) {
        let row = planned.row(twin.tenant_id())?;
        let path = folder.path().join(format!("{}.jsonl", twin.tenant_id()));
        assert!(row.contains(&format!("Would: write the attributes of all users to {}", path.display())), "{row}");
        assert!(
            row.contains(r#"<Nil N="Path" />"#) || row.contains(r#"<Nil N="Path"/>"#),
            "no file was written: {row}"
        );
    }
    let said = run(&street, "Backup", &options, false)?;
    assert_eq!(said.count("Done"), 3, "{said:?}");
    let expected: Vec<String> = {
        let mut names: Vec<String> = whole(&street).map(|twin| format!("{}.jsonl", twin.tenant_id())).collect();
        names.sort();
        names
    };
    assert_eq!(files(folder.path())?, expected);
    for twin in whole(&street) {
        let (row, path) = (said.row(twin.tenant_id())?, folder.path().join(format!("{}.jsonl", twin.tenant_id())));
        assert!(row.contains(&path.display().to_string()) && row.contains("5 users are in the file"), "{row}");
        let written = fs::read_to_string(&path)?;
        assert!(written.contains(twin.tenant_id()), "{written}");
        let user =
            twin.edit(|tenant| tenant.first("users").and_then(|id| tenant.get("users", &id))).ok_or("no user")?;
        let name = user["userPrincipalName"].as_str().ok_or("no name")?;
        assert!(written.contains(name) && !row.contains(name), "{row}");
    }
    let planned = refused(&street, &options, "PPFederation.BackupFileExists")?;
    assert_eq!(planned, 3, "what would not be overwritten is said by the plan");
    let nowhere = json!({"path": folder.path().join("none").join("{TenantId}.jsonl")});
    let planned = refused(&street, &nowhere, "PPFederation.BackupFileNotWritable")?;
    assert_eq!(planned, 4, "and a folder that isn't there");
    Ok(())
}

#[test]
fn a_backup_into_another_file_is_another_one_for_the_ledger() -> TestResult {
    let (street, folder) = (Street::with(1, &Options { users: 5, ..Options::default() })?, tempdir()?);
    let twin = &street.tenants[0];
    let of = |name: &str| {
        let (ledger, path) = (folder.path().join("ledger"), folder.path().join(name));
        op::run(&street.fleet("Backup", &json!({"ledger": ledger, "options": {"path": path}}))?)
    };
    for name in ["{Name}.june.jsonl", "{Name}.july.jsonl"] {
        let (said, ended) = of(name)?;
        ended?;
        assert!(said.row(twin.tenant_id())?.contains("5 users are in the file"), "{said:?}");
        twin.clear_requests();
        let (said, ended) = of(name)?;
        ended?;
        let row = said.row(twin.tenant_id())?;
        assert!(row.contains("By the ledger") && twin.requests().is_empty(), "{row}");
    }
    assert_eq!(files(folder.path())?.iter().filter(|name| name.starts_with("Customer 1 Pty Ltd.")).count(), 2);
    Ok(())
}

/// How many tenants a plan of the backup refuses with this error.
fn refused(street: &Street, options: &Value, id: &str) -> Result<usize, Box<dyn Error>> {
    let (request, secrets) =
        street.fleet("Backup", &json!({"options": options, "plan": true, "retryBudgetSeconds": 4}))?;
    let (said, ended) = op::run(&(request, secrets))?;
    ended?;
    Ok(said.errors.iter().filter(|error| error.contains(id)).count())
}

#[test]
fn a_comparison_takes_each_tenants_list_and_shows_what_is_grave_alone() -> TestResult {
    let (street, folder) = (street()?, tempdir()?);
    let mut named = Vec::new();
    for twin in whole(&street) {
        let user =
            twin.edit(|tenant| tenant.first("users").and_then(|id| tenant.get("users", &id))).ok_or("no user")?;
        let name = user["userPrincipalName"].as_str().ok_or("no name")?.to_owned();
        let list = format!("Username,DisplayName,ImmutableId\n{name},Somebody Else,another\n");
        fs::write(folder.path().join(format!("{}.csv", twin.tenant_id())), list)?;
        named.push((twin.tenant_id().to_owned(), name));
    }
    let options = json!({"portalUserPath": folder.path().join("{TenantId}.csv")});
    let said = run(&street, "Compare", &options, false)?;
    assert_eq!(said.count("Done"), 3, "{said:?}");
    for (tenant, name) in &named {
        let row = said.row(tenant)?;
        let others = named.iter().filter(|(other, _)| other != tenant);
        assert!(row.contains(name) || !row.contains('@'), "{row}");
        assert!(others.clone().all(|(other, _)| !row.contains(other.as_str())), "{row}");
        assert!(!row.contains(">Changed<") && !row.contains(">Equal<"), "{row}");
        assert!(row.contains(" Changed.</S>"), "and how many of the others there are: {row}");
    }
    let (first, _) = named.first().ok_or("no tenant")?;
    fs::remove_file(folder.path().join(format!("{first}.csv")))?;
    let more = json!({"options": options, "retryBudgetSeconds": 4});
    let (said, ended) = op::run(&street.fleet("Compare", &more)?)?;
    ended?;
    assert_eq!(said.count("Failed"), 2, "the one without a list, and the one that never had one: {said:?}");
    Ok(())
}

/// Who is locked out, by a tenant's row.
fn locked_out(row: &str) -> Vec<&str> {
    let differences = row.split(r#"N="Severity">"#).filter(|text| text.starts_with("LockedOut<"));
    let mut names: Vec<&str> =
        differences.filter_map(|text| text.split(r#"N="UserPrincipalName">"#).nth(1)?.split('<').next()).collect();
    names.dedup();
    names
}

#[test]
fn a_comparison_takes_what_all_have_and_each_tenants_domain() -> TestResult {
    let (street, folder) = (Street::with(2, &Options { users: 5, ..Options::default() })?, tempdir()?);
    for twin in &street.tenants {
        twin.edit(|tenant| {
            for (name, domain) in [("ann", "firm.example"), ("bob", "other.example")] {
                tenant.add_domain(domain, "Federated");
                let sign_in = format!("{name}@{domain}");
                tenant.add_user(
                    &json!({"userPrincipalName": sign_in, "displayName": name, "onPremisesImmutableId": name}),
                );
            }
        });
    }
    fs::write(folder.path().join("all.csv"), "Login,ImmutableId\nann@firm.example,ann\nbob@other.example,bob\n")?;
    let options = |more: Value| {
        let mut options = json!({"portalUserPath": folder.path().join("all.csv"), "columnMap": {"Username": "Login"},
            "federatedDomain": ["other.example"], "userPrincipalName": ["ann@*", "bob@*"]});
        for (name, value) in more.as_object().into_iter().flatten() {
            options[name] = value.clone();
        }
        json!({"options": options, "retryBudgetSeconds": 4})
    };
    let (mut request, secrets) = street.fleet("Compare", &options(json!({})))?;
    request["tenants"][0]["federatedDomain"] = json!(["firm.example; third.firm.example"]);
    street.tenants[0].edit(|tenant| tenant.add_domain("third.firm.example", "Federated"));
    let (said, ended) = op::run(&(request, secrets))?;
    ended?;
    assert_eq!(said.count("Done"), 2, "{said:?}");
    for (twin, name) in street.tenants.iter().zip(["bob@other.example", "ann@firm.example"]) {
        let row = said.row(twin.tenant_id())?;
        assert_eq!(locked_out(row), [name], "{row}");
    }
    for (field, file, id) in [
        ("scriptPath", "{TenantId}.js", "PPFederation.ScriptFileNotReadable"),
        ("since", "{TenantId}.jsonl", "PPFederation.BackupNotReadable"),
    ] {
        let (said, ended) = op::run(&street.fleet("Compare", &options(json!({field: folder.path().join(file)})))?)?;
        ended?;
        for twin in &street.tenants {
            let (row, own) = (said.row(twin.tenant_id())?, file.replace("{TenantId}", twin.tenant_id()));
            assert!(row.contains(id) && row.contains(&own), "{row}");
        }
    }
    Ok(())
}

#[test]
fn a_tenants_own_vault_takes_its_secret_and_its_own_application_is_meant() -> TestResult {
    let street = Street::of(2)?;
    let by_hand = street.tenants[0].edit(|tenant| tenant.add_application("Ours, made by hand"));
    let options = json!({"skip": ["DirSync"], "which": {"adopt": true}, "sink": {"kind": "KeyVault"}});
    let (mut request, secrets) = street.fleet("Runbook", &json!({"options": options}))?;
    for (place, twin) in street.tenants.iter().enumerate() {
        request["tenants"][place]["vaultUri"] = json!(street.vaults().replace("{TenantId}", twin.tenant_id()));
    }
    request["tenants"][0]["appId"] = json!(by_hand.app_id);
    let mut shared = request.clone();
    shared["tenants"][1]["vaultUri"] = shared["tenants"][0]["vaultUri"].clone();
    let Err(OpError::Failed(refused)) = op::run(&(shared, secrets.clone()))?.1 else {
        return Err("not refused".into());
    };
    assert_eq!(refused.id, "PPFederation.SecretSinkInvalid", "{refused:?}");
    let (said, ended) = op::run(&(request, secrets))?;
    ended?;
    assert_eq!(said.count("Done"), 2, "{said:?}");
    for twin in &street.tenants {
        assert!(twin.edit_vault(|vault| vault.text("pptoken").is_some()), "{}", twin.tenant_id());
    }
    let taken = street.tenants[0].edit(|tenant| tenant.get("applications", &by_hand.object_id)).ok_or("it is gone")?;
    assert_eq!(taken["passwordCredentials"].as_array().map(Vec::len), Some(1), "{taken}");
    Ok(())
}

#[test]
fn a_rotation_puts_each_new_secret_in_its_tenants_vault_and_removes_the_one_before() -> TestResult {
    let street = street()?;
    let sink = json!({"kind": "KeyVault", "vaultUri": street.vaults()});
    let made = run(&street, "Runbook", &json!({"skip": ["DirSync"], "sink": sink}), false)?;
    let options = json!({"sink": sink, "overlapSeconds": 0});
    assert_eq!(made.count("Done"), 3, "{made:?}");
    let key = |twin: &Twin| twin.edit_vault(|vault| vault.about("pptoken"))["tags"]["keyId"].clone();
    let before: Vec<Value> = whole(&street).map(key).collect();
    let planned = run(&street, "Rotate", &options, true)?;
    assert_eq!(planned.count("Open"), 3, "{planned:?}");
    assert_eq!(whole(&street).map(key).collect::<Vec<_>>(), before, "a plan makes none");
    let said = run(&street, "Rotate", &options, false)?;
    assert_eq!(said.count("Done"), 3, "{said:?}");
    for (twin, before) in whole(&street).zip(&before) {
        let row = said.row(twin.tenant_id())?;
        let text = twin.edit_vault(|vault| vault.text("pptoken").map(str::to_owned)).ok_or("no secret")?;
        let (now, location) = (key(twin), format!("/vault/of/{}/secrets/pptoken/", twin.tenant_id()));
        assert_ne!(&now, before);
        assert!(row.contains(now.as_str().ok_or("no key id")?) && row.contains(&location), "{row}");
        assert!(row.contains("1 older removed") && !row.contains(&text), "{row}");
        assert!(![&said.objects, &said.errors, &said.texts].into_iter().flatten().any(|said| said.contains(&text)));
        let state = twin.state();
        let ours = |app: &&Value| app["displayName"] == "Practice Protect Federation";
        let app = state["applications"].as_array().into_iter().flatten().find(ours).ok_or("no application")?;
        let keys: Vec<&Value> =
            app["passwordCredentials"].as_array().into_iter().flatten().map(|key| &key["keyId"]).collect();
        assert_eq!(keys, [&now]);
    }
    let broken = &street.tenants[BROKEN];
    assert!(broken.edit_vault(|vault| vault.text("pptoken").is_none()) && key(broken).is_null());

    let refusing = whole(&street).next().ok_or("no tenant")?;
    refusing.edit_vault(|vault| vault.set_access(VaultAccess::User));
    let (request, secrets) = street.fleet("Rotate", &json!({"options": options, "retryBudgetSeconds": 30}))?;
    let (said, ended) = op::run(&(request, secrets))?;
    ended?;
    let row = said.row(refusing.tenant_id())?;
    assert!(row.contains("PPFederation.SecretNotPlaced") && row.contains("taken back"), "{row}");
    let state = refusing.state();
    let apps = state["applications"].as_array().into_iter().flatten();
    let left: Vec<&Value> = apps.flat_map(pp_testing::shape::secrets).map(|secret| &secret["keyId"]).collect();
    assert_eq!(left, [&key(refusing)], "what no vault has is not left in the tenant");
    Ok(())
}
