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
    let keeps = if case.has_account() { "the account keeps its name" } else { "no account can be made" };
    let severity = if case.is_disabled() { Severity::Changed } else { Severity::LockedOut };
    let why = format!(
        "{why}: Microsoft Graph refuses it, {keeps}, and nobody can sign in by this one (\"user resource type\")."
    );
    let advice = "Correct the user's name in the portal, or add and verify the domain in Microsoft 365.";
    found.push(Verdict::new(USER_PRINCIPAL_NAME, severity, why).advise(advice));
}

/// The name or the address belongs to something else. Source: the service's answer, 400 "Another object with the same value for
/// property … already exists.", by which nothing of the update is done.
pub(super) fn held_by_another(case: &Case<'_>, found: &mut Vec<Verdict>) {
    for attribute in [USER_PRINCIPAL_NAME, MAIL] {
        let Some(after) = case.change(attribute) else { continue };
        let holders = case.comparison.hazards.address(after, case.id);
        let (deleted, live): (Vec<Holder>, Vec<Holder>) =
            holders.into_iter().partition(|holder| holder.kind == Kind::DeletedUser);
        if !live.is_empty() {
            let why = format!(
                "{} has it, as name, address or alias: Microsoft Graph refuses it (\"Another object with the same value\"), the \
                 account keeps what it has, and what of the rest Practice Protect then writes is not documented.",
                capital(&named(&live))
            );
            let advice = "Take it from the other one, or correct the user in the portal.";
            found.push(Verdict::new(attribute, Severity::Unknown, why).advise(advice).concerning(live));
        }
        if !deleted.is_empty() {
            let why = format!("{} has it too, and can't be restored with it afterwards.", capital(&named(&deleted)));
            found.push(Verdict::new(attribute, Severity::Changed, why).concerning(deleted));
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
