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
