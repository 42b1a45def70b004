//! Durations as text.

use time::Duration;

/// Days of a year and of a month where a duration names them: what .NET's `XmlConvert.ToTimeSpan` takes, by which Entra's
/// policies are read elsewhere too.
const YEAR: i64 = 365;
const MONTH: i64 = 30;

/// ISO 8601 (`P2Y`, `P180D`, `P4DT12H30M5S`) or .NET's `[-][d.]hh:mm[:ss]`; `None` for anything else or past i64 seconds.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let time = match text.strip_prefix('P') {
        Some(rest) => iso(rest),
        None => dotnet(text),
    }?;
    Some(time * sign)
}

/// In ISO 8601, days and smaller, in whole seconds: what [`parse`] reads back.
pub(super) fn text(time: Duration) -> String {
    let seconds = time.whole_seconds();
    let units = [(seconds % 86_400 / 3_600, 'H'), (seconds % 3_600 / 60, 'M'), (seconds % 60, 'S')];
    let named =
        |&(number, unit): &(i64, char)| if number == 0 { Vec::new() } else { vec![number.to_string(), unit.into()] };
    let clock = units.iter().flat_map(named).collect::<String>();
    match (seconds / 86_400, clock.as_str()) {
        (0, "") => "PT0S".to_owned(),
        (days, "") => format!("P{days}D"),
        (0, clock) => format!("PT{clock}"),
        (days, clock) => format!("P{days}DT{clock}"),
    }
}

fn iso(text: &str) -> Option<Duration> {
    let (days, clock) = text.split_once('T').unwrap_or((text, ""));
    if days.is_empty() && clock.is_empty() {
        return None;
    }
    let day = 86_400;
    let days = parts(days, &[('Y', YEAR * day), ('M', MONTH * day), ('W', 7 * day), ('D', day)])?;
    let clock = parts(clock, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    days.checked_add(clock).map(Duration::seconds)
}

/// `12H30M`: numbers and units, each unit once and in order. What there is of a second is left out.
fn parts(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut total: i64 = 0;
    let mut units = units.iter();
    while !text.is_empty() {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number = match text[..end].split_once('.') {
            Some((whole, part)) if text[end..] == *"S" && part.bytes().all(|digit| digit.is_ascii_digit()) => whole,
            Some(_) => return None,
            None => &text[..end],
        };
        let number: i64 = number.parse().ok()?;
        let unit = text[end..].chars().next()?;
        let (_, seconds) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.checked_mul(*seconds)?)?;
        text = &text[end + 1..];
    }
    Some(total)
}

fn dotnet(text: &str) -> Option<Duration> {
    let whole = text.split_once('.').filter(|(days, _)| !days.contains(':'));
    let (days, clock) = whole.unwrap_or(("0", text));
    let mut fields = clock.split(':');
    let hours: i64 = fields.next()?.parse().ok()?;
    let minutes: i64 = fields.next()?.parse().ok()?;
    let seconds: i64 = match fields.next() {
        Some(text) => text.split('.').next()?.parse().ok()?,
        None => 0,
    };
    let in_range =
        fields.next().is_none() && (0..24).contains(&hours) && (0..60).contains(&minutes) && (0..60).contains(&seconds);
    if !in_range {
        return None;
    }
    let days = days.parse::<i64>().ok().filter(|days| *days >= 0)?;
    let clock = hours * 3_600 + minutes * 60 + seconds;
    days.checked_mul(86_400)?.checked_add(clock).map(Duration::seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_iso_and_dotnet_durations() {
        assert_eq!(parse("P2Y"), Some(Duration::days(730)));
        assert_eq!(parse("P4DT12H30M5S"), Some(Duration::seconds(4 * 86_400 + 12 * 3_600 + 30 * 60 + 5)));
        assert_eq!(parse("180.00:00:00"), Some(Duration::days(180)));
        assert_eq!(parse("00:30:00"), Some(Duration::minutes(30)));
        assert_eq!(parse("-1.00:00:00"), Some(Duration::days(-1)));
        assert_eq!(
            parse("10675199.02:48:05.4775807"),
            Some(Duration::seconds(10_675_199 * 86_400 + 2 * 3_600 + 48 * 60 + 5))
        );
    }

    #[test]
    fn a_duration_as_text_is_read_back() {
        for seconds in [0, 1, 60, 3_600, 86_400, 2 * 86_400 + 3 * 3_600 + 4 * 60 + 5] {
            let time = Duration::seconds(seconds);
            assert_eq!(parse(&text(time)), Some(time), "{}", text(time));
        }
        assert_eq!(text(Duration::days(730)), "P730D");
        assert_eq!(text(Duration::seconds(90_000)), "P1DT1H");
    }

    #[test]
    fn refuses_what_is_no_duration() {
        for text in ["", "P", "PT", "2 years", "P1D2Y", "25:00:00", "1:2:3:4", "P99999999999999999999D", "99"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
