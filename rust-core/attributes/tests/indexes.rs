//! The indexes of who holds an address and of who pairs with whom, against what a table of the texts themselves says.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use pp_attributes::account::Account;
use pp_attributes::hazards::{self, BYTES_AN_ENTRY, BYTES_AN_OWNER, Hazards, Holder, Kind};
use pp_attributes::object_id::ObjectId;
use pp_attributes::pairing::{self, Claims, ClaimsBuilder, Key, Pairing, Portal};
use pp_attributes::portal_user::PortalUser;

fn id(number: u32) -> ObjectId {
    ObjectId::parse(&format!("00000000-0000-0000-0000-{number:012x}")).unwrap()
}

fn account(number: u32, name: &str, mail: Option<&str>, immutable_id: Option<&str>) -> Account {
    Account {
        id: id(number).to_string(),
        user_principal_name: Some(name.to_owned()),
        mail: mail.map(str::to_owned),
        on_premises_immutable_id: immutable_id.map(str::to_owned),
        ..Account::default()
    }
}

fn portal_user(place: u64, attributes: &[(&str, &str)]) -> PortalUser {
    let attributes = attributes.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    PortalUser { place, attributes }
}

fn portal(users: &[PortalUser]) -> Portal {
    let mut portal = pairing::Builder::default();
    for user in users {
        portal.push(user);
    }
    portal.finish()
}

fn claims(portal: &Portal, accounts: &[&Account]) -> Claims {
    let mut claims = ClaimsBuilder::default();
    for account in accounts {
        claims.see(ObjectId::parse(&account.id).unwrap(), &portal.find(&account.borrowed()));
    }
    claims.finish()
}

fn paired(portal: &Portal, claims: &Claims, account: &Account) -> (Key, u64, Vec<ObjectId>) {
    match portal.pair(claims, ObjectId::parse(&account.id).unwrap(), portal.find(&account.borrowed())) {
        Pairing::Paired { user, by, rivals, .. } => (by, user.place, rivals),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_key_that_finds_somebody_decides() {
    let first = id(1).to_string().to_uppercase();
    let portal = portal(&[
        portal_user(2, &[("ObjectId", &first), ("Username", "other@contoso.com")]),
        portal_user(3, &[("ImmutableId", "AbC="), ("Username", "first@contoso.com")]),
        portal_user(4, &[("Username", "FIRST@contoso.com")]),
        portal_user(5, &[("Mail", "Mail@Contoso.com")]),
    ]);
    let accounts = [
        account(1, "first@contoso.com", None, Some("AbC=")),
        account(2, "second@contoso.com", None, Some("AbC=")),
        account(3, "First@Contoso.com", None, Some("abc=")),
        account(4, "fourth@contoso.com", Some("mail@contoso.com"), None),
        account(5, "fifth@contoso.com", None, None),
    ];
    let claims = claims(&portal, &accounts.iter().collect::<Vec<_>>());
    assert_eq!(paired(&portal, &claims, &accounts[0]), (Key::ObjectId, 2, vec![]));
    assert_eq!(paired(&portal, &claims, &accounts[1]), (Key::ImmutableId, 3, vec![id(3)]));
    assert_eq!(paired(&portal, &claims, &accounts[3]), (Key::Mail, 5, vec![]));
    assert_eq!(portal.pair(&claims, id(5), portal.find(&accounts[4].borrowed())), Pairing::Alone);
    let Pairing::Several { by, users } = portal.pair(&claims, id(3), portal.find(&accounts[2].borrowed())) else {
        panic!("one was chosen")
    };
    assert_eq!((by, users.iter().map(|user| user.place).collect::<Vec<_>>()), (Key::UserPrincipalName, vec![3, 4]));
    assert_eq!(claims.unclaimed(&portal).count(), 0);
}

#[test]
fn two_accounts_for_one_user_of_the_portal_are_seen_whoever_came_first() {
    let portal = portal(&[
        portal_user(2, &[("ImmutableId", "x"), ("Username", "ann@contoso.com")]),
        portal_user(3, &[("Mail", "m@n")]),
    ]);
    let (one, two) = (account(1, "other@contoso.com", None, Some("x")), account(2, "ANN@contoso.com", None, None));
    for order in [[&one, &two], [&two, &one]] {
        let claims = claims(&portal, &order);
        assert_eq!(paired(&portal, &claims, &one), (Key::ImmutableId, 2, vec![id(2)]));
        assert_eq!(paired(&portal, &claims, &two), (Key::UserPrincipalName, 2, vec![id(1)]));
        assert_eq!(claims.unclaimed(&portal).map(|(_, user)| user.place).collect::<Vec<_>>(), [3]);
    }
    // The second comes again in the walk, under another name; the first is removed.
    let renamed = account(2, "bob@contoso.com", None, None);
    assert_eq!(paired(&portal, &claims(&portal, &[&two, &one, &renamed]), &one).2, []);
    let mut walk = ClaimsBuilder::default();
    walk.see(id(1), &portal.find(&one.borrowed()));
    walk.removed(id(1));
    assert_eq!(walk.finish().unclaimed(&portal).count(), 2);
}

#[test]
fn an_address_has_its_bytes_and_no_text() {
    let mut walk = hazards::Builder::default();
    for number in 0..10_000 {
        let name = format!("somebody.with.a.long.name.{number}@contoso.com");
        let mut user = account(number, &name, Some(&name), Some(&format!("immutable-{number}")));
        user.proxy_addresses = vec![format!("SMTP:{name}"), format!("smtp:{number}@contoso.onmicrosoft.com")];
        walk.user(id(number), &user.borrowed());
    }
    // The name, which is mail and primary address too, the alias, the immutable ID.
    assert_eq!(walk.finish().bytes(), 10_000 * (3 * 16 + 18));
    assert_eq!((BYTES_AN_ENTRY, BYTES_AN_OWNER), (16, 18));
}

#[test]
fn a_user_of_the_portal_takes_the_bytes_that_the_documentation_says() {
    let mut users = pairing::Builder::default();
    let text = |number: u64, what: &str| format!("{what:.<16}{number:08}");
    for number in 0..26_000 {
        let keys = ["Username", "Mail", "ImmutableId", "ObjectId"].map(|name| (name.to_owned(), text(number, name)));
        let others = ["DisplayName", "Department"].map(|name| (name.to_owned(), text(number, name)));
        users.push(&PortalUser { place: number, attributes: keys.into_iter().chain(others).collect() });
    }
    let users = users.finish();
    assert_eq!(users.len(), 26_000);
    assert!(users.bytes() / users.len() <= 240, "{}", users.bytes() / users.len());
}

/// What comes by in a walk: a user, with a name, an alias and an immutable ID of a few that there are, or its removal.
#[derive(Debug, Clone)]
enum Step {
    User(u32, String, Vec<String>, Option<String>),
    Removed(u32),
    Group(u32, Vec<String>),
}

fn texts() -> impl Strategy<Value = String> {
    "[abAB]{1,2}@(x|X|y)"
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let user = (0..6_u32, texts(), prop::collection::vec(texts(), 0..3), prop::option::of("[mM]{1,2}"))
        .prop_map(|(id, name, aliases, immutable_id)| Step::User(id, name, aliases, immutable_id));
    let group = (6..8_u32, prop::collection::vec(texts(), 0..3)).prop_map(|(id, addresses)| Step::Group(id, addresses));
    prop::collection::vec(prop_oneof![6 => user, 1 => (0..6_u32).prop_map(Step::Removed), 1 => group], 0..24)
}

/// The addresses and the immutable ID of an object.
type Held = (BTreeSet<String>, Option<String>);
type Table = BTreeMap<u32, Held>;

/// The walk in the index, and in a table of texts.
fn walked(steps: &[Step]) -> (Hazards, Table) {
    let (mut walk, mut table) = (hazards::Builder::default(), Table::new());
    let small = |texts: &[String]| texts.iter().map(|text| text.to_ascii_lowercase()).collect::<BTreeSet<_>>();
    for step in steps {
        match step {
            Step::User(number, name, aliases, immutable_id) => {
                let mut user = account(*number, name, None, immutable_id.as_deref());
                user.proxy_addresses = aliases.iter().map(|alias| format!("smtp:{alias}")).collect();
                walk.user(id(*number), &user.borrowed());
                let mut addresses = small(aliases);
                addresses.insert(name.to_ascii_lowercase());
                table.insert(*number, (addresses, immutable_id.clone()));
            }
            Step::Removed(number) => {
                walk.removed(id(*number));
                table.remove(number);
            }
            Step::Group(number, addresses) => {
                let group = Holder { id: id(*number), kind: Kind::Group };
                walk.other(group, addresses.iter().map(String::as_str), None);
                table.insert(*number, (small(addresses), None));
            }
        }
    }
    (walk.finish(), table)
}

proptest! {
    #[test]
    fn the_index_answers_as_a_table_of_the_texts_does(steps in steps(), address in texts(), immutable_id in "[mM]{1,2}", but in 0..6_u32) {
        let (hazards, table) = walked(&steps);
        let others = |holds: &dyn Fn(&Held) -> bool| -> Vec<ObjectId> {
            table.iter().filter(|(number, held)| **number != but && holds(held)).map(|(number, _)| id(*number)).collect()
        };
        let ids = |holders: Vec<Holder>| holders.into_iter().map(|holder| holder.id).collect::<Vec<_>>();
        let small = address.to_ascii_lowercase();
        prop_assert_eq!(ids(hazards.address(&address, Some(id(but)))), others(&|held| held.0.contains(&small)));
        prop_assert_eq!(ids(hazards.immutable_id(&immutable_id, Some(id(but)))), others(&|held| held.1.as_ref() == Some(&immutable_id)));
    }

    #[test]
    fn a_user_of_the_portal_comes_out_of_the_index_as_it_went_in(
        users in prop::collection::vec(prop::collection::btree_map("[A-Za-z]{1,6}", any::<String>(), 0..6), 0..12)
    ) {
        let users: Vec<PortalUser> = (1_u64..).zip(users).map(|(place, attributes)| PortalUser { place: place * 1000, attributes }).collect();
        let portal = portal(&users);
        let out: Vec<PortalUser> = Claims::default().unclaimed(&portal).map(|(_, user)| user.unpacked()).collect();
        prop_assert_eq!(out, users);
    }
}
