//! Reading back what a run wrote: "there" means two reads in a row that agree, and a token of the new secret beside them.

use crate::apply::Voice;

use crate::evidence::Evidence;
use crate::made::{Made, MadeSecret};
use crate::observe::observe;
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_http::SendError;
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::plan::{is_settled, judge, reads};
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_sign_in::Token;
use pp_sign_in::error::SignInError;
use uuid::Uuid;

/// Reads in a row that must show what was written.
pub(crate) const AGREEING_READS: u32 = 2;

/// Sign-in errors that mean "not yet" for an application or secret of moments ago: unknown application, wrong secret,
/// service principal missing. Source: Entra documentation, authentication error codes; field reports of up to a minute.
const NOT_YET: [u32; 4] = [700_016, 7_000_215, 7_000_229, 500_011];

/// What was read back.
pub(crate) struct Seen {
    pub(crate) observed: Observed,
    pub(crate) evidence: Evidence,
    /// All of it was seen within the retry budget.
    pub(crate) agreed: bool,
}

/// Reads until the reads agree or the retry budget is spent.
pub(crate) fn verify(
    graph: Graph<'_>,
    voice: Voice<'_>,
    wanted: &Wanted,
    made: &Made,
    known: Option<&AppIds>,
) -> Result<Seen, GraphError> {
    (voice.progress)("Reading back what was written", 80);
    std::thread::scope(|scope| {
        let token = made.secret.as_ref().zip(known).map(|(secret, known)| {
            let check = move || sign_in(graph, wanted, secret, known);
            std::thread::Builder::new().name("pp-sign-in".into()).spawn_scoped(scope, check)
        });
        let reads = read_back(graph, wanted, made, known);
        let evidence = match token {
            None => Ok(Evidence::default()),
            Some(Err(e)) => Err(GraphError::SignIn(SignInError::Local(format!("no thread for the sign-in: {e}")))),
            // A panic there is a bug, which must stay one here.
            Some(Ok(thread)) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        };
        let (observed, agreed) = reads?;
        let evidence = evidence?;
        let shown = made.secret.is_none() || evidence.suffices(&wanted.steps);
        Ok(Seen { observed, evidence, agreed: agreed && shown })
    })
}

/// Reads until the reads agree, or the retry budget is spent.
pub(crate) fn read_back(
    graph: Graph<'_>,
    wanted: &Wanted,
    made: &Made,
    known: Option<&AppIds>,
) -> Result<(Observed, bool), GraphError> {
    let look_ups: Vec<LookUp> = reads(&wanted.steps);
    let (mut agreeing, mut tries) = (0, Tries::default());
    loop {
        let observed = observe(&graph, &look_ups, wanted, known)?;
        if shows(&observed, graph, wanted, made) {
            agreeing += 1;
            if agreeing == AGREEING_READS {
                return Ok((observed, true));
            }
            continue;
        }
        agreeing = 0;
        if !tries.again(graph.clock, &graph.call, None, "not everything written is visible yet")? {
            return Ok((observed, false));
        }
    }
}

/// True when a read shows everything this run wrote.
fn shows(observed: &Observed, graph: Graph<'_>, wanted: &Wanted, made: &Made) -> bool {
    let mut steps = judge(observed, wanted, graph.clock.now());
    steps.retain(|step| made.touched(step.name));
    let secret = |secret: &MadeSecret| {
        let secrets = observed.app(wanted.adopt).map(|app| app.password_credentials.as_slice());
        secrets.unwrap_or_default().iter().any(|has| has.key_id == secret.key_id)
    };
    is_settled(&steps, observed)
        && (!wanted.includes(StepName::ClientSecret) || made.secret.as_ref().is_none_or(secret))
}

/// Signs in with the new secret until its token shows consent and role.
fn sign_in(graph: Graph<'_>, wanted: &Wanted, secret: &MadeSecret, known: &AppIds) -> Result<Evidence, GraphError> {
    let Ok(client) = Uuid::parse_str(&known.app_id) else { return Ok(Evidence::refused()) };
    let steps: Vec<StepName> = wanted.steps.clone();
    let mut tries = Tries::default();
    loop {
        let (evidence, why) = match graph.tokens.sign_in_as(client, &secret.text, &graph.call) {
            Ok(Token { claims: None, .. }) => return Ok(Evidence::signed_in()),
            Ok(Token { claims: Some(claims), .. }) => {
                (Evidence::from_token(&claims), "a fresh token doesn't show all of it yet".to_owned())
            }
            Err(SignInError::Send(cancelled @ SendError::Cancelled)) => return Err(cancelled.into()),
            Err(error) if error.passes() || is_not_yet(&error) => (Evidence::refused(), error.to_string()),
            Err(error) => {
                (graph.call.log)(&format!("signing in with the new secret: {error}"));
                return Ok(Evidence::refused());
            }
        };
        if evidence.suffices(&steps) {
            return Ok(evidence);
        }
        if !tries.again(graph.clock, &graph.call, None, &why)? {
            return Ok(evidence);
        }
    }
}

fn is_not_yet(error: &SignInError) -> bool {
    matches!(error, SignInError::Refused(refusal) if NOT_YET.contains(&refusal.code))
}
