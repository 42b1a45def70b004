//! AADSTS5000820: the root domain of the name that the user will have, its authentication, and the policy.

use pp_attributes::difference::Severity::{Changed, Equal, LockedOut, Renamed, Unknown};
use pp_attributes::facts::{Known, Policy};
use serde_json::json;

use crate::firm::{ANCHOR, Firm, UPN};

fn with(name: &str, policy: Policy) -> Firm {
    let mut firm = Firm::new();
    firm.name(name);
    firm.facts.policy = Known::Is(policy);
    firm
}

#[test]
fn each_value_of_the_policy_says_of_which_domains_sign_ins_are_validated() {
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    // The policy, whether the token is refused in a managed domain, and in one that is federated elsewhere.
    let table = [
        (Policy::Default, true, true),
        (Policy::All, true, true),
        (Policy::Off, false, false),
        (Policy::AllFederated, false, true),
        (Policy::AllManaged, true, false),
        (Policy::Enumerated(named(&["Fabrikam.com"])), true, false),
        (Policy::Enumerated(named(&["other.com"])), false, true),
        (Policy::AllManagedAndEnumerated(named(&[])), true, false),
        (Policy::AllManagedAndEnumerated(named(&["other.com"])), true, true),
    ];
    for (policy, managed, federated) in table {
        let said = |name: &str| with(name, policy.clone()).of(UPN).severity;
        assert_eq!(said("ann@fabrikam.com"), if managed { Changed } else { Equal }, "{policy:?}");
        assert_eq!(said("ann@other.com"), if federated { LockedOut } else { Equal }, "{policy:?}");
        assert_eq!(said("ann@contoso.com"), Equal, "{policy:?}");
    }
}

#[test]
fn a_managed_domains_user_is_not_locked_out_and_that_is_said() {
    let difference = with("ann@fabrikam.com", Policy::All).says(UPN, Changed, "They sign in at Microsoft");
    assert!(
        difference.reason.contains("AADSTS5000820") && difference.reason.contains("MC1303719"),
        "{}",
        difference.reason
    );
    assert!(difference.advice.unwrap().contains("contoso.com"));
}

#[test]
fn a_subdomain_follows_its_root_and_the_name_afterwards_counts() {
    with("ann@tax.contoso.com", Policy::All).is_calm();
    with("ann@sub.other.com", Policy::Enumerated(vec!["other.com".to_owned()])).says(
        UPN,
        LockedOut,
        "other.com is federated",
    );
    let mut moved_in = with("ann@other.com", Policy::All);
    moved_in.portal("Username", "ann@contoso.com");
    moved_in.says(UPN, Renamed, "overwrites");
    let mut moved_out = Firm::new();
    moved_out.portal("Username", "ann@other.com");
    moved_out.says(UPN, LockedOut, "5000820");
}

#[test]
fn what_could_not_be_read_is_unknown_with_its_reason() {
    let mut firm = with("ann@other.com", Policy::All);
    firm.facts.policy = Known::Unknown("Reading it takes Policy.Read.All.".to_owned());
    firm.says(UPN, Unknown, "Policy.Read.All");
    firm.name("ann@fabrikam.com").says(UPN, Unknown, "sign in at Microsoft in any case");
    firm.name("ann@contoso.com").is_calm();
    firm.facts.domains = Known::Unknown("Reading them takes Domain.Read.All.".to_owned());
    firm.says(UPN, Unknown, "Domain.Read.All");
    with("ann@other.com", Policy::Other("someNew".to_owned())).says(UPN, Unknown, "'someNew'");
}

#[test]
fn the_policys_body_is_read_in_each_of_its_shapes() {
    let of = |domains: serde_json::Value| Policy::of(&json!({ "id": "x", "validatingDomains": domains }));
    let all = "#microsoft.graph.allDomains";
    assert_eq!(of(json!({ "@odata.type": all, "rootDomains": "none" })), Policy::Off);
    assert_eq!(of(json!({ "@odata.type": all, "rootDomains": "allFederated" })), Policy::AllFederated);
    assert_eq!(of(json!({ "@odata.type": all, "rootDomains": "allManaged" })), Policy::AllManaged);
    assert_eq!(of(json!({ "@odata.type": all, "rootDomains": "all" })), Policy::All);
    let named = |kind: &str| of(json!({ "rootDomains": kind, "domainNames": ["a.com", "b.com"] }));
    let both = vec!["a.com".to_owned(), "b.com".to_owned()];
    assert_eq!(named("enumerated"), Policy::Enumerated(both.clone()));
    assert_eq!(named("allManagedAndEnumeratedFederated"), Policy::AllManagedAndEnumerated(both));
    assert_eq!(named("unknownFutureValue"), Policy::Other("unknownFutureValue".to_owned()));
    assert_eq!(of(json!(null)), Policy::Default);
    assert!(matches!(of(json!({ "rootDomains": null })), Policy::Other(_)));
}

#[test]
fn what_builds_on_a_domain_that_is_only_assumed_says_so() {
    let words = "contoso.com is taken for Practice Protect's domain, since no other is federated";
    let mut firm = Firm::new();
    let mut without = Firm::new();
    for firm in [&mut firm, &mut without] {
        firm.users[0].attributes.remove("ImmutableId");
        firm.admin(0, "ann@contoso.com");
    }
    firm.facts.practice_protect_is_assumed = true;
    for (attribute, severity) in [(ANCHOR, LockedOut), (UPN, Changed)] {
        firm.says(attribute, severity, words);
        assert!(!without.says(attribute, severity, "").reason.contains("is taken for"));
    }
    firm.name("ann@fabrikam.com").says(UPN, Changed, words);
    firm.says(ANCHOR, Unknown, words);
    firm.name("ann@other.com").says(UPN, LockedOut, words);
    // What doesn't build on it says nothing of it.
    let mut calm = Firm::new();
    calm.facts.practice_protect_is_assumed = true;
    calm.is_calm();
    assert!(calm.compared().iter().all(|row| !row.reason.contains("is taken for")));
}
