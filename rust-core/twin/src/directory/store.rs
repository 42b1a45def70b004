//! The objects of the tenant, each with its versions and the time at which each replica sees them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use super::crowd::{Crowd, Row, State};
use crate::odata::filter::Filter;
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
    RoleInstance,
    RoleDefinition,
    User,
    Group,
    Contact,
    TenantPolicy,
    AppPolicy,
    DeletedApplication,
    DeletedServicePrincipal,
    DeletedUser,
    DeletedGroup,
    Domain,
    TokenPolicy,
    Customer,
    CustomerRelationship,
}

impl Kind {
    /// Every collection with its name in URLs and at the control endpoints.
    const NAMES: [(Self, &'static str); 21] = [
        (Self::Organization, "organization"),
        (Self::Application, "applications"),
        (Self::ServicePrincipal, "servicePrincipals"),
        (Self::Grant, "oauth2PermissionGrants"),
        (Self::AppRoleAssignment, "appRoleAssignments"),
        (Self::RoleAssignment, "roleAssignments"),
        (Self::RoleInstance, "roleAssignmentScheduleInstances"),
        (Self::RoleDefinition, "roleDefinitions"),
        (Self::User, "users"),
        (Self::Group, "groups"),
        (Self::Contact, "contacts"),
        (Self::TenantPolicy, "defaultAppManagementPolicy"),
        (Self::AppPolicy, "appManagementPolicies"),
        (Self::DeletedApplication, "deletedApplications"),
        (Self::DeletedServicePrincipal, "deletedServicePrincipals"),
        (Self::DeletedUser, "deletedUsers"),
        (Self::DeletedGroup, "deletedGroups"),
        (Self::Domain, "domains"),
        (Self::TokenPolicy, "federatedTokenValidationPolicy"),
        (Self::Customer, "delegatedAdminCustomers"),
        (Self::CustomerRelationship, "delegatedAdminRelationships"),
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
    /// `None` once the object is deleted. Shared, since one of a service is a megabyte.
    body: Option<Arc<Object>>,
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

/// All objects by collection and id: those kept here, and on their base the crowds.
#[derive(Debug)]
pub(crate) struct Store {
    records: BTreeMap<Kind, Records>,
    crowds: BTreeMap<Kind, Crowd>,
    /// Of the collections that have a crowd: which change each of their objects had last.
    marks: BTreeMap<Kind, BTreeMap<String, u64>>,
    pub(crate) replication: Replication,
}

/// The versions of every object of a collection; none where one of a crowd was taken away.
type Records = BTreeMap<String, Vec<Version>>;

impl Store {
    pub(crate) fn new(replication: Replication) -> Self {
        Self { records: BTreeMap::new(), crowds: BTreeMap::new(), marks: BTreeMap::new(), replication }
    }

    /// Gives a collection the objects of a crowd.
    pub(crate) fn settle_in(&mut self, kind: Kind, crowd: Crowd) {
        self.crowds.insert(kind, crowd);
    }

    pub(crate) fn crowd(&self, kind: Kind) -> Option<&Crowd> {
        self.crowds.get(&kind)
    }

    /// An object that is kept here, which of a crowd only the changed ones are: [`Store::row`] finds them all.
    pub(crate) fn get(&self, kind: Kind, id: &str, sight: Sight) -> Option<&Object> {
        seen(self.records.get(&kind)?.get(id)?, sight)
    }

    /// The same, to keep while the directory is changed.
    pub(crate) fn shared(&self, kind: Kind, id: &str, sight: Sight) -> Option<Arc<Object>> {
        newest(self.records.get(&kind)?.get(id)?, sight).cloned()
    }

    /// An object, kept or of a crowd.
    pub(crate) fn row(&self, kind: Kind, id: &str, sight: Sight) -> Option<Row<'_>> {
        match self.records.get(&kind).and_then(|records| records.get(id)) {
            Some(versions) => seen(versions, sight).map(Row::Kept),
            None => self.crowd(kind).and_then(|crowd| Some(Row::Made(crowd, crowd.place(id)?))),
        }
    }

    /// The objects of a collection that are kept here, in the order of their ids.
    pub(crate) fn all(&self, kind: Kind, sight: Sight) -> impl Iterator<Item = &Object> {
        self.records.get(&kind).into_iter().flat_map(BTreeMap::values).filter_map(move |versions| seen(versions, sight))
    }

    /// All objects of a collection that pass, behind an id, in the order of the ids: paging by the last id is stable and
    /// costs what is on the page.
    pub(crate) fn rows<'a>(
        &'a self,
        kind: Kind,
        sight: Sight,
        after: Option<&str>,
        filter: Option<&'a Filter>,
    ) -> impl Iterator<Item = Row<'a>> {
        let passes = move |row: &Row<'_>| filter.is_none_or(|filter| filter.passes(row));
        let mut made = self.unchanged(kind, after, filter).filter(passes).peekable();
        let mut kept = self.kept(kind, sight, after).map(Row::Kept).filter(passes).peekable();
        std::iter::from_fn(move || match (made.peek(), kept.peek()) {
            (Some(left), Some(right)) if left.id() < right.id() => made.next(),
            (Some(_), None) => made.next(),
            _ => kept.next(),
        })
    }

    fn kept(&self, kind: Kind, sight: Sight, after: Option<&str>) -> impl Iterator<Item = &Object> {
        let behind = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let records = self.records.get(&kind).map(|records| records.range::<str, _>(behind));
        records.into_iter().flatten().filter_map(move |(_, versions)| seen(versions, sight))
    }

    /// The objects of a crowd that are as they were made.
    fn unchanged<'a>(
        &'a self,
        kind: Kind,
        after: Option<&str>,
        filter: Option<&Filter>,
    ) -> impl Iterator<Item = Row<'a>> {
        let changed = self.records.get(&kind).filter(|records| !records.is_empty());
        let crowd = self.crowd(kind).map(|crowd| (crowd, after.map_or(0, |after| crowd.behind(after))));
        let places = crowd.map(|(crowd, from)| crowd.places(from, filter).map(move |place| Row::Made(crowd, place)));
        let is_changed = move |row: &Row<'_>| changed.is_some_and(|changed| changed.contains_key(&row.id()));
        places.into_iter().flatten().filter(move |row| !is_changed(row))
    }

    /// How many objects of a collection pass, without going through a crowd where that can count by itself.
    pub(crate) fn count(&self, kind: Kind, sight: Sight, filter: Option<&Filter>) -> usize {
        let passes = |row: &Row<'_>| filter.is_none_or(|filter| filter.passes(row));
        let kept = self.kept(kind, sight, None).map(Row::Kept).filter(passes).count();
        let Some(crowd) = self.crowd(kind) else { return kept };
        let changed = self.records.get(&kind).into_iter().flat_map(BTreeMap::keys);
        let before = changed.filter_map(|id| Some(Row::Made(crowd, crowd.place(id)?))).filter(passes).count();
        crowd.count(filter).saturating_sub(before) + kept
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
        let versions = self.versions(kind, id);
        versions.push(Version { body: body.map(Arc::new), visible });
        if let Some(newest_settled) = versions.iter().rposition(|version| version.settled(now)) {
            versions.drain(..newest_settled);
        }
    }

    /// The versions of an object to change; one of a crowd begins with what it was made as.
    fn versions(&mut self, kind: Kind, id: &str) -> &mut Vec<Version> {
        let records = self.records.entry(kind).or_default();
        if let Some(crowd) = self.crowds.get_mut(&kind) {
            crowd.changes += 1;
            self.marks.entry(kind).or_default().insert(id.to_owned(), crowd.changes);
            let made = if records.contains_key(id) { None } else { crowd.place(id) };
            if let Some(place) = made {
                let made = Version { body: Some(Arc::new(crowd.object(place))), visible: Vec::new() };
                records.insert(id.to_owned(), vec![made]);
            }
        }
        records.entry(id.to_owned()).or_default()
    }

    /// Places an object that every replica has always seen.
    pub(crate) fn place(&mut self, kind: Kind, id: &str, body: Object) {
        *self.versions(kind, id) = vec![Version { body: Some(Arc::new(body)), visible: Vec::new() }];
    }

    /// Takes an object away for every replica at once.
    pub(crate) fn erase(&mut self, kind: Kind, id: &str) -> bool {
        if self.row(kind, id, Sight::Truth).is_none() {
            return false;
        }
        self.versions(kind, id).clear();
        if !self.crowds.contains_key(&kind) {
            self.records.entry(kind).or_default().remove(id);
        }
        true
    }

    /// Changes every version of an object in place, unseen by replication; false where there is none.
    pub(crate) fn amend(&mut self, kind: Kind, id: &str, mut change: impl FnMut(&mut Object)) -> bool {
        let kept = self.records.get(&kind).and_then(|records| records.get(id));
        if kept.map_or_else(|| self.row(kind, id, Sight::Truth).is_none(), Vec::is_empty) {
            return false;
        }
        self.versions(kind, id)
            .iter_mut()
            .filter_map(|version| version.body.as_mut())
            .map(Arc::make_mut)
            .for_each(&mut change);
        true
    }

    /// Converts that part of every crowd, by `change` where an object is kept here.
    pub(crate) fn convert(&mut self, done: u128, whole: u128, change: impl Fn(&mut Object)) {
        for (kind, crowd) in &mut self.crowds {
            let has_its_turn = crowd.convert(done, whole);
            let records = self.records.get_mut(kind).into_iter().flatten();
            for (id, versions) in records.filter(|(id, _)| has_its_turn(crowd, id)) {
                self.marks.entry(*kind).or_default().insert(id.clone(), crowd.changes);
                versions.iter_mut().filter_map(|version| version.body.as_mut()).map(Arc::make_mut).for_each(&change);
            }
        }
    }

    /// The first ids behind one of what was changed, added or taken away since a crowd's state, in order.
    pub(crate) fn changed_since(&self, kind: Kind, since: State, after: Option<&str>, most: usize) -> Vec<String> {
        let Some(crowd) = self.crowd(kind).filter(|crowd| crowd.state() != since) else { return Vec::new() };
        let behind = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let marked = self.marks.get(&kind).map(|marks| marks.range::<str, _>(behind)).into_iter().flatten();
        let marked = marked.filter(|(_, change)| **change > since.changes).map(|(id, _)| id.clone());
        let records = self.records.get(&kind);
        let as_made = |id: &String| records.is_none_or(|records| !records.contains_key(id));
        let converted = crowd.converted_since(since, after).filter(as_made);
        let mut ids: Vec<String> = marked.take(most).chain(converted.take(most)).collect();
        ids.sort_unstable();
        ids.truncate(most);
        ids
    }

    /// Whether every replica sees the newest version.
    pub(crate) fn settled(&self, kind: Kind, id: &str, now: OffsetDateTime) -> bool {
        let now = self.replication.own_time(now);
        let versions = self.records.get(&kind).and_then(|records| records.get(id));
        versions.and_then(|versions| versions.last()).is_none_or(|version| version.settled(now))
    }
}

fn seen(versions: &[Version], sight: Sight) -> Option<&Object> {
    newest(versions, sight).map(Arc::as_ref)
}

fn newest(versions: &[Version], sight: Sight) -> Option<&Arc<Object>> {
    versions.iter().rev().find(|version| version.seen(sight))?.body.as_ref()
}
