//! What of the tenant the verdicts build on. A look-up that failed is [`Known::Unknown`] with the reason, never an empty result.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::key;
use crate::object_id::ObjectId;

/// A fact, or why it isn't known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// It is.
    Is(T),
    /// It couldn't be read: why, in a sentence, and what it takes.
    Unknown(String),
}

impl<T> Known<T> {
    /// The fact, or the reason.
    pub fn get(&self) -> Result<&T, &str> {
        match self {
            Self::Is(value) => Ok(value),
            Self::Unknown(reason) => Err(reason),
        }
    }
}

/// How the users of a domain sign in. Source: Microsoft Graph documentation, "domain resource type", authenticationType.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// At Microsoft.
    Managed,
    /// At the identity provider that the domain is federated with.
    Federated,
}

/// A domain of the tenant. Source: Microsoft Graph documentation, "domain resource type".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its name (`id`).
    pub name: String,
    /// `authenticationType`.
    pub authentication: Authentication,
    /// `isVerified`.
    pub is_verified: bool,
    /// `isRoot`: false for a subdomain of another verified one.
    pub is_root: bool,
}

/// The tenant's domains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains(pub Vec<Domain>);

impl Domains {
    /// The domain of that name.
    pub fn find(&self, name: &str) -> Option<&Domain> {
        self.0.iter().find(|domain| domain.name.eq_ignore_ascii_case(name))
    }

    /// The root that a domain follows: itself, or the root domain of the tenant that it ends in. Source: "domain resource
    /// type" (isRoot) and "Change subdomain authentication type": a subdomain has its root's settings.
    pub fn root<'a>(&'a self, name: &'a str) -> &'a str {
        let roots = self.0.iter().filter(|domain| domain.is_root && below(name, &domain.name));
        roots.map(|domain| domain.name.as_str()).max_by_key(|name| name.len()).unwrap_or(name)
    }
}

/// Whether a domain is another, or a subdomain of it.
fn below(name: &str, root: &str) -> bool {
    let cut = name.len().checked_sub(root.len());
    cut.is_some_and(|cut| {
        name.get(cut..).is_some_and(|end| end.eq_ignore_ascii_case(root))
            && (cut == 0 || name.as_bytes()[cut - 1] == b'.')
    })
}

/// For users of which root domains Microsoft Entra compares the domain that the token comes from with the one that the user is in.
/// Source: Microsoft Graph documentation, "validatingDomains resource type", "allDomains", "enumeratedDomains", v1.0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// The tenant has none of its own: all domains are validated (the default of `allDomains`).
    Default,
    /// `none`: no domain is.
    Off,
    /// `all`: every domain is.
    All,
    /// `allFederated`.
    AllFederated,
    /// `allManaged`.
    AllManaged,
    /// `enumerated`: those that are named.
    Enumerated(Vec<String>),
    /// `allManagedAndEnumeratedFederated`: all managed ones, and the federated ones that are named.
    AllManagedAndEnumerated(Vec<String>),
    /// A value that this version doesn't know.
    Other(String),
}

impl Policy {
    /// Of the body of `GET /policies/federatedTokenValidationPolicy`. A tenant without one answers 404, which is
    /// [`Policy::Default`] (Microsoft's page on setting it up: "Resource does not exist or one of its queried reference-property
    /// objects are not present").
    pub fn of(body: &Value) -> Self {
        let domains = &body["validatingDomains"];
        let names = || {
            let names = domains["domainNames"].as_array().into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        match domains["rootDomains"].as_str() {
            None if domains.is_null() => Self::Default,
            None => Self::Other(domains.to_string()),
            Some("none") => Self::Off,
            Some("all") => Self::All,
            Some("allFederated") => Self::AllFederated,
            Some("allManaged") => Self::AllManaged,
            Some("enumerated") => Self::Enumerated(names()),
            Some("allManagedAndEnumeratedFederated") => Self::AllManagedAndEnumerated(names()),
            Some(other) => Self::Other(other.to_owned()),
        }
    }
}

/// A Global Administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalAdministrator {
    /// Object id.
    pub id: ObjectId,
    /// The sign-in name.
    pub user_principal_name: String,
    /// Whether it may sign in; `None` where that wasn't read.
    pub is_enabled: Option<bool>,
    /// The names that the portal has for whom the account pairs with: it will have one of them.
    pub portal_names: Vec<String>,
}

/// Who has a role of the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admins {
    /// The users who are Global Administrators, directly.
    pub global: Vec<GlobalAdministrator>,
    /// The display names of all roles of each user who has one, Global Administrator among them.
    pub roles: BTreeMap<ObjectId, Vec<String>>,
}

/// How much of the portal's users was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// All: who isn't among them is no user of the portal.
    Whole,
    /// Some: nothing follows from not being among them.
    Part,
}

/// The facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The tenant's domains.
    pub domains: Known<Domains>,
    /// The domains that are federated with Practice Protect, or are going to be.
    pub practice_protect_domains: Known<Vec<String>>,
    /// Whether nobody said so, and they are taken for that because nothing else is federated: it may be with another identity provider.
    pub practice_protect_is_assumed: bool,
    /// The tenant's federated token validation policy.
    pub policy: Known<Policy>,
    /// Who is an administrator.
    pub admins: Known<Admins>,
    /// The directory roles (display names) of the application's service principal.
    pub application_roles: Known<Vec<String>>,
    /// The object id of whoever runs this; `None` for an application.
    pub me: Option<ObjectId>,
    /// How much of the portal's users was given.
    pub coverage: Coverage,
}

impl Facts {
    /// Whether a domain, or the root that it follows, is federated with Practice Protect or going to be; or why that isn't known.
    pub fn is_practice_protect(&self, domain: &str) -> Result<bool, &str> {
        let (domains, ours) = (self.domains.get()?, self.practice_protect_domains.get()?);
        let root = domains.root(domain);
        Ok(ours.iter().any(|name| domains.root(name).eq_ignore_ascii_case(root)))
    }

    /// The sentence, with a space in front, that what builds on these domains ends in where they are assumed; else nothing.
    pub(crate) fn assumption(&self) -> String {
        match &self.practice_protect_domains {
            Known::Is(names) if self.practice_protect_is_assumed => format!(
                " {} is taken for Practice Protect's domain, since no other is federated (-FederatedDomain says otherwise).",
                names.join(" or ")
            ),
            _ => String::new(),
        }
    }

    /// The domain of a sign-in name, as the tenant has it.
    pub fn domain_of(&self, user_principal_name: &str) -> Result<Option<&Domain>, &str> {
        let domains = self.domains.get()?;
        Ok(key::domain(user_principal_name).and_then(|name| domains.find(&name)))
    }
}
