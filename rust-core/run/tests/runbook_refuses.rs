//! What can't be is refused before anything is written, with the reason.

use std::error::Error;
use std::time::Duration;

use pp_graph::reaction::Reaction;
use pp_run::apply::RunError;
use pp_runbook::problem::{LimitingPolicy, Problem};
use pp_runbook::secret_policy;
use pp_runbook::step::StepName;
use pp_runbook::wanted::{Lifetime, Wanted, lifetime, steps};
use pp_runbook::which::Name;
use pp_testing::start::{exempt, forbid_secrets_but_for_the_exempt};
use pp_testing::{Tenant, TestResult};
use serde_json::json;
use tenant_twin::{Fault, FaultKind, On, Options, Policy, Target, Unreadable};
use time::OffsetDateTime;

fn refused(tenant: &Tenant, wanted: &Wanted) -> Result<Problem, Box<dyn Error>> {
    let Err(RunError::Problem(problem)) = tenant.apply(wanted) else { return Err("not refused".into()) };
    assert_eq!(tenant.writes(), 0);
    Ok(problem)
}

#[test]
fn a_reader_is_told_each_permission_and_its_step_and_nothing_is_written() -> TestResult {
    let tenant = Tenant::start_as(&Options::default(), "reader")?;
    let Problem::PermissionMissing(missing) = refused(&tenant, &Wanted::everything())? else {
        return Err("another reason".into());
    };
    let steps: Vec<StepName> = missing.iter().map(|missing| missing.step).collect();
    assert_eq!(steps, StepName::ALL, "{missing:?}");
    assert!(missing.iter().any(|m| m.any_of.contains(&"Organization.ReadWrite.All")));
    Ok(())
}

#[test]
fn a_sign_in_without_permissions_is_told_what_reading_needs() -> TestResult {
    let tenant = Tenant::start_as(&Options::default(), "noRole")?;
    let Problem::NotReadable { step, unread } = refused(&tenant, &Wanted::everything())? else {
        return Err("another reason".into());
    };
    assert_eq!(step, StepName::DirSync);
    assert!(unread.denied.is_some() && unread.subject.permissions.contains(&"Organization.Read.All"), "{unread:?}");
    Ok(())
}

#[test]
fn a_policy_that_caps_secrets_is_found_before_anything_is_written_and_can_be_met() -> TestResult {
    let year = Duration::from_hours(365 * 24);
    let policy = Policy { enabled: true, block_secrets: false, max_secret_lifetime: Some(year) };
    let tenant = Tenant::start(&Options { policy, ..Options::default() })?;
    let problem = refused(&tenant, &Wanted::everything())?;
    assert!(matches!(&problem, Problem::LifetimeForbidden { allowed, .. } if allowed == "365 days"), "{problem}");
    let longest = Wanted { lifetime: Lifetime::Longest, ..Wanted::everything() };
    let secret = tenant.apply(&longest)?.secret.ok_or("no secret")?;
    let life = secret.end - tenant.connection.clock().now();
    assert!(life > time::Duration::days(364) && life < time::Duration::days(365), "{life}");
    Ok(())
}

#[test]
fn a_policy_that_forbids_secrets_stops_the_run_before_anything_is_written() -> TestResult {
    let policy = Policy { enabled: true, block_secrets: true, max_secret_lifetime: None };
    let tenant = Tenant::start(&Options { policy, ..Options::default() })?;
    let problem = refused(&tenant, &Wanted::everything())?;
    assert!(matches!(problem, Problem::SecretsForbidden(_)), "{problem}");
    Ok(())
}

#[test]
fn a_policy_that_exempts_some_callers_is_put_to_the_service_which_has_the_last_word() -> TestResult {
    for is_exempt in [true, false] {
        let tenant = Tenant::start(&Options::default())?;
        forbid_secrets_but_for_the_exempt(&tenant.twin);
        if is_exempt {
            exempt(&tenant.twin)?;
        }
        let wanted = Wanted::everything();
        let doubts = secret_policy::doubts(&tenant.observe(&wanted)?, &wanted, tenant.connection.now());
        assert!(doubts.len() == 2 && doubts.iter().all(|doubt| doubt.contains("exempts some callers")), "{doubts:?}");
        tenant.twin.clear_requests();
        let ended = tenant.apply(&wanted);
        let tried = tenant
            .twin
            .requests()
            .iter()
            .flat_map(|request| &request.batch)
            .fold(0, |tried, item| tried + usize::from(item.path.ends_with("/addPassword")));
        assert_eq!(tried, 1);
        match ended {
            Ok(outcome) => assert!(is_exempt && outcome.secret.is_some() && outcome.failed.is_none()),
            Err(RunError::Graph { step, error }) => {
                assert!(!is_exempt && step == Some(StepName::ClientSecret), "{step:?} {error}");
                assert_eq!(error.reaction(), Reaction::Policy);
                let on = tenant.twin.state()["organization"][0]["onPremisesSyncEnabled"].clone();
                assert_eq!(on, json!(true), "what can't be taken back was not done");
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

#[test]
fn a_policy_of_the_applications_own_wins_over_the_tenants() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let app = Wanted { steps: vec![StepName::Application, StepName::ServicePrincipal], ..Wanted::everything() };
    let outcome = tenant.apply(&app)?;
    let id = outcome.observed.app(false).ok_or("no application")?.id.clone();
    let policy = Policy { enabled: true, block_secrets: true, max_secret_lifetime: None };
    let policy = tenant.twin.edit(|directory| directory.add_app_policy(&id, &policy));
    tenant.twin.clear_requests();
    let problem = refused(&tenant, &Wanted::everything())?;
    assert_eq!(problem, Problem::SecretsForbidden(LimitingPolicy { id: policy, own: true }));
    Ok(())
}

#[test]
fn a_step_without_what_it_builds_on_is_refused() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let only = |step| Wanted { steps: vec![step], ..Wanted::everything() };
    let needs = |step| match refused(&tenant, &only(step)) {
        Ok(Problem::NeedsStep { needs, .. }) => Ok(needs),
        other => Err(format!("{step}: {other:?}")),
    };
    assert_eq!(needs(StepName::ServicePrincipal)?, StepName::Application);
    assert_eq!(needs(StepName::ClientSecret)?, StepName::Application);
    tenant.apply(&only(StepName::Application))?;
    tenant.twin.clear_requests();
    assert_eq!(needs(StepName::GlobalAdministrator)?, StepName::ServicePrincipal);
    Ok(())
}

#[test]
fn names_lifetimes_and_choices_that_cannot_be_are_refused() {
    for name in [true, false].map(|takes_over| move |text: &str| Name::of(text, takes_over)) {
        assert!(matches!(name("  "), Err(Problem::DisplayNameEmpty)));
        assert!(matches!(name(&"x".repeat(121)), Err(Problem::DisplayNameTooLong { length: 121, most: 120 })));
        assert!(name(&"é".repeat(120)).is_ok());
    }
    let now = OffsetDateTime::UNIX_EPOCH;
    for text in ["0.00:00:00", "PT0S", "-P1D", "P8040Y", "soon", ""] {
        assert!(matches!(lifetime(Some(text), now), Err(Problem::LifetimeInvalid { .. })), "{text}");
    }
    let both = steps(&[StepName::DirSync], &[StepName::DirSync]);
    assert!(matches!(both, Err(Problem::StepAndSkip(StepName::DirSync))));
    assert!(matches!(steps(&[], &StepName::ALL), Err(Problem::NoStepLeft)));
}

#[test]
fn a_policy_that_lets_no_secret_live_forbids_them_and_one_that_cannot_be_read_is_tried() -> TestResult {
    for (limit, unreadable) in [("two years", true), ("-P106751991167300D", false), ("PT0S", false)] {
        let tenant = Tenant::start(&Options::default())?;
        let rule = json!({"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": limit});
        let name = "defaultAppManagementPolicy";
        tenant.twin.edit(|directory| {
            directory.set(name, name, "applicationRestrictions", &json!({"passwordCredentials": [rule]}));
            directory.set(name, name, "isEnabled", &json!(true));
        });
        let longest = Wanted { lifetime: Lifetime::Longest, ..Wanted::everything() };
        if unreadable {
            let doubts = secret_policy::doubts(&tenant.observe(&longest)?, &longest, tenant.connection.now());
            assert!(doubts.iter().any(|doubt| doubt.contains(limit)), "{doubts:?}");
            assert!(tenant.apply(&longest)?.secret.is_some());
        } else {
            let problem = refused(&tenant, &longest)?;
            assert!(matches!(problem, Problem::SecretsForbidden(_)), "{limit}: {problem}");
        }
    }
    Ok(())
}

#[test]
fn an_answer_that_says_nothing_is_unknown_and_never_none() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let wanted = Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() };
    let made = tenant.apply(&wanted)?.application.ok_or("no application")?;
    let path = format!("/servicePrincipals(appId='{}')*", made.app_id);
    let on = On { target: Target::Item, path: Some(path), ..On::default() };
    tenant.twin.add_fault(Fault::new(on, FaultKind::Unreadable(Unreadable::Empty)).for_ever());
    let observed = tenant.observe(&wanted)?;
    assert!(observed.service_principal.is_err(), "{:?}", observed.service_principal);
    assert!(observed.grants.is_err() && observed.assignments.is_err(), "{:?}", observed.grants);
    tenant.twin.clear_requests();
    let Problem::NotReadable { step, .. } = refused(&tenant, &wanted)? else { return Err("another reason".into()) };
    assert_eq!(step, StepName::ServicePrincipal);
    Ok(())
}

#[test]
fn a_tenant_without_the_licence_or_in_a_cloud_without_the_policy_makes_its_secret_without_waiting() -> TestResult {
    let wanted = Wanted::everything();
    let clean = Tenant::start(&Options::default())?;
    clean.observe(&wanted)?;
    clean.twin.clear_requests();
    clean.apply(&wanted)?;
    let asked = clean.twin.requests().len();
    for (kind, words) in [
        (FaultKind::Unlicensed, "not licensed"),
        (FaultKind::NotInCloud { status: 400 }, "Resource not found for the segment 'defaultAppManagementPolicy'"),
        (FaultKind::NotInCloud { status: 404 }, "404"),
        (FaultKind::NotInCloud { status: 405 }, "405"),
        (FaultKind::NotInCloud { status: 501 }, "501"),
    ] {
        let tenant = Tenant::start(&Options::default())?;
        let on = On::call("GET", "/policies/defaultAppManagementPolicy*");
        tenant.twin.add_fault(Fault::new(on, kind.clone()).for_ever());
        let doubts = secret_policy::doubts(&tenant.observe(&wanted)?, &wanted, tenant.connection.now());
        let said = ["a policy limits client secrets here isn't known", words, "It is tried"];
        assert!(doubts.len() == 1 && said.iter().all(|part| doubts[0].contains(part)), "{kind:?}: {doubts:?}");
        tenant.twin.clear_requests();
        assert!(tenant.apply(&wanted)?.secret.is_some(), "{kind:?}");
        assert_eq!(tenant.twin.requests().len(), asked, "{kind:?}: what doesn't pass is not waited for");
    }
    Ok(())
}

/// The application is there, with a policy of its own that has these rules; the tenant's forbids client secrets.
fn with_own_policy(options: &Options, rules: &serde_json::Value) -> Result<Tenant, Box<dyn Error>> {
    let policy = Policy { enabled: true, block_secrets: true, max_secret_lifetime: None };
    let tenant = Tenant::start(&Options { policy, ..options.clone() })?;
    assert!(matches!(refused(&tenant, &Wanted::everything())?, Problem::SecretsForbidden(_)));
    let others: Vec<StepName> = StepName::ALL.into_iter().filter(|step| *step != StepName::ClientSecret).collect();
    let steps = others.into_iter().filter(|step| *step != StepName::DirSync).collect();
    let skipped = Wanted { steps, ..Wanted::everything() };
    let app = tenant.apply(&skipped)?.application.ok_or("no application")?;
    tenant.twin.edit(|directory| {
        let own = directory.add_app_policy(&app.id, &Policy { enabled: true, ..Policy::default() });
        directory.set("appManagementPolicies", &own, "restrictions", &json!({ "passwordCredentials": rules }))
    });
    tenant.twin.clear_requests();
    Ok(tenant)
}

#[test]
fn registered_then_exempted_the_rest_of_the_runbook_is_done_with_its_secret() -> TestResult {
    let exempt = json!([{ "restrictionType": "passwordAddition", "state": "disabled" }]);
    for own_policy_inherits in [false, true] {
        let tenant = with_own_policy(&Options { own_policy_inherits, ..Options::default() }, &exempt)?;
        let wanted = Wanted::everything();
        assert_eq!(secret_policy::doubts(&tenant.observe(&wanted)?, &wanted, tenant.connection.now()), [""; 0]);
        let outcome = tenant.apply(&wanted)?;
        assert!(outcome.secret.is_some() && outcome.failed.is_none());
        let ours = &tenant.twin.state()["organization"][0]["onPremisesSyncEnabled"];
        assert_ne!(*ours, json!(true), "directory synchronization is switched off last");
    }
    Ok(())
}

#[test]
fn what_the_applications_own_policy_is_silent_about_is_tried_last_and_the_service_decides() -> TestResult {
    let silent = json!([{ "restrictionType": "passwordLifetime", "state": "disabled" }]);
    for own_policy_inherits in [false, true] {
        let tenant = with_own_policy(&Options { own_policy_inherits, ..Options::default() }, &silent)?;
        let wanted = Wanted::everything();
        let doubts = secret_policy::doubts(&tenant.observe(&wanted)?, &wanted, tenant.connection.now());
        assert!(doubts.len() == 1 && doubts[0].contains("says nothing about that"), "{doubts:?}");
        match tenant.apply(&wanted) {
            Ok(outcome) => assert!(!own_policy_inherits && outcome.secret.is_some() && outcome.failed.is_none()),
            Err(RunError::Graph { step: Some(StepName::ClientSecret), error }) => {
                assert!(own_policy_inherits && error.reaction() == Reaction::Policy, "{error}");
                assert!(error.to_string().contains("not allowed as per assigned policy"), "{error}");
                let on = tenant.twin.state()["organization"][0]["onPremisesSyncEnabled"].clone();
                assert_eq!(on, json!(true), "what can't be taken back was not done");
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}
