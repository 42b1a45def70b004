//! A list, page by page: each page is parsed from its bytes into typed rows that are passed on one by one, so that of a list of
//! any length one page is held, and the next one that is on its way. Source: Microsoft Graph documentation, "Paging".

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use pp_http::{Method, Response};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
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
    pub(crate) fn walk<T, E>(mut self, mut each: impl FnMut(T) -> Result<(), E>) -> Result<(), E>
    where
        T: DeserializeOwned,
        E: From<GraphError>,
    {
        while let Some((request, sent)) = self.ahead.take() {
            // All of it is JSON before the first of its rows is passed on: what was cut can still be asked for again.
            let whole = |response: Response| match serde_json::from_slice::<IgnoredAny>(&response.body) {
                Ok(_) => Ok(response),
                Err(error) => Err(GraphError::unreadable(&request.name, error.to_string())),
            };
            let response = self.graph.send(&request, Some(sent), whole)?;
            let mut followed = Ok(());
            // Asked for before the rows are worked on, since the service names it before them.
            let mut link = |link: &str| followed = self.follow(link);
            match read(&response.body, &mut link, &mut each) {
                Ok(()) => followed?,
                Err(Stopped::By(error)) => return Err(error),
                Err(Stopped::Unreadable(what)) => return Err(GraphError::unreadable(&request.name, what).into()),
            }
        }
        Ok(())
    }
}

/// Why a page was not read to its end.
enum Stopped<E> {
    /// Whoever works on the rows said so.
    By(E),
    /// It is no page.
    Unreadable(String),
}

fn read<T, E>(
    body: &[u8],
    link: &mut dyn FnMut(&str),
    each: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<(), Stopped<E>>
where
    T: DeserializeOwned,
{
    let mut stopped = None;
    let mut json = serde_json::Deserializer::from_slice(body);
    let page = Page { link, rows: Rows { each, stopped: &mut stopped, row: PhantomData } };
    let read = json.deserialize_map(page).and_then(|()| json.end());
    match (stopped, read) {
        (Some(error), _) => Err(Stopped::By(error)),
        (None, Err(error)) => Err(Stopped::Unreadable(error.to_string())),
        (None, Ok(())) => Ok(()),
    }
}

/// `{"@odata.nextLink": "...", "value": [...]}`, in any order.
struct Page<'p, T, E> {
    link: &'p mut dyn FnMut(&str),
    rows: Rows<'p, T, E>,
}

/// Passes the rows of a page on.
struct Rows<'p, T, E> {
    each: &'p mut dyn FnMut(T) -> Result<(), E>,
    stopped: &'p mut Option<E>,
    row: PhantomData<T>,
}

impl<'de, T: DeserializeOwned, E> Visitor<'de> for Page<'_, T, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut rows = Some(self.rows);
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            match (&*name, rows.take()) {
                ("value", Some(rows)) => map.next_value_seed(rows)?,
                ("@odata.nextLink", kept) => {
                    rows = kept;
                    map.next_value::<Option<Cow<'de, str>>>()?.iter().for_each(|link| (self.link)(link));
                }
                (_, kept) => {
                    rows = kept;
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if rows.is_some() { Err(de::Error::custom("a page without 'value'")) } else { Ok(()) }
    }
}

impl<'de, T: DeserializeOwned, E> DeserializeSeed<'de> for Rows<'_, T, E> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned, E> Visitor<'de> for Rows<'_, T, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rows of a page")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<T>()? {
            if let Err(error) = (self.each)(row) {
                *self.stopped = Some(error);
                return Err(de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
