//! The log of requests, and the longest chain of dependent ones.

use std::time::Duration;

use serde_json::{Value, json};

/// Requests beyond this many are dropped, oldest first, so that a twin that runs for days stays small.
const LIMIT: usize = 100_000;

/// One request as the twin saw it. It never holds a secret: bodies and headers are not kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Running number, from 1, in the order of arrival.
    pub n: u64,
    /// HTTP method.
    pub method: String,
    /// Path with query, from `/login` or `/graph` on.
    pub path: String,
    /// HTTP status; 0 while the answer is under way.
    pub status: u16,
    /// Real time from the start of the twin to the arrival.
    pub arrived: Duration,
    /// Real time from the start of the twin to the answer; `None` while it is under way.
    pub answered: Option<Duration>,
    /// Whether it asked for a change: any method but GET and HEAD on Graph; a batch where one of its items did.
    pub write: bool,
    /// Whether it went to the token endpoint.
    pub token: bool,
    /// The items of a batch, in the order of the request; empty for every other request.
    pub batch: Vec<BatchItem>,
}

/// One item of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchItem {
    /// HTTP method.
    pub method: String,
    /// The relative URL of the item.
    pub path: String,
    /// Its own status.
    pub status: u16,
}

/// How deep requests depended on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain {
    /// Requests on the longest path where each one arrived after the one before was answered.
    pub longest: usize,
    /// All requests counted.
    pub total: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    requests: Vec<Request>,
    last: u64,
}

impl Log {
    /// Notes an arrival; the number identifies it for `close`.
    pub(crate) fn open(&mut self, method: &str, path: String, arrived: Duration) -> u64 {
        self.last += 1;
        if self.requests.len() >= LIMIT {
            self.requests.drain(..LIMIT / 10);
        }
        let token = path.starts_with("/login/");
        self.requests.push(Request {
            n: self.last,
            method: method.to_owned(),
            path,
            status: 0,
            arrived,
            answered: None,
            write: !token && !matches!(method, "GET" | "HEAD"),
            token,
            batch: Vec::new(),
        });
        self.last
    }

    /// Notes the answer, unless the log was cleared meanwhile.
    pub(crate) fn close(&mut self, n: u64, status: u16, answered: Duration, batch: Option<Vec<BatchItem>>) {
        let Ok(place) = self.requests.binary_search_by_key(&n, |request| request.n) else { return };
        let request = &mut self.requests[place];
        request.status = status;
        // Never the moment of arrival, so that no request can depend on itself.
        request.answered = Some(answered.max(request.arrived + Duration::from_nanos(1)));
        if let Some(batch) = batch {
            request.write = batch.iter().any(|item| item.method != "GET");
            request.batch = batch;
        }
    }

    pub(crate) fn requests(&self) -> &[Request] {
        &self.requests
    }

    pub(crate) fn clear(&mut self) {
        self.requests.clear();
    }

    /// The chain over the requests after the first token: token requests before the first Graph request do not count.
    pub(crate) fn chain(&self) -> Chain {
        let start = self.requests.iter().position(|request| !request.token).unwrap_or(self.requests.len());
        chain(&self.requests[start..])
    }

    pub(crate) fn json(&self) -> Value {
        self.requests.iter().map(request_json).collect()
    }
}

/// A batch counts as one request. Sweeps over arrivals and answers in time order: what arrives stands one step behind the
/// deepest one answered before.
fn chain(requests: &[Request]) -> Chain {
    let mut depths = vec![0; requests.len()];
    let arrivals = requests.iter().enumerate().map(|(place, request)| (request.arrived, 1, place));
    let answers = requests.iter().enumerate().filter_map(|(place, request)| Some((request.answered?, 0, place)));
    let mut events: Vec<(Duration, u8, usize)> = arrivals.chain(answers).collect();
    // A request that arrives the moment another is answered counts as dependent on it.
    events.sort_unstable();
    let mut deepest = 0;
    for (_, arrival, place) in events {
        if arrival == 1 {
            depths[place] = deepest + 1;
        } else {
            deepest = deepest.max(depths[place]);
        }
    }
    Chain { longest: depths.into_iter().max().unwrap_or_default(), total: requests.len() }
}

fn request_json(request: &Request) -> Value {
    let milliseconds = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
    let batch = request.batch.iter();
    let batch: Value =
        batch.map(|item| json!({"method": item.method, "path": item.path, "status": item.status})).collect();
    json!({
        "n": request.n, "method": request.method, "path": request.path, "status": request.status,
        "arrivedMs": milliseconds(request.arrived), "answeredMs": request.answered.map(milliseconds),
        "write": request.write, "token": request.token, "batch": batch
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(entries: &[(&str, u64, u64)]) -> Log {
        let mut log = Log::default();
        for (path, arrived, _) in entries {
            log.open("GET", (*path).to_owned(), Duration::from_millis(*arrived));
        }
        for (n, (_, _, answered)) in (1..).zip(entries) {
            log.close(n, 200, Duration::from_millis(*answered), None);
        }
        log
    }

    #[test]
    fn parallel_requests_count_once() {
        let log = log(&[("/graph/a", 0, 10), ("/graph/b", 1, 11), ("/graph/c", 12, 20)]);
        assert_eq!(log.chain(), Chain { longest: 2, total: 3 });
    }

    #[test]
    fn the_longest_path_need_not_be_the_latest() {
        let log = log(&[
            ("/graph/a", 0, 1),
            ("/graph/b", 2, 3),
            ("/graph/c", 4, 5),
            ("/graph/d", 0, 50),
            ("/graph/e", 6, 60),
        ]);
        assert_eq!(log.chain(), Chain { longest: 4, total: 5 });
    }

    #[test]
    fn tokens_before_the_first_graph_request_do_not_count() {
        let log = log(&[("/login/t", 0, 1), ("/graph/a", 2, 3), ("/login/t", 4, 5)]);
        assert_eq!(log.chain(), Chain { longest: 2, total: 2 });
    }

    #[test]
    fn a_request_under_way_has_no_dependents() {
        let mut log = Log::default();
        log.open("GET", "/graph/a".to_owned(), Duration::ZERO);
        log.open("GET", "/graph/b".to_owned(), Duration::from_secs(1));
        assert_eq!(log.chain(), Chain { longest: 1, total: 2 });
    }
}
