//! The page: one file that asks no network for anything and runs no script but its own.

mod context;

use std::collections::HashMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::Environment;
use pp_attributes::difference::Severity;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::row::ReportRow;
use crate::summary::Summary;
use crate::text::{escaped_json, visible};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Where the rows go in the template's text. Nothing else in it has this character: [`visible`] shows it by its number.
const ROWS: char = '\0';

/// The policy: nothing is fetched, sent or framed, and what isn't this very style or script doesn't apply.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

/// Writes the page.
pub(crate) fn write(
    summary: &Summary,
    now: OffsetDateTime,
    rows: impl Iterator<Item = io::Result<ReportRow>>,
    out: &mut impl Write,
) -> io::Result<()> {
    let page = render(&context::of(summary, now)).map_err(io::Error::other)?;
    let (before, after) =
        page.split_once(ROWS).ok_or_else(|| io::Error::other("the page has no place for its rows"))?;
    out.write_all(before.as_bytes())?;
    write_rows(rows, out)?;
    out.write_all(after.as_bytes())
}

fn render(context: &context::Context) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    // The name ends in .html: what is put in is escaped.
    templates.add_template("page.html", TEMPLATE)?;
    let given = minijinja::context! {
        policy => policy(),
        style => minijinja::Value::from_safe_string(STYLE.to_owned()),
        script => minijinja::Value::from_safe_string(SCRIPT.to_owned()),
        rows => minijinja::Value::from_safe_string(ROWS.to_string()),
        report => minijinja::value::Serde(context),
    };
    templates.get_template("page.html")?.render(given)
}

/// The rows as the script reads them: `{"rows":[[severity, tenant, user, attribute, before, after, reason, advice, user id,
/// place, synchronized], …],"texts":[…]}`. A severity is its place in the order; tenant, attribute, reason and advice repeat
/// from row to row, and are places in `texts`.
fn write_rows(rows: impl Iterator<Item = io::Result<ReportRow>>, out: &mut impl Write) -> io::Result<()> {
    let mut texts = Texts::default();
    out.write_all(b"{\"rows\":[")?;
    for (number, row) in rows.enumerate() {
        let json = escaped_json(&cells(&row?, &mut texts).to_string());
        write!(out, "{}{json}", if number == 0 { "\n" } else { ",\n" })?;
    }
    write!(out, "],\n\"texts\":{}}}", escaped_json(&json!(texts.all).to_string()))
}

fn cells(row: &ReportRow, texts: &mut Texts) -> Value {
    let shown = |text: &Option<String>| text.as_deref().map(visible);
    let severity = Severity::ALL.iter().position(|severity| *severity == row.severity);
    json!([
        severity,
        texts.place(row.tenant()),
        shown(&row.user_principal_name),
        texts.place(row.attribute.clone()),
        shown(&row.before),
        shown(&row.after),
        texts.place(row.reason.clone()),
        row.advice.clone().map(|advice| texts.place(advice)),
        shown(&row.user_id),
        row.portal_place,
        row.on_premises_sync_enabled,
    ])
}

/// Texts that stand in the page once. All different ones are in memory until it is written: a browser will have them there, too.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    places: HashMap<String, usize>,
}

impl Texts {
    fn place(&mut self, text: String) -> usize {
        let all = &mut self.all;
        *self.places.entry(text).or_insert_with_key(|text| {
            all.push(visible(text));
            all.len() - 1
        })
    }
}
