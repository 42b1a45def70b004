//! The whole runbook under a person's sign-in.

use std::time::Duration;

use pp_run::apply::RunError;

use pp_run::holder::holder;
use pp_run::outcome::StepResult;
use pp_runbook::problem::Problem;
use pp_runbook::sign_in_needs::rows;
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_sign_in::Credential;
use pp_sign_in::user::{COMMAND_LINE_TOOLS, User};
use pp_testing::person::{BROWSER, sign_in, tenant, token};
use pp_testing::shape::shape;
use pp_testing::{Tenant, TestResult, connect_by, results};
use tenant_twin::{Fault, FaultKind, On, Options, Person, SignInSettings, Target};

fn signed_in(person: Person) -> Result<Tenant, Box<dyn std::error::Error>> {
    let tenant = tenant(BROWSER)?;
    tenant.twin.set_sign_in(SignInSettings { person, ..SignInSettings::default() });
    sign_in(&tenant.connection).result?;
    tenant.twin.clear_requests();
    Ok(tenant)
}

/// The end of a clean run of an application.
fn clean() -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let options = Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() };
    let tenant = Tenant::start(&options)?;
    tenant.apply(&Wanted::everything())?;
    Ok(shape(&tenant.twin.state()))
}

#[test]
fn with_the_least_scopes_a_person_carries_all_of_it_out() -> TestResult {
    let tenant = signed_in(Person::GlobalAdministrator)?;
    let outcome = tenant.apply(&Wanted::everything())?;
    for (step, result) in results(&outcome) {
        let wanted = if step == StepName::DirSync { StepResult::Pending } else { StepResult::Done };
        assert_eq!(result, wanted, "{step}");
    }
    assert!(outcome.secret.is_some());
    assert_eq!(shape(&tenant.twin.state()), clean()?);
    assert!(tenant.warnings.lock().is_empty(), "{:?}", tenant.warnings.lock());
    tenant.twin.clear_requests();
    tenant.apply(&Wanted::everything())?;
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn each_step_alone_needs_no_more_than_its_own_scopes() -> TestResult {
    let whole = signed_in(Person::GlobalAdministrator)?;
    for step in StepName::ALL {
        let scopes = pp_runbook::sign_in_needs::delegated(&[step]).into_iter().map(str::to_owned).collect();
        let user = User::new(COMMAND_LINE_TOOLS, scopes, BROWSER);
        let connection = connect_by(&whole.twin, Credential::User(Box::new(user)))?;
        let token = sign_in(&connection).result?;
        let row = rows(&[step], token.claims.as_ref().map(holder).as_ref()).remove(0);
        assert_eq!(row.missing, Some(Vec::new()), "{step}: {row:?}");
        let alone = Tenant {
            twin: std::sync::Arc::clone(&whole.twin),
            connection,
            warnings: parking_lot::Mutex::default(),
            verbose: parking_lot::Mutex::default(),
        };
        alone.apply(&Wanted { steps: vec![step], ..Wanted::everything() }).map_err(|e| format!("{step}: {e}"))?;
    }
    assert_eq!(shape(&whole.twin.state()), clean()?);
    Ok(())
}

#[test]
fn a_scope_that_is_missing_is_named_before_anything_is_written() -> TestResult {
    let tenant = tenant(BROWSER)?;
    let scopes = pp_runbook::sign_in_needs::delegated(&StepName::ALL)
        .into_iter()
        .filter(|name| *name != "RoleManagement.ReadWrite.Directory")
        .chain(["RoleManagement.Read.Directory"])
        .map(str::to_owned);
    let user = User::new(COMMAND_LINE_TOOLS, scopes.collect(), BROWSER);
    let less = Tenant { connection: connect_by(&tenant.twin, Credential::User(Box::new(user)))?, ..tenant };
    sign_in(&less.connection).result?;
    let Err(RunError::Problem(Problem::PermissionMissing(missing))) = less.apply(&Wanted::everything()) else {
        return Err("a permission is missing".into());
    };
    assert_eq!(missing.iter().map(|one| one.step).collect::<Vec<_>>(), [StepName::GlobalAdministrator]);
    assert_eq!(less.writes(), 0);
    Ok(())
}

#[test]
fn a_role_that_is_missing_is_warned_of_and_then_refused_by_the_service() -> TestResult {
    for (person, doubtful) in [(Person::GlobalReader, 7), (Person::ApplicationAdministrator, 3)] {
        let tenant = signed_in(person)?;
        assert!(tenant.apply(&Wanted::everything()).is_err());
        let warnings = tenant.warnings.lock().clone();
        let roles = warnings.iter().filter(|warning| warning.contains("shows no role")).count();
        assert_eq!(roles, doubtful, "{warnings:?}");
    }
    let tenant = signed_in(Person::ApplicationAdministrator)?;
    let steps = vec![StepName::Application, StepName::ServicePrincipal, StepName::DelegatedConsent];
    tenant.apply(&Wanted { steps, ..Wanted::everything() })?;
    assert!(tenant.warnings.lock().is_empty());
    Ok(())
}

/// Each request of a run in turn meets a token that has ended, was challenged, or ends by the clock.
#[test]
fn a_token_that_ends_anywhere_in_the_run_changes_nothing_about_its_end() -> TestResult {
    let clean = clean()?;
    let tenant = signed_in(Person::GlobalAdministrator)?;
    tenant.apply(&Wanted::everything())?;
    let graph = tenant.twin.requests().iter().filter(|request| !request.token).count();
    for place in 1..=u64::try_from(graph)? {
        for kind in [FaultKind::TokenExpired, FaultKind::ClaimsChallenge] {
            let tenant = signed_in(Person::GlobalAdministrator)?;
            tenant.twin.add_fault(Fault::new(On::every(Target::Graph), kind.clone()).nth(place));
            let outcome = tenant.apply(&Wanted::everything()).map_err(|e| format!("{kind:?} at {place}: {e}"))?;
            assert!(outcome.secret.is_some());
            assert_eq!(shape(&tenant.twin.state()), clean, "{kind:?} at {place}");
        }
    }
    Ok(())
}

#[test]
fn a_sign_in_that_dies_in_the_run_leaves_a_tenant_that_the_next_one_finishes() -> TestResult {
    let clean = clean()?;
    let mut ended_early = 0;
    for place in 1..=4 {
        let tenant = signed_in(Person::GlobalAdministrator)?;
        tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::TokenExpired).nth(place));
        tenant.twin.refuse_refresh(Some(50_173));
        if let Err(error) = tenant.apply(&Wanted::everything()) {
            assert!(error.to_string().starts_with("AADSTS50173: "), "{error}");
            ended_early += 1;
        }
        tenant.twin.refuse_refresh(None);
        tenant.twin.clear_faults();
        sign_in(&tenant.connection).result?;
        assert!(token(&tenant.connection).is_ok());
        tenant.apply(&Wanted::everything())?;
        assert_eq!(shape(&tenant.twin.state()), clean, "at {place}");
    }
    assert!(ended_early > 1);
    Ok(())
}
