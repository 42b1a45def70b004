//! Values of every kind that the CLIXML writer has, made from bytes: the tests' own, whatever drives them.

use time::{Duration, OffsetDateTime};

use pp_report::clixml::{Object, Value};

const TYPES: [&str; 3] = ["PPFederation.TestA", "PPFederation.TestB", "PPFederation.Test_x0041_<&>"];
/// No two alike, for PowerShell neither: it doesn't tell capitals apart.
const NAMES: [&str; 6] = ["Name", "_x0042_", "a<b>&\"'", "with spaces", "\u{FC}\u{1F511}", "Tab\tand\u{1}"];
const TEXTS: [&str; 8] = [
    "_x0041_",
    "_X005F_x",
    "\r\n\t\0",
    "\u{1F511}\u{10FFFF}",
    "\u{D7FF}\u{E000}\u{FFFE}\u{FFFF}",
    "<![CDATA[&amp;]]>",
    "1ece8d08-e7ee-40be-ad4e-337a625efd79",
    " \u{85}\u{2028}\u{FEFF} ",
];
/// Lists and objects within each other.
const DEEPEST: u8 = 4;
/// 1 January of the year 2, and the seconds to the end of the year 9998: what .NET holds in every time zone.
const FIRST_SECOND: i64 = -62_104_060_800;
const SECONDS: u64 = 315_505_670_400;

/// Objects of the bytes, until there are none left.
pub(crate) fn objects(bytes: &[u8]) -> Vec<Object> {
    let mut source = Source(bytes);
    let mut objects = Vec::new();
    while !source.0.is_empty() {
        objects.push(source.object(0));
    }
    objects
}

/// Bytes that are used up; after the last one, zeros.
struct Source<'b>(&'b [u8]);

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    fn number(&mut self) -> u64 {
        // Extremes are as likely as all the rest.
        match self.byte() {
            0 => 0,
            1 => u64::MAX,
            2 => i64::MAX.unsigned_abs(),
            3 => i64::MAX.unsigned_abs() + 1,
            _ => (0..8).fold(0, |number, _| number << 8 | u64::from(self.byte())),
        }
    }

    fn object(&mut self, depth: u8) -> Object {
        let object = Object::new(TYPES[self.below(TYPES.len())]);
        let count = self.below(NAMES.len() + 1);
        NAMES[..count].iter().fold(object, |object, name| object.with(name, self.value(depth + 1)))
    }

    fn value(&mut self, depth: u8) -> Value {
        let kinds = if depth < DEEPEST { 12 } else { 10 };
        match self.below(kinds) {
            0 => Value::Null,
            1 => Value::Bool(self.byte() % 2 == 1),
            2 => Value::I32(i32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()])),
            3 => Value::I64(self.number().cast_signed()),
            4 => Value::U64(self.number()),
            5 | 6 => Value::Text(self.text()),
            7 => Value::DateTime(self.instant()),
            8 => Value::SecretReference(u32::from(self.byte())),
            9 => Value::Duration(std::time::Duration::from_millis(self.number() >> 16)),
            10 => Value::List((0..self.below(4)).map(|_| self.value(depth + 1)).collect()),
            _ => Value::Object(Box::new(self.object(depth))),
        }
    }

    fn text(&mut self) -> String {
        let parts = self.below(4);
        (0..parts).map(|_| self.part()).collect()
    }

    fn part(&mut self) -> String {
        match self.below(4) {
            0 => TEXTS[self.below(TEXTS.len())].to_owned(),
            1 => {
                let taken = self.below(16).min(self.0.len());
                let (text, rest) = self.0.split_at(taken);
                self.0 = rest;
                String::from_utf8_lossy(text).into_owned()
            }
            _ => {
                let code = u32::from_le_bytes([self.byte(), self.byte(), self.byte() % 17, 0]);
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).to_string()
            }
        }
    }

    /// To 100 ns, which is as exact as .NET is.
    fn instant(&mut self) -> OffsetDateTime {
        let second = (self.number() % SECONDS).cast_signed() + FIRST_SECOND;
        let ticks = (self.number() % 10_000_000).cast_signed();
        let instant = OffsetDateTime::from_unix_timestamp(second).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        instant.saturating_add(Duration::nanoseconds(ticks * 100))
    }
}
