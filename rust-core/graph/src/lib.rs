//! Microsoft Graph: how a call is made (request id, token, retry, send) and how lists and batches are read.

#![forbid(unsafe_code)]

pub mod batch;
pub mod error;
mod half_pairs;
pub mod lasting;
mod pages;
mod pipeline;
pub mod reaction;

use std::sync::Arc;
use std::time::Duration;

use pp_http::{Client, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;
use url::Url;

use batch::{Answer, Item, ItemResult, Order};
use error::{GraphError, RefusedToken};
use lasting::Lasting;
use pages::Pages;
pub use pages::{Own, Page, Rows};
use pipeline::{Again, Outgoing, may_repeat};
use pp_base::call::Call;
use pp_base::clock::Clock;
use pp_base::gate::Gate;
use pp_base::retry::Tries;
use pp_http::service_time::ServiceTime;
use pp_http::throttle::{self, Throttle};
use pp_sign_in::environment::Endpoints;
use pp_sign_in::{Access, Token, Tokens};
use reaction::Reaction;

/// Microsoft Graph of one tenant, for one operation.
#[derive(Clone, Copy)]
pub struct Graph<'a> {
    /// Sends.
    pub client: &'a Client,
    /// What the service has said of the limits that count here.
    pub throttle: &'a Throttle,
    /// What the service has said of its time.
    pub service_time: &'a ServiceTime,
    /// What needn't be read again.
    pub lasting: &'a Lasting,
    /// Signs in.
    pub tokens: &'a Tokens,
    /// Where Graph is.
    pub endpoints: &'a Endpoints,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Asked before each write, where somebody has to allow them.
    pub gate: Option<&'a dyn Gate>,
    /// Cancel, budget and verbose stream of the operation.
    pub call: Call<'a>,
}

impl<'a> Graph<'a> {
    /// The service's time, which need not be this machine's.
    pub fn now(&self) -> OffsetDateTime {
        self.service_time.at(self.clock.now())
    }

    /// What calls of the tenant's other services take.
    pub fn access(&self) -> Access<'a> {
        Access { client: self.client, tokens: self.tokens, clock: self.clock, gate: self.gate, call: self.call }
    }

    /// Reads in as few requests as possible, in parallel on the service's side; lists come whole, over all their pages.
    /// What was throttled or stumbled is asked for again. The outer error is for the whole, the inner for one read.
    pub fn read(&self, items: &[Item]) -> Result<Vec<ItemResult>, GraphError> {
        let mut results = Vec::with_capacity(items.len());
        for chunk in items.chunks(batch::MOST) {
            results.extend(self.read_chunk(chunk)?);
        }
        let whole = |(item, result): (&Item, ItemResult)| self.all_pages(item, result?);
        Ok(items.iter().zip(results).map(whole).collect())
    }

    /// Sends writes once, in as many batches as they take. Of a batch that was not answered nobody knows the effect:
    /// look before sending it again. The outer error is for all, where not even the first batch was answered, or the caller
    /// cancelled.
    pub fn write(&self, items: &[Item], order: Order) -> Result<Vec<ItemResult>, GraphError> {
        let mut results: Vec<ItemResult> = Vec::with_capacity(items.len());
        for chunk in items.chunks(batch::MOST) {
            let all: Vec<&Item> = chunk.iter().collect();
            if order == Order::Chain && results.last().is_some_and(Result::is_err) {
                results.extend(chunk.iter().map(batch::not_tried));
                continue;
            }
            match self.batch(&all, order, Again::LookFirst) {
                Ok(answered) => results.extend(answered),
                Err(error) if results.is_empty() || error.is_cancelled() => return Err(error),
                Err(error) => results.extend(chunk.iter().map(|_| Err(error.clone()))),
            }
        }
        Ok(results)
    }

    fn read_chunk(&self, items: &[Item]) -> Result<Vec<ItemResult>, GraphError> {
        let all: Vec<&Item> = items.iter().collect();
        let mut results = self.batch(&all, Order::Parallel, Again::Safe)?;
        let mut tries = Tries::default();
        loop {
            let open: Vec<usize> = (0..items.len()).filter(|&i| passes(&results[i])).collect();
            let Some(&first) = open.first() else { return Ok(results) };
            let asked = open.iter().filter_map(|&i| asked(&results[i])).max();
            let why = results[first].as_ref().err().map(ToString::to_string).unwrap_or_default();
            if !tries.again(self.clock, &self.call, asked, &why)? {
                return Ok(results);
            }
            let again: Vec<&Item> = open.iter().map(|&i| &items[i]).collect();
            for (i, result) in open.into_iter().zip(self.batch(&again, Order::Parallel, Again::Safe)?) {
                results[i] = result;
            }
        }
    }

    /// One batch. Where an item is told that the token is no longer taken, it was not done, nor was what depends on it: once
    /// signed in again, these are sent again.
    fn batch(&self, items: &[&Item], order: Order, again: Again) -> Result<Vec<ItemResult>, GraphError> {
        let (mut results, token) = self.batch_once(items, order, again)?;
        let Some(first) = results.iter().position(signs_in_again) else { return Ok(results) };
        let left = |i: &usize| signs_in_again(&results[*i]) || order == Order::Chain && *i > first;
        let left: Vec<usize> = (0..items.len()).filter(left).collect();
        let rest: Vec<&Item> = left.iter().map(|&i| items[i]).collect();
        let challenge = results[first].as_ref().err().and_then(GraphError::challenge);
        let refused = self.tokens.refused(&token, challenge, &self.call).map_err(GraphError::from);
        let sent = match refused.and_then(|()| self.batch_once(&rest, order, again)) {
            Ok((sent, _)) => sent,
            Err(error) if error.is_cancelled() => return Err(error),
            // What the others were answered stays known.
            Err(error) => rest.iter().map(|_| Err(error.clone())).collect(),
        };
        left.into_iter().zip(sent).for_each(|(i, result)| results[i] = result);
        Ok(results)
    }

    fn refused_token(&self, token: &Token) -> RefusedToken {
        RefusedToken { claims: token.claims.clone(), at: self.now() }
    }

    /// What each request of a batch came to, and the token that they had.
    fn batch_once(
        &self,
        items: &[&Item],
        order: Order,
        again: Again,
    ) -> Result<(Vec<ItemResult>, Arc<Token>), GraphError> {
        let body = batch::body(items, order);
        let url = self.url("/$batch")?;
        let name = "POST /$batch".to_owned();
        let request = Outgoing { method: Method::POST, url, name, headers: &[], body: Some(&body), again };
        let (mut results, token) = self.send(&request, None, |response| {
            let unreadable =
                |error: serde_json::Error| GraphError::unreadable(&request.name, format!("no JSON: {error}"));
            let whole = || batch::parse(items, &half_pairs::replaced(&response.body));
            let answers = batch::parse(items, &response.body).or_else(|_halves| whole()).map_err(unreadable)?;
            let of_batch = response.header("request-id").unwrap_or("none");
            for line in batch::told(items, &answers, response.took, of_batch) {
                (self.call.log)(&line);
            }
            batch::header_values(&answers, throttle::USED)
                .for_each(|used| self.throttle.learn(used, self.clock.elapsed()));
            batch::read(items, answers, self.now())
        })?;
        for error in results.iter_mut().filter_map(|result| result.as_mut().err()) {
            self.heed(error);
            error.note_refused(|| self.refused_token(&token));
        }
        Ok((results, token))
    }

    /// What one request is told of a limit holds for all that count for it.
    fn heed(&self, error: &GraphError) {
        if let (Reaction::Throttled, Some(asked)) = (error.reaction(), error.retry_after()) {
            self.throttle.shut_for(asked, error.limit(), self.clock.elapsed());
        }
    }

    /// Appends the other pages of a list to its first.
    fn all_pages(&self, item: &Item, mut first: Answer) -> ItemResult {
        let next = first.body.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned);
        let (Some(next), false) = (next, item.first_page) else { return Ok(first) };
        let Some(Value::Array(rows)) = first.body.get_mut("value") else {
            return Err(GraphError::unreadable(&item.name(), "a page without 'value'"));
        };
        let mut pages = Pages::of(self, item, &self.url(&item.path)?);
        pages.follow(&next)?;
        pages.walk(|row: Value| -> Result<(), GraphError> {
            rows.push(row);
            Ok(())
        })?;
        Ok(first)
    }

    /// Goes through a list of any length: each row goes to `each` as it is read of its page, while the next page is on its
    /// way. What `each` returns as an error ends it.
    pub fn walk<T, E>(&self, list: &Item, each: impl FnMut(T) -> Result<(), E>) -> Result<(), E>
    where
        T: DeserializeOwned,
        E: From<GraphError>,
    {
        let first = self.url(&list.path)?;
        let mut pages = Pages::of(self, list, &first);
        pages.begin(first)?;
        pages.walk(each)
    }

    /// The same page by page, from the page on that a link of the same list leads to, where there is one.
    pub fn walk_pages<R, E>(
        &self,
        list: &Item,
        from: Option<&str>,
        each: impl FnMut(Page<R::Row<'_>>) -> Result<(), E>,
    ) -> Result<(), E>
    where
        R: Rows,
        E: From<GraphError>,
    {
        let first = self.url(&list.path)?;
        let mut pages = Pages::of(self, list, &first);
        match from {
            Some(link) => pages.follow(link)?,
            None => pages.begin(first)?,
        }
        pages.walk_pages::<R, E>(each)
    }

    fn url(&self, path: &str) -> Result<Url, GraphError> {
        let address = format!("{}/v1.0{path}", self.endpoints.graph);
        Url::parse(&address).map_err(|e| GraphError::unreadable(path, format!("no address: {e}")))
    }
}

/// One entity.
pub fn entity<T: DeserializeOwned>(name: &str, answer: &Answer) -> Result<T, GraphError> {
    T::deserialize(&answer.body).map_err(|e| GraphError::unreadable(name, e.to_string()))
}

fn signs_in_again(result: &ItemResult) -> bool {
    result.as_ref().err().is_some_and(|error| error.reaction() == Reaction::SignInAgain)
}

fn passes(result: &ItemResult) -> bool {
    result.as_ref().err().is_some_and(|error| may_repeat(error, Again::Safe))
}

fn asked(result: &ItemResult) -> Option<Duration> {
    result.as_ref().err().and_then(GraphError::retry_after)
}
