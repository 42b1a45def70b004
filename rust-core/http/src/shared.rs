//! What connections share: one of a kind for each key, for as long as somebody holds it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

/// One `T` for each key.
pub(crate) struct Shared<K, T>(Mutex<HashMap<K, Weak<T>>>);

impl<K, T> Default for Shared<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, T: Default> Shared<K, T> {
    /// The one of this key, made where nobody holds it.
    pub(crate) fn get(&self, key: K) -> Arc<T> {
        let mut all = self.0.lock();
        all.retain(|_, one| one.strong_count() > 0);
        let slot = all.entry(key).or_default();
        slot.upgrade().unwrap_or_else(|| {
            let made = Arc::default();
            *slot = Arc::downgrade(&made);
            made
        })
    }
}
