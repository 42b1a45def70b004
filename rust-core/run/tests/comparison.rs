//! The walk over all users of a tenant: what has gone wrong is taken up where it was, and nobody is left out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use pp_attributes::account::Account;
use pp_attributes::facts::Coverage;
use pp_graph::error::GraphError;
use pp_http::SendError;
use pp_run::comparison::{Index, Told, accounts, facts, index};
use pp_run::users::count;
use pp_runbook::observed::Observed;
use pp_testing::{Tenant, TestResult};
use tenant_twin::{Fault, FaultKind, On, Options};

/// Four pages by the delta query.
const USERS: u32 = 350;

fn tenant(users: u32) -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users, latency: Duration::ZERO, ..Options::default() })
}

/// The index of a tenant, with what `read` does after each page.
fn indexed(tenant: &Tenant, read: &dyn Fn() -> Result<(), GraphError>) -> Result<Index, GraphError> {
    tenant.with(|graph, voice| {
        let mut facts = facts(&graph, &Observed::unread(), &[], Coverage::Whole)?;
        let each = |_users| read().map_err(|_cancelled| pp_base::cancel::Cancelled);
        index(&graph, None, &mut facts, Told { read: &each, warning: voice.warning })
    })
}

/// Whether the index knows who has the names of all users.
fn knows_all(tenant: &Tenant, index: &Index) -> TestResult {
    let mut ids = BTreeSet::new();
    tenant.with(|graph, _| {
        accounts(&graph, |page: Vec<Account>| {
            for account in page {
                let name = account.user_principal_name.unwrap_or_default();
                let holders = index.hazards.address(&name, None);
                assert_eq!(
                    holders.iter().map(|one| one.id.to_string()).collect::<Vec<_>>(),
                    std::slice::from_ref(&account.id)
                );
                ids.insert(account.id);
            }
            Ok(())
        })
    })?;
    assert_eq!(ids.len(), USERS as usize);
    Ok(())
}

#[test]
fn a_state_that_the_service_has_forgotten_begins_anew_and_is_warned_of() -> TestResult {
    let tenant = tenant(USERS)?;
    let pages = Cell::new(0);
    // While the second page is worked on, more than a week goes by.
    let index = indexed(&tenant, &|| {
        pages.set(pages.get() + 1);
        if pages.get() == 2 {
            tenant.twin.advance(Duration::from_hours(8 * 24));
        }
        Ok(())
    })?;
    knows_all(&tenant, &index)?;
    let warnings = tenant.warnings.lock();
    assert!(warnings.iter().any(|warning| warning.contains("syncStateNotFound")), "{warnings:?}");
    Ok(())
}

#[test]
fn a_page_that_is_refused_for_a_time_is_asked_for_again_and_no_page_before_it() -> TestResult {
    let tenant = tenant(USERS)?;
    let third = On::call("GET", "/users/delta*");
    tenant.twin.add_fault(Fault::new(third, FaultKind::RequestLost { reset: true }).nth(3).times(4));
    let index = indexed(&tenant, &|| Ok(()))?;
    let asked: Vec<String> = tenant.twin.requests().into_iter().map(|request| request.path).collect();
    let delta: Vec<&String> = asked.iter().filter(|path| path.contains("/users/delta")).collect();
    assert_eq!((delta.len(), delta.iter().collect::<BTreeSet<_>>().len()), (8, 4), "{delta:?}");
    knows_all(&tenant, &index)
}

#[test]
fn a_caller_who_cancels_ends_it() -> TestResult {
    let tenant = tenant(USERS)?;
    let pages = RefCell::new(0);
    let ended = indexed(&tenant, &|| {
        *pages.borrow_mut() += 1;
        Err(GraphError::Send(SendError::Cancelled))
    });
    assert!(ended.is_err_and(|error| error.is_cancelled()));
    assert_eq!(pages.take(), 1);
    Ok(())
}

#[test]
fn how_many_there_are_is_counted_without_reading_them() -> TestResult {
    let tenant = tenant(1_000_000)?;
    assert_eq!(tenant.with(|graph, _| count(&graph))?, Some(1_000_000));
    Ok(())
}
