//! No server holds a job: a request ends with its own limit, however the answer is kept from coming.

use std::error::Error;
use std::time::Duration;

use pp_base::cancel::Cancel;
use pp_http::{Client, Limits, Request, SendError};
use pp_sign_in::environment::Environment;
use pp_testing::TestResult;
use reqwest::Method;
use tenant_twin::{Fault, FaultKind, On, Options, Target, Twin};
use url::Url;

/// Short, so that the tests are; the product's own are for a person's patience.
const LIMITS: Limits = Limits { connect: Duration::from_secs(10), whole: Duration::from_millis(300) };

/// One request to a twin that shows this fault for ever.
fn ask(kind: FaultKind) -> Result<SendError, Box<dyn Error>> {
    let twin = Twin::start(&Options { latency: Duration::ZERO, ..Options::default() })?;
    twin.add_fault(Fault::new(On::every(Target::Request), kind).for_ever());
    let endpoints = Environment::Custom.endpoints(Some(&twin.login()), Some(&twin.graph()))?;
    let url = Url::parse(&format!("{}/v1.0/organization", twin.graph()))?;
    let request = Request { method: Method::GET, url, headers: Vec::new(), body: None };
    match Client::new(&[&endpoints.login, &endpoints.graph], LIMITS)?.send(request, &Cancel::never()) {
        Ok(answer) => Err(format!("a whole answer came: {}", answer.status).into()),
        Err(error) => Ok(error),
    }
}

fn is_too_late(error: &SendError) -> bool {
    matches!(error, SendError::AnswerLost { reason, .. } if reason.contains("timed out"))
}

#[test]
fn an_answer_that_drips_in_ends_with_the_requests_limit() -> TestResult {
    // Each byte comes well within the limit, the whole would take a hundred times as long.
    let error = ask(FaultKind::Dripped { chunk: 1, every: Duration::from_millis(100) })?;
    assert!(is_too_late(&error), "{error}");
    Ok(())
}

#[test]
fn an_answer_that_never_comes_ends_with_the_requests_limit() -> TestResult {
    let error = ask(FaultKind::Delayed(Duration::from_mins(1)))?;
    assert!(is_too_late(&error), "{error}");
    Ok(())
}
