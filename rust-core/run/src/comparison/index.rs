//! The walk: who holds which address, and which user of the portal; the users themselves are spooled.

use std::io::{Read, Seek, Write};

use pp_attributes::account::{Account, Change};
use pp_attributes::backup::Since;
use pp_attributes::facts::{Admins, Facts, Known};
use pp_attributes::hazards::{self, Hazards, Holder, Kind};
use pp_attributes::object_id::ObjectId;
use pp_attributes::pairing::{Claims, ClaimsBuilder, Found, Portal};
use pp_attributes::portal_user::USERNAME;
use pp_attributes::spool::{Spool, Spooled, Walked as WalkedUser, WalkedUsers};
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_graph::{Graph, Own};
use pp_runbook::comparison::{CONTACTS, DELETED_GROUPS, DELETED_USERS, GROUPS};
use pp_runbook::observed::{LookUp, Subject};

use super::{Stopped, Told};
use crate::observe::unread;
use crate::user_changes::{BEGINNINGS, Walked, changes};
use crate::walk::{Ended, steadily};

/// What the judgement of a user asks.
#[derive(Debug)]
pub struct Index {
    /// Who holds which address and immutable ID.
    pub hazards: Hazards,
    /// Which account holds which user of the portal.
    pub claims: Claims,
}

/// Goes over the whole tenant. Whoever is to be judged goes into `spool`, with the place at which it came, and comes back with the index:
/// everybody, or who differs from the backup `since`. The names of the Global Administrators go into `facts`. What else than users can't be read,
/// is warned of, and known to the index: whether it has an address isn't known then.
pub fn index<F: Read + Write + Seek, B: Read + Seek>(
    graph: &Graph<'_>,
    portal: Option<&Portal>,
    since: Option<&mut Since<B>>,
    spool: Spool<WalkedUsers, F>,
    facts: &mut Facts,
    told: Told<'_>,
) -> Result<(Index, Spooled<WalkedUsers, F>), Stopped> {
    let admins = if let Known::Is(admins) = &mut facts.admins { Some(admins) } else { None };
    let round = Round { portal, admins, spool, hazards: hazards::Builder::default(), claims: ClaimsBuilder::default() };
    let mut round = round.users(graph, since, told)?;
    for other in OTHERS {
        other.read(graph, &mut round.hazards, told)?;
    }
    if let Some(admins) = round.admins {
        // What isn't among the users: groups and service principals.
        admins.global.retain(|admin| !admin.user_principal_name.is_empty());
    }
    let index = Index { hazards: round.hazards.finish(), claims: round.claims.finish() };
    Ok((index, round.spool.finish()?))
}

/// What is known of the users so far.
struct Round<'a, F: Write> {
    portal: Option<&'a Portal>,
    admins: Option<&'a mut Admins>,
    spool: Spool<WalkedUsers, F>,
    hazards: hazards::Builder,
    claims: ClaimsBuilder,
}

impl<F: Read + Write + Seek> Round<'_, F> {
    /// All users, by the delta query: from the backup's link on, where it has one, else from the beginning. Where the service no longer knows
    /// the state of a link the walk begins anew.
    fn users<B: Read + Seek>(
        mut self,
        graph: &Graph<'_>,
        mut since: Option<&mut Since<B>>,
        told: Told<'_>,
    ) -> Result<Self, Stopped> {
        let mut link = since.as_ref().and_then(|since| since.verified().delta_link.clone());
        for _ in 1..BEGINNINGS {
            match self.walk(graph, since.as_deref_mut(), link.take().as_deref(), told)? {
                Walked::Whole => return Ok(self),
                Walked::Lost(error) => {
                    (told.warning)(&format!(
                        "Microsoft Graph no longer knows how far the users were read ({error}): they are read from the beginning"
                    ));
                    self = self.anew()?;
                }
            }
        }
        match self.walk(graph, since, None, told)? {
            Walked::Whole => Ok(self),
            Walked::Lost(error) => Err(error.into()),
        }
    }

    fn anew(mut self) -> Result<Self, Stopped> {
        self.spool.begin_anew()?;
        Ok(Self { hazards: hazards::Builder::default(), claims: ClaimsBuilder::default(), ..self })
    }

    fn walk<B: Read + Seek>(
        &mut self,
        graph: &Graph<'_>,
        mut since: Option<&mut Since<B>>,
        link: Option<&str>,
        told: Told<'_>,
    ) -> Result<Walked, Stopped> {
        if let (Some(since), Some(_)) = (&mut since, link) {
            since.each(|change| {
                let _ = self.take(&change);
            })?;
        }
        changes(graph, link, |page| {
            for change in &page.rows {
                let Some((id, user)) = self.take(change) else { continue };
                if since.as_ref().is_none_or(|since| since.differs(id, &user.account)) {
                    self.spool.push(&user)?;
                }
            }
            Ok((told.read)(page.rows.len()).map_err(GraphError::from)?)
        })
    }

    /// Who it is, where it is there.
    fn take<'c, S: AsRef<str>>(&mut self, change: &'c Change<S>) -> Option<(ObjectId, WalkedUser<'c>)> {
        let account = match change {
            Change::Is(account) => account.borrowed(),
            Change::Removed(id) => {
                let id = ObjectId::parse(id.as_ref())?;
                self.hazards.removed(id);
                self.claims.removed(id);
                self.name(id, None, &None);
                return None;
            }
        };
        let id = ObjectId::parse(account.id)?;
        let place = self.hazards.user(id, &account);
        let found = self.portal.and_then(|portal| portal.find(&account));
        if self.portal.is_some() {
            self.claims.see(id, &found);
        }
        self.name(id, Some(&account), &found);
        Some((id, WalkedUser { place, found, account }))
    }

    /// What a Global Administrator is called, and will be.
    fn name(&mut self, id: ObjectId, account: Option<&Account<&str>>, found: &Found) {
        let admins = self.admins.as_mut();
        let Some(admin) = admins.and_then(|admins| admins.global.iter_mut().find(|admin| admin.id == id)) else {
            return;
        };
        let name = account.and_then(|account| account.user_principal_name).unwrap_or_default();
        name.clone_into(&mut admin.user_principal_name);
        admin.is_enabled = account.and_then(|account| account.account_enabled);
        let users = self.portal.zip(found.as_ref().map(|(_, found)| found));
        let names = users.into_iter().flat_map(|(portal, found)| found.iter().map(|number| portal.user(*number)));
        admin.portal_names = names.filter_map(|user| user.attribute(USERNAME).map(str::to_owned)).collect();
    }
}

/// What isn't a user and has addresses.
struct Other {
    kind: Kind,
    subject: Subject,
    list: &'static str,
}

const OTHERS: [Other; 4] = [
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
    // Of groups, only Microsoft 365 groups can be restored (Microsoft Graph documentation, "Get deleted item").
    Other {
        kind: Kind::DeletedGroup,
        subject: DELETED_GROUPS,
        list: "/directory/deletedItems/microsoft.graph.group?$select=id,mail,proxyAddresses&$top=999",
    },
];

impl Other {
    fn read(&self, graph: &Graph<'_>, hazards: &mut hazards::Builder, told: Told<'_>) -> Result<(), GraphError> {
        let walked = steadily::<Own<Account>, GraphError>(graph, &Item::get(self.list), None, |page| {
            for object in &page.rows {
                self.take(object, hazards);
            }
            Ok(())
        });
        match walked.map_err(Ended::error) {
            Err(error) if error.is_cancelled() => Err(error),
            Err(error) => {
                let why = unread(self.subject, LookUp::Organization, &error).to_string();
                let what = self.kind.name();
                (told.warning)(&format!(
                    "{why}. Whether a {what} has an address isn't known: what hangs on that is Unknown"
                ));
                hazards.unread(self.kind, why);
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
pub(super) fn as_it_was<'a>(name: &'a str, id: &str) -> &'a str {
    name.strip_prefix(id.replace('-', "").as_str()).unwrap_or(name)
}
