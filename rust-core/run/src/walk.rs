//! A list so long that the way to the service may break down while it is read.

use pp_base::retry::Tries;
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_graph::{Graph, Page, Rows};

/// Why a walk ended early.
pub(crate) enum Ended<E> {
    /// The list could not be read on.
    List(GraphError),
    /// What is done with its pages failed.
    Each(E),
}

impl<E> From<GraphError> for Ended<E> {
    fn from(error: GraphError) -> Self {
        Self::List(error)
    }
}

impl<E: From<GraphError>> Ended<E> {
    /// The error, whichever it is.
    pub(crate) fn error(self) -> E {
        match self {
            Self::List(error) => error.into(),
            Self::Each(error) => error,
        }
    }
}

/// Goes through a list, a page at a time, from the page on that a link leads to, where there is one. Where the service can't be
/// reached any more, it goes on at the page that didn't come, for as long as the retry budget lasts. A walk may take hours: each page that came
/// gives the whole budget to the next.
pub(crate) fn steadily<R: Rows, E>(
    graph: &Graph<'_>,
    list: &Item,
    from: Option<&str>,
    mut each: impl FnMut(Page<R::Row<'_>>) -> Result<(), E>,
) -> Result<(), Ended<E>> {
    let mut next: Option<String> = from.map(str::to_owned);
    let mut tries = Tries::default();
    loop {
        let from = next.clone();
        let walked = graph.walk_pages::<R, Ended<E>>(list, from.as_deref(), |page| {
            tries.start_over();
            graph.call.budget.renew();
            next.clone_from(&page.next);
            each(page).map_err(Ended::Each)
        });
        match walked {
            Err(Ended::List(error)) if error.nothing_was_sent() && next.is_some() => {
                let again = tries.again(graph.clock, &graph.call, None, &error.to_string());
                if !again.map_err(GraphError::from)? {
                    return Err(error.into());
                }
            }
            end => return end,
        }
    }
}
