//! Headers. The description has none of them; this table has those that Graph's pages name, and HTTP's own.

use uuid::Uuid;

use crate::call::Call;

/// HTTP's own, and what Graph takes without a rule for its value.
const FREE: [&str; 17] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    // The service itself refuses what is no JSON.
    "content-type",
    "expect",
    "host",
    "if-match",
    "if-none-match",
    "return-client-request-id",
    "sdkversion",
    "transfer-encoding",
    "user-agent",
];

/// Preferences by the name before `=`: Graph's pages on paging, change tracking, upserts and evolvable enumerations.
const PREFERENCES: [&str; 6] = [
    "create-if-missing",
    "include-unknown-enum-members",
    "odata.maxpagesize",
    "odata.track-changes",
    "respond-async",
    "return",
];

pub(super) fn check(call: &Call) -> Result<(), String> {
    call.headers.iter().try_for_each(|(name, value)| check_header(name, value))
}

fn check_header(name: &str, value: &str) -> Result<(), String> {
    let fits = match name {
        _ if FREE.contains(&name) => true,
        // Graph's page on advanced query capabilities.
        "consistencylevel" => value == "eventual",
        // Graph's page on best practices.
        "client-request-id" => Uuid::try_parse(value).is_ok(),
        // Graph's page on throttling limits.
        "x-ms-throttle-priority" => ["Low", "Normal", "High"].contains(&value),
        "prefer" => value.split(',').all(is_preference),
        _ => return Err(format!("Graph has no header '{name}'")),
    };
    if fits { Ok(()) } else { Err(format!("the header '{name}' can't be '{value}'")) }
}

fn is_preference(preference: &str) -> bool {
    let name = preference.split('=').next().unwrap_or_default().trim();
    PREFERENCES.iter().any(|known| known.eq_ignore_ascii_case(name))
}
