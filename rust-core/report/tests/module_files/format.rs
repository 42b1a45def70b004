//! `PPFederation.Format.ps1xml`: a table and a list of each type of rows, and what a run is shown as.

use std::fmt::Write as _;

use pp_report::rows::{Column, Kind, RowType};

use super::views::{LINES, SENTENCES, STATES, Shown, TableColumn, VIEWS, Views};

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<!-- Written from rust-core/report by its test module_files; what is changed there is written here by that test.
     The first view of a type is its default. Each selects the type as it is here and as it is after remoting. -->
<Configuration>
  <ViewDefinitions>
"#;
const TAIL: &str = "  </ViewDefinitions>\n</Configuration>\n";

/// What a run is shown as: its steps, and in the last line what comes next.
const RUN_RESULT: &str = include_str!("run_result.xml");

/// The file.
pub(crate) fn text(types: &[RowType]) -> Result<String, String> {
    let mut text = HEAD.to_owned();
    for row in types {
        let views = VIEWS.iter().find(|views| row.name.strip_prefix("PPFederation.") == Some(views.of));
        let views = views.ok_or_else(|| format!("{} has no views", row.name))?;
        let (table, list) = (table(row, views), list(row, views));
        if views.of == "RunResult" {
            text.push_str(RUN_RESULT);
        }
        let parts = if views.list_first { [list, table] } else { [table, list] };
        text.push_str(&parts.concat());
    }
    Ok(text + TAIL)
}

fn view(row: &RowType, kind: &str, control: &str) -> String {
    let name = row.name;
    format!(
        "    <View>
      <Name>{name} {kind}</Name>
      <ViewSelectedBy>
        <TypeName>{name}</TypeName>
        <TypeName>Deserialized.{name}</TypeName>
      </ViewSelectedBy>
{control}    </View>
"
    )
}

const GROUP: &str = "      <GroupBy>
        <ScriptBlock>[PPFederation.Native.ViewText]::Tenant($_.TenantName, $_.TenantId)</ScriptBlock>
        <Label>Tenant</Label>
      </GroupBy>
";

fn table(row: &RowType, views: &Views) -> String {
    let (mut headers, mut items) = (String::new(), String::new());
    for TableColumn(name, shown, width) in views.table {
        assert!(row.columns.iter().any(|column| column.name == *name), "{} has no column {name}", row.name);
        let width = width.map(|width| format!("<Width>{width}</Width>")).unwrap_or_default();
        let label = if *shown == Shown::Plain { String::new() } else { format!("<Label>{name}</Label>") };
        let header = match label + &width {
            empty if empty.is_empty() => "          <TableColumnHeader />\n".to_owned(),
            full => format!("          <TableColumnHeader>{full}</TableColumnHeader>\n"),
        };
        headers.push_str(&header);
        let _ = writeln!(items, "              <TableColumnItem>{}</TableColumnItem>", item(name, *shown));
    }
    let group = if views.grouped { GROUP } else { "" };
    let control = format!(
        "{group}      <TableControl>
        <TableHeaders>
{headers}        </TableHeaders>
        <TableRowEntries>
          <TableRowEntry>
            <Wrap />
            <TableColumnItems>
{items}            </TableColumnItems>
          </TableRowEntry>
        </TableRowEntries>
      </TableControl>
"
    );
    view(row, "table", &control)
}

fn list(row: &RowType, views: &Views) -> String {
    let shown = row.columns.iter().filter(|column| !views.hidden.contains(&column.name));
    let items: String = shown.map(|column| list_item(column, views)).collect();
    let group = if views.grouped && views.hidden.contains(&"TenantId") { GROUP } else { "" };
    let control = format!(
        "{group}      <ListControl>
        <ListEntries>
          <ListEntry>
            <ListItems>
{items}            </ListItems>
          </ListEntry>
        </ListEntries>
      </ListControl>
"
    );
    view(row, "list", &control)
}

fn list_item(column: &Column, views: &Views) -> String {
    let name = column.name;
    let shown = match column.kind {
        Kind::Texts if LINES.contains(&name) => Shown::Lines,
        Kind::Texts => Shown::Joined,
        Kind::Instant => Shown::Instant,
        Kind::Secret => Shown::Secret,
        _ if STATES.contains(&name) => Shown::State,
        _ if SENTENCES.contains(&name) => Shown::Text,
        _ => Shown::Plain,
    };
    let label = if shown == Shown::Plain { String::new() } else { format!("<Label>{name}</Label>") };
    let condition = if views.if_any.contains(&name) {
        format!("<ItemSelectionCondition><PropertyName>{name}</PropertyName></ItemSelectionCondition>")
    } else {
        String::new()
    };
    format!("              <ListItem>{label}{condition}{}</ListItem>\n", item(name, shown))
}

fn item(name: &str, shown: Shown) -> String {
    let by = match shown {
        Shown::Plain => return format!("<PropertyName>{name}</PropertyName>"),
        Shown::Lines => {
            return format!("<ScriptBlock>[PPFederation.Native.ViewText]::Whole($_.{name} -join \"`n\")</ScriptBlock>");
        }
        Shown::Joined => {
            return format!("<ScriptBlock>[PPFederation.Native.ViewText]::Whole($_.{name} -join '; ')</ScriptBlock>");
        }
        Shown::Secret => "Secret",
        Shown::Text => "Whole",
        Shown::Line => "Line",
        Shown::Day => "Day",
        Shown::Instant => "Instant",
        Shown::State => "State",
    };
    format!("<ScriptBlock>[PPFederation.Native.ViewText]::{by}($_.{name})</ScriptBlock>")
}
