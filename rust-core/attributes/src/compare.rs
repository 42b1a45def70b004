//! The comparison of one account, or of one user of the portal, with what will be written.

use crate::account::Account;
use crate::difference::{Difference, Severity};
use crate::facts::Facts;
use crate::hazards::{Hazards, Holder};
use crate::key;
use crate::object_id::ObjectId;
use crate::pairing::{Number, Pairing, Portal};
use crate::portal_user::PortalUser;
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
}

impl Comparison<'_> {
    /// One account: a difference for each owned attribute, those that stay equal included. `written` is what will be written to
    /// it: of a pairing with no portal's user, or with several, it isn't looked at; without the portal's users it is what the script's
    /// constants are.
    pub fn account(&self, account: &Account, pairing: &Pairing, written: &Written) -> Vec<Difference> {
        let id = ObjectId::parse(&account.id);
        let (written, user) = match (self.portal, pairing) {
            (None, _) => (written.clone(), None),
            (Some(_), Pairing::Alone) => (Written::all(&verdicts::alone(self.facts)), None),
            (Some(_), Pairing::Several { by, users }) => (Written::all(&verdicts::several(*by, users)), None),
            (Some(_), Pairing::Paired { number, user, rivals, .. }) if !rivals.is_empty() => {
                (Written::all(&verdicts::claimed_twice(user, rivals)), Some((*number, user)))
            }
            (Some(_), Pairing::Paired { number, user, .. }) => (written.clone(), Some((*number, user))),
        };
        judge(&Case { comparison: self, id, account, written: &written, pairing: Some(pairing), user })
    }

    /// A user of the portal without an account: provisioning would make one.
    pub fn without_account(&self, number: Number, user: &PortalUser, written: &Written) -> Vec<Difference> {
        let account = Account::default();
        judge(&Case {
            comparison: self,
            id: None,
            account: &account,
            written,
            pairing: None,
            user: Some((number, user)),
        })
    }
}

fn judge(case: &Case<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    for verdict in verdicts::ALL {
        verdict(case, &mut found);
    }
    OWNED.iter().map(|owned| owned.difference(case, &found)).collect()
}

/// An attribute that Practice Protect owns.
struct Owned {
    graph: &'static str,
    /// What a change of it is called.
    change: Severity,
    before: fn(&Account) -> Option<&String>,
    write: fn(&Written) -> &Write,
}

/// In the order of the runbook's table.
const OWNED: [Owned; 5] = [
    Owned {
        graph: verdicts::DISPLAY_NAME,
        change: Severity::Changed,
        before: |account| account.display_name.as_ref(),
        write: |written| &written.display_name,
    },
    Owned {
        graph: verdicts::USAGE_LOCATION,
        change: Severity::Changed,
        before: |account| account.usage_location.as_ref(),
        write: |written| &written.usage_location,
    },
    Owned {
        graph: verdicts::IMMUTABLE_ID,
        change: Severity::Changed,
        before: |account| account.on_premises_immutable_id.as_ref(),
        write: |written| &written.immutable_id,
    },
    Owned {
        graph: verdicts::USER_PRINCIPAL_NAME,
        change: Severity::Renamed,
        before: |account| account.user_principal_name.as_ref(),
        write: |written| &written.user_principal_name,
    },
    Owned {
        graph: verdicts::MAIL,
        change: Severity::Renamed,
        before: |account| account.mail.as_ref(),
        write: |written| &written.mail,
    },
];

impl Owned {
    fn difference(&self, case: &Case<'_>, found: &[Verdict]) -> Difference {
        let before = (self.before)(case.account);
        let write = (self.write)(case.written);
        let plain = self.plain(before, write);
        let mut verdicts: Vec<&Verdict> =
            found.iter().filter(|verdict| verdict.attribute == self.graph).chain([&plain]).collect();
        verdicts.sort_by_key(|verdict| verdict.severity);
        let mut advice: Vec<&str> = verdicts.iter().filter_map(|verdict| verdict.advice.as_deref()).collect();
        advice.dedup();
        let concerns: Vec<Holder> = verdicts.iter().flat_map(|verdict| verdict.concerns.iter().copied()).collect();
        let reasons: Vec<&str> = verdicts.iter().map(|verdict| verdict.reason.as_str()).collect();
        Difference {
            severity: verdicts.first().map_or(plain.severity, |verdict| verdict.severity),
            attribute: self.graph,
            before: before.cloned(),
            after: match write {
                Write::Value(value) => Some(value.clone()),
                Write::Nothing(_) => before.cloned(),
                Write::Missing(_) | Write::Unknown(_) => None,
            },
            reason: reasons.join(" "),
            advice: (!advice.is_empty()).then(|| advice.join(" ")),
            concerns,
        }
    }

    /// What the two values alone say.
    fn plain(&self, before: Option<&String>, write: &Write) -> Verdict {
        let (severity, reason) = match (write, before) {
            (Write::Value(after), Some(before)) if before == after => {
                (Severity::Equal, "It has this value already.".to_owned())
            }
            (Write::Value(after), Some(before)) if key::case_only(before, after) => {
                (Severity::Changed, "The two differ by capitals alone.".to_owned())
            }
            (Write::Value(_), Some(_)) => (self.change, "Practice Protect overwrites it.".to_owned()),
            (Write::Value(_), None) => (Severity::Changed, "Practice Protect fills it: there is none now.".to_owned()),
            (Write::Nothing(reason), _) => (Severity::Equal, reason.clone()),
            (Write::Missing(reason) | Write::Unknown(reason), _) => (Severity::Unknown, reason.clone()),
        };
        Verdict { attribute: self.graph, severity, reason, advice: None, concerns: Vec::new() }
    }
}
