//! A person who signs in: the twin answers the browser's request at once, and this is the browser.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_run::connection::Connection;
use pp_runbook::sign_in_needs::delegated;
use pp_runbook::step::StepName;
use pp_sign_in::error::{Refusal, SignInError};
use pp_sign_in::user::{COMMAND_LINE_TOOLS, Method, Prompt, User};
use pp_sign_in::{Credential, Token};
use tenant_twin::{Options, Twin};
use url::Url;

use crate::{Tenant, connect_by};

/// In the browser, with the usual time.
pub const BROWSER: Method = Method::Browser { timeout: Duration::from_mins(5) };

/// A twin without latency and a connection to which a person has still to sign in.
pub fn tenant(method: Method) -> Result<Tenant, Box<dyn Error>> {
    tenant_with(method, &Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() })
}

/// The same with a twin of these options.
pub fn tenant_with(method: Method, options: &Options) -> Result<Tenant, Box<dyn Error>> {
    let twin = Arc::new(Twin::start(options)?);
    let connection = connect_by(&twin, credential(method))?;
    Ok(Tenant { twin, connection, warnings: Mutex::default(), verbose: Mutex::default() })
}

/// A person who signs in so, for all steps.
pub fn credential(method: Method) -> Credential {
    let scopes = delegated(&StepName::ALL).into_iter().map(str::to_owned).collect();
    Credential::User(Box::new(User::new(COMMAND_LINE_TOOLS, scopes, method)))
}

/// Follows the address as a browser does; what it was shown in the end.
pub fn browse(address: &str) -> Result<(u16, String), Box<dyn Error + Send + Sync>> {
    let browser = reqwest::blocking::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build()?;
    let answer = browser.get(address).send()?;
    Ok((answer.status().as_u16(), answer.text()?))
}

/// What was shown to the person, and what came of it.
pub struct SignedIn {
    /// What the person was told.
    pub said: Vec<String>,
    /// What the browser was shown.
    pub pages: Vec<(u16, String)>,
    /// The token, or why there is none.
    pub result: Result<Arc<Token>, SignInError>,
}

/// The person signs in, in the browser that the connection opens.
pub fn sign_in(connection: &Connection) -> SignedIn {
    sign_in_by(connection, &Cancel::never(), &|address| browse(address.as_str()).ok())
}

/// The same with another browser: the page it was shown in the end, or none.
pub fn sign_in_by(
    connection: &Connection,
    cancel: &Cancel,
    browser: &(dyn Fn(&Url) -> Option<(u16, String)> + Sync),
) -> SignedIn {
    let (said, pages) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let say = |text: &str| said.lock().push(text.to_owned());
    let open = |address: &Url| {
        let page = browser(address);
        let opened = page.is_some();
        pages.lock().extend(page);
        opened
    };
    let budget = Budget::new(DEFAULT_BUDGET);
    let call = Call { cancel, budget: &budget, log: &|_| () };
    let result = connection.tokens.sign_in_person(Prompt { say: &say, open: &open }, &call);
    SignedIn { said: said.into_inner(), pages: pages.into_inner(), result }
}

/// A token that is good now.
pub fn token(connection: &Connection) -> Result<Arc<Token>, SignInError> {
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    connection.tokens.get(&Call { cancel: &cancel, budget: &budget, log: &|_| () })
}

/// The service's refusal, which must be one.
pub fn refusal(result: Result<Arc<Token>, SignInError>) -> Result<Refusal, Box<dyn Error>> {
    match result {
        Err(SignInError::Refused(refusal)) => Ok(refusal),
        Err(other) => Err(format!("no refusal: {other}").into()),
        Ok(_) => Err("a token".into()),
    }
}
