//! What follows from who pairs with whom.

use super::{Case, IMMUTABLE_ID, MAIL, USER_PRINCIPAL_NAME, Verdict, places};
use crate::account::Account;
use crate::difference::Severity;
use crate::facts::{Coverage, Facts};
use crate::hazards::{Holder, Kind};
use crate::key;
use crate::object_id::ObjectId;
use crate::pairing::{Key, Packed, Pairing, Portal};
use crate::written::Write;

/// Whether an account that pairs with nobody may be a user of the portal all the same: by its immutable ID, of which the list has none.
fn may_be_in(portal: &Portal, account: &Account<&str>) -> bool {
    account.on_premises_immutable_id.is_some() && !portal.has(Key::ImmutableId)
}

/// What is written to an account that pairs with nobody.
pub(crate) fn alone(facts: &Facts, portal: &Portal, account: &Account<&str>) -> Write<'static> {
    match facts.coverage {
        Coverage::Whole if may_be_in(portal, account) => Write::Unknown(
            "No user of the portal's list pairs with the account, and the list has no immutable IDs, by which one may: what is written to it \
             is not known."
                .into(),
        ),
        Coverage::Whole => {
            Write::Nothing("No user of the portal pairs with the account: nothing is written to it.".into())
        }
        Coverage::Part => Write::Unknown("None of the portal's users who were given pairs with the account.".into()),
    }
}

/// What is written to an account that pairs with several users of the portal.
pub(crate) fn several(by: Key, users: &[Packed<'_>]) -> Write<'static> {
    let (many, places) = (users.len(), places(users));
    let said = format!(
        "{many} users of the portal pair with the account by the {}, at {places} of its list: which of them is written is not known.",
        by.name()
    );
    Write::Unknown(said.into())
}

/// What is written to an account whose user of the portal pairs with others too.
pub(crate) fn claimed_twice(user: Packed<'_>, rivals: &[ObjectId]) -> Write<'static> {
    let others: Vec<String> = rivals.iter().map(ToString::to_string).collect();
    let said = format!(
        "The portal's user at {} of its list pairs with {} too: which account is written is not known.",
        user.place,
        others.join(", ")
    );
    Write::Unknown(said.into())
}

/// A user of the portal without an account.
pub(super) fn no_account(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if let (None, Some((_, user))) = (case.pairing, case.user) {
        let why = format!("No account pairs with the portal's user at {} of its list", user.place);
        if case.is_rejected() {
            return found.push(Verdict::new(USER_PRINCIPAL_NAME, Severity::Equal, format!("{why}.")));
        }
        let why = format!("{why}: if Practice Protect provisions this user, it makes one");
        let (severity, why) = if case.comparison.portal.is_some_and(|portal| portal.has(Key::ImmutableId)) {
            (Severity::Changed, format!("{why}."))
        } else {
            let or = "or writes to one that has the user's immutable ID, which the list doesn't have";
            (Severity::Unknown, format!("{why}, {or}."))
        };
        let advice = "If there is an account for this user, give both the same immutable ID and name first.";
        found.push(Verdict::new(USER_PRINCIPAL_NAME, severity, why).advise(advice));
    }
}

/// An account that the portal doesn't know, in a domain that signs in by it.
pub(super) fn no_portal_user(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let (Some(portal), Some(Pairing::Alone), Coverage::Whole) =
        (case.comparison.portal, case.pairing, case.facts().coverage)
    else {
        return;
    };
    if may_be_in(portal, case.account) {
        return found.extend(perhaps_no_portal_user(case, portal));
    }
    let (severity, consequence) = case.without_token();
    if matches!(severity, Severity::LockedOut | Severity::Unknown) {
        let why = format!(
            "Practice Protect has no user for this account, so none of its tokens names it (by NameID: TRR0032). {consequence}"
        );
        let advice =
            "Add the user to the portal, or move the account to a name in a managed domain, as onmicrosoft.com.";
        found.push(Verdict::new(USER_PRINCIPAL_NAME, severity, why).advise(advice));
    }
}

/// The same of one whom the portal may know all the same.
fn perhaps_no_portal_user(case: &Case<'_>, portal: &Portal) -> Option<Verdict> {
    let mut said = Vec::new();
    let domain = case.account.user_principal_name.and_then(key::domain);
    if let Some(domain) = domain.filter(|domain| case.facts().is_practice_protect(domain) == Ok(true)) {
        said.push(format!(
            "Unless Practice Protect has a user for this account, none of its tokens names it (by NameID: TRR0032), and its domain {domain} \
             signs in by them.{}",
            case.facts().assumption()
        ));
    }
    let named = portal.named_as_an_address_of(case.account);
    if !named.is_empty() {
        said.push(format!(
            "It has an address that is the name of the portal's user at {} of its list.",
            places(&named)
        ));
    }
    let advice = "Export the portal's users with their immutable IDs, and compare again.";
    (!said.is_empty()).then(|| Verdict::new(USER_PRINCIPAL_NAME, Severity::Unknown, said.join(" ")).advise(advice))
}

/// Which key decided; and whether another account pairs with the same user.
pub(super) fn rivals(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let Some(Pairing::Paired { by, rivals, .. }) = case.pairing else { return };
    let concerns = rivals.iter().map(|id| Holder { id: *id, kind: Kind::User }).collect::<Vec<_>>();
    let by = match by {
        Key::ObjectId => "They pair by the object id.",
        Key::ImmutableId => "They pair by the immutable ID.",
        Key::UserPrincipalName => "They pair by the user principal name.",
        Key::Mail => "They pair by the mail address.",
        Key::CanonicalizeName => return,
    };
    let verdict = Verdict::new(USER_PRINCIPAL_NAME, Severity::Equal, by).concerning(concerns);
    let advice = "Give the one account that is meant the portal's immutable ID and name, and take them from the other.";
    found.push(if rivals.is_empty() { verdict } else { verdict.advise(advice) });
}

/// Two users of the portal with one immutable ID, name or address. Where mail comes from the script says: the column counts that has what
/// is written, `CanonicalizeName`'s, as in the runbook's script, before Mail's.
pub(super) fn same_in_the_portal(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let (Some(portal), Some((number, _)), false) = (case.comparison.portal, case.user, case.is_rejected()) else {
        return;
    };
    let of_mail = case.written.mail.value().and_then(|after| {
        [Key::CanonicalizeName, Key::Mail].into_iter().find(|key| portal.is(*key, number, after)).map(|key| (key, MAIL))
    });
    let keys = [(Key::ImmutableId, IMMUTABLE_ID), (Key::UserPrincipalName, USER_PRINCIPAL_NAME)];
    for (key, attribute) in keys.into_iter().chain(of_mail) {
        let others: Vec<Packed<'_>> = portal.sharing(key, number).into_iter().map(|other| portal.user(other)).collect();
        if !others.is_empty() {
            let why = format!(
                "The portal has the same {} for another user, at {} of its list: one of them can't get it.",
                key.name(),
                places(&others)
            );
            found.push(Verdict::new(attribute, Severity::Unknown, why).advise("Correct one of them in the portal."));
        }
    }
}
