//! Values that Microsoft Graph's documentation doesn't allow. Source: "user resource type". What the service does with them is not
//! documented beyond that, so they are Unknown.

use super::{Case, MAIL, USAGE_LOCATION, USER_PRINCIPAL_NAME, Verdict};
use crate::difference::Severity;

/// userPrincipalName: "can't contain accent characters. Only the following characters are allowed A - Z, a - z, 0 - 9, ' . - _ ! # ^ ~."
/// What is wrong with the part before the last `@`; `None` where nothing is, or there is no `@`, which another verdict is about.
pub(super) fn wrong_in_name(name: &str) -> Option<String> {
    let (local, _) = name.rsplit_once('@')?;
    if local.is_empty() {
        return Some("It has nothing before the @".to_owned());
    }
    let is_allowed = |letter: &char| letter.is_ascii_alphanumeric() || "'.-_!#^~".contains(*letter);
    local.chars().find(|letter| !is_allowed(letter)).map(|letter| format!("It has {} in it", shown(letter)))
}

fn shown(letter: char) -> String {
    if letter.is_whitespace() { "a blank".to_owned() } else { format!("'{letter}'") }
}

/// A sign-in name.
pub(super) fn name(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let Some(wrong) = case.change(USER_PRINCIPAL_NAME).and_then(wrong_in_name) else { return };
    let consequence = if case.has_account() {
        "what becomes of the account's name then is not documented"
    } else {
        "so if Practice Protect provisions this user, no account can be made"
    };
    let why = format!(
        "{wrong}: before the @ of a sign-in name Microsoft Graph allows only A to Z, a to z, 0 to 9 and ' . - _ ! # ^ ~ (\"user \
         resource type\"), {consequence}."
    );
    let advice = "Correct the user's name in the portal.";
    found.push(Verdict::new(USER_PRINCIPAL_NAME, Severity::Unknown, why).advise(advice));
}

/// mail: "The SMTP address for the user", which "can't contain accent characters".
pub(super) fn mail(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let Some(after) = case.change(MAIL) else { return };
    let why = if let Some(letter) = after.chars().find(|letter| !letter.is_ascii()) {
        format!("It has {} in it, and Microsoft Graph allows no accent in mail", shown(letter))
    } else if !after.contains('@') {
        "It is no address, which mail is".to_owned()
    } else {
        return;
    };
    let why = format!("{why} (\"user resource type\"): what becomes of the write is not documented.");
    found.push(Verdict::new(MAIL, Severity::Unknown, why).advise("Correct what the script makes the address of."));
}

/// usageLocation: "A two-letter country code (ISO standard 3166)".
pub(super) fn usage_location(case: &Case<'_>, found: &mut Vec<Verdict>) {
    let Some(after) = case.change(USAGE_LOCATION) else { return };
    if pp_portal::usage_location(after).is_err() {
        let why = "It is no country's two letters (ISO 3166), which Microsoft Graph's usageLocation is (\"user resource type\"): \
                   what becomes of the write is not documented.";
        let advice = "Correct destination.UsageLocation in the provisioning script.";
        found.push(Verdict::new(USAGE_LOCATION, Severity::Unknown, why).advise(advice));
    }
}
