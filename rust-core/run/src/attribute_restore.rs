//! Bringing users back to what a backup has. A loop, as a run is: look, plan, send, and again after what passes by itself; what the
//! service answered counts, whatever a replica shows. All writes can be sent again.

mod user;

use pp_attributes::account::Account;
use pp_attributes::restore::{Domains, Kept, Restorable, Value};
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_graph::batch::{Item, ItemResult, Order};
use pp_graph::error::GraphError;
use serde_json::Value as Json;

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

/// Restores these users, no more than fit into a batch at once. The error is the caller's cancel, or that nothing could be read.
pub fn restore(graph: &Graph<'_>, users: Vec<Account>, wanted: Wanted<'_>) -> Result<Vec<Restored>, GraphError> {
    let mut users: Vec<User> = users.into_iter().map(User::new).collect();
    let mut tries = Tries::default();
    loop {
        look(graph, &mut users)?;
        let rounds = rounds(&users, wanted);
        if rounds.is_empty() {
            return Ok(users.into_iter().map(|user| user.ended(wanted)).collect());
        }
        let (mut passing, mut done) = (None, false);
        for (order, writes) in rounds {
            let results = send(graph, &users, &writes, order)?;
            for ((user, values), result) in writes.iter().zip(results) {
                done |= result.is_ok();
                passing = users[*user].took(values, result, wanted).or(passing);
            }
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

fn send(graph: &Graph<'_>, users: &[User], writes: &[Write], order: Order) -> Result<Vec<ItemResult>, GraphError> {
    let items: Vec<Item> = writes.iter().map(|(user, values)| item(users[*user].id(), values)).collect();
    match graph.write(&items, order) {
        Err(error) if !error.is_cancelled() => Ok(items.iter().map(|_| Err(error.clone())).collect()),
        other => other,
    }
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
