//! Azure Key Vault: reading and writing one secret. Source: Key Vault REST reference, version 7.4.
#![forbid(unsafe_code)]

pub mod address;
pub mod challenge;
pub mod error;

use std::cell::Cell;
use std::collections::BTreeMap;

use pp_http::Method;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use address::VaultAddress;
use error::{Reaction, Refusal, VaultError};
use pp_base::cancel::Cancelled;
use pp_base::gate::Gate;
use pp_base::retry::{TIME_TO_REACH, Tries};
use pp_base::secret::SecretText;
use pp_http::retry_after::retry_after;
use pp_http::{Request, Response, SendError};
use pp_sign_in::Access;
use pp_sign_in::audience::Audience;
use pp_sign_in::claims;
use pp_words::lenient::{or_default, whole};

const VERSION: &str = "api-version=7.4";
/// Room for a secret of the largest size that a vault takes (25 KB), escaped, so that the body never grows.
const BODY: usize = 64 * 1024;

/// A secret as a vault keeps it.
#[derive(Debug, Deserialize)]
pub struct Stored {
    /// Its address, version included.
    pub id: String,
    value: SecretText,
    /// What was noted beside it.
    #[serde(default)]
    pub tags: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "or_default")]
    attributes: Times,
}

/// When a stored secret is meant to be used, in seconds since 1970; whoever set none set no limit.
#[derive(Debug, Default, Deserialize)]
struct Times {
    #[serde(default, deserialize_with = "whole::option")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "whole::option")]
    exp: Option<i64>,
}

impl Stored {
    /// Whether it is this text, told in a time that doesn't depend on where they differ.
    pub fn is(&self, text: &SecretText) -> bool {
        let digest = |text: &SecretText| Sha256::digest(text.expose().as_bytes());
        digest(&self.value).ct_eq(&digest(text)).into()
    }

    /// When it began or ended, where it isn't meant to be used now. A vault gives out such a secret all the same. Source: Key Vault
    /// documentation, "About Azure Key Vault secrets", date-time controlled operations.
    pub fn out_of_date(&self, now: OffsetDateTime) -> Option<OutOfDate> {
        let instant = |seconds: i64| OffsetDateTime::from_unix_timestamp(seconds).ok();
        let begins = self.attributes.nbf.and_then(instant).filter(|begins| *begins > now);
        let ended = self.attributes.exp.and_then(instant).filter(|ended| *ended <= now);
        begins.map(OutOfDate::Begins).or(ended.map(OutOfDate::Ended))
    }

    /// Its text.
    pub fn into_text(self) -> SecretText {
        self.value
    }
}

/// A secret outside of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfDate {
    /// It begins later.
    Begins(OffsetDateTime),
    /// It has ended.
    Ended(OffsetDateTime),
}

/// A secret on its way into a vault.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct New<'a> {
    value: &'a str,
    content_type: &'static str,
    attributes: Attributes,
    tags: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
struct Attributes {
    enabled: bool,
    /// Seconds since 1970.
    exp: i64,
}

impl<'a> New<'a> {
    /// A client secret, with what tells whose it is.
    pub fn client_secret(text: &'a SecretText, end: OffsetDateTime, tags: BTreeMap<&'static str, &'a str>) -> Self {
        let attributes = Attributes { enabled: true, exp: end.unix_timestamp() };
        Self { value: text.expose(), content_type: "Entra client secret", attributes, tags }
    }
}

/// A vault that has said whom tokens for it are for.
#[derive(Debug, Clone)]
pub struct Vault {
    address: VaultAddress,
    audience: Audience,
}

impl Vault {
    /// Asks without a token, and checks what the vault says of itself before any token is asked for.
    pub fn find(access: Access<'_>, address: VaultAddress, tenant: Uuid) -> Result<Self, VaultError> {
        let name = "GET secrets";
        let url = address.join(&format!("secrets?maxresults=1&{VERSION}"));
        let once = || {
            let answer = send(access, Method::GET, &url, None, None)?;
            let busy = matches!(answer.status, 408 | 429 | 500..=599);
            if busy { Err(VaultError::Refused(Box::new(refusal(access, name, &answer)))) } else { Ok(answer) }
        };
        let answer = repeat(access, once)?;
        let foreign = |why: String| VaultError::Foreign { vault: address.to_string(), why };
        if answer.status != 401 {
            let refusal = refusal(access, name, &answer);
            return Err(foreign(format!("it answers without asking who calls ({refusal})")));
        }
        let challenge = answer.headers("www-authenticate").find_map(challenge::read);
        let challenge = challenge.ok_or_else(|| foreign("what answers there is no vault".into()))?;
        let resource = challenge.check(&address, tenant).map_err(foreign)?;
        Ok(Self { address, audience: Audience::key_vault(&resource) })
    }

    /// The newest version of a secret, or the one whose whole address is given.
    pub fn get(&self, access: Access<'_>, name: &str) -> Result<Option<Stored>, VaultError> {
        let url = self.address.join(&format!("secrets/{name}?{VERSION}"));
        self.read(access, &format!("GET secrets/{name}"), &url)
    }

    /// Whether a deleted secret still holds the name. Who may not ask isn't told.
    pub fn is_deleted(&self, access: Access<'_>, name: &str) -> Result<bool, VaultError> {
        let url = self.address.join(&format!("deletedsecrets/{name}?{VERSION}"));
        let read: Send<'_> = &|token| send(access, Method::GET, &url, Some(token), None);
        match repeat(access, || self.once(access, &format!("GET deletedsecrets/{name}"), read)) {
            Ok(_) => Ok(true),
            Err(VaultError::Refused(refusal)) if matches!(refusal.status, 403 | 404) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes a new version and reads it back; where it then is. An answer that got lost is looked for before the secret is
    /// sent again. `may_hold` is set once the vault may have it: no look says more of a write that is on its way when its caller
    /// cancels, since that may arrive after any look.
    pub fn put(
        &self,
        access: Access<'_>,
        name: &str,
        new: &New<'_>,
        text: &SecretText,
        may_hold: &mut bool,
    ) -> Result<String, VaultError> {
        let request = format!("PUT secrets/{name}");
        let may_hold = Cell::from_mut(may_hold);
        let mut tries = Tries::default();
        loop {
            let error = match self.put_once(access, name, &request, new, may_hold) {
                Ok(id) => return self.read_back(access, &request, id, text),
                Err(error) => error,
            };
            match error.reaction() {
                Reaction::Again => {}
                Reaction::Look => {
                    if let Some(stored) = self.get(access, name)?.filter(|stored| stored.is(text)) {
                        return Ok(stored.id);
                    }
                }
                Reaction::SignInAgain | Reaction::NotFound | Reaction::Stop => return Err(error),
            }
            wait(access, &mut tries, error)?;
        }
    }

    fn put_once(
        &self,
        access: Access<'_>,
        name: &str,
        request: &str,
        new: &New<'_>,
        may_hold: &Cell<bool>,
    ) -> Result<String, VaultError> {
        let url = self.address.join(&format!("secrets/{name}?{VERSION}"));
        let answer = self.once(access, request, &|token| {
            // Last of all: what is waited for before it takes time.
            access.gate.map_or(Ok(()), Gate::may_write).map_err(VaultError::Withheld)?;
            let mut body = Zeroizing::new(Vec::with_capacity(BODY));
            serde_json::to_writer(&mut *body, new).map_err(|error| not_sent(&url, &error))?;
            let begins = !access.call.cancel.is_cancelled();
            let sent = send(access, Method::PUT, &url, Some(token), Some(body));
            let not_taken = match &sent {
                Ok(answer) => answer.status != 408 && (400..500).contains(&answer.status),
                Err(error) => error.nothing_was_sent(),
            };
            may_hold.set(may_hold.get() || (begins && !not_taken));
            sent
        })?;
        // Taken; where its answer is of no use, it is looked for.
        let stored = serde_json::from_slice::<Stored>(&answer.body);
        stored.map(|stored| stored.id).map_err(|error| unreadable(request, error.to_string()))
    }

    fn read_back(
        &self,
        access: Access<'_>,
        request: &str,
        id: String,
        text: &SecretText,
    ) -> Result<String, VaultError> {
        // The token goes to this vault alone, whatever address an answer names.
        let own = self.address.join("secrets/");
        let mine = id.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(&own));
        if !mine {
            return Err(unreadable(request, "the new version lies in another vault"));
        }
        let mut tries = Tries::default();
        loop {
            match self.read(access, &format!("GET {id}"), &format!("{id}?{VERSION}"))? {
                Some(stored) if stored.is(text) => return Ok(id),
                Some(_) => return Err(unreadable(request, "what was read back is not what was written")),
                None => wait(access, &mut tries, unreadable(request, "the new version is not there yet"))?,
            }
        }
    }

    fn read(&self, access: Access<'_>, name: &str, url: &str) -> Result<Option<Stored>, VaultError> {
        let once = || {
            let answer = self.once(access, name, &|token| send(access, Method::GET, url, Some(token), None))?;
            let unreadable = |error: serde_json::Error| unreadable(name, error.to_string());
            serde_json::from_slice::<Stored>(&answer.body).map_err(unreadable)
        };
        match repeat(access, once) {
            Ok(stored) => Ok(Some(stored)),
            Err(error) if error.reaction() == Reaction::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One request with a token, a second time where the token is no longer taken.
    fn once(&self, access: Access<'_>, name: &str, send: Send<'_>) -> Result<Response, VaultError> {
        let mut signed_in_again = false;
        loop {
            let token = access.tokens.get_for(&self.audience, &access.call)?;
            let answer = send(&token.text)?;
            let id = answer.header("x-ms-request-id").unwrap_or("none");
            let (status, ms) = (answer.status, answer.took.as_millis());
            (access.call.log)(&format!("{name}: {status} in {ms} ms (request-id {id})"));
            if (200..300).contains(&answer.status) {
                return Ok(answer);
            }
            if answer.status != 401 || std::mem::replace(&mut signed_in_again, true) {
                return Err(VaultError::Refused(Box::new(refusal(access, name, &answer))));
            }
            let challenge = answer.headers("www-authenticate").find_map(claims::challenge);
            access.tokens.refused(&token, challenge.as_deref(), &access.call)?;
        }
    }
}

/// Sends one request with a token.
type Send<'a> = &'a dyn Fn(&SecretText) -> Result<Response, VaultError>;

fn send(
    access: Access<'_>,
    method: Method,
    url: &str,
    token: Option<&SecretText>,
    body: Option<Zeroizing<Vec<u8>>>,
) -> Result<Response, VaultError> {
    let url = Url::parse(url).map_err(|error| not_sent(url, &error))?;
    let plain = |text: &str| Zeroizing::new(text.to_owned());
    let mut headers = vec![
        ("accept", plain("application/json")),
        ("x-ms-client-request-id", Zeroizing::new(Uuid::new_v4().to_string())),
    ];
    headers.extend(token.map(|token| ("authorization", Zeroizing::new(format!("Bearer {}", token.expose())))));
    let body = body.map(|body| ("application/json", body));
    Ok(access.client.send(Request { method, url, headers, body }, access.call.cancel)?)
}

fn not_sent(url: &str, error: &dyn std::error::Error) -> VaultError {
    SendError::NotSent { host: url.to_owned(), reason: error.to_string() }.into()
}

fn unreadable(name: &str, what: impl Into<String>) -> VaultError {
    VaultError::Unreadable { name: name.to_owned(), what: what.into() }
}

fn refusal(access: Access<'_>, name: &str, answer: &Response) -> Refusal {
    let (code, inner, message) = error::read(&answer.body);
    Refusal {
        request: name.to_owned(),
        status: answer.status,
        code,
        inner,
        message,
        request_id: answer.header("x-ms-request-id").unwrap_or_default().to_owned(),
        retry_after: retry_after(answer, access.clock.now()),
    }
}

/// A read, again after what passes by itself.
fn repeat<T>(access: Access<'_>, once: impl Fn() -> Result<T, VaultError>) -> Result<T, VaultError> {
    let mut tries = Tries::default();
    loop {
        let error = match once() {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let unreachable = matches!(error, VaultError::Send(SendError::NotSent { .. }))
            && tries.lasting(access.clock) >= TIME_TO_REACH;
        if unreachable || !matches!(error.reaction(), Reaction::Again | Reaction::Look) {
            return Err(error);
        }
        wait(access, &mut tries, error)?;
    }
}

fn wait(access: Access<'_>, tries: &mut Tries, error: VaultError) -> Result<(), VaultError> {
    match tries.again(access.clock, &access.call, error.retry_after(), &error.to_string()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(error),
        Err(Cancelled) => Err(SendError::Cancelled.into()),
    }
}
