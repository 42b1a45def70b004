//! The twin's clock: real time plus an offset that only grows.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};

/// A clock that can be moved forward.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    offset: Duration,
}

impl Clock {
    pub(crate) fn now(&self) -> OffsetDateTime {
        let real = OffsetDateTime::now_utc();
        real.checked_add(self.offset).unwrap_or(real)
    }

    /// How far it was moved.
    pub(crate) fn moved(&self) -> std::time::Duration {
        self.offset.unsigned_abs()
    }

    /// Moves the clock; a move past what a date can hold is cut off there.
    pub(crate) fn advance(&mut self, by: std::time::Duration) {
        let by = Duration::try_from(by).unwrap_or(Duration::ZERO);
        let moved = self.offset.saturating_add(by);
        if OffsetDateTime::now_utc().checked_add(moved).is_some() {
            self.offset = moved;
        }
    }
}

/// A date as Graph writes it: UTC, up to seven decimals of a second, none when they are zero.
pub(crate) fn iso(date: OffsetDateTime) -> String {
    let date = date.to_offset(UtcOffset::UTC);
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let mut text = date.format(&seconds).unwrap_or_default();
    let ticks = date.nanosecond() / 100;
    if ticks > 0 {
        let decimals = format!(".{ticks:07}");
        text.push_str(decimals.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// A date cut to whole seconds, as Graph writes creation dates.
pub(crate) fn iso_seconds(date: OffsetDateTime) -> String {
    iso(date.replace_nanosecond(0).unwrap_or(date))
}

/// The date of an HTTP `Date` header.
pub(crate) fn http_date(date: OffsetDateTime) -> String {
    let shape =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    date.to_offset(UtcOffset::UTC).format(&shape).unwrap_or_default()
}

/// The date in an Entra error answer, e.g. `2026-01-31 09:00:00Z`.
pub(crate) fn entra_date(date: OffsetDateTime) -> String {
    let shape = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
    date.to_offset(UtcOffset::UTC).format(&shape).unwrap_or_default()
}

/// Reads an `Edm.DateTimeOffset` value.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(|date| date.to_offset(UtcOffset::UTC))
}

/// Writes an `Edm.Duration`: whole days as such, anything else in seconds.
pub(crate) fn duration(length: std::time::Duration) -> String {
    let seconds = length.as_secs();
    if seconds.is_multiple_of(86_400) { format!("P{}D", seconds / 86_400) } else { format!("PT{seconds}S") }
}

/// Reads an `Edm.Duration` such as `P180D` or `P1DT12H`.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut digits = String::new();
    let mut in_time = false;
    for character in text.strip_prefix('P')?.chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        if character == 'T' && !in_time && digits.is_empty() {
            in_time = true;
            continue;
        }
        let amount: i64 = std::mem::take(&mut digits).parse().ok()?;
        total = total.checked_add(duration_unit(character, in_time, amount)?)?;
    }
    digits.is_empty().then_some(total)
}

fn duration_unit(unit: char, in_time: bool, amount: i64) -> Option<Duration> {
    let seconds = match (unit, in_time) {
        ('D', false) => 86_400,
        ('H', true) => 3_600,
        ('M', true) => 60,
        ('S', true) => 1,
        _ => return None,
    };
    amount.checked_mul(seconds).map(Duration::seconds)
}
