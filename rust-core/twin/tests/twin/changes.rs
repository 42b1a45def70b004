//! `/users/delta`: everybody, and from then on what was changed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tenant_twin::Options;

use crate::client::{Answer, DAY, Tenant, http, quick};

const FIRST: &str = "/users/delta?$select=id,userPrincipalName,mail";

fn of(users: u32) -> Tenant {
    Tenant::with(&Options { users, ..quick() })
}

fn follow(tenant: &Tenant, link: &str) -> Answer {
    Answer::read(http().get(link).bearer_auth(&tenant.token).send().expect("an answer"))
}

/// The rows from a page on, and the link to what changes from then on; `between` is called behind each page.
fn round(tenant: &Tenant, first: Answer, between: &mut dyn FnMut()) -> (Vec<Value>, String) {
    let (mut rows, mut page) = (Vec::new(), first);
    loop {
        assert_eq!(page.status, 200, "{:?}", page.body);
        rows.extend(page.values().iter().cloned());
        if let Some(link) = page.body["@odata.deltaLink"].as_str() {
            return (rows, link.to_owned());
        }
        between();
        page = follow(tenant, page.body["@odata.nextLink"].as_str().expect("a link"));
    }
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().filter_map(|row| row["id"].as_str()).collect()
}

#[test]
fn the_first_round_shows_everybody_once_and_says_what_was_selected() {
    let tenant = of(350);
    let (rows, _) = round(&tenant, tenant.get(FIRST), &mut || ());
    assert_eq!((rows.len(), ids(&rows).into_iter().collect::<BTreeSet<_>>().len()), (350, 350));
    let names = |row: &Value| row.as_object().map(|row| row.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    assert!(rows.iter().all(|row| names(row) == ["id", "userPrincipalName", "mail"]), "{:?}", names(&rows[0]));
}

#[test]
fn who_changes_meanwhile_comes_again_and_later_rounds_show_changes_alone() {
    let tenant = of(350);
    let id = tenant.get("/users?$select=id&$top=1").values()[0]["id"].as_str().expect("an id").to_owned();
    let set = |mail: &str| tenant.twin.edit(|directory| directory.set("users", &id, "mail", &json!(mail)));
    let mut mails = vec!["second@firm.example", "first@firm.example"];
    let (rows, link) = round(&tenant, tenant.get(FIRST), &mut || {
        mails.pop().map(set);
    });
    assert_eq!(ids(&rows).iter().filter(|one| **one == id).count(), 2);
    assert_eq!(rows.iter().rfind(|row| row["id"] == id.as_str()).expect("that user")["mail"], "second@firm.example");
    let (rows, link) = round(&tenant, follow(&tenant, &link), &mut || ());
    assert_eq!(rows, Vec::<Value>::new());
    set("third@firm.example");
    let added = tenant.twin.edit(|directory| directory.add_user(&json!({ "userPrincipalName": "new@firm.example" })));
    let (rows, link) = round(&tenant, follow(&tenant, &link), &mut || ());
    assert_eq!(ids(&rows).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([id.as_str(), added.as_str()]));
    tenant.twin.edit(|directory| directory.delete_user(&id));
    tenant.twin.edit(|directory| directory.erase("users", &added));
    let (rows, _) = round(&tenant, follow(&tenant, &link), &mut || ());
    let reason = |id: &str| rows.iter().find(|row| row["id"] == id).map(|row| row["@removed"]["reason"].clone());
    assert_eq!((reason(&id), reason(&added)), (Some(json!("changed")), Some(json!("deleted"))));
}

#[test]
fn a_token_lives_for_seven_days() {
    let mut tenant = of(150);
    let first = tenant.get(FIRST);
    let link = first.body["@odata.nextLink"].as_str().expect("a link").to_owned();
    tenant.twin.advance(DAY * 6);
    tenant.sign_in("admin");
    assert_eq!(follow(&tenant, &link).status, 200);
    tenant.twin.advance(DAY + Duration::from_secs(1));
    tenant.sign_in("admin");
    let refused = follow(&tenant, &link);
    assert_eq!((refused.status, refused.text("/error/code")), (400, "syncStateNotFound"));
}

#[test]
fn domains_and_the_policy_about_federated_tokens_are_read() {
    let tenant = of(1);
    tenant.twin.edit(|directory| directory.add_domain("firm.example", "Federated"));
    let domains = tenant.get("/domains?$select=id,authenticationType,isVerified,isRoot");
    let firm = domains.values().iter().find(|domain| domain["id"] == "firm.example").expect("the domain");
    assert_eq!(
        (&firm["authenticationType"], &firm["isVerified"], &firm["isRoot"]),
        (&json!("Federated"), &json!(true), &json!(true))
    );
    assert_eq!(tenant.get("/domains/firm.example").text("/id"), "firm.example");
    assert_eq!(tenant.get("/policies/federatedTokenValidationPolicy").text("/validatingDomains/rootDomains"), "all");
}
