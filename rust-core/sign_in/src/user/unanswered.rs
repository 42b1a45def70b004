//! Challenges that a renewal can't answer, since they want the person, as for an authentication context of Conditional Access. The
//! person's next sign-in carries them. They are kept for the process, since that sign-in is another connection's.

use std::collections::HashMap;
use std::sync::LazyLock;

use parking_lot::Mutex;
use uuid::Uuid;

use super::super::request::Ask;

/// By sign-in service, tenant and client.
type Of = (String, Uuid, Uuid);

static UNANSWERED: LazyLock<Mutex<HashMap<Of, String>>> = LazyLock::new(Mutex::default);

/// The challenge of what was asked for, where it had one, waits for the person. A person signs in to Microsoft Graph, so one of another
/// service stays unanswered.
pub(super) fn keep(ask: &Ask<'_>, client_id: Uuid) {
    if let Some(challenge) = ask.challenge.filter(|_| ask.is_for_graph()) {
        UNANSWERED.lock().insert(of(ask, client_id), challenge.to_owned());
    }
}

/// The challenge that waits for the person. Whatever becomes of the sign-in that carries it, no later one is bound by it.
pub(super) fn take(ask: &Ask<'_>, client_id: Uuid) -> Option<String> {
    UNANSWERED.lock().remove(&of(ask, client_id))
}

fn of(ask: &Ask<'_>, client_id: Uuid) -> Of {
    (ask.endpoints.login.clone(), ask.tenant, client_id)
}
