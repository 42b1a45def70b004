//! Values that Microsoft Graph's documentation doesn't allow.

use pp_attributes::difference::Severity::{Changed, LockedOut, Renamed, Unknown};

use crate::firm::{ANCHOR, Firm, UPN, id};

#[test]
fn a_name_with_letters_that_are_not_allowed_is_unknown() {
    for (name, words) in [
        ("ren\u{e9}@contoso.com", "It has '\u{e9}' in it"),
        ("ann other@contoso.com", "It has a blank in it"),
        ("ann@home@contoso.com", "It has '@' in it"),
        ("@contoso.com", "nothing before the @"),
    ] {
        let mut firm = Firm::new();
        let difference = firm.portal("Username", name).says(UPN, Unknown, words);
        assert!(difference.reason.contains("user resource type"), "{}", difference.reason);
        firm.accounts.clear();
        firm.says(UPN, Unknown, words);
    }
    let mut firm = Firm::new();
    firm.portal("Username", "o'neil.A-b_9!#^~@contoso.com").says(UPN, Renamed, "overwrites");
    // What the account has already is not written.
    firm.name("ren\u{e9}@contoso.com").is_calm();
}

#[test]
fn no_other_verdict_builds_on_a_name_that_may_be_refused() {
    let mut firm = Firm::new();
    firm.ann().user_principal_name = Some("ann@fabrikam.com".to_owned());
    firm.users[0].attributes.remove("ImmutableId");
    firm.portal("Username", "ann.other@contoso.com").portal("ObjectId", &id(0).to_string());
    firm.says(ANCHOR, LockedOut, "contoso.com signs in by Practice Protect");
    firm.portal("Username", "ann other@contoso.com").says(ANCHOR, Unknown, "that is not known");
}

#[test]
fn mail_that_is_no_address_or_has_an_accent_is_unknown() {
    for (mail, words) in [("ren\u{e9}@contoso.com", "It has '\u{e9}' in it"), ("ann", "It is no address")] {
        let mut firm = Firm::new();
        firm.portal("CanonicalizeName", mail).says("mail", Unknown, words);
        firm.ann().mail = Some(mail.to_owned());
        firm.is_calm();
    }
}

#[test]
fn a_usage_location_that_is_no_country_is_unknown() {
    let mut firm = Firm::new();
    firm.country = "UK";
    firm.says("usageLocation", Unknown, "no country's two letters (ISO 3166)");
    firm.country = "GB";
    firm.says("usageLocation", Changed, "overwrites");
}
