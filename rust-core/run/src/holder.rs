//! What a token says, in the runbook's terms.

use pp_runbook::sign_in_needs::Holder;
use pp_sign_in::token::Claims;

/// What a sign-in holds by its token's claims.
pub fn holder(claims: &Claims) -> Holder {
    Holder { person: claims.is_of_a_person(), permissions: claims.permissions(), roles: claims.wids.clone() }
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
