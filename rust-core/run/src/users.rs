//! The list of a tenant's users.

use pp_attributes::account::SELECT;
use pp_graph::Graph;
use pp_graph::batch::Item;
use pp_graph::error::GraphError;

/// All of them, as many to a page as Microsoft Graph gives. Source: Graph documentation, "List users".
pub(crate) fn list() -> Item {
    Item::get(format!("/users?$select={SELECT}&$top=999"))
}

/// How many there are; none where the service doesn't say. Source: Graph documentation, "Get the count of users".
pub fn count(graph: &Graph<'_>) -> Result<Option<u64>, GraphError> {
    let headers = vec![("ConsistencyLevel", "eventual")];
    let one = Item { headers, first_page: true, ..Item::get("/users?$count=true&$select=id&$top=1") };
    let answer = graph.read(&[one])?.pop().and_then(Result::ok);
    Ok(answer.and_then(|answer| answer.body.get("@odata.count")?.as_u64()))
}
