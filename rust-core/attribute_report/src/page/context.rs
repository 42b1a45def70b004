//! What the page says beside its rows, in words and numbers.

use pp_attributes::difference::Severity;
use pp_attributes::{ATTRIBUTES, Owner};
use pp_words::{instant, sentence};
use serde::Serialize;
use time::OffsetDateTime;

use crate::row::ReportRow;
use crate::summary::{OfAttribute, Said, Summary, grouped, users};
use crate::text::visible;

/// How wide a bar of the chart is, in the units of its drawing.
const BAR: u64 = 1000;

/// How many different sentences of one kind are listed.
const LISTED: usize = 8;

/// What the template is given.
#[derive(Debug, Serialize)]
pub(super) struct Context {
    verdict: String,
    tenants: Vec<String>,
    made: String,
    version: &'static str,
    counts: Vec<Count>,
    chart: Vec<Bar>,
    next: Vec<Next>,
    is_empty: bool,
    unknown: Vec<Next>,
    ownership: Vec<Owned>,
    shown: Vec<Shown>,
    rows: String,
    shown_rows: String,
    left_out: Option<String>,
}

#[derive(Debug, Serialize)]
struct Count {
    class: &'static str,
    name: &'static str,
    users: String,
    meaning: &'static str,
}

#[derive(Debug, Serialize)]
struct Bar {
    attribute: String,
    said: String,
    parts: Vec<Part>,
}

#[derive(Debug, Serialize)]
struct Part {
    class: &'static str,
    x: u64,
    width: u64,
}

/// A thing to do or to know, with how many rows it is about and a command where there is one.
#[derive(Debug, Default, Serialize)]
struct Next {
    text: String,
    about: Option<String>,
    command: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Owned {
    attribute: &'static str,
    properties: String,
    owner: &'static str,
    effect: &'static str,
    written_by: &'static str,
    can_change: &'static str,
}

#[derive(Debug, Serialize)]
struct Shown {
    class: &'static str,
    severity: &'static str,
    user: String,
    attribute: String,
    before: String,
    after: String,
    reason: String,
    advice: String,
}

pub(super) fn of(summary: &Summary, now: OffsetDateTime) -> Context {
    let shown: Vec<Shown> = summary.gravest_rows().into_iter().map(shown).collect();
    let left_out = summary.rows - shown.len() as u64;
    Context {
        verdict: sentence(&summary.verdict()),
        tenants: summary.tenants.iter().map(|tenant| visible(tenant)).collect(),
        made: instant(now),
        version: env!("CARGO_PKG_VERSION"),
        counts: Severity::ALL
            .into_iter()
            .zip(summary.users())
            .map(|(severity, users)| count(severity, users))
            .collect(),
        chart: chart(&summary.attributes()),
        next: next(summary),
        is_empty: summary.rows == 0,
        unknown: listed(summary, Severity::Unknown, Said::Reason),
        ownership: ATTRIBUTES.iter().map(owned).collect(),
        rows: grouped(summary.rows),
        shown_rows: grouped(shown.len() as u64),
        left_out: (left_out > 0).then(|| grouped(left_out)),
        shown,
    }
}

/// What people read for a severity.
fn title(severity: Severity) -> &'static str {
    match severity {
        Severity::LockedOut => "Locked out",
        Severity::Unknown => "Unknown",
        Severity::Renamed => "Renamed",
        Severity::Changed => "Changed",
        Severity::Equal => "Equal",
    }
}

fn count(severity: Severity, users: u64) -> Count {
    let meaning = match severity {
        Severity::LockedOut => "won't be able to sign in",
        Severity::Unknown => "can't be judged; the reason is said",
        Severity::Renamed => "sign in, or are written to, by another name",
        Severity::Changed => "have another value written",
        Severity::Equal => "have the value already, or nothing is written",
    };
    Count { class: severity.name(), name: title(severity), users: grouped(users), meaning }
}

/// A bar an attribute; the longest takes the whole width.
fn chart(attributes: &[OfAttribute]) -> Vec<Bar> {
    let total = |attribute: &OfAttribute| attribute.users.iter().sum::<u64>();
    let longest = attributes.iter().map(total).max().unwrap_or_default().max(1);
    let bar = |attribute: &OfAttribute| {
        let mut before = 0;
        let mut parts = Vec::new();
        let mut said = Vec::new();
        for (severity, count) in Severity::ALL.into_iter().zip(attribute.users).filter(|(_, count)| *count > 0) {
            let x = before * BAR / longest;
            before += count;
            // A part of few users among many is to be seen too.
            parts.push(Part { class: severity.name(), x, width: (before * BAR / longest - x).max(3) });
            said.push(format!("{} {}", grouped(count), title(severity).to_lowercase()));
        }
        Bar { attribute: visible(&attribute.name), said: said.join(", "), parts }
    };
    attributes.iter().map(bar).collect()
}

fn owned(attribute: &pp_attributes::Attribute) -> Owned {
    let owner = match attribute.owner {
        Owner::PracticeProtect => "Practice Protect",
        Owner::Microsoft365 => "Microsoft 365",
        Owner::Neither => "Neither",
    };
    Owned {
        attribute: attribute.name,
        properties: attribute.graph.join(", "),
        owner,
        effect: attribute.effect,
        written_by: attribute.written_by,
        can_change: attribute.can_change,
    }
}

fn shown(row: &ReportRow) -> Shown {
    let text = |text: &Option<String>, none: &str| text.as_deref().map_or_else(|| none.to_owned(), visible);
    Shown {
        class: row.severity.name(),
        severity: title(row.severity),
        user: text(&row.user_principal_name, "no account"),
        attribute: visible(&row.attribute),
        before: text(&row.before, "none"),
        after: text(&row.after, row.without_after()),
        reason: visible(&row.reason),
        advice: text(&row.advice, ""),
    }
}

/// The sentences of one kind, the most frequent first, and how many more there are.
fn listed(summary: &Summary, severity: Severity, kind: Said) -> Vec<Next> {
    let (all, others) = summary.said(severity, kind);
    let about = |rows: u64| if rows == 1 { "1 row".to_owned() } else { format!("{} rows", grouped(rows)) };
    let mut listed: Vec<Next> = all
        .iter()
        .take(LISTED)
        .map(|(text, rows)| Next { text: sentence(&visible(text)), about: Some(about(*rows)), command: None })
        .collect();
    if let Some(more) = all.len().checked_sub(LISTED).filter(|more| *more > 0) {
        let others = if others > 0 { format!(", and those of {} rows", grouped(others)) } else { String::new() };
        let text = format!("And {} more{others}, which the rows of the table say.", grouped(more as u64));
        listed.push(Next { text, ..Next::default() });
    }
    listed
}

/// What to do, in its order.
fn next(summary: &Summary) -> Vec<Next> {
    if summary.rows == 0 {
        let text = "Compare again and have what stays as it is shown, too: then each user is in the report.".to_owned();
        return vec![Next { text, command: Some("Compare-PPAttribute -IncludeEqual"), ..Next::default() }];
    }
    let [locked_out, unknown, renamed, changed, _] = summary.users();
    let mut next = listed(summary, Severity::LockedOut, Said::Advice);
    next.extend(listed(summary, Severity::Unknown, Said::Advice));
    if locked_out + unknown > 0 {
        let text = "Compare again. Go on when nobody is locked out, and when you know what is unknown here.".to_owned();
        next.push(Next { text, command: Some("Compare-PPAttribute"), ..Next::default() });
    }
    if renamed > 0 {
        let text = format!(
            "Tell {} before it happens: from then on the new name is what they sign in with, or are written to at.",
            users(renamed)
        );
        next.push(Next { text, ..Next::default() });
    }
    if locked_out + unknown + renamed + changed > 0 {
        let text = "Keep what is there now. What is overwritten can be put back from that alone.".to_owned();
        next.push(Next { text, command: Some("Export-PPAttributeBackup"), ..Next::default() });
    }
    let text =
        "Let Practice Protect provision one user first, and look at that user in Microsoft 365. Then the others.";
    next.push(Next { text: text.to_owned(), ..Next::default() });
    next
}
