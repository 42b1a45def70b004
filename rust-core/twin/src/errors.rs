//! Graph's error answers: status, code, message and details, in the words the service uses.
//!
//! Texts come from Graph's documentation, from the error tables of hashicorp/terraform-provider-azuread and azure-cli, and
//! from the GitHub issues named beside them. Where no text is on record the comment says "Assumption".

use std::borrow::Cow;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::clock;

/// One entry of `error.details`.
#[derive(Debug, Clone)]
pub(crate) struct Detail {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) target: Cow<'static, str>,
}

/// A refusal of Graph.
#[derive(Debug, Clone)]
pub(crate) struct GraphError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) details: Vec<Detail>,
    /// The value of `WWW-Authenticate` where it is not the usual one.
    pub(crate) challenge: Option<String>,
}

impl GraphError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new(), challenge: None }
    }

    /// 400 `Request_BadRequest`: the directory refuses the content.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(400, "Request_BadRequest", message)
    }

    /// 400 `BadRequest`: the gateway refuses the form.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 400 `Request_UnsupportedQuery`.
    pub(crate) fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(400, "Request_UnsupportedQuery", message)
    }

    pub(crate) fn segment(name: &str) -> Self {
        Self::malformed(format!("Resource not found for the segment '{name}'."))
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    }

    pub(crate) fn not_found(id: &str) -> Self {
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Self::new(404, "Request_ResourceNotFound", message)
    }

    pub(crate) fn denied() -> Self {
        Self::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    }

    pub(crate) fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(401, "InvalidAuthenticationToken", message)
    }

    pub(crate) fn invalid_value(property: &str, resource: &str) -> Self {
        Self::refused(format!("Invalid value specified for property '{property}' of resource '{resource}'."))
    }

    pub(crate) fn missing_value(property: &str, resource: &str) -> Self {
        Self::refused(format!("A value is required for property '{property}' of resource '{resource}'."))
    }

    /// The words of v1.0 when it still refused `onPremisesSyncEnabled` (microsoft-graph-docs issue 21601).
    pub(crate) fn read_only(property: &str) -> Self {
        Self::refused(format!("Property '{property}' is read-only and cannot be set."))
    }

    pub(crate) fn concurrency() -> Self {
        let message = "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.";
        Self::new(409, "Directory_ConcurrencyViolation", message)
    }

    /// The code of azure-cli issue 28734. Assumption: the status.
    pub(crate) fn locked(property: &str) -> Self {
        let words = format!("Property {property} is invalid.");
        Self::new(400, "CannotUpdateLockedServicePrincipalProperty", words)
    }

    /// The words of microsoft-365-agents-toolkit's sources and tests.
    pub(crate) fn blocked_by_policy(policy: &str) -> Self {
        let words = format!("Credential type not allowed as per assigned policy '{policy}'.");
        Self::new(400, "CredentialTypeNotAllowedAsPerAppPolicy", words)
    }

    /// The words of microsoft-365-agents-toolkit issue 10998.
    pub(crate) fn limited_by_policy(policy: &str) -> Self {
        let words = format!("Credential lifetime exceeds the max value allowed as per assigned policy '{policy}'.");
        Self::new(400, "CredentialInvalidLifetimeAsPerAppPolicy", words).with_detail("InvalidKeyEndDate", "EndDate")
    }

    /// Adds an entry to `details` that repeats the message.
    pub(crate) fn with_detail(mut self, code: &'static str, target: impl Into<Cow<'static, str>>) -> Self {
        self.details.push(Detail { code, message: self.message.clone(), target: target.into() });
        self
    }

    /// The JSON body of the answer.
    pub(crate) fn body(&self, request_id: &str, client_request_id: &str, now: OffsetDateTime) -> Value {
        let date = clock::iso_seconds(now);
        let mut error = json!({ "code": self.code, "message": self.message });
        if !self.details.is_empty() {
            let details = self.details.iter();
            error["details"] =
                details.map(|d| json!({ "code": d.code, "message": d.message, "target": d.target })).collect();
        }
        error["innerError"] = json!({
            "date": date.trim_end_matches('Z'),
            "request-id": request_id,
            "client-request-id": client_request_id,
        });
        json!({ "error": error })
    }
}
