//! A list, page by page: each page is parsed from its bytes into typed rows that are passed on one by one, so that of a list of
//! any length one page is held, and the next one that is on its way. Source: Microsoft Graph documentation, "Paging".

use std::collections::HashSet;

use pp_http::{Method, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::Graph;
use crate::batch::Item;
use crate::error::GraphError;
use crate::pipeline::{Again, Outgoing, Sent};

/// A walk over the pages of one list.
pub(crate) struct Pages<'g> {
    graph: &'g Graph<'g>,
    list: &'g Item,
    /// The addresses of the pages so far.
    seen: HashSet<String>,
    ahead: Option<(Outgoing<'g>, Sent)>,
}

impl<'g> Pages<'g> {
    /// Of the list whose first page is at this address.
    pub(crate) fn of(graph: &'g Graph<'g>, list: &'g Item, first: &Url) -> Self {
        Self { graph, list, seen: HashSet::from([first.as_str().to_owned()]), ahead: None }
    }

    /// Asks for the page at this address, the next one that [`Pages::walk`] reads.
    pub(crate) fn begin(&mut self, url: Url) -> Result<(), GraphError> {
        // `ConsistencyLevel` must go with every page.
        let request = Outgoing {
            method: Method::GET,
            url,
            name: self.list.name(),
            headers: &self.list.headers,
            body: None,
            again: Again::Safe,
        };
        let sent = self.graph.begin(&request)?;
        self.ahead = Some((request, sent));
        Ok(())
    }

    /// The same of the page that a `@odata.nextLink` leads to.
    pub(crate) fn follow(&mut self, link: &str) -> Result<(), GraphError> {
        let url = self.own(link)?;
        if !self.seen.insert(url.as_str().to_owned()) {
            return Err(GraphError::EndlessList { request: self.list.name() });
        }
        self.begin(url)
    }

    /// A token never goes to another host than the connection's own.
    fn own(&self, link: &str) -> Result<Url, GraphError> {
        let own = format!("{}/v1.0/", self.graph.endpoints.graph);
        match Url::parse(link) {
            Ok(url) if link.starts_with(&own) => Ok(url),
            Ok(_) | Err(_) => Err(GraphError::unreadable(&self.list.name(), "the next page lies on another host")),
        }
    }

    /// Reads the page that was asked for and all that follow.
    pub(crate) fn walk<T, E>(self, mut each: impl FnMut(T) -> Result<(), E>) -> Result<(), E>
    where
        T: DeserializeOwned,
        E: From<GraphError>,
    {
        self.walk_pages(|page| page.rows.into_iter().try_for_each(&mut each))
    }

    /// The same, each page as a whole.
    pub(crate) fn walk_pages<T, E>(mut self, mut each: impl FnMut(Page<T>) -> Result<(), E>) -> Result<(), E>
    where
        T: DeserializeOwned,
        E: From<GraphError>,
    {
        while let Some((request, sent)) = self.ahead.take() {
            // All of it before the first of its rows is passed on: what was cut can still be asked for again.
            let page = |response: Response| match serde_json::from_slice::<Page<T>>(&response.body) {
                Ok(page) => Ok(page),
                Err(error) => Err(GraphError::unreadable(&request.name, error.to_string())),
            };
            let page = self.graph.send(&request, Some(sent), page)?;
            // Asked for before the rows are worked on. That the list can't be followed is said after what it has.
            let followed = page.next.as_ref().map_or(Ok(()), |link| self.follow(link));
            each(page)?;
            followed?;
        }
        Ok(())
    }
}

/// One page of a list.
#[derive(Debug, Deserialize)]
pub struct Page<T> {
    /// Its rows.
    #[serde(rename = "value")]
    pub rows: Vec<T>,
    /// The service's own link to the next page: where a walk that was stopped goes on.
    #[serde(rename = "@odata.nextLink")]
    pub next: Option<String>,
    /// On the last page of a walk over changes: the service's own link to what changes from then on.
    #[serde(rename = "@odata.deltaLink")]
    pub delta: Option<String>,
}
