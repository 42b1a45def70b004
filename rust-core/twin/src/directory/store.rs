//! The objects of the tenant, each with its versions and the time at which each replica sees them.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use crate::schema::Object;
use crate::seed::Seeded;

/// The collections of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Organization,
    Application,
    ServicePrincipal,
    Grant,
    AppRoleAssignment,
    RoleAssignment,
    RoleDefinition,
    User,
    Group,
    Contact,
    TenantPolicy,
    AppPolicy,
    DeletedApplication,
    DeletedServicePrincipal,
}

impl Kind {
    /// Every collection with its name in URLs and at the control endpoints.
    const NAMES: [(Self, &'static str); 14] = [
        (Self::Organization, "organization"),
        (Self::Application, "applications"),
        (Self::ServicePrincipal, "servicePrincipals"),
        (Self::Grant, "oauth2PermissionGrants"),
        (Self::AppRoleAssignment, "appRoleAssignments"),
        (Self::RoleAssignment, "roleAssignments"),
        (Self::RoleDefinition, "roleDefinitions"),
        (Self::User, "users"),
        (Self::Group, "groups"),
        (Self::Contact, "contacts"),
        (Self::TenantPolicy, "defaultAppManagementPolicy"),
        (Self::AppPolicy, "appManagementPolicies"),
        (Self::DeletedApplication, "deletedApplications"),
        (Self::DeletedServicePrincipal, "deletedServicePrincipals"),
    ];

    /// The collection's name.
    pub(crate) fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(kind, _)| *kind == self);
        found.map_or("", |(_, name)| name)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// Who is looking: one replica at one time, or the truth that writes are judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sight {
    Truth,
    Replica { index: usize, now: OffsetDateTime },
}

#[derive(Debug, Clone)]
struct Version {
    /// `None` once the object is deleted.
    body: Option<Object>,
    /// For each replica the time from which it sees this version; empty when all see it at once.
    visible: Vec<OffsetDateTime>,
}

impl Version {
    fn seen(&self, sight: Sight) -> bool {
        match sight {
            Sight::Truth => true,
            Sight::Replica { index, now } => self.visible.get(index).is_none_or(|from| *from <= now),
        }
    }

    fn settled(&self, now: OffsetDateTime) -> bool {
        self.visible.iter().all(|from| *from <= now)
    }
}

/// The lag of replication: how many replicas, how late at most.
#[derive(Debug)]
pub(crate) struct Replication {
    pub(crate) replicas: usize,
    pub(crate) max_lag: Duration,
    /// How far the clock is off by which the present request is handled. Replicas keep their own.
    pub(crate) skew: Duration,
    pub(crate) seeded: Seeded,
}

impl Replication {
    /// The replicas' time, from that of the present request.
    pub(crate) fn own_time(&self, now: OffsetDateTime) -> OffsetDateTime {
        now.saturating_sub(self.skew)
    }

    fn draw(&mut self, now: OffsetDateTime) -> Vec<OffsetDateTime> {
        let limit = u64::try_from(self.max_lag.whole_milliseconds()).unwrap_or_default();
        if limit == 0 {
            return Vec::new();
        }
        (0..self.replicas).map(|_| now + std::time::Duration::from_millis(self.seeded.below(limit + 1))).collect()
    }
}

/// All objects by collection and id.
#[derive(Debug)]
pub(crate) struct Store {
    records: BTreeMap<Kind, BTreeMap<String, Vec<Version>>>,
    pub(crate) replication: Replication,
}

impl Store {
    pub(crate) fn new(replication: Replication) -> Self {
        Self { records: BTreeMap::new(), replication }
    }

    pub(crate) fn get(&self, kind: Kind, id: &str, sight: Sight) -> Option<&Object> {
        seen(self.records.get(&kind)?.get(id)?, sight)
    }

    /// The objects of a collection in the order of their ids, so that paging by the last id is stable.
    pub(crate) fn all(&self, kind: Kind, sight: Sight) -> impl Iterator<Item = &Object> {
        self.records.get(&kind).into_iter().flat_map(BTreeMap::values).filter_map(move |versions| seen(versions, sight))
    }

    /// Writes a version that replicas see after their lag.
    pub(crate) fn put(&mut self, kind: Kind, id: &str, body: Object, now: OffsetDateTime) {
        self.push(kind, id, Some(body), now);
    }

    /// Deletes the object; replicas go on seeing it until their lag is over.
    pub(crate) fn remove(&mut self, kind: Kind, id: &str, now: OffsetDateTime) {
        self.push(kind, id, None, now);
    }

    fn push(&mut self, kind: Kind, id: &str, body: Option<Object>, now: OffsetDateTime) {
        let now = self.replication.own_time(now);
        let visible = self.replication.draw(now);
        let versions = self.records.entry(kind).or_default().entry(id.to_owned()).or_default();
        versions.push(Version { body, visible });
        if let Some(newest_settled) = versions.iter().rposition(|version| version.settled(now)) {
            versions.drain(..newest_settled);
        }
    }

    /// Places an object that every replica has always seen.
    pub(crate) fn place(&mut self, kind: Kind, id: &str, body: Object) {
        let version = Version { body: Some(body), visible: Vec::new() };
        self.records.entry(kind).or_default().insert(id.to_owned(), vec![version]);
    }

    /// Takes an object away for every replica at once.
    pub(crate) fn erase(&mut self, kind: Kind, id: &str) -> bool {
        self.records.get_mut(&kind).and_then(|records| records.remove(id)).is_some()
    }

    /// Changes every version of an object in place, unseen by replication; false where there is none.
    pub(crate) fn amend(&mut self, kind: Kind, id: &str, mut change: impl FnMut(&mut Object)) -> bool {
        let Some(versions) = self.records.get_mut(&kind).and_then(|records| records.get_mut(id)) else { return false };
        versions.iter_mut().filter_map(|version| version.body.as_mut()).for_each(&mut change);
        true
    }

    /// Whether every replica sees the newest version.
    pub(crate) fn settled(&self, kind: Kind, id: &str, now: OffsetDateTime) -> bool {
        let now = self.replication.own_time(now);
        let versions = self.records.get(&kind).and_then(|records| records.get(id));
        versions.and_then(|versions| versions.last()).is_none_or(|version| version.settled(now))
    }
}

fn seen(versions: &[Version], sight: Sight) -> Option<&Object> {
    versions.iter().rev().find(|version| version.seen(sight))?.body.as_ref()
}
