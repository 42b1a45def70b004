//! The walk over all users of a tenant: what has gone wrong is taken up where it was, and nobody is left out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::error::Error;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::time::Duration;

use pp_attributes::account::Account;
use pp_attributes::backup::Since;
use pp_attributes::facts::Coverage;
use pp_attributes::hazards::{Holder, Kind};
use pp_attributes::object_id::ObjectId;
use pp_attributes::spool::Spool;
use pp_base::cancel::Cancelled;
use pp_graph::error::GraphError;
use pp_run::comparison::{Index, Names, Stopped, Told, facts, index};
use pp_run::users::{all, count};
use pp_runbook::observed::Observed;
use pp_testing::{Tenant, TestResult};
use tenant_twin::{Fault, FaultKind, On, Options, RetryAfter, Target, Unreadable};

/// Four pages by the delta query.
const USERS: u32 = 350;

fn tenant(users: u32) -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users, latency: Duration::ZERO, ..Options::default() })
}

/// The index of a tenant and who came, with what `read` does after each page.
struct Walked {
    index: Index,
    /// The place at which each came, and its object id.
    users: Vec<(u32, String)>,
}

fn walked(tenant: &Tenant, read: &dyn Fn() -> Result<(), Cancelled>) -> Result<Walked, Box<dyn Error>> {
    tenant.with(|graph, voice| {
        let mut facts = facts(&graph, &Observed::unread(), &[], Coverage::Whole, voice.warning)?;
        let each = |_users| read();
        let told = Told { read: &each, warning: voice.warning };
        let nothing: Option<&mut Since<Cursor<Vec<u8>>>> = None;
        let (index, mut spooled) = index(&graph, None, nothing, Spool::new(Cursor::new(Vec::new())), &mut facts, told)?;
        let mut users = Vec::new();
        while let Some(some) = spooled.read_next(500).transpose()? {
            for user in some.part(0..some.len()) {
                let user = user?;
                users.push((user.place, user.account.id.to_owned()));
            }
        }
        Ok(Walked { index, users })
    })
}

/// Whether the index knows who has the names of all users, and all of them came.
fn knows_all(tenant: &Tenant, Walked { index, users }: &Walked) -> TestResult {
    let latest = users.iter().filter(|(place, _)| index.hazards.is_latest(*place));
    let came: BTreeSet<&str> = latest.map(|(_, id)| id.as_str()).collect();
    let mut ids = BTreeSet::new();
    tenant.with(|graph, _| {
        all(&graph, |page: Vec<Account>| -> Result<(), GraphError> {
            for account in page {
                let name = account.user_principal_name.unwrap_or_default();
                let holders = index.hazards.address(&name, None);
                assert_eq!(
                    holders.iter().map(|one| one.id.to_string()).collect::<Vec<_>>(),
                    std::slice::from_ref(&account.id)
                );
                assert!(came.contains(account.id.as_str()));
                ids.insert(account.id);
            }
            Ok(())
        })
    })?;
    assert_eq!((ids.len(), came.len()), (USERS as usize, USERS as usize));
    Ok(())
}

#[test]
fn a_state_that_the_service_has_forgotten_begins_anew_and_is_warned_of() -> TestResult {
    let tenant = tenant(USERS)?;
    let pages = Cell::new(0);
    // While the second page is worked on, more than a week goes by.
    let walked = walked(&tenant, &|| {
        pages.set(pages.get() + 1);
        if pages.get() == 2 {
            tenant.twin.advance(Duration::from_hours(8 * 24));
        }
        Ok(())
    })?;
    knows_all(&tenant, &walked)?;
    let warnings = tenant.warnings.lock();
    assert!(warnings.iter().any(|warning| warning.contains("syncStateNotFound")), "{warnings:?}");
    Ok(())
}

#[test]
fn a_page_that_is_refused_for_a_time_is_asked_for_again_and_no_page_before_it() -> TestResult {
    let tenant = tenant(USERS)?;
    let third = On::call("GET", "/users/delta*");
    tenant.twin.add_fault(Fault::new(third, FaultKind::RequestLost { reset: true }).nth(3).times(4));
    let walked = walked(&tenant, &|| Ok(()))?;
    let asked: Vec<String> = tenant.twin.requests().into_iter().map(|request| request.path).collect();
    let delta: Vec<&String> = asked.iter().filter(|path| path.contains("/users/delta")).collect();
    assert_eq!((delta.len(), delta.iter().collect::<BTreeSet<_>>().len()), (8, 4), "{delta:?}");
    knows_all(&tenant, &walked)
}

#[test]
fn a_page_that_came_gives_the_whole_retry_budget_to_the_next() -> TestResult {
    let tenant = tenant(USERS)?;
    // The second page, the third and the fourth: 300 seconds together, where 180 are the whole budget.
    for request in [2, 4, 6] {
        let delta = On::call("GET", "/users/delta*");
        tenant.twin.add_fault(Fault::new(delta, FaultKind::Throttled(RetryAfter::Seconds(100))).nth(request));
    }
    let walked = walked(&tenant, &|| Ok(()))?;
    knows_all(&tenant, &walked)
}

#[test]
fn a_page_that_was_cut_is_asked_for_again_and_the_next_one_which_is_on_its_way_is_not() -> TestResult {
    for kind in [FaultKind::Unreadable(Unreadable::Cut), FaultKind::Truncated { announced: false }] {
        let tenant = tenant(USERS)?;
        tenant.twin.add_fault(Fault::new(On::call("GET", "/users/delta*"), kind).nth(2));
        let walked = walked(&tenant, &|| Ok(()))?;
        let asked: Vec<String> = tenant.twin.requests().into_iter().map(|request| request.path).collect();
        let mut delta: Vec<&String> = asked.iter().filter(|path| path.contains("/users/delta")).collect();
        let second = delta[1].clone();
        assert_eq!((delta.len(), delta.iter().filter(|path| ***path == second).count()), (5, 2), "{delta:?}");
        delta.sort();
        delta.dedup();
        assert_eq!(delta.len(), 4);
        knows_all(&tenant, &walked)?;
    }
    Ok(())
}

#[test]
fn a_caller_who_cancels_ends_it() -> TestResult {
    let tenant = tenant(USERS)?;
    let pages = RefCell::new(0);
    let ended = walked(&tenant, &|| {
        *pages.borrow_mut() += 1;
        Err(Cancelled)
    });
    assert!(ended.is_err_and(|error| error.to_string().contains("ancelled")));
    assert_eq!(pages.take(), 1);
    Ok(())
}

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Full {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

impl Seek for Full {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Ok(0)
    }
}

#[test]
fn a_full_disk_ends_it_and_is_told_as_one() -> TestResult {
    let tenant = tenant(USERS)?;
    let ended = tenant.with(|graph, voice| {
        let mut facts = facts(&graph, &Observed::unread(), &[], Coverage::Whole, voice.warning)?;
        let told = Told { read: &|_users| Ok(()), warning: voice.warning };
        let nothing: Option<&mut Since<Cursor<Vec<u8>>>> = None;
        index(&graph, None, nothing, Spool::new(Full), &mut facts, told).map(drop)
    });
    assert!(matches!(&ended, Err(Stopped::NotKept(error)) if error.kind() == io::ErrorKind::StorageFull), "{ended:?}");
    Ok(())
}

#[test]
fn how_many_there_are_is_counted_without_reading_them() -> TestResult {
    let tenant = tenant(1_000_000)?;
    assert_eq!(tenant.with(|graph, _| count(&graph))?, Some(1_000_000));
    Ok(())
}

#[test]
fn users_and_facts_are_known_where_answers_say_null_and_text() -> TestResult {
    let told = |loose: bool| -> Result<_, Box<dyn Error>> {
        let tenant = tenant(USERS)?;
        if loose {
            let graph = On::every(Target::Graph);
            tenant.twin.add_fault(Fault::new(graph, FaultKind::LooseValues).for_ever());
        }
        knows_all(&tenant, &walked(&tenant, &|| Ok(()))?)?;
        assert_eq!(tenant.with(|graph, _| count(&graph))?, Some(u64::from(USERS)));
        let facts =
            tenant.with(|graph, voice| facts(&graph, &Observed::unread(), &[], Coverage::Whole, voice.warning))?;
        let mut users = Vec::new();
        tenant.with(|graph, _| {
            all(&graph, |page: Vec<Account>| -> Result<(), GraphError> {
                users.extend(page);
                Ok(())
            })
        })?;
        Ok((format!("{:?}", facts.domains), users))
    };
    assert_eq!(told(true)?, told(false)?);
    Ok(())
}

#[test]
fn who_concerns_more_than_are_looked_up_is_told_by_id_and_that_is_said_once() -> TestResult {
    let tenant = tenant(3)?;
    let ids: Vec<String> = walked(&tenant, &|| Ok(()))?.users.into_iter().map(|(_, id)| id).collect();
    let parsed = ids.iter().map(|id| Some(Holder { id: ObjectId::parse(id)?, kind: Kind::User }));
    let holders: Vec<Holder> = parsed.collect::<Option<_>>().ok_or("an id")?;
    let mut names = Names::up_to(2);
    tenant.twin.clear_requests();
    tenant.with(|graph, voice| -> Result<(), GraphError> {
        names.look_up(&graph, [holders[0], holders[1], holders[0]], voice.warning)?;
        assert!(tenant.warnings.lock().is_empty(), "as many as are looked up");
        names.look_up(&graph, [holders[1], holders[2]], voice.warning)?;
        names.look_up(&graph, [holders[2]], voice.warning)
    })?;
    let told = |at: usize| names.told(&ids[at], &holders);
    assert!([0, 1].iter().all(|at| told(*at).contains('@') && told(*at).contains(&ids[*at])), "{}", told(0));
    assert_eq!(told(2), ids[2]);
    let warnings = tenant.warnings.lock();
    assert!(warnings.len() == 1 && warnings[0].contains("names of 2 objects"), "{warnings:?}");
    assert_eq!(tenant.twin.requests().len(), 1, "and nothing more is asked for");
    Ok(())
}
