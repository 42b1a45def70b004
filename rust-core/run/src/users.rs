//! The users of a tenant, with what belongs to Practice Protect once the federation is in force.

use serde::Deserialize;

use pp_graph::Graph;
use pp_graph::batch::Item;
use pp_graph::error::GraphError;

/// As many to a page as Microsoft Graph gives. Source: Graph documentation, "List users".
const LIST: &str = "/users?$select=id,userPrincipalName,displayName,mail,usageLocation,onPremisesImmutableId&$top=999";

/// One user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Object id.
    pub id: String,
    /// The sign-in name.
    pub user_principal_name: Option<String>,
    /// Display name.
    pub display_name: Option<String>,
    /// The primary address.
    pub mail: Option<String>,
    /// Country, as two letters.
    pub usage_location: Option<String>,
    /// What both sides know the user by.
    pub on_premises_immutable_id: Option<String>,
}

/// Goes through all users; what `each` returns as an error ends it.
pub fn users<E: From<GraphError>>(graph: &Graph<'_>, each: impl FnMut(User) -> Result<(), E>) -> Result<(), E> {
    graph.walk(&Item::get(LIST), each)
}
