//! Writes objects as PowerShell's CLIXML, which Windows PowerShell 5.1 and PowerShell 7 read into the same typed values.
//!
//! The format is [MS-PSRP] 2.2.5 (serialization); [`PSSerializer`](https://learn.microsoft.com/dotnet/api/system.management.automation.psserializer)
//! reads it. Secrets have no form here: an object refers to one by its number.

mod document;

use time::OffsetDateTime;

pub(crate) use document::{date_time, duration};
pub use document::{document, documents};

/// An object of a named type with ordered properties.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    type_name: &'static str,
    properties: Vec<(&'static str, Value)>,
}

impl Object {
    /// An object of the type without properties.
    pub fn new(type_name: &'static str) -> Self {
        Self::with_room_for(type_name, 0)
    }

    /// The same, with room for so many.
    pub(crate) fn with_room_for(type_name: &'static str, properties: usize) -> Self {
        Self { type_name, properties: Vec::with_capacity(properties) }
    }

    /// Adds a property; the order is kept. Names must differ: PowerShell keeps one of two alike.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.properties.push((name, value.into()));
        self
    }

    /// The type's name, as format views and scripts know it.
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// The properties in their order.
    pub fn properties(&self) -> &[(&'static str, Value)] {
        &self.properties
    }

    /// The first property of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let mut all = self.properties.iter();
        all.find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `$null`.
    Null,
    /// `[bool]`.
    Bool(bool),
    /// `[int]`.
    I32(i32),
    /// `[long]`.
    I64(i64),
    /// `[uint64]`, as handles are.
    U64(u64),
    /// `[string]`.
    Text(String),
    /// `[string]`, the name of a person, which goes into no log.
    Person(String),
    /// `[datetime]` of kind UTC, to 100 ns. Instants outside of .NET's years 1 to 9999 become its first or last second.
    DateTime(OffsetDateTime),
    /// `[timespan]`, to 100 ns.
    Duration(std::time::Duration),
    /// A list; it arrives as an `ArrayList`, whatever its length.
    List(Vec<Value>),
    /// An object in an object.
    Object(Box<Object>),
    /// Where the secret of that number (see the SECRET event) belongs.
    SecretReference(u32),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::I32(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::I64(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::U64(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<OffsetDateTime> for Value {
    fn from(value: OffsetDateTime) -> Self {
        Self::DateTime(value)
    }
}

impl From<std::time::Duration> for Value {
    fn from(value: std::time::Duration) -> Self {
        Self::Duration(value)
    }
}

impl From<Object> for Value {
    fn from(value: Object) -> Self {
        Self::Object(Box::new(value))
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
