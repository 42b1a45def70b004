//! Errors of Microsoft Graph, typed.

use std::time::Duration;

use serde_json::Value;
use thiserror::Error;
use time::OffsetDateTime;

use crate::reaction::{Reaction, reaction};
use pp_base::cancel::Cancelled;
use pp_http::SendError;
use pp_http::throttle::Whose;
use pp_sign_in::error::SignInError;
use pp_sign_in::token::Claims;

/// A call that gave no result.
#[derive(Debug, Clone, Error)]
pub enum GraphError {
    /// A request got no whole answer.
    #[error(transparent)]
    Send(#[from] SendError),
    /// No token.
    #[error(transparent)]
    SignIn(SignInError),
    /// A write that was answered, and whose effect is unknown all the same: look before sending it again.
    #[error("{0}")]
    EffectUnknown(String),
    /// A write that was not begun, since whoever has to allow it did not.
    #[error("no write is begun: {0}")]
    Withheld(String),
    /// Graph answered with an error.
    #[error("{0}")]
    Service(Box<ServiceError>),
    /// Graph's answer is not what its contract says: somebody else's, or cut. A read may be sent again.
    #[error("Microsoft Graph's answer to {request} can't be read: {what}")]
    Unreadable {
        /// Method and path.
        request: String,
        /// What was wrong.
        what: String,
    },
    /// A list's next page is one that was read already.
    #[error("Microsoft Graph's list {request} leads back to a page that was read already")]
    EndlessList {
        /// Method and path.
        request: String,
    },
}

/// Graph's error answer: `{"error":{"code","message","details":[{"code","message","target"}],"innerError":{...}}}`.
#[derive(Debug, Clone)]
pub struct ServiceError {
    /// Method and path of the request.
    pub request: String,
    /// HTTP status.
    pub status: u16,
    /// `error.code`.
    pub code: String,
    /// `error.details[].code`.
    pub details: Vec<String>,
    /// What another object is that has the same already, as `User_<object id>`: the target of a detail `ConflictingObjects`.
    pub conflicting: Option<String>,
    /// `error.message`.
    pub message: String,
    /// For Microsoft's support.
    pub request_id: String,
    /// What the service asks to wait.
    pub retry_after: Option<Duration>,
    /// Of a refusal as too many: whose limit was met.
    pub limit: Whose,
    /// The claims that the service wants of a new token, as JSON.
    pub challenge: Option<String>,
    /// What to do about it.
    pub reaction: Reaction,
    /// Of a refusal with 403: whose token it was.
    pub refused: Option<Box<RefusedToken>>,
}

/// What a token that was refused says of itself; never the token.
#[derive(Debug, Clone)]
pub struct RefusedToken {
    /// Its claims; `None` where it can't be read.
    pub claims: Option<Claims>,
    /// The service's time.
    pub at: OffsetDateTime,
}

impl std::fmt::Display for ServiceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} answered {} {}: {}", self.request, self.status, self.code, self.message)
    }
}

impl From<Cancelled> for GraphError {
    fn from(_: Cancelled) -> Self {
        SendError::Cancelled.into()
    }
}

impl From<SignInError> for GraphError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Send(cancelled @ SendError::Cancelled) => cancelled.into(),
            other => Self::SignIn(other),
        }
    }
}

impl GraphError {
    /// What to do about it.
    pub fn reaction(&self) -> Reaction {
        match self {
            Self::Service(error) => error.reaction,
            Self::EffectUnknown(_) | Self::Unreadable { .. } => Reaction::Transient,
            Self::Send(error) if error.passes() => Reaction::Transient,
            Self::Send(_) | Self::EndlessList { .. } | Self::SignIn(_) | Self::Withheld(_) => Reaction::Real,
        }
    }

    /// Whether it passes by itself: asking again may help.
    pub fn passes(&self) -> bool {
        match self {
            Self::SignIn(error) => error.passes(),
            other => matches!(
                other.reaction(),
                Reaction::NotFound | Reaction::NotYet | Reaction::Transient | Reaction::Throttled | Reaction::Conflict
            ),
        }
    }

    /// Whether the request never left.
    pub fn nothing_was_sent(&self) -> bool {
        match self {
            Self::Send(error) => error.nothing_was_sent(),
            Self::Withheld(_) => true,
            Self::SignIn(_)
            | Self::EffectUnknown(_)
            | Self::Service(_)
            | Self::Unreadable { .. }
            | Self::EndlessList { .. } => false,
        }
    }

    /// Whether the caller cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Send(SendError::Cancelled))
    }

    /// The error of a write: where its answer can't be read it was taken, and what came of it has to be looked for.
    #[must_use]
    pub fn of_write(self) -> Self {
        match self {
            Self::Unreadable { .. } | Self::Send(SendError::TooLarge { .. }) => Self::EffectUnknown(self.to_string()),
            Self::Send(_)
            | Self::SignIn(_)
            | Self::EffectUnknown(_)
            | Self::Withheld(_)
            | Self::Service(_)
            | Self::EndlessList { .. } => self,
        }
    }

    /// What the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Service(error) = self { error.retry_after } else { None }
    }

    /// Whose limit was met, of a refusal as too many.
    pub(crate) fn limit(&self) -> Whose {
        if let Self::Service(error) = self { error.limit } else { Whose::default() }
    }

    /// The claims that the service wants of a new token.
    pub fn challenge(&self) -> Option<&str> {
        if let Self::Service(error) = self { error.challenge.as_deref() } else { None }
    }

    /// Keeps what the token says that was refused with 403.
    pub(crate) fn note_refused(&mut self, token: impl FnOnce() -> RefusedToken) {
        if let Self::Service(error) = self
            && error.status == 403
        {
            error.refused = Some(Box::new(token()));
        }
    }

    /// The contract was broken.
    pub fn unreadable(request: &str, what: impl Into<String>) -> Self {
        Self::Unreadable { request: request.into(), what: what.into() }
    }
}

/// Reads an error answer, in all shapes seen in the field: message as an object `{value}`, details as one object, the
/// key `odata.error`, HTML pages, empty bodies.
pub fn read_error(
    request: &str,
    status: u16,
    body: &Value,
    request_id: &str,
    retry_after: Option<Duration>,
) -> ServiceError {
    let error = body.get("error").or_else(|| body.get("odata.error")).unwrap_or(&Value::Null);
    let code = error.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
    let message = text(error.get("message")).unwrap_or_else(|| "(no readable error text)".to_owned());
    let conflicting = conflicting(error.get("details"));
    let details = details(error.get("details"));
    let mut codes: Vec<&str> = details.iter().map(String::as_str).collect();
    codes.push(&code);
    let inner = error.get("innerError").and_then(|inner| inner.get("request-id")).and_then(Value::as_str);
    let reaction = reaction(status, &codes, &message);
    let request_id = inner.unwrap_or(request_id).to_owned();
    let request = request.into();
    ServiceError {
        request,
        status,
        details,
        conflicting,
        message,
        request_id,
        retry_after,
        limit: Whose::default(),
        challenge: None,
        reaction,
        refused: None,
        code,
    }
}

fn text(message: Option<&Value>) -> Option<String> {
    let message = message?;
    message.as_str().or_else(|| message.get("value")?.as_str()).map(str::to_owned)
}

fn details(details: Option<&Value>) -> Vec<String> {
    let one = |detail: &Value| detail.get("code").and_then(Value::as_str).map(str::to_owned);
    match details {
        Some(Value::Array(list)) => list.iter().filter_map(one).collect(),
        Some(single @ Value::Object(_)) => one(single).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn conflicting(details: Option<&Value>) -> Option<String> {
    let others = details?.as_array()?.iter().find(|detail| detail["code"] == "ConflictingObjects")?;
    others.get("target")?.as_str().map(str::to_owned)
}
