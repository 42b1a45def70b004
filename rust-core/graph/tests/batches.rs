//! Batches: what is sent again after a token that is no longer taken, and more requests than one batch takes.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_graph::batch::{Item, ItemResult, Order};
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_sign_in::token::Claims;
use pp_testing::{Tenant, TestResult};
use serde_json::json;
use tenant_twin::{Fault, FaultKind, On, Options, Target};

fn tenant() -> Result<Tenant, Box<dyn Error>> {
    let tenant = Tenant::start(&Options { users: 1, latency: Duration::ZERO, ..Options::default() })?;
    // The token is there before the first batch.
    tenant.with(|graph, _| graph.read(&[Item::get("/organization?$select=id")]).map(drop))?;
    tenant.twin.clear_requests();
    Ok(tenant)
}

/// Writes that each make an application of a name of its own.
fn applications(count: usize) -> Vec<Item> {
    let one = |i| Item {
        method: "POST",
        body: Some(json!({"displayName": format!("application {i}")})),
        ..Item::get("/applications")
    };
    (0..count).map(one).collect()
}

fn write(tenant: &Tenant, items: &[Item], order: Order) -> Result<Vec<ItemResult>, GraphError> {
    tenant.with(|graph, _| graph.write(items, order))
}

/// The names of the applications that were made, sorted.
fn made(tenant: &Tenant) -> Vec<String> {
    let state = tenant.twin.state();
    let all = state["applications"].as_array().cloned().unwrap_or_default();
    let names = all.iter().filter_map(|application| application["displayName"].as_str());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("application ")).map(str::to_owned).collect();
    names.sort_by_key(|name| name.rsplit(' ').next().and_then(|number| number.parse::<usize>().ok()));
    names
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("application {i}")).collect()
}

/// Items of each batch that was sent.
fn batches(tenant: &Tenant) -> Vec<usize> {
    tenant.twin.requests().iter().filter(|request| !request.token).map(|request| request.batch.len()).collect()
}

const REFUSALS: [FaultKind; 2] = [FaultKind::TokenExpired, FaultKind::ClaimsChallenge];

#[test]
fn writes_that_an_ended_token_kept_from_being_done_are_done_after_another_sign_in_and_no_other_twice() -> TestResult {
    for (kind, order) in
        REFUSALS.into_iter().flat_map(|kind| [Order::Chain, Order::Parallel].map(|o| (kind.clone(), o)))
    {
        let tenant = tenant()?;
        tenant.twin.add_fault(Fault::new(On::every(Target::Item), kind.clone()).nth(3));
        let results = write(&tenant, &applications(5), order)?;
        assert!(results.iter().all(Result::is_ok), "{kind:?}, {order:?}: {results:?}");
        assert_eq!(made(&tenant), names(5), "{kind:?}, {order:?}");
        assert_eq!(batches(&tenant), [5, 3], "{kind:?}, {order:?}: what was done is not sent again");
    }
    Ok(())
}

#[test]
fn reads_are_whole_after_another_sign_in() -> TestResult {
    for kind in REFUSALS {
        let tenant = tenant()?;
        tenant.twin.add_fault(Fault::new(On::every(Target::Item), kind.clone()).nth(2));
        let reads = ["/organization?$select=id", "/users?$select=id", "/groups?$select=id"].map(Item::get);
        let results = tenant.with(|graph, _| graph.read(&reads))?;
        assert!(results.iter().all(Result::is_ok), "{kind:?}: {results:?}");
    }
    Ok(())
}

/// Reads a batch while another renews the token, between its answer, which a line of this beginning tells, and what is made of that.
fn read_while_another_renews(tenant: &Tenant, line: &str) -> Result<Vec<ItemResult>, GraphError> {
    let (cancel, budget, renewed) = (Cancel::never(), Budget::new(DEFAULT_BUDGET), AtomicBool::new(false));
    let another = || {
        tenant.twin.advance(Duration::from_mins(2));
        tenant.with(|graph, _| {
            let token = graph.tokens.get(&graph.call)?;
            graph.tokens.refused(&token, None, &graph.call)?;
            graph.tokens.get(&graph.call).map(drop)
        })
    };
    let log = |told: &str| {
        if told.trim_start().starts_with(line) && !renewed.swap(true, Ordering::SeqCst) {
            assert!(another().is_ok());
        }
    };
    let results =
        tenant.connection.graph(Call { cancel: &cancel, budget: &budget, log: &log }).read(&READ.map(Item::get));
    assert!(renewed.into_inner(), "no line {line}");
    results
}

const READ: [&str; 2] = ["/organization?$select=id", "/users?$select=id"];

#[test]
fn a_token_that_another_has_renewed_meanwhile_is_not_renewed_again() -> TestResult {
    let tenant = tenant()?;
    tenant.twin.add_fault(Fault::new(On::every(Target::Item), FaultKind::TokenExpired).nth(2));
    let results = read_while_another_renews(&tenant, "GET /users: 401")?;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let asked = tenant.twin.requests().iter().filter(|request| request.token).count();
    assert_eq!(asked, 1, "by the other");
    Ok(())
}

#[test]
fn a_refusal_is_told_of_the_token_that_was_refused_and_not_of_its_successor() -> TestResult {
    let tenant = tenant()?;
    let issued = |error: &GraphError| match error {
        GraphError::Service(error) => error.refused.as_ref()?.claims.as_ref()?.issued_on(),
        _ => None,
    };
    let own = tenant.with(|graph, _| graph.tokens.get(&graph.call))?.claims.as_ref().and_then(Claims::issued_on);
    assert!(own.is_some());
    tenant.twin.add_fault(Fault::new(On::every(Target::Item), FaultKind::Denied).nth(2));
    let results = read_while_another_renews(&tenant, "GET /users: 403")?;
    assert_eq!(results[1].as_ref().err().and_then(issued), own, "{results:?}");
    Ok(())
}

#[test]
fn what_was_done_before_the_token_ended_stays_known_where_nobody_can_sign_in_any_more() -> TestResult {
    let tenant = tenant()?;
    tenant.twin.add_fault(Fault::new(On::every(Target::Item), FaultKind::TokenExpired).nth(2));
    tenant.twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::Denied).for_ever());
    let results = write(&tenant, &applications(3), Order::Chain)?;
    assert!(results[0].is_ok(), "{:?}", results[0]);
    assert!(results[1..].iter().all(|result| matches!(result, Err(GraphError::SignIn(_)))), "{results:?}");
    assert_eq!(made(&tenant), names(1));
    Ok(())
}

#[test]
fn more_writes_than_a_batch_takes_are_all_done_in_their_order() -> TestResult {
    for order in [Order::Chain, Order::Parallel] {
        let tenant = tenant()?;
        let results = write(&tenant, &applications(45), order)?;
        let answered = results.into_iter().map(|result| result.map(|answer| answer.body["displayName"].clone()));
        let answered = answered.collect::<Result<Vec<_>, _>>()?;
        assert_eq!(answered, names(45), "{order:?}: an answer for each, in their order");
        assert_eq!(made(&tenant), names(45), "{order:?}");
        assert_eq!(batches(&tenant), [20, 20, 5], "{order:?}");
    }
    Ok(())
}

#[test]
fn a_chain_that_breaks_in_its_first_batch_goes_no_further() -> TestResult {
    let tenant = tenant()?;
    tenant.twin.add_fault(Fault::new(On::every(Target::Item), FaultKind::Denied).nth(4));
    let results = write(&tenant, &applications(25), Order::Chain)?;
    let reactions: Vec<_> = results.iter().map(|result| result.as_ref().err().map(GraphError::reaction)).collect();
    assert!(reactions[..3].iter().all(Option::is_none), "{results:?}");
    assert_eq!(reactions[3], Some(Reaction::Denied));
    assert!(reactions[4..].iter().all(|reaction| *reaction == Some(Reaction::NotTried)), "{results:?}");
    assert_eq!((made(&tenant), batches(&tenant).len()), (names(3), 1));
    Ok(())
}
