//! The pipeline of a call: throttle, token, send, and again after what passes by itself.

use std::sync::Arc;

use pp_http::{Method, Pending, Request, Response};
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::Graph;
use crate::batch::Answer;
use crate::error::{GraphError, ServiceError, read_error};
use crate::reaction::Reaction;
use pp_base::retry::{TRIES_TO_REACH, Tries};
use pp_http::retry_after::retry_after;
use pp_http::throttle;
use pp_sign_in::{Token, claims};

/// Whether a request may be sent again when nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// Reads.
    Safe,
    /// Writes: look first.
    LookFirst,
}

impl Again {
    /// What an error means for such a request: a write whose answer can't be read was taken, and has to be looked for.
    pub(crate) fn told(self, error: GraphError) -> GraphError {
        match self {
            Self::Safe => error,
            Self::LookFirst => error.of_write(),
        }
    }
}

/// A request as its caller wants it.
pub(crate) struct Outgoing<'r> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) name: String,
    pub(crate) headers: &'r [(&'static str, &'static str)],
    pub(crate) body: Option<&'r Value>,
    pub(crate) again: Again,
}

/// A request that was sent and isn't answered yet.
pub(crate) struct Sent {
    pending: Pending,
    token: Arc<Token>,
    /// Its `client-request-id`.
    id: String,
}

impl Graph<'_> {
    /// Sends, and reads what comes back as JSON.
    pub(crate) fn send(&self, request: &Outgoing<'_>) -> Result<Answer, GraphError> {
        let answer = self.response(request, None).and_then(|response| answer(&request.name, &response));
        answer.map_err(|error| request.again.told(error))
    }

    /// A successful answer to a request, which may have been sent before; again after what passes by itself.
    pub(crate) fn response(&self, request: &Outgoing<'_>, mut begun: Option<Sent>) -> Result<Response, GraphError> {
        let mut tries = Tries::default();
        let mut signed_in_again = false;
        loop {
            let sent = match begun.take() {
                Some(sent) => sent,
                None => self.begin(request)?,
            };
            let token = Arc::clone(&sent.token);
            let error = match self.finish(request, sent) {
                Ok(response) => return Ok(response),
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
            let unreachable = matches!(error, GraphError::NotSent(_)) && tries.so_far() >= TRIES_TO_REACH;
            if unreachable || !may_repeat(&error, request.again) {
                return Err(error);
            }
            if !tries.again(self.clock, &self.call, error.retry_after(), &error.to_string())? {
                return Err(error);
            }
        }
    }

    /// Sends once, and doesn't wait for the answer.
    pub(crate) fn begin(&self, request: &Outgoing<'_>) -> Result<Sent, GraphError> {
        self.throttle.wait(self.clock, &self.call)?;
        let token = self.tokens.get(&self.call)?;
        let plain = |text: &str| Zeroizing::new(text.to_owned());
        let id = Uuid::new_v4().to_string();
        let mut headers = vec![
            ("authorization", Zeroizing::new(format!("Bearer {}", token.text.expose()))),
            ("client-request-id", plain(&id)),
            ("accept", plain("application/json")),
        ];
        headers.extend(request.headers.iter().map(|(name, value)| (*name, plain(value))));
        let body = request.body.map(|body| ("application/json", Zeroizing::new(body.to_string().into_bytes())));
        let outgoing = Request { method: request.method.clone(), url: request.url.clone(), headers, body };
        let pending = self.client.begin(outgoing, self.call.cancel);
        let pending = pending.map_err(|error| GraphError::unanswered(&request.name, &error))?;
        Ok(Sent { pending, token, id })
    }

    /// Waits for the answer, and takes note of what it says beside its body.
    fn finish(&self, request: &Outgoing<'_>, Sent { pending, id, .. }: Sent) -> Result<Response, GraphError> {
        let answered = pending.wait(self.call.cancel);
        let response = answered.map_err(|error| GraphError::unanswered(&request.name, &error))?;
        self.service_time.learn(&response, self.clock.now());
        response.header(throttle::USED).into_iter().for_each(|used| self.throttle.learn(used, self.clock.elapsed()));
        (self.call.log)(&format!("{}: {} (client-request-id {id})", request.name, response.status));
        self.successful(&request.name, response)
    }

    fn successful(&self, name: &str, response: Response) -> Result<Response, GraphError> {
        if (200..300).contains(&response.status) {
            return Ok(response);
        }
        if let Some(what) = response.redirect() {
            return Err(GraphError::unreadable(name, what));
        }
        let asked = retry_after(&response, self.clock.now());
        let request_id = response.header("request-id").unwrap_or_default();
        let body = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        let challenge = response.header("www-authenticate").and_then(claims::challenge);
        let error = ServiceError { challenge, ..read_error(name, response.status, &body, request_id, asked) };
        Err(GraphError::Service(Box::new(error)))
    }
}

fn answer(name: &str, response: &Response) -> Result<Answer, GraphError> {
    let body = match serde_json::from_slice(&response.body) {
        Ok(body) => body,
        Err(_) if response.body.is_empty() => Value::Null,
        Err(e) => return Err(GraphError::unreadable(name, format!("no JSON: {e}"))),
    };
    Ok(Answer { status: response.status, body })
}

/// Whether a request may be sent again after this error.
pub(crate) fn may_repeat(error: &GraphError, again: Again) -> bool {
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
        GraphError::Cancelled
        | GraphError::SignIn(_)
        | GraphError::NotTrusted(_)
        | GraphError::Unreadable { .. }
        | GraphError::EndlessList { .. } => false,
    }
}
