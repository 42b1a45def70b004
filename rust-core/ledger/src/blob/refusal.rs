//! What Azure Blob Storage refuses, and what to do about it.

use std::time::Duration;

use thiserror::Error;
use time::OffsetDateTime;

use pp_http::Response;
use pp_http::retry_after::retry_after;

/// A refusal, in the service's words.
#[derive(Debug, Clone, Error)]
#[error("{request}: {code}: {message}{}", advice(code).map(|advice| format!(". {advice}")).unwrap_or_default())]
pub struct Refusal {
    /// What was asked for.
    pub request: String,
    /// HTTP status.
    pub status: u16,
    /// `ContainerNotFound` and the like.
    pub code: String,
    /// First line of the service's words, without its full stop.
    pub message: String,
    /// The service's id of the request.
    pub request_id: String,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
}

/// What kind of refusal it is, for whoever tells the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is no such container.
    NoContainer,
    /// Whoever signs in, or the shared access signature, may not.
    Denied,
    /// It passes by itself, and was waited for.
    Busy,
    /// Anything else.
    Other,
}

/// What to do about codes. Sources: Azure Storage REST reference, "Common REST API error codes" and "Blob service error codes";
/// its documentation, "Authorize access to blobs using Microsoft Entra ID" and "Troubleshoot 403 errors".
const ADVICE: [(&[&str], &str); 10] = [
    (
        &["ContainerNotFound", "ResourceNotFound", "ContainerBeingDeleted"],
        "Make the container first, as by: az storage container create",
    ),
    (
        &["AuthorizationPermissionMismatch"],
        "Whoever signs in needs the role Storage Blob Data Contributor on the container, which takes some minutes once it is given; \
         a shared access signature needs the permissions racwl",
    ),
    (
        &["AuthenticationFailed", "InvalidAuthenticationInfo", "NoAuthenticationInformation"],
        "A shared access signature has to be whole, of this account or container, and within its dates; a sign-in has to be of the \
         tenant that the account trusts",
    ),
    (
        &["AuthorizationFailure", "IpAuthorizationSourceIPMismatch", "AuthorizationSourceIPMismatch"],
        "The account's firewall, or the addresses or protocols that a shared access signature is for, don't let this machine in; or the signature is not whole",
    ),
    (
        &["AuthorizationServiceMismatch", "AuthorizationResourceTypeMismatch"],
        "The shared access signature is for another service: it has to be for blobs, containers and objects",
    ),
    (
        &["KeyBasedAuthenticationNotPermitted"],
        "The account takes no signatures of its key: leave -LedgerSas out, or give a user delegation signature",
    ),
    (&["BlobTypeNotSupported"], "The ledger needs append blobs, which a premium account for block blobs has not"),
    (
        &["InvalidBlobType"],
        "What lies there is no append blob: something else made it, as a copy of the container does. Copy it as append blobs, as by: azcopy \
         copy --blob-type AppendBlob",
    ),
    (&["BlobImmutableDueToPolicy", "BlobOverwritten"], "The container is immutable: give one that can be written"),
    (
        &["AccountIsDisabled", "InsufficientAccountPermissions"],
        "The account can't be written: look at it in the Azure portal",
    ),
];

fn advice(code: &str) -> Option<&'static str> {
    ADVICE.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, advice)| *advice)
}

impl Refusal {
    /// Of an answer; `request` says what was asked for.
    pub(crate) fn of(request: &str, answer: &Response, now: OffsetDateTime) -> Self {
        let text = String::from_utf8_lossy(&answer.body);
        let code = answer.header("x-ms-error-code").or_else(|| between(&text, "<Code>", "</Code>"));
        let message = between(&text, "<Message>", "</Message>").and_then(|words| words.lines().next());
        Self {
            request: request.to_owned(),
            status: answer.status,
            code: code.map_or_else(|| format!("HTTP status {}", answer.status), str::to_owned),
            message: message.unwrap_or("no words").trim_end_matches('.').to_owned(),
            request_id: answer.header("x-ms-request-id").unwrap_or_default().to_owned(),
            retry_after: retry_after(answer, now),
        }
    }

    /// Whether it passes by itself. Every request of the ledger can be sent again.
    pub(crate) fn passes(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
    }

    /// What kind of refusal it is.
    pub fn kind(&self) -> Kind {
        match (self.status, self.code.as_str()) {
            (404, "ContainerNotFound" | "ResourceNotFound") | (409, "ContainerBeingDeleted") => Kind::NoContainer,
            (401 | 403, _) => Kind::Denied,
            _ if self.passes() => Kind::Busy,
            _ => Kind::Other,
        }
    }
}

/// What stands between two marks.
pub(crate) fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    Some(text.split_once(open)?.1.split_once(close)?.0)
}
