//! `Rows.cs`: a class a type of rows, so that its properties complete after the pipe.

use std::fmt::Write as _;

use pp_report::rows::{Column, Kind, RowType};

const HEAD: &str = "// Written from rust-core/report/src/rows by its test module_files; what is changed there is written here by that test.
#nullable enable
using System;
using System.Security;

namespace PPFederation
{
";

/// The file.
pub(crate) fn text(types: &[RowType]) -> String {
    let classes: Vec<String> = types.iter().map(class).collect();
    format!("{HEAD}{}}}\n", classes.join("\n"))
}

fn class(row: &RowType) -> String {
    let name = bare(row.name);
    // What the bridge adds lies in a file of its own.
    let partial = if row.columns.iter().any(|column| column.of_bridge) { "partial " } else { "" };
    let mut text =
        format!("    /// <summary>{}</summary>\n    public sealed {partial}class {name}\n    {{\n", row.about);
    for column in row.columns.iter().filter(|column| !column.of_bridge) {
        let (kind, initial) = kind(column);
        let about = &column.about;
        let _ = write!(
            text,
            "        /// <summary>{about}</summary>\n        public {kind} {} {{ get; set; }}{initial}\n\n",
            column.name
        );
    }
    let said = said(row);
    let _ = write!(text, "        /// <inheritdoc/>\n        public override string ToString() => {said};\n    }}\n");
    text
}

/// What a row is in one line: where it stands in another one's column.
fn said(row: &RowType) -> String {
    let has = |name: &str| row.columns.iter().any(|column| column.name == name);
    let parts = ["Step", "KeyId", "AppId", "TenantId", "Attribute", "UsageLocation"];
    let first = parts.into_iter().find(|name| has(name)).unwrap_or("GetType().Name");
    match ["Result", "State", "Status"].into_iter().find(|name| has(name)) {
        Some(second) => format!("{first} + \": \" + {second}"),
        None => format!("{first} ?? \"\""),
    }
}

/// The type of a property, and what it is before it is set.
fn kind(column: &Column) -> (String, String) {
    let (name, initial) = match column.kind {
        Kind::Text => ("string", " = \"\";"),
        Kind::Flag => ("bool", ""),
        Kind::Int => ("int", ""),
        Kind::Long => ("long", ""),
        Kind::Number => ("ulong", ""),
        Kind::Instant => ("DateTime", ""),
        Kind::Duration => ("TimeSpan", ""),
        Kind::Texts => ("Texts", " = new Texts();"),
        Kind::Rows(of) => return (format!("{}[]", bare(of)), format!(" = new {}[0];", bare(of))),
        Kind::AnyRows => return ("object[]".into(), " = new object[0];".into()),
        Kind::Secret => ("SecureString", ""),
    };
    if column.optional { (format!("{name}?"), String::new()) } else { (name.to_owned(), initial.to_owned()) }
}

fn bare(name: &str) -> &str {
    name.strip_prefix("PPFederation.").unwrap_or(name)
}
