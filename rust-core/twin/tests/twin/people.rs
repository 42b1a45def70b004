//! Users, groups, contacts: pages and counts.

use serde_json::json;
use tenant_twin::Options;

use crate::client::{Answer, DAY, Tenant, http, quick};

fn follow(tenant: &Tenant, link: &str) -> Answer {
    let request = http().get(link).bearer_auth(&tenant.token).header("ConsistencyLevel", "eventual");
    Answer::read(request.send().expect("an answer"))
}

#[test]
fn pages_cover_everything_once() {
    let tenant = Tenant::with(&Options { users: 250, ..quick() });
    let mut page = tenant.eventual("/users?$select=id&$count=true");
    assert_eq!(page.body["@odata.count"], json!(250));
    let mut ids = Vec::new();
    let mut sizes = Vec::new();
    loop {
        sizes.push(page.values().len());
        ids.extend(page.values().iter().map(|user| user["id"].to_string()));
        let Some(link) = page.body["@odata.nextLink"].as_str() else { break };
        page = follow(&tenant, link);
        assert_eq!(page.body.get("@odata.count"), None);
    }
    ids.sort();
    ids.dedup();
    assert_eq!((sizes, ids.len()), (vec![100, 100, 50], 250));
}

#[test]
fn a_count_needs_the_header_and_is_otherwise_silently_absent() {
    let tenant = Tenant::new();
    let silent = tenant.get("/users?$count=true&$top=1");
    assert_eq!((silent.status, silent.body.get("@odata.count")), (200, None));
    assert_eq!(tenant.eventual("/users?$count=true&$top=1").body["@odata.count"], json!(24));
    assert_eq!(tenant.eventual("/users/$count").body, json!(24));
    assert_eq!(tenant.get("/users/$count").refusal().0, 400);
}

#[test]
fn page_sizes_have_limits() {
    let tenant = Tenant::new();
    for size in ["0", "1000", "-1", "x"] {
        assert_eq!(tenant.get(&format!("/users?$top={size}")).refusal().0, 400, "{size}");
    }
    assert_eq!(tenant.get("/users?$top=999").values().len(), 24);
    assert_eq!(tenant.get("/users?$skiptoken=%25").refusal().1, "Directory_ExpiredPageToken");
}

#[test]
fn users_come_with_few_properties_unless_selected() {
    let tenant = Tenant::new();
    let user = tenant.get("/users?$top=1");
    assert!(user.body["value"][0]["userPrincipalName"].is_string());
    assert_eq!(user.body["value"][0].get("onPremisesSyncEnabled"), None);
    let id = user.text("/value/0/id");
    let selected = tenant.get(&format!("/users/{id}?$select=onPremisesSyncEnabled,usageLocation,city"));
    assert_eq!(selected.body["onPremisesSyncEnabled"], json!(true));
    assert_eq!((selected.text("/usageLocation"), &selected.body["city"]), ("AU", &json!(null)));
}

#[test]
fn groups_and_contacts_are_there_too() {
    let tenant = Tenant::new();
    assert_eq!(tenant.get("/groups?$select=id,onPremisesSyncEnabled").values().len(), 6);
    assert_eq!(tenant.get("/contacts?$select=id,onPremisesSyncEnabled").values().len(), 3);
}

#[test]
fn deleted_users_and_groups_are_listed_by_themselves_and_read_by_their_id_for_thirty_days() {
    let mut tenant = Tenant::new();
    for (collection, kind) in [("users", "user"), ("groups", "group")] {
        let id = tenant.twin.edit(|directory| directory.first(collection)).expect("one");
        let list = format!("/directory/deletedItems/microsoft.graph.{kind}?$select=id,mail");
        assert_eq!(tenant.get(&list).values().len(), 0);
        assert!(tenant.twin.edit(|directory| match kind {
            "user" => directory.delete_user(&id),
            _ => directory.delete_group(&id),
        }));
        assert_eq!(tenant.get(&format!("/{collection}/{id}")).status, 404);
        assert_eq!(tenant.get(&list).values()[0]["id"], json!(id));
        let read = tenant.get(&format!("/directory/deletedItems/{id}"));
        assert_eq!((read.status, &read.body["id"]), (200, &json!(id)));
        assert!(read.body["displayName"].is_string(), "{:?}", read.body);
        tenant.twin.advance(31 * DAY);
        tenant.sign_in("admin");
        assert_eq!(tenant.get(&format!("/directory/deletedItems/{id}")).status, 404);
    }
}

#[test]
fn groups_that_can_have_roles_are_told_by_a_filter() {
    let tenant = Tenant::new();
    let filter = "/groups?$filter=isAssignableToRole%20eq%20true&$select=id";
    assert_eq!(tenant.get(filter).values().len(), 0);
    let id = tenant.twin.edit(|directory| directory.first("groups")).expect("one");
    tenant.twin.edit(|directory| directory.set("groups", &id, "isAssignableToRole", &json!(true)));
    assert_eq!(tenant.get(filter).values(), [json!({ "id": id })]);
}
