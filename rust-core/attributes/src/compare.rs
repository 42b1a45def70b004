//! The comparison of one account, or of one user of the portal, with what will be written.

use crate::account::Account;
use crate::difference::{Difference, Severity};
use crate::facts::Facts;
use crate::hazards::{Hazards, Holder};
use crate::key;
use crate::pairing::{Number, Packed, Pairing, Portal};
use crate::verdicts::{self, Case, Verdict};
use crate::written::{Write, Written};

/// What every comparison of a tenant builds on.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// The tenant.
    pub facts: &'a Facts,
    /// Who holds which address.
    pub hazards: &'a Hazards,
    /// The portal's users; `None` where none were given.
    pub portal: Option<&'a Portal>,
    /// Whether what stays equal is said too.
    pub equal: bool,
}

impl Comparison<'_> {
    /// One account: a difference for each owned attribute, those that stay equal included where that is wanted. `written` is what will be written to
    /// it: of a pairing with no portal's user, or with several, it isn't looked at; without the portal's users it is what the script's
    /// constants are.
    pub fn account(&self, account: &Account<&str>, pairing: &Pairing<'_>, written: &Written<'_>) -> Vec<Difference> {
        let (instead, user) = match (self.portal, pairing) {
            (None, _) => (None, None),
            (Some(portal), Pairing::Alone) => (Some(verdicts::alone(self.facts, portal, account)), None),
            (Some(_), Pairing::Several { by, users }) => (Some(verdicts::several(*by, users)), None),
            (Some(_), Pairing::Paired { number, user, rivals, .. }) => {
                let claimed_twice = || verdicts::claimed_twice(*user, rivals);
                ((!rivals.is_empty()).then(claimed_twice), Some((*number, *user)))
            }
        };
        let instead = instead.map(|write| Written::all(&write));
        judge(&Case::new(self, account, instead.as_ref().unwrap_or(written), Some(pairing), user))
    }

    /// A user of the portal without an account: provisioning would make one.
    pub fn without_account(&self, number: Number, user: Packed<'_>, written: &Written<'_>) -> Vec<Difference> {
        judge(&Case::new(self, &Account::default(), written, None, Some((number, user))))
    }
}

fn judge(case: &Case<'_>) -> Vec<Difference> {
    let found = verdicts::of(case);
    OWNED.iter().filter_map(|owned| owned.difference(case, &found)).collect()
}

/// An attribute that Practice Protect owns.
struct Owned {
    graph: &'static str,
    /// What a change of it is called.
    change: Severity,
    before: for<'a> fn(&Account<&'a str>) -> Option<&'a str>,
    write: for<'a> fn(&'a Written<'a>) -> &'a Write<'a>,
}

/// In the order of the runbook's table.
const OWNED: [Owned; 5] = [
    Owned {
        graph: verdicts::DISPLAY_NAME,
        change: Severity::Changed,
        before: |account| account.display_name,
        write: |written| &written.display_name,
    },
    Owned {
        graph: verdicts::USAGE_LOCATION,
        change: Severity::Changed,
        before: |account| account.usage_location,
        write: |written| &written.usage_location,
    },
    Owned {
        graph: verdicts::IMMUTABLE_ID,
        change: Severity::Changed,
        before: |account| account.on_premises_immutable_id,
        write: |written| &written.immutable_id,
    },
    Owned {
        graph: verdicts::USER_PRINCIPAL_NAME,
        change: Severity::Renamed,
        before: |account| account.user_principal_name,
        write: |written| &written.user_principal_name,
    },
    Owned {
        graph: verdicts::MAIL,
        change: Severity::Renamed,
        before: |account| account.mail,
        write: |written| &written.mail,
    },
];

impl Owned {
    /// None where nothing differs, and that isn't asked for.
    fn difference(&self, case: &Case<'_>, found: &[Verdict]) -> Option<Difference> {
        let before = (self.before)(case.account);
        let write = (self.write)(case.written);
        let (severity, reason) = match self.plain(before, write) {
            (Severity::Renamed, _) if self.graph == verdicts::USER_PRINCIPAL_NAME && case.keeps_its_name() => {
                (Severity::Changed, "Practice Protect has another one.")
            }
            plain => plain,
        };
        let own = || found.iter().filter(|verdict| verdict.attribute == self.graph);
        let stays = own().map(|verdict| verdict.severity).chain([severity]).all(|one| one == Severity::Equal);
        if stays && !case.comparison.equal {
            return None;
        }
        let plain = Verdict {
            attribute: self.graph,
            severity,
            reason: reason.to_owned().into(),
            advice: None,
            concerns: Vec::new(),
        };
        let mut verdicts: Vec<&Verdict> = own().chain([&plain]).collect();
        verdicts.sort_by_key(|verdict| verdict.severity);
        let mut advice: Vec<&str> = Vec::new();
        for one in verdicts.iter().filter_map(|verdict| verdict.advice.as_deref()) {
            if !advice.contains(&one) {
                advice.push(one);
            }
        }
        let concerns: Vec<Holder> = verdicts.iter().flat_map(|verdict| verdict.concerns.iter().copied()).collect();
        let reasons: Vec<&str> = verdicts.iter().map(|verdict| &*verdict.reason).collect();
        Some(Difference {
            severity: verdicts.first().map_or(plain.severity, |verdict| verdict.severity),
            attribute: self.graph,
            before: before.map(str::to_owned),
            after: match write {
                Write::Value(value) => Some(value.clone().into_owned()),
                Write::Nothing(_) => before.map(str::to_owned),
                Write::Missing(_) | Write::Unknown(_) => None,
            },
            reason: reasons.join(" "),
            advice: (!advice.is_empty()).then(|| advice.join(" ")),
            concerns,
        })
    }

    /// What the two values alone say: how grave it is, and why.
    fn plain<'a>(&self, before: Option<&str>, write: &'a Write<'_>) -> (Severity, &'a str) {
        match (write, before) {
            (Write::Value(after), Some(before)) if before == after => (Severity::Equal, "It has this value already."),
            (Write::Value(after), Some(before)) if before == after.trim() && self.graph == verdicts::IMMUTABLE_ID => {
                (Severity::Equal, "Without them it has this value already.")
            }
            (Write::Value(after), Some(before))
                if key::case_only(before, after) && self.graph == verdicts::IMMUTABLE_ID =>
            {
                (
                    Severity::Changed,
                    "The two differ by capitals alone, and immutable IDs are told apart by these: it is another one.",
                )
            }
            (Write::Value(after), Some(before)) if key::case_only(before, after) => {
                (Severity::Changed, "The two differ by capitals alone.")
            }
            (Write::Value(_), Some(_)) => (self.change, "Practice Protect overwrites it."),
            (Write::Value(_), None) => (Severity::Changed, "Practice Protect fills it: there is none now."),
            (Write::Nothing(reason), _) => (Severity::Equal, reason),
            (Write::Missing(reason) | Write::Unknown(reason), _) => (Severity::Unknown, reason),
        }
    }
}
