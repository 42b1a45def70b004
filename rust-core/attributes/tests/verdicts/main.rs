//! Each verdict has a firm that shows it and one that nearly does; what is not known is Unknown, never a guess.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod firm;
mod immutable_id;
mod names;
mod people;
mod token_policy;
mod values;

use std::collections::BTreeMap;

use pp_attributes::compare::Comparison;
use pp_attributes::difference::Severity::{Changed, Equal, LockedOut, Renamed, Unknown};
use pp_attributes::facts::{Coverage, Known};
use pp_attributes::hazards::Hazards;
use pp_attributes::pairing::Pairing;
use pp_attributes::portal_user::CANONICALIZE_NAME;
use pp_attributes::written::Written;

use firm::{ANCHOR, Firm, UPN, id};

#[test]
fn who_has_all_values_already_is_calm() {
    Firm::new().is_calm();
}

#[test]
fn values_that_differ_are_overwritten_and_capitals_are_told_apart() {
    let mut firm = Firm::new();
    firm.portal("DisplayName", "Ann Other").portal("CanonicalizeName", "ann.other@contoso.com");
    let difference = firm.says("displayName", Changed, "overwrites");
    assert_eq!((difference.before.as_deref(), difference.after.as_deref()), (Some("Ann"), Some("Ann Other")));
    firm.says("mail", Renamed, "overwrites");
    firm.portal("Username", "Ann@contoso.com");
    firm.says(UPN, Changed, "capitals alone");
    firm.ann().usage_location = None;
    firm.says("usageLocation", Changed, "there is none now");
}

#[test]
fn without_a_script_and_without_users_what_is_not_certain_is_unknown() {
    let mut firm = Firm::new();
    firm.has_script = false;
    firm.says("usageLocation", Unknown, "provisioning script");
    firm.says("mail", Unknown, "provisioning script");
    firm.says("displayName", Equal, "already");
    let constants = BTreeMap::from([("UsageLocation".to_owned(), Some("NZ".to_owned()))]);
    for (constants, location) in [(Some(&constants), Changed), (None, Unknown)] {
        let hazards = Hazards::default();
        let comparison = Comparison { facts: &firm.facts, hazards: &hazards, portal: None, equal: true };
        let all = comparison.account(&firm.accounts[0].borrowed(), &Pairing::Alone, &Written::constants(constants));
        for difference in all {
            let expected = if difference.attribute == "usageLocation" { location } else { Unknown };
            assert_eq!(difference.severity, expected, "{}: {}", difference.attribute, difference.reason);
        }
    }
}

#[test]
fn canonicalize_name_without_a_column_makes_mail_unknown() {
    let mut firm = Firm::new();
    firm.columns = vec!["Username", "DisplayName", "ImmutableId"];
    let difference = firm.says("mail", Unknown, "no column");
    assert_eq!(difference.after, None);
    let mut empty = Firm::new();
    empty.users[0].attributes.remove("CanonicalizeName");
    empty.says("mail", Unknown, "whether Practice Protect then clears it");
}

#[test]
fn a_user_whom_the_script_rejects_is_not_written() {
    let mut firm = Firm::new();
    firm.rejected = Some("left the firm");
    firm.portal("DisplayName", "Ann Other");
    firm.says("displayName", Equal, "rejects this user ('left the firm')");
    firm.is_calm();
}

#[test]
fn the_token_of_a_user_whom_the_script_rejects_has_the_portals_immutable_id() {
    let mut firm = Firm::new();
    firm.rejected = Some("left the firm");
    firm.portal("ObjectId", &id(0).to_string()).portal("ImmutableId", "another");
    firm.says(ANCHOR, LockedOut, "the portal has 'another' for this one. Their domain contoso.com signs in by");
    firm.users[0].attributes.remove("ImmutableId");
    assert!(firm.says(ANCHOR, LockedOut, "the portal has none for this one").advice.is_some());
    firm.columns = vec!["Username", "DisplayName", "CanonicalizeName"];
    firm.says(ANCHOR, Unknown, "no column that is ImmutableId");
    firm.ann().user_principal_name = Some("ann@fabrikam.com".to_owned());
    firm.says(ANCHOR, Equal, "rejects");
    firm.columns.push("ImmutableId");
    firm.says(ANCHOR, Changed, "sign in at Microsoft");
}

#[test]
fn of_a_user_whom_the_script_rejects_no_account_is_made() {
    let mut firm = Firm::new();
    firm.rejected = Some("left the firm");
    firm.accounts.clear();
    firm.add("ann@contoso.com", firm::IMMUTABLE_ID);
    firm.accounts.clear();
    let difference = firm.says(UPN, Equal, "No account pairs with the portal's user at 2 of its list.");
    assert!(!difference.reason.contains("makes one") && difference.advice.is_none(), "{}", difference.reason);
    firm.says(ANCHOR, Equal, "rejects");
    firm.rejected = None;
    firm.says(UPN, Unknown, "if Practice Protect provisions this user, it makes one");
}

#[test]
fn an_account_that_the_portal_does_not_know_is_locked_out_where_its_domain_signs_in_there() {
    let mut firm = Firm::new();
    firm.users.clear();
    firm.says(UPN, LockedOut, "Practice Protect has no user for this account");
    firm.says("displayName", Equal, "nothing is written");
    firm.ann().user_principal_name = Some("ann@fabrikam.com".to_owned());
    firm.is_calm();
    firm.facts.practice_protect_domains = Known::Unknown("The domains' federation could not be read.".to_owned());
    firm.says(UPN, Unknown, "could not be read");
    firm.facts.coverage = Coverage::Part;
    firm.says(UPN, Unknown, "who were given");
}

#[test]
fn an_account_that_a_list_without_immutable_ids_does_not_show_may_be_in_the_portal() {
    let listed = || {
        let mut firm = Firm::new();
        firm.columns = vec!["Username", "DisplayName", "Email"];
        firm.users[0].attributes.remove("ImmutableId");
        firm.portal("Username", "ann.jones@contoso.com").portal("CanonicalizeName", "ann.jones@contoso.com");
        firm
    };
    let mut firm = listed();
    let difference = firm.says(UPN, Unknown, "Unless Practice Protect has a user for this account");
    assert!(difference.reason.contains("the list has no immutable IDs") && !difference.reason.contains("list."));
    assert!(difference.advice.unwrap().contains("with their immutable IDs"));
    for attribute in ["displayName", ANCHOR, "mail"] {
        firm.says(attribute, Unknown, "the list has no immutable IDs");
    }
    for mail in [false, true] {
        let mut addressed = listed();
        if mail {
            addressed.ann().mail = Some("Ann.Jones@contoso.com".to_owned());
        } else {
            addressed.ann().proxy_addresses =
                ["SMTP:ann@contoso.com", "smtp:Ann.Jones@contoso.com"].map(str::to_owned).into();
        }
        addressed.says(UPN, Unknown, "an address that is the name of the portal's user at 2 of its list.");
    }
    // It may be renamed from any domain.
    firm.ann().user_principal_name = Some("ann@fabrikam.com".to_owned());
    let reason = firm.says(UPN, Unknown, "the list has no immutable IDs").reason;
    assert!(!reason.contains("Unless"), "{reason}");
    // Without an immutable ID of its own no token names it, and nothing of the portal has it.
    let mut near = listed();
    near.ann().on_premises_immutable_id = None;
    near.says(UPN, LockedOut, "Practice Protect has no user for this account");
    near.says("displayName", Equal, "nothing is written");
    // A column in which nobody has anything says that nobody has one.
    let mut near = listed();
    near.columns.push("ImmutableId");
    near.says(UPN, LockedOut, "Practice Protect has no user for this account");
}

#[test]
fn of_a_list_without_immutable_ids_a_user_without_an_account_may_have_one() {
    let mut firm = Firm::new();
    firm.accounts.clear();
    firm.users[0].attributes.remove("ImmutableId");
    firm.says(UPN, Changed, "if Practice Protect provisions this user, it makes one.");
    firm.columns = vec!["Username", "DisplayName", "Email"];
    firm.says(UPN, Unknown, "it makes one, or writes to one that has the user's immutable ID");
}

#[test]
fn a_user_of_the_portal_without_an_account_loses_no_sign_in() {
    const WORDS: &str = "There is no account, and whether Practice Protect makes one isn't known. If it does: ";
    let mut firm = Firm::new();
    firm.accounts.clear();
    firm.says(UPN, Changed, "at 2 of its list: if Practice Protect provisions this user, it makes one");
    firm.portal("Username", "ann@unverified.com");
    firm.says(UPN, Unknown, "if Practice Protect provisions this user, no account can be made");
    firm.portal("Username", "ann@other.com").says(UPN, Unknown, &format!("{WORDS}other.com is federated"));
    firm.portal("Username", "ann@contoso.com").portal("ImmutableId", "a$b");
    firm.says(ANCHOR, Unknown, "refuses an immutable ID with '$' in it");
    firm.users[0].attributes.remove("ImmutableId");
    let reason = firm.says(ANCHOR, Unknown, "the portal has none for this one").reason;
    assert!(reason.contains(&format!("{WORDS}Their domain contoso.com signs in by Practice Protect")), "{reason}");
    // Whoever has one does.
    let mut near = Firm::new();
    near.users[0].attributes.remove("ImmutableId");
    near.says(ANCHOR, LockedOut, "the portal has none for this one");
}

#[test]
fn two_for_one_are_unknown_both_ways() {
    let mut firm = Firm::new();
    firm.add("ann.two@contoso.com", "second");
    firm.users.pop();
    firm.accounts[1].on_premises_immutable_id = None;
    firm.is_calm();
    firm.accounts[1].on_premises_immutable_id = Some(firm::IMMUTABLE_ID.to_owned());
    let difference = firm.says(UPN, Unknown, &format!("pairs with {} too", id(1)));
    assert_eq!(difference.concerns.first().map(|holder| holder.id), Some(id(1)));

    let mut firm = Firm::new();
    firm.add("ann@contoso.com", firm::IMMUTABLE_ID);
    firm.accounts.pop();
    firm.says(ANCHOR, Unknown, "2 users of the portal pair with the account by the immutable ID, at 2, 3");
    firm.users[1].attributes.insert("ImmutableId".to_owned(), "another".to_owned());
    firm.says(UPN, Unknown, "the same user principal name for another user, at 3");
    firm.says(ANCHOR, Equal, "already");
}

#[test]
fn two_users_of_the_portal_share_what_is_written_to_mail_and_nothing_else() {
    let mut firm = Firm::new();
    firm.add("bob@contoso.com", "bobs");
    for user in &mut firm.users {
        user.attributes.insert("Mail".to_owned(), "info@contoso.com".to_owned());
    }
    firm.says("mail", Equal, "already");
    firm.portal("CanonicalizeName", "info@contoso.com");
    let reason = firm.says("mail", Renamed, "overwrites").reason;
    assert!(!reason.contains("another user"), "{reason}");
    firm.users[1].attributes.insert(CANONICALIZE_NAME.to_owned(), "Info@contoso.com".to_owned());
    firm.says("mail", Unknown, "the same CanonicalizeName for another user, at 3 of its list");
    // A script that takes it from Mail.
    firm.mail_from = "Mail";
    firm.portal("CanonicalizeName", "ann@contoso.com");
    firm.says("mail", Unknown, "the same mail address for another user, at 3 of its list");
    // Of one whom the script rejects nothing is written.
    firm.rejected = Some("left");
    firm.says("mail", Equal, "rejects");
}
