//! Secrets that this process made and that nobody has claimed: their texts stay in locked memory until a sink has confirmed
//! one, it was shown to the end, or the caller lets go of it. Written to a pipeline is not claimed, since nobody can tell
//! whether anybody reads it.
//!
//! The table belongs to the process, not to a connection: one that the collector closes must not take a text with it.

use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;

use crate::made::MadeSecret;
use pp_base::secret::SecretText;

/// A secret whose text only this process has.
#[derive(Debug, Clone)]
pub struct Unclaimed {
    /// The number of the connection that made it.
    pub connection: u64,
    /// The tenant's id.
    pub tenant: String,
    /// The organization's display name, where it was known.
    pub tenant_name: Option<String>,
    /// The application (client) id.
    pub app_id: String,
    /// Id, end and text.
    pub secret: MadeSecret,
}

static HELD: LazyLock<Mutex<Vec<Arc<Unclaimed>>>> = LazyLock::new(Mutex::default);

/// Holds a secret until it is claimed.
pub fn keep(secret: Unclaimed) {
    HELD.lock().push(Arc::new(secret));
}

/// Those of all connections, the oldest first.
pub fn all() -> Vec<Arc<Unclaimed>> {
    HELD.lock().clone()
}

/// The one of this key id, in any case.
pub fn find(key_id: &str) -> Option<Arc<Unclaimed>> {
    HELD.lock().iter().find(|held| held.has(key_id)).cloned()
}

/// Lets go of the one of this key id; its text is wiped with its last user. False where it is not held.
pub fn claim(key_id: &str) -> bool {
    let_go(|held| held.has(key_id))
}

/// Lets go of the one of this text: it was shown.
pub fn claim_text(text: &SecretText) -> bool {
    let_go(|held| held.secret.text.expose() == text.expose())
}

/// Forgets those of a connection whose tenant has ended with it.
pub fn forget(connection: u64) {
    let_go(|held| held.connection == connection);
}

fn let_go(is: impl Fn(&Unclaimed) -> bool) -> bool {
    let mut held = HELD.lock();
    let before = held.len();
    held.retain(|one| !is(one));
    held.len() < before
}

impl Unclaimed {
    fn has(&self, key_id: &str) -> bool {
        self.secret.key_id.eq_ignore_ascii_case(key_id.trim())
    }

    /// Whose it is, in words.
    pub fn tenant_words(&self) -> String {
        self.tenant_name.as_ref().map_or_else(|| self.tenant.clone(), |name| format!("{name} ({})", self.tenant))
    }
}
