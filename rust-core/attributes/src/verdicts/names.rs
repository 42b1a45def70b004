//! Names and addresses that the tenant doesn't take.

use super::{Case, MAIL, USER_PRINCIPAL_NAME, Verdict, named};
use crate::difference::Severity;
use crate::hazards::{Holder, Kind};
use crate::key;

/// The name's domain isn't a verified one of the tenant. Source: Microsoft Graph documentation, "user resource type",
/// userPrincipalName.
pub(super) fn suffix_not_verified(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let Some(after) = case.change(USER_PRINCIPAL_NAME) else { return };
    let domains = match case.facts().domains.get() {
        Ok(domains) => domains,
        Err(reason) => {
            let why = format!("Whether its domain is one of the tenant's can't be known. {reason}");
            return found.push(Verdict::new(USER_PRINCIPAL_NAME, Severity::Unknown, why));
        }
    };
    let why = match key::domain(after) {
        None => "It isn't of the form name@domain".to_owned(),
        Some(domain) if domains.find(&domain).is_some_and(|domain| domain.is_verified) => return,
        Some(domain) => format!("{domain} isn't among the tenant's verified domains"),
    };
    let why = format!("{why}: Microsoft Graph refuses it (\"user resource type\").");
    let advice = "Correct the user's name in the portal, or add and verify the domain in Microsoft 365.";
    found.push(refused(case, &why).advise(advice));
}

/// A name that Microsoft Graph refuses, so that the account goes on with its own.
pub(super) fn refused(case: &Case<'_>, why: &str) -> Verdict {
    let (severity, consequence) = with_its_own(case);
    Verdict::new(USER_PRINCIPAL_NAME, severity, format!("{why} {consequence}"))
}

/// What a name that is refused comes to: how grave, and why.
fn with_its_own(case: &Case<'_>) -> (Severity, String) {
    if !case.has_account() {
        let why = "So if Practice Protect provisions this user, no account can be made.";
        return (Severity::Unknown, why.to_owned());
    }
    let by_us = |domain: &str| {
        let why = format!(
            "Their domain {domain} signs in by Practice Protect, whose token names a user by the immutable ID and not by the name; \
             whether it lets them in while the portal has another name is not documented.{}",
            case.facts().assumption()
        );
        (Severity::Unknown, why)
    };
    let (severity, why) = case.by_domain(by_us, "");
    (severity, format!("The account keeps its name. {why}"))
}

/// The name or the address belongs to something else. Source: the service's answer, 400 "Another object with the same value for
/// property … already exists.", by which nothing of the update is done.
pub(super) fn held_by_another(case: &Case<'_>, found: &mut Vec<Verdict>) {
    for attribute in [USER_PRINCIPAL_NAME, MAIL] {
        let Some(after) = case.change(attribute) else { continue };
        let all = case.comparison.hazards.address(after, None);
        // Another of its own names or aliases: nobody else can have that.
        let is_own = all.iter().any(|holder| Some(holder.id) == case.id);
        let of = |is_wanted: fn(Kind) -> bool| -> Vec<Holder> {
            all.iter().copied().filter(|holder| Some(holder.id) != case.id && is_wanted(holder.kind)).collect()
        };
        let live = of(is_live);
        if live.is_empty() && !is_own {
            found.extend(case.comparison.hazards.unread().map(|(kind, why)| unread(attribute, kind, why)));
        } else if !live.is_empty() {
            let consequence = if case.has_account() {
                "the account keeps what it has, and what of the rest Practice Protect then writes is not documented"
            } else {
                "and no account can be made with it"
            };
            let why = format!(
                "{} has it, as name, address or alias: Microsoft Graph refuses it (\"Another object with the same value\"), {consequence}.",
                capital(&named(&live))
            );
            let advice = "Take it from the other one, or correct the user in the portal.";
            found.push(Verdict::new(attribute, Severity::Unknown, why).advise(advice).concerning(live));
        }
        found.extend(held_by_the_deleted(
            attribute,
            of(|kind| kind == Kind::DeletedUser),
            of(|kind| kind == Kind::DeletedGroup),
        ));
    }
}

/// What keeps an address from everybody else, as the deleted don't.
pub(super) fn is_live(kind: Kind) -> bool {
    matches!(kind, Kind::User | Kind::Group | Kind::Contact)
}

/// What couldn't be read may have it.
fn unread(attribute: &'static str, kind: Kind, why: &str) -> Verdict {
    let said = format!("Whether a {} has it can't be known ({why}).", kind.name());
    Verdict::new(attribute, Severity::Unknown, said)
}

/// A deleted user doesn't keep it from being written. Of a deleted Microsoft 365 group nothing says so: its mailbox stays in Exchange, which
/// masters the addresses, until it is deleted for good.
fn held_by_the_deleted(
    attribute: &'static str,
    users: Vec<Holder>,
    groups: Vec<Holder>,
) -> impl Iterator<Item = Verdict> {
    let of_users = (!users.is_empty()).then(|| {
        let why = format!("{} has it too, and can't be restored with it afterwards.", capital(&named(&users)));
        Verdict::new(attribute, Severity::Changed, why).concerning(users)
    });
    let of_groups = (!groups.is_empty()).then(|| {
        let why = format!(
            "{} has it too; whether Microsoft Graph refuses it then is not documented.",
            capital(&named(&groups))
        );
        let advice = "Delete that group for good first, or restore it and take the address from it.";
        Verdict::new(attribute, Severity::Unknown, why).advise(advice).concerning(groups)
    });
    of_users.into_iter().chain(of_groups)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
