//! Where an op's new secret is to go: what the request says, and what becomes of the secret.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::operation::Operation;
use crate::catalogue as c;
use crate::error::{OpError, Report};
use crate::job::Output;
use crate::runbook::apply::{MadeSecret, Outcome, StepResult};
use crate::runbook::observed::AppIds;
use crate::runbook::other_secrets::removal;
use crate::runbook::placed::remember;
use crate::runbook::step::StepName;
use crate::runbook::wanted::Wanted;
use crate::sink::Sink;
use crate::sink::envelope::Recipient;
use crate::sink::sealed_file::{SealedFile, recipient_invalid};

/// `sink` of a request: a kind, and the fields that go with it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SinkRequest {
    kind: Option<String>,
    path: Option<String>,
    /// Base64 of DER.
    certificate: Option<String>,
    certificate_path: Option<String>,
    #[serde(default)]
    force: bool,
}

impl SinkRequest {
    /// Makes sure that the sink can take a secret, before there is one.
    pub(super) fn ready(&self, operation: &Operation, _output: &Output) -> Result<Sink, OpError> {
        let file = [self.path.is_some(), self.certificate.is_some() || self.certificate_path.is_some()];
        match (self.kind.as_deref().map(str::to_lowercase).as_deref(), file) {
            (Some("sealedfile"), [true, true]) => self.sealed_file(operation),
            (Some("sealedfile"), _) => Err(invalid("SealedFile needs a path and the recipient's certificate")),
            (Some("scriptblock"), [false, false]) => Ok(Sink::Caller),
            (Some("scriptblock"), _) => Err(invalid("a script block takes no other parameter of a sink")),
            (Some(other), _) => Err(invalid(&format!("'{other}' is neither SealedFile nor a script block"))),
            (None, _) => Err(invalid("parameters of a sink were given without -SecretSink")),
        }
    }

    fn sealed_file(&self, operation: &Operation) -> Result<Sink, OpError> {
        let now = operation.connection.clock().now();
        let recipient = Recipient::read(&self.certificate()?, now).map_err(|error| recipient_invalid(&error))?;
        let path = Path::new(self.path.as_deref().unwrap_or_default());
        Ok(Sink::SealedFile(Box::new(SealedFile::prepare(path, recipient, self.force)?)))
    }

    fn certificate(&self) -> Result<Vec<u8>, OpError> {
        let unreadable = |why: String| c::RECIPIENT_INVALID.report(why);
        match (&self.certificate, &self.certificate_path) {
            (Some(text), None) => Ok(STANDARD
                .decode(text)
                .map_err(|error| unreadable(format!("the certificate is not base64: {error}")))?),
            (None, Some(path)) => {
                let why = |error| unreadable(format!("the certificate '{path}' can't be read: {error}")).target(path);
                Ok(std::fs::read(path).map_err(why)?)
            }
            _ => Err(invalid("the certificate is given twice, or not at all")),
        }
    }
}

fn invalid(what: &str) -> OpError {
    c::SINK_INVALID.report(what).into()
}

/// What became of a new secret.
pub(super) enum Delivered {
    /// It lies in the sink, at this place.
    There(&'static str, String),
    /// The caller gets it, and passes it on.
    ToCaller,
    /// The sink did not take it: the caller gets it with this error.
    Failed(Box<Report>),
}

/// Puts the new secret into its sink, and has the tenant remember it.
pub(super) fn deliver(
    operation: &Operation,
    output: &Output,
    sink: Sink,
    wanted: &Wanted,
    outcome: &Outcome,
    secret: &MadeSecret,
) -> Result<Delivered, OpError> {
    if replaces_another(wanted, outcome) && !signs_in(outcome) {
        let why = "it has not been seen to sign in, and what it replaces stays in place";
        return Ok(Delivered::Failed(Box::new(not_placed(secret, why))));
    }
    let name = sink.name();
    if matches!(sink, Sink::Caller) {
        return Ok(Delivered::ToCaller);
    }
    let location = match sink.put(&secret.text) {
        Ok(location) => location,
        Err(OpError::Failed(report)) => {
            return Ok(Delivered::Failed(Box::new(not_placed(secret, &report.message))));
        }
        Err(cancelled @ OpError::Cancelled(_)) => return Err(cancelled),
    };
    if let Some(application) = &outcome.application {
        let ids = AppIds::of(application);
        let remembered = operation.run(output, |graph, _| remember(graph, wanted, &ids, &secret.key_id));
        if let Err(error) = remembered {
            output.warning(format!("the secret is in place, but the tenant doesn't remember that: {error}"))?;
        }
    }
    Ok(Delivered::There(name, location))
}

fn replaces_another(wanted: &Wanted, outcome: &Outcome) -> bool {
    let secrets = outcome.observed.app(wanted.adopt).map(|application| application.password_credentials.len());
    wanted.new_secret && secrets.is_none_or(|count| count > 1)
}

fn signs_in(outcome: &Outcome) -> bool {
    outcome.steps.iter().any(|row| row.step == StepName::ClientSecret && row.result == StepResult::Done)
}

fn not_placed(secret: &MadeSecret, why: &str) -> Report {
    let key_id = &secret.key_id;
    let message =
        format!("client secret {key_id} was made, but not put in place: {why}. To remove it: {}", removal(key_id));
    c::SECRET_NOT_PLACED.report(message).target(key_id.as_str()).of_one_item()
}
