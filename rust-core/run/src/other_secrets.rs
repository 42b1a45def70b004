//! Warnings of secrets PPToken beside the one a run hands over.

use pp_runbook::other_secrets::{named, removal};
use pp_runbook::steps::client_secret::valid_secrets;
use pp_runbook::wanted::Wanted;
use time::OffsetDateTime;

use crate::apply::Voice;
use crate::outcome::Outcome;

/// Warns of each valid secret that this run did not make, where it is not the only one.
pub(crate) fn warn(voice: Voice<'_>, before: &[String], outcome: &Outcome, wanted: &Wanted, now: OffsetDateTime) {
    let Some(application) = outcome.observed.app(wanted.adopt) else { return };
    let own = outcome.secret.as_ref().map(|secret| secret.key_id.as_str());
    let valid = valid_secrets(&application.password_credentials, now);
    let others: Vec<_> = valid.into_iter().filter(|secret| Some(secret.key_id.as_str()) != own).collect();
    let several = others.len() + usize::from(own.is_some()) > 1;
    for other in others {
        let (name, remove) = (named(other), removal(&other.key_id));
        if !before.contains(&other.key_id) {
            (voice.warning)(&format!(
                "{name}, appeared while this run was at work: someone else is at work in this tenant. If nobody has its \
                 text, remove it with: {remove}"
            ));
        } else if several {
            (voice.warning)(&format!(
                "{name}, was not made by this run and stays valid. If nobody uses it, remove it with: {remove}"
            ));
        }
    }
}
