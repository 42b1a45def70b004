//! Whether a client secret of an earlier worker lies at the place that it was to go to, which is not always this run's. A look that
//! fails says nothing.

use std::fs;
use std::io::ErrorKind;
use std::time::UNIX_EPOCH;

use crate::connect::guid;
use pp_base::cancel::Cancelled;
use pp_graph::Graph;
use pp_ledger::line::InVault;
use pp_ledger::state::SecretMark;
use pp_report::error::OpError;
use pp_run::application_sign_in::prove;
use pp_run::connection::Connection;
use pp_run::orphan::AtPlace;
use pp_run::unclaimed;
use pp_runbook::types::{Application, PasswordCredential};
use pp_sink::key_vault::is_tagged;
use pp_vault::Vault;
use pp_vault::address::{VaultAddress, secret_name};
use pp_words::of_system;

/// A file's time is cut, and this machine's clock is measured by the service's to so many seconds.
const TOLERANCE: i64 = 5;

/// Looks at the place that a mark names, from the machine of this name.
pub(super) fn look(
    graph: Graph<'_>,
    connection: &Connection,
    mark: &SecretMark,
    here: Option<&str>,
    application: &Application,
    secret: &PasswordCredential,
) -> Result<AtPlace, Cancelled> {
    match (&mark.vault, &mark.file) {
        (Some(place), _) => match in_vault(graph, connection, place, application, secret) {
            Ok(found) => Ok(found),
            Err(OpError::Failed(report)) => Ok(AtPlace::Unknown(report.message.trim_end_matches('.').to_owned())),
            Err(OpError::Cancelled(cancelled)) => Err(cancelled),
        },
        (None, Some(file)) => Ok(in_file(connection, file, mark, here)),
        (None, None) => Ok(AtPlace::NotSeen),
    }
}

/// Whether the newest version is that secret: by its text where this session has that; else by its tags, the beginning of its text that the
/// tenant shows, and a sign-in.
fn in_vault(
    graph: Graph<'_>,
    connection: &Connection,
    place: &InVault,
    application: &Application,
    secret: &PasswordCredential,
) -> Result<AtPlace, OpError> {
    let address = VaultAddress::parse(&place.address, connection.environment)?;
    let (name, access) = (secret_name(&place.name)?, graph.access());
    let Some(stored) = Vault::find(access, address, connection.tenant)?.get(access, name)? else {
        return Ok(AtPlace::NotSeen);
    };
    let id = stored.id.clone();
    if let Some(held) = unclaimed::find(&secret.key_id) {
        return Ok(if stored.is(&held.secret.text) { AtPlace::There(id) } else { AtPlace::NotSeen });
    }
    if !is_tagged(&stored, &connection.tenant.to_string(), &application.app_id, &secret.key_id) {
        return Ok(AtPlace::NotSeen);
    }
    let Some(client) = guid(&application.app_id) else {
        return Ok(AtPlace::Unknown(format!("'{}' is no application's id to sign in by", application.app_id)));
    };
    let text = stored.into_text();
    if secret.hint.as_ref().is_some_and(|hint| !text.expose().starts_with(hint.as_str())) {
        return Ok(AtPlace::Unknown(format!("{id} has its tags on another text")));
    }
    prove(graph, client, &text)?;
    Ok(AtPlace::There(id))
}

/// A sealed file doesn't tell what is in it: one that was written since may hold the secret. What lies at its path on another machine, or
/// doesn't, says nothing.
fn in_file(connection: &Connection, file: &str, mark: &SecretMark, here: Option<&str>) -> AtPlace {
    match mark.machine.as_deref() {
        Some(_) if mark.is_on(here) => {}
        Some(machine) => {
            return AtPlace::Unknown(format!("the file '{file}' would lie on {machine}, which is another machine"));
        }
        None => {
            return AtPlace::Unknown(format!("on which machine the file '{file}' would lie isn't in the ledger"));
        }
    }
    let written = match fs::metadata(file).and_then(|about| about.modified()) {
        Ok(written) => written.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
        Err(error) if error.kind() == ErrorKind::NotFound => return AtPlace::NotSeen,
        Err(error) => return AtPlace::Unknown(format!("the file '{file}' can't be looked at: {}", of_system(&error))),
    };
    let ahead = (connection.clock().now() - connection.now()).whole_seconds();
    let asked_for = mark.start.unix_timestamp().saturating_add(ahead).saturating_sub(TOLERANCE);
    if i64::try_from(written).unwrap_or(i64::MAX) < asked_for {
        return AtPlace::NotSeen;
    }
    AtPlace::Unknown(format!("the file '{file}' was written since it was asked for"))
}
