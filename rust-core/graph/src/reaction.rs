//! What an error of Microsoft Graph means for a run: one table, most specific rule first.
//!
//! Most of these errors share the code `Request_BadRequest`, so `details[].code` is looked at before the message text.

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// What was to be made is there: look, and go on.
    AlreadyThere,
    /// Something made moments ago is not visible everywhere yet: wait, look, try again.
    NotYet,
    /// Too many requests; nothing was done: wait as told.
    Throttled,
    /// The service stumbled; what was asked may have been done: wait and look.
    Transient,
    /// Another write to the same object was under way: wait and try again.
    Conflict,
    /// The token may not do this.
    Denied,
    /// A policy of the tenant forbids it.
    Policy,
    /// The sign-in is no longer accepted: sign in again, once.
    SignInAgain,
    /// The object isn't there.
    NotFound,
    /// An earlier request of the same batch failed; this one was not tried.
    NotTried,
    /// A real error: stop and say so.
    Real,
}

/// One rule: all parts that are given must match.
#[derive(Debug)]
pub struct Rule {
    /// HTTP status.
    pub status: Option<u16>,
    /// `error.code`, or one of `error.details[].code`.
    pub code: Option<&'static str>,
    /// A part of `error.message`.
    pub text: Option<&'static str>,
    /// What it means.
    pub reaction: Reaction,
    /// Where this is known from.
    pub source: &'static str,
}

const fn rule(
    status: Option<u16>,
    code: Option<&'static str>,
    text: Option<&'static str>,
    reaction: Reaction,
    source: &'static str,
) -> Rule {
    Rule { status, code, text, reaction, source }
}

const DOCS: &str = "Microsoft Graph documentation, error responses";
const HTTP: &str = "RFC 9110, 15.6: the server doesn't do the like, so nothing was done";
const BATCH: &str = "Microsoft Graph documentation, JSON batching: a failed dependency answers 424";
const AZUREAD: &str = "terraform-provider-azuread, consistency handling per resource";
const GRANTS: &str = "terraform-provider-azuread issue 690";
const ROLES: &str = "github.com/dod-ccpo/atat issue 1554";
const SYNC: &str =
    "MSOnline, DirSyncStatusChangeNotAllowedException, while it is being switched off; Graph's words are not on record";
const COMPANY: &str = "azure-cli, consistency handling: the write may have been applied";
const UNIQUE: &str =
    "microsoftgraph/msgraph-bicep-types issue 137; byte5ai/omadia issue 916: with details, without, 400 or 409";
const POLICY: &str = "microsoft-365-agents-toolkit issue 10998; Graph documentation, app management policies";

/// The table. The first rule that matches counts.
pub const RULES: &[Rule] = &[
    rule(Some(424), None, None, Reaction::NotTried, BATCH),
    rule(Some(401), None, None, Reaction::SignInAgain, DOCS),
    rule(Some(429), None, None, Reaction::Throttled, DOCS),
    rule(None, Some("NoBackingApplicationObject"), None, Reaction::NotYet, AZUREAD),
    rule(None, Some("ObjectConflict"), None, Reaction::AlreadyThere, DOCS),
    rule(None, Some("CredentialInvalidLifetimeAsPerAppPolicy"), None, Reaction::Policy, POLICY),
    rule(None, Some("CredentialTypeNotAllowedAsPerAppPolicy"), None, Reaction::Policy, POLICY),
    rule(None, Some("SignInAudienceNotAllowedAsPerAppPolicy"), None, Reaction::Policy, POLICY),
    rule(None, Some("Directory_ConcurrencyViolation"), None, Reaction::Conflict, DOCS),
    rule(None, Some("Directory_QuotaExceeded"), None, Reaction::Real, DOCS),
    rule(None, Some("Directory_ResourceSizeExceeded"), None, Reaction::Real, DOCS),
    rule(None, None, Some("does not reference a valid application object"), Reaction::NotYet, AZUREAD),
    rule(
        None,
        None,
        Some("backing application of the service principal being created must"),
        Reaction::NotYet,
        AZUREAD,
    ),
    rule(Some(400), None, Some("Not a valid reference update"), Reaction::NotYet, AZUREAD),
    rule(Some(400), None, Some("queried reference-property objects are not present"), Reaction::NotYet, AZUREAD),
    rule(None, None, Some("Permission entry already exists"), Reaction::AlreadyThere, GRANTS),
    rule(None, None, Some("Permission being assigned already exists on the object"), Reaction::AlreadyThere, DOCS),
    rule(None, None, Some("EntitlementGrant entry already exists"), Reaction::AlreadyThere, DOCS),
    rule(
        None,
        None,
        Some("A conflicting object with one or more of the specified property values is present"),
        Reaction::AlreadyThere,
        ROLES,
    ),
    rule(None, None, Some("You cannot turn off Active Directory synchronization"), Reaction::AlreadyThere, SYNC),
    rule(None, None, Some("Another object with the same value for property"), Reaction::AlreadyThere, UNIQUE),
    rule(None, None, Some("added object references already exist"), Reaction::AlreadyThere, DOCS),
    rule(None, Some("Request_MultipleObjectsWithSameKeyValue"), None, Reaction::AlreadyThere, DOCS),
    rule(
        None,
        Some("Directory_ObjectNotFound"),
        Some("Unable to read the company information"),
        Reaction::Transient,
        COMPANY,
    ),
    rule(Some(404), None, None, Reaction::NotFound, DOCS),
    rule(Some(409), None, None, Reaction::Conflict, DOCS),
    rule(Some(403), None, None, Reaction::Denied, DOCS),
    rule(Some(408), None, None, Reaction::Transient, AZUREAD),
    rule(Some(501), None, None, Reaction::Real, HTTP),
    rule(Some(505), None, None, Reaction::Real, HTTP),
];

/// Looks an error up in the table. What stumbles is Graph (500, 502 to 504) or something on the way to it, which has numbers of its own
/// (520 to 524, 599) and may say them of a request that it has handed on.
pub fn reaction(status: u16, codes: &[&str], message: &str) -> Reaction {
    let matches = |rule: &&Rule| {
        rule.status.is_none_or(|wanted| wanted == status)
            && rule.code.is_none_or(|wanted| codes.contains(&wanted))
            && rule.text.is_none_or(|wanted| message.contains(wanted))
    };
    let otherwise = if status >= 500 { Reaction::Transient } else { Reaction::Real };
    RULES.iter().find(matches).map_or(otherwise, |rule| rule.reaction)
}
