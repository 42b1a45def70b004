//! A plan that is kept: what its file holds, that it is carried out as it stands, and what refuses it before anything is sent.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pp_base::cancel::Cancel;
use pp_command::event::{Kind, Payload};
use pp_command::output::Output;
use pp_command::{SecretBlock, parse};
use pp_report::error::OpError;
use pp_run::apply::apply;
use pp_runbook::kept_plan::KeptPlan;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, UNIQUE_NAME, Wanted};
use pp_testing::shape::shape;
use pp_testing::{TestResult, child};
use serde_json::{Value, json};
use tempfile::TempDir;
use tenant_twin::{Fault, FaultKind, On, Options, Policy, Twin};

/// What an op said.
#[derive(Debug)]
struct Said {
    objects: String,
    warnings: String,
    information: String,
    /// Id and message of the error that ended it.
    failed: Option<(&'static str, String)>,
}

impl Said {
    /// The texts of a property, an object each.
    fn all(&self, property: &str) -> Vec<&str> {
        let start = format!("N=\"{property}\">");
        let value = |rest: &'_ str| rest.split('<').next().unwrap_or_default().len();
        self.objects
            .match_indices(&start)
            .map(|(at, _)| &self.objects[at + start.len()..])
            .map(|r| &r[..value(r)])
            .collect()
    }

    fn refused(&self) -> Result<(&'static str, &str), String> {
        self.failed
            .as_ref()
            .map(|(id, message)| (*id, message.as_str()))
            .ok_or_else(|| format!("not refused: {self:?}"))
    }
}

fn run(request: &Value, secrets: &[u8]) -> Result<Said, Box<dyn Error>> {
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let send = move |event: pp_command::event::Event| {
        let text = match event.payload {
            Payload::Plain(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Payload::Secret(_) => String::new(),
        };
        heard.lock().push((event.kind, text));
        Ok(())
    };
    let output = Output::new(Box::new(send), Cancel::never());
    let failed = match parse(request.to_string().as_bytes(), &SecretBlock::copy_of(secrets))?.run(&output) {
        Ok(()) => None,
        Err(OpError::Failed(report)) => Some((report.id, report.message)),
        Err(cancelled @ OpError::Cancelled(_)) => return Err(cancelled.into()),
    };
    let events = events.lock();
    let of = |wanted: Kind| events.iter().filter(|(kind, _)| *kind == wanted).map(|(_, text)| text.as_str()).collect();
    Ok(Said { objects: of(Kind::Objects), warnings: of(Kind::Warning), information: of(Kind::Information), failed })
}

/// A twin, a connection to it, and a folder for plans.
struct Tenant {
    twin: Twin,
    connection: u64,
    folder: TempDir,
}

impl Tenant {
    fn start() -> Result<Self, Box<dyn Error>> {
        Self::of(&Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() })
    }

    fn of(options: &Options) -> Result<Self, Box<dyn Error>> {
        let twin = Twin::start(options)?;
        let client = twin.client("admin").ok_or("no admin")?.clone();
        let secret = client.client_secret.as_bytes();
        let credential = json!({"kind": "clientSecret", "clientId": client.client_id, "clientSecret": {"at": 0, "len": secret.len()}});
        let request = json!({
            "op": "connect", "tenantId": twin.tenant_id(), "environment": "Custom", "loginEndpoint": twin.login(),
            "graphEndpoint": twin.graph(), "credential": credential,
        });
        let connection = run(&request, secret)?.all("Number").first().ok_or("no connection")?.parse()?;
        twin.clear_requests();
        Ok(Self { twin, connection, folder: tempfile::tempdir()? })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn op(&self, op: &str, more: &Value) -> Result<Said, Box<dyn Error>> {
        let mut request = json!({"op": op, "connection": self.connection});
        for (name, value) in more.as_object().into_iter().flatten() {
            request[name] = value.clone();
        }
        run(&request, &[])
    }

    /// The plan of everything, in a file; its path and SHA-256.
    fn plan(&self) -> Result<(PathBuf, String), Box<dyn Error>> {
        let path = self.path("plan.json");
        let said = self.op("changes", &json!({"path": path, "force": true}))?;
        assert_eq!(said.failed, None);
        Ok((path, said.all("PlanHash").first().ok_or("no hash")?.to_string()))
    }

    fn look(&self, path: &Path) -> Result<Said, Box<dyn Error>> {
        self.op("keptPlan", &json!({"path": path}))
    }

    /// Looks, and carries out all of its steps, as the module does.
    fn carry_out(&self, path: &Path) -> Result<Said, Box<dyn Error>> {
        let look = self.look(path)?;
        assert_eq!(look.failed, None);
        let (steps, hash) = (look.all("Step"), look.all("PlanHash"));
        let plan: u64 = look.all("Plan").first().ok_or("no plan")?.parse()?;
        self.op("applyKept", &json!({"path": path, "hash": hash[0], "plan": plan, "steps": steps}))
    }

    fn writes(&self) -> Vec<String> {
        let mut writes = Vec::new();
        for request in self.twin.requests().into_iter().filter(|request| request.write) {
            let items = request.batch.iter().filter(|item| item.method != "GET");
            writes.extend(items.map(|item| format!("{} {}", item.method, item.path)));
            if request.batch.is_empty() {
                writes.push(format!("{} {}", request.method, request.path));
            }
        }
        writes
    }
}

fn read(path: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn write(path: &Path, plan: &Value) -> TestResult {
    Ok(fs::write(path, format!("{plan:#}\n"))?)
}

#[test]
fn a_plan_is_a_row_a_change_and_reads_only() -> TestResult {
    let tenant = Tenant::start()?;
    let said = tenant.op("changes", &json!({"secretLifetime": "P2Y"}))?;
    let steps = said.all("Step");
    assert_eq!((steps.len(), steps.iter().filter(|step| **step == "ApplicationConsent").count()), (15, 9));
    assert_eq!(said.all("Reversible").iter().filter(|can| **can == "false").count(), 1, "{}", said.objects);
    assert!(said.objects.contains("Microsoft doesn't let synchronization be switched on again"), "{}", said.objects);
    assert!(
        said.objects.contains("{servicePrincipal}") && said.objects.contains("{start} + P730D"),
        "{}",
        said.objects
    );
    assert_eq!((said.all("PlanHash"), said.information.as_str()), (Vec::new(), ""));
    assert_eq!(tenant.writes(), Vec::<String>::new());
    Ok(())
}

#[test]
fn the_file_is_canonical_and_whoever_reads_it_sees_no_secret() -> TestResult {
    let tenant = Tenant::start()?;
    let application = tenant.twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.add_secret(&ids.object_id, "PPToken", Duration::from_hours(1));
        ids.object_id
    });
    let path = tenant.path("plan.json");
    let wanted = json!({"path": path, "adopt": true, "newSecret": true, "secretLifetime": "90.00:00:00"});
    let said = tenant.op("changes", &wanted)?;
    let text = fs::read_to_string(&path)?;
    let plan = read(&path)?;
    assert!(text.starts_with("{\n  \"schema\": 1,\n  \"module\": \"") && text.ends_with("}\n"), "{text}");
    assert!(!text.contains('\r') && text.is_ascii(), "{text}");
    let names: Vec<&String> = plan.as_object().into_iter().flat_map(|plan| plan.keys()).collect();
    assert_eq!(names, ["schema", "module", "tenantId", "tenantName", "time", "wanted", "buildsOn", "changes"]);
    assert_eq!(plan["wanted"]["clientSecretLifetime"], "P90D");
    assert!(plan["time"].as_str().is_some_and(|time| time.len() == 20 && time.ends_with('Z')), "{}", plan["time"]);
    assert_eq!(plan["buildsOn"]["application"]["id"], application.as_str());
    let secret = &plan["buildsOn"]["clientSecrets"]["passwordCredentials"][0];
    assert!(secret["keyId"].is_string() && secret.get("hint").is_none(), "a hint begins the text: {secret}");
    assert!(said.information.contains(said.all("PlanHash")[0]), "{}", said.information);
    assert_eq!(fs::read_dir(tenant.folder.path())?.count(), 1, "nothing is left beside it");
    Ok(())
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() -> TestResult {
    use std::os::unix::fs::PermissionsExt as _;

    let tenant = Tenant::start()?;
    let (path, _) = tenant.plan()?;
    assert_eq!(fs::metadata(path)?.permissions().mode() & 0o777, 0o600);
    Ok(())
}

#[test]
fn a_file_that_is_there_stays_without_force() -> TestResult {
    let tenant = Tenant::start()?;
    let path = tenant.path("plan.json");
    fs::write(&path, "mine")?;
    let kept = tenant.op("changes", &json!({"path": path}))?;
    assert_eq!(kept.refused()?.0, "PPFederation.PlanFileExists");
    assert_eq!(fs::read_to_string(&path)?, "mine");
    assert_eq!(tenant.twin.requests().len(), 0, "refused before anything is read");
    let nowhere = tenant.op("changes", &json!({"path": tenant.path("none/plan.json")}))?;
    assert_eq!(nowhere.refused()?.0, "PPFederation.PlanFileNotWritable");
    tenant.plan()?;
    assert_ne!(fs::read_to_string(&path)?, "mine");
    Ok(())
}

#[test]
fn what_is_carried_out_is_what_stands_in_the_file_and_a_second_time_nothing() -> TestResult {
    let model = pp_testing::Tenant::start(&Options { users: 3, groups: 1, contacts: 1, ..Options::default() })?;
    model.apply(&Wanted::everything())?;
    let tenant = Tenant::start()?;
    let (path, hash) = tenant.plan()?;
    let shown = read(&path)?["changes"].as_array().map(Vec::len);
    let refused = tenant.op("keptPlan", &json!({"path": path, "hash": hash.to_lowercase()}))?;
    assert_eq!(refused.failed, None, "in either case of letters");
    tenant.twin.clear_requests();
    let ran = tenant.carry_out(&path)?;
    assert_eq!((ran.failed.as_ref(), ran.all("Result")[0]), (None, "Pending"), "{ran:?}");
    assert_eq!(shape(&tenant.twin.state()), shape(&model.twin.state()), "as a run without a plan");
    assert_eq!(Some(tenant.writes().len()), shown, "{:?}", tenant.writes());
    tenant.twin.clear_requests();
    let again = tenant.look(&path)?;
    assert!(again.warnings.contains("carried out already"), "{}", again.warnings);
    let again = tenant.carry_out(&path)?;
    assert_eq!(again.all("ClientSecretResult"), ["AlreadyDone"]);
    assert_eq!(tenant.writes(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_file_with_whatever_edit_is_refused_with_its_place() -> TestResult {
    let tenant = Tenant::start()?;
    let (path, hash) = tenant.plan()?;
    let plan = read(&path)?;
    let change = |step: &str| {
        let all = plan["changes"].as_array().into_iter().flatten();
        all.enumerate().find(|(_, change)| change["step"] == step).map_or(usize::MAX, |(index, _)| index)
    };
    let (application, secret, role) = (change("Application"), change("ClientSecret"), change("GlobalAdministrator"));
    let at = |place: &str, value: Value| {
        let mut edited = plan.clone();
        *edited.pointer_mut(place).unwrap_or(&mut Value::Null) = value;
        (place.to_owned(), edited)
    };
    let without = |list: &str, index: usize| {
        let mut edited = plan.clone();
        edited[list].as_array_mut().map(|all| all.remove(index));
        (format!("without {list}[{index}]"), edited)
    };
    let mut edits = vec![
        at(&format!("/changes/{application}/request/body/displayName"), json!("Another")),
        at(&format!("/changes/{application}/request/path"), json!("/applications")),
        at(&format!("/changes/{application}/value/displayName"), json!("Another")),
        at(&format!("/changes/{secret}/value/end"), json!({"After": [60, 0]})),
        at(&format!("/changes/{role}/change"), json!("Something harmless")),
        at(&format!("/changes/{role}/reversible"), json!(false)),
        at("/wanted/displayName", json!("Another")),
        at("/wanted/clientSecretLifetime", json!("P1D")),
        at("/wanted/steps", json!(["Application"])),
        at("/buildsOn/organization/onPremisesSyncEnabled", json!(false)),
        at("/buildsOn/permissions/appRoles/0/id", json!("another")),
    ];
    edits.extend((0..plan["changes"].as_array().map_or(0, Vec::len)).map(|index| without("changes", index)));
    for (what, edited) in edits {
        assert!(edited != plan, "{what} is no edit");
        write(&path, &edited)?;
        let said = tenant.look(&path)?;
        assert_eq!(said.refused()?.0, "PPFederation.PlanAltered", "{what}");
    }
    // The same values in other letters, and what only the hash can tell: a plan that is whole in itself.
    write(&path, &plan)?;
    assert_eq!(tenant.look(&path)?.failed, None);
    fs::write(&path, format!("{plan:#}\r\n"))?;
    assert_eq!(tenant.look(&path)?.refused()?.0, "PPFederation.PlanAltered");
    write(&path, &at("/tenantName", json!("Another")).1)?;
    let said = tenant.op("keptPlan", &json!({"path": path, "hash": hash}))?;
    let (id, message) = said.refused()?;
    assert!(id == "PPFederation.PlanAltered" && message.contains(&hash), "{message}");
    assert_eq!(tenant.writes(), Vec::<String>::new());
    Ok(())
}

#[test]
fn what_is_no_plan_is_refused_with_a_sentence() -> TestResult {
    let tenant = Tenant::start()?;
    let (path, _) = tenant.plan()?;
    let text = fs::read_to_string(&path)?;
    let other_schema = text.replacen("\"schema\": 1,", "\"schema\": 2,", 1);
    let cases = [
        (&text[..text.len() / 2], "PPFederation.PlanAltered", "no plan that Get-PPPlan has written"),
        ("# A page\n", "PPFederation.PlanAltered", "no plan that Get-PPPlan has written"),
        ("{\"a\": 1}", "PPFederation.PlanAltered", "no schema number"),
        ("", "PPFederation.PlanAltered", "no plan that Get-PPPlan has written"),
        (&other_schema, "PPFederation.PlanOfAnotherSchema", "schema 2, and this version of the module reads schema 1"),
    ];
    for (content, id, words) in cases {
        fs::write(&path, content)?;
        let said = tenant.look(&path)?;
        let (refused, message) = said.refused()?;
        assert!(refused == id && message.contains(words) && message.contains("plan.json"), "{refused}: {message}");
    }
    for path in [tenant.path("none.json"), tenant.folder.path().to_owned()] {
        assert_eq!(tenant.look(&path)?.refused()?.0, "PPFederation.PlanNotReadable");
    }
    Ok(())
}

#[test]
fn a_plan_of_another_tenant_is_refused_with_its_name() -> TestResult {
    let tenant = Tenant::start()?;
    let (path, _) = tenant.plan()?;
    let other = Tenant::of(&Options { seed: 7, latency: Duration::ZERO, ..Options::default() })?;
    let said = other.look(&path)?;
    let (id, message) = said.refused()?;
    assert!(id == "PPFederation.PlanOfAnotherTenant" && message.contains("Contoso Accounting"), "{id}: {message}");
    assert!(message.contains(tenant.twin.tenant_id()) && message.contains(other.twin.tenant_id()), "{message}");
    assert_eq!(other.twin.requests().len(), 0);
    Ok(())
}

/// Someone else in the tenant.
type Somebody = fn(&Twin);

/// The application and its service principal are there, and directory synchronization is on.
fn half_done(twin: &Twin) {
    twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.set("applications", &ids.object_id, "uniqueName", &json!(UNIQUE_NAME));
        directory.add_service_principal(&ids.app_id);
    });
}

fn principal(twin: &Twin) -> String {
    id(twin, "servicePrincipals", "displayName", DEFAULT_DISPLAY_NAME)
}

fn application(twin: &Twin) -> String {
    id(twin, "applications", "displayName", DEFAULT_DISPLAY_NAME)
}

fn id(twin: &Twin, collection: &str, property: &str, value: &str) -> String {
    let state = twin.state();
    let mut all = state[collection].as_array().into_iter().flatten();
    let found = all.find(|object| object[property] == value).map_or(&Value::Null, |object| &object["id"]);
    found.as_str().unwrap_or_default().to_owned()
}

fn set_organization(twin: &Twin, property: &str, value: &Value) {
    let id = twin.state()["organization"][0]["id"].as_str().unwrap_or_default().to_owned();
    assert!(twin.edit(|directory| directory.set("organization", &id, property, value)));
}

#[test]
fn what_the_changes_build_on_refuses_when_it_has_moved_and_is_named() -> TestResult {
    let cases: [(&str, Somebody, Somebody); 8] = [
        ("the application (was not there, is {\"id\":", |_| (), half_done),
        (
            "directory synchronization (onPremisesSyncEnabled was true, is false",
            |_| (),
            |twin| {
                set_organization(twin, "onPremisesSyncEnabled", &json!(false));
            },
        ),
        (
            "the app management policy (tenant.",
            |_| (),
            |twin| {
                let policy =
                    Policy { enabled: true, max_secret_lifetime: Some(Duration::from_hours(1)), ..Policy::default() };
                twin.edit(|d| d.set_policy(&policy));
            },
        ),
        ("what the application declares (tags[0] was not there, is 'mine')", half_done, |twin| {
            let id = application(twin);
            twin.edit(|d| d.set("applications", &id, "tags", &json!(["mine"])));
        }),
        ("the consent for delegated permissions (was not there, is {\"id\":", half_done, |twin| {
            let id = principal(twin);
            twin.edit(|d| d.add_grant(&id, "User.Read Mail.Read"));
        }),
        ("the consents for application permissions ([0] was not there", half_done, |twin| {
            let id = principal(twin);
            twin.edit(|d| d.add_app_role(&id, "Group.Create"));
        }),
        ("the client secrets PPToken (passwordCredentials[0] was not there", half_done, |twin| {
            let id = application(twin);
            twin.edit(|d| d.add_secret(&id, "PPToken", Duration::from_hours(1)));
        }),
        ("the service principal (accountEnabled was true, is false)", half_done, |twin| {
            let id = principal(twin);
            twin.edit(|d| d.set("servicePrincipals", &id, "accountEnabled", &json!(false)));
        }),
    ];
    for (words, before, somebody) in cases {
        let tenant = Tenant::start()?;
        before(&tenant.twin);
        let (path, hash) = tenant.plan()?;
        let steps = read(&path)?["wanted"]["steps"].clone();
        somebody(&tenant.twin);
        let unasked = tenant.op("applyKept", &json!({"path": path, "hash": hash, "steps": steps}))?;
        for said in [tenant.look(&path)?, unasked] {
            let (id, message) = said.refused()?;
            assert!(id == "PPFederation.PlanMoved" && message.contains(words), "{words}: {id}: {message}");
        }
        assert_eq!(tenant.writes(), Vec::<String>::new(), "{words}");
    }
    Ok(())
}

#[test]
fn what_they_do_not_build_on_may_move() -> TestResult {
    let cases: [Somebody; 5] = [
        |twin| set_organization(twin, "onPremisesLastSyncDateTime", &json!("2026-01-02T03:04:05Z")),
        |twin| set_organization(twin, "displayName", &json!("Contoso Ltd")),
        |twin| {
            let id = application(twin);
            twin.edit(|d| d.set("applications", &id, "displayName", &json!("Renamed")));
        },
        |twin| {
            twin.edit(|d| {
                let other = d.add_foreign_service_principal("Other");
                d.add_role(&other, "62e90394-69f5-4237-9190-012177145e10");
                d.add_app_role(&other, "Group.Create")
            });
        },
        |twin| {
            let id = application(twin);
            twin.edit(|d| d.add_secret(&id, "of somebody else", Duration::from_hours(1)));
        },
    ];
    for (number, somebody) in cases.into_iter().enumerate() {
        let tenant = Tenant::start()?;
        half_done(&tenant.twin);
        let (path, _) = tenant.plan()?;
        somebody(&tenant.twin);
        assert_eq!(tenant.look(&path)?.failed, None, "case {number}");
    }
    Ok(())
}

#[test]
fn steps_that_were_done_are_no_part_of_it() -> TestResult {
    let tenant = Tenant::start()?;
    half_done(&tenant.twin);
    let path = tenant.path("plan.json");
    tenant.op("changes", &json!({"path": path, "steps": ["ServicePrincipal", "GlobalAdministrator"]}))?;
    assert_eq!(tenant.look(&path)?.all("Step"), ["GlobalAdministrator"]);
    let ran = tenant.carry_out(&path)?;
    assert_eq!((ran.failed.as_ref(), ran.all("Result")[0]), (None, "Done"), "{ran:?}");
    assert_eq!(tenant.writes().len(), 1, "{:?}", tenant.writes());
    let nothing = tenant.op("changes", &json!({"path": path, "steps": ["GlobalAdministrator"], "force": true}))?;
    assert_eq!(nothing.all("Step"), Vec::<&str>::new());
    assert!(tenant.look(&path)?.warnings.contains("holds no change"));
    Ok(())
}

#[test]
fn a_run_that_was_stopped_half_way_is_told_and_nothing_of_it_is_done_again() -> TestResult {
    let tenant = Tenant::start()?;
    let (path, _) = tenant.plan()?;
    tenant.twin.add_fault(Fault::new(On::call("POST", "*/addPassword"), FaultKind::Denied).for_ever());
    assert_eq!(tenant.carry_out(&path)?.refused()?.0, "PPFederation.AccessDenied");
    tenant.twin.clear_faults();
    tenant.twin.clear_requests();
    let said = tenant.look(&path)?;
    let (id, message) = said.refused()?;
    let done = "Application, ServicePrincipal, DelegatedConsent, ApplicationConsent, GlobalAdministrator";
    assert!(id == "PPFederation.PlanMoved" && message.contains(done), "{id}: {message}");
    assert_eq!(tenant.writes(), Vec::<String>::new());
    let (path, _) = tenant.plan()?;
    assert_eq!(tenant.look(&path)?.all("Step"), ["DirSync", "ClientSecret"], "a plan anew holds the rest");
    assert_eq!(tenant.carry_out(&path)?.failed, None);
    Ok(())
}

/// What the process does that is killed; nothing where no parent started it.
#[test]
fn child() -> TestResult {
    child::run(|graph, voice, _, _| Ok(apply(graph, voice, &Wanted::everything(), None).map(drop)?))
}

#[test]
fn killed_at_any_boundary_a_plan_is_refused_as_soon_as_something_was_written() -> TestResult {
    for answers in 1.. {
        let tenant = Tenant::start()?;
        let (path, _) = tenant.plan()?;
        let before = tenant.twin.state();
        let ended = child::start(&tenant.twin, answers)?.wait()?;
        tenant.twin.clear_requests();
        let said = tenant.look(&path)?;
        let carried_out = said.warnings.contains("carried out already");
        match &said.failed {
            None if carried_out => assert_ne!(tenant.twin.state(), before, "killed after answer {answers}"),
            None => assert_eq!(tenant.twin.state(), before, "killed after answer {answers}"),
            Some((id, message)) => {
                assert_eq!(*id, "PPFederation.PlanMoved", "killed after answer {answers}: {message}");
                assert_ne!(tenant.twin.state(), before, "killed after answer {answers}");
            }
        }
        assert_eq!(tenant.writes(), Vec::<String>::new());
        if ended.success() {
            assert!(carried_out, "{said:?}");
            return Ok(());
        }
    }
    Err("the child never ended by itself".into())
}

#[test]
fn who_comes_between_in_the_middle_of_a_run_ends_it() -> TestResult {
    let tenant = Tenant::start()?;
    half_done(&tenant.twin);
    let (path, _) = tenant.plan()?;
    let grant = json!({"edit": "addGrant", "principalId": principal(&tenant.twin), "scope": "Mail.Read"});
    tenant.twin.add_fault(Fault::new(On::call("POST", "/oauth2PermissionGrants"), FaultKind::Edited(grant)));
    let said = tenant.carry_out(&path)?;
    let (id, message) = said.refused()?;
    assert!(id == "PPFederation.PlanMoved" && message.contains("step DelegatedConsent"), "{id}: {message}");
    assert!(tenant.writes().iter().all(|write| !write.starts_with("PATCH /oauth2PermissionGrants")));
    Ok(())
}

/// What is kept of earlier plans, with `PPFEDERATION_WRITE` written anew. Where a file isn't taken any more, what is written has
/// changed: then `SCHEMA` is raised, and they are written anew.
#[test]
fn a_plan_of_this_schema_is_taken_as_long_as_the_schema_stays() -> TestResult {
    let partly: Somebody = |twin| {
        half_done(twin);
        let (application, principal) = (application(twin), principal(twin));
        twin.edit(|d| {
            d.set("applications", &application, "signInAudience", &json!("AzureADMultipleOrgs"));
            d.set("servicePrincipals", &principal, "accountEnabled", &json!(false));
            d.add_grant(&principal, "Mail.Read User.Read");
            d.add_app_role(&principal, "Group.Create");
            d.set_policy(&Policy {
                enabled: true,
                max_secret_lifetime: Some(Duration::from_hours(24 * 90)),
                ..Policy::default()
            });
        });
    };
    let nothing: Somebody = |_| ();
    let small = json!(["DirSync", "ServicePrincipal", "ClientSecret"]);
    for (name, before, steps) in
        [("fresh.json", nothing, json!([])), ("partly.json", partly, json!([])), ("small.json", partly, small)]
    {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/kept_plan").join(name);
        if env::var_os("PPFEDERATION_WRITE").is_some() {
            let tenant = Tenant::start()?;
            before(&tenant.twin);
            let wanted = json!({"path": file, "force": true, "secretLifetime": "Longest", "steps": steps});
            let said = tenant.op("changes", &wanted)?;
            assert_eq!(said.failed, None);
        }
        let text = fs::read(&file)?;
        let plan = KeptPlan::parse(&text)?;
        plan.check(&text).map_err(|error| format!("{name}: {error}"))?;
        assert!(!plan.changes.is_empty());
    }
    Ok(())
}
