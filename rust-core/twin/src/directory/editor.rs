//! Changes to the tenant behind Graph's back, for tests that need a certain tenant to start from.

use std::time::Duration as Span;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::certificates;
use super::secrets::{self, NewSecret};
use super::shapes::{self, GRAPH_APP_ID, text};
use super::store::{Kind, Sight};
use super::{Directory, founding};
use crate::graph_permissions::{LISTS, property, role_id};
use crate::ids;
use crate::options::Policy;

/// The ids of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppIds {
    /// The object id.
    pub object_id: String,
    /// The application (client) id.
    pub app_id: String,
}

/// Changes the tenant at once and for every replica, without asking for permissions.
#[derive(Debug)]
pub struct Editor<'a> {
    directory: &'a mut Directory,
    now: OffsetDateTime,
}

impl<'a> Editor<'a> {
    pub(crate) fn new(directory: &'a mut Directory, now: OffsetDateTime) -> Self {
        Self { directory, now }
    }

    /// The object id of Microsoft Graph's service principal.
    pub fn graph_id(&self) -> String {
        let graph = self.directory.find(Kind::ServicePrincipal, "appId", GRAPH_APP_ID, Sight::Truth);
        graph.map(|graph| text(graph, "id").to_owned()).unwrap_or_default()
    }

    /// Takes a permission from what Microsoft Graph offers, delegated and application: a cloud that doesn't have it.
    pub fn withhold(&mut self, permission: &str) {
        let graph = self.graph_id();
        self.directory.store.amend(Kind::ServicePrincipal, &graph, |graph| {
            for list in LISTS {
                let offered = property(graph, list).and_then(Value::as_array).into_iter().flatten();
                let left = offered.filter(|one| one["value"] != permission).cloned().collect();
                graph.insert(list.to_owned(), left);
            }
        });
    }

    /// Adds a single-tenant application of that name, with nothing in it.
    pub fn add_application(&mut self, display_name: &str) -> AppIds {
        let mut application = self.directory.new_application(self.now);
        application["displayName"] = json!(display_name);
        let ids =
            AppIds { object_id: text(&application, "id").to_owned(), app_id: text(&application, "appId").to_owned() };
        self.directory.store.place(Kind::Application, &ids.object_id, application);
        ids
    }

    /// Adds an application that people sign in with on their own computers, and its service principal.
    pub fn add_public_client(&mut self, display_name: &str) -> AppIds {
        let ids = self.add_application(display_name);
        self.set("applications", &ids.object_id, "isFallbackPublicClient", &json!(true));
        self.set("applications", &ids.object_id, "publicClient", &json!({ "redirectUris": ["http://localhost"] }));
        self.add_service_principal(&ids.app_id);
        ids
    }

    /// Adds the service principal of an application of this tenant; returns its object id, empty where there is no such
    /// application.
    pub fn add_service_principal(&mut self, app_id: &str) -> String {
        let application = self.directory.find(Kind::Application, "appId", app_id, Sight::Truth).cloned();
        let Some(application) = application else { return String::new() };
        let principal = self.directory.new_service_principal(&application);
        let id = text(&principal, "id").to_owned();
        self.directory.store.place(Kind::ServicePrincipal, &id, principal);
        id
    }

    /// Adds the service principal of an application that another tenant owns; returns its object id.
    pub fn add_foreign_service_principal(&mut self, display_name: &str) -> String {
        let (id, app_id) = (self.directory.seeded.guid(), self.directory.seeded.guid().to_string());
        let owner = self.directory.seeded.guid().to_string();
        let principal = shapes::service_principal(id, &app_id, display_name, &owner);
        self.directory.store.place(Kind::ServicePrincipal, &id.to_string(), principal);
        id.to_string()
    }

    /// Consents to delegated permissions of Microsoft Graph for all users; returns the grant's id.
    pub fn add_grant(&mut self, principal_id: &str, scope: &str) -> String {
        let graph = self.graph_id();
        let id = ids::grant(guid(principal_id), guid(&graph), None);
        self.directory.store.place(Kind::Grant, &id, shapes::grant(&id, principal_id, &graph, None, scope));
        id
    }

    /// Assigns an application permission of Microsoft Graph by name; returns the assignment's id, empty for an unknown
    /// name or principal.
    pub fn add_app_role(&mut self, principal_id: &str, role: &str) -> String {
        let graph = self.graph_id();
        let get = |id: &str| self.directory.store.shared(Kind::ServicePrincipal, id, Sight::Truth);
        let (Some(principal), Some(graph), Some(role)) = (get(principal_id), get(&graph), role_id(role)) else {
            return String::new();
        };
        let assignment = self.directory.new_app_role_assignment(&principal, &graph, role, self.now);
        let id = text(&assignment, "id").to_owned();
        self.directory.store.place(Kind::AppRoleAssignment, &id, assignment);
        id
    }

    /// Assigns a directory role (its template id) at scope `/`; returns the assignment's id.
    pub fn add_role(&mut self, principal_id: &str, role_template_id: &str) -> String {
        founding::place_role(self.directory, role_template_id, principal_id)
    }

    /// Has Privileged Identity Management list an assignment of a directory role (its template id) at scope `/`, until then or, where
    /// that is null, for good. Assumption: whoever holds a role for a time has an ordinary assignment as well.
    pub fn add_role_instance(&mut self, principal_id: &str, role_template_id: &str, end: &Value) {
        let id = self.directory.seeded.guid().to_string();
        let mut instance = shapes::role_assignment(&id, role_template_id, principal_id);
        instance.insert("endDateTime".to_owned(), end.clone());
        instance.insert("assignmentType".to_owned(), json!("Assigned"));
        self.directory.store.place(Kind::RoleInstance, &id, instance);
    }

    /// Adds a client secret that starts now; returns its text.
    pub fn add_secret(&mut self, application_id: &str, name: &str, life: Span) -> String {
        let (key_id, secret) = (self.directory.seeded.guid().to_string(), self.directory.seeded.secret_text());
        let end = self.now.saturating_add(Duration::try_from(life).unwrap_or(Duration::MAX));
        let new = NewSecret { key_id: &key_id, text: &secret, name: json!(name), start: self.now, end };
        self.directory.store.amend(Kind::Application, application_id, |application| {
            secrets::add(application, &new);
        });
        secret
    }

    /// Registers a certificate (DER) with an application, from now on for a time.
    pub fn add_certificate(&mut self, application_id: &str, der: &[u8], life: Span) {
        let key_id = self.directory.seeded.guid().to_string();
        let (start, end) = (self.now, self.now.saturating_add(Duration::try_from(life).unwrap_or(Duration::MAX)));
        self.directory.store.amend(Kind::Application, application_id, |application| {
            certificates::add(application, &key_id, der, start, end);
        });
    }

    /// Lets an application trust an issuer's tokens about a subject for an audience.
    pub fn add_federated_credential(&mut self, application_id: &str, issuer: &str, subject: &str, audience: &str) {
        self.directory.store.amend(Kind::Application, application_id, |application| {
            certificates::trust(application, issuer, subject, audience);
        });
    }

    /// The object id of the application of a client id; empty where there is none.
    pub fn application_id(&self, app_id: &str) -> String {
        let found = self.directory.find(Kind::Application, "appId", app_id, Sight::Truth);
        found.map(|application| text(application, "id").to_owned()).unwrap_or_default()
    }

    /// Gives the application of a client id, and its service principal, another: a partner's application has one in all tenants.
    /// Assumption: each tenant of such an application keeps credentials of its own.
    pub fn set_client_id(&mut self, client_id: &str, other: &str) {
        for kind in [Kind::Application, Kind::ServicePrincipal] {
            let found = self.directory.find(kind, "appId", client_id, Sight::Truth);
            if let Some(id) = found.map(|found| text(found, "id").to_owned()) {
                self.directory.store.amend(kind, &id, |object| {
                    object.insert("appId".to_owned(), json!(other));
                });
            }
        }
    }

    /// Soft-deletes an application as its owner would.
    pub fn delete_application(&mut self, application_id: &str) {
        self.directory.delete_application(application_id, self.now);
    }

    /// Makes somebody an owner of an application.
    pub fn add_owner(&mut self, application_id: &str, id: &str) {
        self.directory.store.amend(Kind::Application, application_id, |application| {
            let owners = application.entry(super::OWNERS).or_insert_with(|| json!([]));
            owners.as_array_mut().into_iter().for_each(|owners| owners.push(json!(id)));
        });
    }

    /// Replaces the default app management policy.
    pub fn set_policy(&mut self, policy: &Policy) {
        let policy = founding::tenant_policy(policy);
        self.directory.store.place(Kind::TenantPolicy, Kind::TenantPolicy.name(), policy);
    }

    /// Assigns an app management policy of its own to an application; returns the policy's id.
    pub fn add_app_policy(&mut self, application_id: &str, policy: &Policy) -> String {
        let id = self.directory.seeded.guid().to_string();
        self.directory.store.place(Kind::AppPolicy, &id, founding::app_policy(&id, policy));
        self.set("applications", application_id, super::ASSIGNED_POLICY, &json!(id));
        id
    }

    /// Changes the longest replication lag for the writes from now on.
    pub fn set_max_lag(&mut self, max_lag: Span) {
        self.directory.store.replication.max_lag = Duration::try_from(max_lag).unwrap_or(Duration::ZERO);
    }

    /// Sets one property of an object in a collection (`applications`, `servicePrincipals`, `users`, ...); false where
    /// there is no such object.
    pub fn set(&mut self, collection: &str, id: &str, property: &str, value: &Value) -> bool {
        let Some(kind) = Kind::named(collection) else { return false };
        self.directory.store.amend(kind, id, |object| {
            object.insert(property.to_owned(), value.clone());
        })
    }

    /// Adds a verified domain (`authenticationType`: `Managed` or `Federated`). One below another is set `isRoot` false.
    pub fn add_domain(&mut self, name: &str, authentication_type: &str) {
        let domain = shapes::domain(name, authentication_type, false);
        self.directory.store.place(Kind::Domain, name, domain);
        let verified = json!({
            "capabilities": "Email, OfficeCommunicationsOnline", "isDefault": false, "isInitial": false,
            "name": name, "type": authentication_type
        });
        let organization = self.directory.tenant_id.to_string();
        self.directory.store.amend(Kind::Organization, &organization, |organization| {
            let domains = organization.get_mut("verifiedDomains").and_then(Value::as_array_mut);
            if let Some(domains) = domains {
                domains.push(verified.clone());
            }
        });
    }

    /// Adds a customer, whom this tenant administers until then in these roles, by their template ids. Shape: Microsoft Graph
    /// documentation, "delegatedAdminCustomer" and "delegatedAdminRelationship".
    pub fn add_customer(&mut self, tenant_id: &str, name: &str, status: &str, end: &str, roles: &[&str]) {
        let customer = json!({ "id": tenant_id, "tenantId": tenant_id, "displayName": name });
        self.directory.store.place(Kind::Customer, tenant_id, shapes::object(customer));
        let id = format!("{}-{}", self.directory.seeded.guid(), self.directory.seeded.guid());
        let roles: Vec<Value> = roles.iter().map(|role| json!({ "roleDefinitionId": role })).collect();
        let relationship = json!({
            "id": id, "displayName": format!("Administration of {name}"), "status": status, "duration": "P730D",
            "endDateTime": end, "autoExtendDuration": "PT0S",
            "customer": { "tenantId": tenant_id, "displayName": name }, "accessDetails": { "unifiedRoles": roles }
        });
        self.directory.store.place(Kind::CustomerRelationship, &id, shapes::object(relationship));
    }

    /// Lets an application of this client id read the customers.
    pub fn let_read_customers(&mut self, client_id: &str) {
        let found = self.directory.find(Kind::ServicePrincipal, "appId", client_id, Sight::Truth);
        if let Some(principal) = found.map(|found| text(found, "id").to_owned()) {
            self.add_app_role(&principal, "DelegatedAdminRelationship.Read.All");
        }
    }

    /// Adds a user with these properties; returns the object id.
    pub fn add_user(&mut self, properties: &Value) -> String {
        let id = self.directory.seeded.guid().to_string();
        let mut user = shapes::object(json!({
            "accountEnabled": true, "createdDateTime": crate::clock::iso_seconds(self.now), "userType": "Member"
        }));
        user.extend(properties.as_object().cloned().unwrap_or_default());
        user.insert("id".to_owned(), json!(id));
        self.directory.store.place(Kind::User, &id, user);
        id
    }

    /// Soft-deletes a user; false where there is none. Its sign-in name is then that with the id in front.
    /// Assumption: mail and proxy addresses stay.
    pub fn delete_user(&mut self, id: &str) -> bool {
        let found = self.directory.store.row(Kind::User, id, Sight::Truth);
        let Some(mut user) = found.map(|user| user.object().into_owned()) else { return false };
        let name = format!("{}{}", id.replace('-', ""), text(&user, "userPrincipalName"));
        user.insert("userPrincipalName".to_owned(), json!(name));
        user.insert("deletedDateTime".to_owned(), json!(crate::clock::iso_seconds(self.now)));
        self.directory.store.erase(Kind::User, id);
        self.directory.store.place(Kind::DeletedUser, id, user);
        true
    }

    /// Soft-deletes a group, as Microsoft 365 groups alone are (Graph's page on a deleted item); false where there is none.
    /// Assumption: mail and proxy addresses stay.
    pub fn delete_group(&mut self, id: &str) -> bool {
        let found = self.directory.store.row(Kind::Group, id, Sight::Truth);
        let Some(mut group) = found.map(|group| group.object().into_owned()) else { return false };
        group.insert("deletedDateTime".to_owned(), json!(crate::clock::iso_seconds(self.now)));
        self.directory.store.erase(Kind::Group, id);
        self.directory.store.place(Kind::DeletedGroup, id, group);
        true
    }

    /// The id of the first object of a collection.
    pub fn first(&self, collection: &str) -> Option<String> {
        let kind = Kind::named(collection)?;
        self.directory.store.rows(kind, Sight::Truth, None, None).next().map(|row| row.id())
    }

    /// The object as it is in truth, secrets apart.
    pub fn get(&self, collection: &str, id: &str) -> Option<Value> {
        let found = self.directory.store.row(Kind::named(collection)?, id, Sight::Truth);
        found.map(|row| super::public(&row.object()))
    }

    /// Takes an object away without a trace; false where there is none.
    pub fn erase(&mut self, collection: &str, id: &str) -> bool {
        Kind::named(collection).is_some_and(|kind| self.directory.store.erase(kind, id))
    }
}

fn guid(text: &str) -> Uuid {
    Uuid::try_parse(text).unwrap_or_default()
}
