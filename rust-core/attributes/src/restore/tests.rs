use super::*;
use Restorable::{DisplayName, ImmutableId, Mail, UsageLocation, UserPrincipalName};

const ID: &str = "11111111-2222-4333-8444-555555555555";
const ON_THE_WAY: &str = "ppfederation-restore-11111111222243338444555555555555@contoso.onmicrosoft.com";

fn domains() -> Domains {
    let verified = [("contoso.onmicrosoft.com", false), ("contoso.com", true), ("old.example", false)];
    Domains {
        verified: verified.map(|(name, federated)| (name.to_owned(), federated)).into(),
        initial: Some("contoso.onmicrosoft.com".into()),
    }
}

fn user(name: &str, anchor: Option<&str>) -> Account {
    Account {
        id: ID.into(),
        user_principal_name: Some(name.into()),
        mail: Some("alex@contoso.com".into()),
        display_name: Some("Alex".into()),
        usage_location: Some("AU".into()),
        on_premises_immutable_id: anchor.map(str::to_owned),
        proxy_addresses: vec!["SMTP:alex@contoso.com".into()],
        ..Account::default()
    }
}

fn planned(was: &Account, now: &Account, attributes: &[Restorable]) -> Plan {
    plan(was, Some(now), Asked { attributes, domains: &domains(), refused: &[], before: None, indirectly: false })
}

fn names(plan: &Plan) -> Vec<(&'static str, Option<&str>)> {
    plan.writes.iter().flatten().map(|(attribute, value)| (attribute.name(), value.as_deref())).collect()
}

fn whys(plan: &Plan) -> Vec<(&'static str, Kept)> {
    plan.kept.iter().map(|kept| (kept.attribute, kept.why)).collect()
}

#[test]
fn what_is_equal_takes_nothing_and_what_differs_one_write() {
    let was = user("alex@contoso.com", Some("QQ=="));
    assert_eq!(planned(&was, &was, &Restorable::ALL), Plan::default());
    let now = Account { display_name: Some("ALEX".into()), usage_location: Some("NZ".into()), ..was.clone() };
    let plan = planned(&was, &now, &Restorable::ALL);
    assert_eq!(plan.writes, [vec![(DisplayName, Some("Alex".into())), (UsageLocation, Some("AU".into()))]]);
    assert_eq!(
        names(&planned(&was, &now, &[UsageLocation])),
        [("usageLocation", Some("AU"))],
        "only what was asked for"
    );
}

#[test]
fn an_immutable_id_in_a_federated_domain_goes_by_way_of_the_initial_domain() {
    let (was, now) = (user("alex@contoso.com", Some("QQ==")), user("alex@contoso.com", Some("Qg==")));
    let way = [
        ("userPrincipalName", Some(ON_THE_WAY)),
        ("onPremisesImmutableId", Some("QQ==")),
        ("userPrincipalName", Some("alex@contoso.com")),
    ];
    let plan = planned(&was, &now, &Restorable::ALL);
    assert_eq!(names(&plan), way);
    assert_eq!(plan.writes.len(), 3, "each needs the one before");
    assert_eq!(names(&planned(&was, &now, &[ImmutableId])), way, "and back to its own name");
    // In a managed domain it is changed where it is.
    let (was, now) = (user("alex@old.example", Some("QQ==")), user("alex@old.example", Some("Qg==")));
    assert_eq!(names(&planned(&was, &now, &Restorable::ALL)), [("onPremisesImmutableId", Some("QQ=="))]);
}

#[test]
fn a_user_who_was_left_on_the_way_is_brought_back_whatever_is_asked_for() {
    let was = user("alex@contoso.com", Some("QQ=="));
    let back = [("userPrincipalName", Some("alex@contoso.com"))];
    for attributes in [&Restorable::ALL[..], &[ImmutableId], &[DisplayName]] {
        assert_eq!(names(&planned(&was, &user(ON_THE_WAY, Some("QQ==")), attributes)), back, "{attributes:?}");
    }
    let half = planned(&was, &user(ON_THE_WAY, Some("Qg==")), &Restorable::ALL);
    assert_eq!(names(&half), [("onPremisesImmutableId", Some("QQ==")), back[0]]);
}

#[test]
fn a_refusal_on_the_way_brings_the_user_back_to_the_name_it_had() {
    let was = user("alex@contoso.com", Some("QQ=="));
    let now = user(ON_THE_WAY, Some("Qg=="));
    let name = |refused: &[Value]| {
        let before = Some("alexander@contoso.com");
        let plan = plan(
            &was,
            Some(&now),
            Asked { attributes: &[ImmutableId], domains: &domains(), refused, before, indirectly: false },
        );
        plan.writes.concat()
    };
    let anchor = (ImmutableId, Some("QQ==".to_owned()));
    let rename = |name: &str| (UserPrincipalName, Some(name.to_owned()));
    assert_eq!(name(std::slice::from_ref(&anchor)), [rename("alexander@contoso.com")]);
    assert_eq!(name(&[anchor.clone(), rename("alexander@contoso.com")]), [rename("alex@contoso.com")]);
    let all = [anchor, rename("alexander@contoso.com"), rename("alex@contoso.com")];
    assert_eq!(name(&all), [], "and then there is nothing more to try");
}

#[test]
fn a_user_on_the_way_whose_own_name_cannot_be_had_gets_one_like_its_address_and_it_is_told() {
    let now = user(ON_THE_WAY, Some("QQ=="));
    let named = |was: &Account, attributes: &[Restorable], refused: &[Value]| {
        let asked = Asked { attributes, domains: &domains(), refused, before: None, indirectly: false };
        let plan = plan(was, Some(&now), asked);
        (plan.writes.concat(), whys(&plan))
    };
    let rename = |name: &str| (UserPrincipalName, Some(name.to_owned()));
    let gone = user("alex@gone.example", Some("QQ=="));
    let taken = user("alexander@contoso.com", Some("QQ=="));
    for attributes in [&Restorable::ALL[..], &[ImmutableId], &[DisplayName]] {
        let told = vec![("userPrincipalName", Kept::DomainGone)];
        assert_eq!(named(&gone, attributes, &[]), (vec![rename("alex@contoso.com")], told.clone()), "{attributes:?}");
        assert_eq!(named(&gone, attributes, &[rename("alex@contoso.com")]), (vec![], told), "{attributes:?}");
        let refused = [rename("alexander@contoso.com")];
        assert_eq!(named(&taken, attributes, &refused), (vec![rename("alex@contoso.com")], vec![]), "{attributes:?}");
    }
    let synced = Account { on_premises_sync_enabled: Some(true), ..now.clone() };
    assert_eq!(whys(&planned(&gone, &synced, &[DisplayName])), [("userPrincipalName", Kept::Synced)]);
    assert!(Domains::is_detour(ID, &ON_THE_WAY.replace("contoso.onmicrosoft", "other.onmicrosoft").to_uppercase()));
    assert!(!Domains::is_detour("another", ON_THE_WAY));
}

#[test]
fn a_backup_that_was_made_while_the_user_was_on_the_way_takes_nobody_there() {
    let was = user(ON_THE_WAY, Some("QQ=="));
    let told = [("userPrincipalName", Kept::OnTheWay)];
    let home = planned(&was, &user("alex@contoso.com", Some("QQ==")), &Restorable::ALL);
    assert_eq!((names(&home), whys(&home)), (vec![], told.to_vec()));
    // The Immutable ID is put back all the same, and the user has the name it had.
    let way = [
        ("userPrincipalName", Some(ON_THE_WAY)),
        ("onPremisesImmutableId", Some("QQ==")),
        ("userPrincipalName", Some("alex@contoso.com")),
    ];
    assert_eq!(names(&planned(&was, &user("alex@contoso.com", Some("Qg==")), &Restorable::ALL)), way);
    for attributes in [&Restorable::ALL[..], &[DisplayName]] {
        let plan = planned(&was, &was, attributes);
        assert_eq!(names(&plan), [("userPrincipalName", Some("alex@contoso.com"))], "to a name like its address");
        assert_eq!(whys(&plan), told);
    }
    let no_address = Account { mail: None, ..was.clone() };
    let left = planned(&was, &no_address, &[UserPrincipalName]);
    assert_eq!((names(&left), whys(&left)), (vec![], told.to_vec()), "and where there is none, it is told");
}

#[test]
fn a_rename_that_is_refused_within_federated_domains_goes_by_way_of_the_initial_domain() {
    let rename = |name: &str| (UserPrincipalName, Some(name.to_owned()));
    let was = user("alex@contoso.com", Some("QQ=="));
    let named = |was: &Account, now: &Account| {
        let asked =
            Asked { attributes: &Restorable::ALL, domains: &domains(), refused: &[], before: None, indirectly: true };
        plan(was, Some(now), asked).writes
    };
    let way = [vec![rename(ON_THE_WAY)], vec![rename("alex@contoso.com")]];
    assert_eq!(named(&was, &user("portal@contoso.com", Some("QQ=="))), way);
    let odd = user("alex@contoso.com", Some("a_b"));
    assert_eq!(named(&odd, &user("portal@contoso.com", Some("QQ=="))), way, "whatever becomes of the Immutable ID");
    // Where one of them is managed there is nothing to go round.
    assert_eq!(named(&was, &user("alex@old.example", Some("QQ=="))), way[1..]);
    assert_eq!(named(&was, &was), [] as [Vec<Value>; 0]);
}

#[test]
fn between_domains_the_immutable_id_is_written_where_it_can_be() {
    // Back to a managed domain: first the name, then the Immutable ID, which may be cleared there.
    let (was, now) = (user("alex@old.example", None), user("alex@contoso.com", Some("QQ==")));
    let away = [("userPrincipalName", Some("alex@old.example")), ("onPremisesImmutableId", None)];
    assert_eq!(names(&planned(&was, &now, &Restorable::ALL)), away);
    // Back to a federated one, which takes none without.
    let (was, now) = (user("alex@contoso.com", Some("QQ==")), user("alex@old.example", None));
    let back = [("onPremisesImmutableId", Some("QQ==")), ("userPrincipalName", Some("alex@contoso.com"))];
    assert_eq!(names(&planned(&was, &now, &Restorable::ALL)), back);
}

#[test]
fn what_the_service_never_takes_is_not_sent_and_said() {
    let was = user("alex@contoso.com", Some("QQ=="));
    let without = |change: fn(&mut Account)| {
        let mut was = was.clone();
        change(&mut was);
        let plan = planned(&was, &self::user("alex@contoso.com", Some("Qg==")), &Restorable::ALL);
        (names(&plan).is_empty(), whys(&plan))
    };
    let no_anchor = without(|was| was.on_premises_immutable_id = None);
    assert_eq!(no_anchor, (true, vec![("onPremisesImmutableId", Kept::FederatedWithout)]));
    let odd = without(|was| was.on_premises_immutable_id = Some("a_b".into()));
    assert_eq!(odd, (true, vec![("onPremisesImmutableId", Kept::Characters)]));
    let now = Account { mail: Some("new@contoso.com".into()), ..was.clone() };
    let empty = Account { mail: None, usage_location: None, display_name: Some(String::new()), ..was.clone() };
    let plan = planned(&empty, &now, &Restorable::ALL);
    let not_cleared = ["displayName", "usageLocation", "mail"].map(|name| (name, Kept::NotClearable));
    assert_eq!((plan.writes.len(), whys(&plan)), (0, not_cleared.to_vec()));
    let gone = user("alex@gone.example", Some("QQ=="));
    assert_eq!(whys(&planned(&gone, &was, &Restorable::ALL)), [("userPrincipalName", Kept::DomainGone)]);
    let nowhere = Domains { initial: None, ..domains() };
    let asked =
        Asked { attributes: &Restorable::ALL, domains: &nowhere, refused: &[], before: None, indirectly: false };
    let plan = super::plan(&was, Some(&user("alex@contoso.com", None)), asked);
    assert_eq!((plan.writes.len(), whys(&plan)), (0, vec![("onPremisesImmutableId", Kept::NoOtherDomain)]));
}

#[test]
fn a_user_who_is_gone_or_still_synchronized_stays_as_it_is() {
    let was = user("alex@contoso.com", Some("QQ=="));
    let asked =
        Asked { attributes: &Restorable::ALL, domains: &domains(), refused: &[], before: None, indirectly: false };
    assert_eq!(whys(&plan(&was, None, asked)), [("id", Kept::Gone)]);
    let synced = |sync| Account {
        display_name: Some("ALEX".into()),
        on_premises_sync_enabled: sync,
        ..user("alex@contoso.com", Some("QQ=="))
    };
    assert_eq!(whys(&planned(&was, &synced(Some(true)), &Restorable::ALL)), [("displayName", Kept::Synced)]);
    for sync in [Some(false), None] {
        assert_eq!(names(&planned(&was, &synced(sync), &Restorable::ALL)), [("displayName", Some("Alex"))], "{sync:?}");
    }
}

#[test]
fn aliases_that_differ_are_told_and_the_primary_address_follows_the_mail() {
    let was = user("alex@contoso.com", Some("QQ=="));
    let now = Account {
        mail: Some("new@contoso.com".into()),
        proxy_addresses: vec!["SMTP:new@contoso.com".into(), "smtp:alex@contoso.com".into()],
        ..was.clone()
    };
    let plan = planned(&was, &now, &Restorable::ALL);
    assert_eq!(
        (names(&plan), whys(&plan)),
        (vec![("mail", Some("alex@contoso.com"))], vec![("proxyAddresses", Kept::ReadOnly)])
    );
    let primary = Account { proxy_addresses: vec!["smtp:ALEX@contoso.com".into()], ..was.clone() };
    assert_eq!(whys(&planned(&was, &primary, &[Mail])), [], "which of them is primary isn't told");
}
