//! What kind of account it is: synchronized, guest, disabled, an administrator, whoever runs this.

use pp_attributes::difference::Severity::{Changed, Equal, LockedOut, Renamed, Unknown};
use pp_attributes::facts::{Admins, Known};

use crate::firm::{ANCHOR, Firm, UPN, id};

#[test]
fn still_synchronized_is_said_of_what_would_be_written_and_of_nothing_else() {
    let mut firm = Firm::new();
    firm.portal("DisplayName", "Ann Other");
    for (state, is_said) in [(Some(true), true), (None, false), (Some(false), false)] {
        firm.ann().on_premises_sync_enabled = state;
        let difference = firm.says("displayName", Changed, "overwrites");
        assert_eq!(difference.reason.contains("on-premises mastered"), is_said, "{state:?}");
    }
    firm.ann().on_premises_sync_enabled = Some(true);
    assert!(firm.of("displayName").advice.unwrap().contains("Disable-PPDirSync"));
    assert!(!firm.of(UPN).reason.contains("on-premises mastered"));
}

#[test]
fn what_a_synchronized_account_keeps_is_judged_as_what_it_gets_afterwards() {
    const UNTIL: &str = "As long as the account is synchronized: ";
    const THEN: &str = "Once the account isn't synchronized any more: ";
    let synchronized = || {
        let mut firm = Firm::new();
        firm.ann().on_premises_sync_enabled = Some(true);
        firm
    };
    let mut another = synchronized();
    another.is_not_federated_yet();
    another.portal("ImmutableId", "another");
    let difference = another.says(ANCHOR, LockedOut, &format!("{UNTIL}Microsoft Graph refuses the write"));
    assert!(difference.reason.contains("Their domain contoso.com signs in by Practice Protect"));
    assert!(difference.advice.unwrap().contains("compare again"));
    another.ann().on_premises_sync_enabled = None;
    another.says(ANCHOR, Changed, "overwrites");

    let mut moved_in = synchronized();
    moved_in.ann().user_principal_name = Some("ann@other.com".to_owned());
    moved_in.says(UPN, LockedOut, &format!("{UNTIL}other.com is federated, and not with Practice Protect"));
    moved_in.ann().on_premises_sync_enabled = None;
    moved_in.says(UPN, Renamed, "overwrites");

    let mut moved_out = synchronized();
    moved_out.portal("Username", "ann@other.com");
    moved_out.says(UPN, LockedOut, &format!("{THEN}other.com is federated, and not with Practice Protect"));

    let mut renamed = synchronized();
    renamed.portal("Username", "ann.other@contoso.com");
    let reason = renamed.says(UPN, Renamed, &format!("{UNTIL}Microsoft Graph refuses the write")).reason;
    assert!(reason.contains("by the immutable ID and not by the name") && reason.contains("overwrites it"), "{reason}");
    renamed.portal("Username", "Ann@contoso.com").says(UPN, Changed, "capitals alone");
}

#[test]
fn an_invited_guest_and_a_disabled_account_are_not_locked_out() {
    let mut firm = Firm::new();
    firm.portal("Username", "ann@other.com").says(UPN, LockedOut, "5000820");
    firm.ann().account_enabled = Some(false);
    firm.says(UPN, Renamed, "The account is disabled");
    firm.ann().account_enabled = Some(true);
    firm.ann().user_type = Some("Guest".to_owned());
    for name in ["ann_x.com#EXT#@contoso.onmicrosoft.com", "ann_x.com#ext#@contoso.com"] {
        firm.ann().user_principal_name = Some(name.to_owned());
        let reason = firm.says(UPN, Unknown, "It is a guest, who signs in at the home tenant").reason;
        assert!(!reason.contains("5000820"), "{reason}");
    }
    firm.users.clear();
    firm.is_calm();
}

#[test]
fn where_a_member_signs_in_who_has_the_name_of_one_who_was_invited_is_not_known() {
    const WORDS: &str = "Whether this account, by its name one who was invited, signs in here or at a home tenant isn't known. If here: ";
    let member = |name: &str| {
        let mut firm = Firm::new();
        firm.ann().user_principal_name = Some(name.to_owned());
        firm.portal("ObjectId", &id(0).to_string());
        firm
    };
    for kind in [Some("Member"), None] {
        let mut external = member("bob_partner.com#EXT#@contoso.onmicrosoft.com");
        external.ann().user_type = kind.map(str::to_owned);
        external.says(UPN, Unknown, "It is by its name one who was invited, who may sign in at a home tenant");
        external.users[0].attributes.remove("ImmutableId");
        let reason = external.says(ANCHOR, Unknown, "the portal has none for this one").reason;
        assert!(reason.contains(&format!("{WORDS}Their domain contoso.com signs in by Practice Protect")), "{reason}");
        external.portal("Username", "bob@other.com").says(UPN, Unknown, &format!("{WORDS}other.com is federated"));
        external.users.clear();
        external.is_calm();
    }
    let mut near = member("bob_partner.com.EXT@contoso.onmicrosoft.com");
    near.says(UPN, Renamed, "overwrites");
    near.users[0].attributes.remove("ImmutableId");
    near.says(ANCHOR, LockedOut, "the portal has none for this one");
}

#[test]
fn where_a_guest_signs_in_who_has_a_name_as_everybody_is_not_known() {
    const WORDS: &str = "Whether this guest signs in here or at a home tenant isn't known. If here: ";
    let guest = || {
        let mut firm = Firm::new();
        firm.ann().user_type = Some("Guest".to_owned());
        firm
    };
    guest().is_calm();
    let mut unknown = guest();
    unknown.users.clear();
    unknown.says(UPN, Unknown, &format!("{WORDS}Their domain contoso.com signs in by Practice Protect"));
    let mut without = guest();
    without.portal("ImmutableId", "another").says(ANCHOR, Unknown, WORDS);
    let mut renamed = guest();
    renamed.portal("Username", "ann.other@contoso.com").says(UPN, Unknown, "who may sign in at a home tenant");
    let mut elsewhere = guest();
    elsewhere.name("ann@other.com").says(UPN, Unknown, &format!("{WORDS}other.com is federated"));
    elsewhere.name("ann@fabrikam.com").says(UPN, Changed, &format!("{WORDS}They sign in at Microsoft"));
    elsewhere.users.clear();
    elsewhere.is_calm();
}

#[test]
fn of_a_disabled_account_it_is_said_where_it_signs_in_once_it_is_enabled() {
    const WORDS: &str = "The account is disabled, so nobody signs in with it now. Once it is enabled: ";
    let mut firm = Firm::new();
    firm.ann().account_enabled = Some(false);
    firm.portal("ImmutableId", "another");
    firm.says(ANCHOR, Changed, &format!("{WORDS}Their domain contoso.com signs in by Practice Protect"));
    firm.name("ann@other.com").says(UPN, Changed, &format!("{WORDS}other.com is federated"));
    firm.facts.policy = Known::Unknown("Reading it takes Policy.Read.All.".to_owned());
    firm.says(UPN, Unknown, WORDS);
}

#[test]
fn an_administrators_name_takes_a_role_that_the_application_may_lack() {
    let mut firm = Firm::new();
    firm.portal("Username", "ann.other@contoso.com");
    firm.admin(7, "root@contoso.onmicrosoft.com");
    firm.facts.application_roles = Known::Is(vec!["User Administrator".to_owned()]);
    firm.says(UPN, Renamed, "overwrites");
    firm.admin(0, "ann@contoso.com");
    let difference =
        firm.says(UPN, Unknown, "They are Global Administrator: but for a few small roles Microsoft Graph refuses");
    assert!(difference.advice.unwrap().contains("Privileged Authentication Administrator"));
    firm.says("displayName", Equal, "already");
    firm.facts.application_roles = Known::Is(vec!["Privileged Authentication Administrator".to_owned()]);
    firm.says(UPN, Renamed, "overwrites");
    firm.facts.application_roles = Known::Unknown("Its roles could not be read.".to_owned());
    firm.says(UPN, Unknown, "Its roles could not be read");
    firm.facts.admins = Known::Unknown("RoleManagement.Read.Directory is missing".to_owned());
    firm.says(UPN, Unknown, "RoleManagement.Read.Directory is missing");
    firm.says(ANCHOR, Equal, "already");
    // Who has no account is no administrator.
    firm.accounts.clear();
    for attribute in [UPN, ANCHOR] {
        let reason = firm.says(attribute, Changed, "there is none now").reason;
        assert!(!reason.contains("dministrator"), "{reason}");
    }
}

#[test]
fn the_last_administrator_outside_the_federation_is_told_of() {
    let mut firm = Firm::new();
    firm.admin(0, "ann@contoso.com");
    let difference = firm.says(UPN, Changed, "nobody can take it back");
    assert!(difference.advice.unwrap().contains("onmicrosoft.com"));
    firm.admin(7, "root@contoso.onmicrosoft.com").is_enabled = Some(false);
    firm.says(UPN, Changed, "nobody can take it back");
    // Nor one whom this provisioning renames, as the portal calls it.
    firm.admin(8, "glass@contoso.onmicrosoft.com").portal_names = vec!["glass@contoso.com".to_owned()];
    firm.says(UPN, Changed, "nobody can take it back");
    // One in a managed domain can, as long as it is managed, unless this provisioning renames it.
    firm.admin(6, "bob@fabrikam.com").portal_names = vec!["bob@contoso.com".to_owned()];
    firm.says(UPN, Changed, "nobody can take it back");
    firm.admin(5, "eve@fabrikam.com");
    firm.says(UPN, Equal, "as long as that is managed");
    firm.admin(9, "pane@contoso.onmicrosoft.com").portal_names = vec!["pane@contoso.onmicrosoft.com".to_owned()];
    firm.says(UPN, Equal, "It is a Global Administrator.");
    firm.name("ann@contoso.onmicrosoft.com");
    firm.facts.me = Some(id(0));
    firm.says(UPN, Changed, "It is you");
}

#[test]
fn every_row_of_an_administrator_and_of_you_says_so() {
    let mut firm = Firm::new();
    firm.users[0].attributes.remove("ImmutableId");
    firm.facts.me = Some(id(0));
    firm.admin(0, "ann@contoso.com");
    firm.admin(7, "root@contoso.onmicrosoft.com");
    let said = |firm: &Firm| -> Vec<(&'static str, String)> {
        firm.rows(false).into_iter().map(|row| (row.attribute, row.reason)).collect()
    };
    let rows = said(&firm);
    assert!(rows.iter().any(|(attribute, _)| *attribute == ANCHOR), "{rows:?}");
    for (attribute, reason) in &rows {
        assert_ne!(*attribute, UPN, "{reason}");
        assert!(reason.contains("It is a Global Administrator.") && reason.contains("It is you"), "{reason}");
    }
    let Known::Is(admins) = &mut firm.facts.admins else { unreachable!() };
    admins.global.clear();
    admins.roles.insert(id(0), vec!["User Administrator".to_owned(), "Helpdesk Administrator".to_owned()]);
    for (_, reason) in said(&firm) {
        assert!(reason.contains("an administrator (User Administrator, Helpdesk Administrator)"), "{reason}");
    }
    // Nobody else does, and who has no row gets none by it.
    firm.facts.me = Some(id(7));
    firm.facts.admins = Known::Is(Admins::default());
    assert!(said(&firm).iter().all(|(_, reason)| !reason.contains("dministrator") && !reason.contains("It is you")));
    let mut calm = Firm::new();
    calm.facts.me = Some(id(0));
    calm.admin(0, "ann@contoso.com");
    calm.admin(7, "root@contoso.onmicrosoft.com");
    assert_eq!(calm.rows(false), []);
}

#[test]
fn a_rename_that_takes_the_way_back_away_is_told_of() {
    let mut firm = Firm::new();
    firm.ann().user_principal_name = Some("root@contoso.onmicrosoft.com".to_owned());
    firm.says(UPN, Renamed, "overwrites");
    firm.admin(0, "root@contoso.onmicrosoft.com");
    firm.says(UPN, Renamed, "the rename takes that away");
}
