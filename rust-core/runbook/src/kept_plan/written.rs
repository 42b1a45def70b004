//! The parts of a plan as they are written down: what was wanted, the changes, their requests.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::words::Words;
use crate::change::{Change, ChangeKind};
use crate::problem::Problem;
use crate::request::Request;
use crate::step::StepName;
use crate::undo::{Undo, undo};
use crate::wanted::{self, DeletedApp, Wanted};
use crate::which::{Name, Which};

/// What was wanted. A lifetime stays a duration: the secret's start is taken when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct KeptWanted {
    pub(super) steps: Vec<StepName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_id: Option<String>,
    adopt: bool,
    new_secret: bool,
    client_secret_lifetime: String,
    lock_credentials: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_app: Option<DeletedApp>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct KeptChange {
    /// Its step.
    pub step: StepName,
    /// In words.
    pub change: String,
    /// The value before, in words.
    pub before: String,
    /// The value after it, in words.
    pub after: String,
    /// Whether it can be taken back.
    pub reversible: bool,
    /// Why not; else empty.
    pub reason: String,
    /// What will be sent, for the reader.
    pub request: Option<KeptRequest>,
    /// What it is.
    value: ChangeKind,
}

/// A request for the reader; what is known only when an earlier change is made stands in braces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct KeptRequest {
    method: String,
    path: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    headers: Map<String, Value>,
    body: Option<Value>,
}

impl KeptWanted {
    pub(super) fn of(wanted: &Wanted) -> Self {
        Self {
            steps: wanted.steps.clone(),
            display_name: wanted.which.name.as_ref().map(Name::text),
            app_id: wanted.which.app_id.clone(),
            object_id: wanted.which.object_id.clone(),
            adopt: wanted.adopt,
            new_secret: wanted.new_secret,
            client_secret_lifetime: wanted.lifetime.to_string(),
            lock_credentials: wanted.lock_credentials,
            deleted_app: wanted.deleted_app,
        }
    }

    pub(super) fn to_wanted(&self, time: OffsetDateTime) -> Result<Wanted, Problem> {
        let takes_over = self.steps.contains(&StepName::Application);
        Ok(Wanted {
            steps: self.steps.clone(),
            which: Which {
                name: self.display_name.as_deref().map(|name| Name::of(name, takes_over)).transpose()?,
                app_id: self.app_id.clone(),
                object_id: self.object_id.clone(),
                takes_over,
            },
            adopt: self.adopt,
            new_secret: self.new_secret,
            renews: false,
            lifetime: wanted::lifetime(Some(&self.client_secret_lifetime), time)?,
            lock_credentials: self.lock_credentials,
            deleted_app: self.deleted_app,
            deleted_id: None,
        })
    }
}

impl KeptChange {
    pub(super) fn of(change: &Change, request: Option<Request>) -> Self {
        let Words { change: words, before, after } = Words::of(&change.kind);
        // By the id of what it makes, which is not known yet, it is taken back where it can be.
        let reason = match undo(change, Some("")) {
            Undo::Change(_) => "",
            Undo::Impossible(reason) => reason,
        };
        Self {
            step: change.step,
            change: words,
            before,
            after,
            reversible: reason.is_empty(),
            reason: reason.to_owned(),
            request: request.map(KeptRequest::of),
            value: change.kind.clone(),
        }
    }

    pub(super) fn change(&self) -> Change {
        self.value.clone().of(self.step)
    }
}

impl KeptRequest {
    fn of(request: Request) -> Self {
        let Request { method, path, headers, body, .. } = request;
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        Self { method: method.to_owned(), path, headers, body }
    }
}

impl std::fmt::Display for KeptRequest {
    /// Method and path, a line for each header, and the body.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (name, value) in &self.headers {
            write!(f, "\n{name}: {}", value.as_str().unwrap_or_default())?;
        }
        self.body.as_ref().map_or(Ok(()), |body| write!(f, "\n{body}"))
    }
}
