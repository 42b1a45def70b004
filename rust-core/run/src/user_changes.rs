//! All users by the delta query, and from then on who has changed. A user may come twice, and counts as it came last; whoever was
//! deleted meanwhile comes as removed. Sources: Graph documentation, "Use delta query to track changes in Microsoft Graph data" and
//! "user: delta": a link goes on for seven days, and of a user who has changed all that was selected comes, changed or not.

use pp_attributes::account::{Account, Change, SELECT, Text};
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_graph::{Graph, Page, Rows};
use pp_words::lenient::{filled, flag, or_default};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::walk::{Ended, steadily};

/// How often a walk is begun before it is given up.
pub const BEGINNINGS: usize = 3;

/// How a walk ended.
#[derive(Debug)]
#[must_use]
pub enum Walked {
    /// Everything was read.
    Whole,
    /// The service no longer knows the state that a link leads on from: what was read counts for nothing, and the walk has to begin
    /// anew.
    Lost(GraphError),
}

/// Goes through the users, a page at a time: all of them, or from where a link of an earlier walk leads on. The last page has the link to
/// what changes from then on.
pub fn changes<E: From<GraphError>>(
    graph: &Graph<'_>,
    from: Option<&str>,
    mut each: impl FnMut(Page<Change<Text<'_>>>) -> Result<(), E>,
) -> Result<Walked, E> {
    let list = Item::get(format!("/users/delta?$select={SELECT}"));
    let mut by_link = from.is_some();
    let walked = steadily::<OfDelta, E>(graph, &list, from, |page| {
        by_link = true;
        let Page { rows, next, delta } = page;
        each(Page { rows: rows.into_iter().map(Seen::change).collect(), next, delta })
    });
    match walked {
        Ok(()) => Ok(Walked::Whole),
        Err(Ended::List(error)) if by_link && is_lost(&error) => Ok(Walked::Lost(error)),
        Err(ended) => Err(ended.error()),
    }
}

/// Whether the service doesn't take a link of its own any more. Sources: Graph documentation, "Use delta query to track changes in
/// Microsoft Graph data" (410), devblogs.microsoft.com of 3 July 2020 (400, `syncStateNotFound`), and "Paging" (400,
/// `Directory_ExpiredPageToken`).
fn is_lost(error: &GraphError) -> bool {
    matches!(error, GraphError::Service(error) if matches!(error.status, 400 | 410) && error.reaction == Reaction::Real)
}

/// The rows of the delta query.
struct OfDelta;

impl Rows for OfDelta {
    type Row<'p> = Seen<Text<'p>>;
}

/// One user as the delta query shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "S: AsRef<str> + Deserialize<'de>")]
struct Seen<S> {
    id: S,
    #[serde(default, deserialize_with = "filled")]
    user_principal_name: Option<S>,
    #[serde(default, deserialize_with = "filled")]
    mail: Option<S>,
    #[serde(default, deserialize_with = "filled")]
    display_name: Option<S>,
    #[serde(default, deserialize_with = "filled")]
    usage_location: Option<S>,
    #[serde(default, deserialize_with = "filled")]
    on_premises_immutable_id: Option<S>,
    #[serde(default = "Vec::new", deserialize_with = "or_default")]
    proxy_addresses: Vec<S>,
    #[serde(default, deserialize_with = "flag::option")]
    on_premises_sync_enabled: Option<bool>,
    #[serde(default, deserialize_with = "filled")]
    user_type: Option<S>,
    #[serde(default, deserialize_with = "flag::option")]
    account_enabled: Option<bool>,
    /// There where the user was deleted.
    #[serde(rename = "@removed")]
    removed: Option<IgnoredAny>,
}

impl<S> Seen<S> {
    fn change(self) -> Change<S> {
        if self.removed.is_some() {
            return Change::Removed(self.id);
        }
        Change::Is(Account {
            id: self.id,
            user_principal_name: self.user_principal_name,
            mail: self.mail,
            display_name: self.display_name,
            usage_location: self.usage_location,
            on_premises_immutable_id: self.on_premises_immutable_id,
            proxy_addresses: self.proxy_addresses,
            on_premises_sync_enabled: self.on_premises_sync_enabled,
            user_type: self.user_type,
            account_enabled: self.account_enabled,
        })
    }
}
