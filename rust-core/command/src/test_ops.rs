//! Ops that only the tests call: they bring a job into states that no real op reaches at will. Never in a packaged build.

use std::time::Duration;

use serde::Deserialize;

use crate::output::Output;
use crate::{BadRequest, Op, SecretBlock, SecretReference};
use pp_base::secret::SecretText;
use pp_report::clixml::{Object, Value};
use pp_report::error::OpError;

/// How many bytes one event of `test.fill` has.
const FILL_CHUNK: usize = 64 * 1024;

/// `test.panic`: panics.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Panic {}

/// `test.fill`: verbose events of 64 KiB until so many bytes are queued.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fill {
    bytes: usize,
}

/// `test.echo`: gives an object with the text back and, if there is one, the secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EchoRequest {
    text: String,
    secret: Option<SecretReference>,
}

/// `test.wait`: waits until it is cancelled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {}

/// An echo whose secret is resolved.
#[derive(Debug)]
pub(crate) struct Echo {
    text: String,
    secret: Option<SecretText>,
}

impl EchoRequest {
    pub(crate) fn resolve(self, secrets: &SecretBlock) -> Result<Echo, BadRequest> {
        let secret = self.secret.map(|reference| secrets.resolve(reference));
        Ok(Echo { text: self.text, secret: secret.transpose()? })
    }
}

impl Op for Panic {
    fn run(self: Box<Self>, _output: &Output) -> Result<(), OpError> {
        fail()
    }
}

impl Op for Wait {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        loop {
            output.cancel().wait(Duration::from_hours(1))?;
        }
    }
}

#[expect(clippy::panic, reason = "the tests see what becomes of it")]
fn fail() -> Result<(), OpError> {
    panic!("test.panic was asked for");
}

impl Op for Fill {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let mut left = self.bytes;
        while left > 0 {
            let chunk = left.min(FILL_CHUNK);
            output.verbose("x".repeat(chunk))?;
            left -= chunk;
        }
        Ok(())
    }
}

impl Op for Echo {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let number = self.secret.as_ref().map(|secret| output.secret(secret));
        let secret = number.transpose()?.map(Value::SecretReference);
        let object =
            Object::new("PPFederation.TestEcho").with("Text", self.text).with("Secret", secret.unwrap_or(Value::Null));
        Ok(output.object(&object)?)
    }
}
