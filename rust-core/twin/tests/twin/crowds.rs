//! Tenants of any size: a page costs what is on it.

use std::collections::HashSet;

use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Options, Twin, Unreadable};

use crate::client::{Answer, DAY, Tenant, filtered, http, quick};

const MILLION: u32 = 1_000_000;
const LIST: &str = "/users?$select=id,userPrincipalName,onPremisesImmutableId&$top=999";

fn large() -> Tenant {
    Tenant::with(&Options { users: MILLION, ..quick() })
}

fn next(tenant: &Tenant, page: &Answer) -> Option<Answer> {
    let link = page.body["@odata.nextLink"].as_str()?;
    Some(Answer::read(http().get(link).bearer_auth(&tenant.token).send().expect("an answer")))
}

#[test]
fn a_million_users_are_counted_and_begun_without_being_made() {
    let tenant = large();
    let first = tenant.eventual("/users?$count=true&$top=999");
    assert_eq!((&first.body["@odata.count"], first.values().len()), (&json!(MILLION), 999));
    assert!(first.body["@odata.nextLink"].is_string());
    let synced = filtered("/users", "onPremisesSyncEnabled eq true") + "&$count=true&$top=1&$select=id";
    assert_eq!(tenant.eventual(&synced).body["@odata.count"], json!(MILLION));
    assert_eq!(tenant.twin.state()["syncedUsers"], json!(MILLION));
}

#[test]
fn pages_follow_each_other_in_the_order_of_ids() {
    let tenant = large();
    let mut page = tenant.get(LIST);
    let mut ids: Vec<String> = Vec::new();
    for _ in 0..4 {
        ids.extend(page.values().iter().map(|user| user["id"].to_string()));
        page = next(&tenant, &page).expect("a further page");
    }
    assert_eq!(ids.len(), 4 * 999);
    assert!(ids.is_sorted());
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
}

#[test]
fn a_user_is_found_by_what_tells_users_apart() {
    let tenant = large();
    let second = next(&tenant, &tenant.get(LIST)).expect("a further page");
    let user = second.values()[500].clone();
    for property in ["id", "userPrincipalName", "onPremisesImmutableId"] {
        let found =
            tenant.get(&filtered("/users", &format!("{property} eq '{}'", user[property].as_str().expect("text"))));
        assert_eq!((found.values().len(), &found.values()[0]["id"]), (1, &user["id"]), "{property}");
    }
    let address = user["userPrincipalName"].as_str().expect("text");
    let any = tenant.get(&filtered("/users", &format!("proxyAddresses/any(p:p eq 'SMTP:{address}')")));
    assert_eq!((any.values().len(), &any.values()[0]["id"]), (1, &user["id"]));
    let id = user["id"].as_str().expect("an id");
    assert_eq!(tenant.get(&format!("/users/{id}")).text("/userPrincipalName"), address);
    assert_eq!(tenant.get("/users/3c1d5b8e-0000-4000-8000-000000000001").status, 404);
    assert_eq!(
        tenant
            .get(&filtered("/users", "userPrincipalName eq 'no.one7@contosoaccounting.onmicrosoft.com'"))
            .values()
            .len(),
        0
    );
}

#[test]
fn one_seed_gives_the_same_users_in_every_twin() {
    let page = |seed| {
        Tenant::with(&Options { seed, ..quick() }).get("/users?$select=id,mail,assignedLicenses").body["value"].clone()
    };
    assert_eq!(page(3), page(3));
    assert_ne!(page(3), page(4));
}

#[test]
fn users_have_what_a_firm_gives_them() {
    let tenant = Tenant::new();
    let select =
        "accountEnabled,assignedLicenses,department,mail,onPremisesImmutableId,proxyAddresses,usageLocation,userType";
    for user in tenant.get(&format!("/users?$select=id,{select}")).values() {
        assert_eq!(user["proxyAddresses"], json!([format!("SMTP:{}", user["mail"].as_str().expect("a mail"))]));
        assert_eq!(user["userType"], json!("Member"));
        let licenses = user["assignedLicenses"].as_array().expect("a list");
        assert!(licenses.iter().all(|license| license["skuId"].is_string()));
    }
    let user = tenant.get("/users?$top=1&$select=id").text("/value/0/id").to_owned();
    assert_eq!(tenant.twin.edit(|tenant| tenant.get("users", &user)).expect("a user")["department"], json!("Advisory"));
}

#[test]
fn what_was_changed_or_taken_away_shows_in_pages_counts_and_filters() {
    let tenant = Tenant::with(&Options { users: 5_000, ..quick() });
    let ids: Vec<String> = {
        let page = tenant.get("/users?$select=id&$top=3");
        page.values().iter().map(|user| user["id"].as_str().expect("an id").to_owned()).collect()
    };
    tenant.twin.edit(|tenant| {
        assert!(tenant.set("users", &ids[0], "userPrincipalName", &json!("new.name@contoso.example")));
        assert!(tenant.set("users", &ids[2], "onPremisesSyncEnabled", &Value::Null));
        assert!(tenant.erase("users", &ids[1]));
        assert!(!tenant.erase("users", &ids[1]));
        assert!(!tenant.set("users", &ids[1], "mail", &Value::Null));
    });
    let page = tenant.eventual("/users?$select=id,userPrincipalName&$top=2&$count=true");
    assert_eq!(page.body["@odata.count"], json!(4_999));
    assert_eq!(
        (page.text("/value/0/userPrincipalName"), page.text("/value/1/id")),
        ("new.name@contoso.example", ids[2].as_str())
    );
    let named = |name: &str| tenant.get(&filtered("/users", &format!("userPrincipalName eq '{name}'"))).values().len();
    assert_eq!((named("new.name@contoso.example"), named("alex.adams0@contosoaccounting.onmicrosoft.com")), (1, 0));
    let synced = filtered("/users", "onPremisesSyncEnabled eq true") + "&$count=true&$top=1&$select=id";
    assert_eq!(tenant.eventual(&synced).body["@odata.count"], json!(4_998));
}

#[test]
fn a_conversion_reaches_changed_users_too() {
    let mut tenant = Tenant::with(&Options { users: 1_000, ..quick() });
    let id = tenant.get("/users?$select=id&$top=1").text("/value/0/id").to_owned();
    tenant.twin.edit(|tenant| tenant.set("users", &id, "city", &json!("Perth")));
    let organization = format!("/organization/{}", tenant.twin.tenant_id());
    assert_eq!(tenant.patch(&organization, &json!({ "onPremisesSyncEnabled": false })).status, 204);
    tenant.twin.advance(DAY * 3 / 2);
    assert_eq!(tenant.twin.state()["syncedUsers"], json!(500));
    tenant.twin.advance(DAY * 3 / 2);
    tenant.sign_in("admin");
    assert_eq!(tenant.twin.state()["syncedUsers"], json!(0));
    let user = tenant.get(&format!("/users/{id}?$select=city,onPremisesSyncEnabled,onPremisesImmutableId"));
    assert_eq!((user.text("/city"), &user.body["onPremisesSyncEnabled"]), ("Perth", &Value::Null));
    assert!(user.body["onPremisesImmutableId"].is_string());
}

/// Every page of a list, as text.
fn walk(tenant: &Tenant, list: &str) -> Vec<Value> {
    let mut pages = vec![tenant.get(list)];
    while let Some(page) = next(tenant, &pages[pages.len() - 1]) {
        pages.push(page);
    }
    pages.into_iter().map(|page| page.body).collect()
}

#[test]
fn pages_made_beforehand_are_those_made_when_asked_for() {
    let options = Options { users: 5_000, ..quick() };
    let fresh = Tenant::with(&options);
    let tenant = Tenant::with(&options);
    let (pages, bytes) = tenant.twin.make_pages(LIST, false).expect("a list of users");
    assert_eq!(pages, 6);
    assert!(bytes > 5_000 * 100, "{bytes}");
    let values = |pages: Vec<Value>| pages.into_iter().map(|page| page["value"].clone()).collect::<Vec<_>>();
    assert_eq!(values(walk(&tenant, LIST)), values(walk(&fresh, LIST)));
    assert!(tenant.twin.make_pages("/applications", false).is_err());
    assert!(tenant.twin.make_pages("/users?$select=nonsense", false).is_err());
}

#[test]
fn faults_and_changes_show_on_pages_made_beforehand() {
    let tenant = Tenant::with(&Options { users: 2_000, ..quick() });
    tenant.twin.make_pages(LIST, false).expect("a list of users");
    tenant.twin.add_fault(Fault::new(On::call("GET", "/users*"), FaultKind::Unreadable(Unreadable::Empty)));
    tenant.twin.add_fault(Fault::new(On::call("GET", "/users*"), FaultKind::RepeatedLink).nth(2));
    assert_eq!(tenant.get(LIST).body, Value::Null);
    let repeated = tenant.get(LIST);
    let link = repeated.text("/@odata.nextLink");
    assert!(link.ends_with(LIST), "{link}");
    let id = repeated.text("/value/0/id").to_owned();
    tenant.twin.edit(|tenant| tenant.erase("users", &id));
    assert_ne!(tenant.get(LIST).text("/value/0/id"), id);
    assert_eq!(walk(&tenant, LIST).len(), 3);
}

#[test]
fn a_counted_list_has_further_pages() {
    let tenant = Tenant::with(&Options { users: 30, groups: 30, contacts: 30, ..quick() });
    for kind in ["users", "groups", "contacts"] {
        let page = tenant.eventual(&format!("/{kind}?$count=true&$select=id&$top=20"));
        assert_eq!(page.body["@odata.count"], json!(30), "{kind}");
        assert_eq!(next(&tenant, &page).expect("a further page").values().len(), 10, "{kind}");
    }
}

#[test]
fn twins_of_different_sizes_are_made_at_once() {
    for users in [0, 1, MILLION * 4] {
        let twin = Twin::start(&Options { users, ..quick() }).expect("a free port");
        assert_eq!(twin.state()["syncedUsers"], json!(users));
    }
}
