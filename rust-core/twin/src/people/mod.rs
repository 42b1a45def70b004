//! Signing in as a person: a simulated user at the browser, authorization codes, device codes, refresh tokens.
//!
//! Flows: Microsoft identity platform, "OAuth 2.0 authorization code flow", "device authorization grant", "Refresh tokens".
//! Assumption: where those pages leave the answer to a refusal open (which requests show it, `error` beside the AADSTS
//! number), each place says so.

pub(crate) mod authorize;
pub(crate) mod client;
pub(crate) mod device;
pub(crate) mod effective;
mod issue;
pub(crate) mod redeem;
pub(crate) mod refusals;
pub(crate) mod settings;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use time::OffsetDateTime;
use uuid::Uuid;

pub use settings::{IdTokenFlaw, Person, PersonAnswer, SignInSettings};

/// Everything the sign-in service remembers of people.
#[derive(Debug, Default)]
pub(crate) struct People {
    pub(crate) settings: SignInSettings,
    codes: HashMap<String, Code>,
    devices: HashMap<String, Device>,
    /// Those of all tenants at one address: a refresh token is of no tenant.
    refresh_tokens: Arc<Mutex<HashMap<String, Session>>>,
    /// Tenants whose people administer this one (GDAP), and in which roles, by template id.
    partners: HashMap<Uuid, Vec<String>>,
    /// Refresh tokens that are refused, by the AADSTS number.
    revoked: Option<u32>,
    /// Tokens for these services must be asked for with a claim of this time, since a challenge said so.
    pub(crate) challenged: HashMap<String, i64>,
}

/// What a sign-in gave, carried from code to tokens.
#[derive(Debug, Clone)]
struct Session {
    client_id: String,
    person: Person,
    /// The tenant that the person signed in to.
    home: Uuid,
    /// In a tenant that the person's administers: the roles of the relationship.
    delegated: Option<Vec<String>>,
    /// Names, as they were asked for.
    scopes: Vec<String>,
    nonce: Option<String>,
    /// Its access token is for the key vault instead of Graph.
    for_vault: bool,
}

/// An authorization code.
#[derive(Debug)]
struct Code {
    session: Session,
    redirect_uri: String,
    challenge: String,
    expires: OffsetDateTime,
    used: bool,
}

/// A device code.
#[derive(Debug)]
struct Device {
    session: Session,
    interval: u64,
    polls: u64,
    last_poll: Option<OffsetDateTime>,
    expires: OffsetDateTime,
    used: bool,
}

impl People {
    /// Refresh tokens of these are good here too, and the other way round.
    pub(crate) fn share_refresh_tokens(&mut self, others: &Self) {
        self.refresh_tokens = Arc::clone(&others.refresh_tokens);
    }

    /// People of this tenant administer the own one in these roles, by template id.
    pub(crate) fn let_in(&mut self, partner: Uuid, roles: &[&str]) {
        self.partners.insert(partner, roles.iter().map(|role| (*role).to_owned()).collect());
    }

    /// Refuses every refresh token from now on, those of later sign-ins too; `None` takes that back.
    pub(crate) fn refuse_refresh(&mut self, code: Option<u32>) {
        self.revoked = code;
    }
}
