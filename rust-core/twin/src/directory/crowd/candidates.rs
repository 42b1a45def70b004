//! Where in a crowd a filter can find anything at all, for the filters that name one object.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use uuid::Uuid;

use super::Crowd;
use crate::odata::filter::{Filter, Operator};

impl Crowd {
    /// The only places that can pass, in order; `None` where any may.
    pub(super) fn candidates(&self, filter: &Filter) -> Option<Vec<u32>> {
        match filter {
            Filter::And(left, right) => self.candidates(left).or_else(|| self.candidates(right)),
            Filter::Or(left, right) => {
                Some(sorted([self.candidates(left)?, self.candidates(right)?].into_iter().flatten()))
            }
            Filter::Compare { path, operator: Operator::Eq, value } => self.named(path, value),
            Filter::In { path, values } => {
                let named: Option<Vec<_>> = values.iter().map(|value| self.named(path, value)).collect();
                named.map(|places| sorted(places.into_iter().flatten()))
            }
            Filter::Any { path, inner } if path == "proxyAddresses" => {
                let (_, address) = inner.equals()?;
                let address = address.as_str()?.split_once(':').map_or("", |(_, address)| address);
                Some(self.numbered(address).into_iter().collect())
            }
            _ => None,
        }
    }

    /// Where a property that tells objects apart has this value.
    fn named(&self, property: &str, value: &Value) -> Option<Vec<u32>> {
        let text = value.as_str().unwrap_or_default();
        let found = match property {
            "id" => self.place(&text.to_ascii_lowercase()),
            "userPrincipalName" | "mail" => self.numbered(text),
            "onPremisesImmutableId" => self.anchored(text),
            "onPremisesSyncEnabled" if *value == Value::Bool(true) => {
                let none = !self.synced || self.converted == self.size;
                return none.then(Vec::new);
            }
            _ => return None,
        };
        Some(found.into_iter().collect())
    }

    /// The place that an address names at the end of its first part.
    fn numbered(&self, address: &str) -> Option<u32> {
        let (name, _) = address.split_once('@')?;
        let digits = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        digits.parse().ok().filter(|place| *place < self.size)
    }

    fn anchored(&self, anchor: &str) -> Option<u32> {
        let id = Uuid::from_slice_le(&STANDARD.decode(anchor).ok()?).ok()?;
        self.place(&id.to_string())
    }
}

fn sorted(places: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut places: Vec<u32> = places.collect();
    places.sort_unstable();
    places.dedup();
    places
}
