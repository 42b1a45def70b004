//! The rows that ops give back: each is defined once, with its type name, columns, their types and what they mean. From that
//! come the objects that leave ([`Row::to_object`]), the classes of the bridge and the views ([`shown`]).

mod cell;
mod fleet;
mod ledger;
mod of_ops;
mod run_result;
mod table;

use crate::clixml::Object;

pub use cell::{Cell, Cells, Column, InSession, Kind, People, Person, Secret, Tenant};
pub use fleet::within::{FleetAsked, FleetBegun, FleetFailure, FleetQuestion};
pub use fleet::{CustomerTenant, FleetResult};
pub use ledger::LedgerEntry;
pub use of_ops::{Opened, OpenedReport, PlannedChange, Rotation, TestResult};
pub use run_result::{RunOutcome, StepColumns, step_column};
pub use table::{
    App, AttributeBackup, AttributeDifference, AttributeOwnership, ClientSecret, Connection, DirSync, HandoverItem,
    MergedScript, Permission, PlanItem, ProvisioningScript, RestoredAttribute, RunResult, ScriptResult, SecretRemoval,
    SignInClient, Status, StepPermission, StepResult, TakenBack, UnclaimedSecret,
};

/// A row of one type.
pub trait Row: Sized {
    /// The type's name, as views and scripts know it.
    const TYPE_NAME: &'static str;
    /// What a row of the type is, in a sentence.
    const ABOUT: &'static str;
    /// Whether its rows are people: they go into no log.
    const OF_PEOPLE: bool = false;

    /// Its columns in their order.
    fn columns() -> Vec<Column>;

    /// The row as an object.
    fn to_object(self) -> Object;

    /// The definition as a value.
    fn definition() -> RowType {
        RowType { name: Self::TYPE_NAME, about: Self::ABOUT.trim(), columns: Self::columns() }
    }
}

/// What there is to know of a type of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowType {
    /// The full name, `PPFederation.Xxx`.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// The columns in their order.
    pub columns: Vec<Column>,
}

/// The types of all rows that leave a cmdlet, by name.
pub fn shown() -> Vec<RowType> {
    vec![
        App::definition(),
        AttributeBackup::definition(),
        AttributeDifference::definition(),
        AttributeOwnership::definition(),
        ClientSecret::definition(),
        Connection::definition(),
        CustomerTenant::definition(),
        DirSync::definition(),
        FleetResult::definition(),
        HandoverItem::definition(),
        LedgerEntry::definition(),
        MergedScript::definition(),
        Permission::definition(),
        PlanItem::definition(),
        ProvisioningScript::definition(),
        RestoredAttribute::definition(),
        RunResult::definition(),
        ScriptResult::definition(),
        SecretRemoval::definition(),
        SignInClient::definition(),
        Status::definition(),
        StepPermission::definition(),
        StepResult::definition(),
        TakenBack::definition(),
        UnclaimedSecret::definition(),
    ]
}

impl<R: Row> From<R> for Object {
    fn from(row: R) -> Self {
        row.to_object()
    }
}

/// Makes types of rows: `/// What it is.` `Type { /// What the column says. field: type => "Column", }`; `Type of people {` of such
/// as are people.
macro_rules! rows {
    ($($(#[doc = $about:literal])+ $name:ident $(of $people:ident)? { $($(#[doc = $help:literal])+ $field:ident: $kind:ty => $column:literal,)+ })+) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone)]
            pub struct $name {
                $($(#[doc = $help])+ pub $field: $kind,)+
            }

            impl $crate::rows::Row for $name {
                const TYPE_NAME: &'static str = concat!("PPFederation.", stringify!($name));
                const ABOUT: &'static str = concat!($($about),+);
                const OF_PEOPLE: bool = !concat!("" $(, stringify!($people))?).is_empty();

                fn columns() -> Vec<$crate::rows::Column> {
                    let columns = [$(<$kind as $crate::rows::Cells>::columns($column, concat!($($help),+).trim())),+];
                    columns.into_iter().flatten().collect()
                }

                fn to_object(self) -> $crate::clixml::Object {
                    let object = $crate::clixml::Object::with_room_for(Self::TYPE_NAME, [$($column),+].len() + 1);
                    $(let object = $crate::rows::Cells::put(self.$field, $column, object);)+
                    object
                }
            }
        )+
    };
}
use rows;
