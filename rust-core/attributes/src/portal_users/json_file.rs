//! The portal's users from JSON: a list of objects, one object after the other (JSON Lines), or the answer to a query of the portal, whose
//! objects lie in `Results`, each in a `Row`. Source of that shape: `../RedRock/query` of Centrify's and `CyberArk`'s samples. A query pages:
//! how many rows it has altogether is the `FullCount` beside `Results`.

use std::fmt;
use std::io::BufRead;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::mapping::{Mapping, Overrides};
use super::pairs::{Pair, Pairs};
use super::{MAX_USER, ReadError};
use crate::portal_user::PortalUser;

/// The file from its first user on.
pub(super) struct JsonFile<R> {
    scan: Scan<R>,
    is_list: bool,
    /// How many braces and brackets are open around the list, to see that the file is whole.
    around: usize,
    /// How many users there are, where an answer says so.
    full_count: Option<u64>,
    first: Option<PortalUser>,
    pairs: Pairs,
    place: u64,
}

impl<R: BufRead> JsonFile<R> {
    /// `line` is how many lines were left out before.
    pub(super) fn open(input: R, line: u64, overrides: &Overrides) -> Result<Self, ReadError> {
        let scan = Scan { input, line: line + 1, column: 0 };
        let pairs = Pairs::new(overrides.clone());
        let mut file = Self { scan, is_list: false, around: 0, full_count: None, first: None, pairs, place: 0 };
        file.begin()?;
        let first = file.read()?.ok_or(ReadError::NoUsers)?;
        file.first = Some(first);
        Ok(file)
    }

    /// Finds out which of the three shapes it is.
    fn begin(&mut self) -> Result<(), ReadError> {
        if self.scan.blank()? == Some(b'[') {
            self.scan.byte()?;
            (self.is_list, self.around) = (true, 1);
            return Ok(());
        }
        let mut object = Object::new(&self.scan);
        self.is_list = object.scan(&mut self.scan, true)?;
        self.around = object.open;
        self.full_count = object.full_count(self.around);
        if !self.is_list {
            self.first = Some(self.user(&object)?);
        }
        Ok(())
    }

    pub(super) fn mapping(&self) -> &Mapping {
        self.pairs.mapping()
    }

    /// The next user. An object without any value is none.
    fn read(&mut self) -> Result<Option<PortalUser>, ReadError> {
        loop {
            match self.object()? {
                Some(blank) if blank.attributes.is_empty() => {}
                read => return Ok(read),
            }
        }
    }

    fn object(&mut self) -> Result<Option<PortalUser>, ReadError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        if self.is_list && self.around == 0 {
            return Ok(None);
        }
        match self.scan.blank()? {
            Some(b',') if self.is_list && self.place > 0 => {
                self.scan.byte()?;
                self.scan.blank()?;
            }
            Some(b']') if self.is_list => return self.close().map(|()| None),
            None if !self.is_list => return Ok(None),
            Some(_) if self.is_list && self.place > 0 => {
                return Err(self.scan.wrong("a comma or the list's end was expected"));
            }
            _ => {}
        }
        let mut object = Object::new(&self.scan);
        object.scan(&mut self.scan, false)?;
        self.user(&object).map(Some)
    }

    /// What stands behind the list: what closes what is around it, and nothing more.
    fn close(&mut self) -> Result<(), ReadError> {
        let mut rest = Object::new(&self.scan);
        rest.open = self.around;
        rest.scan(&mut self.scan, false)?;
        let full_count = rest.full_count(self.around).or(self.full_count);
        self.around = 0;
        if self.scan.blank()?.is_some() {
            return Err(self.scan.wrong("something stands behind the end of the list"));
        }
        match full_count.filter(|all| *all > self.place) {
            None => Ok(()),
            Some(all) => Err(ReadError::Page { users: self.place, all }),
        }
    }

    fn user(&mut self, object: &Object) -> Result<PortalUser, ReadError> {
        self.place += 1;
        let Row(pairs) = serde_json::from_slice(&object.text).map_err(|error| object.wrong(&error))?;
        self.pairs.user(self.place, &pairs)
    }
}

impl<R: BufRead> Iterator for JsonFile<R> {
    type Item = Result<PortalUser, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// The bytes, one by one, with their place.
struct Scan<R> {
    input: R,
    line: u64,
    column: u64,
}

impl<R: BufRead> Scan<R> {
    fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        Ok(self.input.fill_buf()?.first().copied())
    }

    fn byte(&mut self) -> Result<Option<u8>, ReadError> {
        let Some(byte) = self.peek()? else { return Ok(None) };
        self.input.consume(1);
        self.column += 1;
        if byte == b'\n' {
            (self.line, self.column) = (self.line + 1, 0);
        }
        Ok(Some(byte))
    }

    /// The first byte that isn't blank, unread.
    fn blank(&mut self) -> Result<Option<u8>, ReadError> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.byte()?;
        }
        self.peek()
    }

    fn wrong(&self, what: &str) -> ReadError {
        ReadError::Json { line: self.line, column: self.column + 1, what: what.to_owned() }
    }
}

/// One object, as text.
struct Object {
    text: Vec<u8>,
    open: usize,
    /// The last number that is called `FullCount`, and how many braces and brackets are open around it.
    count: Option<(usize, u64)>,
    line: u64,
    column: u64,
}

impl Object {
    fn new<R>(scan: &Scan<R>) -> Self {
        Self { text: Vec::new(), open: 0, count: None, line: scan.line, column: scan.column }
    }

    /// Reads up to what closes it. Of the first object of a file: only up to the list of an answer's `Results`, if there is one; whether
    /// there was.
    fn scan<R: BufRead>(&mut self, scan: &mut Scan<R>, is_first: bool) -> Result<bool, ReadError> {
        let (mut key, mut text, mut value) = (Vec::new(), Vec::new(), 0);
        if self.open == 0 && scan.peek()? != Some(b'{') {
            return Err(scan.wrong("a user was expected, as an object in braces"));
        }
        loop {
            match self.take(scan)? {
                b'"' => text = self.string(scan)?,
                b':' => (key, value) = (std::mem::take(&mut text), self.text.len()),
                b'[' if is_first && self.open <= 2 && key == b"Results" => {
                    self.open += 1;
                    return Ok(true);
                }
                b'{' | b'[' => self.open += 1,
                b'}' | b']' => {
                    self.count(&key, value);
                    self.open -= 1;
                }
                b',' => {
                    self.count(&key, value);
                    key.clear();
                }
                _ => {}
            }
            if self.open == 0 {
                return Ok(false);
            }
        }
    }

    /// Notes what `FullCount` is, whose value begins there and ends with the last byte: a number, which may stand in quotes. What is
    /// something else says nothing.
    fn count(&mut self, key: &[u8], value: usize) {
        let text = if key == b"FullCount" { self.text.get(value..self.text.len() - 1) } else { None };
        let number = text.and_then(|text| std::str::from_utf8(text).ok()?.trim().trim_matches('"').parse().ok());
        self.count = number.map(|number| (self.open, number)).or(self.count);
    }

    /// The `FullCount` beside a list that so many braces and brackets are open around.
    fn full_count(&self, around: usize) -> Option<u64> {
        self.count.filter(|(open, _)| open + 1 == around).map(|(_, number)| number)
    }

    fn string<R: BufRead>(&mut self, scan: &mut Scan<R>) -> Result<Vec<u8>, ReadError> {
        let begin = self.text.len();
        loop {
            match self.take(scan)? {
                b'\\' => {
                    self.take(scan)?;
                }
                b'"' => return Ok(self.text[begin..self.text.len() - 1].to_vec()),
                _ => {}
            }
        }
    }

    fn take<R: BufRead>(&mut self, scan: &mut Scan<R>) -> Result<u8, ReadError> {
        let Some(byte) = scan.byte()? else { return Err(scan.wrong("the file ends within a user: it was cut off")) };
        self.text.push(byte);
        if self.text.len() > MAX_USER {
            return Err(ReadError::TooLong { line: self.line });
        }
        Ok(byte)
    }

    /// An error of the parser, at its place in the file.
    fn wrong(&self, error: &serde_json::Error) -> ReadError {
        let within = error.column() as u64;
        let column = if error.line() == 1 { self.column + within } else { within };
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        ReadError::Json { line: self.line + (error.line() as u64).saturating_sub(1), column, what }
    }
}

/// An object's pairs, a name that is there twice included. Of what the portal wraps in a `Row`, those of that.
struct Row(Vec<Pair>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a user")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut pairs = Vec::new();
        let mut row = None;
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            match value {
                Value::Object(inner) if name == "Row" => {
                    row = Some(inner.into_iter().map(|(name, value)| pair(name, value)).collect());
                }
                value => pairs.push(pair(name, value)),
            }
        }
        Ok(Row(row.unwrap_or(pairs)))
    }
}

/// A value as a cell; a list or an object is an empty one.
fn pair(name: String, value: Value) -> Pair {
    let (text, other) = match value {
        Value::String(text) => (text, None),
        Value::Bool(_) | Value::Number(_) => (value.to_string(), None),
        Value::Array(values) if !values.is_empty() => (String::new(), Some("a list")),
        Value::Object(values) if !values.is_empty() => (String::new(), Some("an object")),
        Value::Null | Value::Array(_) | Value::Object(_) => (String::new(), None),
    };
    Pair { name, text, other: other.map(str::to_owned) }
}
