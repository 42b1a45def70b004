//! The pipeline of a call: throttle, token, send, and again after what passes by itself.

use std::sync::Arc;

use pp_http::{Method, Pending, Request, Response, SendError};
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::Graph;
use crate::error::{GraphError, ServiceError, read_error};
use crate::reaction::Reaction;
use pp_base::retry::{TIME_TO_REACH, Tries};
use pp_http::retry_after::retry_after;
use pp_http::throttle::{self, Whose};
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
    /// What a successful answer to a request, which may have been sent before, says, and the token that it had; again after what passes
    /// by itself, an answer that can't be read among that.
    pub(crate) fn send<T>(
        &self,
        request: &Outgoing<'_>,
        begun: Option<Sent>,
        read: impl FnMut(Response) -> Result<T, GraphError>,
    ) -> Result<(T, Arc<Token>), GraphError> {
        let answer = self.until_read(request, begun, read);
        answer.map_err(|error| request.again.told(error))
    }

    fn until_read<T>(
        &self,
        request: &Outgoing<'_>,
        mut begun: Option<Sent>,
        mut read: impl FnMut(Response) -> Result<T, GraphError>,
    ) -> Result<(T, Arc<Token>), GraphError> {
        let mut tries = Tries::default();
        let mut signed_in_again = false;
        loop {
            let sent = match begun.take() {
                Some(sent) => sent,
                None => self.begin(request)?,
            };
            let token = Arc::clone(&sent.token);
            let error = match self.finish(request, sent).and_then(&mut read) {
                Ok(answer) => return Ok((answer, token)),
                Err(error) => error,
            };
            self.heed(&error);
            let mut error = error;
            error.note_refused(|| self.refused_token(&token));
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
            let unreachable = error.nothing_was_sent() && tries.lasting(self.clock) >= TIME_TO_REACH;
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
        // Last of all: what is waited for before it takes time.
        if let (Again::LookFirst, Some(gate)) = (request.again, self.gate) {
            gate.may_write().map_err(GraphError::Withheld)?;
        }
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
        let pending = self.client.begin(outgoing, self.call.cancel)?;
        Ok(Sent { pending, token, id })
    }

    /// Waits for the answer, and takes note of what it says beside its body.
    fn finish(&self, request: &Outgoing<'_>, Sent { pending, id, .. }: Sent) -> Result<Response, GraphError> {
        let response = pending.wait(self.call.cancel)?;
        self.service_time.learn(&response, self.clock.now());
        response.header(throttle::USED).into_iter().for_each(|used| self.throttle.learn(used, self.clock.elapsed()));
        let (status, ms) = (response.status, response.took.as_millis());
        let of_service = response.header("request-id").unwrap_or("none");
        (self.call.log)(&format!(
            "{}: {status} in {ms} ms (request-id {of_service}, client-request-id {id})",
            request.name
        ));
        self.successful(&request.name, response)
    }

    fn successful(&self, name: &str, response: Response) -> Result<Response, GraphError> {
        if (200..300).contains(&response.status) {
            return Ok(response);
        }
        let asked = retry_after(&response, self.now());
        let request_id = response.header("request-id").unwrap_or_default();
        let body = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        let challenge = response.headers("www-authenticate").find_map(claims::challenge);
        let limit = Whose::named(response.header(throttle::SCOPE));
        let error = ServiceError { limit, challenge, ..read_error(name, response.status, &body, request_id, asked) };
        Err(GraphError::Service(Box::new(error)))
    }
}

/// Whether a request may be sent again after this error.
pub(crate) fn may_repeat(error: &GraphError, again: Again) -> bool {
    match error {
        GraphError::Send(SendError::NotSent { .. }) => true,
        GraphError::Send(error) => error.passes() && again == Again::Safe,
        GraphError::EffectUnknown(_) | GraphError::Unreadable { .. } => again == Again::Safe,
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
        GraphError::SignIn(_) | GraphError::EndlessList { .. } | GraphError::Withheld(_) => false,
    }
}
