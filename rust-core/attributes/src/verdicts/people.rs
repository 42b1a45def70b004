//! What follows from what kind of account it is: synchronized, a mailbox, a guest, disabled, an administrator.

use super::{Case, IMMUTABLE_ID, MAIL, OWNED, USER_PRINCIPAL_NAME, Verdict, immutable_id, names};
use crate::difference::Severity;
use crate::facts::{Admins, Authentication, GlobalAdministrator, Known};
use crate::key;

/// Sources: the service's refusal, and Entra documentation, "User source of authority": true is synchronized, null is converted by the
/// switch, false left what is synchronized.
pub(super) fn still_synchronized(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if !case.is_synchronized() {
        return;
    }
    for (attribute, after) in case.changes() {
        let why = "Microsoft Graph refuses the write (\"Unable to update the specified properties for on-premises mastered Directory Sync \
                   objects\").";
        let advice = "Before Start Sync in the portal, switch directory synchronization off (Disable-PPDirSync), wait until no account is \
                      synchronized any more (Wait-PPDirSync, up to 72 hours), and compare again.";
        let is_another = |before: &str| !key::case_only(before, after);
        let verdict = match attribute {
            IMMUTABLE_ID => immutable_id::refused(case, why),
            USER_PRINCIPAL_NAME if case.account.user_principal_name.is_none_or(is_another) => names::refused(case, why),
            _ => Verdict::new(attribute, Severity::Equal, why),
        };
        found.push(verdict.advise(advice));
    }
}

/// Of a mailbox, Exchange masters the addresses. Source: docs-contrib #8421, microsoft-graph-docs #12584.
pub(super) fn exchange(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if case.change(MAIL).is_none() || case.account.proxy_addresses.is_empty() {
        return;
    }
    let why =
        "Exchange masters the addresses: what is written becomes the primary one, and the old one stays as an alias.";
    let advice =
        "Where the write is refused (\"originated within an external service\"), change it in Exchange Online.";
    found.push(Verdict::new(MAIL, Severity::Equal, why).advise(advice));
}

/// Microsoft Entra roles that may change the sensitive properties of an administrator. Source: Microsoft Graph documentation, "user
/// resource type", who can perform sensitive actions.
const ENOUGH: [&str; 2] = ["Global Administrator", "Privileged Authentication Administrator"];

/// The sign-in name and the immutable ID of an administrator.
pub(super) fn role_needed(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if !case.has_account() {
        return;
    }
    let has_role = |names: &Vec<String>| names.iter().any(|name| ENOUGH.contains(&name.as_str()));
    let roles = &case.facts().application_roles;
    let is_enough = roles.get().is_ok_and(has_role);
    let (Some(of_user), false) = (roles_of(case), is_enough) else { return };
    for (attribute, _) in case.changes().filter(|change| matches!(change.0, USER_PRINCIPAL_NAME | IMMUTABLE_ID)) {
        let why = match roles {
            Known::Is(_) => {
                format!(
                    "{of_user}: but for a few small roles Microsoft Graph refuses this write without one of those below."
                )
            }
            Known::Unknown(reason) => {
                format!("{of_user}, and whether the application has the role it takes can't be known. {reason}")
            }
        };
        let advice = "Give the application the role Global Administrator, or Privileged Authentication Administrator.";
        found.push(Verdict::new(attribute, Severity::Unknown, why).advise(advice));
    }
}

/// Whether the user has a role, in a sentence's begin; `None` where it surely has none.
fn roles_of(case: &Case<'_>) -> Option<String> {
    match &case.facts().admins {
        Known::Is(admins) => {
            let roles = admins.roles.get(&case.id?).filter(|roles| !roles.is_empty())?;
            Some(format!("They are {}", roles.join(", ")))
        }
        Known::Unknown(reason) => Some(format!("Whether they are an administrator can't be known ({reason})")),
    }
}

/// Source: Microsoft Graph documentation, "user resource type", userType.
pub(super) fn guest(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if case.may_be_external() && case.change(USER_PRINCIPAL_NAME).is_some() && !case.keeps_its_name() {
        let who = if case.is_invited() {
            "a guest, who signs in at the"
        } else if case.is_guest() {
            "a guest, who may sign in at a"
        } else {
            "by its name one who was invited, who may sign in at a"
        };
        let why = format!("It is {who} home tenant; what a rename of such a one comes to is not documented.");
        let advice = "Take this account out of what Practice Protect provisions.";
        found.push(Verdict::new(USER_PRINCIPAL_NAME, Severity::Unknown, why).advise(advice));
    }
}

/// Practice Protect writes Account Enabled as well.
pub(super) fn disabled(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if case.is_disabled() && case.user.is_some() && !case.is_rejected() {
        let why = "The account is disabled. Practice Protect writes Account Enabled as well, so it may become enabled.";
        found.push(Verdict::new(USER_PRINCIPAL_NAME, Severity::Equal, why));
    }
}

/// An administrator, which every row of theirs says; and a Global Administrator, where nobody else can take the federation back.
pub(super) fn administrator(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let (Ok(admins), Some(id)) = (case.facts().admins.get(), case.id) else { return };
    let Some(roles) = admins.roles.get(&id).filter(|roles| !roles.is_empty()) else { return };
    let global = admins.global.iter().find(|admin| admin.id == id);
    found.extend(global.and_then(|admin| way_back(case, admins, admin)));
    let said = match global {
        Some(_) => "It is a Global Administrator.".to_owned(),
        None => format!("It is an administrator ({}).", roles.join(", ")),
    };
    found.extend(OWNED.map(|attribute| Verdict::new(attribute, Severity::Equal, said.clone())));
}

/// What the way back comes to when the federation fails.
fn way_back(case: &Case<'_>, admins: &Admins, admin: &GlobalAdministrator) -> Option<Verdict> {
    let after = case.name_afterwards()?;
    if !is_break_glass(after) && is_break_glass(&admin.user_principal_name) {
        let why = "Their name in onmicrosoft.com lets this administrator in when the federation fails, and the rename takes that away.";
        let advice = "Leave this account out of what Practice Protect provisions.";
        return Some(Verdict::new(USER_PRINCIPAL_NAME, Severity::Renamed, why).advise(advice));
    }
    if !depends(case, after) || others_keep(admins, admin, is_break_glass) {
        return None;
    }
    let (severity, so) = if others_keep(admins, admin, |name| is_managed(case, name)) {
        (
            Severity::Equal,
            "when the federation fails, it is taken back by one with a name in another domain of the tenant, as long as that is managed.",
        )
    } else {
        (Severity::Changed, "when the federation fails, nobody can take it back.")
    };
    let why = format!(
        "This administrator's domain signs in by Practice Protect, and no other Global Administrator, of those who have the role \
         directly, has and keeps a name in onmicrosoft.com: {so}{}",
        case.facts().assumption()
    );
    let advice = "Make a Global Administrator with a name in onmicrosoft.com, without an immutable ID, and try it.";
    Some(Verdict::new(USER_PRINCIPAL_NAME, severity, why).advise(advice))
}

fn depends(case: &Case<'_>, name: &str) -> bool {
    key::domain(name).is_some_and(|domain| case.facts().is_practice_protect(&domain) == Ok(true))
}

/// Whether another Global Administrator has a name of that kind now, and afterwards.
fn others_keep(admins: &Admins, but: &GlobalAdministrator, is: impl Fn(&str) -> bool) -> bool {
    let mut others = admins.global.iter().filter(|other| other.id != but.id && other.is_enabled != Some(false));
    others.any(|other| is(&other.user_principal_name) && other.portal_names.iter().all(|name| is(name)))
}

/// A name whose domain signs in at Microsoft, and is not going to be federated with Practice Protect.
fn is_managed(case: &Case<'_>, name: &str) -> bool {
    let managed = case.facts().domain_of(name);
    matches!(managed, Ok(Some(domain)) if domain.authentication == Authentication::Managed) && !depends(case, name)
}

/// A name that no federation can reach: `onmicrosoft.com`, and its like in other clouds, can't be federated.
fn is_break_glass(name: &str) -> bool {
    const INITIAL: [&str; 3] = [".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn"];
    key::domain(name).is_some_and(|domain| INITIAL.iter().any(|end| domain.ends_with(end)))
}

/// Whoever runs this, which every row of theirs says.
pub(super) fn me(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if case.id.is_some() && case.id == case.facts().me {
        let said = "It is you: this connection is signed in as them.";
        found.extend(OWNED.map(|attribute| Verdict::new(attribute, Severity::Equal, said)));
    }
}
