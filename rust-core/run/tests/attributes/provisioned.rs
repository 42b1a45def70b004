//! A federated tenant, a backup of its users' attributes, and what a provisioning has made of them since.

use std::error::Error;
use std::time::Duration;

use pp_attributes::account::Account;
use pp_attributes::restore::{Domains, Restorable};
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_run::attribute_restore::{Ended, Lot, Outcome, Restored, Wanted, restore};
use pp_run::users::{all, present};
use pp_testing::Tenant;
use serde_json::{Value, json};
use tenant_twin::Options;

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// The tenant, and its users as they were.
pub(crate) struct Provisioned {
    pub(crate) tenant: Tenant,
    pub(crate) backup: Vec<Account>,
}

pub(crate) fn domains() -> Domains {
    let initial = "contosoaccounting.onmicrosoft.com".to_owned();
    Domains { verified: vec![(initial.clone(), false), ("contoso.com".into(), true)], initial: Some(initial) }
}

pub(crate) fn options(users: u32) -> Options {
    Options { users, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() }
}

/// Everything of these users, as a cmdlet restores it.
pub(crate) fn restore_all(graph: &Graph<'_>, users: &[Account]) -> Result<Vec<Restored>, GraphError> {
    restore_some(graph, users, &Restorable::ALL)
}

pub(crate) fn restore_some(
    graph: &Graph<'_>,
    users: &[Account],
    attributes: &[Restorable],
) -> Result<Vec<Restored>, GraphError> {
    let Lot { restored, stopped } = restore(graph, users.to_vec(), Wanted { attributes, domains: &domains() });
    stopped.map_or(Ok(restored), Err)
}

impl Provisioned {
    /// A tenant whose users are all of a federated domain. The client may change administrators.
    pub(crate) fn start(options: &Options) -> Result<Self, Box<dyn Error>> {
        let tenant = Tenant::start(options)?;
        let mut users: Vec<Account> = Vec::new();
        tenant.with(|graph, _| {
            all(&graph, |page| -> Result<(), GraphError> {
                users.extend(page);
                Ok(())
            })
        })?;
        let (tenant_id, client) =
            (tenant.twin.tenant_id().to_owned(), tenant.twin.client("admin").ok_or("no client")?.client_id.clone());
        let principals = tenant.twin.state()["servicePrincipals"].clone();
        let own = principals.as_array().into_iter().flatten().find(|one| one["appId"] == client.as_str());
        let own = own.and_then(|own| own["id"].as_str()).ok_or("no principal")?.to_owned();
        let domain = |name: &str, kind: &str| {
            json!({ "capabilities": "Email", "isDefault": false,
            "isInitial": kind == "Managed", "name": name, "type": kind })
        };
        let verified =
            json!([domain("contosoaccounting.onmicrosoft.com", "Managed"), domain("contoso.com", "Federated")]);
        tenant.twin.edit(|directory| {
            directory.set("organization", &tenant_id, "verifiedDomains", &verified);
            directory.add_role(&own, GLOBAL_ADMINISTRATOR);
            for (number, user) in users.iter().enumerate() {
                directory.set("users", &user.id, "onPremisesSyncEnabled", &json!(null));
                directory.set("users", &user.id, "userPrincipalName", &json!(format!("user{number}@contoso.com")));
            }
        });
        let ids: Vec<&str> = users.iter().map(|user| user.id.as_str()).collect();
        let mut backup = Vec::new();
        for user in tenant.with(|graph, _| present(&graph, &ids))? {
            backup.push(user?.ok_or("a user is gone")?);
        }
        tenant.twin.clear_requests();
        Ok(Self { tenant, backup })
    }

    /// The same after a provisioning that has overwritten everything of each.
    pub(crate) fn overwritten(options: &Options) -> Result<Self, Box<dyn Error>> {
        let provisioned = Self::start(options)?;
        for number in 0..provisioned.backup.len() {
            provisioned.overwrite(number);
        }
        Ok(provisioned)
    }

    /// What a provisioning does to one user.
    pub(crate) fn overwrite(&self, number: usize) {
        let name = json!(format!("portal{number}@contoso.com"));
        let old = self.backup[number].mail.clone().unwrap_or_default();
        let addresses = json!([format!("SMTP:portal{number}@contoso.com"), format!("smtp:{old}")]);
        let anchor = json!(format!("UG9ydGFs{number}"));
        for (property, value) in [
            ("displayName", &json!(format!("Portal {number}"))),
            ("usageLocation", &json!("GB")),
            ("mail", &name),
            ("userPrincipalName", &name),
            ("proxyAddresses", &addresses),
            ("onPremisesImmutableId", &anchor),
        ] {
            self.set(number, property, value);
        }
    }

    pub(crate) fn set(&self, number: usize, property: &str, value: &Value) {
        self.tenant.twin.edit(|directory| directory.set("users", &self.backup[number].id, property, value));
    }

    /// What can be restored of each user, as it is in truth.
    pub(crate) fn fingerprint(&self) -> Vec<Vec<Value>> {
        let names = Restorable::ALL.map(Restorable::name);
        let of = |user: &Account| {
            let found = self.tenant.twin.edit(|directory| directory.get("users", &user.id)).unwrap_or_default();
            names.iter().map(|name| found[*name].clone()).collect()
        };
        self.backup.iter().map(of).collect()
    }

    /// The same of the backup.
    pub(crate) fn wanted(&self) -> Vec<Vec<Value>> {
        let of = |user: &Account| Restorable::ALL.map(|attribute| json!(attribute.of(user))).to_vec();
        self.backup.iter().map(of).collect()
    }

    pub(crate) fn restore(&self) -> Result<Vec<Restored>, GraphError> {
        self.tenant.with(|graph, _| restore_all(&graph, &self.backup))
    }

    /// What becomes of all users together, also where it is stopped.
    pub(crate) fn lot(&self, attributes: &[Restorable]) -> Lot {
        let wanted = Wanted { attributes, domains: &domains() };
        self.tenant.with(|graph, _| restore(&graph, self.backup.clone(), wanted))
    }

    /// The sign-in name of each user in truth.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |user: Vec<Value>| user.last().and_then(Value::as_str).unwrap_or_default().to_owned();
        self.fingerprint().into_iter().map(name).collect()
    }

    /// How many users are on their way.
    pub(crate) fn on_the_way(&self) -> usize {
        self.names().iter().filter(|name| is_on_the_way(name)).count()
    }
}

pub(crate) fn is_on_the_way(name: &str) -> bool {
    name.starts_with("ppfederation-restore-")
}

/// How each attribute of a user ended.
pub(crate) fn ends(restored: &Restored) -> Vec<(&'static str, &'static str)> {
    let end = |outcome: &Outcome| match outcome.result {
        _ if outcome.left_as.is_some() => "Left away",
        Ended::Restored => "Restored",
        Ended::Kept(_) => "Skipped",
        Ended::Failed(_) => "Failed",
    };
    restored.attributes.iter().map(|outcome| (outcome.attribute, end(outcome))).collect()
}
