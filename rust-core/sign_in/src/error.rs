//! Why signing in failed.

use std::time::Duration;

use thiserror::Error;
use time::OffsetDateTime;

use super::certificate::CertificateError;
use super::domain::DomainError;
use super::request::TRANSIENT;
use pp_base::cancel::Cancelled;
use pp_http::retry_after::retry_after;
use pp_http::{Response, SendError};

/// Signing in gave no usable token.
#[derive(Debug, Clone, Error)]
pub enum SignInError {
    /// A request got no whole answer.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The service refused, in its words.
    #[error("{0}")]
    Refused(Refusal),
    /// The answer is not the token answer it should be.
    #[error("the sign-in service answered with HTTP status {status} and no readable token: {what}")]
    Unreadable {
        /// HTTP status.
        status: u16,
        /// What was wrong with it.
        what: String,
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// The certificate can't be signed in with.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The domain that was given leads to no tenant.
    #[error(transparent)]
    Domain(#[from] DomainError),
    /// Whatever gives the proof or the token did not.
    #[error("{0}")]
    Source(#[from] SourceError),
    /// A token that can't serve this connection.
    #[error("{0}")]
    Unfit(Unfit),
    /// The person didn't sign in in time.
    #[error("{0}")]
    TimedOut(String),
    /// This computer can't do what a sign-in takes.
    #[error("{0}")]
    Local(String),
}

/// The sign-in service's refusal. Shape: `error`, `error_description` (starting with AADSTS and a number), `error_codes`.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// OAuth error, `invalid_client` and the like.
    pub error: String,
    /// First AADSTS number, 0 where there is none.
    pub code: u32,
    /// First line of the service's description.
    pub description: String,
    /// Correlation id for Microsoft's support.
    pub correlation_id: String,
    /// The service's time, where it said it.
    pub date: Option<OffsetDateTime>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// It was a renewal of a person's sign-in.
    pub renewal: bool,
}

/// A permission that is asked for isn't one of the service's here. Source: microsoft/Microsoft365DSC issue 6768: "asked for scope
/// 'name' that doesn't exist on the resource".
const SCOPE_UNKNOWN: u32 = 650_053;

impl Refusal {
    /// Which of the permissions that were asked for the service doesn't know, where it says so.
    pub fn unknown_scope<'a>(&self, asked: &'a [String]) -> Option<&'a str> {
        let part_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let said: Vec<&str> =
            self.description.split(|c| !part_of_name(c)).map(|word| word.trim_end_matches('.')).collect();
        let named = |name: &&String| said.iter().any(|word| word.eq_ignore_ascii_case(name));
        asked.iter().filter(|_| self.code == SCOPE_UNKNOWN).find(named).map(String::as_str)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.description)
    }
}

/// A pipeline, a token file or a managed identity's endpoint gave nothing to sign in with.
#[derive(Debug, Clone, Error)]
#[error("{message}")]
pub struct SourceError {
    /// What for.
    pub kind: SourceKind,
    /// What happened, in a sentence.
    pub message: String,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Whether it passes by itself.
    pub passes: bool,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
}

/// What gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// The other issuer's token.
    FederatedToken,
    /// No managed identity endpoint is there.
    NoManagedIdentity,
    /// The endpoint knows no such identity.
    IdentityNotAssigned,
    /// The endpoint refused.
    ManagedIdentityRefused,
}

impl SourceError {
    /// The other issuer's token can't be had.
    pub fn federated(message: String) -> Self {
        Self { kind: SourceKind::FederatedToken, message, status: None, passes: false, retry_after: None }
    }
}

/// An audience in a sentence.
fn quoted(audience: &str) -> String {
    if audience.is_empty() { "no audience".to_owned() } else { format!("'{audience}'") }
}

/// What is wrong with a token that was given or got.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unfit {
    /// Another tenant's token.
    #[error("the token belongs to tenant {found}, the connection to tenant {wanted}")]
    OtherTenant {
        /// The connection's tenant id.
        wanted: String,
        /// The token's.
        found: String,
    },
    /// For another service.
    #[error("the token is for {}, not for {service} at {wanted}", quoted(found))]
    OtherAudience {
        /// What the service is called.
        service: &'static str,
        /// The service's address.
        wanted: String,
        /// The token's audience.
        found: String,
    },
    /// A token that was given serves one service only.
    #[error("the access token that was given is for Microsoft Graph only: no token for {wanted} can be got with it")]
    OneAudience {
        /// What the service that needs one is called.
        wanted: &'static str,
    },
    /// Past its end.
    #[error("the token ended at {0}")]
    Ended(String),
    /// Not a JSON Web Token.
    #[error("the access token can't be read: it is not a JSON Web Token of Microsoft Entra")]
    Opaque,
    /// The token that says who signed in is not the answer to the request.
    #[error("the id token can't be trusted: {0}")]
    IdToken(&'static str),
    /// There is nothing to renew.
    #[error("nobody has signed in with this connection yet")]
    NobodySignedIn,
    /// The service gave no refresh token.
    #[error("the sign-in can't be renewed: the service gave no refresh token")]
    NotRenewable,
    /// The service no longer takes it, and it can't be renewed.
    #[error(
        "Microsoft Graph no longer takes the access token that was given, and it can't be renewed: its end is {end}, and this \
         computer's clock says {now}"
    )]
    Refused {
        /// When it ends, as it says itself.
        end: String,
        /// This machine's time.
        now: String,
    },
}

impl SignInError {
    /// A text that is not the answer it should be.
    pub(super) fn unreadable(status: u16, what: impl Into<String>) -> Self {
        Self::Unreadable { status, what: what.into(), retry_after: None }
    }

    /// The same, with what the answer says of time: the service's own, and how long it asks to wait.
    pub(super) fn told_by(self, answer: &Response, now: OffsetDateTime) -> Self {
        let (date, retry_after) = (answer.date(), retry_after(answer, now));
        match self {
            Self::Refused(refusal) => Self::Refused(Refusal { date, retry_after, ..refusal }),
            Self::Source(source) => Self::Source(SourceError { retry_after, ..source }),
            Self::Unreadable { status, what, .. } => Self::Unreadable { status, what, retry_after },
            other => other,
        }
    }

    /// The same of a renewal.
    pub(super) fn of_renewal(self) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(Refusal { renewal: true, ..refusal }),
            other => other,
        }
    }

    /// Whether it passes by itself: asking again may help, and asking for a token changes nothing.
    pub fn passes(&self) -> bool {
        match self {
            Self::Send(error) => error.passes(),
            Self::Refused(refusal) => passing_status(refusal.status) || TRANSIENT.contains(&refusal.code),
            // A success that can't be read is another's: a proxy's page, an answer that was cut.
            Self::Unreadable { status, .. } => passing_status(*status) || (200..300).contains(status),
            Self::Source(source) => source.passes,
            Self::Certificate(_) | Self::Domain(_) | Self::Unfit(_) | Self::TimedOut(_) | Self::Local(_) => false,
        }
    }

    /// Whether the service has refused, and will again.
    pub(super) fn is_final_refusal(&self) -> bool {
        matches!(self, Self::Refused(_)) && !self.passes()
    }

    /// Whether the service hasn't looked at the request: it never got it, or had too much to do.
    pub(super) fn was_turned_away(&self) -> bool {
        match self {
            Self::Send(error) => error.passes() && error.nothing_was_sent(),
            Self::Refused(Refusal { status, .. }) | Self::Unreadable { status, .. } => matches!(status, 429 | 503),
            _ => false,
        }
    }

    /// How long whoever refused asks to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            Self::Source(source) => source.retry_after,
            Self::Unreadable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl From<Cancelled> for SignInError {
    fn from(_: Cancelled) -> Self {
        SendError::Cancelled.into()
    }
}

fn passing_status(status: u16) -> bool {
    status == 429 || status >= 500
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_was_turned_away_where_it_never_arrived_or_the_service_was_busy() {
        let (host, reason) = (|| "login".to_owned(), || "refused".to_owned());
        for (error, turned_away) in [
            (SendError::NotSent { host: host(), reason: reason() }.into(), true),
            (SendError::NotTrusted { host: host(), reason: reason() }.into(), false),
            (SendError::AnswerLost { host: host(), reason: reason() }.into(), false),
            (SendError::Cancelled.into(), false),
            (SignInError::unreadable(503, "a page"), true),
            (SignInError::unreadable(429, "a page"), true),
            (SignInError::unreadable(504, "a page"), false),
            (SignInError::unreadable(200, "a page"), false),
        ] {
            assert_eq!(error.was_turned_away(), turned_away, "{error:?}");
        }
    }
}
