//! How what users read is put in words: a sentence, an instant, and what a system's error means. One place for each, so that all
//! texts look alike on every system. And how the values of services' answers are read ([`lenient`]).
#![forbid(unsafe_code)]

pub mod lenient;

use std::fmt::Write as _;
use std::io::{Error, ErrorKind};

use time::{OffsetDateTime, UtcOffset};

/// A text as a sentence: it begins with a capital and ends with a full stop, unless it ends as a sentence already.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    let mut sentence: String = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    sentence.push_str(letters.as_str());
    if !sentence.is_empty() && !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// An instant in UTC to the second, as `2026-12-05 18:33:50Z`.
pub fn instant(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    let (date, clock) = (time.date(), time.time());
    format!("{date} {:02}:{:02}:{:02}Z", clock.hour(), clock.minute(), clock.second())
}

/// Bytes as a check sum is written: in upper case, as `Get-FileHash` does.
pub fn upper_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A text takes whatever is written to it.
        let _ = write!(text, "{byte:02X}");
        text
    })
}

/// Why the system refused, without its own number and the same on every system where its kind is known.
pub fn of_system(error: &Error) -> String {
    of_kind(error.kind()).map_or_else(|| without_number(&error.to_string()), str::to_owned)
}

/// The words for a kind of refusal; `None` where only the system's own text says what happened.
pub fn of_kind(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "there is no such file or folder",
        ErrorKind::PermissionDenied => "access is denied",
        ErrorKind::AlreadyExists => "it is there already",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::NotADirectory => "a part of its path is no folder",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
        ErrorKind::ConnectionRefused => "nothing listens there, or a firewall refuses",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            "the connection was broken off"
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            "no way leads there from this computer"
        }
        ErrorKind::TimedOut => "nothing answered in time",
        _ => return None,
    })
}

/// Rust writes the system's number behind its text: ` (os error 2)`.
fn without_number(text: &str) -> String {
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_a_capital_and_one_full_stop() {
        for (text, wanted) in [
            ("nothing listens there", "Nothing listens there."),
            ("Done already.", "Done already."),
            ("  is it? ", "Is it?"),
            ("\u{e9}t\u{e9}", "\u{c9}t\u{e9}."),
            ("", ""),
        ] {
            assert_eq!(sentence(text), wanted);
        }
    }

    #[test]
    fn an_instant_is_in_utc_to_the_second_whatever_its_offset() {
        let time = OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(1_234);
        assert_eq!(instant(time), "1970-01-01 00:00:01Z");
        let ahead = UtcOffset::from_hms(11, 0, 0).map(|offset| instant(time.to_offset(offset)));
        assert_eq!(ahead.ok().as_deref(), Some("1970-01-01 00:00:01Z"));
    }

    #[test]
    fn no_number_of_the_system_is_left() {
        // Those that Linux gives; what a number means there is no matter here.
        for number in 1..=133 {
            let words = of_system(&Error::from_raw_os_error(number));
            assert!(!words.is_empty() && !words.contains("os error"), "{number}: {words}");
        }
    }
}
