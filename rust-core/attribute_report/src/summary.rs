//! What the rows of a report come to: kept while they come, so that none is looked at twice. It grows with the users and the attributes that
//! they have rows of, by some bytes each, and with nothing else.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasher as _;

use pp_attributes::difference::Severity;

use crate::row::ReportRow;

/// How many rows the page shows where no script runs, or on paper.
pub(crate) const SHOWN: usize = 100;

/// So many different sentences of one kind are told apart: where each row has one of its own, those of all would take the memory of the
/// rows. A few are listed.
const TOLD_APART: usize = 10_000;

/// Counts, and of each severity the first rows. A user takes some 30 bytes, and as many again for each attribute that it has rows of.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// How many rows.
    pub(crate) rows: u64,
    /// The tenants, as `Name (id)`.
    pub(crate) tenants: BTreeSet<String>,
    /// How often each reason or advice was given, by severity.
    said: HashMap<(Severity, Said), Sentences>,
    /// The gravest of each user.
    users: HashMap<u64, Severity>,
    /// The gravest of each user's attribute, by attribute.
    attributes: HashMap<String, HashMap<u64, Severity>>,
    first: HashMap<Severity, Vec<ReportRow>>,
    hasher: RandomState,
}

/// What kind of sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Said {
    /// Why.
    Reason,
    /// What to do.
    Advice,
}

/// How often each sentence of one kind was given.
#[derive(Debug, Default)]
struct Sentences {
    rows: HashMap<String, u64>,
    /// Of how many rows the sentence isn't among these.
    others: u64,
}

impl Sentences {
    fn add(&mut self, text: &str) {
        if let Some(rows) = self.rows.get_mut(text) {
            *rows += 1;
        } else if self.rows.len() < TOLD_APART {
            self.rows.insert(text.to_owned(), 1);
        } else {
            self.others += 1;
        }
    }
}

/// How many users have an attribute of each severity, in the order of [`Severity::ALL`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfAttribute {
    pub(crate) name: String,
    pub(crate) users: [u64; Severity::ALL.len()],
}

impl Summary {
    /// Takes a row into account.
    pub(crate) fn add(&mut self, row: &ReportRow) {
        self.rows += 1;
        self.tenants.insert(row.tenant());
        let user = self.hasher.hash_one(row.user());
        gravest(&mut self.users, user, row.severity);
        if !self.attributes.contains_key(&row.attribute) {
            self.attributes.insert(row.attribute.clone(), HashMap::new());
        }
        if let Some(users) = self.attributes.get_mut(&row.attribute) {
            gravest(users, user, row.severity);
        }
        self.say(row.severity, Said::Reason, Some(&row.reason));
        self.say(row.severity, Said::Advice, row.advice.as_deref());
        let first = self.first.entry(row.severity).or_default();
        if first.len() < SHOWN {
            first.push(row.clone());
        }
    }

    fn say(&mut self, severity: Severity, kind: Said, text: Option<&str>) {
        // What is told of the others is told by their counts.
        let told = matches!((severity, kind), (Severity::LockedOut, Said::Advice) | (Severity::Unknown, _));
        if let Some(text) = text.filter(|text| told && !text.is_empty()) {
            self.said.entry((severity, kind)).or_default().add(text);
        }
    }

    /// How many users there are of each severity, each under his gravest.
    pub(crate) fn users(&self) -> [u64; Severity::ALL.len()] {
        count(self.users.values())
    }

    /// How many rows are shown of all where no script runs, gravest first.
    pub(crate) fn gravest_rows(&self) -> Vec<&ReportRow> {
        Severity::ALL.iter().filter_map(|severity| self.first.get(severity)).flatten().take(SHOWN).collect()
    }

    /// By attribute, the one of the most users first.
    pub(crate) fn attributes(&self) -> Vec<OfAttribute> {
        let of = |(name, users): (&String, &HashMap<u64, Severity>)| OfAttribute {
            name: name.clone(),
            users: count(users.values()),
        };
        let mut all: Vec<OfAttribute> = self.attributes.iter().map(of).collect();
        let total = |attribute: &OfAttribute| attribute.users.iter().sum::<u64>();
        all.sort_by(|a, b| total(b).cmp(&total(a)).then_with(|| a.name.cmp(&b.name)));
        all
    }

    /// What was said of this severity, with how many rows, the most frequent first; and how many rows say something else.
    pub(crate) fn said(&self, severity: Severity, kind: Said) -> (Vec<(&str, u64)>, u64) {
        let Some(Sentences { rows, others }) = self.said.get(&(severity, kind)) else { return (Vec::new(), 0) };
        let mut all: Vec<(&str, u64)> = rows.iter().map(|(text, rows)| (text.as_str(), *rows)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        (all, *others)
    }

    /// The verdict in a sentence.
    pub(crate) fn verdict(&self) -> String {
        let [locked_out, unknown, renamed, changed, equal] = self.users();
        let all = self.users.len();
        let of_all = |part: u64| {
            // Users without a row are in no report: it doesn't know how many there are.
            if all == 1 { "the one user".to_owned() } else { format!("{} of the {}", grouped(part), users(all as u64)) }
        };
        if locked_out > 0 {
            format!(
                "{} in this report will be locked out by the next provisioning: they can't sign in afterwards",
                capital(&of_all(locked_out))
            )
        } else if unknown > 0 {
            format!(
                "No user in this report is found to be locked out, but for {} something can't be known",
                of_all(unknown)
            )
        } else if renamed > 0 {
            format!(
                "No user in this report will be locked out; {} will sign in, or be written to, by another name",
                of_all(renamed)
            )
        } else if changed > 0 {
            format!("No user in this report will be locked out or renamed; {} will have other values", of_all(changed))
        } else if equal > 0 {
            format!(
                "Nothing will change for {}: what Practice Protect writes is there already, or it writes nothing",
                users(equal)
            )
        } else {
            // The report doesn't know why.
            "This report has no rows and says nothing of any user: the comparison found no difference, or none of its rows \
             got here"
                .to_owned()
        }
    }
}

fn gravest(users: &mut HashMap<u64, Severity>, user: u64, severity: Severity) {
    let known = users.entry(user).or_insert(severity);
    // The gravest comes first in the order.
    *known = severity.min(*known);
}

fn count<'a>(severities: impl Iterator<Item = &'a Severity>) -> [u64; Severity::ALL.len()] {
    let mut counts = [0; Severity::ALL.len()];
    for severity in severities {
        for (count, of) in counts.iter_mut().zip(Severity::ALL) {
            *count += u64::from(of == *severity);
        }
    }
    counts
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many users.
pub(crate) fn users(number: u64) -> String {
    if number == 1 { "1 user".to_owned() } else { format!("{} users", grouped(number)) }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_each_row_has_a_reason_of_its_own_they_are_not_all_kept() {
        let mut summary = Summary::default();
        let mut row = ReportRow {
            tenant_id: "tenant".to_owned(),
            tenant_name: None,
            severity: Severity::Unknown,
            user_principal_name: None,
            attribute: "mail".to_owned(),
            before: None,
            after: None,
            reason: "the first".to_owned(),
            advice: Some("the same".to_owned()),
            user_id: Some("user".to_owned()),
            portal_place: None,
            on_premises_sync_enabled: None,
        };
        summary.add(&row);
        for number in 1..100_000 {
            row.reason = format!("reason {number}");
            summary.add(&row);
        }
        row.reason = "the first".to_owned();
        summary.add(&row);
        let (told_apart, others) = summary.said(Severity::Unknown, Said::Reason);
        assert_eq!((told_apart.len(), others), (TOLD_APART, 90_000));
        assert_eq!(told_apart.first(), Some(&("the first", 2)));
        assert_eq!(summary.said(Severity::Unknown, Said::Advice), (vec![("the same", 100_001)], 0));
    }
}
