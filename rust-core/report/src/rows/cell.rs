//! What a row can have in its columns.

use std::time::Duration;

use time::OffsetDateTime;

use super::Row;
use crate::clixml::{Object, Value};

/// One column of a type of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The property's name.
    pub name: &'static str,
    /// What is in it.
    pub kind: Kind,
    /// It may be `$null`.
    pub optional: bool,
    /// What it says.
    pub about: String,
    /// The bridge knows it and not the library: its class has the property of its own.
    pub of_bridge: bool,
}

/// The kinds of what is in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `[string]`.
    Text,
    /// `[bool]`.
    Flag,
    /// `[int]`.
    Int,
    /// `[long]`.
    Long,
    /// `[uint64]`.
    Number,
    /// `[datetime]`.
    Instant,
    /// `[timespan]`.
    Duration,
    /// A list of strings.
    Texts,
    /// Rows of the type of this name.
    Rows(&'static str),
    /// Rows of whatever type.
    AnyRows,
    /// `[securestring]`.
    Secret,
}

/// A value that fills one column.
pub trait Cell: Into<Value> {
    /// What kind it is.
    const KIND: Kind;
    /// Whether there may be none.
    const OPTIONAL: bool = false;
}

/// What fills one column of a row, or some that always come together.
pub trait Cells: Sized {
    /// The columns: one of that name and meaning, or the value's own.
    fn columns(name: &'static str, about: &str) -> Vec<Column>;

    /// The object with them.
    fn put(self, name: &'static str, object: Object) -> Object;
}

impl<C: Cell> Cells for C {
    fn columns(name: &'static str, about: &str) -> Vec<Column> {
        vec![Column { name, kind: C::KIND, optional: C::OPTIONAL, about: about.to_owned(), of_bridge: false }]
    }

    fn put(self, name: &'static str, object: Object) -> Object {
        object.with(name, self)
    }
}

/// Whose a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The tenant's id.
    pub id: String,
    /// The organization's display name, once one read has shown it.
    pub name: Option<String>,
}

impl Cells for Tenant {
    fn columns(_name: &'static str, _about: &str) -> Vec<Column> {
        let name = "The organization's display name; empty until the tenant was read.";
        [
            <String as Cells>::columns("TenantId", "The tenant's id."),
            <Option<String> as Cells>::columns("TenantName", name),
        ]
        .concat()
    }

    fn put(self, _name: &'static str, object: Object) -> Object {
        object.with("TenantId", self.id).with("TenantName", self.name)
    }
}

/// What a connection is in the session that holds it, at the moment it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InSession;

impl Cells for InSession {
    fn columns(_name: &'static str, _about: &str) -> Vec<Column> {
        let state = "Open, Expired (its token can't be renewed and has ended by this computer's clock: whether it has is for the service to \
            say) or Closed, at the moment it is looked at.";
        let default = "Whether cmdlets without -Connection use it, at the moment it is looked at.";
        let columns = [<String as Cells>::columns("State", state), <bool as Cells>::columns("IsDefault", default)];
        columns.into_iter().flatten().map(|column| Column { of_bridge: true, ..column }).collect()
    }

    fn put(self, _name: &'static str, object: Object) -> Object {
        object
    }
}

/// The number of a secret that was handed over, where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret(pub Option<u32>);

impl From<Secret> for Value {
    fn from(secret: Secret) -> Self {
        secret.0.map_or(Self::Null, Self::SecretReference)
    }
}

impl Cell for Secret {
    const KIND: Kind = Kind::Secret;
    const OPTIONAL: bool = true;
}

/// The name that a person signs in with: in objects, and in no log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person(pub String);

impl From<Person> for Value {
    fn from(person: Person) -> Self {
        Self::Person(person.0)
    }
}

impl Cell for Person {
    const KIND: Kind = Kind::Text;
}

/// Names of people, and of what else is named beside them: in objects, and in no log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People(pub Vec<String>);

impl From<People> for Value {
    fn from(people: People) -> Self {
        Self::List(people.0.into_iter().map(Self::Person).collect())
    }
}

impl Cell for People {
    const KIND: Kind = Kind::Texts;
}

impl<C: Cell> Cell for Option<C> {
    const KIND: Kind = C::KIND;
    const OPTIONAL: bool = true;
}

impl Cell for Vec<Object> {
    const KIND: Kind = Kind::AnyRows;
}

macro_rules! cells {
    ($($type:ty: $kind:ident),+ $(,)?) => {
        $(impl Cell for $type {
            const KIND: Kind = Kind::$kind;
        })+
    };
}

cells! {
    String: Text,
    &'static str: Text,
    bool: Flag,
    i32: Int,
    i64: Long,
    u64: Number,
    OffsetDateTime: Instant,
    Duration: Duration,
    Vec<String>: Texts,
    Vec<&'static str>: Texts,
}

impl<R: Row> Cell for Vec<R> {
    const KIND: Kind = Kind::Rows(R::TYPE_NAME);
}

impl<R: Row> From<R> for Value {
    fn from(row: R) -> Self {
        row.to_object().into()
    }
}
