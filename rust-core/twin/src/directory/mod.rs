//! The tenant: its objects and the rules that hold whoever changes them.

pub(crate) mod certificates;
pub(crate) mod crowd;
pub(crate) mod editor;
pub(crate) mod founding;
pub(crate) mod secrets;
pub(crate) mod shapes;
pub(crate) mod store;
mod sync;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::clock;
use crate::directory::crowd::Row;
use crate::graph_permissions::LISTS;
use crate::ids;
use crate::odata::filter::{Filter, Operator};
use crate::options::Options;
use crate::schema::Object;
use crate::seed::Seeded;
use shapes::text;
use store::{Kind, Replication, Sight, Store};
use sync::Conversion;

/// A property that starts so is the twin's own and never leaves it.
pub(crate) const PRIVATE: char = '_';

/// Where an application keeps the id of the app management policy assigned to it.
pub(crate) const ASSIGNED_POLICY: &str = "_appManagementPolicy";

/// Where an application keeps the ids of its owners.
pub(crate) const OWNERS: &str = "_owners";

/// Where a deleted service principal keeps the consents and roles it had.
pub(crate) const LOST_LINKS: &str = "_lostLinks";

/// The tenant and everything in it.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) tenant_id: Uuid,
    pub(crate) tenant_name: String,
    /// The initial domain.
    pub(crate) domain: String,
    pub(crate) store: Store,
    pub(crate) seeded: Seeded,
    conversion: Conversion,
    sync_completion: std::time::Duration,
}

impl Directory {
    /// An empty tenant; `founding` fills it.
    fn empty(options: &Options) -> Self {
        let mut seeded = Seeded::new(options.seed);
        let replication = Replication {
            replicas: usize::from(options.replicas.max(1)),
            max_lag: Duration::try_from(options.max_lag).unwrap_or(Duration::ZERO),
            skew: time::Duration::ZERO,
            seeded: Seeded::new(options.seed ^ 0x006C_6167),
        };
        let word: String = options.tenant_name.chars().filter(char::is_ascii_alphanumeric).collect();
        let word = if word.is_empty() { "tenant".to_owned() } else { word.to_ascii_lowercase() };
        Self {
            tenant_id: seeded.guid(),
            tenant_name: options.tenant_name.clone(),
            domain: format!("{word}.onmicrosoft.com"),
            store: Store::new(replication),
            seeded,
            conversion: Conversion::default(),
            sync_completion: options.sync_completion,
        }
    }

    /// Does what has become due.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) {
        self.conversion.settle(&mut self.store, now);
        self.let_go(now);
    }

    /// Whether synchronization was switched off and the conversion is not over.
    pub(crate) fn sync_pending(&self, now: OffsetDateTime) -> bool {
        self.conversion.pending(now)
    }

    /// Switches synchronization off: the organization's value at once, the objects over time.
    pub(crate) fn switch_sync_off(&mut self, now: OffsetDateTime) {
        self.conversion.begin(now, self.sync_completion);
    }

    /// The object with that property value, e.g. the service principal of an `appId`.
    pub(crate) fn find(&self, kind: Kind, property: &str, value: &str, sight: Sight) -> Option<&Object> {
        self.store.all(kind, sight).find(|object| text(object, property).eq_ignore_ascii_case(value))
    }

    /// An application not yet stored, with fresh ids.
    pub(crate) fn new_application(&mut self, now: OffsetDateTime) -> Object {
        let (id, app_id) = (self.seeded.guid(), self.seeded.guid());
        shapes::application(id, app_id, &self.domain, now)
    }

    /// The service principal of an application of this tenant, not yet stored.
    pub(crate) fn new_service_principal(&mut self, application: &Object) -> Object {
        let tenant = self.tenant_id.to_string();
        let id = self.seeded.guid();
        let mut made =
            shapes::service_principal(id, text(application, "appId"), text(application, "displayName"), &tenant);
        made["signInAudience"] = application.get("signInAudience").cloned().unwrap_or_default();
        let uris = application.get("identifierUris").and_then(Value::as_array).cloned().unwrap_or_default();
        if let Some(names) = made.get_mut("servicePrincipalNames").and_then(Value::as_array_mut) {
            names.extend(uris);
        }
        made
    }

    /// An app role assignment not yet stored.
    pub(crate) fn new_app_role_assignment(
        &mut self,
        principal: &Object,
        resource: &Object,
        role: &str,
        now: OffsetDateTime,
    ) -> Object {
        let principal_id = Uuid::try_parse(text(principal, "id")).unwrap_or_default();
        shapes::object(json!({
            "id": ids::app_role_assignment(principal_id, self.seeded.guid()),
            "deletedDateTime": null, "appRoleId": role, "createdDateTime": clock::iso(now),
            "principalDisplayName": principal.get("displayName"), "principalId": text(principal, "id"),
            "principalType": "ServicePrincipal",
            "resourceDisplayName": resource.get("displayName"), "resourceId": text(resource, "id"),
        }))
    }

    /// Soft-deletes an application and its service principal, and drops what was granted to it.
    pub(crate) fn delete_application(&mut self, id: &str, now: OffsetDateTime) {
        let Some(mut application) = self.store.get(Kind::Application, id, Sight::Truth).cloned() else { return };
        application["deletedDateTime"] = json!(clock::iso_seconds(now));
        self.store.remove(Kind::Application, id, now);
        let app_id = text(&application, "appId").to_owned();
        self.store.put(Kind::DeletedApplication, id, application, now);
        let principal = self.find(Kind::ServicePrincipal, "appId", &app_id, Sight::Truth);
        if let Some(principal) = principal.map(|principal| text(principal, "id").to_owned()) {
            self.delete_service_principal(&principal, now);
        }
    }

    /// Soft-deletes a service principal and drops its consents and roles.
    pub(crate) fn delete_service_principal(&mut self, id: &str, now: OffsetDateTime) {
        let Some(mut principal) = self.store.get(Kind::ServicePrincipal, id, Sight::Truth).cloned() else { return };
        principal["deletedDateTime"] = json!(clock::iso_seconds(now));
        self.store.remove(Kind::ServicePrincipal, id, now);
        let mut lost = Vec::new();
        let links = [
            (Kind::Grant, "clientId"),
            (Kind::Grant, "resourceId"),
            (Kind::AppRoleAssignment, "principalId"),
            (Kind::AppRoleAssignment, "resourceId"),
            (Kind::RoleAssignment, "principalId"),
        ];
        for (kind, property) in links {
            while let Some(link) = self.find(kind, property, id, Sight::Truth).cloned() {
                self.store.remove(kind, text(&link, "id"), now);
                lost.push(json!({ "kind": kind.name(), "link": link }));
            }
        }
        principal.insert(LOST_LINKS.to_owned(), json!(lost));
        self.store.put(Kind::DeletedServicePrincipal, id, principal, now);
    }

    /// What was deleted 30 days ago is gone for good (Graph's page on deleted items).
    fn let_go(&mut self, now: OffsetDateTime) {
        for kind in [Kind::DeletedApplication, Kind::DeletedServicePrincipal, Kind::DeletedUser, Kind::DeletedGroup] {
            let due = |object: &&Object| {
                let since = clock::parse(text(object, "deletedDateTime"));
                since.is_some_and(|since| since + Duration::days(30) <= now)
            };
            let gone: Vec<String> =
                self.store.all(kind, Sight::Truth).filter(due).map(|object| text(object, "id").to_owned()).collect();
            for id in gone {
                self.store.remove(kind, &id, now);
            }
        }
    }

    fn described(object: &Object) -> Value {
        let graph = object.get("appId").and_then(Value::as_str) == Some(shapes::GRAPH_APP_ID);
        let told = |name: &str| !(graph && LISTS.contains(&name));
        let seen = object.iter().filter(|(name, _)| !name.starts_with(PRIVATE) && told(name));
        Value::Object(seen.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// The tenant as JSON without anything secret, for tests that compare end states. What Microsoft Graph offers is left out: it is
    /// most of a tenant's bytes, and nothing that a client can change.
    pub(crate) fn state(&self) -> Value {
        let kinds = [
            Kind::Organization,
            Kind::Application,
            Kind::ServicePrincipal,
            Kind::Grant,
            Kind::AppRoleAssignment,
            Kind::RoleAssignment,
            Kind::DeletedApplication,
            Kind::DeletedServicePrincipal,
            Kind::TenantPolicy,
            Kind::AppPolicy,
        ];
        let listed = kinds.map(|kind| {
            let objects: Value = self.store.all(kind, Sight::Truth).map(Self::described).collect();
            (kind.name().to_owned(), objects)
        });
        let mut state: Object = listed.into_iter().collect();
        state.insert("tenantId".to_owned(), json!(self.tenant_id));
        let synced = Filter::Compare {
            path: "onPremisesSyncEnabled".to_owned(),
            operator: Operator::Eq,
            value: Value::Bool(true),
        };
        for kind in [Kind::User, Kind::Group, Kind::Contact] {
            let count = self.store.count(kind, Sight::Truth, Some(&synced));
            state.insert(format!("synced{}", capital(kind.name())), json!(count));
        }
        Value::Object(state)
    }
}

fn capital(name: &str) -> String {
    crate::schema::title(name)
}

/// An object without the twin's own properties.
pub(crate) fn public(object: &Object) -> Value {
    let row = Row::Kept(object);
    let seen = row.names().into_iter().filter(|name| !name.starts_with(PRIVATE));
    Value::Object(seen.filter_map(|name| Some((name.to_owned(), row.value(name)?.into_owned()))).collect())
}
