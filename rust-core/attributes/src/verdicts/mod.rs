//! The verdicts: what of a tenant makes a write fail, or a user unable to sign in, each with its source. A verdict is a function of one
//! case; those of one attribute are put together gravest first.

mod immutable_id;
mod names;
mod pairing;
mod people;
mod token_policy;
mod values;

use std::borrow::Cow;

use crate::account::Account;
use crate::compare::Comparison;
use crate::difference::Severity;
use crate::facts::{Authentication, Facts};
use crate::hazards::Holder;
use crate::key;
use crate::object_id::ObjectId;
use crate::pairing::{Number, Packed, Pairing};
use crate::written::{Write, Written};

pub(crate) use pairing::{alone, claimed_twice, several};

/// Microsoft Graph's names.
pub(crate) const DISPLAY_NAME: &str = "displayName";
pub(crate) const USAGE_LOCATION: &str = "usageLocation";
pub(crate) const IMMUTABLE_ID: &str = "onPremisesImmutableId";
pub(crate) const USER_PRINCIPAL_NAME: &str = "userPrincipalName";
pub(crate) const MAIL: &str = "mail";

/// All that Practice Protect owns.
const OWNED: [&str; 5] = [DISPLAY_NAME, USAGE_LOCATION, IMMUTABLE_ID, USER_PRINCIPAL_NAME, MAIL];

/// All of them, in the order in which those of one severity are told.
const ALL: [fn(&Case<'_>, &mut Vec<Verdict>); 25] = [
    pairing::no_account,
    pairing::no_portal_user,
    pairing::rivals,
    pairing::same_in_the_portal,
    token_policy::other_domain,
    immutable_id::missing,
    immutable_id::not_written,
    immutable_id::blanks,
    immutable_id::refused_letters,
    immutable_id::held_by_another,
    immutable_id::in_a_federated_domain,
    immutable_id::left_synchronization,
    immutable_id::not_a_guid,
    names::suffix_not_verified,
    names::held_by_another,
    values::name,
    values::mail,
    values::usage_location,
    people::still_synchronized,
    people::exchange,
    people::role_needed,
    people::guest,
    people::disabled,
    people::administrator,
    people::me,
];

/// The verdicts of a case. What is written to a synchronized account is refused until it isn't one any more: of such a one it is said what
/// holds until then, and what holds from then on. How grave it is goes by the latter, since in the runbook the switch comes first, but for a
/// lock-out, which counts in either.
pub(crate) fn of(case: &Case<'_>) -> Vec<Verdict> {
    let now = all(case);
    if !case.is_synchronized() || case.changes().next().is_none() {
        return now;
    }
    let account = Account { on_premises_sync_enabled: None, ..case.account.clone() };
    let then = all(&Case::new(case.comparison, &account, case.written, case.pairing, case.user));
    let later: Vec<Verdict> = then.iter().filter(|one| !now.contains(one)).cloned().collect();
    let marked = |when: &str, one: Verdict| Verdict { reason: format!("{when}: {}", one.reason).into(), ..one };
    let until = now.into_iter().map(|one| {
        if then.contains(&one) {
            return one;
        }
        let severity = if one.severity == Severity::LockedOut { one.severity } else { Severity::Equal };
        marked("As long as the account is synchronized", Verdict { severity, ..one })
    });
    until.chain(later.into_iter().map(|one| marked("Once the account isn't synchronized any more", one))).collect()
}

fn all(case: &Case<'_>) -> Vec<Verdict> {
    let mut found = Vec::new();
    for verdict in ALL {
        verdict(case, &mut found);
    }
    found
}

/// What is known about one attribute of one user, beside its two values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) attribute: &'static str,
    /// At least this grave.
    pub(crate) severity: Severity,
    pub(crate) reason: Cow<'static, str>,
    pub(crate) advice: Option<Cow<'static, str>>,
    pub(crate) concerns: Vec<Holder>,
}

impl Verdict {
    fn new(attribute: &'static str, severity: Severity, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { attribute, severity, reason: reason.into(), advice: None, concerns: Vec::new() }
    }

    fn advise(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    fn concerning(mut self, concerns: Vec<Holder>) -> Self {
        self.concerns = concerns;
        self
    }
}

/// One account, one user of the portal, or the two as a pair.
pub(crate) struct Case<'a> {
    pub(crate) comparison: &'a Comparison<'a>,
    pub(crate) id: Option<ObjectId>,
    /// Empty for a user of the portal without one.
    pub(crate) account: &'a Account<&'a str>,
    pub(crate) written: &'a Written<'a>,
    /// `None` for a user of the portal without an account.
    pub(crate) pairing: Option<&'a Pairing<'a>>,
    /// The one user of the portal that is written.
    pub(crate) user: Option<(Number, Packed<'a>)>,
    /// The attributes that get another value, with their values.
    changes: [Option<(&'static str, &'a str)>; 5],
}

impl<'a> Case<'a> {
    pub(crate) fn new(
        comparison: &'a Comparison<'a>,
        account: &'a Account<&'a str>,
        written: &'a Written<'a>,
        pairing: Option<&'a Pairing<'a>>,
        user: Option<(Number, Packed<'a>)>,
    ) -> Self {
        let id = ObjectId::parse(account.id);
        Self { comparison, id, account, written, pairing, user, changes: changes(account, written) }
    }

    fn facts(&self) -> &Facts {
        self.comparison.facts
    }

    fn has_account(&self) -> bool {
        self.pairing.is_some()
    }

    /// Whether it is a guest who was invited, as the name says that they got then.
    fn is_invited(&self) -> bool {
        self.is_guest() && self.has_name_of_invited()
    }

    /// Whether where it signs in, here or at a home tenant, can't be told for sure: `userType` says nothing of that, and one who was invited may
    /// be a member. Source: Entra documentation, "Properties of a Microsoft Entra B2B collaboration user".
    fn may_be_external(&self) -> bool {
        self.is_guest() || self.has_name_of_invited()
    }

    fn has_name_of_invited(&self) -> bool {
        self.account.user_principal_name.is_some_and(|name| name.to_ascii_uppercase().contains("#EXT#@"))
    }

    fn is_guest(&self) -> bool {
        self.account.user_type.is_some_and(|kind| kind.eq_ignore_ascii_case("Guest"))
    }

    fn is_synchronized(&self) -> bool {
        self.account.on_premises_sync_enabled == Some(true)
    }

    fn is_disabled(&self) -> bool {
        self.account.account_enabled == Some(false)
    }

    /// Whether the script rejects the portal's user, of whom nothing is written then.
    fn is_rejected(&self) -> bool {
        self.user.is_some() && matches!(self.written.user_principal_name, Write::Nothing(_))
    }

    /// The sign-in name that the account will have; `None` where that isn't known, and where no account can be made with it. One in a
    /// domain that isn't verified is refused, so the account keeps its own. One that another has is refused as well, unless that one loses it
    /// first, and one with letters that aren't allowed may be: which of the two it will be counts for nothing where both are in one domain. A
    /// synchronized account keeps its own.
    fn name_afterwards(&self) -> Option<&str> {
        if self.is_synchronized() && self.change(USER_PRINCIPAL_NAME).is_some() {
            return self.account.user_principal_name;
        }
        self.name_that_is_taken()
    }

    /// The same, if the account isn't synchronized.
    fn name_that_is_taken(&self) -> Option<&str> {
        let own = self.account.user_principal_name;
        let name: &str = match &self.written.user_principal_name {
            Write::Value(name) => name,
            Write::Nothing(_) => return own,
            Write::Missing(_) | Write::Unknown(_) => return None,
        };
        if self.change(USER_PRINCIPAL_NAME).is_none() {
            Some(name)
        } else if self.facts().domain_of(name).is_ok_and(|domain| domain.is_none_or(|domain| !domain.is_verified)) {
            own
        } else if self.has_another(name) || values::wrong_in_name(name).is_some() {
            own.filter(|own| key::domain(own) == key::domain(name))
        } else {
            Some(name)
        }
    }

    /// Whether the account goes on with its sign-in name, since the other one is refused, and not only as long as it is synchronized.
    pub(crate) fn keeps_its_name(&self) -> bool {
        let is_told_to_change = self.has_account() && self.change(USER_PRINCIPAL_NAME).is_some();
        is_told_to_change && self.name_that_is_taken() == self.account.user_principal_name
    }

    /// Whether somebody or something else in the tenant has an address, for which Microsoft Graph refuses it.
    fn has_another(&self, address: &str) -> bool {
        self.comparison.hazards.address(address, self.id).iter().any(|holder| names::is_live(holder.kind))
    }

    /// The attributes that get another value, with their values.
    fn changes(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        self.changes.into_iter().flatten()
    }

    /// The value that an attribute gets, where it is another than it has.
    fn change(&self, attribute: &str) -> Option<&'a str> {
        self.changes().find(|(changed, _)| *changed == attribute).map(|(_, after)| after)
    }

    /// What it comes to for this user where Practice Protect's token leads to no account of theirs: how grave, and why.
    fn without_token(&self) -> (Severity, String) {
        let by_us = |domain: &str| {
            let why = format!(
                "Their domain {domain} signs in by Practice Protect, so they can't sign in.{}",
                self.facts().assumption()
            );
            (Severity::LockedOut, why)
        };
        self.by_domain(by_us, "; only the way by Practice Protect is refused")
    }

    /// What it comes to for whom a domain of Practice Protect's decides, and of whoever signs in elsewhere that they do, and what else.
    fn by_domain(&self, by_us: impl Fn(&str) -> (Severity, String), elsewhere: &str) -> (Severity, String) {
        if self.is_invited() {
            return (Severity::Changed, "A guest signs in at the home tenant, so nobody is locked out.".to_owned());
        }
        self.as_an_account(self.of_the_domain(by_us, elsewhere))
    }

    /// What it comes to for this account, where it is that for one who is enabled and signs in by this tenant. Nobody loses a sign-in where
    /// there is no account: the portal has users, as its own administrators, whom it provisions nowhere.
    fn as_an_account(&self, (mut severity, mut why): (Severity, String)) -> (Severity, String) {
        if !self.has_account() {
            if severity == Severity::LockedOut {
                severity = Severity::Unknown;
            }
            why = format!("There is no account, and whether Practice Protect makes one isn't known. If it does: {why}");
        }
        if self.is_disabled() {
            if severity == Severity::LockedOut {
                severity = Severity::Changed;
            }
            why = format!("The account is disabled, so nobody signs in with it now. Once it is enabled: {why}");
        }
        if self.may_be_external() {
            if severity == Severity::LockedOut {
                severity = Severity::Unknown;
            }
            let who = if self.is_guest() { "this guest" } else { "this account, by its name one who was invited," };
            why = format!("Whether {who} signs in here or at a home tenant isn't known. If here: {why}");
        }
        (severity, why)
    }

    fn of_the_domain(&self, by_us: impl Fn(&str) -> (Severity, String), elsewhere: &str) -> (Severity, String) {
        let Some(domain) = self.name_afterwards().and_then(key::domain) else {
            let said = "Whether they sign in by Practice Protect depends on their sign-in name's domain, and that is not known.";
            return (Severity::Unknown, said.to_owned());
        };
        match self.facts().is_practice_protect(&domain) {
            Err(reason) => (Severity::Unknown, reason.to_owned()),
            Ok(true) => by_us(&domain),
            Ok(false) => self.elsewhere(&domain, elsewhere),
        }
    }

    fn elsewhere(&self, domain: &str, and: &str) -> (Severity, String) {
        let domains = self.facts().domains.get();
        let Some(known) = domains.ok().and_then(|domains| domains.find(domain)) else {
            return (
                Severity::Unknown,
                format!("How the users of {domain} sign in is not known: the tenant doesn't have it."),
            );
        };
        let at = match known.authentication {
            Authentication::Managed => "at Microsoft, since their domain is managed",
            Authentication::Federated => "where their domain is federated",
        };
        let assumed = self.facts().assumption();
        (Severity::Changed, format!("They sign in {at}{and}.{assumed}"))
    }
}

fn changes<'a>(account: &Account<&str>, written: &'a Written<'_>) -> [Option<(&'static str, &'a str)>; 5] {
    let of = |(attribute, write, before): (&'static str, &'a Write<'_>, Option<&str>)| {
        // The blanks around an immutable ID have a verdict of their own.
        let without = |after: &'a str| if attribute == IMMUTABLE_ID { after.trim() } else { after };
        let after = write.value().map(without);
        after.filter(|after| before != Some(*after)).map(|after| (attribute, after))
    };
    [
        (DISPLAY_NAME, &written.display_name, account.display_name),
        (USAGE_LOCATION, &written.usage_location, account.usage_location),
        (IMMUTABLE_ID, &written.immutable_id, account.on_premises_immutable_id),
        (USER_PRINCIPAL_NAME, &written.user_principal_name, account.user_principal_name),
        (MAIL, &written.mail, account.mail),
    ]
    .map(of)
}

/// Objects in a sentence, as `user 0a1b…, group 2c3d…`.
fn named(holders: &[Holder]) -> String {
    holders.iter().map(|holder| format!("{} {}", holder.kind.name(), holder.id)).collect::<Vec<_>>().join(", ")
}

/// Users of the portal in a sentence, by their place in its list.
fn places<'a>(users: impl IntoIterator<Item = &'a Packed<'a>>) -> String {
    let places: Vec<String> = users.into_iter().map(|user| user.place.to_string()).collect();
    places.join(", ")
}
