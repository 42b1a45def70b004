//! JSON with a letter that was cut in half. A name that something has cut to a length may end with the first half of an emoji, which JSON can
//! escape and no text holds. Assumption: that the directory keeps and gives such names isn't documented.

use zeroize::Zeroizing;

/// The same JSON, which may hold a secret, with a replacement character (U+FFFD) for each half: one name must not keep all the others from
/// being read.
pub(crate) fn replaced(json: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut whole = Zeroizing::new(json.to_vec());
    let mut at = 0;
    while let Some(escape) = json[at..].iter().position(|byte| *byte == b'\\').map(|place| at + place) {
        let half = unit(json, escape);
        let second = half.filter(|unit| FIRST.contains(unit)).and_then(|_| unit(json, escape + UNIT));
        at = escape
            + match (half, second) {
                (Some(_), Some(second)) if SECOND.contains(&second) => 2 * UNIT,
                (Some(unit), _) if FIRST.contains(&unit) || SECOND.contains(&unit) => {
                    whole[escape..escape + UNIT].copy_from_slice(br"\ufffd");
                    UNIT
                }
                // The sign behind it belongs to it.
                _ => 2,
            };
        at = at.min(json.len());
    }
    whole
}

/// The first half of a letter beyond 16 bits, and the second.
const FIRST: std::ops::Range<u16> = 0xd800..0xdc00;
const SECOND: std::ops::Range<u16> = 0xdc00..0xe000;
/// How long an escape of 16 bits is.
const UNIT: usize = r"\ufffd".len();

/// The unit of UTF-16 that is escaped there.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    let escape = json.get(at..at + UNIT)?.strip_prefix(br"\u")?;
    u16::from_str_radix(std::str::from_utf8(escape).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"["\ud83d\ude00 \\ud83d \u00e9 \"\\"]"#;

    #[test]
    fn only_halves_are_replaced() {
        for (json, read) in [
            (r#"["a\ud83d", "\ude00b"]"#, r#"["a\ufffd", "\ufffdb"]"#),
            (r#"["\ud83d\ud83d\ude00"]"#, r#"["\ufffd\ud83d\ude00"]"#),
            (r#"["\uD83D\n"]"#, r#"["\ufffd\n"]"#),
            (WHOLE, WHOLE),
            (r#"["\u12"#, r#"["\u12"#),
            (r"\", r"\"),
        ] {
            assert_eq!(String::from_utf8_lossy(&replaced(json.as_bytes())), read);
        }
    }
}
