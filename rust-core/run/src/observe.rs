//! Reading the tenant, in as few requests as possible.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use pp_graph::Graph;
use pp_graph::batch::{Item, ItemResult};
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_runbook::observed::{AppIds, Fact, Found, LookUp, Observed, Unread};
use pp_runbook::steps::application::is_marked;
use pp_runbook::steps::global_administrator::GLOBAL_ADMINISTRATOR;
use pp_runbook::subject::{
    ADMINISTRATORS, APPLICATION, ASSIGNMENTS, CATALOGUE, CONTACTS, GRANTS, GROUPS, ORGANIZATION, POLICY, PRINCIPAL,
    Subject, USERS,
};
use pp_runbook::types::GRAPH_APP_ID;
use pp_runbook::types::{Application, ExpandedApplication, Organization};
use pp_runbook::wanted::{UNIQUE_NAME, Wanted};

const APPLICATION_PROPERTIES: &str =
    "id,appId,displayName,uniqueName,createdDateTime,signInAudience,tags,requiredResourceAccess,passwordCredentials";

/// Reads what is asked for: in one request where the application is known, else in two.
pub fn observe(
    graph: &Graph<'_>,
    look_ups: &[LookUp],
    wanted: &Wanted,
    known: Option<&AppIds>,
) -> Result<Observed, GraphError> {
    observe_by(&|items| graph.read(items), look_ups, wanted, known)
}

/// How a round of reads is answered: a result for each item, or an error for all.
pub type Read<'a> = &'a dyn Fn(&[Item]) -> Result<Vec<ItemResult>, GraphError>;

/// The same, from answers however they come.
pub fn observe_by(
    read: Read<'_>,
    look_ups: &[LookUp],
    wanted: &Wanted,
    known: Option<&AppIds>,
) -> Result<Observed, GraphError> {
    let mut observed = Observed::unread();
    let asked = |look_up: &LookUp| look_ups.contains(look_up);
    let mut reader = Reader { read, items: Vec::new() };
    reader.tenant(look_ups, wanted, known);
    if let Some(known) = known {
        reader.of_application(look_ups, known);
    }
    reader.run(&mut observed)?;
    let more_wanted = [LookUp::ServicePrincipal, LookUp::Grants, LookUp::Assignments, LookUp::Policy].iter().any(asked);
    if known.is_none() && more_wanted {
        read_of_application(&mut reader, look_ups, wanted, &mut observed)?;
    }
    no_principal_no_grants(&mut observed);
    Ok(observed)
}

fn read_of_application(
    reader: &mut Reader<'_>,
    look_ups: &[LookUp],
    wanted: &Wanted,
    observed: &mut Observed,
) -> Result<(), GraphError> {
    let unread = match &observed.application {
        Ok(found) => {
            let Some(application) = found.usable(wanted.adopt) else {
                observed.service_principal = Ok(None);
                observed.app_policies = Ok(Vec::new());
                return Ok(());
            };
            let ids = AppIds::of(application);
            reader.of_application(look_ups, &ids);
            return reader.run(observed);
        }
        Err(unread) => unread.clone(),
    };
    observed.service_principal = Err(unread.clone());
    observed.app_policies = Err(unread.clone());
    observed.grants = Err(unread.clone());
    observed.assignments = Err(unread);
    Ok(())
}

/// Where there is no service principal, its lists answer 404: they are empty, not unreadable.
fn no_principal_no_grants(observed: &mut Observed) {
    if observed.service_principal == Ok(None) {
        observed.grants = Ok(Vec::new());
        observed.assignments = Ok(Vec::new());
    }
}

type Store = Box<dyn FnOnce(&mut Observed, &Item, ItemResult)>;

/// Collects reads with what is to be done with their answers, and does them in one go.
struct Reader<'a> {
    read: Read<'a>,
    items: Vec<(Item, Store)>,
}

impl Reader<'_> {
    fn add(&mut self, item: Item, store: impl FnOnce(&mut Observed, &Item, ItemResult) + 'static) {
        self.items.push((item, Box::new(store)));
    }

    fn run(&mut self, observed: &mut Observed) -> Result<(), GraphError> {
        let (items, stores): (Vec<Item>, Vec<Store>) = std::mem::take(&mut self.items).into_iter().unzip();
        let results = (self.read)(&items)?;
        for ((item, store), result) in items.iter().zip(stores).zip(results) {
            store(observed, item, result);
        }
        Ok(())
    }

    fn tenant(&mut self, look_ups: &[LookUp], wanted: &Wanted, known: Option<&AppIds>) {
        for look_up in look_ups {
            match look_up {
                LookUp::Organization => self.organization(),
                LookUp::SyncedObjects => self.synced(),
                LookUp::Application => match known {
                    Some(known) => self.known_application(&known.object_id),
                    None => self.application(&wanted.display_name),
                },
                LookUp::Catalogue => self.catalogue(),
                LookUp::Policy => self.add(Item::get("/policies/defaultAppManagementPolicy"), |o, item, result| {
                    o.policy = fact(POLICY, &result, |a| pp_graph::entity(&item.name(), a));
                }),
                LookUp::GlobalAdministrators => self.global_administrators(),
                LookUp::ServicePrincipal | LookUp::Grants | LookUp::Assignments => {}
            }
        }
    }

    /// What hangs on the application: its service principal with grants and assignments, and policies of its own.
    fn of_application(&mut self, look_ups: &[LookUp], ids: &AppIds) {
        let AppIds { object_id, app_id } = ids;
        if look_ups.contains(&LookUp::Policy) {
            self.app_policies(object_id);
        }
        if [LookUp::ServicePrincipal, LookUp::Grants, LookUp::Assignments].iter().any(|one| look_ups.contains(one)) {
            self.principal(look_ups, app_id);
        }
    }

    /// Source: Graph documentation, app management policies: a policy of an application's own wins over the default.
    fn app_policies(&mut self, object_id: &str) {
        let item = Item::get(format!("/applications/{object_id}?$select=id&$expand=appManagementPolicies"));
        self.add(item, |o, item, result| {
            o.app_policies = fact(POLICY, &result, |a| {
                pp_graph::entity(&item.name(), a)
                    .map(|application: ExpandedApplication| application.app_management_policies)
            });
        });
    }

    fn principal(&mut self, look_ups: &[LookUp], app_id: &str) {
        let path = format!("/servicePrincipals(appId='{app_id}')");
        let item = Item::get(format!("{path}?$select=id,appId,accountEnabled"));
        self.add(item, |o, item, result| {
            let fact = fact(PRINCIPAL, &absent_is_none(result), |a| {
                if a.body.is_null() { Ok(None) } else { pp_graph::entity(&item.name(), a).map(Some) }
            });
            o.service_principal = fact;
        });
        if look_ups.contains(&LookUp::Grants) {
            self.add(Item::get(format!("{path}/oauth2PermissionGrants")), |o, item, result| {
                o.grants = fact(GRANTS, &result, |a| pp_graph::list(&item.name(), a));
            });
        }
        if look_ups.contains(&LookUp::Assignments) {
            self.add(Item::get(format!("{path}/appRoleAssignments")), |o, item, result| {
                o.assignments = fact(ASSIGNMENTS, &result, |a| pp_graph::list(&item.name(), a));
            });
        }
    }

    fn organization(&mut self) {
        let properties = "id,displayName,onPremisesSyncEnabled,onPremisesLastSyncDateTime";
        self.add(Item::get(format!("/organization?$select={properties}")), |o, item, result| {
            o.organization = fact(ORGANIZATION, &result, |answer| {
                let mut all: Vec<Organization> = pp_graph::list(&item.name(), answer)?;
                all.pop().ok_or_else(|| GraphError::unreadable(&item.name(), "an empty list"))
            });
        });
    }

    /// Source: Graph documentation, advanced queries: `$count` with `$filter` on these needs eventual consistency.
    fn synced(&mut self) {
        let count = |kind| {
            Item::count(format!("/{kind}?$filter=onPremisesSyncEnabled%20eq%20true&$count=true&$top=1&$select=id"))
        };
        self.add(count("users"), |o, item, result| {
            o.synced.users = fact(USERS, &result, |a| pp_graph::count(&item.name(), a));
        });
        self.add(count("groups"), |o, item, result| {
            o.synced.groups = fact(GROUPS, &result, |a| pp_graph::count(&item.name(), a));
        });
        self.add(count("contacts"), |o, item, result| {
            o.synced.contacts = fact(CONTACTS, &result, |a| pp_graph::count(&item.name(), a));
        });
    }

    fn known_application(&mut self, object_id: &str) {
        let item = Item::get(format!("/applications/{object_id}?$select={APPLICATION_PROPERTIES}"));
        self.add(item, |o, item, result| {
            o.application = fact(APPLICATION, &absent_is_none(result), |a| {
                if a.body.is_null() { Ok(Found::None) } else { pp_graph::entity(&item.name(), a).map(Found::Ours) }
            });
        });
    }

    /// By alternate key, by our mark (which a cloud without that key keeps instead) and by name: the first that knows one.
    fn application(&mut self, display_name: &str) {
        let select = format!("$select={APPLICATION_PROPERTIES}");
        let name = utf8_percent_encode(&display_name.replace('\'', "''"), NON_ALPHANUMERIC).to_string();
        self.add(
            Item::get(format!("/applications?$filter=displayName%20eq%20'{name}'&{select}")),
            |o, item, result| {
                o.application = fact(APPLICATION, &result, |a| Ok(by_name(pp_graph::list(&item.name(), a)?)));
            },
        );
        let marked = format!("/applications?$filter=tags/any(t:t%20eq%20'{UNIQUE_NAME}')&{select}");
        self.add(Item::get(marked), |o, item, result| {
            let fact = fact(APPLICATION, &result, |a| Ok(by_mark(pp_graph::list(&item.name(), a)?)));
            prefer(&mut o.application, fact);
        });
        self.add(Item::get(format!("/applications(uniqueName='{UNIQUE_NAME}')?{select}")), |o, item, result| {
            let fact = fact(APPLICATION, &unknown_key_is_none(result), |a| {
                if a.body.is_null() { Ok(Found::None) } else { pp_graph::entity(&item.name(), a).map(Found::Ours) }
            });
            prefer(&mut o.application, fact);
        });
    }

    fn catalogue(&mut self) {
        let path = format!("/servicePrincipals(appId='{GRAPH_APP_ID}')?$select=id,appRoles,oauth2PermissionScopes");
        self.add(Item::get(path), |o, item, result| {
            o.catalogue = fact(CATALOGUE, &result, |a| pp_graph::entity(&item.name(), a));
        });
    }

    fn global_administrators(&mut self) {
        let filter = format!("roleDefinitionId%20eq%20'{GLOBAL_ADMINISTRATOR}'");
        self.add(
            Item::get(format!("/roleManagement/directory/roleAssignments?$filter={filter}")),
            |o, item, result| {
                o.global_administrators = fact(ADMINISTRATORS, &result, |a| pp_graph::list(&item.name(), a));
            },
        );
    }
}

/// One that carries our key or mark is ours, though the look-up by key may have met a replica that doesn't know it yet.
fn by_name(mut applications: Vec<Application>) -> Found {
    let ours: Vec<Application> = applications.iter().filter(|found| is_marked(found)).cloned().collect();
    if !ours.is_empty() {
        return by_mark(ours);
    }
    match applications.len() {
        0 => Found::None,
        1 => applications.pop().map_or(Found::None, Found::SameName),
        _ => Found::Several(applications),
    }
}

fn by_mark(mut applications: Vec<Application>) -> Found {
    match applications.len() {
        0 => Found::None,
        1 => applications.pop().map_or(Found::None, Found::Ours),
        _ => Found::Several(applications),
    }
}

/// A surer way to find the application counts over a less sure one; none of them may fail.
fn prefer(current: &mut Fact<Found>, surer: Fact<Found>) {
    match (&current, surer) {
        (Err(_), _) | (_, Ok(Found::None)) => {}
        (Ok(_), found) => *current = found,
    }
}

fn fact<T>(
    subject: Subject,
    result: &ItemResult,
    read: impl FnOnce(&pp_graph::batch::Answer) -> Result<T, GraphError>,
) -> Fact<T> {
    let outcome = match result {
        Ok(answer) => read(answer),
        Err(error) => Err(error.clone()),
    };
    outcome.map_err(|error| {
        let reaction = error.reaction();
        let passing = matches!(
            reaction,
            Reaction::NotFound | Reaction::NotYet | Reaction::Transient | Reaction::Throttled | Reaction::Conflict
        );
        Unread { subject, denied: reaction == Reaction::Denied, passing, why: error.to_string() }
    })
}

/// A read by key: 404 says that there is none.
fn absent_is_none(result: ItemResult) -> ItemResult {
    match result {
        Err(error) if error.reaction() == Reaction::NotFound => {
            Ok(pp_graph::batch::Answer { status: 404, body: serde_json::Value::Null })
        }
        other => other,
    }
}

/// Assumption: a cloud that doesn't know the alternate key answers 400. The mark then finds the application.
fn unknown_key_is_none(result: ItemResult) -> ItemResult {
    match absent_is_none(result) {
        Err(GraphError::Service(error)) if error.status == 400 && error.reaction == Reaction::Real => {
            Ok(pp_graph::batch::Answer { status: 400, body: serde_json::Value::Null })
        }
        other => other,
    }
}
