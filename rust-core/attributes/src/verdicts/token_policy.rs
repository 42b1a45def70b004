//! AADSTS5000820: Microsoft Entra refuses a token that comes from another root domain than the user's sign-in name is in. Sources:
//! Microsoft Graph documentation, "federatedTokenValidationPolicy" and "validatingDomains resource type" (v1.0), and the message
//! center's MC1303719, by which that holds for every federated domain since August 2026 unless a policy says otherwise.

use super::{Case, USER_PRINCIPAL_NAME, Verdict};
use crate::difference::Severity;
use crate::facts::{Authentication, Domain, Known, Policy};
use crate::key;

impl Policy {
    /// Whether the sign-ins of a root domain's users are validated; or why that isn't known.
    pub fn validates(&self, root: &str, authentication: Authentication) -> Result<bool, String> {
        let is_managed = authentication == Authentication::Managed;
        let is_named = |names: &[String]| names.iter().any(|name| name.eq_ignore_ascii_case(root));
        Ok(match self {
            Self::Default | Self::All => true,
            Self::Off => false,
            Self::AllFederated => !is_managed,
            Self::AllManaged => is_managed,
            Self::Enumerated(names) => is_named(names),
            Self::AllManagedAndEnumerated(names) => is_managed || is_named(names),
            Self::Other(value) => {
                return Err(format!(
                    "The tenant's token validation policy has a value that this version doesn't know, '{value}'."
                ));
            }
        })
    }

    /// In words.
    fn name(&self) -> &str {
        match self {
            Self::Default => {
                "the tenant has no federatedTokenValidationPolicy of its own, so all domains are validated"
            }
            Self::Off => "federatedTokenValidationPolicy is none",
            Self::All => "federatedTokenValidationPolicy is all",
            Self::AllFederated => "federatedTokenValidationPolicy is allFederated",
            Self::AllManaged => "federatedTokenValidationPolicy is allManaged",
            Self::Enumerated(_) => "federatedTokenValidationPolicy names the domain",
            Self::AllManagedAndEnumerated(_) => "federatedTokenValidationPolicy is allManagedAndEnumeratedFederated",
            Self::Other(value) => value,
        }
    }
}

/// The name is in another domain than the one that is federated with Practice Protect.
pub(super) fn other_domain(case: &Case<'_>, found: &mut Vec<Verdict>) {
    if case.user.is_none() || case.is_invited() {
        return;
    }
    let Some(name) = case.name_afterwards().and_then(key::domain) else { return };
    let said = match case.facts().is_practice_protect(&name) {
        Ok(true) => return,
        Err(reason) => Some(unknown(case, reason)),
        Ok(false) => match root(case, &name) {
            Some(root) => refused(case, root),
            // Not one of the tenant's domains: another verdict says so.
            None => return,
        },
    };
    found.extend(said);
}

fn unknown(case: &Case<'_>, reason: &str) -> Verdict {
    let said = format!("Whether Microsoft Entra takes Practice Protect's token for this name can't be known. {reason}");
    let (severity, why) = case.as_an_account((Severity::Unknown, said));
    Verdict::new(USER_PRINCIPAL_NAME, severity, why)
}

/// The root domain that a name's domain follows, which has its settings.
fn root<'a>(case: &'a Case<'_>, name: &str) -> Option<&'a Domain> {
    let domains = case.facts().domains.get().ok()?;
    let own = domains.find(name)?;
    domains.find(domains.root(&own.name)).or(Some(own))
}

fn refused(case: &Case<'_>, root: &Domain) -> Option<Verdict> {
    let (domain, authentication) = (&root.name, root.authentication);
    let policy = match &case.facts().policy {
        Known::Is(policy) => policy,
        Known::Unknown(reason) => return Some(unknown(case, &at_microsoft(reason, authentication))),
    };
    match policy.validates(domain, authentication) {
        Err(reason) => return Some(unknown(case, &at_microsoft(&reason, authentication))),
        Ok(false) => return None,
        Ok(true) => {}
    }
    let assumed = case.facts().assumption();
    let source = format!("AADSTS5000820: {} (MC1303719).{assumed}", policy.name());
    let of_the_domain = match authentication {
        Authentication::Managed => (
            Severity::Changed,
            format!(
                "They sign in at Microsoft, since {domain} is managed; only the way by Practice Protect is refused. {source}"
            ),
        ),
        Authentication::Federated => (
            Severity::LockedOut,
            format!(
                "{domain} is federated, and not with Practice Protect: its token is refused for this user. {source}"
            ),
        ),
    };
    let (severity, why) = case.as_an_account(of_the_domain);
    let verdict = Verdict::new(USER_PRINCIPAL_NAME, severity, why);
    let ours = case.facts().practice_protect_domains.get().map(|names| names.join(" or ")).unwrap_or_default();
    Some(verdict.advise(format!("Give them a sign-in name in {ours} before provisioning.")))
}

/// What is certain beside what isn't.
fn at_microsoft(reason: &str, authentication: Authentication) -> String {
    let certain = match authentication {
        Authentication::Managed => " They can sign in at Microsoft in any case: their domain is managed.",
        Authentication::Federated => "",
    };
    format!("{reason}{certain}")
}
