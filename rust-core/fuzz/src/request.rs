//! JSON requests at the ABI: what `pp_job_start` does with them before anything runs.

use pp_command::{SecretBlock, parse};
use serde_json::Value;

/// Lies in the secrets block, in no corpus and in no error.
const SECRET: &str = "Rj4~QwX8secret9Zt";

/// A request is taken only if it is one JSON object with an op, and neither what is taken nor what is said about it holds
/// a part of the secrets block.
pub(crate) fn request(data: &[u8]) {
    let parsed = parse(data, &SecretBlock::copy_of(SECRET.as_bytes()));
    let said = match &parsed {
        Ok(command) => format!("{command:?}"),
        Err(bad) => format!("{bad} {bad:?}"),
    };
    let given = String::from_utf8_lossy(data);
    assert!(!said.contains(SECRET) || given.contains(SECRET), "a secret is shown: {said}");
    if parsed.is_ok() {
        let json: Value = serde_json::from_slice(data).unwrap_or_default();
        assert!(json["op"].is_string(), "taken without an op: {given}");
    }
}
