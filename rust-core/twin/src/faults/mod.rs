//! Faults the twin shows when it is told to: what can go wrong between a client and the service, and when it does.
//!
//! Faults mix: every one counts the requests it matches by itself, and of those due on one request all take part, in the
//! order in which they were added. Where two make an answer, the first one's is given.

mod act;
mod answers;
mod book;
mod read;
mod spoil;

use std::time::Duration;

use serde_json::Value;

pub(crate) use act::{Place, answer};
pub(crate) use answers::challenge;
pub(crate) use book::Book;
pub(crate) use read::read;

/// One fault: where, when and what.
///
/// ```
/// use tenant_twin::{Fault, FaultKind, On, RetryAfter};
/// let twice = Fault::new(On::call("POST", "/applications"), FaultKind::Throttled(RetryAfter::Seconds(3))).times(2);
/// let from_the_fifth = Fault::new(On::default(), FaultKind::Denied).nth(5).for_ever();
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The requests it is for.
    pub on: On,
    /// On which of those it shows.
    pub when: When,
    /// What goes wrong.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault on the first request that matches, once.
    pub fn new(on: On, kind: FaultKind) -> Self {
        Self { on, when: When::Nth { first: 1, times: 1 }, kind }
    }

    /// One fault of each kind that passes by itself, each on this share of all requests, drawn from the seed: throttling,
    /// 5xx, lost requests and answers, cut, unreadable and slow answers, conflicts, tokens that end early.
    pub fn storm(percent: u8, seed: u64) -> Vec<Self> {
        let failed = |status, body| FaultKind::Failed { status, body, retry_after: RetryAfter::Absent };
        let kinds = [
            FaultKind::Throttled(RetryAfter::Seconds(2)),
            FaultKind::Throttled(RetryAfter::Date(3)),
            FaultKind::Throttled(RetryAfter::Absent),
            failed(500, ErrorBody::Json),
            failed(502, ErrorBody::Html),
            failed(503, ErrorBody::Empty),
            failed(504, ErrorBody::Html),
            FaultKind::RequestLost { reset: true },
            FaultKind::AnswerLost { reset: false },
            FaultKind::ResetInBody,
            FaultKind::Truncated { announced: true },
            FaultKind::Truncated { announced: false },
            FaultKind::Unreadable(Unreadable::Html),
            FaultKind::Unreadable(Unreadable::Empty),
            FaultKind::Unreadable(Unreadable::Cut),
            FaultKind::Dripped { chunk: 512, every: Duration::from_millis(1) },
            FaultKind::Concurrency,
            FaultKind::TokenExpired,
        ];
        let seeds = (0..).map(|place: u64| seed.wrapping_mul(64).wrapping_add(place));
        kinds.into_iter().zip(seeds).map(|(kind, seed)| Self::new(On::default(), kind).chance(percent, seed)).collect()
    }

    /// From the n-th request that matches, counted from 1, instead of the first.
    #[must_use]
    pub fn nth(mut self, n: u64) -> Self {
        let times = if let When::Nth { times, .. } = self.when { times } else { 1 };
        self.when = When::Nth { first: n, times };
        self
    }

    /// On this many requests that match, one after the other, instead of one.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        let first = if let When::Nth { first, .. } = self.when { first } else { 1 };
        self.when = When::Nth { first, times };
        self
    }

    /// On every request that matches from the first one on.
    #[must_use]
    pub fn for_ever(self) -> Self {
        self.times(u64::MAX)
    }

    /// On this share of the requests that match, drawn from the seed.
    #[must_use]
    pub fn chance(mut self, percent: u8, seed: u64) -> Self {
        self.when = When::Chance { percent, seed };
        self
    }
}

/// When a fault shows, counted over the requests that match it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// From the `first` one (from 1) on `times` of them.
    Nth {
        /// The first one, counted from 1.
        first: u64,
        /// How many; `u64::MAX` for ever.
        times: u64,
    },
    /// On a share of them.
    Chance {
        /// How many of a hundred.
        percent: u8,
        /// What is drawn from; one seed gives the same draws again.
        seed: u64,
    },
}

/// The requests a fault is for; what is `None` matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct On {
    /// Which kind of request.
    pub target: Target,
    /// The HTTP method, in any case.
    pub method: Option<String>,
    /// The path with its query, decoded, below `/graph/v1.0` (which may be written too), on the sign-in side from `/login`
    /// on. `*` stands for any characters: `/applications*`, `/applications/*/addPassword`. Letters match in any case.
    pub path: Option<String>,
    /// Whether it must be a write (or, where false, a read).
    pub write: Option<bool>,
}

impl On {
    /// A Graph call by method and path, sent alone or in a batch.
    pub fn call(method: &str, path: &str) -> Self {
        Self { target: Target::Call, method: Some(method.to_owned()), path: Some(path.to_owned()), write: None }
    }

    /// Every request of a kind.
    pub fn every(target: Target) -> Self {
        Self { target, ..Self::default() }
    }
}

/// Kinds of requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Target {
    /// Any HTTP request: tokens, Graph, batches as a whole.
    #[default]
    Request,
    /// Requests for tokens.
    Token,
    /// Requests to what gives a proof or a token to a job or a machine: services of pipelines, managed identity endpoints.
    Source,
    /// HTTP requests to Graph, batches as a whole.
    Graph,
    /// A call of Graph, sent alone or as an item of a batch, but no batch.
    Call,
    /// Batches as a whole.
    Batch,
    /// Items of batches. A fault of the connection befalls the answer of the whole batch; where the request is lost, the
    /// batch ends before the item.
    Item,
}

/// What goes wrong. What makes no sense for a request (a policy refusal of a token) does nothing there.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// 429 with `x-ms-throttle-scope` and `x-ms-throttle-information`; nothing is done.
    Throttled(RetryAfter),
    /// The same for the application's limit over all tenants.
    ApplicationThrottled(RetryAfter),
    /// A 5xx (or any other status); nothing is done.
    Failed {
        /// The HTTP status.
        status: u16,
        /// What the answer carries.
        body: ErrorBody,
        /// When to come back.
        retry_after: RetryAfter,
    },
    /// The connection ends before anything is done.
    RequestLost {
        /// By a reset instead of an orderly end.
        reset: bool,
    },
    /// Everything is done, then the connection ends without an answer.
    AnswerLost {
        /// By a reset instead of an orderly end.
        reset: bool,
    },
    /// Everything is done; the connection is reset in the middle of the answer's body.
    ResetInBody,
    /// Everything is done; the answer's body ends in the middle.
    Truncated {
        /// Whether `Content-Length` announced the whole body. Otherwise HTTP sees nothing wrong, and the JSON is cut.
        announced: bool,
    },
    /// Everything is done; the answer's body comes in small pieces.
    Dripped {
        /// Bytes in each piece, at least one.
        chunk: usize,
        /// Real time before each piece.
        every: Duration,
    },
    /// Everything is done; the answer comes after this real time.
    Delayed(Duration),
    /// 409 `Directory_ConcurrencyViolation`; nothing is done.
    Concurrency,
    /// 400: a policy blocks client secrets.
    PolicyBlocksSecrets,
    /// 400: a policy limits the life of client secrets.
    PolicyLimitsSecrets,
    /// 401: the token of the request counts as expired, from now on and for every request.
    TokenExpired,
    /// 401 with a claims challenge for the token of the request, from now on and for every request.
    ClaimsChallenge,
    /// If the answer is a 401, it offers another way to sign in beside its own, in a `WWW-Authenticate` of its own.
    OtherChallenge {
        /// Before its own instead of behind it.
        before: bool,
    },
    /// 403: the permission was taken away. Tokens: the application is disabled.
    Denied,
    /// 403 `AadPremiumLicenseRequired`: the tenant has no licence for what is asked for.
    Unlicensed,
    /// What is asked for doesn't exist in this cloud, as this status says it: 400 (no such segment), 404, 405 or 501.
    NotInCloud {
        /// The HTTP status.
        status: u16,
    },
    /// 400: the cloud's metadata has no property of this name.
    PropertyUnknown(String),
    /// 403: Conditional Access guards the action.
    ProtectedAction,
    /// Tokens: refused with this AADSTS number, as a policy or a risk would have it.
    SignInRefused(u32),
    /// Another actor sends the same write just before; then the request is handled as usual.
    SecondWriter,
    /// This change is made to the tenant just before (the body of the control endpoint `/edit`); then the request is
    /// handled as usual.
    Edited(Value),
    /// The service's clock is off by this while it handles the request: `Date`, the times of tokens, dates of objects.
    Skewed {
        /// Seconds ahead of the twin's clock; behind it where negative.
        seconds: i64,
    },
    /// If the answer is an error in JSON, it comes in a shape seen in the field.
    OddError(ErrorShape),
    /// What the answer says in JSON, it says more loosely than Graph's description has it, as in field reports: flags and numbers as
    /// text, instants without zone, null in place of empty lists (but for a list that was asked for).
    LooseValues,
    /// The first display name of the answer begins with half of an emoji, which JSON can escape and no text holds. Assumption: that the
    /// directory gives such names.
    HalfLetter,
    /// Everything is done, also what other faults do; the answer is a 200 in which nobody can read what came of it.
    Unreadable(Unreadable),
    /// Everything is done, also what other faults do; something on the way answers in the service's place, by this status and a page of
    /// its own, as Cloudflare's 524 is.
    Gateway {
        /// The HTTP status.
        status: u16,
    },
    /// If the answer is a list, its `@odata.nextLink` leads to this page again.
    RepeatedLink,
}

/// The header `Retry-After`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryAfter {
    /// There is none.
    Absent,
    /// In seconds.
    Seconds(u64),
    /// As an HTTP date this far from the twin's time.
    Date(i64),
    /// These words, sensible or not.
    Text(String),
}

/// The body of an error answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorBody {
    /// The service's own error object.
    Json,
    /// A page of a gateway.
    Html,
    /// Nothing.
    Empty,
}

/// What stands in place of an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// The page of something on the way, a portal that wants a sign-in.
    Html,
    /// Nothing.
    Empty,
    /// The first half of it, announced as the whole.
    Cut,
}

/// Shapes of errors that hashicorp/go-azure-sdk found it had to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorShape {
    /// `error.message` is `{"lang", "value"}`.
    MessageObject,
    /// `error.details` is one object instead of a list.
    DetailsObject,
    /// `odata.error` instead of `error`.
    OdataKey,
}
