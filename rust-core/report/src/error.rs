//! What goes wrong in the world, as the user is told it.

use crate::clixml::Object;
use pp_base::cancel::Cancelled;
use pp_words::sentence;

/// Why an op ended early.
#[derive(Debug, thiserror::Error)]
pub enum OpError {
    /// The job was cancelled; nobody is listening any more.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Something failed that the user is told.
    #[error(transparent)]
    Failed(Box<Report>),
}

impl From<Report> for OpError {
    fn from(report: Report) -> Self {
        Self::Failed(Box::new(report))
    }
}

/// One error as it reaches the user: the fields of a PowerShell `ErrorRecord`, and what Graph said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Report {
    /// The stable id, `PPFederation.Xxx`; scripts match on it, so it never changes.
    pub id: &'static str,
    /// What went wrong and where; it leaves as a sentence. Never a secret.
    pub message: String,
    /// The category of the error record.
    pub category: Category,
    /// What it was about (a tenant, an application, a parameter's value).
    pub target: Option<String>,
    /// The status of the HTTP answer, where there was one.
    pub http_status: Option<u16>,
    /// The service's own code for the error, as `Authorization_RequestDenied` or `AADSTS90002`.
    pub code: Option<String>,
    /// The service's id of the request, which its support asks for.
    pub request_id: Option<String>,
    /// What to do about it.
    pub advice: Option<String>,
}

impl Report {
    /// An error with nothing but its id, category and message; set the other fields as known.
    pub fn new(id: &'static str, category: Category, message: impl Into<String>) -> Self {
        Self {
            id,
            message: message.into(),
            category,
            target: None,
            http_status: None,
            code: None,
            request_id: None,
            advice: None,
        }
    }

    /// Says what the error was about.
    #[must_use]
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Says what to do about the error.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// The payload of an ERROR event: `HttpStatus` is 0 where there was no HTTP answer.
    pub fn to_object(&self) -> Object {
        Object::new("PPFederation.Error")
            .with("Id", self.id)
            .with("Message", sentence(&self.message))
            .with("Category", self.category.name())
            .with("Target", self.target.clone())
            .with("HttpStatus", i32::from(self.http_status.unwrap_or(0)))
            .with("Code", self.code.clone())
            .with("RequestId", self.request_id.clone())
            .with("Advice", self.advice.clone())
    }
}

/// The categories that are used, by the names of `System.Management.Automation.ErrorCategory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// The sign-in was refused.
    AuthenticationError,
    /// The service could not be reached.
    ConnectionError,
    /// An argument is not what it must be.
    InvalidArgument,
    /// What the service answered makes no sense.
    InvalidData,
    /// The thing is not in a state in which this can be done.
    InvalidOperation,
    /// The answer could not be read, or breaks the service's own rules.
    InvalidResult,
    /// A limit of the service has been reached.
    LimitsExceeded,
    /// Something that should be there is not.
    ObjectNotFound,
    /// Something else ended it.
    OperationStopped,
    /// A wait came to its end.
    OperationTimeout,
    /// The service refused the call for want of a permission.
    PermissionDenied,
    /// Something is there that should not be, or more than once.
    ResourceExists,
    /// The service can not do it now.
    ResourceUnavailable,
    /// A policy of the tenant forbids it.
    SecurityError,
}

impl Category {
    /// The name of the `ErrorCategory` value.
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthenticationError => "AuthenticationError",
            Self::ConnectionError => "ConnectionError",
            Self::InvalidArgument => "InvalidArgument",
            Self::InvalidData => "InvalidData",
            Self::InvalidOperation => "InvalidOperation",
            Self::InvalidResult => "InvalidResult",
            Self::LimitsExceeded => "LimitsExceeded",
            Self::ObjectNotFound => "ObjectNotFound",
            Self::OperationStopped => "OperationStopped",
            Self::OperationTimeout => "OperationTimeout",
            Self::PermissionDenied => "PermissionDenied",
            Self::ResourceExists => "ResourceExists",
            Self::ResourceUnavailable => "ResourceUnavailable",
            Self::SecurityError => "SecurityError",
        }
    }
}
