//! The users, groups and contacts of a tenant, each made when it is looked at: a million of them take no room, and a page
//! costs what is on it. What was changed is kept by the store, on top of these.

mod candidates;
mod fields;
mod row;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::Kind;
use crate::odata::filter::Filter;
use crate::schema::Object;
use crate::seed::Seeded;
pub(crate) use row::Row;

/// The on-premises properties that the conversion clears; `onPremisesImmutableId` stays
/// (Microsoft's page on turning off directory synchronization). A converted object reads `null`, as users do in
/// microsoft-graph-docs issue 12584.
pub(crate) const CLEARED: [&str; 6] = [
    "onPremisesSyncEnabled",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesNetBiosName",
    "onPremisesSamAccountName",
    "onPremisesUserPrincipalName",
];

/// All objects of one kind, each at its place in the order of the ids.
#[derive(Debug)]
pub(crate) struct Crowd {
    kind: Kind,
    size: u32,
    seed: u64,
    domain: String,
    founded: OffsetDateTime,
    synced: bool,
    /// How many have been converted since synchronization was switched off, in the order of `rank`.
    converted: u32,
    /// Shares no factor with `size`, so that ranks are a shuffle of the places.
    stride: u64,
    /// Grows whenever anything in the crowd changes.
    pub(crate) changes: u64,
}

/// How far the changes of a crowd had come at one time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) changes: u64,
    converted: u32,
}

impl Crowd {
    pub(crate) fn new(kind: Kind, size: u32, seed: u64, domain: &str, founded: OffsetDateTime, synced: bool) -> Self {
        let size_wide = u64::from(size.max(1));
        // Near the golden section neighbours come far from each other.
        let stride =
            (size_wide * 618 / 1000 + 1..=size_wide + 1).find(|stride| coprime(*stride, size_wide)).unwrap_or(1);
        let seed = Seeded::new(seed ^ kind as u64).number();
        Self { kind, size, seed, domain: domain.to_owned(), founded, synced, converted: 0, stride, changes: 0 }
    }

    /// The id at a place: its first four bytes grow with the place, the rest is drawn.
    pub(crate) fn id(&self, place: u32) -> Uuid {
        let mut drawn = Seeded::new(self.seed.wrapping_add(u64::from(place).wrapping_mul(0x9E37_79B9)));
        let start = |place: u64| (place << 32) / u64::from(self.size.max(1));
        let first = start(u64::from(place));
        let first = first + drawn.below(start(u64::from(place) + 1) - first);
        let mut bytes = drawn.bytes();
        bytes[..4].copy_from_slice(&u32::try_from(first).unwrap_or(u32::MAX).to_be_bytes());
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// The first place whose id comes behind this text.
    pub(crate) fn behind(&self, id: &str) -> u32 {
        let (mut low, mut high) = (0, self.size);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.id(middle).to_string().as_str() <= id {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The place of an id.
    pub(crate) fn place(&self, id: &str) -> Option<u32> {
        let place = self.behind(id).checked_sub(1)?;
        (self.id(place).to_string() == id).then_some(place)
    }

    /// The places from one on at which a filter has to be looked at, in order.
    pub(crate) fn places(&self, from: u32, filter: Option<&Filter>) -> Box<dyn Iterator<Item = u32>> {
        match filter.and_then(|filter| self.candidates(filter)) {
            Some(places) => Box::new(places.into_iter().filter(move |place| *place >= from)),
            None => Box::new(from..self.size),
        }
    }

    /// How many pass a filter, were none of them changed. Without a filter and for those still synchronized this takes no
    /// time; any other filter is tried on each.
    pub(crate) fn count(&self, filter: Option<&Filter>) -> usize {
        let Some(filter) = filter else { return self.size as usize };
        if filter.equals() == Some(("onPremisesSyncEnabled", &Value::Bool(true))) {
            return if self.synced { (self.size - self.converted) as usize } else { 0 };
        }
        self.places(0, Some(filter)).filter(|place| filter.passes(&Row::Made(self, *place))).count()
    }

    /// The whole object at a place.
    pub(crate) fn object(&self, place: u32) -> Object {
        let all = fields::names(self.kind).iter();
        all.filter_map(|name| Some(((*name).to_owned(), self.value(place, name)?))).collect()
    }

    /// When in the course of the conversion the object at a place has its turn.
    fn rank(&self, place: u32) -> u64 {
        u64::from(place) * self.stride % u64::from(self.size.max(1))
    }

    /// Converts the part `done` of `whole`; says which of the changed objects have their turn by that.
    pub(crate) fn convert(&mut self, done: u128, whole: u128) -> impl Fn(&Self, &str) -> bool + use<> {
        let reached = u128::from(self.size) * done.min(whole) / whole.max(1);
        let before = self.converted;
        self.converted = before.max(u32::try_from(reached).unwrap_or(self.size));
        self.changes += u64::from(self.converted > before);
        let turn = u64::from(before)..u64::from(self.converted);
        move |crowd, id| !turn.is_empty() && crowd.place(id).is_some_and(|place| turn.contains(&crowd.rank(place)))
    }

    /// How far its changes have come.
    pub(crate) fn state(&self) -> State {
        State { changes: self.changes, converted: self.converted }
    }

    /// The ids behind one whose conversion was later than a state.
    pub(crate) fn converted_since(&self, since: State, after: Option<&str>) -> impl Iterator<Item = String> {
        let turn = u64::from(since.converted)..u64::from(self.converted);
        let from = if turn.is_empty() { self.size } else { after.map_or(0, |after| self.behind(after)) };
        (from..self.size).filter(move |place| turn.contains(&self.rank(*place))).map(|place| self.id(place).to_string())
    }

    fn is_converted(&self, place: u32) -> bool {
        self.rank(place) < u64::from(self.converted)
    }

    /// What a property of the object at a place is; `None` where it has none.
    fn value(&self, place: u32, name: &str) -> Option<Value> {
        if name == "id" {
            return Some(json!(self.id(place)));
        }
        if name.starts_with("onPremises") {
            let cleared = self.is_converted(place) && CLEARED.contains(&name);
            let value = self.synced.then(|| fields::on_premises(self, place, name)).flatten()?;
            return Some(if cleared { Value::Null } else { value });
        }
        fields::own(self, place, name)
    }
}

fn coprime(left: u64, right: u64) -> bool {
    let (mut left, mut right) = (left, right);
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(size: u32) -> Crowd {
        Crowd::new(Kind::User, size, 7, "firm.onmicrosoft.com", OffsetDateTime::UNIX_EPOCH, true)
    }

    #[test]
    fn ids_grow_with_their_places_and_lead_back_to_them() {
        for size in [1, 2, 24, 1_000, 1_000_000] {
            let crowd = crowd(size);
            let places: Vec<u32> = (0..size).step_by(size as usize / 20 + 1).chain([size - 1]).collect();
            let ids: Vec<String> = places.iter().map(|place| crowd.id(*place).to_string()).collect();
            assert!(ids.is_sorted(), "{ids:?}");
            assert!(places.iter().zip(&ids).all(|(place, id)| crowd.place(id) == Some(*place)));
        }
    }

    #[test]
    fn every_place_has_a_rank_of_its_own() {
        for size in [1, 3, 24, 1_000, 9_973] {
            let crowd = crowd(size);
            let mut ranks: Vec<u64> = (0..size).map(|place| crowd.rank(place)).collect();
            ranks.sort_unstable();
            assert!(ranks.iter().zip(0..).all(|(rank, place)| *rank == place), "{size}");
        }
    }

    #[test]
    fn a_count_that_takes_no_time_is_the_count_of_all_that_pass() {
        let mut crowd = crowd(1_000);
        let _turns = crowd.convert(1, 3);
        let filter = Filter::parse("onPremisesSyncEnabled eq true");
        let passing = filter.iter().flat_map(|filter| (0..1_000).filter(|at| filter.passes(&Row::Made(&crowd, *at))));
        assert_eq!(passing.count(), 667);
        assert_eq!(crowd.count(filter.as_ref().ok()), 667);
    }
}
