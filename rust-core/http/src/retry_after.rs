//! How long a service asks to wait.

use std::time::Duration;

use time::OffsetDateTime;

use crate::Response;

/// A service that asks for no wait at all, or till a moment that is past by this clock, is waited for as long as this: one
/// that always says so would be asked without end.
const SHORTEST_ASKED: Duration = Duration::from_secs(1);

/// `Retry-After` as seconds or as a date; absent and absurd values are none.
pub fn retry_after(response: &Response, now: OffsetDateTime) -> Option<Duration> {
    parse_retry_after(response.header("retry-after")?, now)
}

/// The value of a `Retry-After` header, which $batch items carry too; a second at least.
pub fn parse_retry_after(text: &str, now: OffsetDateTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds).max(SHORTEST_ASKED));
    }
    let at = OffsetDateTime::from(httpdate::parse_http_date(text).ok()?);
    Some(Duration::try_from(at - now).unwrap_or_default().max(SHORTEST_ASKED))
}
