//! What gives a proof or a token to an application, in every kind of sign-in (the sign-in service, a pipeline's service, a managed
//! identity's endpoint): held answers, stumbles, and waits as it is asked to.

use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::{Cancel, CancelSource};
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_http::SendError;
use pp_report::error::OpError;
use pp_run::connection::Connection;
use pp_sign_in::Token;
use pp_sign_in::error::SignInError;
use pp_sign_in::federated::FederatedToken;
use pp_testing::machine::{
    AUDIENCE, FORMS, REPOSITORY, by_federated, by_identity, github, identity, machine, pipelines, trust,
};
use pp_testing::sign_in::{by_certificate, joined, register_certificate, token, twin};
use pp_testing::{TestResult, connect};
use tenant_twin::{ErrorBody, Fault, FaultKind, On, RetryAfter, Target, Twin};
use uuid::Uuid;

const KINDS: [&str; 9] =
    ["ClientSecret", "Certificate", "File", "GitHubActions", "AzurePipelines", FORMS[0], FORMS[1], FORMS[2], FORMS[3]];

/// A way to sign in that works, and where its requests go first.
struct Way {
    twin: Arc<Twin>,
    connection: Connection,
    first: Target,
    _folder: tempfile::TempDir,
}

fn way(kind: &str) -> Result<Way, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    if FORMS.contains(&kind) {
        let twin = machine(kind, folder.path())?;
        let connection = by_identity(&twin, identity(&twin, kind, None, folder.path())?)?;
        return Ok(Way { twin, connection, first: Target::Source, _folder: folder });
    }
    let (twin, service) = (twin()?, Uuid::new_v4());
    if kind == "ClientSecret" {
        let connection = connect(&twin, "admin")?;
        return Ok(Way { twin, connection, first: Target::Token, _folder: folder });
    }
    if kind == "Certificate" {
        register_certificate(&twin)?;
        let path = joined(folder.path(), &["certificate.pem", "key.pem"])?;
        let connection = by_certificate(&twin, &path)?;
        return Ok(Way { twin, connection, first: Target::Token, _folder: folder });
    }
    trust(&twin, REPOSITORY)?;
    trust(&twin, &format!("sc://contoso/tenant/{service}"))?;
    let (source, first) = match kind {
        "GitHubActions" => (github(&twin, "pipeline")?, Target::Source),
        "AzurePipelines" => (pipelines(&twin, "pipeline", service)?, Target::Source),
        _ => {
            let path = folder.path().join("token");
            std::fs::write(&path, twin.federated_token(REPOSITORY, AUDIENCE, Duration::from_hours(24)))?;
            (FederatedToken::File(path), Target::Token)
        }
    };
    let connection = by_federated(&twin, source)?;
    Ok(Way { twin, connection, first, _folder: folder })
}

fn ask(connection: &Connection, cancel: &Cancel, budget: Duration) -> Result<Arc<Token>, SignInError> {
    let budget = Budget::new(budget);
    connection.tokens.get(&Call { cancel, budget: &budget, log: &|_| () })
}

#[test]
fn cancel_ends_a_sign_in_whose_answer_is_held() -> TestResult {
    for kind in KINDS {
        let way = way(kind)?;
        way.twin.set_latency(Duration::from_mins(1));
        let (source, cancel) = CancelSource::new();
        let ended = thread::scope(|scope| {
            let asking = scope.spawn(|| ask(&way.connection, &cancel, DEFAULT_BUDGET));
            while way.twin.requests().is_empty() && !asking.is_finished() {
                thread::yield_now();
            }
            source.cancel();
            asking.join()
        });
        assert!(matches!(ended, Ok(Err(SignInError::Send(SendError::Cancelled)))), "{kind}");
        let [held] = &way.twin.requests()[..] else { return Err(format!("{kind}: one request").into()) };
        assert!(held.answered.is_none(), "{kind}: it was free before any answer");
    }
    Ok(())
}

#[test]
fn cancel_ends_the_wait_for_another_try() -> TestResult {
    for kind in KINDS {
        let way = way(kind)?;
        way.twin.add_fault(Fault::new(On::every(way.first), FaultKind::Throttled(RetryAfter::Seconds(1))).for_ever());
        let (source, cancel) = CancelSource::new();
        let budget = Budget::new(Duration::from_hours(1));
        let log = |_: &str| source.cancel();
        let ended = way.connection.tokens.get(&Call { cancel: &cancel, budget: &budget, log: &log });
        assert!(matches!(ended, Err(SignInError::Send(SendError::Cancelled))), "{kind}: {ended:?}");
        assert_eq!(way.twin.requests().len(), 1, "{kind}");
    }
    Ok(())
}

#[test]
fn what_passes_by_itself_is_waited_out() -> TestResult {
    let failed = |status, body| FaultKind::Failed { status, body, retry_after: RetryAfter::Absent };
    let stumbles = [
        FaultKind::Throttled(RetryAfter::Absent),
        failed(500, ErrorBody::Html),
        failed(502, ErrorBody::Empty),
        failed(503, ErrorBody::Json),
        FaultKind::RequestLost { reset: true },
        FaultKind::AnswerLost { reset: true },
        FaultKind::AnswerLost { reset: false },
        FaultKind::ResetInBody,
        FaultKind::Truncated { announced: true },
    ];
    for kind in KINDS {
        for stumble in &stumbles {
            let way = way(kind)?;
            way.twin.add_fault(Fault::new(On::every(way.first), stumble.clone()).times(2));
            token(&way.connection).map_err(|error| format!("{kind}, {stumble:?}: {error}"))?;
            assert_eq!(way.twin.faults_shown(), 2, "{kind}, {stumble:?}");
        }
    }
    Ok(())
}

#[test]
fn one_that_asks_for_time_is_given_it() -> TestResult {
    for kind in KINDS.into_iter().chain(["the sign-in service"]) {
        let way = way(if kind == "the sign-in service" { "GitHubActions" } else { kind })?;
        let on = On::every(if kind == "the sign-in service" { Target::Token } else { way.first });
        for asked in [FaultKind::Throttled(RetryAfter::Seconds(40)), FaultKind::Throttled(RetryAfter::Date(50))] {
            way.twin.add_fault(Fault::new(on.clone(), asked));
        }
        let before = way.twin.now();
        token(&way.connection)?;
        let waited = way.twin.now().duration_since(before)?;
        assert!(waited >= Duration::from_secs(40), "{kind}: {waited:?}");
    }
    Ok(())
}

#[test]
fn one_that_never_answers_ends_with_the_budget_and_is_named() -> TestResult {
    for (kind, id) in KINDS.into_iter().zip([
        "SignInBusy",
        "SignInBusy",
        "SignInBusy",
        "FederatedTokenUnavailable",
        "FederatedTokenUnavailable",
        "ManagedIdentityRefused",
        "ManagedIdentityRefused",
        "ManagedIdentityRefused",
        "ManagedIdentityRefused",
    ]) {
        for (fault, id) in
            [(FaultKind::Throttled(RetryAfter::Absent), id), (FaultKind::AnswerLost { reset: true }, "NetworkFailed")]
        {
            let way = way(kind)?;
            way.twin.add_fault(Fault::new(On::every(way.first), fault).for_ever());
            let error = ask(&way.connection, &Cancel::never(), Duration::from_secs(20)).err().ok_or("a token")?;
            let OpError::Failed(report) = OpError::from(error) else { return Err("cancelled".into()) };
            assert_eq!(report.id, format!("PPFederation.{id}"), "{kind}: {}", report.message);
            assert!(way.twin.requests().len() > 2, "{kind}: it was given time");
        }
    }
    Ok(())
}
