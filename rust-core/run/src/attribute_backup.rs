//! Reading the attributes of all users of a tenant, page by page, and of some.

use crate::users::list;
use pp_attributes::account::{Account, SELECT};
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_graph::{Graph, Page, entity};

/// Goes through all users, from the page on that a link of an earlier walk leads to, where there is one.
pub fn walk<E: From<GraphError>>(
    graph: &Graph<'_>,
    from: Option<&str>,
    each: impl FnMut(Page<Account>) -> Result<(), E>,
) -> Result<(), E> {
    graph.walk_pages(&list(), from, each)
}

/// Whether a link to a page has become too old. Source: Microsoft Graph documentation, "Paging" (`Directory_ExpiredPageToken`).
pub fn is_too_old(error: &GraphError) -> bool {
    matches!(error, GraphError::Service(error) if matches!(error.status, 400 | 410) && error.reaction == Reaction::Real)
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
