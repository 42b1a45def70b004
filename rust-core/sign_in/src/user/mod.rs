//! A person signs in: in a browser ([`interactive`]) or with a code on another device ([`device_code`]). What stays is a
//! refresh token, in memory, from which access tokens are renewed without the person.

pub mod browser;
mod device_code;
mod grant;
mod id_token;
mod interactive;
mod loopback;
mod page;
mod pkce;
mod unanswered;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use url::Url;
use uuid::{Uuid, uuid};

use super::error::{SignInError, Unfit};
use super::request::{Ask, Form, Issued};
pub use id_token::Account;
use pp_base::secret::SecretText;

/// Microsoft Graph Command Line Tools: the client where the caller names none. Source: merill/microsoft-info, first-party
/// applications. A public client of the tenant's own is cleaner: what this one was consented to holds for all its users.
pub const COMMAND_LINE_TOOLS: Uuid = uuid!("14d82eec-204b-4c2f-b7e8-296a70dab67e");

/// The environment variable that names the client of people where the caller names none.
pub const CLIENT_VARIABLE: &str = "PPFEDERATION_CLIENT_ID";

/// Time to sign in in the browser, unless the caller sets another.
pub const TIME_TO_SIGN_IN: Duration = Duration::from_mins(5);

/// How the person signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// In a browser on this computer, within this time.
    Browser {
        /// From the moment the address is known.
        timeout: Duration,
    },
    /// In a browser anywhere, with a code.
    DeviceCode,
}

/// How the person is reached.
#[derive(Clone, Copy)]
pub struct Prompt<'a> {
    /// Shows a text.
    pub say: &'a (dyn Fn(&str) + Sync),
    /// Opens an address in a browser; false where none could be opened.
    pub open: &'a (dyn Fn(&Url) -> bool + Sync),
}

/// A connection's person.
#[derive(Debug)]
pub struct User {
    client_id: Uuid,
    /// Names of Microsoft Graph's delegated permissions.
    scopes: Mutex<Vec<String>>,
    method: Method,
    session: Mutex<Option<Session>>,
}

/// What a sign-in left.
#[derive(Debug, Clone)]
struct Session {
    /// The tenant that the person signed in to.
    tenant: Uuid,
    account: Account,
    /// `None` where the service gave none: the sign-in ends with its access token.
    refresh: Option<Arc<SecretText>>,
}

impl User {
    /// Nobody has signed in yet.
    pub fn new(client_id: Uuid, scopes: Vec<String>, method: Method) -> Self {
        Self { client_id, scopes: Mutex::new(scopes), method, session: Mutex::new(None) }
    }

    /// The client.
    pub fn client_id(&self) -> Uuid {
        self.client_id
    }

    /// The permissions that are asked for.
    pub fn scopes(&self) -> Vec<String> {
        self.scopes.lock().clone()
    }

    /// Asks for these from now on.
    pub fn ask_for(&self, scopes: Vec<String>) {
        *self.scopes.lock() = scopes;
    }

    /// The kind's name in results.
    pub fn kind(&self) -> &'static str {
        match self.method {
            Method::Browser { .. } => "Interactive",
            Method::DeviceCode => "DeviceCode",
        }
    }

    /// Who signed in.
    pub fn account(&self) -> Option<Account> {
        self.session.lock().as_ref().map(|session| session.account.clone())
    }

    /// Whether a token can be had without the person.
    pub(super) fn renews(&self) -> bool {
        self.session.lock().as_ref().is_some_and(|session| session.refresh.is_some())
    }

    /// A challenge waits for the person to sign in again.
    pub(super) fn keep_challenge(&self, ask: &Ask<'_>) {
        unanswered::keep(ask, self.client_id);
    }

    /// The challenge that waits for the person, who signs in now.
    pub(super) fn take_challenge(&self, ask: &Ask<'_>) -> Option<String> {
        unanswered::take(ask, self.client_id)
    }

    /// The person signs in.
    pub(super) fn sign_in(&self, ask: &Ask<'_>, prompt: Prompt<'_>) -> Result<Issued, SignInError> {
        let (grant, nonce) = match self.method {
            Method::Browser { timeout } => interactive::sign_in(ask, self, timeout, prompt)?,
            Method::DeviceCode => (device_code::sign_in(ask, self, prompt)?, None),
        };
        let account = id_token::account(grant.id_token.as_ref(), self.client_id, ask.tenant, nonce.as_deref())?;
        *self.session.lock() = Some(Session { tenant: ask.tenant, account, refresh: grant.refresh });
        Ok(grant.issued)
    }

    /// A new token from the refresh token: of any tenant that lets the person in, since a refresh token is of none. Connections to
    /// several tenants may ask at the same time, each with the newest one that there is: using one ends no other. Source: Microsoft
    /// identity platform, "Refresh tokens".
    pub(super) fn renew(&self, ask: &Ask<'_>) -> Result<Issued, SignInError> {
        let session = self.session.lock().clone();
        let Some(session) = session else { return Err(SignInError::Unfit(Unfit::NobodySignedIn)) };
        let Some(refresh) = session.refresh else { return Err(SignInError::Unfit(Unfit::NotRenewable)) };
        let renewed = ask.with_retry(|| {
            let form = self.form(ask, "refresh_token").with_secret("refresh_token", &refresh);
            grant::ask(ask, form).map_err(SignInError::of_renewal)
        });
        if renewed.as_ref().is_err_and(SignInError::is_final_refusal) {
            self.keep_challenge(ask);
        }
        let grant = renewed?;
        if grant.id_token.is_some() {
            let account = id_token::account(grant.id_token.as_ref(), self.client_id, ask.tenant, None)?;
            // In another tenant the same person may have another object id.
            if ask.tenant == session.tenant && account.id != session.account.id {
                return Err(SignInError::Unfit(Unfit::IdToken("it is of another person")));
            }
        }
        // The service may keep the old one in use.
        if let (Some(refresh), Some(session)) = (grant.refresh, self.session.lock().as_mut()) {
            session.refresh = Some(refresh);
        }
        Ok(grant.issued)
    }

    /// A token request of this client.
    fn form(&self, ask: &Ask<'_>, grant_type: &str) -> Form {
        Form::new(grant_type).with("client_id", &self.client_id.to_string()).with("scope", &self.scope(ask))
    }

    /// Scopes with the service's address, which national clouds need; and those of sign-in: `openid` and `profile` say who
    /// signed in, `offline_access` gives the refresh token.
    fn scope(&self, ask: &Ask<'_>) -> String {
        let mut scopes = vec!["openid profile offline_access".to_owned()];
        if ask.is_for_graph() {
            scopes.extend(self.scopes.lock().iter().map(|name| format!("{}/{name}", ask.audience.address)));
        } else {
            scopes.push(ask.audience.default_scope());
        }
        scopes.join(" ")
    }
}
