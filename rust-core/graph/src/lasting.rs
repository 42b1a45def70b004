//! What reads have shown that stays so while a connection is open, so that it is read once.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;

/// As much of such answers as is needed, by path and query.
#[derive(Debug, Default)]
pub struct Lasting(Mutex<HashMap<String, Arc<Value>>>);

impl Lasting {
    /// What a request was answered, if that was kept.
    pub fn get(&self, path: &str) -> Option<Arc<Value>> {
        self.0.lock().get(path).cloned()
    }

    /// Keeps it.
    pub fn keep(&self, path: &str, answer: Value) {
        self.0.lock().insert(path.to_owned(), Arc::new(answer));
    }
}
