//! The first walk: who holds which address, and which user of the portal.

use pp_attributes::account::{Account, SELECT};
use pp_attributes::facts::{Admins, Facts, Known};
use pp_attributes::hazards::{self, Hazards, Holder, Kind};
use pp_attributes::object_id::ObjectId;
use pp_attributes::pairing::{Claims, ClaimsBuilder, Portal};
use pp_graph::Graph;
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_runbook::comparison::{CONTACTS, DELETED_USERS, GROUPS};
use pp_runbook::observed::{LookUp, Subject};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Told;
use super::walk::steadily;
use crate::observe::unread;

/// What the second walk asks.
pub struct Index {
    /// Who holds which address and immutable ID.
    pub hazards: Hazards,
    /// Which account holds which user of the portal.
    pub claims: Claims,
}

/// Goes over the whole tenant. The names of the Global Administrators go into `facts`. What else than users can't be read, is warned of:
/// whether it has an address isn't known then.
pub fn index(
    graph: &Graph<'_>,
    portal: Option<&Portal>,
    facts: &mut Facts,
    told: Told<'_>,
) -> Result<Index, GraphError> {
    let mut round = users(graph, portal, facts, told)?;
    for other in OTHERS {
        other.read(graph, &mut round.hazards, told)?;
    }
    if let Known::Is(admins) = &mut facts.admins {
        // What isn't among the users: groups and service principals.
        admins.global.retain(|admin| !admin.user_principal_name.is_empty());
    }
    Ok(Index { hazards: round.hazards.finish(), claims: round.claims.finish() })
}

/// One user as the delta query shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    id: String,
    user_principal_name: Option<String>,
    mail: Option<String>,
    display_name: Option<String>,
    usage_location: Option<String>,
    on_premises_immutable_id: Option<String>,
    #[serde(default)]
    proxy_addresses: Vec<String>,
    on_premises_sync_enabled: Option<bool>,
    user_type: Option<String>,
    account_enabled: Option<bool>,
    /// There where the user was deleted.
    #[serde(rename = "@removed")]
    removed: Option<IgnoredAny>,
}

/// What is known of the users so far.
#[derive(Default)]
struct Round {
    hazards: hazards::Builder,
    claims: ClaimsBuilder,
}

impl Round {
    fn take(&mut self, seen: Seen, portal: Option<&Portal>, admins: Option<&mut Admins>) {
        let Some(id) = ObjectId::parse(&seen.id) else { return };
        if seen.removed.is_some() {
            self.hazards.removed(id);
            self.claims.removed(id);
            return;
        }
        let account = Account {
            id: seen.id,
            user_principal_name: seen.user_principal_name,
            mail: seen.mail,
            display_name: seen.display_name,
            usage_location: seen.usage_location,
            on_premises_immutable_id: seen.on_premises_immutable_id,
            proxy_addresses: seen.proxy_addresses,
            on_premises_sync_enabled: seen.on_premises_sync_enabled,
            user_type: seen.user_type,
            account_enabled: seen.account_enabled,
        };
        self.hazards.user(id, &account);
        if let Some(portal) = portal {
            self.claims.see(portal, id, &account);
        }
        let admin = admins.and_then(|admins| admins.global.iter_mut().find(|admin| admin.id == id));
        if let Some(admin) = admin {
            admin.user_principal_name = account.user_principal_name.unwrap_or_default();
            admin.is_enabled = account.account_enabled;
        }
    }
}

/// How often a walk is begun before it is given up.
const BEGINNINGS: usize = 3;

/// All users, by the delta query. Its pages' links live for seven days; where one is no longer taken the walk begins anew.
fn users(graph: &Graph<'_>, portal: Option<&Portal>, facts: &mut Facts, told: Told<'_>) -> Result<Round, GraphError> {
    let list = Item::get(format!("/users/delta?$select={SELECT}"));
    let mut begun = 1;
    loop {
        let mut round = Round::default();
        let walked = steadily(graph, &list, |page: Vec<Seen>| {
            let read = page.len();
            for seen in page {
                let Known::Is(admins) = &mut facts.admins else {
                    round.take(seen, portal, None);
                    continue;
                };
                round.take(seen, portal, Some(admins));
            }
            Ok((told.read)(read)?)
        });
        match walked {
            Ok(()) => return Ok(round),
            Err(error) if is_lost(&error) && begun < BEGINNINGS => {
                begun += 1;
                (told.warning)(&format!(
                    "Microsoft Graph no longer knows how far the users were read ({error}): they are read from the beginning"
                ));
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether the service no longer knows the state that a link of the delta query leads on from. Source: Graph documentation,
/// "Use delta query to track changes in Microsoft Graph data", and devblogs.microsoft.com of 3 July 2020.
fn is_lost(error: &GraphError) -> bool {
    let GraphError::Service(error) = error else { return false };
    let code = error.code.to_ascii_lowercase();
    error.status == 410 || code == "syncstatenotfound" || code == "resyncrequired"
}

/// What isn't a user and has addresses.
struct Other {
    kind: Kind,
    subject: Subject,
    list: &'static str,
}

const OTHERS: [Other; 3] = [
    Other {
        kind: Kind::Group,
        subject: GROUPS,
        list: "/groups?$filter=mailEnabled%20eq%20true&$select=id,mail,proxyAddresses&$top=999",
    },
    Other { kind: Kind::Contact, subject: CONTACTS, list: "/contacts?$select=id,mail,proxyAddresses&$top=999" },
    Other {
        kind: Kind::DeletedUser,
        subject: DELETED_USERS,
        list: "/directory/deletedItems/microsoft.graph.user\
               ?$select=id,userPrincipalName,mail,proxyAddresses,onPremisesImmutableId&$top=999",
    },
];

impl Other {
    fn read(&self, graph: &Graph<'_>, hazards: &mut hazards::Builder, told: Told<'_>) -> Result<(), GraphError> {
        let walked = steadily(graph, &Item::get(self.list), |page: Vec<Account>| {
            for object in &page {
                self.take(object, hazards);
            }
            Ok(())
        });
        match walked {
            Err(error) if error.is_cancelled() => Err(error),
            Err(error) => {
                let why = unread(self.subject, LookUp::Organization, &error);
                let what = self.kind.name();
                (told.warning)(&format!("{why}. Whether an address belongs to a {what} isn't known and not judged"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn take(&self, object: &Account, hazards: &mut hazards::Builder) {
        let Some(id) = ObjectId::parse(&object.id) else { return };
        let own = object.user_principal_name.as_deref().map(|name| as_it_was(name, &object.id));
        let addresses = own.into_iter().chain(object.mail.as_deref());
        let addresses = addresses.chain(object.proxy_addresses.iter().map(String::as_str));
        hazards.other(Holder { id, kind: self.kind }, addresses, object.on_premises_immutable_id.as_deref());
    }
}

/// The sign-in name of a deleted user, which has the object id in front.
fn as_it_was<'a>(name: &'a str, id: &str) -> &'a str {
    name.strip_prefix(id.replace('-', "").as_str()).unwrap_or(name)
}
