//! Bringing users back to what a backup has. A loop, as a run is: look, plan, send, and again after what passes by itself; what the
//! service answered counts, whatever a replica shows. All writes can be sent again. Nobody is left under the name for the time being without
//! having been brought home, or told.

mod user;

use std::time::Duration;

use pp_attributes::account::Account;
use pp_attributes::restore::{Domains, Kept, Restorable, Value};
use pp_base::retry::{LONGEST_WAIT, Tries};
use pp_graph::Graph;
use pp_graph::batch::{Item, Order};
use pp_graph::error::GraphError;
use serde_json::Value as Json;

use crate::lost_secret::{AFTER_END, after_end};
use crate::users::present;
use user::User;

/// What is to be restored, and where.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Which attributes.
    pub attributes: &'a [Restorable],
    /// The tenant's domains.
    pub domains: &'a Domains,
}

/// What became of one user.
#[derive(Debug)]
pub struct Restored {
    /// The user as the backup has it.
    pub was: Account,
    /// What became of each attribute that differed.
    pub attributes: Vec<Outcome>,
}

/// What became of one attribute.
#[derive(Debug)]
pub struct Outcome {
    /// Microsoft Graph's name; `id` stands for the user.
    pub attribute: &'static str,
    /// What the user had.
    pub before: Option<String>,
    /// What the backup has.
    pub after: Option<String>,
    /// What became of it.
    pub result: Ended,
    /// The sign-in name for the time being that the user is left under, or may be.
    pub left_as: Option<String>,
}

/// How it ended.
#[derive(Debug)]
pub enum Ended {
    /// The user has it again.
    Restored,
    /// It can't be put back.
    Kept(Kept),
    /// The service has refused it, or could not be reached.
    Failed(GraphError),
}

/// What became of users that were restored together.
#[derive(Debug)]
pub struct Lot {
    /// What became of each; nothing where none could be read.
    pub restored: Vec<Restored>,
    /// The caller's cancel, or why nothing could be read any more: what was left then was not sent.
    pub stopped: Option<GraphError>,
}

/// How long the way home is tried once all else has ended: as long as the service ever asks to wait, twice.
const TIME_TO_COME_HOME: Duration = LONGEST_WAIT.saturating_mul(2);

/// Restores these users, no more than fit into a batch at once.
pub fn restore(graph: &Graph<'_>, users: Vec<Account>, wanted: Wanted<'_>) -> Lot {
    let mut users: Vec<User> = users.into_iter().map(User::new).collect();
    let stopped = bring_back(graph, &mut users, wanted).err();
    if let Some(error) = &stopped {
        if !users.iter().any(User::was_read) {
            return Lot { restored: Vec::new(), stopped };
        }
        for user in &mut users {
            user.stop(error);
        }
    }
    bring_home(graph, &mut users, wanted);
    Lot { restored: users.into_iter().map(|user| user.ended(wanted)).collect(), stopped }
}

/// What is to be told of a user that was seen so, or could not be, where nothing is sent.
pub fn as_it_is(was: Account, now: Result<Option<Account>, GraphError>, wanted: Wanted<'_>) -> Restored {
    let mut user = User::new(was);
    user.seen(now);
    user.ended(wanted)
}

/// Looks, plans and sends until nothing is left that could be done. The error is the caller's cancel, or that nothing could be read.
fn bring_back(graph: &Graph<'_>, users: &mut [User], wanted: Wanted<'_>) -> Result<(), GraphError> {
    let mut tries = Tries::default();
    loop {
        look(graph, users)?;
        let rounds = rounds(users, wanted);
        if rounds.is_empty() {
            return Ok(());
        }
        let (mut passing, mut done) = (None, false);
        for (order, writes) in rounds {
            let sent = send(graph, users, &writes, order, wanted);
            done |= sent.done;
            passing = sent.passing.or(passing);
            graph.call.cancel.check().map_err(GraphError::from)?;
        }
        if done {
            tries.start_over();
        }
        let Some(error) = passing else { continue };
        if !tries.again(graph.clock, &graph.call, error.retry_after(), &error.to_string())? {
            users.iter_mut().for_each(User::give_up);
        }
    }
}

/// Gives a name of their own again to those who have the one for the time being, or may have it, also where the caller has cancelled or
/// the retry budget is spent: until then they can't sign in.
fn bring_home(graph: &Graph<'_>, users: &mut [User], wanted: Wanted<'_>) {
    users.iter_mut().for_each(User::turns_home);
    let time = if graph.call.cancel.is_cancelled() { AFTER_END } else { TIME_TO_COME_HOME };
    after_end(*graph, time, |graph| {
        let mut tries = Tries::default();
        loop {
            let ways = users.iter().enumerate().filter_map(|(at, user)| Some((at, user.way_home(wanted)?)));
            let writes: Vec<Write> = ways.collect();
            if writes.is_empty() {
                return;
            }
            let Some(error) = send(&graph, users, &writes, Order::Parallel, wanted).passing else { continue };
            let again = tries.again(graph.clock, &graph.call, error.retry_after(), &error.to_string());
            if !again.is_ok_and(|again| again) {
                return;
            }
        }
    });
}

/// Values to write to a user, by its place.
type Write = (usize, Vec<Value>);

/// What is sent together: users whose writes need no other in one batch, and each of the others in one of its own.
fn rounds(users: &[User], wanted: Wanted<'_>) -> Vec<(Order, Vec<Write>)> {
    let (mut alone, mut rounds) = (Vec::new(), Vec::new());
    for (at, user) in users.iter().enumerate() {
        let writes = user.writes(wanted);
        let order = if writes.len() > 1 { Order::Chain } else { Order::Parallel };
        let writes = writes.into_iter().map(|values| (at, values));
        match order {
            Order::Parallel => alone.extend(writes),
            Order::Chain => rounds.push((order, writes.collect())),
        }
    }
    if !alone.is_empty() {
        rounds.insert(0, (Order::Parallel, alone));
    }
    rounds
}

/// What came of writes.
#[derive(Default)]
struct Sent {
    /// Something was written.
    done: bool,
    /// What passes by itself, of one that was not.
    passing: Option<GraphError>,
}

/// Sends them; the users take what was answered.
fn send(graph: &Graph<'_>, users: &mut [User], writes: &[Write], order: Order, wanted: Wanted<'_>) -> Sent {
    let items: Vec<Item> = writes.iter().map(|(user, values)| item(users[*user].id(), values)).collect();
    let results = graph.write(&items, order);
    let results = results.unwrap_or_else(|error| items.iter().map(|_| Err(error.clone())).collect());
    let mut sent = Sent::default();
    for ((user, values), result) in writes.iter().zip(results) {
        sent.done |= result.is_ok();
        sent.passing = users[*user].took(values, result, wanted).or(sent.passing);
    }
    sent
}

fn item(id: &str, values: &[Value]) -> Item {
    let body = values.iter().map(|(attribute, value)| (attribute.name().to_owned(), Json::from(value.clone())));
    Item { method: "PATCH", body: Some(body.collect()), ..Item::get(format!("/users/{id}")) }
}

/// Reads those of whom it isn't known how they are.
fn look(graph: &Graph<'_>, users: &mut [User]) -> Result<(), GraphError> {
    let mut open: Vec<&mut User> = users.iter_mut().filter(|user| user.is_to_be_read()).collect();
    let ids: Vec<String> = open.iter().map(|user| user.id().to_owned()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    if ids.is_empty() {
        return Ok(());
    }
    for (user, found) in open.iter_mut().zip(present(graph, &ids)?) {
        if let Err(error) = &found
            && error.is_cancelled()
        {
            return Err(error.clone());
        }
        user.seen(found);
    }
    Ok(())
}
