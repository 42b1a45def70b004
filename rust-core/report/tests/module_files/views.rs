//! What the views of each type show. What is not said here comes from the definitions of the rows: a list has every column.
//!
//! A table has to fit 80 columns with its ids whole: an id is 36 wide, and what has room for it is [`Shown::Text`], which gets
//! what the others leave. Longer texts are in the list alone.

/// One column of a table: its property, how it is shown, and how wide it is; without a width it shares what is left.
pub(crate) struct TableColumn(pub(crate) &'static str, pub(crate) Shown, pub(crate) Option<u16>);

/// How a value is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As it is.
    Plain,
    /// A sentence; the ids in it stay whole.
    Text,
    /// The day of an instant.
    Day,
    /// An instant to the minute, with its offset.
    Instant,
    /// How something stands, in the colour for it.
    State,
    /// The beginning of a sentence, in a line: a list has the rest.
    Line,
    /// Texts in a line each.
    Lines,
    /// That there is a secret, and what shows it.
    Secret,
    /// Texts with semicolons between them.
    Joined,
}

/// The views of one type.
pub(crate) struct Views {
    pub(crate) of: &'static str,
    /// The list is what is shown without being asked for.
    pub(crate) list_first: bool,
    /// The table is grouped by tenant, and a list that hides whose its rows are; otherwise the tenant is in the columns, or
    /// there is none.
    pub(crate) grouped: bool,
    pub(crate) table: &'static [TableColumn],
    /// Columns that a list leaves out where they are empty.
    pub(crate) if_any: &'static [&'static str],
    /// Columns that a list leaves out.
    pub(crate) hidden: &'static [&'static str],
}

const fn views(of: &'static str, table: &'static [TableColumn]) -> Views {
    Views { of, list_first: false, grouped: true, table, if_any: &[], hidden: &[] }
}

use Shown::{Day, Instant, Joined, Line, Plain, State, Text};

/// Columns whose sentences may have ids in them.
pub(crate) const SENTENCES: &[&str] = &[
    "Action", "Before", "After", "Change", "Detail", "Effect", "Evidence", "Note", "Place", "Reason", "Request",
    "Value",
];

/// Columns of which each text is a line of its own.
pub(crate) const LINES: &[&str] = &["Absent", "Added", "SyncedObjects", "Trace", "Undocumented", "Written"];

/// Columns that say how something stands.
pub(crate) const STATES: &[&str] = &["Result", "State", "Status"];

const SECRET: &[&str] = &["SecretId", "SecretEndDateTime", "ClientSecret", "SecretSink", "SecretLocation"];

/// All of them, by name.
pub(crate) const VIEWS: &[Views] = &[
    Views {
        grouped: false,
        ..views(
            "CustomerTenant",
            &[
                TableColumn("TenantName", Plain, Some(27)),
                TableColumn("TenantId", Plain, Some(36)),
                TableColumn("State", Plain, None),
            ],
        )
    },
    Views {
        grouped: false,
        if_any: &["Warnings", "ErrorId", "ErrorMessage", "Advice", "SecretId", "SecretLocation", "Path"],
        hidden: &["Rows"],
        ..views(
            "FleetResult",
            &[
                TableColumn("TenantName", Plain, Some(27)),
                TableColumn("Result", State, Some(8)),
                TableColumn("Detail", Line, None),
            ],
        )
    },
    Views {
        list_first: true,
        grouped: false,
        if_any: SECRET,
        ..views(
            "App",
            &[
                TableColumn("TenantName", Plain, None),
                TableColumn("AppId", Plain, Some(36)),
                TableColumn("SecretEndDateTime", Day, Some(17)),
            ],
        )
    },
    Views {
        list_first: true,
        grouped: false,
        ..views(
            "AttributeBackup",
            &[
                TableColumn("TenantName", Plain, None),
                TableColumn("Users", Plain, Some(8)),
                TableColumn("Time", Instant, Some(23)),
                TableColumn("Path", Plain, None),
            ],
        )
    },
    views(
        "AttributeDifference",
        &[
            TableColumn("Severity", State, Some(10)),
            TableColumn("UserPrincipalName", Plain, None),
            TableColumn("Attribute", Plain, Some(21)),
            TableColumn("Before", Text, None),
            TableColumn("After", Text, None),
        ],
    ),
    Views {
        grouped: false,
        ..views(
            "AttributeOwnership",
            &[
                TableColumn("Attribute", Plain, Some(24)),
                TableColumn("GraphProperty", Plain, Some(21)),
                TableColumn("Owner", Plain, Some(15)),
                TableColumn("Effect", Text, None),
            ],
        )
    },
    views(
        "ClientSecret",
        &[
            TableColumn("Name", Plain, None),
            TableColumn("KeyId", Plain, Some(36)),
            TableColumn("EndDateTime", Day, Some(11)),
            TableColumn("DaysLeft", Plain, Some(8)),
            TableColumn("State", State, Some(11)),
        ],
    ),
    Views {
        list_first: true,
        grouped: false,
        if_any: &["User"],
        hidden: &["Steps"],
        ..views(
            "Connection",
            &[
                TableColumn("TenantName", Plain, None),
                TableColumn("TenantId", Plain, Some(36)),
                TableColumn("State", Plain, Some(7)),
                TableColumn("IsDefault", Plain, Some(9)),
            ],
        )
    },
    Views {
        list_first: true,
        grouped: false,
        ..views(
            "DirSync",
            &[
                TableColumn("TenantName", Plain, None),
                TableColumn("TenantId", Plain, Some(36)),
                TableColumn("State", State, Some(8)),
                TableColumn("SyncedUsers", Plain, Some(11)),
            ],
        )
    },
    Views {
        list_first: true,
        if_any: &["Note"],
        hidden: &["TenantId", "TenantName"],
        ..views(
            "HandoverItem",
            &[
                TableColumn("Order", Plain, Some(5)),
                TableColumn("Field", Plain, Some(20)),
                TableColumn("Value", Text, None),
            ],
        )
    },
    Views {
        grouped: false,
        if_any: &["Secrets", "ErrorId", "Error", "Passes", "Detail"],
        ..views(
            "LedgerEntry",
            &[
                TableColumn("TenantName", Plain, None),
                TableColumn("Action", Plain, Some(8)),
                TableColumn("State", State, Some(6)),
                TableColumn("Since", Instant, Some(23)),
                TableColumn("Tries", Plain, Some(5)),
            ],
        )
    },
    Views {
        list_first: true,
        grouped: false,
        if_any: &["Added", "Path"],
        ..views(
            "MergedScript",
            &[
                TableColumn("Result", State, Some(12)),
                TableColumn("Line", Plain, Some(5)),
                TableColumn("Script", Plain, None),
            ],
        )
    },
    views(
        "Permission",
        &[
            TableColumn("Name", Plain, None),
            TableColumn("Type", Plain, Some(11)),
            TableColumn("Declared", Plain, Some(8)),
            TableColumn("Status", State, Some(10)),
        ],
    ),
    Views {
        if_any: &["Reason", "PlanHash"],
        ..views(
            "PlanItem",
            &[
                TableColumn("Step", Plain, Some(19)),
                TableColumn("Change", Text, None),
                TableColumn("Reversible", Plain, Some(10)),
            ],
        )
    },
    Views {
        list_first: true,
        grouped: false,
        ..views(
            "ProvisioningScript",
            &[TableColumn("UsageLocation", Plain, Some(13)), TableColumn("Script", Plain, None)],
        )
    },
    Views {
        if_any: &["Reason"],
        ..views(
            "RestoredAttribute",
            &[
                TableColumn("Result", State, Some(8)),
                TableColumn("UserPrincipalName", Text, Some(17)),
                TableColumn("Attribute", Plain, Some(21)),
                TableColumn("Before", Text, None),
                TableColumn("After", Text, None),
            ],
        )
    },
    Views {
        if_any: SECRET,
        grouped: false,
        ..views(
            "RunResult",
            &[
                TableColumn("TenantName", Plain, None),
                TableColumn("Result", State, Some(12)),
                TableColumn("Detail", Text, None),
            ],
        )
    },
    Views {
        grouped: false,
        if_any: &["Written", "Trace", "Error", "Line", "Column", "Absent", "Undocumented", "Varying"],
        ..views(
            "ScriptResult",
            &[
                TableColumn("Place", Plain, Some(6)),
                TableColumn("User", Plain, Some(26)),
                TableColumn("Result", State, Some(8)),
                TableColumn("Detail", Text, None),
            ],
        )
    },
    views(
        "SecretRemoval",
        &[
            TableColumn("KeyId", Plain, Some(36)),
            TableColumn("Result", State, Some(11)),
            TableColumn("Detail", Text, None),
        ],
    ),
    Views {
        list_first: true,
        grouped: false,
        if_any: &["ServicePrincipalId", "Connect", "Variable", "ConsentLink"],
        ..views(
            "SignInClient",
            &[
                TableColumn("TenantName", Plain, None),
                TableColumn("ClientId", Plain, Some(36)),
                TableColumn("Result", State, Some(12)),
            ],
        )
    },
    views(
        "Status",
        &[
            TableColumn("Step", Plain, Some(19)),
            TableColumn("State", State, Some(8)),
            TableColumn("Detail", Text, None),
        ],
    ),
    views(
        "StepPermission",
        &[
            TableColumn("Step", Plain, Some(19)),
            TableColumn("Missing", Joined, None),
            TableColumn("RoleHeld", Plain, Some(8)),
        ],
    ),
    views(
        "StepResult",
        &[
            TableColumn("Step", Plain, Some(19)),
            TableColumn("Result", State, Some(12)),
            TableColumn("Detail", Text, None),
        ],
    ),
    Views {
        if_any: &["RecoverableUntil"],
        ..views(
            "TakenBack",
            &[
                TableColumn("Step", Plain, Some(19)),
                TableColumn("Result", State, Some(12)),
                TableColumn("Change", Text, None),
            ],
        )
    },
    views("UnclaimedSecret", &[TableColumn("KeyId", Plain, Some(36)), TableColumn("End", Day, Some(11))]),
];
