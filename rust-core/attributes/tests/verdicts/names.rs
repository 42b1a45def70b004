//! Names and addresses that the tenant doesn't take.

use pp_attributes::difference::Severity::{Changed, LockedOut, Renamed, Unknown};
use pp_attributes::facts::Known;
use pp_attributes::hazards::Kind;

use crate::firm::{Firm, UPN, id};

#[test]
fn a_domain_that_is_not_verified_is_refused() {
    for (name, words) in [
        ("ann@unverified.com", "unverified.com isn't among the tenant's verified domains"),
        ("ann@nowhere.com", "nowhere.com isn't among"),
        ("ann", "isn't of the form name@domain"),
    ] {
        let mut firm = Firm::new();
        firm.portal("Username", name).says(UPN, LockedOut, words);
    }
    let mut near = Firm::new();
    near.portal("Username", "ann@Contoso.COM").says(UPN, Changed, "capitals alone");
    near.portal("Username", "ann@nowhere.com").facts.domains = Known::Unknown("They could not be read.".to_owned());
    near.says(UPN, Unknown, "could not be read");
}

#[test]
fn what_belongs_to_somebody_else_is_refused_whoever_it_is() {
    for kind in [Kind::User, Kind::Group, Kind::Contact] {
        let mut firm = Firm::new();
        firm.portal("Username", "new@contoso.com").portal("CanonicalizeName", "new@contoso.com");
        firm.holder(kind, "smtp:New@contoso.com", None);
        for attribute in [UPN, "mail"] {
            let difference = firm.says(attribute, Unknown, &format!("{} has it", id(99)));
            assert_eq!(difference.concerns.first().map(|holder| holder.kind), Some(kind));
        }
    }
}

#[test]
fn what_belongs_to_nobody_to_itself_or_to_a_deleted_user_is_taken() {
    let mut firm = Firm::new();
    firm.portal("CanonicalizeName", "new@contoso.com");
    firm.holder(Kind::User, "news@contoso.com", None);
    firm.says("mail", Renamed, "overwrites");
    firm.ann().proxy_addresses = vec!["smtp:new@contoso.com".to_owned()];
    firm.says("mail", Renamed, "the old one stays as an alias");
    firm.holder(Kind::DeletedUser, "new@contoso.com", None);
    firm.says("mail", Renamed, "can't be restored with it");
}

#[test]
fn what_a_deleted_group_has_is_unknown() {
    let mut firm = Firm::new();
    firm.portal("CanonicalizeName", "new@contoso.com");
    firm.holder(Kind::DeletedGroup, "new@contoso.com", None);
    let difference = firm.says("mail", Unknown, &format!("Deleted group {} has it too", id(99)));
    assert!(difference.advice.unwrap().contains("for good"));
    assert_eq!(difference.concerns.first().map(|holder| holder.kind), Some(Kind::DeletedGroup));
}

#[test]
fn what_could_not_be_read_may_have_it() {
    for kind in [Kind::Group, Kind::Contact, Kind::DeletedUser, Kind::DeletedGroup] {
        let mut firm = Firm::new();
        firm.unread.push(kind);
        firm.is_calm();
        firm.portal("Username", "new@contoso.com").portal("CanonicalizeName", "new@contoso.com");
        let words = format!("Whether a {} has it can't be known (the {}s could not be read)", kind.name(), kind.name());
        for attribute in [UPN, "mail"] {
            firm.says(attribute, Unknown, &words);
        }
        // What the account has itself nobody else can have.
        firm.ann().proxy_addresses = vec!["smtp:new@contoso.com".to_owned()];
        firm.says("mail", Renamed, "overwrites");
        firm.portal("Username", "Ann@contoso.com").says(UPN, Changed, "capitals alone");
        // What is known is said in place of what isn't.
        firm.ann().proxy_addresses.clear();
        firm.holder(Kind::User, "new@contoso.com", None);
        assert!(!firm.says("mail", Unknown, "has it, as name").reason.contains("can't be known"));
    }
}
