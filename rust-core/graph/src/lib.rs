//! Microsoft Graph: how a call is made (request id, token, retry, send) and how lists and batches are read.

#![forbid(unsafe_code)]

pub mod batch;
pub mod error;
pub mod reaction;

use std::time::Duration;

use pp_http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use batch::{Answer, Item, ItemResult, Order};
use error::{GraphError, ServiceError, read_error};
use pp_base::call::Call;
use pp_base::clock::Clock;
use pp_base::retry::{self, WaitEnd};
use pp_http::retry_after::retry_after;
use pp_http::service_time::ServiceTime;
use pp_http::throttle::{self, Throttle};
use pp_http::{Client, Request, Response};
use pp_sign_in::environment::Endpoints;
use pp_sign_in::{Access, Tokens, claims};
use reaction::Reaction;

/// Microsoft Graph of one tenant, for one operation.
#[derive(Clone, Copy)]
pub struct Graph<'a> {
    /// Sends.
    pub client: &'a Client,
    /// What the service has said of the tenant's limits.
    pub throttle: &'a Throttle,
    /// What the service has said of its time.
    pub service_time: &'a ServiceTime,
    /// Signs in.
    pub tokens: &'a Tokens,
    /// Where Graph is.
    pub endpoints: &'a Endpoints,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Cancel, budget and verbose stream of the operation.
    pub call: Call<'a>,
}

/// Whether a request may be sent again when nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// Reads.
    Safe,
    /// Writes: look first.
    LookFirst,
}

struct Outgoing<'r> {
    method: Method,
    url: Url,
    name: String,
    headers: &'r [(&'static str, &'static str)],
    body: Option<&'r Value>,
    again: Again,
}

impl<'a> Graph<'a> {
    /// What calls of the tenant's other services take.
    pub fn access(&self) -> Access<'a> {
        Access { client: self.client, tokens: self.tokens, clock: self.clock, call: self.call }
    }

    /// Reads in as few requests as possible, in parallel on the service's side; lists come whole, over all their pages.
    /// What was throttled or stumbled is asked for again. The outer error is for the whole, the inner for one read.
    pub fn read(&self, items: &[Item]) -> Result<Vec<ItemResult>, GraphError> {
        let mut results = Vec::with_capacity(items.len());
        for chunk in items.chunks(batch::MOST) {
            results.extend(self.read_chunk(chunk)?);
        }
        for (item, result) in items.iter().zip(&mut results) {
            if let Ok(answer) = result {
                *result = self.all_pages(item, answer.clone());
            }
        }
        Ok(results)
    }

    /// Sends writes once. A batch that was not answered is [`GraphError::EffectUnknown`]: look before sending it again.
    pub fn write(&self, items: &[Item], order: Order) -> Result<Vec<ItemResult>, GraphError> {
        let items: Vec<&Item> = items.iter().collect();
        self.batch(&items, order, Again::LookFirst)
    }

    fn read_chunk(&self, items: &[Item]) -> Result<Vec<ItemResult>, GraphError> {
        let all: Vec<&Item> = items.iter().collect();
        let mut results = self.batch(&all, Order::Parallel, Again::Safe)?;
        let mut tries = 1;
        loop {
            let open: Vec<usize> = (0..items.len()).filter(|&i| passes(&results[i])).collect();
            let Some(&first) = open.first() else { return Ok(results) };
            let asked = open.iter().filter_map(|&i| asked(&results[i])).max();
            let why = results[first].as_ref().err().map(ToString::to_string).unwrap_or_default();
            match retry::wait(self.clock, &self.call, tries, asked, &why) {
                Ok(()) => tries += 1,
                Err(WaitEnd::Cancelled) => return Err(GraphError::Cancelled),
                Err(WaitEnd::Spent) => return Ok(results),
            }
            let again: Vec<&Item> = open.iter().map(|&i| &items[i]).collect();
            for (i, result) in open.into_iter().zip(self.batch(&again, Order::Parallel, Again::Safe)?) {
                results[i] = result;
            }
        }
    }

    fn batch(&self, items: &[&Item], order: Order, again: Again) -> Result<Vec<ItemResult>, GraphError> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let body = batch::body(items, order);
        let url = self.url("/$batch")?;
        let name = "POST /$batch".to_owned();
        let answer =
            self.send(&Outgoing { method: Method::POST, url, name, headers: &[], body: Some(&body), again })?;
        batch::header_values(&answer.body, throttle::USED)
            .for_each(|used| self.throttle.learn(used, self.clock.elapsed()));
        let results = batch::read(items, answer.body, self.clock.now())?;
        results.iter().filter_map(|result| result.as_ref().err()).for_each(|error| self.heed(error));
        Ok(results)
    }

    /// What one request is told of the limit holds for all of the tenant's.
    fn heed(&self, error: &GraphError) {
        if let (Reaction::Throttled, Some(asked)) = (error.reaction(), error.retry_after()) {
            self.throttle.shut_for(asked, self.clock.elapsed());
        }
    }

    /// Appends the other pages of a list to its first. `ConsistencyLevel` must go with every page.
    fn all_pages(&self, item: &Item, mut first: Answer) -> ItemResult {
        let mut next = next_link(&first.body);
        while let Some(link) = next {
            let url = self.own_link(&item.name(), &link)?;
            let request = Outgoing {
                method: Method::GET,
                url,
                name: item.name(),
                headers: &item.headers,
                body: None,
                again: Again::Safe,
            };
            let mut page = self.send(&request)?.body;
            next = next_link(&page);
            let more = page.get_mut("value").map(Value::take);
            match (first.body.get_mut("value"), more) {
                (Some(Value::Array(all)), Some(Value::Array(more))) => all.extend(more),
                _ => return Err(GraphError::unreadable(&item.name(), "a page without 'value'")),
            }
        }
        Ok(first)
    }

    /// A token never goes to another host than the connection's own.
    fn own_link(&self, name: &str, link: &str) -> Result<Url, GraphError> {
        let own = format!("{}/v1.0/", self.endpoints.graph);
        match Url::parse(link) {
            Ok(url) if link.starts_with(&own) => Ok(url),
            Ok(_) | Err(_) => Err(GraphError::unreadable(name, "the next page lies on another host")),
        }
    }

    fn url(&self, path: &str) -> Result<Url, GraphError> {
        let address = format!("{}/v1.0{path}", self.endpoints.graph);
        Url::parse(&address).map_err(|e| GraphError::unreadable(path, format!("no address: {e}")))
    }

    /// The pipeline: token, send, and again after what passes by itself.
    fn send(&self, request: &Outgoing<'_>) -> Result<Answer, GraphError> {
        let mut tries = 1;
        let mut signed_in_again = false;
        loop {
            self.throttle.wait(self.clock, &self.call)?;
            let token = self.tokens.get(&self.call)?;
            let error = match self.send_once(request, &token.text) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            self.heed(&error);
            if error.reaction() == Reaction::SignInAgain && !signed_in_again {
                let challenge = error.challenge();
                if challenge.is_some() {
                    (self.call.log)(
                        "Microsoft Graph challenges the token: signing in again with the claims it asks for",
                    );
                }
                self.tokens.refused(&token, challenge, &self.call)?;
                signed_in_again = true;
                continue;
            }
            let unreachable = matches!(error, GraphError::NotSent(_)) && tries >= retry::TRIES_TO_REACH;
            if unreachable || !may_repeat(&error, request.again) {
                return Err(error);
            }
            match retry::wait(self.clock, &self.call, tries, error.retry_after(), &error.to_string()) {
                Ok(()) => tries += 1,
                Err(WaitEnd::Cancelled) => return Err(GraphError::Cancelled),
                Err(WaitEnd::Spent) => return Err(error),
            }
        }
    }

    fn send_once(&self, request: &Outgoing<'_>, token: &pp_base::secret::SecretText) -> Result<Answer, GraphError> {
        let plain = |text: &str| Zeroizing::new(text.to_owned());
        let id = Uuid::new_v4().to_string();
        let mut headers = vec![
            ("authorization", Zeroizing::new(format!("Bearer {}", token.expose()))),
            ("client-request-id", plain(&id)),
            ("accept", plain("application/json")),
        ];
        headers.extend(request.headers.iter().map(|(name, value)| (*name, plain(value))));
        let body = request.body.map(|body| ("application/json", Zeroizing::new(body.to_string().into_bytes())));
        let outgoing = Request { method: request.method.clone(), url: request.url.clone(), headers, body };
        let response = self.client.send(outgoing, self.call.cancel)?;
        self.service_time.learn(&response, self.clock.now());
        response.header(throttle::USED).into_iter().for_each(|used| self.throttle.learn(used, self.clock.elapsed()));
        (self.call.log)(&format!("{}: {} (client-request-id {id})", request.name, response.status));
        match self.answer(&request.name, &response) {
            // The write was taken; only its answer is of no use.
            Err(error @ GraphError::Unreadable { .. }) if request.again == Again::LookFirst => {
                Err(GraphError::EffectUnknown(error.to_string()))
            }
            answer => answer,
        }
    }

    fn answer(&self, name: &str, response: &Response) -> Result<Answer, GraphError> {
        let parsed = serde_json::from_slice::<Value>(&response.body);
        if (200..300).contains(&response.status) {
            let body = match parsed {
                Ok(body) => body,
                Err(_) if response.body.is_empty() => Value::Null,
                Err(e) => return Err(GraphError::unreadable(name, format!("no JSON: {e}"))),
            };
            return Ok(Answer { status: response.status, body });
        }
        if let Some(what) = response.redirect() {
            return Err(GraphError::unreadable(name, what));
        }
        let asked = retry_after(response, self.clock.now());
        let request_id = response.header("request-id").unwrap_or_default();
        let body = parsed.unwrap_or(Value::Null);
        let challenge = response.header("www-authenticate").and_then(claims::challenge);
        let error = ServiceError { challenge, ..read_error(name, response.status, &body, request_id, asked) };
        Err(GraphError::Service(Box::new(error)))
    }
}

/// One entity.
pub fn entity<T: DeserializeOwned>(name: &str, answer: &Answer) -> Result<T, GraphError> {
    T::deserialize(&answer.body).map_err(|e| GraphError::unreadable(name, e.to_string()))
}

/// A list of entities.
pub fn list<T: DeserializeOwned>(name: &str, answer: &Answer) -> Result<Vec<T>, GraphError> {
    let value = answer.body.get("value").ok_or_else(|| GraphError::unreadable(name, "no 'value'"))?;
    Vec::<T>::deserialize(value).map_err(|e| GraphError::unreadable(name, e.to_string()))
}

/// `@odata.count`. Absent is not zero.
pub fn count(name: &str, answer: &Answer) -> Result<u64, GraphError> {
    let count = answer.body.get("@odata.count").and_then(Value::as_u64);
    count.ok_or_else(|| GraphError::unreadable(name, "no '@odata.count'"))
}

fn next_link(body: &Value) -> Option<String> {
    // A count asks for one row only; its next page is not wanted.
    if body.get("@odata.count").is_some() {
        return None;
    }
    body.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned)
}

fn passes(result: &ItemResult) -> bool {
    result.as_ref().err().is_some_and(|error| may_repeat(error, Again::Safe))
}

fn asked(result: &ItemResult) -> Option<Duration> {
    result.as_ref().err().and_then(GraphError::retry_after)
}

fn may_repeat(error: &GraphError, again: Again) -> bool {
    match error {
        GraphError::NotSent(_) => true,
        GraphError::EffectUnknown(_) => again == Again::Safe,
        GraphError::Service(error) => match error.reaction {
            Reaction::Throttled => true,
            Reaction::Transient => again == Again::Safe,
            Reaction::AlreadyThere
            | Reaction::NotYet
            | Reaction::Conflict
            | Reaction::Denied
            | Reaction::Policy
            | Reaction::SignInAgain
            | Reaction::NotFound
            | Reaction::NotTried
            | Reaction::Real => false,
        },
        GraphError::Cancelled | GraphError::SignIn(_) | GraphError::NotTrusted(_) | GraphError::Unreadable { .. } => {
            false
        }
    }
}
