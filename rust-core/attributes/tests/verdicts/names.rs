//! Names and addresses that the tenant doesn't take.

use pp_attributes::difference::Severity::{Changed, LockedOut, Renamed, Unknown};
use pp_attributes::facts::{Known, Policy};
use pp_attributes::hazards::Kind;

use crate::firm::{ANCHOR, Firm, UPN, id};

#[test]
fn a_domain_that_is_not_verified_is_refused() {
    for (name, words) in [
        ("ann@unverified.com", "unverified.com isn't among the tenant's verified domains"),
        ("ann@nowhere.com", "nowhere.com isn't among"),
        ("ann", "isn't of the form name@domain"),
    ] {
        let mut firm = Firm::new();
        firm.portal("Username", name).says(UPN, Unknown, words);
    }
    let mut near = Firm::new();
    near.portal("Username", "ann@Contoso.COM").says(UPN, Changed, "capitals alone");
    near.portal("Username", "ann@nowhere.com").facts.domains = Known::Unknown("They could not be read.".to_owned());
    near.says(UPN, Unknown, "could not be read");
}

#[test]
fn who_keeps_the_own_name_is_judged_by_its_domain() {
    let mut firm = Firm::new();
    firm.facts.policy = Known::Is(Policy::Off);
    firm.portal("Username", "ann@unverified.com");
    firm.says(UPN, Unknown, "by the immutable ID and not by the name");
    firm.ann().user_type = Some("Guest".to_owned());
    firm.ann().user_principal_name = Some("ann_x.com#EXT#@contoso.com".to_owned());
    firm.says(UPN, Changed, "A guest signs in at the home tenant, so nobody is locked out.");
    firm.ann().user_principal_name = Some("ann@fabrikam.com".to_owned());
    firm.says(UPN, Changed, "isn't known. If here: They sign in at Microsoft");
    firm.ann().user_type = None;
    firm.ann().account_enabled = Some(false);
    let reason = firm.says(UPN, Changed, "The account is disabled, so nobody signs in with it now.").reason;
    assert!(reason.contains("sign in at Microsoft") && !reason.contains("nor will once"), "{reason}");
    firm.ann().account_enabled = Some(true);
    let reason =
        firm.says(UPN, Changed, "keeps its name. They sign in at Microsoft, since their domain is managed.").reason;
    assert!(!reason.contains("is refused"), "{reason}");
    firm.ann().user_principal_name = Some("ann@other.com".to_owned());
    firm.says(UPN, Changed, "where their domain is federated");
    firm.accounts.clear();
    firm.says(UPN, Unknown, "if Practice Protect provisions this user, no account can be made");
}

#[test]
fn no_other_verdict_builds_on_a_name_that_is_refused() {
    let locked = |firm: &mut Firm| {
        firm.users[0].attributes.remove("ImmutableId");
        firm.portal("ObjectId", &id(0).to_string());
        firm.of(ANCHOR).severity
    };
    // Of a domain that isn't verified: their own is Practice Protect's, or a managed one.
    let mut firm = Firm::new();
    firm.portal("Username", "ann@unverified.com");
    assert_eq!(locked(&mut firm), LockedOut);
    firm.ann().user_principal_name = Some("ann@fabrikam.com".to_owned());
    firm.says(ANCHOR, Unknown, "sign in at Microsoft");
    // That of another: known where both are in one domain.
    for (name, severity) in [("ann@contoso.com", LockedOut), ("ann@fabrikam.com", Unknown)] {
        let mut firm = Firm::new();
        firm.ann().user_principal_name = Some(name.to_owned());
        firm.portal("Username", "new@contoso.com");
        firm.holder(Kind::User, "new@contoso.com", None);
        assert_eq!(locked(&mut firm), severity, "{name}");
        assert_eq!(firm.of(ANCHOR).reason.contains("that is not known"), severity == Unknown);
    }
    let mut firm = Firm::new();
    firm.portal("Username", "new@other.com");
    assert_eq!(firm.of(UPN).severity, LockedOut);
    firm.holder(Kind::User, "new@other.com", None);
    assert!(!firm.says(UPN, Unknown, "has it").reason.contains("5000820"));
}

#[test]
fn who_has_no_account_keeps_nothing() {
    let mut firm = Firm::new();
    firm.accounts.clear();
    firm.holder(Kind::Group, "ann@contoso.com", None);
    for attribute in [UPN, "mail"] {
        let reason = firm.says(attribute, Unknown, "no account can be made").reason;
        assert!(!reason.contains("keeps"), "{reason}");
    }
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
