//! The immutable ID, which is what a token names a user by. Sources: Microsoft Graph documentation, "Update user"; Practice
//! Protect's knowledge base, "Immutable Id at the destination cannot be updated"; for what a token is matched with, TRR0032 of tired-labs.

use super::{Case, IMMUTABLE_ID, USER_PRINCIPAL_NAME, Verdict, named};
use crate::difference::Severity;
use crate::facts::Authentication;
use crate::hazards::Kind;
use crate::written::Write;

/// A write that Microsoft Graph refuses, so that the account goes on without what the token names.
pub(super) fn refused(case: &Case<'_>, why: &str) -> Verdict {
    let (severity, consequence) = case.without_token();
    Verdict::new(IMMUTABLE_ID, severity, format!("{why} {consequence}"))
}

const NO_TOKEN: &str = "Practice Protect's token names a user by the immutable ID (its NameID is matched with onPremisesImmutableId: TRR0032), and the portal has none for this one.";

/// The portal has none for this user.
pub(super) fn missing(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if let Write::Missing(_) = case.written.immutable_id {
        let advice = "Enter the account's onPremisesImmutableId for the user in the portal.";
        found.push(refused(case, NO_TOKEN).advise(advice));
    }
}

/// Nothing is written of a user whom the script rejects: the account keeps its immutable ID, and the token has the portal's.
pub(super) fn not_written(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if !case.is_rejected() || !case.has_account() {
        return;
    }
    let advice = "Give both the same immutable ID, or take the user out of those who sign in by Practice Protect.";
    let own = case.account.on_premises_immutable_id;
    let verdict = match &case.written.token {
        Write::Value(token) if own.map(str::trim) == Some(token.trim()) => return,
        Write::Value(token) => refused(
            case,
            &format!(
                "Practice Protect's token names a user by the immutable ID, and the portal has '{token}' for this one."
            ),
        ),
        Write::Missing(_) => refused(case, NO_TOKEN),
        Write::Unknown(reason) if matches!(case.without_token().0, Severity::LockedOut | Severity::Unknown) => {
            let why = format!("Whether Practice Protect's token names the account's can't be known. {reason}");
            Verdict::new(IMMUTABLE_ID, Severity::Unknown, why)
        }
        Write::Unknown(_) | Write::Nothing(_) => return,
    };
    found.push(verdict.advise(advice));
}

/// The portal has it with blanks around it. Nothing of `CyberArk`'s or Practice Protect's documentation says what becomes of them.
pub(super) fn blanks(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if case.written.token.value().is_some_and(|token| token != token.trim()) {
        let why = "The portal has blanks around it, and whether Practice Protect sends them is not documented: with them it is another one.";
        let advice = "Take the blanks from the user's immutable ID in the portal.";
        found.push(Verdict::new(IMMUTABLE_ID, Severity::Unknown, why).advise(advice));
    }
}

/// `$` and `_`. Source: Microsoft Graph documentation, "Update user", onPremisesImmutableId.
pub(super) fn refused_letters(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let Some(letter) = case.change(IMMUTABLE_ID).and_then(|after| after.chars().find(|it| matches!(it, '$' | '_')))
    else {
        return;
    };
    let why = format!("Microsoft Graph refuses an immutable ID with '{letter}' in it (\"Update user\").");
    found.push(refused(case, &why).advise("Give the user another immutable ID in the portal."));
}

/// Another account has it. Source: the service's answer, 400 with the details `ObjectConflict` and `ConflictingObjects`.
pub(super) fn held_by_another(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let Some(after) = case.change(IMMUTABLE_ID) else { return };
    let holders = case.comparison.hazards.immutable_id(after, case.id);
    let live: Vec<_> = holders.iter().copied().filter(|holder| holder.kind != Kind::DeletedUser).collect();
    if !live.is_empty() {
        let why = format!("It is the immutable ID of {}: Microsoft Graph refuses it (ObjectConflict).", named(&live));
        let advice = "See which of the two it belongs to, and correct the other in the portal or in Microsoft 365.";
        found.push(refused(case, &why).advise(advice).concerning(live));
    } else if !holders.is_empty() {
        let why =
            format!("It is that of {}; whether Microsoft Graph refuses it then is not documented.", named(&holders));
        let advice = "Delete that user for good first, or restore it and see which account is meant.";
        found.push(Verdict::new(IMMUTABLE_ID, Severity::Unknown, why).advise(advice).concerning(holders));
    } else if let Some((_, why)) = case.comparison.hazards.unread().find(|(kind, _)| *kind == Kind::DeletedUser) {
        let said = format!("Whether a deleted user has it can't be known ({why}).");
        found.push(Verdict::new(IMMUTABLE_ID, Severity::Unknown, said));
    }
}

/// It can't be changed while the sign-in name is in a federated domain.
pub(super) fn in_a_federated_domain(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let (Some(_), Some(name)) = (case.change(IMMUTABLE_ID), case.account.user_principal_name) else {
        return;
    };
    let advice = "Move the user to a name in onmicrosoft.com, set the immutable ID, and move the name back.";
    match case.facts().domain_of(name) {
        Err(reason) => found.push(Verdict::new(
            IMMUTABLE_ID,
            Severity::Unknown,
            format!("It can't be changed while the name is in a federated domain, and whether it is can't be known. {reason}"),
        )),
        Ok(Some(domain)) if domain.authentication == Authentication::Federated => {
            found.push(of_federated(case, &domain.name).advise(advice));
        }
        Ok(_) => found.extend(moves_into_a_federated_domain(case)),
    }
}

/// The sign-in name moves into a federated domain together with the change. Nothing of `CyberArk`'s or Practice Protect's documentation says
/// which of the two is written first.
fn moves_into_a_federated_domain(case: &Case<'_>) -> Option<Verdict> {
    let name = case.change(USER_PRINCIPAL_NAME).filter(|_| !case.keeps_its_name())?;
    let domain = case.facts().domain_of(name).ok().flatten()?;
    if domain.authentication != Authentication::Federated {
        return None;
    }
    let why = format!(
        "The name moves into {}, which is federated, and whether Practice Protect writes the immutable ID before that is not documented: \
         after that it may be refused (\"Immutable Id at the destination cannot be updated\").",
        domain.name
    );
    let advice = "Give the account the portal's immutable ID before its name moves.";
    Some(Verdict::new(IMMUTABLE_ID, Severity::Unknown, why).advise(advice))
}

fn of_federated(case: &Case<'_>, domain: &str) -> Verdict {
    if case.account.on_premises_immutable_id.is_none() {
        let why = format!(
            "Whether a first immutable ID is taken while the name is in {domain}, which is federated, is not documented."
        );
        return Verdict::new(IMMUTABLE_ID, Severity::Unknown, why);
    }
    let why = format!(
        "It is another one than Practice Protect has, and can't be changed while the name is in {domain}, which is federated \
         (\"Immutable Id at the destination cannot be updated\")."
    );
    refused(case, &why)
}

/// Of an account that left what is synchronized, the on-premises attributes can't be edited. Source: Entra documentation, "User source
/// of authority".
pub(super) fn left_synchronization(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if case.account.on_premises_sync_enabled == Some(false) && case.change(IMMUTABLE_ID).is_some() {
        let why = "The account left what is synchronized, or was restored (onPremisesSyncEnabled is false, not null): of such ones the \
                   on-premises attributes can't be edited; whether this is one of them is not documented.";
        found.push(Verdict::new(IMMUTABLE_ID, Severity::Unknown, why));
    }
}

/// A hint and no verdict: any text will do, if both sides hold the same.
pub(super) fn not_a_guid(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if let Some(after) = case.written.immutable_id.value().map(str::trim).filter(|after| !is_guid(after)) {
        let letters = after.chars().count();
        let why = format!(
            "A hint: it isn't the base64 of a GUID ({letters} letters), as Entra Connect makes them; any text will do."
        );
        found.push(Verdict::new(IMMUTABLE_ID, Severity::Equal, why));
    }
}

/// 16 bytes in base64 are 22 letters and two signs of equality.
fn is_guid(text: &str) -> bool {
    let base64 = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'/');
    text.strip_suffix("==").is_some_and(|letters| letters.len() == 22 && letters.bytes().all(base64))
}
