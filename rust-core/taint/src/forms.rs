//! The forms in which a secret can lie somewhere.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The names of the forms; each but the last two also as UTF-16, which is the third.
pub(crate) const FORMS: [&str; 5] = ["plain", "URL-encoded", "UTF-16", "base64", "hexadecimal"];

/// Form data keeps these (URL Standard, application/x-www-form-urlencoded percent-encode set).
const FORM_DATA: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');
/// Query strings keep these (RFC 3986, unreserved).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text of this length and more is looked for in pieces: a copy may be overwritten in part.
const LONG: usize = 32;
/// How long a piece of a very long text, a token, is.
const PIECE: usize = 40;

/// How long a part of a private key is, and how far from the next: the shortest number of a key has four times the latter.
const KEY_PART: usize = 24;
const KEY_STEP: usize = 32;

/// Every byte pattern that gives a text away, with the name of its form.
pub(crate) fn patterns(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    pieces(text).into_iter().flat_map(of_piece).collect()
}

/// Every byte pattern that gives a private key away: parts of its numbers as the file has them, and as arithmetic keeps them,
/// the last byte first. `der` is the key in PKCS#8.
pub(crate) fn of_key(der: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    // The public modulus is first, and what follows are the secret numbers, each longer than this step.
    let parts = (der.len() / 3..der.len().saturating_sub(KEY_PART)).step_by(KEY_STEP).map(|at| &der[at..at + KEY_PART]);
    let both = |part: &[u8]| {
        [("as the file has it", part.to_vec()), ("as numbers", part.iter().rev().copied().collect::<Vec<u8>>())]
    };
    parts.flat_map(both).collect()
}

/// Halves of a secret; of a token the middle and the end, since all tokens begin alike.
fn pieces(text: &str) -> Vec<&str> {
    // Secrets and tokens are ASCII; other texts are looked for whole.
    if text.len() < LONG || !text.is_ascii() {
        return vec![text];
    }
    let (first, last) = text.split_at(text.len() / 2);
    let last_start = last.len().saturating_sub(PIECE);
    let middle = if text.len() > 3 * PIECE { &last[..PIECE] } else { first };
    vec![middle, &last[last_start..]]
}

fn of_piece(piece: &str) -> Vec<(&'static str, Vec<u8>)> {
    let [plain, url, wide, base64, hex] = FORMS;
    let encoded = [FORM_DATA, UNRESERVED, NON_ALPHANUMERIC].map(|set| utf8_percent_encode(piece, set).to_string());
    let mut found = vec![(plain, piece.as_bytes().to_vec()), (wide, utf16(piece))];
    for text in encoded.iter().flat_map(|text| [text.clone(), lower_escapes(text)]) {
        found.push((url, utf16(&text)));
        found.push((url, text.into_bytes()));
    }
    for bytes in [piece.as_bytes().to_vec(), utf16(piece)] {
        for text in base64_forms(&bytes) {
            found.push((base64, utf16(&text)));
            found.push((base64, text.into_bytes()));
        }
        for text in hex_forms(&bytes) {
            found.push((hex, utf16(&text)));
            found.push((hex, text.into_bytes()));
        }
    }
    found
}

/// As .NET keeps its strings.
fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// `%2f` for `%2F`.
fn lower_escapes(text: &str) -> String {
    let mut escapes = text.split('%');
    let start = escapes.next().unwrap_or_default().to_owned();
    escapes.fold(start, |done, rest| {
        let (code, rest) = rest.split_at(rest.len().min(2));
        format!("{done}%{}{rest}", code.to_lowercase())
    })
}

/// What base64 of a longer text has in it, wherever in that text the bytes begin; the characters at either end also
/// depend on what is around them, and are left out.
fn base64_forms(bytes: &[u8]) -> Vec<String> {
    let at = |before: usize| {
        let mut padded = vec![0; before];
        padded.extend_from_slice(bytes);
        let keep = (before * 8).div_ceil(6)..padded.len() * 8 / 6;
        [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)].map(|text| text[keep.clone()].to_owned())
    };
    (0..3).flat_map(at).collect()
}

/// How PowerShell's serializer writes a `SecureString` outside Windows.
fn hex_forms(bytes: &[u8]) -> [String; 2] {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    let lower: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    [lower.to_uppercase(), lower]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ab/cd~efgh.ijklmnopqrstuvwxyz0123456789_";

    fn holds(haystack: &[u8], form: &str) -> bool {
        let same = |pattern: &[u8]| haystack.windows(pattern.len()).any(|window| window == pattern);
        patterns(SECRET).iter().any(|(name, pattern)| *name == form && same(pattern))
    }

    #[test]
    fn a_secret_inside_of_a_longer_text_is_found_in_every_form() {
        for before in ["", "x", "xy", "xyz"] {
            let text = format!("{before}{SECRET} and more");
            let escaped = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
            let [hex, _lower] = hex_forms(&utf16(&text));
            assert!(holds(text.as_bytes(), "plain"), "{text}");
            assert!(holds(&utf16(&text), "UTF-16"), "{text}");
            assert!(holds(escaped.as_bytes(), "URL-encoded"), "{escaped}");
            assert!(holds(lower_escapes(&escaped).as_bytes(), "URL-encoded"), "{escaped}");
            assert!(holds(STANDARD_NO_PAD.encode(&text).as_bytes(), "base64"), "{text}");
            assert!(holds(&utf16(&STANDARD_NO_PAD.encode(utf16(&text))), "base64"), "{text}");
            assert!(holds(hex.as_bytes(), "hexadecimal"), "{text}");
        }
    }

    #[test]
    fn a_private_key_is_found_in_either_order_of_its_bytes() {
        let der: Vec<u8> = (0..1200_u16).map(|n| n.wrapping_mul(40_503).to_be_bytes()[0]).collect();
        let reversed: Vec<u8> = der[600..800].iter().rev().copied().collect();
        for memory in [&der[600..800], &reversed] {
            assert!(of_key(&der).iter().any(|(_, part)| memory.windows(part.len()).any(|window| window == part)));
        }
        assert!(!of_key(&der).iter().any(|(_, part)| der[..400].windows(part.len()).any(|window| window == part)));
    }

    #[test]
    fn half_of_a_secret_is_found() {
        let (first, last) = SECRET.split_at(SECRET.len() / 2);
        assert!(holds(first.as_bytes(), "plain") && holds(last.as_bytes(), "plain"));
        assert!(!holds(&SECRET.as_bytes()[1..19], "plain"));
    }

    #[test]
    fn a_token_is_found_by_its_end_and_its_middle_but_not_by_its_start() {
        let token = format!("{}{}", "header.".repeat(20), SECRET.repeat(10));
        let patterns = patterns(&token);
        let has = |text: &str| {
            patterns.iter().any(|(_, pattern)| text.as_bytes().windows(pattern.len()).any(|w| w == pattern))
        };
        assert!(has(&token[token.len() - PIECE..]));
        assert!(!has(&token[..140]));
    }
}
