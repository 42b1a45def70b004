//! Signing in: clouds, where tokens come from and how long they are kept. Tokens live in memory only.
#![forbid(unsafe_code)]

mod assertion;
pub mod audience;
pub mod certificate;
pub mod claims;
mod client_secret;
mod credential;
pub mod domain;
pub mod environment;
pub mod error;
pub mod federated;
pub mod managed_identity;
mod request;
pub mod token;
pub mod user;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use time::OffsetDateTime;
use uuid::Uuid;

use audience::Audience;
pub use credential::Credential;
use environment::Endpoints;
use error::{SignInError, Unfit};
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::clock::Clock;
use pp_base::gate::Gate;
use pp_base::retry::Budget;
use pp_base::secret::SecretText;
use pp_http::Client;
pub use pp_http::is_loopback;
use pp_words::instant;
use request::Ask;
pub use request::TRANSIENT;
use token::Claims;
use user::{Account, Prompt};

/// A token this near its end is renewed before it is used.
const RENEW_BEFORE: Duration = Duration::from_mins(5);
/// One this near its end isn't counted on any more: a request takes its time.
const LAST_MOMENT: Duration = Duration::from_secs(30);
/// How long a token is used as it is after its renewal has failed by what passes.
const NOT_AGAIN: Duration = Duration::from_secs(30);
/// How often a thread that waits for another one's sign-in looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);

/// What a call of one of the tenant's services takes: a way to send, tokens, time, and what belongs to the operation.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// Sends.
    pub client: &'a Client,
    /// Signs in.
    pub tokens: &'a Tokens,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Asked before each write, where somebody has to allow them.
    pub gate: Option<&'a dyn Gate>,
    /// Cancel, budget and verbose stream of the operation.
    pub call: Call<'a>,
}

/// A token and what it says.
#[derive(Debug)]
pub struct Token {
    /// The service it is for.
    audience: Audience,
    /// Goes into the `Authorization` header.
    pub text: Arc<SecretText>,
    /// What it says of itself; `None` where it can't be read, which a token of Graph's may be one day.
    pub claims: Option<Claims>,
    /// When it ends, by this machine's clock.
    pub expires_on: OffsetDateTime,
}

impl Token {
    /// Permissions the token carries; `None` where it can't be read.
    pub fn permissions(&self) -> Option<Vec<String>> {
        self.claims.as_ref().map(Claims::permissions)
    }
}

/// Gives one connection its tokens: one tenant, one credential, one sign-in at a time.
#[derive(Debug)]
pub struct Tokens {
    tenant: Uuid,
    endpoints: Endpoints,
    graph: Audience,
    credential: Arc<Credential>,
    client: Client,
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<Audience, Kept>>,
}

/// What is kept for one service.
#[derive(Debug, Default)]
struct Kept {
    token: Option<Arc<Token>>,
    /// What the service's last challenge wants tokens to carry. It goes with every later request for one: the claims ask for
    /// a token not older than some time, or for proof that stays given.
    challenge: Option<String>,
    /// Until then, by the clock's [`Clock::elapsed`], a token that is good is not renewed.
    renew_from: Duration,
}

impl Tokens {
    /// Tokens of one tenant; nothing is asked for yet. Connections to several tenants may sign in with one credential.
    pub fn new(
        tenant: Uuid,
        endpoints: Endpoints,
        credential: impl Into<Arc<Credential>>,
        client: Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let graph = Audience::graph(&endpoints.graph);
        Self { tenant, endpoints, graph, credential: credential.into(), client, clock, kept: Mutex::default() }
    }

    /// How this connection signs in.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The same, to sign in to other tenants with.
    pub fn shared_credential(&self) -> Arc<Credential> {
        Arc::clone(&self.credential)
    }

    /// The person who signed in, where one did.
    pub fn account(&self) -> Option<Account> {
        if let Credential::User(user) = &*self.credential { user.account() } else { None }
    }

    /// A token for Microsoft Graph that is good for the next minutes.
    pub fn get(&self, call: &Call<'_>) -> Result<Arc<Token>, SignInError> {
        self.get_for(&self.graph, call)
    }

    /// The last token for Microsoft Graph, whether it is still good or not; nobody is asked for one.
    pub fn held(&self, cancel: &Cancel) -> Result<Option<Arc<Token>>, SignInError> {
        Ok(self.lock(cancel)?.get(&self.graph).and_then(|kept| kept.token.clone()))
    }

    /// A token of the same credential for a service that is good for the next minutes. Each service's token is kept.
    pub fn get_for(&self, audience: &Audience, call: &Call<'_>) -> Result<Arc<Token>, SignInError> {
        let mut all = self.lock(call.cancel)?;
        let kept = all.entry(audience.clone()).or_default();
        let good = kept.token.clone().filter(|token| self.good(token));
        let token = match good {
            Some(token) if self.fresh(&token) || self.clock.elapsed() < kept.renew_from => return Ok(token),
            Some(token) => {
                // Once, without a wait: it is used to its end before anybody waits for another.
                let call = &Call { budget: &Budget::new(Duration::ZERO), ..*call };
                match self.sign_in(audience, kept.challenge.as_deref(), call) {
                    Err(error) if error.passes() => {
                        let end = instant(token.expires_on);
                        (call.log)(&format!("sign-in: {error}; the token that is there is good until {end}"));
                        kept.renew_from = self.clock.elapsed() + NOT_AGAIN;
                        return Ok(token);
                    }
                    renewed => renewed?,
                }
            }
            None => self.sign_in(audience, kept.challenge.as_deref(), call)?,
        };
        Ok(Arc::clone(kept.token.insert(Arc::new(token))))
    }

    /// The person of the connection signs in; their token for Microsoft Graph is kept.
    pub fn sign_in_person(&self, prompt: Prompt<'_>, call: &Call<'_>) -> Result<Arc<Token>, SignInError> {
        let Credential::User(user) = &*self.credential else { return self.get(call) };
        let mut all = self.lock(call.cancel)?;
        let kept = all.entry(self.graph.clone()).or_default();
        if let Some(challenge) = user.take_challenge(&self.ask(&self.graph, None, call)) {
            kept.challenge = Some(challenge);
        }
        let issued = user.sign_in(&self.ask(&self.graph, kept.challenge.as_deref(), call), prompt)?;
        let token = self.checked(issued, &self.graph)?;
        Ok(Arc::clone(kept.token.insert(Arc::new(token))))
    }

    /// The service refused this token: the next [`Tokens::get`] signs in again. Another thread may have done so already.
    /// `challenge` is what the service wants of a new token, where it said so.
    pub fn refused(&self, token: &Arc<Token>, challenge: Option<&str>, call: &Call<'_>) -> Result<(), SignInError> {
        if !self.credential.renews() {
            let why = if let Credential::User(user) = &*self.credential {
                user.keep_challenge(&self.ask(&token.audience, challenge, call));
                Unfit::NotRenewable
            } else {
                Unfit::Refused { end: instant(token.expires_on), now: instant(self.clock.now()) }
            };
            return Err(SignInError::Unfit(why));
        }
        let mut all = self.lock(call.cancel)?;
        let kept = all.entry(token.audience.clone()).or_default();
        if let Some(challenge) = challenge {
            kept.challenge = Some(challenge.to_owned());
        }
        if kept.token.as_ref().is_some_and(|now| Arc::ptr_eq(now, token)) {
            kept.token = None;
        }
        Ok(())
    }

    /// Signs in as another application of the same tenant, once, without keeping the token: proof that a secret works.
    pub fn sign_in_as(&self, client_id: Uuid, secret: &SecretText, call: &Call<'_>) -> Result<Token, SignInError> {
        let issued = client_secret::once(&self.ask(&self.graph, None, call), client_id, secret)?;
        self.checked(issued, &self.graph)
    }

    /// The token in an answer of the sign-in service, however that came.
    pub fn read_answer(&self, status: u16, body: &[u8]) -> Result<Token, SignInError> {
        self.checked(request::read(status, body)?, &self.graph)
    }

    fn lock(&self, cancel: &Cancel) -> Result<MutexGuard<'_, HashMap<Audience, Kept>>, SignInError> {
        loop {
            if let Some(guard) = self.kept.try_lock_for(LOOK) {
                return Ok(guard);
            }
            cancel.check()?;
        }
    }

    /// Whether it can be used now. What can't be renewed is used to its end.
    fn good(&self, token: &Token) -> bool {
        self.lasts(token, if self.credential.renews() { LAST_MOMENT } else { Duration::ZERO })
    }

    /// Whether it needn't be renewed yet.
    fn fresh(&self, token: &Token) -> bool {
        !self.credential.renews() || self.lasts(token, RENEW_BEFORE)
    }

    fn lasts(&self, token: &Token, time: Duration) -> bool {
        token.expires_on - time > self.clock.now()
    }

    fn ask<'a>(&'a self, audience: &'a Audience, challenge: Option<&'a str>, call: &'a Call<'a>) -> Ask<'a> {
        Ask {
            client: &self.client,
            clock: &*self.clock,
            endpoints: &self.endpoints,
            tenant: self.tenant,
            audience,
            call,
            challenge,
        }
    }

    fn sign_in(&self, audience: &Audience, challenge: Option<&str>, call: &Call<'_>) -> Result<Token, SignInError> {
        let issued = self.credential.issue(&self.ask(audience, challenge, call))?;
        self.checked(issued, audience)
    }

    /// A token of another tenant or for another service never leaves this module, nor a new one past its end.
    fn checked(&self, issued: request::Issued, audience: &Audience) -> Result<Token, SignInError> {
        let unfit = |unfit| Err(SignInError::Unfit(unfit));
        let (now, service) = (self.clock.now(), audience.clone());
        let Some(claims) = Claims::read(&issued.text) else {
            // Issued by the tenant's own endpoint it can only be the tenant's; given by the caller it may be anything.
            let Some(lifetime) = issued.lifetime else { return unfit(Unfit::Opaque) };
            return Ok(Token { audience: service, text: issued.text, claims: None, expires_on: end_of(now, lifetime) });
        };
        let wanted = self.tenant.to_string();
        if !claims.tid.eq_ignore_ascii_case(&wanted) {
            return unfit(Unfit::OtherTenant { wanted, found: claims.tid });
        }
        if !audience.is(&claims.aud) {
            let (service, wanted) = (audience.name, audience.address.clone());
            return unfit(Unfit::OtherAudience { service, wanted, found: claims.aud });
        }
        // The lifetime that came with the token is right even where this machine's clock is wrong. One that was given came
        // without: whether it has ended is for the service to say.
        let expires_on = issued.lifetime.map_or_else(|| claims.expires_on(), |lifetime| end_of(now, lifetime));
        if expires_on <= now && !matches!(*self.credential, Credential::AccessToken(_)) {
            return unfit(Unfit::Ended(instant(expires_on)));
        }
        Ok(Token { audience: service, text: issued.text, claims: Some(claims), expires_on })
    }
}

/// When a token that lives so long ends. A service that says something absurd must not stop the run: the calendar's end.
fn end_of(now: OffsetDateTime, lifetime: Duration) -> OffsetDateTime {
    now.saturating_add(lifetime.try_into().unwrap_or(time::Duration::MAX))
}
