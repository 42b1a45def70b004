//! Directory synchronization: on, being switched off, off.

use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;

use super::store::{Kind, Sight, Store};
use crate::schema::Object;
use crate::seed::Seeded;

/// The on-premises properties that the conversion clears; `onPremisesImmutableId` stays
/// (Microsoft's page on turning off directory synchronization).
const CLEARED: [&str; 6] = [
    "onPremisesSyncEnabled",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesNetBiosName",
    "onPremisesSamAccountName",
    "onPremisesUserPrincipalName",
];

/// The objects still to be converted after synchronization was switched off.
#[derive(Debug, Default)]
pub(crate) struct Conversion {
    /// Latest first, so that the next one is popped from the end.
    queue: Vec<(OffsetDateTime, Kind, String)>,
    /// When the last one is converted; set from the start of the conversion on.
    ends: Option<OffsetDateTime>,
}

impl Conversion {
    /// Plans the conversion of every synchronized object, the last exactly at the end of `completion`.
    pub(crate) fn begin(&mut self, store: &Store, now: OffsetDateTime, completion: Duration, seeded: &mut Seeded) {
        let mut objects = synchronized(store);
        seeded.shuffle(&mut objects);
        let total = u32::try_from(objects.len()).unwrap_or(u32::MAX).max(1);
        self.queue = (1..=total).zip(objects).map(|(n, (kind, id))| (now + completion / total * n, kind, id)).collect();
        if let Some(last) = self.queue.last_mut() {
            last.0 = now + completion;
        }
        self.queue.reverse();
        self.ends = Some(now + completion);
    }

    /// Converts the objects whose time has come.
    pub(crate) fn settle(&mut self, store: &mut Store, now: OffsetDateTime) {
        while self.queue.last().is_some_and(|(due, _, _)| *due <= now) {
            if let Some((_, kind, id)) = self.queue.pop() {
                store.amend(kind, &id, convert);
            }
        }
    }

    /// Whether a conversion has begun and is not over.
    pub(crate) fn pending(&self, now: OffsetDateTime) -> bool {
        self.ends.is_some_and(|ends| now < ends)
    }
}

fn synchronized(store: &Store) -> Vec<(Kind, String)> {
    let kinds = [Kind::User, Kind::Group, Kind::Contact];
    let objects = kinds.into_iter().flat_map(|kind| store.all(kind, Sight::Truth).map(move |object| (kind, object)));
    let synced = objects.filter(|(_, object)| object.get("onPremisesSyncEnabled") == Some(&Value::Bool(true)));
    synced.filter_map(|(kind, object)| Some((kind, object.get("id")?.as_str()?.to_owned()))).collect()
}

/// A converted object reads `null`, as users do in microsoft-graph-docs issue 12584.
fn convert(object: &mut Object) {
    for property in CLEARED {
        if let Some(value) = object.get_mut(property) {
            *value = Value::Null;
        }
    }
}
