//! A public client of a firm's or an MSP's own for people to sign in with, in place of Microsoft's: what it is, how it is
//! found, and what is still to be done about it. Pure.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::deleted::{DeletedServicePrincipal, last_of};
use crate::parse::{entity, list, none_or_list};
use crate::problem::{AppLabel, Problem};
use crate::request::Request;
use crate::steps::application::SINGLE_TENANT;
use crate::types::{Deactivation, ServicePrincipal};
use crate::which::checked_name;
use pp_words::lenient::{flag, or_default};

/// Its alternate key, for ever; where a cloud has no such key, its mark among the tags.
pub const UNIQUE_NAME: &str = "practice-protect-federation-sign-in";
/// Its name, unless the caller gives another.
pub const DEFAULT_DISPLAY_NAME: &str = "PPFederation sign-in";
/// Sign-in audience "any organization".
pub const MULTI_TENANT: &str = "AzureADMultipleOrgs";
/// Where the browser brings its answer; any port will do. Source: Entra documentation, "Redirect URI (reply URL) restrictions".
pub const REDIRECT: &str = "http://localhost";

const SELECT: &str = "$select=id,appId,displayName,uniqueName,tags,signInAudience,isFallbackPublicClient,publicClient,isDisabled,\
                      disabledByMicrosoftStatus";
const SELECT_PRINCIPAL: &str = "$select=id,appId,accountEnabled,isDisabled,disabledByMicrosoftStatus";

/// The caller's choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedClient {
    /// For one that is made.
    pub display_name: String,
    /// People of other tenants sign in with it too. One that is there is opened to them, and never closed again.
    pub multi_tenant: bool,
}

impl WantedClient {
    /// The choices, checked: a name has 1 to 120 characters.
    pub fn new(display_name: Option<&str>, multi_tenant: bool) -> Result<Self, Problem> {
        Ok(Self { display_name: checked_name(display_name.unwrap_or(DEFAULT_DISPLAY_NAME))?.to_owned(), multi_tenant })
    }

    fn audience(&self) -> &'static str {
        if self.multi_tenant { MULTI_TENANT } else { SINGLE_TENANT }
    }
}

/// `application`, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignInClient {
    /// Object id.
    pub id: String,
    /// Application (client) id.
    pub app_id: String,
    /// Name shown in the portal.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Who may sign in.
    #[serde(default)]
    pub sign_in_audience: Option<String>,
    #[serde(default)]
    unique_name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "flag::or_false")]
    is_fallback_public_client: bool,
    #[serde(default, deserialize_with = "or_default")]
    public_client: PublicClient,
    /// Nobody signs in with it, by whose will.
    #[serde(flatten)]
    deactivation: Deactivation,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicClient {
    #[serde(default, deserialize_with = "or_default")]
    redirect_uris: Vec<String>,
}

impl SignInClient {
    /// Whether it has our key or our mark.
    fn is_ours(&self) -> bool {
        self.unique_name.as_deref() == Some(UNIQUE_NAME) || self.tags.iter().any(|tag| tag == UNIQUE_NAME)
    }

    /// As an admin tells it from others.
    pub fn label(&self) -> AppLabel {
        AppLabel {
            display_name: self.display_name.clone().unwrap_or_default(),
            app_id: self.app_id.clone(),
            object_id: self.id.clone(),
        }
    }
}

/// What of it the tenant has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The client.
    pub client: Option<SignInClient>,
    /// One that was deleted less than 30 days ago, and holds the key.
    pub deleted: Option<SignInClient>,
    /// Its service principal.
    pub principal: Option<ServicePrincipal>,
    /// All service principals that were deleted less than 30 days ago.
    pub deleted_principals: Vec<DeletedServicePrincipal>,
}

/// The look-ups of the client: by key, by mark, and among what was deleted, with the service principals last.
pub fn look_ups() -> [Request; 4] {
    [
        Request::get(format!("/applications(uniqueName='{UNIQUE_NAME}')?{SELECT}")),
        Request::get(format!("/applications?$filter=tags/any(t:t%20eq%20'{UNIQUE_NAME}')&{SELECT}")),
        Request::get(format!("/directory/deletedItems/microsoft.graph.application?{SELECT}")),
        Request::get(format!(
            "/directory/deletedItems/microsoft.graph.servicePrincipal?{SELECT_PRINCIPAL},deletedDateTime"
        )),
    ]
}

/// The look-up of its service principal.
pub fn principal(app_id: &str) -> Request {
    Request::get(format!("/servicePrincipals(appId='{app_id}')?{SELECT_PRINCIPAL}"))
}

impl Seen {
    /// From the answers to [`look_ups`]; the first and the last are null where there is none. The error says what can't be read,
    /// or that several clients have the mark.
    pub fn of(by_key: &Value, by_mark: &Value, deleted: &Value, principals: &Value) -> Result<Self, SeenError> {
        let mut found: Vec<SignInClient> = list(by_mark)?;
        if !by_key.is_null() {
            let by_key: SignInClient = entity(by_key)?;
            found.retain(|other| other.id != by_key.id);
            found.push(by_key);
        }
        if found.len() > 1 {
            return Err(Problem::Ambiguous(found.iter().map(SignInClient::label).collect()).into());
        }
        let deleted: Vec<SignInClient> = list(deleted)?;
        let deleted = deleted.into_iter().find(SignInClient::is_ours);
        let deleted_principals = none_or_list(principals)?;
        Ok(Self { client: found.pop(), deleted, principal: None, deleted_principals })
    }

    /// The client that is there, or is to be restored.
    fn either(&self) -> Option<&SignInClient> {
        self.client.as_ref().or(self.deleted.as_ref())
    }

    /// The service principal that it had, on which consents hang, where it has none.
    pub fn to_restore(&self) -> Option<&ServicePrincipal> {
        let client = self.either().filter(|_| self.principal.is_none())?;
        last_of(&self.deleted_principals, &client.app_id).map(|deleted| &deleted.principal)
    }

    /// Why nobody can sign in with it, where that is so.
    pub fn obstacles(&self) -> Vec<String> {
        self.either().map_or_else(Vec::new, |client| obstacles(client, self.principal.as_ref().or(self.to_restore())))
    }
}

/// Why what was read says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeenError {
    /// An answer isn't what it should be.
    #[error("{0}")]
    Unreadable(String),
    /// The tenant has to be put in order first.
    #[error(transparent)]
    Problem(#[from] Problem),
}

impl From<String> for SeenError {
    fn from(what: String) -> Self {
        Self::Unreadable(what)
    }
}

/// Why nobody can sign in with a client and its service principal. Whoever did that had a reason: it isn't undone.
pub fn obstacles(client: &SignInClient, principal: Option<&ServicePrincipal>) -> Vec<String> {
    let disabled = principal.filter(|principal| principal.account_enabled == Some(false)).map(|principal| {
        format!(
            "its service principal {} is disabled: nobody signs in with it until an Application Administrator enables it again, in \
             the Entra admin center under Enterprise applications",
            principal.id
        )
    });
    let deactivated = principal.and_then(|principal| {
        let why = principal.deactivation.words()?;
        Some(format!("its service principal {}: {why}", principal.id))
    });
    client.deactivation.words().into_iter().chain(disabled).chain(deactivated).collect()
}

/// What is to be done about the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientChange {
    /// Make it.
    Create {
        /// Its name.
        display_name: String,
        /// Its sign-in audience.
        audience: &'static str,
    },
    /// Bring back the one that was deleted: it keeps its client id.
    Restore {
        /// Its object id.
        id: String,
    },
    /// Give it what it lacks.
    Update {
        /// Its object id.
        id: String,
        /// The properties as they are to be.
        to: Value,
    },
    /// Bring back the service principal that was deleted: consents hang on it.
    RestorePrincipal {
        /// Its object id.
        id: String,
    },
    /// Make its service principal.
    CreatePrincipal {
        /// Its client id; `None` while the client isn't made.
        app_id: Option<String>,
    },
}

/// What is missing, in the order in which it is done.
pub fn changes(seen: &Seen, wanted: &WantedClient) -> Vec<ClientChange> {
    let (client, first) = match (&seen.client, &seen.deleted) {
        (Some(client), _) => (Some(client), None),
        (None, Some(deleted)) => (Some(deleted), Some(ClientChange::Restore { id: deleted.id.clone() })),
        (None, None) => {
            let display_name = wanted.display_name.clone();
            (None, Some(ClientChange::Create { display_name, audience: wanted.audience() }))
        }
    };
    let update = client.and_then(|client| update(client, wanted));
    let app_id = client.map(|client| client.app_id.clone());
    let principal = seen.principal.is_none().then(|| match seen.to_restore() {
        Some(deleted) => ClientChange::RestorePrincipal { id: deleted.id.clone() },
        None => ClientChange::CreatePrincipal { app_id },
    });
    first.into_iter().chain(update).chain(principal).collect()
}

/// What the client lacks. What else it has is kept.
fn update(client: &SignInClient, wanted: &WantedClient) -> Option<ClientChange> {
    let mut to = json!({});
    if wanted.multi_tenant && client.sign_in_audience.as_deref() == Some(SINGLE_TENANT) {
        to["signInAudience"] = json!(MULTI_TENANT);
    }
    if !client.is_fallback_public_client {
        to["isFallbackPublicClient"] = json!(true);
    }
    let redirects = &client.public_client.redirect_uris;
    if !redirects.iter().any(|redirect| redirect == REDIRECT) {
        let all: Vec<&str> = redirects.iter().map(String::as_str).chain([REDIRECT]).collect();
        to["publicClient"] = json!({ "redirectUris": all });
    }
    (to != json!({})).then(|| ClientChange::Update { id: client.id.clone(), to })
}

impl ClientChange {
    /// The request; with `upsert` by the alternate key, else with the mark. `None` while the client isn't made.
    pub fn request(&self, upsert: bool) -> Option<Request> {
        Some(match self {
            Self::Create { display_name, audience } => create(display_name, audience, upsert),
            Self::Restore { id } | Self::RestorePrincipal { id } => {
                Request::bare("POST", format!("/directory/deletedItems/{id}/restore"))
            }
            Self::Update { id, to } => Request::write("PATCH", format!("/applications/{id}"), to.clone()),
            Self::CreatePrincipal { app_id } => {
                Request::write("POST", "/servicePrincipals", json!({"appId": app_id.as_deref()?}))
            }
        })
    }

    /// What it does, as a confirmation shows it.
    pub fn action(&self) -> String {
        match self {
            Self::Create { display_name, audience } => {
                let whose = if *audience == MULTI_TENANT { "any organization" } else { "this tenant alone" };
                format!(
                    "Register the public client '{display_name}' for people of {whose}, without permissions of its own"
                )
            }
            Self::Restore { .. } => "Restore the sign-in client that was deleted; it keeps its client id".to_owned(),
            Self::Update { to, .. } => {
                let words = to.as_object().into_iter().flatten().map(|(name, _)| meaning(name));
                format!("Update the sign-in client: {}", words.collect::<Vec<_>>().join(", "))
            }
            Self::RestorePrincipal { .. } => {
                "Restore the sign-in client's service principal, on which consents hang".to_owned()
            }
            Self::CreatePrincipal { .. } => "Create the sign-in client's service principal".to_owned(),
        }
    }
}

/// What setting a property means.
fn meaning(property: &str) -> &str {
    match property {
        "signInAudience" => "open it to people of any organization",
        "isFallbackPublicClient" => "let it sign in without a secret",
        "publicClient" => "add the redirect address",
        other => other,
    }
}

fn create(display_name: &str, audience: &str, upsert: bool) -> Request {
    let mut body = json!({
        "displayName": display_name,
        "signInAudience": audience,
        "isFallbackPublicClient": true,
        "publicClient": {"redirectUris": [REDIRECT]},
    });
    if upsert {
        return Request::create_if_missing(UNIQUE_NAME, body);
    }
    body["tags"] = json!([UNIQUE_NAME]);
    Request::write("POST", "/applications", body)
}

/// The request that deletes it. It can be restored for 30 days.
pub fn removal(client: &SignInClient) -> Request {
    Request::bare("DELETE", format!("/applications/{}", client.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(with: &Value) -> Result<SignInClient, String> {
        let mut whole = json!({
            "id": "o", "appId": "a", "displayName": "n", "uniqueName": UNIQUE_NAME, "tags": null, "signInAudience": SINGLE_TENANT,
            "isFallbackPublicClient": true, "publicClient": {"redirectUris": [REDIRECT]},
        });
        for (name, value) in with.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        entity(&whole)
    }

    fn of(client: SignInClient, multi_tenant: bool) -> Result<Vec<ClientChange>, Problem> {
        let deactivation = Deactivation::default();
        let principal =
            ServicePrincipal { id: "p".into(), app_id: "a".into(), account_enabled: Some(true), deactivation };
        let seen = Seen { client: Some(client), principal: Some(principal), ..Seen::default() };
        Ok(changes(&seen, &WantedClient::new(None, multi_tenant)?))
    }

    #[test]
    fn one_that_is_whole_stays_as_it_is_and_an_open_one_is_not_closed() -> Result<(), Box<dyn std::error::Error>> {
        assert_eq!(of(client(&json!({}))?, false)?, []);
        assert_eq!(of(client(&json!({"signInAudience": MULTI_TENANT}))?, false)?, []);
        Ok(())
    }

    #[test]
    fn what_it_lacks_is_set_and_what_others_set_is_kept() -> Result<(), Box<dyn std::error::Error>> {
        let bare = client(&json!({"isFallbackPublicClient": null, "publicClient": {"redirectUris": ["msal://x"]}}))?;
        let to = json!({
            "signInAudience": MULTI_TENANT, "isFallbackPublicClient": true,
            "publicClient": {"redirectUris": ["msal://x", REDIRECT]},
        });
        assert_eq!(of(bare, true)?, [ClientChange::Update { id: "o".into(), to }]);
        Ok(())
    }
}
