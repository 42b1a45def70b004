//! Errors of a vault, and what to do about them.

use std::time::Duration;

use serde_json::Value;
use thiserror::Error;

use pp_http::SendError;
use pp_sign_in::error::SignInError;

/// A call of a vault that failed.
#[derive(Debug, Clone, Error)]
pub enum VaultError {
    /// A request got no whole answer.
    #[error(transparent)]
    Send(#[from] SendError),
    /// No token for the vault.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// A write that was not begun, since whoever has to allow it did not.
    #[error("no write is begun: {0}")]
    Withheld(String),
    /// What answered is not a vault that may get a token.
    #[error("{vault} gets no token: {why}")]
    Foreign {
        /// The vault's address.
        vault: String,
        /// Why.
        why: String,
    },
    /// The vault refused, in its words.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// An answer that makes no sense.
    #[error("the answer to {name} can't be read: {what}")]
    Unreadable {
        /// The request.
        name: String,
        /// What is wrong with it.
        what: String,
    },
}

/// A refusal. Shape: `error.code`, `error.message`, `error.innererror.code`.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Method and path.
    pub request: String,
    /// HTTP status.
    pub status: u16,
    /// `Forbidden`, `SecretNotFound` and the like; empty where there is none.
    pub code: String,
    /// `ForbiddenByFirewall` and the like; empty where there is none.
    pub inner: String,
    /// First line of the vault's words; empty where it has none.
    pub message: String,
    /// The vault's id of the request.
    pub request_id: String,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} answered {}", self.request, self.status)?;
        if !self.code.is_empty() {
            write!(f, " {}", self.code)?;
        }
        if !self.inner.is_empty() {
            write!(f, " ({})", self.inner)?;
        }
        if self.message.is_empty() { Ok(()) } else { write!(f, ": {}", self.message) }
    }
}

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// Nothing was done: wait as told, try again.
    Again,
    /// It may have been done: look first.
    Look,
    /// The token is no longer taken: get another, once.
    SignInAgain,
    /// It isn't there.
    NotFound,
    /// A real error.
    Stop,
}

impl VaultError {
    /// What to do about it. Source: Key Vault documentation, "Azure Key Vault throttling guidance" and "Common error codes".
    pub fn reaction(&self) -> Reaction {
        match self {
            Self::Send(SendError::NotSent { .. }) => Reaction::Again,
            Self::Send(SendError::AnswerLost { .. } | SendError::TooLarge { .. }) | Self::Unreadable { .. } => {
                Reaction::Look
            }
            Self::Refused(refusal) => match refusal.status {
                429 => Reaction::Again,
                401 => Reaction::SignInAgain,
                404 => Reaction::NotFound,
                408 | 500..=599 => Reaction::Look,
                _ => Reaction::Stop,
            },
            Self::Send(_) | Self::SignIn(_) | Self::Withheld(_) | Self::Foreign { .. } => Reaction::Stop,
        }
    }

    /// Whether no request reached a vault.
    pub fn nothing_was_sent(&self) -> bool {
        matches!(self, Self::Send(error) if error.nothing_was_sent())
    }

    /// Whether the secret is there and was disabled. Source of the code: Azure/azure-sdk-for-java issue 17991.
    pub fn is_disabled(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == 403 && refusal.inner == "SecretDisabled")
    }

    /// How long the vault asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Refused(refusal) = self { refusal.retry_after } else { None }
    }
}

/// Code, inner code and first line of the words of an error's body, however it looks.
pub(super) fn read(body: &[u8]) -> (String, String, String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &body["error"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let message = text(&error["message"]).lines().next().unwrap_or_default().to_owned();
    (text(&error["code"]), text(&error["innererror"]["code"]), message)
}

#[cfg(test)]
mod tests {
    use super::{Refusal, read};

    #[test]
    fn an_error_keeps_its_code_whatever_is_null_beside_it() {
        for (body, code, inner, message) in [
            (
                r#"{"error": {"code": "Forbidden", "message": "No.\nCaller", "innererror": {"code": "SecretDisabled"}}}"#,
                "Forbidden",
                "SecretDisabled",
                "No.",
            ),
            (r#"{"error": {"code": "Forbidden", "message": null, "innererror": null}}"#, "Forbidden", "", ""),
            (r#"{"error": {"code": null, "message": "No.", "innererror": {"code": null}}}"#, "", "", "No."),
            (r#"{"error": null}"#, "", "", ""),
            ("<html>", "", "", ""),
        ] {
            assert_eq!(read(body.as_bytes()), (code.to_owned(), inner.to_owned(), message.to_owned()), "{body}");
        }
    }
    #[test]
    fn a_refusal_without_words_says_its_status() {
        for (code, inner, message, said) in [
            ("Forbidden", "SecretDisabled", "No.", "GET secrets/a answered 403 Forbidden (SecretDisabled): No."),
            ("UnknownError", "", "", "GET secrets/a answered 403 UnknownError"),
            ("", "", "", "GET secrets/a answered 403"),
        ] {
            let refusal = Refusal {
                request: "GET secrets/a".into(),
                status: 403,
                code: code.into(),
                inner: inner.into(),
                message: message.into(),
                request_id: String::new(),
                retry_after: None,
            };
            assert_eq!(refusal.to_string(), said);
        }
    }
}
