//! Requests to Azure Blob Storage. Source: Azure Storage REST reference.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::{Url, form_urlencoded};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::address::BlobAddress;
use super::refusal::Refusal;
use crate::error::LedgerError;
use pp_base::call::Call;
use pp_base::clock::Clock;
use pp_base::retry::{TIME_TO_REACH, Tries};
use pp_base::secret::SecretText;
use pp_http::{Client, Limits, Method, Request, Response, SendError};
use pp_sign_in::Tokens;
use pp_sign_in::audience::Audience;
use pp_sign_in::environment::Environment;

/// `x-ms-version`: the oldest with all that is used here (leases, append blobs, tokens of Entra ID), so that every cloud takes it;
/// what the service answers doesn't change while it is sent.
const VERSION: &str = "2021-12-02";

/// How the account is told who asks.
#[derive(Debug)]
pub enum BlobAccess {
    /// By a connection's sign-in.
    Tokens {
        /// Where tokens come from.
        tokens: Arc<Tokens>,
        /// The connection's cloud.
        environment: Environment,
    },
    /// By a shared access signature: `sv=...&sig=...`.
    Sas(SecretText),
}

/// A request.
pub(super) struct Ask<'a> {
    /// What it is for, as errors say it.
    pub(super) name: &'a str,
    pub(super) method: Method,
    /// Whole address, without its query.
    pub(super) url: String,
    /// As it stands in an address.
    pub(super) query: &'a str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

/// A moment, by both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) elapsed: Duration,
    pub(super) now: OffsetDateTime,
}

/// The account.
#[derive(Debug)]
pub(super) struct Service {
    client: Client,
    access: BlobAccess,
    audience: Audience,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) address: BlobAddress,
}

impl Service {
    pub(super) fn new(address: &str, access: BlobAccess, clock: Arc<dyn Clock>) -> Result<Self, LedgerError> {
        let address = BlobAddress::parse(address)?;
        check(&access, &address)?;
        let not_sent = |reason| SendError::NotSent { host: address.container().to_owned(), reason };
        let client = Client::new(&[address.container()], Limits::default()).map_err(not_sent)?;
        Ok(Self { client, access, audience: Audience::storage(), clock, address })
    }

    /// Sends, and again after what passes by itself: nothing here does harm twice.
    pub(super) fn send(&self, ask: &Ask<'_>, call: &Call<'_>) -> Result<Response, LedgerError> {
        self.send_by(&self.client, ask, call).map(|(answer, _)| answer)
    }

    /// The same, with requests that last no longer than this; and when the try was begun that the answer is to.
    pub(super) fn send_within(
        &self,
        whole: Duration,
        ask: &Ask<'_>,
        call: &Call<'_>,
    ) -> Result<(Response, Moment), LedgerError> {
        self.send_by(&self.client.clone().within(whole), ask, call)
    }

    /// Now.
    pub(super) fn moment(&self) -> Moment {
        Moment { elapsed: self.clock.elapsed(), now: self.clock.now() }
    }

    fn send_by(&self, client: &Client, ask: &Ask<'_>, call: &Call<'_>) -> Result<(Response, Moment), LedgerError> {
        let mut tries = Tries::default();
        loop {
            let begun = self.moment();
            let error = match self.once(client, ask, call) {
                Ok(answer) => return Ok((answer, begun)),
                Err(error) => error,
            };
            let unreachable = matches!(error, LedgerError::Send(SendError::NotSent { .. }))
                && tries.lasting(&*self.clock) >= TIME_TO_REACH;
            let asked = match &error {
                LedgerError::Send(error) if error.passes() && !unreachable => None,
                LedgerError::Refused(refusal) if refusal.passes() => refusal.retry_after,
                _ => return Err(error),
            };
            match tries.again(&*self.clock, call, asked, &error.to_string()) {
                Ok(true) => {}
                Ok(false) => return Err(error),
                Err(cancelled) => return Err(SendError::from(cancelled).into()),
            }
        }
    }

    /// Once, a second time where the token is no longer taken.
    fn once(&self, client: &Client, ask: &Ask<'_>, call: &Call<'_>) -> Result<Response, LedgerError> {
        let mut signed_in_again = false;
        loop {
            let token = match &self.access {
                BlobAccess::Tokens { tokens, .. } => Some((tokens, tokens.get_for(&self.audience, call)?)),
                BlobAccess::Sas(_) => None,
            };
            let bearer = token.as_ref().map(|(_, token)| &*token.text);
            let answer = client.send(self.request(ask, bearer)?, call.cancel)?;
            let id = answer.header("x-ms-request-id").unwrap_or("none");
            (call.log)(&format!("{}: {} in {} ms (request-id {id})", ask.name, answer.status, answer.took.as_millis()));
            if (200..300).contains(&answer.status) {
                return Ok(answer);
            }
            match token {
                Some((tokens, token)) if answer.status == 401 && !std::mem::replace(&mut signed_in_again, true) => {
                    tokens.refused(&token, None, call)?;
                }
                _ if answer.status == 403 && self.signature_has_ended() => {
                    let why = "the shared access signature has ended";
                    return Err(LedgerError::Access { place: self.address.to_string(), why });
                }
                _ => return Err(LedgerError::Refused(Box::new(Refusal::of(ask.name, &answer, self.clock.now())))),
            }
        }
    }

    /// By its own word (`se`) and this machine's clock. What the service says of it has several names.
    fn signature_has_ended(&self) -> bool {
        let BlobAccess::Sas(sas) = &self.access else { return false };
        let mut parts = form_urlencoded::parse(sas.expose().trim_start_matches('?').as_bytes());
        let end = parts.find(|(name, _)| name == "se").and_then(|(_, end)| OffsetDateTime::parse(&end, &Rfc3339).ok());
        end.is_some_and(|end| end < self.clock.now())
    }

    fn request(&self, ask: &Ask<'_>, bearer: Option<&SecretText>) -> Result<Request, LedgerError> {
        let mut url = Url::parse(&ask.url).map_err(|error| self.not_sent(&error.to_string()))?;
        let sas = if let BlobAccess::Sas(sas) = &self.access { sas.expose().trim_start_matches('?') } else { "" };
        let both = if ask.query.is_empty() || sas.is_empty() { "" } else { "&" };
        let query = Zeroizing::new(format!("{}{both}{sas}", ask.query));
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        let plain = |text: &str| Zeroizing::new(text.to_owned());
        let mut headers =
            vec![("x-ms-version", plain(VERSION)), ("x-ms-client-request-id", plain(&Uuid::new_v4().to_string()))];
        headers.extend(ask.headers.iter().map(|(name, value)| (*name, plain(value))));
        headers.extend(bearer.map(|token| ("authorization", Zeroizing::new(format!("Bearer {}", token.expose())))));
        // One without a body says so: the service wants a length with every PUT.
        let body = (ask.method == Method::PUT).then(|| ("application/octet-stream", Zeroizing::new(ask.body.clone())));
        Ok(Request { method: ask.method.clone(), url, headers, body })
    }

    fn not_sent(&self, reason: &str) -> LedgerError {
        SendError::NotSent { host: self.address.to_string(), reason: reason.to_owned() }.into()
    }
}

/// A token goes to Azure Storage alone, and a signature is one.
fn check(access: &BlobAccess, address: &BlobAddress) -> Result<(), LedgerError> {
    let wrong = |why: &str| Err(LedgerError::Address { given: address.to_string(), why: why.to_owned() });
    match access {
        BlobAccess::Tokens { environment, .. } if !address.is_azure && *environment != Environment::Custom => wrong(
            "tokens go to https://ACCOUNT.blob.core.windows.net, and its like in other clouds, alone; -LedgerSas takes any address",
        ),
        BlobAccess::Tokens { .. } => Ok(()),
        BlobAccess::Sas(sas) => {
            let text = sas.expose().trim_start_matches('?');
            let signed = text.split('&').any(|part| part.len() > 4 && part.starts_with("sig="));
            let clean = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#?\"<>".contains(&byte));
            if signed && clean {
                return Ok(());
            }
            let why =
                "what was given as a shared access signature is none: it has parts as sv= and sig= with & between them";
            Err(LedgerError::Access { place: address.to_string(), why })
        }
    }
}
