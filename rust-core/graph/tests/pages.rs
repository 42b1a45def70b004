//! Lists of many pages: every row once, as it comes, and an end where the service names none.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use pp_graph::Graph;
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_http::SendError;
use pp_report::error::OpError;
use pp_sign_in::environment::Environment;
use pp_testing::{Tenant, TestResult, connect_to, secret_of};
use serde::Deserialize;
use tenant_twin::{Fault, FaultKind, On, Options, RetryAfter, Twin, Unreadable};

/// Three pages of at most 100.
const USERS: u32 = 250;
const LIST: &str = "/users?$select=id&$top=100";

#[derive(Debug, Deserialize)]
struct User {
    id: String,
}

fn tenant() -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users: USERS, latency: Duration::ZERO, ..Options::default() })
}

/// The ids of a list's rows in the order in which they come, and how the walk ends.
fn walk(tenant: &Tenant, list: &Item) -> (Vec<String>, Result<(), GraphError>) {
    let mut ids = Vec::new();
    let end = tenant.with(|graph, _| {
        graph.walk(list, |user: User| {
            ids.push(user.id);
            Ok(())
        })
    });
    (ids, end)
}

fn read(tenant: &Tenant, list: &Item) -> Result<usize, GraphError> {
    let result = tenant.with(|graph, _| graph.read(std::slice::from_ref(list)))?.remove(0)?;
    Ok(result.body["value"].as_array().map_or(0, Vec::len))
}

/// Requests for the list, batches aside.
fn asked(tenant: &Tenant) -> usize {
    tenant.twin.requests().iter().filter(|request| request.path.starts_with("/graph/v1.0/users")).count()
}

fn on_page(n: u64, kind: FaultKind) -> Fault {
    Fault::new(On::call("GET", "/users*"), kind).nth(n)
}

#[test]
fn a_name_with_half_a_letter_keeps_nobody_from_being_read() -> TestResult {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Named {
        display_name: String,
    }
    let tenant = tenant()?;
    tenant.twin.add_fault(Fault::new(On::call("GET", "/users*"), FaultKind::HalfLetter).for_ever());
    let (list, mut names) = (Item::get("/users?$select=displayName&$top=100"), Vec::new());
    tenant.with(|graph, _| {
        graph.walk(&list, |user: Named| -> Result<(), GraphError> {
            names.push(user.display_name);
            Ok(())
        })
    })?;
    let halves = names.iter().filter(|name| name.starts_with('\u{fffd}')).count();
    assert_eq!((names.len(), halves), (USERS as usize, 3), "one of each page");
    assert_eq!(read(&tenant, &list)?, USERS as usize);
    Ok(())
}

#[test]
fn every_row_comes_once_whatever_befalls_a_page() -> TestResult {
    let faults = [
        None,
        Some(on_page(2, FaultKind::Throttled(RetryAfter::Seconds(3)))),
        Some(on_page(1, FaultKind::Unreadable(Unreadable::Empty))),
        Some(on_page(2, FaultKind::Unreadable(Unreadable::Cut))),
        Some(on_page(3, FaultKind::Unreadable(Unreadable::Html))),
        Some(on_page(3, FaultKind::AnswerLost { reset: true })),
        Some(on_page(2, FaultKind::TokenExpired)),
    ];
    for fault in faults {
        let tenant = tenant()?;
        let said = format!("{fault:?}");
        if let Some(fault) = fault {
            tenant.twin.add_fault(fault);
        }
        let (ids, end) = walk(&tenant, &Item::get(LIST));
        end?;
        let different: BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), different.len()), (USERS as usize, USERS as usize), "{said}");
    }
    Ok(())
}

#[test]
fn the_next_page_is_asked_for_while_the_rows_of_this_one_are_worked_on() -> TestResult {
    let tenant = tenant()?;
    let mut waited = false;
    tenant.with(|graph, _| {
        graph.walk(&Item::get(LIST), |_: User| -> Result<(), GraphError> {
            let deadline = Instant::now() + Duration::from_mins(1);
            while !waited && asked(&tenant) < 2 && Instant::now() < deadline {
                thread::yield_now();
            }
            assert!(asked(&tenant) >= 2, "the second page was not asked for");
            waited = true;
            Ok(())
        })
    })?;
    assert!(waited);
    Ok(())
}

#[test]
fn a_page_that_never_can_be_read_ends_the_list_after_the_rows_before_it() -> TestResult {
    let tenant = tenant()?;
    tenant.twin.add_fault(on_page(2, FaultKind::Unreadable(Unreadable::Cut)).times(u64::MAX));
    let (ids, end) = walk(&tenant, &Item::get(LIST));
    assert!(matches!(end, Err(GraphError::Unreadable { .. })), "{end:?}");
    assert_eq!(ids.len(), 100);
    Ok(())
}

#[test]
fn what_works_on_the_rows_can_end_the_list() -> TestResult {
    let tenant = tenant()?;
    let mut rows = 0;
    let end = tenant.with(|graph, _| {
        graph.walk(&Item::get(LIST), |_: User| {
            rows += 1;
            if rows == 150 { Err(GraphError::Send(SendError::Cancelled)) } else { Ok(()) }
        })
    });
    assert!(matches!(end, Err(GraphError::Send(SendError::Cancelled))), "{end:?}");
    assert_eq!(rows, 150);
    Ok(())
}

#[test]
fn a_page_that_leads_back_is_an_error_and_no_endless_list() -> TestResult {
    let tenant = tenant()?;
    tenant.twin.add_fault(on_page(2, FaultKind::RepeatedLink));
    let (ids, end) = walk(&tenant, &Item::get(LIST));
    assert!(matches!(end, Err(GraphError::EndlessList { .. })), "{end:?}");
    assert_eq!(ids.len(), 200, "the rows of both pages came");
    // Read whole, its first page in a batch.
    let tenant = self::tenant()?;
    tenant.twin.add_fault(on_page(2, FaultKind::RepeatedLink));
    let Err(error) = read(&tenant, &Item::get(LIST)) else { return Err("it was read".into()) };
    let OpError::Failed(report) = OpError::from(error) else { return Err("no error".into()) };
    assert_eq!(report.id, "PPFederation.ListEndless");
    Ok(())
}

#[test]
fn an_address_in_another_spelling_is_the_same_host() -> TestResult {
    let twin =
        Arc::new(Twin::start(&Options { users: USERS, seed: 2, latency: Duration::ZERO, ..Options::default() })?);
    let typed = |address: &str| format!(" {}/ ", address.replace("http://127.0.0.1", "HTTP://127.1"));
    let tenant = Tenant::of(
        connect_to(&twin, (&typed(&twin.login()), &typed(&twin.graph())), secret_of(&twin, "admin")?)?,
        twin,
    );
    let (ids, end) = walk(&tenant, &Item::get(LIST));
    end?;
    assert_eq!((ids.len(), read(&tenant, &Item::get(LIST))?), (USERS as usize, USERS as usize));
    Ok(())
}

#[test]
fn a_next_page_on_another_host_gets_no_token() -> TestResult {
    let tenant = tenant()?;
    // The same service by another name: its links lead to the one that it knows itself by.
    let elsewhere = tenant.twin.graph().replace("127.0.0.1", "localhost");
    let endpoints = Environment::Custom.endpoints(Some(&tenant.twin.login()), Some(&elsewhere))?;
    let mut ids = Vec::new();
    let end = tenant.with(|graph, _| {
        Graph { endpoints: &endpoints, ..graph }.walk(&Item::get(LIST), |user: User| {
            ids.push(user.id);
            Ok(())
        })
    });
    let Err(GraphError::Unreadable { what, .. }) = end else { return Err(format!("{end:?}").into()) };
    assert!(what.contains("another host"), "{what}");
    assert_eq!((ids.len(), asked(&tenant)), (100, 1));
    Ok(())
}

#[test]
fn a_counted_list_is_read_over_all_its_pages_and_a_count_alone_is_not() -> TestResult {
    let tenant = tenant()?;
    let counted =
        Item { headers: vec![("ConsistencyLevel", "eventual")], ..Item::get("/users?$count=true&$select=id&$top=100") };
    assert_eq!(read(&tenant, &counted)?, USERS as usize);
    let (ids, end) = walk(&tenant, &counted);
    end?;
    assert_eq!(ids.len(), USERS as usize);
    tenant.twin.clear_requests();
    let count_alone = Item { path: "/users?$count=true&$select=id&$top=1".into(), first_page: true, ..counted };
    assert_eq!(read(&tenant, &count_alone)?, 1);
    assert_eq!(tenant.twin.requests().len(), 1, "the batch");
    Ok(())
}
