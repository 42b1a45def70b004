//! What a token says, in the runbook's terms.

use time::{Duration, OffsetDateTime};

use crate::apply::RunError;
use pp_graph::Graph;
use pp_graph::error::{GraphError, ServiceError};
use pp_runbook::denial::Refused;
use pp_runbook::plan::missing_permissions;
use pp_runbook::problem::{Missing, Problem};
use pp_runbook::sign_in_needs::Holder;
use pp_runbook::step::StepName;
use pp_sign_in::token::Claims;

/// What a sign-in holds by its token's claims.
pub fn holder(claims: &Claims) -> Holder {
    Holder {
        person: claims.is_of_a_person(),
        permissions: claims.permissions(),
        roles: claims.wids.clone(),
        issued: claims.issued_on(),
    }
}

/// Looks into a refusal.
pub fn looked_into<T>(error: &ServiceError, judge: impl FnOnce(Refused<'_>) -> T) -> Option<T> {
    let at = error.refused.as_ref()?.at;
    let holder = error.refused.as_ref().and_then(|refused| refused.claims.as_ref()).map(holder);
    Some(judge(Refused { code: &error.code, message: &error.message, holder: holder.as_ref(), at }))
}

/// What a token is good for.
#[derive(Debug, Clone)]
pub struct Writes {
    /// What it holds; nothing of one that can't be read: that is tried, and the service says what it lacks.
    pub holder: Option<Holder>,
    /// What it lacks.
    pub missing: Vec<Missing>,
}

/// What the token is good for, for the writes of these steps. One that lacks something for them, and is a minute old, is asked for
/// anew where it can be: it may have been granted meanwhile.
pub fn writes(graph: &Graph<'_>, steps: &[StepName]) -> Result<Writes, GraphError> {
    let (holder, missing) = judged(graph, |holder| missing_permissions(steps, &holder.permissions))?;
    Ok(Writes { holder, missing })
}

/// What the token holds, and what it lacks of what isn't done by the runbook's steps, judged in the same way.
pub fn judged<M>(
    graph: &Graph<'_>,
    missing: impl Fn(&Holder) -> Vec<M>,
) -> Result<(Option<Holder>, Vec<M>), GraphError> {
    let look = || -> Result<(Option<Holder>, Vec<M>), GraphError> {
        let token = graph.tokens.get(&graph.call)?;
        let holder = token.claims.as_ref().map(holder);
        let missing = holder.iter().flat_map(&missing).collect();
        Ok((holder, missing))
    };
    let found = look()?;
    if !found.1.is_empty() && renewed(graph)? { look() } else { Ok(found) }
}

/// Ends what the token has no permission for, before anything is sent: the writes of these steps.
pub(crate) fn check_writes(graph: &Graph<'_>, steps: &[StepName]) -> Result<Option<Holder>, RunError> {
    let Writes { holder, missing } = writes(graph, steps)?;
    if missing.is_empty() {
        return Ok(holder);
    }
    Err(match outdated(graph, holder.as_ref()) {
        Some(issued) => Problem::TokenOutdated { missing, issued }.into(),
        None => Problem::PermissionMissing(missing).into(),
    })
}

/// When a token was issued that is so old that something may have been granted since.
pub fn outdated(graph: &Graph<'_>, holder: Option<&Holder>) -> Option<OffsetDateTime> {
    holder.filter(|holder| holder.is_old(graph.now())).and_then(|holder| holder.issued)
}

/// Lets go of a token that is a minute old, where another can be had without anybody; whether it did.
pub(crate) fn renewed(graph: &Graph<'_>) -> Result<bool, GraphError> {
    let token = graph.tokens.get(&graph.call)?;
    let issued = token.claims.as_ref().and_then(Claims::issued_on);
    let old = issued.is_some_and(|issued| graph.now() - issued > Duration::MINUTE);
    if !old || !graph.tokens.credential().renews() {
        return Ok(false);
    }
    (graph.call.log)("the token lacks a permission that may have been granted since: asking for another");
    graph.tokens.refused(&token, None, &graph.call)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use pp_runbook::types;
    use pp_sign_in::audience;

    #[test]
    fn the_runbook_and_the_sign_in_mean_the_same_microsoft_graph() {
        assert_eq!(types::GRAPH_APP_ID, audience::GRAPH_APP_ID);
    }
}
