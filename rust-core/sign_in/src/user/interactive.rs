//! In the browser: authorization code with a proof key, on a loopback redirect. Source: Microsoft identity platform, "OAuth
//! 2.0 authorization code flow".

use std::time::Duration;

use url::Url;

use super::super::error::SignInError;
use super::super::request::{self, Ask};
use super::grant::{self, Grant};
use super::loopback::{Brought, Loopback};
use super::pkce::{Pkce, random};
use super::{Prompt, User};

/// Signs in; with the tokens comes the nonce that the id token must carry.
pub(super) fn sign_in(
    ask: &Ask<'_>,
    user: &User,
    timeout: Duration,
    prompt: Prompt<'_>,
) -> Result<(Grant, Option<String>), SignInError> {
    let (pkce, state, nonce) = (Pkce::new()?, random()?, random()?);
    let loopback = Loopback::open(state.clone())?;
    let redirect = loopback.redirect_uri();
    let address = address(
        ask,
        user,
        &[("redirect_uri", &redirect), ("state", &state), ("nonce", &nonce), ("code_challenge", &pkce.challenge)],
    )?;
    let how = if (prompt.open)(&address) {
        "A browser was opened to sign in. If none shows up, open this address in a browser on this computer:"
    } else {
        "To sign in, open this address in a browser on this computer (elsewhere use -DeviceCode):"
    };
    (prompt.say)(&format!("{how}\n{address}"));
    let code = match loopback.wait(ask.clock, timeout, ask.call.cancel)? {
        Brought::Code(code) => code,
        Brought::Refusal { error, description } => return Err(refused(error, &description)),
    };
    drop(loopback);
    // A code is good once: what became of it is not known after a lost answer, and it isn't sent again then.
    let grant = ask.again_after(SignInError::was_turned_away, || {
        let form = user
            .form(ask, "authorization_code")
            .with_secret("code", &code)
            .with("redirect_uri", &redirect)
            .with_secret("code_verifier", &pkce.verifier);
        grant::ask(ask, form)
    })?;
    Ok((grant, Some(nonce)))
}

/// The tenant's own authority, never `common`: over delegated administration it is the customer's tenant that is signed
/// in to.
fn address(ask: &Ask<'_>, user: &User, fields: &[(&str, &str)]) -> Result<Url, SignInError> {
    let address = ask.endpoint("authorize");
    let mut url = Url::parse(&address).map_err(|e| SignInError::unreadable(0, format!("{address}: {e}")))?;
    url.query_pairs_mut()
        .append_pair("client_id", &user.client_id.to_string())
        .append_pair("response_type", "code")
        .append_pair("response_mode", "query")
        .append_pair("scope", &user.scope(ask))
        .append_pair("code_challenge_method", "S256")
        .append_pair("prompt", "select_account")
        .append_pair("claims", &ask.claims())
        .extend_pairs(fields);
    Ok(url)
}

fn refused(error: String, description: &str) -> SignInError {
    SignInError::Refused(request::refusal(0, error, description, &[], String::new()))
}
