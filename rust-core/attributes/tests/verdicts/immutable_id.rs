//! The immutable ID: missing, different, held by another, with letters that are refused.

use pp_attributes::difference::Severity::{Changed, Equal, LockedOut, Unknown};
use pp_attributes::facts::Known;
use pp_attributes::hazards::Kind;

use crate::firm::{ANCHOR, Firm, IMMUTABLE_ID, UPN, id};

const OTHER: &str = "EAECAwQFBgcICQoLDA0ODw==";

#[test]
fn missing_in_the_portal_locks_out_and_a_missing_column_is_unknown() {
    let mut firm = Firm::new();
    firm.users[0].attributes.remove("ImmutableId");
    let difference = firm.says(ANCHOR, LockedOut, "the portal has none for this one");
    assert!(difference.advice.is_some());
    firm.name("ann@fabrikam.com").says(ANCHOR, Unknown, "sign in at Microsoft");
    firm.name("ann@contoso.com");
    firm.columns = vec!["Username", "DisplayName", "CanonicalizeName"];
    firm.says(ANCHOR, Unknown, "no column that is ImmutableId");
}

#[test]
fn another_one_cannot_be_written_in_a_federated_domain_and_can_in_a_managed_one() {
    let mut firm = Firm::new();
    firm.portal("ImmutableId", OTHER);
    let difference = firm.says(ANCHOR, LockedOut, "Immutable Id at the destination cannot be updated");
    assert!(difference.advice.unwrap().contains("onmicrosoft.com"));
    firm.ann().on_premises_immutable_id = None;
    firm.says(ANCHOR, Unknown, "not documented");
    firm.name("ann@fabrikam.com").says(ANCHOR, Changed, "there is none now");
    firm.ann().on_premises_immutable_id = Some(IMMUTABLE_ID.to_owned());
    firm.says(ANCHOR, Changed, "overwrites");
    firm.facts.domains = Known::Unknown("Reading them takes Domain.Read.All.".to_owned());
    firm.says(ANCHOR, Unknown, "Domain.Read.All");
}

#[test]
fn what_changes_while_the_name_moves_into_a_federated_domain_is_unknown() {
    const WORDS: &str =
        "which is federated, and whether Practice Protect writes the immutable ID before that is not documented";
    let mut firm = Firm::new();
    firm.ann().user_principal_name = Some("ann@contoso.onmicrosoft.com".to_owned());
    firm.portal("ImmutableId", OTHER).portal("ObjectId", &id(0).to_string());
    for own in [Some(IMMUTABLE_ID.to_owned()), None] {
        firm.ann().on_premises_immutable_id = own;
        for name in ["ann@contoso.com", "ann@other.com"] {
            let difference = firm.portal("Username", name).says(ANCHOR, Unknown, WORDS);
            assert!(difference.advice.unwrap().contains("before its name moves"));
        }
        // Into a managed one, and one that is refused.
        firm.portal("Username", "ann@fabrikam.com").says(ANCHOR, Changed, "");
        firm.portal("Username", "ann@unverified.com").says(ANCHOR, Changed, "");
    }
    // The other one may lose the name first.
    firm.portal("Username", "new@contoso.com");
    firm.holder(Kind::User, "new@contoso.com", None);
    firm.says(ANCHOR, Unknown, WORDS);
    // What is there already isn't written.
    firm.ann().on_premises_immutable_id = Some(OTHER.to_owned());
    firm.says(ANCHOR, Equal, "already");
    // Of no account there is nothing to move.
    firm.accounts.clear();
    firm.others.clear();
    firm.says(ANCHOR, Changed, "there is none now");
}

#[test]
fn that_of_another_is_refused_and_the_other_is_named() {
    let mut firm = Firm::new();
    firm.is_not_federated_yet();
    firm.ann().on_premises_immutable_id = None;
    firm.ann().user_principal_name = Some("ann@fabrikam.com".to_owned());
    firm.portal("Username", "ann@contoso.com").portal("ObjectId", &id(0).to_string());
    firm.says(ANCHOR, Changed, "there is none now");
    firm.holder(Kind::User, "x@contoso.com", Some(IMMUTABLE_ID));
    let difference = firm.says(ANCHOR, LockedOut, &format!("user {}", id(99)));
    assert_eq!(difference.concerns.first().map(|holder| (holder.id, holder.kind)), Some((id(99), Kind::User)));
    firm.others[0].0.kind = Kind::DeletedUser;
    firm.says(ANCHOR, Unknown, "deleted user");
    firm.others[0].2 = Some("aaECAwQFBgcICQoLDA0ODw==");
    firm.says(ANCHOR, Changed, "there is none now");
}

#[test]
fn dollar_and_underscore_are_refused_and_any_other_text_is_taken() {
    for (text, is_refused) in [("a$b", true), ("a_b", true), ("a-b", false)] {
        let mut firm = Firm::new();
        firm.is_not_federated_yet();
        firm.ann().on_premises_immutable_id = None;
        firm.ann().user_principal_name = Some("ann@fabrikam.com".to_owned());
        firm.portal("ImmutableId", text).portal("ObjectId", &id(0).to_string());
        let expected = if is_refused { LockedOut } else { Changed };
        let words = if is_refused { "refuses an immutable ID" } else { "isn't the base64 of a GUID" };
        firm.says(ANCHOR, expected, words);
    }
}

#[test]
fn a_text_that_is_no_guid_is_a_hint_and_no_verdict() {
    let mut firm = Firm::new();
    firm.ann().on_premises_immutable_id = Some("E-1234".to_owned());
    firm.portal("ImmutableId", "E-1234");
    firm.says(ANCHOR, Equal, "A hint");
    assert!(!Firm::new().of(ANCHOR).reason.contains("hint"));
}

#[test]
fn who_left_synchronization_may_be_closed_to_writes() {
    let mut firm = Firm::new();
    firm.name("ann@fabrikam.com").portal("ImmutableId", OTHER);
    for (state, severity) in [(None, Changed), (Some(true), Changed), (Some(false), Unknown)] {
        firm.ann().on_premises_sync_enabled = state;
        assert_eq!(firm.of(ANCHOR).severity, severity, "{state:?}");
    }
    assert!(firm.of(ANCHOR).reason.contains("false, not null"));
    firm.says(UPN, Changed, "managed");
}

#[test]
fn whether_a_deleted_user_has_it_is_unknown_where_these_could_not_be_read() {
    let mut firm = Firm::new();
    firm.name("ann@fabrikam.com").portal("ImmutableId", OTHER);
    firm.unread.push(Kind::Group);
    firm.says(ANCHOR, Changed, "overwrites");
    firm.unread.push(Kind::DeletedUser);
    firm.says(ANCHOR, Unknown, "Whether a deleted user has it can't be known (the deleted users could not be read)");
    firm.holder(Kind::User, "x@contoso.com", Some(OTHER));
    assert!(!firm.says(ANCHOR, Changed, "ObjectConflict").reason.contains("can't be known"));
}

#[test]
fn two_that_differ_by_capitals_alone_are_two() {
    let mut firm = Firm::new();
    firm.name("ann@fabrikam.com").portal("ImmutableId", &IMMUTABLE_ID.to_lowercase());
    firm.says(ANCHOR, Changed, "immutable IDs are told apart by these");
    firm.name("ann@contoso.com").says(ANCHOR, LockedOut, "immutable IDs are told apart by these");
}

#[test]
fn blanks_around_it_are_unknown_and_no_milder_than_without_them() {
    let mut firm = Firm::new();
    firm.portal("ImmutableId", &format!(" {IMMUTABLE_ID}"));
    let difference = firm.says(ANCHOR, Unknown, "with them it is another one. Without them it has this value already.");
    assert!(!difference.reason.contains("hint") && !difference.reason.contains("federated"), "{}", difference.reason);
    assert_eq!(difference.after, Some(format!(" {IMMUTABLE_ID}")));
    firm.portal("ImmutableId", &format!(" {OTHER} "));
    firm.says(ANCHOR, LockedOut, "blanks around it");
    // They are sent, perhaps, also where nothing is written.
    firm.portal("ImmutableId", &format!("{IMMUTABLE_ID} "));
    firm.rejected = Some("left");
    firm.says(ANCHOR, Unknown, "blanks around it");
}
