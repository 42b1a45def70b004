//! What Practice Protect would write to the users of a tenant: the verdicts that hang on the tenant, and a walk that never says less
//! than it should, whatever befalls it.

mod op;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use pp_base::cancel::CancelSource;
use pp_command::event::{Event, Kind, Payload};
use pp_command::output::Output;
use pp_command::{SecretBlock, parse};
use pp_report::error::OpError;
use pp_run::connection::open;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, UNIQUE_NAME};
use pp_testing::matrix::{item_faults, whole_request_faults};
use pp_testing::{TestResult, connect};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tenant_twin::{Fault, FaultKind, On, Options, RetryAfter, Target, Twin};

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// A tenant of nobody, with a domain that is federated with Practice Protect, another that is federated elsewhere, and a managed one.
fn tenant() -> Result<Arc<Twin>, Box<dyn Error>> {
    let options =
        Options { users: 0, groups: 2, contacts: 1, dir_sync: false, latency: Duration::ZERO, ..Options::default() };
    let twin = Arc::new(Twin::start(&options)?);
    twin.edit(|directory| {
        directory.add_domain("firm.example", "Federated");
        directory.add_domain("other.example", "Federated");
        directory.add_domain("managed.example", "Managed");
    });
    Ok(twin)
}

/// A user of that sign-in name, whose immutable ID is its first part.
fn user(twin: &Twin, name: &str) -> String {
    let anchor = name.split('@').next().unwrap_or_default();
    let properties = json!({
        "userPrincipalName": name, "mail": name, "displayName": anchor, "usageLocation": "AU",
        "onPremisesImmutableId": anchor, "proxyAddresses": [format!("SMTP:{name}")]
    });
    twin.edit(|directory| directory.add_user(&properties))
}

/// A list of the portal's users by sign-in name and immutable ID.
fn listed(users: &[(&str, &str)]) -> Result<NamedTempFile, Box<dyn Error>> {
    let mut file = NamedTempFile::new()?;
    writeln!(file, "Username,DisplayName,ImmutableId")?;
    for (name, anchor) in users {
        writeln!(file, "{name},{anchor},{anchor}")?;
    }
    Ok(file)
}

fn request(twin: &Arc<Twin>, kind: &str, list: Option<&NamedTempFile>) -> Result<Value, Box<dyn Error>> {
    let connection = open(connect(twin, kind)?)?;
    let mut request = json!({
        "op": "compareAttributes", "connection": connection, "federatedDomain": ["firm.example"], "includeEqual": true
    });
    if let Some(list) = list {
        request["path"] = json!(list.path());
    }
    Ok(request)
}

type Row = BTreeMap<String, String>;

/// The rows of CLIXML documents.
fn rows(documents: &str) -> Vec<Row> {
    let cell = |cell: &str| {
        let (name, rest) = cell.split_once("\">")?;
        Some((name.to_owned(), rest.split('<').next()?.to_owned()))
    };
    let objects = documents.split("<Obj RefId=").skip(1);
    objects.map(|object| object.split(" N=\"").skip(1).filter_map(cell).collect()).collect()
}

fn compared(request: &Value) -> Result<Vec<Row>, Box<dyn Error>> {
    let (objects, ended) = op::run(request)?;
    ended.map_err(|error| format!("{error:?}"))?;
    Ok(rows(&objects))
}

/// The rows and what was warned of.
fn warned(request: &Value) -> Result<(Vec<Row>, String), Box<dyn Error>> {
    let (events, ended) = op::events(request)?;
    ended.map_err(|error| format!("{error:?}"))?;
    Ok((rows(&op::of(&events, Kind::Objects)), op::of(&events, Kind::Warning)))
}

/// The severity and the reason of one attribute of one user.
fn verdict(rows: &[Row], name: &str, attribute: &str) -> (String, String) {
    let text = |row: &Row, column: &str| row.get(column).cloned().unwrap_or_default();
    let found = rows
        .iter()
        .find(|row| text(row, "UserPrincipalName") == name && text(row, "Attribute") == attribute)
        .map(|row| (text(row, "Severity"), text(row, "Reason")));
    found.unwrap_or_default()
}

fn says(rows: &[Row], name: &str, attribute: &str, severity: &str, parts: &[&str]) {
    let (found, reason) = verdict(rows, name, attribute);
    assert_eq!(found, severity, "{name} {attribute}: {reason}");
    for part in parts {
        assert!(reason.contains(part), "{part}: {reason}");
    }
}

const UPN: &str = "userPrincipalName";
const ANCHOR: &str = "onPremisesImmutableId";

#[test]
fn the_token_policy_the_domains_and_who_is_an_admin_decide_who_is_locked_out() -> TestResult {
    let twin = tenant()?;
    for name in ["ann@firm.example", "bob@other.example", "cay@managed.example"] {
        user(&twin, name);
    }
    let admin = user(&twin, "dan@firm.example");
    twin.edit(|directory| directory.add_role(&admin, GLOBAL_ADMINISTRATOR));
    let list = listed(&[
        ("ann@firm.example", "ann"),
        ("bob@other.example", "bob"),
        ("cay@managed.example", "cay"),
        ("dan@firm.example", "dan"),
    ])?;
    let rows = compared(&request(&twin, "admin", Some(&list))?)?;
    says(&rows, "ann@firm.example", UPN, "Equal", &[]);
    says(&rows, "bob@other.example", UPN, "LockedOut", &["AADSTS5000820", "other.example"]);
    says(&rows, "cay@managed.example", UPN, "Changed", &["sign in at Microsoft", "managed.example"]);
    says(&rows, "dan@firm.example", UPN, "Changed", &["Global Administrator", "nobody can take it back"]);
    // The policy validates nobody: bob may sign in.
    let none = json!({ "@odata.type": "#microsoft.graph.allDomains", "rootDomains": "none" });
    let policy = "federatedTokenValidationPolicy";
    assert!(twin.edit(|directory| directory.set(policy, policy, "validatingDomains", &none)));
    let rows = compared(&request(&twin, "admin", Some(&list))?)?;
    says(&rows, "bob@other.example", UPN, "Equal", &[]);
    Ok(())
}

#[test]
fn what_cannot_be_read_is_unknown_with_the_permission_that_it_takes() -> TestResult {
    let twin = tenant()?;
    user(&twin, "bob@other.example");
    let list = listed(&[("bob@other.example", "bob")])?;
    let policy = On::call("GET", "/policies/federatedTokenValidationPolicy*");
    twin.add_fault(Fault::new(policy, FaultKind::Denied).for_ever());
    let rows = compared(&request(&twin, "admin", Some(&list))?)?;
    says(&rows, "bob@other.example", UPN, "Unknown", &["the policy about federated tokens could not be read"]);
    Ok(())
}

#[test]
fn whether_an_address_is_free_is_unknown_where_a_list_of_who_may_have_it_is_refused() -> TestResult {
    for (list, kind) in [
        ("/groups?$filter=mailEnabled*", "group"),
        ("/contacts*", "contact"),
        ("/directory/deletedItems/microsoft.graph.user*", "deleted user"),
        ("/directory/deletedItems/microsoft.graph.group*", "deleted group"),
    ] {
        let twin = tenant()?;
        user(&twin, "a.old@firm.example");
        user(&twin, "bob@firm.example");
        let portal = listed(&[("a@firm.example", "a.old"), ("bob@firm.example", "bob")])?;
        twin.add_fault(Fault::new(On::call("GET", list), FaultKind::Denied).for_ever());
        let (rows, warnings) = warned(&request(&twin, "admin", Some(&portal))?)?;
        let parts = [&format!("Whether a {kind} has it can't be known"), "could not be read"];
        says(&rows, "a.old@firm.example", UPN, "Unknown", &parts);
        says(&rows, "bob@firm.example", UPN, "Equal", &[]);
        assert!(warnings.contains(&format!("Whether a {kind} has an address isn't known")), "{kind}: {warnings}");
    }
    Ok(())
}

#[test]
fn an_administrator_whom_the_immutable_id_locks_out_is_called_one() -> TestResult {
    let twin = tenant()?;
    let admin = user(&twin, "dan@firm.example");
    let glass = user(&twin, "root@firm.onmicrosoft.com");
    user(&twin, "eve@firm.example");
    for id in [&admin, &glass] {
        twin.edit(|directory| directory.add_role(id, GLOBAL_ADMINISTRATOR));
    }
    let list = listed(&[("dan@firm.example", "another"), ("eve@firm.example", "others")])?;
    let mut request = request(&twin, "admin", Some(&list))?;
    request["includeEqual"] = json!(false);
    let rows = compared(&request)?;
    says(&rows, "dan@firm.example", ANCHOR, "LockedOut", &["can't sign in", "It is a Global Administrator."]);
    let of =
        |id: &str| -> Vec<&Row> { rows.iter().filter(|row| row.get("UserId").is_some_and(|of| of == id)).collect() };
    assert!(of(&admin).iter().all(|row| row["Reason"].contains("It is a Global Administrator.")), "{rows:?}");
    let (severity, reason) = verdict(&rows, "eve@firm.example", ANCHOR);
    assert!(severity == "LockedOut" && !reason.contains("Administrator"), "{reason}");
    // The portal takes from the other one the name that lets them in.
    let list = listed(&[("dan@firm.example", "dan"), ("root.new@firm.example", "root")])?;
    request["path"] = json!(list.path());
    let rows = compared(&request)?;
    says(&rows, "dan@firm.example", UPN, "Changed", &["nobody can take it back"]);
    says(&rows, "root@firm.onmicrosoft.com", UPN, "Unknown", &["the rename takes that away"]);
    Ok(())
}

#[test]
fn roles_that_are_held_through_a_group_are_warned_of_and_those_of_an_administrative_unit_do_not_count() -> TestResult {
    let twin = tenant()?;
    let admin = user(&twin, "dan.old@firm.example");
    let group = first(&twin, "groups")?;
    let ours = twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.set("applications", &ids.object_id, "uniqueName", &json!(UNIQUE_NAME));
        directory.add_service_principal(&ids.app_id)
    });
    let list = listed(&[("dan@firm.example", "dan.old")])?;
    let role = twin.edit(|directory| {
        directory.add_role(&admin, GLOBAL_ADMINISTRATOR);
        directory.add_role(&ours, GLOBAL_ADMINISTRATOR)
    });
    let (rows, warnings) = warned(&request(&twin, "admin", Some(&list))?)?;
    says(&rows, "dan.old@firm.example", UPN, "Renamed", &["It is a Global Administrator."]);
    assert!(!warnings.contains("can have directory roles"), "{warnings}");
    twin.edit(|directory| directory.set("groups", &group, "isAssignableToRole", &json!(true)));
    let (_, warnings) = warned(&request(&twin, "admin", Some(&list))?)?;
    assert!(warnings.contains("1 group(s) that can have directory roles. Their members"), "{warnings}");
    twin.edit(|directory| {
        directory.set("roleAssignments", &role, "directoryScopeId", &json!("/administrativeUnits/1"));
        directory.add_role(&group, GLOBAL_ADMINISTRATOR);
    });
    let (rows, warnings) = warned(&request(&twin, "admin", Some(&list))?)?;
    says(&rows, "dan.old@firm.example", UPN, "Unknown", &["refuses this write without one of those below"]);
    assert!(warnings.contains("by 1 role assignment(s): Global Administrator"), "{warnings}");
    Ok(())
}

#[test]
fn the_only_federated_domain_is_taken_for_practice_protects_and_that_is_said() -> TestResult {
    const ASSUMED: &str = "firm.example is taken for ";
    let twin = tenant()?;
    user(&twin, "bob@firm.example");
    let list = listed(&[("bob@firm.example", "another")])?;
    let mut request = request(&twin, "admin", Some(&list))?;
    let (rows, warnings) = warned(&request)?;
    let (severity, reason) = verdict(&rows, "bob@firm.example", ANCHOR);
    assert!(severity == "LockedOut" && !reason.contains(ASSUMED) && warnings.is_empty(), "{reason} {warnings}");
    request["federatedDomain"] = json!([]);
    let (rows, warnings) = warned(&request)?;
    says(&rows, "bob@firm.example", ANCHOR, "Unknown", &["Several domains are federated", "-FederatedDomain"]);
    assert!(warnings.is_empty(), "{warnings}");
    assert!(twin.edit(|directory| directory.erase("domains", "other.example")));
    let (rows, warnings) = warned(&request)?;
    says(&rows, "bob@firm.example", ANCHOR, "LockedOut", &[ASSUMED, "-FederatedDomain says otherwise"]);
    assert!(warnings.contains("No domain but firm.example is federated") && warnings.contains("-FederatedDomain"));
    assert!(twin.edit(|directory| directory.erase("domains", "firm.example")));
    let (rows, warnings) = warned(&request)?;
    says(&rows, "bob@firm.example", UPN, "Unknown", &["None of the tenant's domains is federated"]);
    assert!(warnings.is_empty(), "{warnings}");
    Ok(())
}

#[test]
fn what_comes_through_the_pipeline_without_any_value_is_no_user() -> TestResult {
    let twin = tenant()?;
    user(&twin, "ann@firm.example");
    let mut request = request(&twin, "admin", None)?;
    request["users"] = json!([[["Username", "ann@firm.example"]], [["Username", " "]], [["Username", ""]]]);
    let rows = compared(&request)?;
    let names: BTreeSet<&str> = rows.iter().filter_map(|row| Some(row.get("UserPrincipalName")?.as_str())).collect();
    assert_eq!(
        (names, rows.iter().all(|row| row.contains_key("UserId"))),
        (["ann@firm.example"].into(), true),
        "{rows:?}"
    );
    // The type stands behind what isn't one text.
    request["users"] = json!([[["Username", "ann@firm.example"], ["Teams", "Tax Audit", "System.Object[]"]]]);
    says(&compared(&request)?, "ann@firm.example", "displayName", "Unknown", &[]);
    request["users"] = json!([[["Username", "ann@firm.example"], ["ImmutableId", "16 1 2", "System.Byte[]"]]]);
    let Err(OpError::Failed(refused)) = op::run(&request)?.1 else { return Err("not refused".into()) };
    assert_eq!(refused.id, "PPFederation.PortalUsersUnreadable");
    assert!(refused.message.contains("user 1: 'ImmutableId' is System.Byte[], and one text is needed"), "{refused:?}");
    request["users"] = json!([[["Username", " "]]]);
    let Err(OpError::Failed(refused)) = op::run(&request)?.1 else { return Err("not refused".into()) };
    assert_eq!(refused.id, "PPFederation.PortalUsersUnreadable");
    assert!(refused.message.contains("none of the users who came"), "{refused:?}");
    Ok(())
}

#[test]
fn whom_a_reason_speaks_of_is_named_and_where_that_cannot_be_read_its_id_stands() -> TestResult {
    let twin = tenant()?;
    let holder = user(&twin, "zed@firm.example");
    twin.edit(|directory| directory.set("users", &holder, "proxyAddresses", &json!(["smtp:a@firm.example"])));
    user(&twin, "a.old@firm.example");
    // Two accounts for one user of the portal: each row speaks of the other.
    let rival = user(&twin, "kim@firm.example");
    user(&twin, "k.old@firm.example");
    let list = listed(&[("a@firm.example", "a.old"), ("kim@firm.example", "k.old")])?;
    let request = request(&twin, "admin", Some(&list))?;
    twin.clear_requests();
    let rows = compared(&request)?;
    says(&rows, "a.old@firm.example", UPN, "Unknown", &[&format!("User zed@firm.example ({holder}) has it")]);
    for attribute in [UPN, ANCHOR, "displayName"] {
        let named = format!("pairs with kim@firm.example ({rival}) too");
        says(&rows, "k.old@firm.example", attribute, "Unknown", &[&named]);
    }
    let all = twin.requests();
    let asked = all.iter().flat_map(|request| &request.batch).filter(|item| item.path.contains(&holder)).count();
    assert_eq!(asked, 1, "once, though its name and its mail address are both spoken of");
    for kind in [FaultKind::Denied, FaultKind::RequestLost { reset: true }] {
        twin.clear_faults();
        twin.add_fault(Fault::new(On::call("GET", &format!("/users/{holder}*")), kind).for_ever());
        let again = compared(&request)?;
        assert_eq!(again.len(), rows.len());
        says(&again, "a.old@firm.example", UPN, "Unknown", &[&format!("User {holder} has it")]);
    }
    Ok(())
}

#[test]
fn a_caller_who_cancels_while_a_name_is_looked_up_gets_no_rows_without_it() -> TestResult {
    let twin = tenant()?;
    let holder = user(&twin, "zed@firm.example");
    twin.edit(|directory| directory.set("users", &holder, "proxyAddresses", &json!(["smtp:a@firm.example"])));
    user(&twin, "a.old@firm.example");
    let list = listed(&[("a@firm.example", "a.old")])?;
    let request = request(&twin, "admin", Some(&list))?;
    let asked = On::call("GET", &format!("/users/{holder}*"));
    twin.add_fault(Fault::new(asked, FaultKind::Throttled(RetryAfter::Seconds(3))).for_ever());
    let (source, cancel) = CancelSource::new();
    let (sender, events) = std::sync::mpsc::channel();
    let send = move |event: Event| {
        if event.kind == Kind::Verbose && matches!(&event.payload, Payload::Plain(text) if says_wait(text)) {
            source.cancel();
        }
        // The receiver outlives the op.
        let _ = sender.send(event.kind);
        Ok(())
    };
    let command = parse(request.to_string().as_bytes(), &SecretBlock::copy_of(b""))?;
    let ended = command.run(&Output::new(Box::new(send), cancel));
    assert!(matches!(ended, Err(OpError::Cancelled(_))), "{ended:?}");
    assert!(events.try_iter().all(|kind| kind != Kind::Objects));
    Ok(())
}

#[test]
fn a_name_in_a_domain_that_is_not_verified_locks_nobody_out() -> TestResult {
    let twin = tenant()?;
    user(&twin, "ann@firm.example");
    user(&twin, "cay@managed.example");
    for name in ["gus_home.example#EXT#@firm.example", "ida@firm.example"] {
        let guest = user(&twin, name);
        twin.edit(|directory| directory.set("users", &guest, "userType", &json!("Guest")));
    }
    let list = listed(&[
        ("ann@nowhere.example", "ann"),
        ("cay@nowhere.example", "cay"),
        ("gus@nowhere.example", "gus_home.example#EXT#"),
        ("new@nowhere.example", "new"),
    ])?;
    let rows = compared(&request(&twin, "admin", Some(&list))?)?;
    says(&rows, "ann@firm.example", UPN, "Unknown", &["nowhere.example isn't among", "keeps its name", "immutable ID"]);
    says(&rows, "cay@managed.example", UPN, "Changed", &["keeps its name", "managed"]);
    let parts = ["keeps its name", "guest", "nobody is locked out"];
    says(&rows, "gus_home.example#EXT#@firm.example", UPN, "Changed", &parts);
    // Nothing says that one was invited from elsewhere, and the portal doesn't know this one.
    says(&rows, "ida@firm.example", UPN, "Unknown", &["guest signs in here or at a home tenant isn't known"]);
    says(&rows, "new@nowhere.example", UPN, "Unknown", &["no account can be made"]);
    Ok(())
}

/// Whether a line says that a request will be sent again.
fn says_wait(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).contains("trying again in")
}

#[test]
fn an_address_that_another_one_has_is_found_whoever_that_is() -> TestResult {
    let twin = tenant()?;
    let olds: Vec<String> = ["a", "b", "c", "d", "e", "f"].map(|name| format!("{name}.old@firm.example")).into();
    for name in &olds {
        user(&twin, name);
    }
    let holder = user(&twin, "zed@firm.example");
    let alias = json!(["smtp:b@firm.example"]);
    twin.edit(|directory| directory.set("users", &holder, "proxyAddresses", &alias));
    let deleted = user(&twin, "e@firm.example");
    assert!(twin.edit(|directory| directory.delete_user(&deleted)));
    let deleted_group = first(&twin, "groups")?;
    twin.edit(|directory| {
        directory.set("groups", &deleted_group, "mail", &json!("f@firm.example"));
        assert!(directory.delete_group(&deleted_group));
    });
    let group = first(&twin, "groups")?;
    let contact = first(&twin, "contacts")?;
    twin.edit(|directory| {
        directory.set("groups", &group, "mailEnabled", &json!(true));
        directory.set("groups", &group, "proxyAddresses", &json!(["smtp:c@firm.example"]));
        directory.set("contacts", &contact, "mail", &json!("d@firm.example"));
    });
    let list = listed(&[
        ("a@firm.example", "a.old"),
        ("b@firm.example", "b.old"),
        ("c@firm.example", "c.old"),
        ("d@firm.example", "d.old"),
        ("e@firm.example", "e.old"),
        ("f@firm.example", "f.old"),
    ])?;
    let rows = compared(&request(&twin, "admin", Some(&list))?)?;
    says(&rows, "a.old@firm.example", UPN, "Renamed", &[]);
    says(
        &rows,
        "b.old@firm.example",
        UPN,
        "Unknown",
        &[&format!("User zed@firm.example ({holder}) has"), "refuses it"],
    );
    says(&rows, "c.old@firm.example", UPN, "Unknown", &[&format!("Group Client team 2 ({group}) has")]);
    says(&rows, "d.old@firm.example", UPN, "Unknown", &[&format!("Contact Client contact 1 ({contact}) has")]);
    let gone = format!("Deleted user e@firm.example ({deleted}) has");
    says(&rows, "e.old@firm.example", UPN, "Renamed", &[&gone, "can't be restored"]);
    let gone = format!("Deleted group Client team 1 ({deleted_group}) has");
    says(&rows, "f.old@firm.example", UPN, "Unknown", &[&gone, "not documented"]);
    Ok(())
}

fn first(twin: &Twin, list: &str) -> Result<String, Box<dyn Error>> {
    Ok(twin.edit(|directory| directory.first(list)).ok_or("there is none")?)
}

#[test]
fn a_script_s_own_words_are_certain_and_what_no_column_has_is_not() -> TestResult {
    let twin = tenant()?;
    user(&twin, "ann@firm.example");
    let list = listed(&[("ann@firm.example", "ann")])?;
    let mut request = request(&twin, "admin", Some(&list))?;
    let lines = "if (isPerson()) { destination.UsageLocation = \"NZ\"; destination.Mail = source.CanonicalizeName; }";
    request["script"] = json!({ "text": lines });
    let rows = compared(&request)?;
    says(&rows, "ann@firm.example", "usageLocation", "Changed", &[]);
    says(&rows, "ann@firm.example", "mail", "Unknown", &["no column"]);
    request["columnMap"] = json!({ "CanonicalizeName": "Username" });
    says(&compared(&request)?, "ann@firm.example", "mail", "Equal", &[]);
    request["script"] = json!({ "text": lines.replace("NZ", "UK") });
    says(&compared(&request)?, "ann@firm.example", "usageLocation", "Unknown", &["no country's two letters"]);
    request["script"] = json!({ "text": lines });
    // Without the portal's users the constant alone is certain.
    let request =
        json!({ "op": "compareAttributes", "connection": request["connection"], "script": request["script"] });
    let rows = compared(&request)?;
    says(&rows, "ann@firm.example", "usageLocation", "Changed", &[]);
    says(&rows, "ann@firm.example", "mail", "Unknown", &[]);
    Ok(())
}

#[test]
fn what_a_script_takes_by_a_name_that_is_ours_is_unknown_until_the_caller_says_so() -> TestResult {
    let twin = tenant()?;
    user(&twin, "ann@firm.example");
    let mut list = NamedTempFile::new()?;
    writeln!(list, "Username,DisplayName,Email\nann@firm.example,Ann,ann@firm.example")?;
    let asked = "destination.DisplayName = source.DisplayName; destination.Mail = source.Mail;";
    let mut request = request(&twin, "admin", Some(&list))?;
    // By what the text says, and by a run for each user.
    for (text, name) in [(asked.to_owned(), "Changed"), (format!("if (source.Mail) {{ {asked} }}"), "Unknown")] {
        request["script"] = json!({ "text": text });
        request["columnMap"] = json!({});
        let rows = compared(&request)?;
        let parts = ["asks for source.Mail", "a column 'Email'", "-ColumnMap @{ Mail = 'Email' }"];
        says(&rows, "ann@firm.example", "mail", "Unknown", &parts);
        says(&rows, "ann@firm.example", "displayName", name, &[]);
        request["columnMap"] = json!({ "Mail": "Email" });
        let rows = compared(&request)?;
        says(&rows, "ann@firm.example", "mail", "Equal", &[]);
        says(&rows, "ann@firm.example", "displayName", "Changed", &[]);
        // The portal's own name for it, and the list's.
        request["script"] = json!({ "text": text.replace("source.Mail", "source.Email") });
        request["columnMap"] = json!({});
        says(&compared(&request)?, "ann@firm.example", "mail", "Equal", &[]);
    }
    // That a column has the name doesn't hang on who else is there.
    writeln!(list, "bob@firm.example,Bob,")?;
    request["script"] = json!({ "text": "destination.Mail = source.Mail;" });
    user(&twin, "bob@firm.example");
    says(&compared(&request)?, "bob@firm.example", "mail", "Unknown", &["asks for source.Mail"]);
    Ok(())
}

#[test]
fn whom_the_script_rejects_keeps_an_immutable_id_that_the_token_may_not_have() -> TestResult {
    let twin = tenant()?;
    for name in ["ann@firm.example", "bob@firm.example"] {
        user(&twin, name);
    }
    let list = listed(&[("ann@firm.example", "another"), ("bob@firm.example", "bob"), ("new@firm.example", "new")])?;
    let mut request = request(&twin, "admin", Some(&list))?;
    request["script"] = json!({ "text": "reject('left');" });
    let rows = compared(&request)?;
    says(&rows, "ann@firm.example", ANCHOR, "LockedOut", &["rejects this user", "the portal has 'another'"]);
    says(&rows, "bob@firm.example", ANCHOR, "Equal", &["rejects this user"]);
    says(&rows, "new@firm.example", UPN, "Equal", &["No account pairs", "rejects this user"]);
    assert!(!verdict(&rows, "new@firm.example", UPN).1.contains("makes one"));
    Ok(())
}

#[test]
fn whom_the_script_rejects_by_what_may_be_otherwise_in_the_portal_is_unknown() -> TestResult {
    let twin = tenant()?;
    user(&twin, "ann@firm.example");
    let list = listed(&[("ann.new@firm.example", "ann")])?;
    let mut request = request(&twin, "admin", Some(&list))?;
    let rejects = "Whether the script rejects this user may come out otherwise in the portal";
    for (text, why) in [
        ("if (!source.Get('Department')) { reject('no department'); }", "source.Department, which no column"),
        ("if (source.Get('Type') == 'Contractor') { reject('a contractor'); }", "source.Type, which no column"),
        ("if (Math.random() < 2) { reject('chance'); }", "uses Math.random"),
    ] {
        request["script"] = json!({ "text": text });
        let rows = compared(&request)?;
        for attribute in [UPN, ANCHOR, "displayName", "mail"] {
            says(&rows, "ann@firm.example", attribute, "Unknown", &[rejects, why]);
        }
    }
    // Of a script that can't reject, only what it may set is uncertain.
    request["script"] =
        json!({ "text": "if (source.Department) { destination.Mail = 'a@firm.example'; } // no reject" });
    let rows = compared(&request)?;
    says(&rows, "ann@firm.example", UPN, "Renamed", &[]);
    says(&rows, "ann@firm.example", "displayName", "Equal", &[]);
    says(&rows, "ann@firm.example", "mail", "Unknown", &["source.Department, which no column"]);
    request["script"] = json!({ "text": "if (source.Department) { destination.DisplayName = 'A'; }" });
    says(&compared(&request)?, "ann@firm.example", "displayName", "Unknown", &["source.Department, which no column"]);
    Ok(())
}

#[test]
fn what_a_script_makes_of_an_empty_cell_is_unknown_unless_null_and_an_empty_text_come_to_the_same() -> TestResult {
    let twin = tenant()?;
    for name in ["ann@firm.example", "bob@firm.example"] {
        user(&twin, name);
    }
    let mut list = NamedTempFile::new()?;
    writeln!(list, "Username,DisplayName,ImmutableId,CanonicalizeName")?;
    writeln!(list, "ann@firm.example,ann,ann,\nbob@firm.example,bob,bob,bob")?;
    let mut request = request(&twin, "admin", Some(&list))?;
    let mut with = |text: &str| {
        request["script"] = json!({ "text": text });
        compared(&request)
    };
    let parts = ["source.CanonicalizeName, which is empty for this user", "not documented"];
    let rows = with(
        "destination.Mail = source.CanonicalizeName + '@firm.example'; destination.UsageLocation = 'AU';
         destination.DisplayName = 'Staff of ' + source.Username;",
    )?;
    says(&rows, "ann@firm.example", "mail", "Unknown", &parts);
    let of_mail = |row: &&Row| row["Attribute"] == "mail" && row["UserPrincipalName"] == "ann@firm.example";
    assert_eq!(rows.iter().find(of_mail).map(|row| row.get("After")), Some(None));
    for (attribute, severity) in [("displayName", "Changed"), ("usageLocation", "Equal"), (UPN, "Equal")] {
        says(&rows, "ann@firm.example", attribute, severity, &[]);
    }
    says(&rows, "bob@firm.example", "mail", "Equal", &[]);
    let rows =
        with("destination.Mail = source.CanonicalizeName ? source.CanonicalizeName + '@x.example' : source.Username;")?;
    says(&rows, "ann@firm.example", "mail", "Equal", &[]);
    says(&rows, "bob@firm.example", "mail", "Renamed", &[]);
    // Whom it rejects.
    let rows = with("if (source.CanonicalizeName === null) { reject('nameless'); }")?;
    says(&rows, "ann@firm.example", UPN, "Unknown", &[&["rejects"][..], &parts].concat());
    says(&rows, "bob@firm.example", UPN, "Equal", &["already"]);
    let rows = with("if (!source.CanonicalizeName) { reject('nameless'); }")?;
    says(&rows, "ann@firm.example", UPN, "Equal", &["rejects this user ('nameless')"]);
    let rows = with("if (source.CanonicalizeName === '') { throw new Error('nameless'); }")?;
    says(&rows, "ann@firm.example", UPN, "Unknown", &[&["fails for this user", "nameless"][..], &parts].concat());
    // Asked for more, it may come to anything.
    let rows = with("if (source.CanonicalizeName === '' && source.Department) { destination.DisplayName = 'A'; }")?;
    says(&rows, "ann@firm.example", "displayName", "Unknown", &parts);
    says(&rows, "bob@firm.example", "displayName", "Equal", &[]);
    Ok(())
}

#[test]
fn an_empty_immutable_id_is_none() -> TestResult {
    let twin = tenant()?;
    let ann = user(&twin, "ann@firm.example");
    let list = listed(&[("ann@firm.example", "another")])?;
    let request = request(&twin, "admin", Some(&list))?;
    let with = |anchor: Value| {
        assert!(twin.edit(|directory| directory.set("users", &ann, ANCHOR, &anchor)));
        compared(&request)
    };
    let none = with(Value::Null)?;
    says(&none, "ann@firm.example", ANCHOR, "Unknown", &["Whether a first immutable ID is taken", "there is none now"]);
    assert_eq!(with(json!(""))?, none);
    Ok(())
}

#[test]
fn a_list_of_objects_has_a_column_that_only_some_of_them_have() -> TestResult {
    let twin = tenant()?;
    for name in ["ann@firm.example", "bob@firm.example"] {
        user(&twin, name);
    }
    let ann = r#"{"Username":"ann@firm.example"}"#;
    let bob = r#"{"Username":"bob@firm.example","ImmutableId":"bob"}"#;
    let mut request = request(&twin, "admin", None)?;
    for users in [format!("[{ann},{bob}]"), format!("[{bob},{ann}]")] {
        let mut list = NamedTempFile::new()?;
        write!(list, "{users}")?;
        request["path"] = json!(list.path());
        let rows = compared(&request)?;
        says(&rows, "ann@firm.example", ANCHOR, "LockedOut", &["the portal has none for this one"]);
        says(&rows, "bob@firm.example", ANCHOR, "Equal", &[]);
    }
    let (ann, bob) = ([["Username", "ann@firm.example"]], [["Username", "bob@firm.example"], ["ImmutableId", "bob"]]);
    request["path"] = Value::Null;
    request["users"] = json!([bob, ann]);
    says(&compared(&request)?, "ann@firm.example", ANCHOR, "LockedOut", &["the portal has none for this one"]);
    Ok(())
}

#[test]
fn whom_a_list_without_immutable_ids_does_not_show_the_portal_may_know() -> TestResult {
    let twin = tenant()?;
    let ann = user(&twin, "ann.smith@firm.example");
    let alias = json!(["SMTP:ann.smith@firm.example", "smtp:ann.jones@firm.example"]);
    twin.edit(|directory| directory.set("users", &ann, "proxyAddresses", &alias));
    let mut request = request(&twin, "admin", None)?;
    // The portal's documented query, and the same with its immutable IDs, none of which is the account's.
    for (columns, jones, severity, words) in [
        (
            "ID,Username,DisplayName,Email",
            "1,ann.jones@firm.example,Ann,",
            "Unknown",
            "the portal's user at 2 of its list",
        ),
        (
            "ImmutableId,Username,DisplayName,Email",
            ",ann.jones@firm.example,Ann,",
            "LockedOut",
            "has no user for this account",
        ),
    ] {
        let mut list = NamedTempFile::new()?;
        writeln!(list, "{columns}\n{jones}")?;
        request["path"] = json!(list.path());
        let rows = compared(&request)?;
        says(&rows, "ann.smith@firm.example", UPN, severity, &[words, "firm.example signs in by"]);
    }
    Ok(())
}

#[test]
fn one_address_for_two_users_is_told_where_it_is_written_to_both() -> TestResult {
    let twin = tenant()?;
    for name in ["ann@firm.example", "bob@firm.example"] {
        user(&twin, name);
    }
    let mut request = request(&twin, "admin", None)?;
    request["script"] = json!({ "text": "destination.Mail = source.CanonicalizeName;" });
    let users = |bobs: &str| {
        let of = |name: &str, mail: &str| {
            json!([["Username", name], ["Mail", "info@firm.example"], ["CanonicalizeName", mail]])
        };
        json!([of("ann@firm.example", "ann@firm.example"), of("bob@firm.example", bobs)])
    };
    request["users"] = users("bob@firm.example");
    says(&compared(&request)?, "ann@firm.example", "mail", "Equal", &[]);
    request["users"] = users("ann@firm.example");
    let parts = ["the same CanonicalizeName for another user, at 2"];
    says(&compared(&request)?, "ann@firm.example", "mail", "Unknown", &parts);
    Ok(())
}

#[test]
fn blanks_around_an_immutable_id_are_told_and_pair_all_the_same() -> TestResult {
    let twin = tenant()?;
    user(&twin, "ann.old@firm.example");
    let list = listed(&[("ann@firm.example", " ann.old ")])?;
    let rows = compared(&request(&twin, "admin", Some(&list))?)?;
    says(&rows, "ann.old@firm.example", ANCHOR, "Unknown", &["blanks around it", "not documented"]);
    says(&rows, "ann.old@firm.example", UPN, "Renamed", &["by the immutable ID"]);
    Ok(())
}

#[test]
fn only_those_who_are_asked_for_are_shown_and_only_what_differs() -> TestResult {
    let twin = tenant()?;
    for name in ["ann@firm.example", "bob.old@firm.example", "cay.old@firm.example"] {
        user(&twin, name);
    }
    let list = listed(&[
        ("ann@firm.example", "ann"),
        ("bob@firm.example", "bob.old"),
        ("cay@firm.example", "cay.old"),
        ("new@firm.example", "new"),
    ])?;
    let mut request = request(&twin, "admin", Some(&list))?;
    request["includeEqual"] = json!(false);
    let names = |request: &Value| -> Result<BTreeSet<String>, Box<dyn Error>> {
        let rows = compared(request)?;
        assert!(rows.iter().all(|row| row["Severity"] != "Equal"), "{rows:?}");
        Ok(rows.iter().map(|row| row["UserPrincipalName"].clone()).collect())
    };
    assert!(names(&request)?.contains("new@firm.example"), "the portal's user without an account");
    request["userPrincipalName"] = json!(["b*"]);
    assert_eq!(names(&request)?, BTreeSet::from(["bob.old@firm.example".to_owned()]));
    Ok(())
}

#[test]
fn of_accounts_that_pair_with_none_of_some_users_their_number_alone_is_said() -> TestResult {
    let twin = tenant()?;
    for name in ["ann@firm.example", "bob.old@firm.example", "cay@firm.example"] {
        user(&twin, name);
    }
    let mut request = request(&twin, "admin", None)?;
    request["includeEqual"] = json!(false);
    request["users"] = json!([[["Username", "bob@firm.example"], ["ImmutableId", "bob.old"]]]);
    let (rows, warnings) = warned(&request)?;
    says(&rows, "bob.old@firm.example", UPN, "Renamed", &[]);
    assert!(rows.iter().all(|row| row["UserPrincipalName"] == "bob.old@firm.example"), "{rows:?}");
    assert!(
        warnings.contains("2 accounts of the tenant pair with none of") && warnings.contains("-IncludeEqual"),
        "{warnings}"
    );
    request["userPrincipalName"] = json!(["b*"]);
    assert_eq!(warned(&request)?.1, "");
    request["userPrincipalName"] = json!([]);
    request["includeEqual"] = json!(true);
    let (rows, warnings) = warned(&request)?;
    says(&rows, "ann@firm.example", UPN, "Unknown", &["None of the portal's users who were given"]);
    assert_eq!(warnings, "");
    Ok(())
}

#[test]
fn which_column_was_taken_for_what_is_said_unasked() -> TestResult {
    let twin = tenant()?;
    let list = listed(&[("ann@firm.example", "ann")])?;
    let mut request = request(&twin, "admin", Some(&list))?;
    request["columnMap"] = json!({ "CanonicalizeName": "Username" });
    let (said, ended) = op::told(&request, Kind::Information)?;
    ended.map_err(|error| format!("{error:?}"))?;
    let columns = "CanonicalizeName is column 'Username', as given; Username is column 'Username'; DisplayName is column 'DisplayName'; \
                   ImmutableId is column 'ImmutableId'";
    assert_eq!(said, format!("The portal's users: {columns}."));
    Ok(())
}

#[test]
fn what_was_given_wrong_is_named() -> TestResult {
    let twin = tenant()?;
    let id = |request: &Value| -> Result<(String, String), Box<dyn Error>> {
        match op::run(request)?.1 {
            Err(OpError::Failed(report)) => Ok((report.id.to_owned(), report.message.clone())),
            other => Err(format!("{other:?}").into()),
        }
    };
    let mut wrong = request(&twin, "admin", None)?;
    wrong["path"] = json!("no-such-file.csv");
    let (error, message) = id(&wrong)?;
    assert_eq!(error, "PPFederation.PortalUsersUnreadable");
    assert!(message.contains("no-such-file.csv"), "{message}");
    // A page of an answer would lock out whoever is on another one.
    let mut page = NamedTempFile::new()?;
    write!(page, r#"{{"Result":{{"Results":[{{"Row":{{"Username":"ann@firm.example"}}}}],"FullCount":2000}}}}"#)?;
    wrong["path"] = json!(page.path());
    let (error, message) = id(&wrong)?;
    assert_eq!(error, "PPFederation.PortalUsersUnreadable");
    assert!(message.contains("the answer has 1 of 2000 users: export all of them"), "{message}");
    let mut wrong = request(&twin, "admin", None)?;
    wrong["federatedDomain"] = json!(["nobodys.example"]);
    let (error, message) = id(&wrong)?;
    assert_eq!(error, "PPFederation.FederatedDomainUnknown");
    assert!(message.contains("nobodys.example") && message.contains("firm.example"), "{message}");
    Ok(())
}

/// Two pages of users, of a tenant that was never synchronized.
fn large() -> Result<Arc<Twin>, Box<dyn Error>> {
    let options =
        Options { users: 130, groups: 1, contacts: 1, dir_sync: false, latency: Duration::ZERO, ..Options::default() };
    let twin = Arc::new(Twin::start(&options)?);
    twin.edit(|directory| directory.add_domain("firm.example", "Federated"));
    Ok(twin)
}

/// How grave each attribute of each user is.
type Severities = BTreeMap<(String, String), String>;

fn severities(rows: &[Row]) -> Severities {
    let text = |row: &Row, name: &str| row.get(name).cloned().unwrap_or_default();
    rows.iter().map(|row| ((text(row, "UserId"), text(row, "Attribute")), text(row, "Severity"))).collect()
}

/// What a fault may make of a comparison: nobody is left out, and what isn't as grave as without the fault is Unknown or warned of.
fn holds(clean: &Severities, came: &Severities, warnings: &str) -> TestResult {
    const GRAVEST_FIRST: [&str; 5] = ["LockedOut", "Unknown", "Renamed", "Changed", "Equal"];
    let grave = |severity: &str| GRAVEST_FIRST.iter().position(|one| *one == severity);
    if !clean.keys().eq(came.keys()) {
        return Err(format!("{:?} in place of {:?}", came.keys(), clean.keys()).into());
    }
    for ((row, was), is) in clean.iter().zip(came.values()) {
        if is != "Unknown" && grave(is) > grave(was) && warnings.is_empty() {
            return Err(format!("{row:?} is {is} in place of {was}, and nobody was warned").into());
        }
    }
    Ok(())
}

/// Of each severity somebody: an administrator who is locked out, two accounts for one user of the portal, a name that another one has.
fn grave() -> Result<(Arc<Twin>, NamedTempFile), Box<dyn Error>> {
    let twin = large()?;
    for name in ["ann@firm.example", "bob.old@firm.example", "kim@firm.example", "k.old@firm.example"] {
        user(&twin, name);
    }
    let admin = user(&twin, "dan@firm.example");
    let group = first(&twin, "groups")?;
    twin.edit(|directory| {
        directory.add_role(&admin, GLOBAL_ADMINISTRATOR);
        directory.set("groups", &group, "mailEnabled", &json!(true));
        directory.set("groups", &group, "proxyAddresses", &json!(["smtp:bob@firm.example"]));
    });
    let list = listed(&[
        ("somebody@firm.example", "1"),
        ("ann@firm.example", "another"),
        ("bob@firm.example", "bob.old"),
        ("kim@firm.example", "k.old"),
        ("dan@firm.example", "dan.old"),
    ])?;
    Ok((twin, list))
}

#[test]
fn whatever_befalls_any_request_nobody_is_left_out_and_no_verdict_is_milder_unless_that_is_said() -> TestResult {
    let (twin, list) = grave()?;
    let clean = severities(&compared(&request(&twin, "admin", Some(&list))?)?);
    let requests = twin.requests();
    let whole = requests.iter().filter(|request| request.path.starts_with("/graph")).count();
    let items: usize = requests.iter().map(|request| request.batch.len()).sum();
    assert!(whole >= 8 && items >= 8, "{whole} {items}");
    let kinds: BTreeSet<&str> = clean.values().map(String::as_str).collect();
    assert!(["LockedOut", "Unknown", "Equal"].iter().all(|one| kinds.contains(one)), "{kinds:?}");
    let full = std::env::var_os("PPFEDERATION_FULL").is_some();
    for (target, places, kinds) in
        [(Target::Graph, whole, whole_request_faults()), (Target::Item, items, item_faults())]
    {
        for (number, kind) in kinds.into_iter().enumerate() {
            for nth in 1..=places {
                if !full && nth % 6 != number % 6 {
                    continue;
                }
                let (twin, list) = grave()?;
                let request = request(&twin, "admin", Some(&list))?;
                twin.add_fault(Fault::new(On::every(target), kind.clone()).nth(nth as u64));
                let (events, ended) = op::events(&request)?;
                let said = format!("{kind:?} on {target:?} {nth}: {ended:?}");
                match ended {
                    Ok(()) => {
                        let (objects, warnings) = (op::of(&events, Kind::Objects), op::of(&events, Kind::Warning));
                        holds(&clean, &severities(&rows(&objects)), &warnings)
                            .map_err(|wrong| format!("{said}: {wrong}"))?;
                    }
                    Err(OpError::Failed(_)) => {}
                    Err(OpError::Cancelled(_)) => return Err(said.into()),
                }
            }
        }
    }
    Ok(())
}

#[test]
fn users_that_change_while_they_are_read_count_as_they_were_last() -> TestResult {
    let twin = large()?;
    let anybody = first(&twin, "users")?;
    // Between the first page and the second, somebody on the first gets an address that was free.
    let edit = json!({
        "edit": "set", "collection": "users", "id": anybody, "property": "proxyAddresses", "value": ["smtp:free@firm.example"]
    });
    let second = On::call("GET", "/users/delta*");
    twin.add_fault(Fault::new(second, FaultKind::Edited(edit)).nth(2));
    let list = listed(&[("free@firm.example", "1")])?;
    let rows = compared(&request(&twin, "admin", Some(&list))?)?;
    says(&rows, "free@firm.example", UPN, "Unknown", &[&anybody]);
    Ok(())
}

#[test]
fn a_walk_over_users_says_how_far_it_is() -> TestResult {
    let twin = large()?;
    let (progress, ended) = op::told(&request(&twin, "admin", None)?, Kind::Progress)?;
    ended.map_err(|error| format!("{error:?}"))?;
    for part in ["Reading users: 100 of 130", "Comparing users: 130 of 130"] {
        assert!(progress.contains(part), "{part}: {progress}");
    }
    Ok(())
}

#[test]
fn a_walk_says_how_fast_it_goes_and_for_how_long_it_will() -> TestResult {
    let twin = large()?;
    // The first page of users takes ten seconds, by the clock that the test's connection has.
    let first = On::call("GET", "/users/delta*");
    twin.add_fault(Fault::new(first, FaultKind::Throttled(RetryAfter::Seconds(10))));
    let (progress, ended) = op::told(&request(&twin, "admin", None)?, Kind::Progress)?;
    ended.map_err(|error| format!("{error:?}"))?;
    let (_, rest) = progress.split_once("Reading users: 100 of 130, ").ok_or(progress.clone())?;
    let rate: u64 = rest.split_once(" a second").ok_or("no rate")?.0.parse()?;
    assert!((1..=10).contains(&rate), "{rest}");
    let (_, left) = rest.split_once("SecondsRemaining\">").ok_or("nothing is said of how long")?;
    assert_eq!(left.split_once('<').map(|(left, _)| left), Some((30 / rate).to_string().as_str()));
    Ok(())
}
