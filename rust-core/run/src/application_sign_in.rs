//! Signing in as the new application, by one of its secrets: what a fresh token shows is the surest sign of all.

use crate::evidence::Evidence;
use pp_base::retry::Tries;
use pp_base::secret::SecretText;
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_http::SendError;
use pp_runbook::step::StepName;
use pp_sign_in::Token;
use pp_sign_in::error::{Refusal, SignInError};
use uuid::Uuid;

/// Sign-in errors that mean "not yet" for an application or secret of moments ago: unknown application, wrong secret,
/// service principal missing. Source: Entra documentation, authentication error codes; field reports of up to a minute.
const NOT_YET: [u32; 4] = [700_016, 7_000_215, 7_000_229, 500_011];

/// The application is switched off: likewise "not yet", for one whose service principal was enabled moments ago.
const DISABLED: u32 = 7_000_112;

/// Conditional Access, which is judged after the credential, so that it says nothing against the secret. Source: Entra
/// documentation, authentication error codes; "Conditional Access for workload identities".
const CONDITIONAL_ACCESS: [u32; 2] = [53003, 530_032];

/// What signs in, and when it may be waited for.
pub(crate) struct Trial<'a> {
    /// The application (client) id.
    pub(crate) app_id: &'a str,
    pub(crate) secret: &'a SecretText,
    /// The application permissions that it can be granted.
    pub(crate) grantable: &'a [&'static str],
    /// The service principal was enabled, or made, moments ago, and nothing that was read keeps it from signing in.
    pub(crate) principal_changed: bool,
}

/// Signs in until the token shows what these steps are to bring about, the service refuses for good, or the retry budget is
/// spent.
pub(crate) fn until_shown(graph: Graph<'_>, trial: &Trial<'_>, steps: &[StepName]) -> Result<Evidence, GraphError> {
    let mut tries = Tries::default();
    loop {
        let (evidence, why) = match once(graph, trial)? {
            (evidence, Some(why)) => (evidence, why),
            (evidence, None) if evidence.is_final() || evidence.suffices(steps) => return Ok(evidence),
            (evidence, None) => (evidence, "a fresh token doesn't show all of it yet".to_owned()),
        };
        if !tries.again(graph.clock, &graph.call, None, &why)? {
            return Ok(evidence);
        }
    }
}

/// Why a secret doesn't do what it is for, as far as one sign-in shows; nothing where it does.
pub fn doubts(
    graph: Graph<'_>,
    app_id: &str,
    secret: &SecretText,
    grantable: &[&'static str],
) -> Result<Vec<String>, GraphError> {
    let trial = Trial { app_id, secret, grantable, principal_changed: false };
    let (evidence, why) = once(graph, &trial)?;
    let refused = evidence.refusal().map(str::to_owned).or(why);
    Ok(refused.map_or_else(|| evidence.lacks(), |words| vec![words]))
}

/// Signs in once with a secret that is to be put in place. In words, what keeps it from that here where the secret is right all the
/// same.
pub fn prove(graph: Graph<'_>, client: Uuid, secret: &SecretText) -> Result<Option<String>, SignInError> {
    match graph.tokens.sign_in_as(client, secret, &graph.call) {
        Ok(_) => Ok(None),
        Err(error) if is_blocked(&error) => Ok(Some(words(&error))),
        Err(error) => Err(error),
    }
}

/// Signs in once; with the reason, where that may be another a moment later.
fn once(graph: Graph<'_>, trial: &Trial<'_>) -> Result<(Evidence, Option<String>), GraphError> {
    let Ok(client) = Uuid::parse_str(trial.app_id) else { return Ok((Evidence::refused(), None)) };
    match graph.tokens.sign_in_as(client, trial.secret, &graph.call) {
        Ok(Token { claims: None, .. }) => Ok((Evidence::signed_in(), None)),
        Ok(Token { claims: Some(claims), .. }) => Ok((Evidence::from_token(&claims, trial.grantable), None)),
        Err(SignInError::Send(cancelled @ SendError::Cancelled)) => Err(cancelled.into()),
        Err(error) if error.passes() || is_not_yet(&error, trial) => Ok((Evidence::refused(), Some(error.to_string()))),
        Err(error) => {
            (graph.call.log)(&format!("signing in with the secret: {error}"));
            let refused = if is_blocked(&error) { Evidence::blocked } else { Evidence::refused_for_good };
            Ok((refused(words(&error)), None))
        }
    }
}

fn is_not_yet(error: &SignInError, trial: &Trial<'_>) -> bool {
    let SignInError::Refused(refusal) = error else { return false };
    NOT_YET.contains(&refusal.code) || (refusal.code == DISABLED && trial.principal_changed)
}

/// Conditional Access alone is in the way.
fn is_blocked(error: &SignInError) -> bool {
    matches!(error, SignInError::Refused(refusal) if CONDITIONAL_ACCESS.contains(&refusal.code))
}

/// What is the matter, and who can lift it.
fn words(error: &SignInError) -> String {
    match error {
        SignInError::Refused(refusal @ Refusal { code: DISABLED, .. }) => format!(
            "it can't sign in, since the application or its service principal is switched off ({refusal}). An Application \
             Administrator activates it again"
        ),
        SignInError::Refused(refusal) if is_blocked(error) => format!(
            "it is right, but Conditional Access for workload identities blocks its sign-in from here ({refusal}). A \
             Conditional Access Administrator can leave the service principal out of that policy; whether Practice Protect's own \
             addresses are blocked too can't be seen from here"
        ),
        error => format!("it can't sign in: {error}"),
    }
}
