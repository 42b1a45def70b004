//! Who sits at the browser and what they do there: set by tests, by default an administrator who agrees.

use serde_json::Value;

use crate::directory::shapes::GLOBAL_ADMINISTRATOR;
use crate::schema::Object;

/// A person of a partner who signs in over delegated administration (GDAP): the tenant has no user object of theirs, and
/// their roles are in the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Person {
    /// May do everything.
    #[default]
    GlobalAdministrator,
    /// May consent and assign roles.
    PrivilegedRoleAdministrator,
    /// May manage applications.
    ApplicationAdministrator,
    /// May read everything.
    GlobalReader,
    /// Has no role.
    Member,
}

impl Person {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::GlobalAdministrator,
        Self::PrivilegedRoleAdministrator,
        Self::ApplicationAdministrator,
        Self::GlobalReader,
        Self::Member,
    ];

    /// The name in control requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "globalAdministrator",
            Self::PrivilegedRoleAdministrator => "privilegedRoleAdministrator",
            Self::ApplicationAdministrator => "applicationAdministrator",
            Self::GlobalReader => "globalReader",
            Self::Member => "member",
        }
    }

    /// The user principal name.
    pub fn user_name(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "ada@partner.example",
            Self::PrivilegedRoleAdministrator => "priya@partner.example",
            Self::ApplicationAdministrator => "amir@partner.example",
            Self::GlobalReader => "rosa@partner.example",
            Self::Member => "max@partner.example",
        }
    }

    /// The object id.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "a0a00000-0000-4000-8000-000000000001",
            Self::PrivilegedRoleAdministrator => "a0a00000-0000-4000-8000-000000000002",
            Self::ApplicationAdministrator => "a0a00000-0000-4000-8000-000000000003",
            Self::GlobalReader => "a0a00000-0000-4000-8000-000000000004",
            Self::Member => "a0a00000-0000-4000-8000-000000000005",
        }
    }

    /// The template id of the directory role.
    pub(crate) fn role(self) -> Option<&'static str> {
        match self {
            Self::GlobalAdministrator => Some(GLOBAL_ADMINISTRATOR),
            Self::PrivilegedRoleAdministrator => Some("e8611ab8-c189-46e8-94e1-60213ab1f814"),
            Self::ApplicationAdministrator => Some("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"),
            Self::GlobalReader => Some("f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
            Self::Member => None,
        }
    }
}

/// What the person does when asked to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PersonAnswer {
    /// Signs in and agrees to what is asked.
    #[default]
    Accepts,
    /// Closes the page with "Cancel", or declines.
    Declines,
    /// Does nothing.
    Waits,
    /// Tries, and a policy about authentication flows refuses by the number that any policy has (53003).
    FlowBlocked,
    /// Tries, and the service refuses with this AADSTS number.
    Refused(u32),
}

/// A flaw of an id token that a client must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdTokenFlaw {
    /// Another sign-in's nonce.
    Nonce,
    /// Another tenant.
    Tenant,
    /// Another client.
    Audience,
}

/// The sign-in of people as a test wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct SignInSettings {
    /// Who signs in.
    pub person: Person,
    /// What they do.
    pub answer: PersonAnswer,
    /// Polls for a device code that come before the person has answered.
    pub pending_polls: u64,
    /// Polls for a device code, the first ones, that are answered with `slow_down`.
    pub slow_downs: u64,
    /// Seconds between polls that the device code answer names.
    pub interval: u64,
    /// Whether the tenant has consented to the client for everybody.
    pub consented: bool,
    /// Whether a refresh token is given where `offline_access` is asked for.
    pub refresh_tokens: bool,
    /// Whether using a refresh token gives a new one.
    pub rotates: bool,
    /// Whether a refresh token is good once, as those of single-page applications are. Others stay good.
    pub used_once: bool,
    /// What is wrong with id tokens.
    pub id_token_flaw: Option<IdTokenFlaw>,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self {
            person: Person::default(),
            answer: PersonAnswer::default(),
            pending_polls: 1,
            slow_downs: 0,
            interval: 5,
            consented: true,
            refresh_tokens: true,
            rotates: true,
            used_once: false,
            id_token_flaw: None,
        }
    }
}

impl SignInSettings {
    /// The settings of a control request; what it doesn't name is as by default. The error is a sentence.
    pub(crate) fn read(body: &Object) -> Result<Self, String> {
        let mut settings = Self::default();
        for (name, value) in body {
            match name.as_str() {
                "person" => settings.person = person(value)?,
                "answer" => settings.answer = answer(value)?,
                "pendingPolls" => settings.pending_polls = number(name, value)?,
                "slowDowns" => settings.slow_downs = number(name, value)?,
                "interval" => settings.interval = number(name, value)?,
                "consented" => settings.consented = flag(name, value)?,
                "refreshTokens" => settings.refresh_tokens = flag(name, value)?,
                "usedOnce" => settings.used_once = flag(name, value)?,
                "rotates" => settings.rotates = flag(name, value)?,
                "idTokenFlaw" => settings.id_token_flaw = Some(flaw(value)?),
                "refuseRefresh" => {}
                _ => return Err(format!("unknown property '{name}' of a sign-in")),
            }
        }
        Ok(settings)
    }
}

fn person(value: &Value) -> Result<Person, String> {
    let found = Person::ALL.into_iter().find(|person| value == person.name());
    found.ok_or_else(|| format!("unknown person; known are {}", Person::ALL.map(Person::name).join(", ")))
}

fn answer(value: &Value) -> Result<PersonAnswer, String> {
    match (value.as_str(), value.as_u64().and_then(|code| u32::try_from(code).ok())) {
        (Some("accepts"), _) => Ok(PersonAnswer::Accepts),
        (Some("declines"), _) => Ok(PersonAnswer::Declines),
        (Some("waits"), _) => Ok(PersonAnswer::Waits),
        (Some("flowBlocked"), _) => Ok(PersonAnswer::FlowBlocked),
        (None, Some(code)) => Ok(PersonAnswer::Refused(code)),
        _ => Err("'answer' must be accepts, declines, waits, flowBlocked or an AADSTS number".to_owned()),
    }
}

fn flaw(value: &Value) -> Result<IdTokenFlaw, String> {
    match value.as_str() {
        Some("nonce") => Ok(IdTokenFlaw::Nonce),
        Some("tenant") => Ok(IdTokenFlaw::Tenant),
        Some("audience") => Ok(IdTokenFlaw::Audience),
        _ => Err("'idTokenFlaw' must be nonce, tenant or audience".to_owned()),
    }
}

fn number(name: &str, value: &Value) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| format!("'{name}' must be a number that is not negative"))
}

fn flag(name: &str, value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("'{name}' must be true or false"))
}
