//! What the objects of a crowd are like, each a function of its place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::Duration;

use super::Crowd;
use crate::clock;
use crate::directory::store::Kind;

const FIRST_NAMES: [&str; 12] =
    ["Alex", "Bao", "Chiara", "Dana", "Emeka", "Farah", "Grace", "Hugo", "Ines", "Jonas", "Keiko", "Liam"];
const LAST_NAMES: [&str; 10] =
    ["Adams", "Brown", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haddad", "Ito", "Jensen"];
const TITLES: [&str; 5] = ["Accountant", "Auditor", "Bookkeeper", "Partner", "Payroll officer"];
const DEPARTMENTS: [&str; 4] = ["Advisory", "Audit", "Operations", "Tax"];
/// Microsoft 365 Business Basic, Business Standard and E3 (Microsoft's page on product names and service plans).
const LICENSES: [&str; 3] = [
    "3b555118-da6a-4418-894f-7df1e2096870",
    "f245ecc8-75af-4f8e-b61f-27d8114de5f3",
    "05e9a617-0261-4cee-bb44-138d3ef5d965",
];

const USER: &[&str] = &[
    "id",
    "accountEnabled",
    "assignedLicenses",
    "businessPhones",
    "createdDateTime",
    "department",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mailNickname",
    "proxyAddresses",
    "surname",
    "usageLocation",
    "userPrincipalName",
    "userType",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesImmutableId",
    "onPremisesLastSyncDateTime",
    "onPremisesSamAccountName",
    "onPremisesSyncEnabled",
    "onPremisesUserPrincipalName",
];
const GROUP: &[&str] = &[
    "id",
    "description",
    "displayName",
    "groupTypes",
    "mail",
    "mailEnabled",
    "mailNickname",
    "proxyAddresses",
    "securityEnabled",
    "onPremisesDomainName",
    "onPremisesNetBiosName",
    "onPremisesSamAccountName",
    "onPremisesSyncEnabled",
];
const CONTACT: &[&str] = &["id", "displayName", "mail", "mailNickname", "proxyAddresses", "onPremisesSyncEnabled"];

/// The properties that objects of a kind can have.
pub(super) fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => USER,
        Kind::Group => GROUP,
        _ => CONTACT,
    }
}

/// A property that has nothing to do with synchronization.
pub(super) fn own(crowd: &Crowd, place: u32, name: &str) -> Option<Value> {
    match crowd.kind {
        Kind::User => user(crowd, place, name),
        Kind::Group => group(place, name),
        _ => contact(place, name),
    }
}

fn user(crowd: &Crowd, place: u32, name: &str) -> Option<Value> {
    let at = place as usize;
    Some(match name {
        "accountEnabled" => json!(at % 40 != 39),
        "assignedLicenses" if at % 10 == 9 => json!([]),
        "assignedLicenses" => json!([{ "disabledPlans": [], "skuId": LICENSES[at % 3] }]),
        "businessPhones" => json!([]),
        "createdDateTime" => {
            let age = Duration::days(900 - i64::from(place % 800));
            json!(clock::iso_seconds(crowd.founded - age))
        }
        "department" => json!(DEPARTMENTS[at / 3 % 4]),
        "displayName" => json!(format!("{} {}", first(at), last(at))),
        "givenName" => json!(first(at)),
        "jobTitle" => json!(TITLES[at % 5]),
        "mail" | "userPrincipalName" => json!(address(crowd, place)),
        "mailNickname" => json!(nickname(place)),
        "proxyAddresses" => json!([format!("SMTP:{}", address(crowd, place))]),
        "surname" => json!(last(at)),
        "usageLocation" => json!(if at % 16 == 15 { "NZ" } else { "AU" }),
        "userType" => json!("Member"),
        _ => return None,
    })
}

fn first(place: usize) -> &'static str {
    FIRST_NAMES[place % 12]
}

fn last(place: usize) -> &'static str {
    LAST_NAMES[place / 12 % 10]
}

/// It ends with the place, so that an address leads back to it.
fn nickname(place: u32) -> String {
    let (first, last) = (first(place as usize), last(place as usize));
    format!("{}.{}{place}", first.to_ascii_lowercase(), last.to_ascii_lowercase())
}

fn address(crowd: &Crowd, place: u32) -> String {
    format!("{}@{}", nickname(place), crowd.domain)
}

fn group(place: u32, name: &str) -> Option<Value> {
    Some(match name {
        "displayName" => json!(format!("Client team {}", place + 1)),
        "description" | "mail" => Value::Null,
        "groupTypes" | "proxyAddresses" => json!([]),
        "mailEnabled" => json!(false),
        "mailNickname" => json!(team(place)),
        "securityEnabled" => json!(true),
        _ => return None,
    })
}

fn team(place: u32) -> String {
    format!("team{place}")
}

fn contact(place: u32, name: &str) -> Option<Value> {
    let nickname = format!("client{place}");
    Some(match name {
        "displayName" => json!(format!("Client contact {}", place + 1)),
        "mail" => json!(format!("{nickname}@partner.example")),
        "mailNickname" => json!(nickname),
        "proxyAddresses" => json!([format!("SMTP:{nickname}@partner.example")]),
        _ => return None,
    })
}

/// A property that a synchronized object has from its own directory.
pub(super) fn on_premises(crowd: &Crowd, place: u32, name: &str) -> Option<Value> {
    let user = crowd.kind == Kind::User;
    let at = place as usize;
    Some(match name {
        "onPremisesSyncEnabled" => json!(true),
        "onPremisesDomainName" if crowd.kind != Kind::Contact => json!("corp.example"),
        "onPremisesNetBiosName" if crowd.kind == Kind::Group => json!("CORP"),
        "onPremisesSamAccountName" if crowd.kind == Kind::Group => json!(team(place)),
        "onPremisesDistinguishedName" if user => {
            json!(format!("CN={} {} {place},OU=Staff,DC=corp,DC=example", first(at), last(at)))
        }
        "onPremisesImmutableId" if user => json!(STANDARD.encode(crowd.id(place).to_bytes_le())),
        "onPremisesLastSyncDateTime" if user => json!(clock::iso_seconds(crowd.founded - Duration::minutes(17))),
        "onPremisesSamAccountName" if user => json!(nickname(place)),
        "onPremisesUserPrincipalName" if user => json!(address(crowd, place)),
        _ => return None,
    })
}
