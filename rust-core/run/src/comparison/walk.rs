//! A list so long that the way to the service may break down while it is read.

use pp_base::retry::Tries;
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_graph::{Graph, Page};
use serde::de::DeserializeOwned;

/// Goes through a list, a page at a time. Where the service can't be reached any more, it goes on at the page that didn't come,
/// for as long as the retry budget lasts.
pub(super) fn steadily<T: DeserializeOwned>(
    graph: &Graph<'_>,
    list: &Item,
    mut each: impl FnMut(Vec<T>) -> Result<(), GraphError>,
) -> Result<(), GraphError> {
    let mut next: Option<String> = None;
    let mut tries = Tries::default();
    loop {
        let from = next.clone();
        let walked = graph.walk_pages(list, from.as_deref(), |page: Page<T>| -> Result<(), GraphError> {
            tries.start_over();
            next = page.next;
            each(page.rows)
        });
        match walked {
            Err(error) if error.nothing_was_sent() && next.is_some() => {
                if !tries.again(graph.clock, &graph.call, None, &error.to_string())? {
                    return Err(error);
                }
            }
            end => return end,
        }
    }
}
