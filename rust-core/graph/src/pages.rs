//! A list, page by page: each page is parsed from its bytes into typed rows that are passed on one by one, so that of a list of
//! any length one page is held, and the next one that is on its way. The link to that is read before the rows are, so that the service
//! works on a page while we do on the one before. Source: Microsoft Graph documentation, "Paging".

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use pp_http::Method;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};
use url::Url;

use crate::Graph;
use crate::batch::Item;
use crate::error::GraphError;
use crate::half_pairs;
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
            Ok(url) if url.as_str().starts_with(&own) => Ok(url),
            Ok(_) | Err(_) => Err(GraphError::unreadable(&self.list.name(), "the next page lies on another host")),
        }
    }

    /// Reads the page that was asked for and all that follow.
    pub(crate) fn walk<T, E>(self, mut each: impl FnMut(T) -> Result<(), E>) -> Result<(), E>
    where
        T: DeserializeOwned,
        E: From<GraphError>,
    {
        self.walk_pages::<Own<T>, E>(|page| page.rows.into_iter().try_for_each(&mut each))
    }

    /// The same, each page as a whole.
    pub(crate) fn walk_pages<R, E>(mut self, mut each: impl FnMut(Page<R::Row<'_>>) -> Result<(), E>) -> Result<(), E>
    where
        R: Rows,
        E: From<GraphError>,
    {
        let graph = self.graph;
        while let Some((request, sent)) = self.ahead.take() {
            let (mut next, mut followed, mut done) = (None, Ok(()), Ok(()));
            graph.send(&request, Some(sent), |response| {
                if next.is_none() {
                    next = link_ahead(&response.body);
                    followed = next.as_ref().map_or(Ok(()), |link| self.follow(link));
                }
                // All of it before the first of its rows is passed on: what was cut can still be asked for again.
                let whole;
                let page: Page<R::Row<'_>> = match serde_json::from_slice(&response.body) {
                    Ok(page) => page,
                    Err(_halves) => {
                        whole = half_pairs::replaced(&response.body);
                        serde_json::from_slice(&whole)
                            .map_err(|error| GraphError::unreadable(&request.name, error.to_string()))?
                    }
                };
                if page.next != next {
                    self.ahead = None;
                    next.clone_from(&page.next);
                    followed = next.as_ref().map_or(Ok(()), |link| self.follow(link));
                }
                done = each(page);
                Ok(())
            })?;
            done?;
            // That the list can't be followed is said after what it has.
            followed?;
        }
        Ok(())
    }
}

/// The link to the next page, where it stands before the rows, as the service writes it; none of a page that is no JSON until there.
fn link_ahead(page: &[u8]) -> Option<String> {
    let mut link = None;
    // It ends at the link with an error, since what comes behind is left.
    let _ = serde_json::Deserializer::from_slice(page).deserialize_map(Ahead(&mut link));
    link
}

struct Ahead<'l>(&'l mut Option<String>);

impl<'p> Visitor<'p> for Ahead<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page")
    }

    fn visit_map<M: MapAccess<'p>>(self, mut page: M) -> Result<(), M::Error> {
        while let Some(name) = page.next_key::<&str>()? {
            match name {
                "@odata.nextLink" => {
                    *self.0 = page.next_value()?;
                    break;
                }
                "value" => break,
                _ => page.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Err(M::Error::custom("the rest is not read"))
    }
}

/// Rows of a list; their texts may be the page's own.
pub trait Rows {
    /// One of them.
    type Row<'p>: Deserialize<'p>;
}

/// Rows with texts of their own.
#[derive(Debug)]
pub struct Own<T>(PhantomData<T>);

impl<T: DeserializeOwned> Rows for Own<T> {
    type Row<'p> = T;
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
