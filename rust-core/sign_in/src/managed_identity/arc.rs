//! Azure Arc's challenge: the endpoint names a file that only administrators may read, and wants its content.

use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{SourceError, SourceKind};
use pp_words::of_system;

/// The agent's keys are shorter. Source: MSAL for Python, `managed_identity.py`.
const LARGEST: u64 = 4096;

/// The content of the file that the challenge names; others may stand beside it. Whoever answers on the agent's port must not have any
/// other file read.
pub(super) fn key<'a>(
    mut challenges: impl Iterator<Item = &'a str>,
    folder: &Path,
) -> Result<Zeroizing<String>, SourceError> {
    let named = challenges.find_map(|text| text.trim().strip_prefix("Basic realm="));
    let path = PathBuf::from(named.ok_or_else(|| refused("its challenge names no key file"))?.trim_matches('"'));
    if path.parent() != Some(folder) || path.extension().is_none_or(|extension| extension != "key") {
        let expected = folder.display();
        return Err(refused(&format!("its challenge names a file that is no .key file in {expected}")));
    }
    let unreadable = |e: std::io::Error| {
        let who = if cfg!(windows) { "Administrators" } else { "root or the group himds" };
        refused(&format!("its key file '{}' can't be read ({}): run as {who}", path.display(), of_system(&e)))
    };
    // What a link points to is another file.
    let facts = std::fs::symlink_metadata(&path).map_err(unreadable)?;
    if !facts.is_file() || facts.len() > LARGEST {
        return Err(refused(&format!("its key file '{}' is no file of at most {LARGEST} bytes", path.display())));
    }
    let mut text = Zeroizing::new(String::with_capacity(4097));
    std::fs::File::open(&path).and_then(|file| file.take(LARGEST).read_to_string(&mut text)).map_err(unreadable)?;
    Ok(text)
}

fn refused(why: &str) -> SourceError {
    let message = format!("Azure Arc's managed identity endpoint can't be used: {why}");
    SourceError { kind: SourceKind::ManagedIdentityRefused, message, status: None, passes: false, retry_after: None }
}
