//! Reading a tenant's users: how many there are, all of them, some of them.

use pp_attributes::account::{Account, SELECT};
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_graph::{Graph, Own, entity};

use crate::walk::{Ended, steadily};
use pp_words::lenient::whole;

/// How many there are; none where the service doesn't say. Source: Graph documentation, "Get the count of users".
pub fn count(graph: &Graph<'_>) -> Result<Option<u64>, GraphError> {
    let headers = vec![("ConsistencyLevel", "eventual")];
    let one = Item { headers, first_page: true, ..Item::get("/users?$count=true&$select=id&$top=1") };
    let answer = graph.read(&[one])?.pop().and_then(Result::ok);
    Ok(answer.and_then(|answer| u64::try_from(whole::of(answer.body.get("@odata.count")?)?).ok()))
}

/// Goes through all users as the list shows them, a page at a time, as many to a page as Microsoft Graph gives. Source: Graph
/// documentation, "List users".
pub fn all<E: From<GraphError>>(
    graph: &Graph<'_>,
    mut each: impl FnMut(Vec<Account>) -> Result<(), E>,
) -> Result<(), E> {
    let list = Item::get(format!("/users?$select={SELECT}&$top=999"));
    steadily::<Own<Account>, E>(graph, &list, None, |page| each(page.rows)).map_err(Ended::error)
}

/// These users as they are, or why that isn't known; none of one who isn't there.
pub fn present(graph: &Graph<'_>, ids: &[&str]) -> Result<Vec<Result<Option<Account>, GraphError>>, GraphError> {
    let items: Vec<Item> = ids.iter().map(|id| Item::get(format!("/users/{id}?$select={SELECT}"))).collect();
    let read = |(item, answer): (&Item, _)| match answer {
        Ok(answer) => entity(&item.name(), &answer).map(Some),
        Err(GraphError::Service(error)) if error.reaction == Reaction::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    Ok(items.iter().zip(graph.read(&items)?).map(read).collect())
}
