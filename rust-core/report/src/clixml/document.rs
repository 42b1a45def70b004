//! The writer: documents, their size, and how values are spelled.

use std::fmt::Write as _;

use time::{OffsetDateTime, UtcOffset};

use super::{Object, Value};

const HEAD: &str = r#"<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">"#;
const TAIL: &str = "</Objs>";

/// Bytes that a row with ids and names takes.
const USUAL_ROW: usize = 512;

/// The type of the object that stands where a secret belongs.
const SECRET_REFERENCE: &str = "PPFederation.SecretReference";

/// One CLIXML document of the objects.
pub fn document(objects: &[Object]) -> Vec<u8> {
    let mut document = Document::new();
    for object in objects {
        document.push(object);
    }
    document.finish()
}

/// Cuts objects into documents of at most `limit` bytes, in order. An object that is larger on its own can't be cut and
/// gets a document of its own.
pub fn documents(objects: &[Object], limit: usize) -> Vec<Vec<u8>> {
    let mut done = Vec::new();
    let mut current = Document::with_room_for(objects.len(), limit);
    for object in objects {
        let before = current.mark();
        current.push(object);
        if current.len() > limit && before.next_id > 0 {
            current.cut_back(&before);
            let next = Document::with_room_for(objects.len(), limit);
            done.push(std::mem::replace(&mut current, next).finish());
            current.push(object);
        }
    }
    if current.next_id > 0 {
        done.push(current.finish());
    }
    done
}

/// A document under construction.
struct Document {
    xml: String,
    /// The next `RefId` of an object.
    next_id: usize,
    /// The types that are spelled out; a type's `RefId` is its place here.
    types: Vec<&'static str>,
}

/// Where a document stood, to cut it back to.
struct Mark {
    length: usize,
    next_id: usize,
    types: usize,
}

impl Document {
    fn new() -> Self {
        Self { xml: HEAD.to_owned(), next_id: 0, types: Vec::new() }
    }

    /// One that needn't move, nor be wiped where it was, while so many rows of usual length go into it.
    fn with_room_for(rows: usize, limit: usize) -> Self {
        let mut document = Self::new();
        document.xml.reserve(rows.saturating_mul(USUAL_ROW).min(limit));
        document
    }

    fn len(&self) -> usize {
        self.xml.len() + TAIL.len()
    }

    fn mark(&self) -> Mark {
        Mark { length: self.xml.len(), next_id: self.next_id, types: self.types.len() }
    }

    fn cut_back(&mut self, mark: &Mark) {
        self.xml.truncate(mark.length);
        self.next_id = mark.next_id;
        self.types.truncate(mark.types);
    }

    fn finish(mut self) -> Vec<u8> {
        self.xml.push_str(TAIL);
        self.xml.into_bytes()
    }

    fn push(&mut self, object: &Object) {
        self.object(None, object);
    }

    fn object(&mut self, name: Option<&str>, object: &Object) {
        self.open_object(name);
        self.type_names(object.type_name);
        self.xml.push_str("<MS>");
        for (name, value) in &object.properties {
            self.value(Some(name), value);
        }
        self.xml.push_str("</MS></Obj>");
    }

    fn open_object(&mut self, name: Option<&str>) {
        let id = self.next_id;
        self.next_id += 1;
        self.xml.push_str("<Obj");
        self.name(name);
        self.push_fmt(format_args!(r#" RefId="{id}">"#));
    }

    /// The first object of a type spells its names out, the later ones refer to them.
    fn type_names(&mut self, type_name: &'static str) {
        let known = self.types.iter().position(|known| *known == type_name);
        if let Some(id) = known {
            self.push_fmt(format_args!(r#"<TNRef RefId="{id}" />"#));
            return;
        }
        let id = self.types.len();
        self.types.push(type_name);
        self.push_fmt(format_args!(r#"<TN RefId="{id}"><T>"#));
        self.escaped(type_name);
        self.xml.push_str("</T><T>System.Management.Automation.PSCustomObject</T><T>System.Object</T></TN>");
    }

    fn value(&mut self, name: Option<&str>, value: &Value) {
        match value {
            Value::Null => {
                self.xml.push_str("<Nil");
                self.name(name);
                self.xml.push_str(" />");
            }
            Value::Bool(value) => self.element("B", name, if *value { "true" } else { "false" }),
            Value::I32(value) => self.element("I32", name, &value.to_string()),
            Value::I64(value) => self.element("I64", name, &value.to_string()),
            Value::U64(value) => self.element("U64", name, &value.to_string()),
            Value::Text(value) | Value::Person(value) => self.element("S", name, value),
            Value::DateTime(value) => self.element("DT", name, &date_time(*value)),
            Value::Duration(value) => self.element("TS", name, &duration(*value)),
            Value::List(values) => self.list(name, values),
            Value::Object(object) => self.object(name, object),
            Value::SecretReference(number) => self.object(name, &secret_reference(*number)),
        }
    }

    /// A list inside `MS` must be wrapped: a bare `LST` there is refused.
    fn list(&mut self, name: Option<&str>, values: &[Value]) {
        self.open_object(name);
        self.xml.push_str("<LST>");
        for value in values {
            self.value(None, value);
        }
        self.xml.push_str("</LST></Obj>");
    }

    fn element(&mut self, tag: &str, name: Option<&str>, text: &str) {
        self.xml.push('<');
        self.xml.push_str(tag);
        self.name(name);
        self.xml.push('>');
        self.escaped(text);
        self.xml.push_str("</");
        self.xml.push_str(tag);
        self.xml.push('>');
    }

    fn name(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            self.xml.push_str(r#" N=""#);
            self.escaped(name);
            self.xml.push('"');
        }
    }

    fn escaped(&mut self, text: &str) {
        // Nearly all of it: a million users are listed in the time of their bytes.
        if text.bytes().all(|byte| PLAIN[usize::from(byte)]) {
            self.xml.push_str(text);
            return;
        }
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '<' => self.xml.push_str("&lt;"),
                '>' => self.xml.push_str("&gt;"),
                '&' => self.xml.push_str("&amp;"),
                '"' => self.xml.push_str("&quot;"),
                // The reader takes `_x` or `_X` for the start of an escape.
                '_' if matches!(rest.peek(), Some('x' | 'X')) => self.xml.push_str("_x005F_"),
                other if must_be_escaped(other) => {
                    self.push_fmt(format_args!("_x{:04X}_", u32::from(other)));
                }
                other => self.xml.push(other),
            }
        }
    }

    fn push_fmt(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a String can't fail.
        let _ = self.xml.write_fmt(arguments);
    }
}

/// Which bytes are characters of ASCII that stand for themselves wherever they are.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = !matches!(byte, b'<' | b'>' | b'&' | b'"' | b'_');
        byte += 1;
    }
    plain
};

/// Control characters and the two non-characters of the first plane, which XML doesn't allow. A `char` is never half a pair.
fn must_be_escaped(character: char) -> bool {
    character.is_control() || matches!(character, '\u{FFFE}' | '\u{FFFF}')
}

fn secret_reference(number: u32) -> Object {
    let number = i32::try_from(number).unwrap_or(i32::MAX);
    Object::new(SECRET_REFERENCE).with("secret", number)
}

/// ISO 8601 in UTC with `Z` and up to 7 digits of a second, which is all that .NET keeps.
pub(crate) fn date_time(instant: OffsetDateTime) -> String {
    let Some(utc) = instant.checked_to_offset(UtcOffset::UTC) else {
        return bound(instant).to_owned();
    };
    if !(1..=9999).contains(&utc.year()) {
        return bound(utc).to_owned();
    }
    let (date, clock) = (utc.date(), utc.time());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let (hour, minute, second) = clock.as_hms();
    let fraction = format!(".{:07}", clock.nanosecond() / 100);
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// ISO 8601 with days, since .NET reads no part beyond 31 bits, and the 7 digits of a second that it keeps. What is longer than
/// it knows becomes the longest it does.
pub(crate) fn duration(span: std::time::Duration) -> String {
    const LONGEST_SECONDS: u64 = 922_337_203_685;
    let seconds = span.as_secs().min(LONGEST_SECONDS - 1);
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hours, minute) = (minutes / 60, minutes % 60);
    format!("P{}DT{}H{minute}M{second}.{:07}S", hours / 24, hours % 24, span.subsec_nanos() / 100)
}

fn bound(instant: OffsetDateTime) -> &'static str {
    if instant.year() > 5000 { "9999-12-31T23:59:59Z" } else { "0001-01-01T00:00:00Z" }
}
