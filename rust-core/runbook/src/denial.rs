//! Why a call was refused with 403, as far as the service's words and the token tell: the same status stands for a permission that
//! isn't in the token, a directory role that isn't active, a licence, a policy.

use time::{Duration, OffsetDateTime};

use crate::observed::{LookUp, Subject};
use crate::plan::missing;
use crate::sign_in_needs::{GLOBAL_READER, Holder, Role, has_one, lets_read, permissions_of};
use crate::step::StepName;
use pp_words::instant;

/// A token of this age may lack what was consented to since.
const OLD: Duration = Duration::minutes(5);

/// What is behind a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The token holds no permission that allows the call.
    Permission,
    /// Nor does it, and it is so old that one may have been granted since.
    OldToken,
    /// It holds one, and none of the directory roles without which the permission opens nothing to a person.
    Role,
    /// The tenant has no licence for what was asked for.
    Licence,
    /// A policy of the tenant.
    Policy,
    /// Neither the service's words nor the token tell.
    Untold,
}

/// A refusal that was looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// What is behind it.
    pub cause: Cause,
    /// That in a sentence, with the permissions and roles that would do.
    pub words: String,
}

/// A refusal with status 403.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// `error.code`.
    pub code: &'a str,
    /// `error.message`.
    pub message: &'a str,
    /// What the refused token holds; `None` where it can't be read.
    pub holder: Option<&'a Holder>,
    /// The service's time.
    pub at: OffsetDateTime,
}

/// True where the service says that the tenant has no licence. Source: public reports (maester365/maester#769:
/// `AadPremiumLicenseRequired`; `Authentication_RequestFromNonPremiumTenantOrB2CTenant`, "doesn't have premium license").
pub fn is_of_licence(code: &str, message: &str) -> bool {
    let (code, message) = (code.to_ascii_lowercase(), message.to_ascii_lowercase());
    code.contains("license") || code.contains("nonpremium") || message.contains("premium license")
}

/// What a refusal for want of a permission says, whatever the permission is called. Source: public reports (Microsoft Graph and Intune,
/// `PermissionScopeNotGranted`: "Authorization failed due to missing permission scope", "required scopes are missing in the token").
const OF_PERMISSION: [&str; 3] = ["permissionscopenotgranted", "missing permission scope", "required scopes"];

/// A directory role, whose name is no word about a policy.
const ROLE_OF_POLICIES: &str = "conditional access administrator";

/// Assumption: Graph's words where a policy refuses are not on record; those of Entra name it so. Names of permissions, as
/// `Policy.Read.All`, are no such words.
fn is_of_policy(code: &str, message: &str) -> bool {
    let said = format!("{code} {message}").to_ascii_lowercase();
    if OF_PERMISSION.iter().any(|words| said.contains(words)) {
        return false;
    }
    let is_name = |word: &&str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).contains('.');
    let said = said.replace(ROLE_OF_POLICIES, "");
    let said = said.split_whitespace().filter(|word| !is_name(word)).collect::<Vec<_>>().join(" ");
    ["policy", "policies", "conditional access", "protected action", "authentication context"]
        .iter()
        .any(|word| said.contains(word))
}

impl Refused<'_> {
    /// Of a read.
    pub fn read(&self, subject: Subject, look_up: LookUp) -> Denial {
        let held =
            |holder: &Holder| holder.permissions.iter().find(|held| lets_read(held, subject.permissions)).cloned();
        let lacks = vec![subject.permissions.join(" or ")];
        let roles = readers(look_up);
        let holds = self.holder.map(|holder| held(holder).ok_or(lacks.clone()));
        self.judge(&lacks, holds.as_ref(), &roles)
    }

    /// Of a write.
    pub fn write(&self, step: StepName) -> Denial {
        let needs: Vec<String> = step.step().needs.iter().map(|any_of| any_of.join(" or ")).collect();
        let holds = self.holder.map(|holder| match missing(step, &holder.permissions) {
            lacks if lacks.is_empty() => Ok(permissions_of(step, holder).join(", ")),
            lacks => Err(lacks.iter().map(|missing| missing.any_of.join(" or ")).collect()),
        });
        self.judge(&needs, holds.as_ref(), step.step().roles)
    }

    /// Of a call that belongs to no step; nothing where its words say no more.
    pub fn call(&self) -> Option<Denial> {
        self.said().map(|(cause, words)| Denial { cause, words })
    }

    fn said(&self) -> Option<(Cause, String)> {
        self.of_licence().or_else(|| self.of_policy())
    }

    fn of_licence(&self) -> Option<(Cause, String)> {
        is_of_licence(self.code, self.message).then(|| (Cause::Licence, "The tenant has no licence for it".into()))
    }

    fn of_policy(&self) -> Option<(Cause, String)> {
        is_of_policy(self.code, self.message).then(|| (Cause::Policy, "A policy of the tenant forbids it".into()))
    }

    /// `holds` is the permission that the token holds for it, or those that it lacks; nothing where it can't be read. What the token
    /// lacks is surer than a word about a policy.
    fn judge(&self, needs: &[String], holds: Option<&Result<String, Vec<String>>>, roles: &[Role]) -> Denial {
        let lacks = || match (self.holder, holds) {
            (Some(holder), Some(Err(lacks))) => Some(self.lacking(holder, &lacks.join("; "))),
            _ => None,
        };
        let told = self.of_licence().or_else(lacks).or_else(|| self.of_policy());
        let (cause, words) = told.unwrap_or_else(|| match (self.holder, holds) {
            (Some(holder), Some(Ok(held))) => of_role(holder, held, roles),
            _ => (
                Cause::Untold,
                format!(
                    "The token can't be read here, so what it lacks isn't known: it takes the Microsoft Graph permission \
                     {}, and of a person the directory role {}",
                    needs.join("; "),
                    named(roles)
                ),
            ),
        });
        Denial { cause, words }
    }

    fn lacking(&self, holder: &Holder, lacks: &str) -> (Cause, String) {
        let words = format!("It needs the Microsoft Graph permission {lacks}, which the token doesn't hold");
        match holder.issued.filter(|_| holder.is_old(self.at)) {
            Some(issued) => (Cause::OldToken, format!("{words}; {}", of_then(issued))),
            None => (Cause::Permission, words),
        }
    }
}

/// What to think of a token of then.
pub fn of_then(issued: OffsetDateTime) -> String {
    format!("the token was issued at {}, and what was granted after that isn't in it", instant(issued))
}

impl Holder {
    /// Whether the token is so old that something may have been granted since.
    pub fn is_old(&self, now: OffsetDateTime) -> bool {
        self.issued.is_some_and(|issued| now - issued > OLD)
    }
}

fn of_role(holder: &Holder, held: &str, roles: &[Role]) -> (Cause, String) {
    match has_one(holder, roles) {
        Some(false) => (
            Cause::Role,
            format!(
                "The token holds the Microsoft Graph permission {held}, and shows none of the directory roles that let its \
                 person use it: {}",
                named(roles)
            ),
        ),
        Some(true) => (
            Cause::Untold,
            format!("The token holds the Microsoft Graph permission {held} and a directory role for it"),
        ),
        None if holder.person => (
            Cause::Untold,
            format!(
                "The token holds the Microsoft Graph permission {held}; its directory roles are not told. It takes {}",
                named(roles)
            ),
        ),
        None => (Cause::Untold, format!("The token holds the Microsoft Graph permission {held}")),
    }
}

/// Roles that let a person read: the least first. Source: Entra documentation, "Microsoft Entra built-in roles": Global Reader
/// reads all that Global Administrator does; and who writes it reads it.
fn readers(look_up: LookUp) -> Vec<Role> {
    let mut roles = vec![GLOBAL_READER];
    let steps = StepName::ALL.iter().map(|step| step.step()).filter(|step| step.reads.contains(&look_up));
    for role in steps.flat_map(|step| step.roles) {
        if !roles.contains(role) {
            roles.push(*role);
        }
    }
    roles
}

fn named(roles: &[Role]) -> String {
    roles.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::facts::POLICY;

    const AT: OffsetDateTime = datetime!(2026-11-29 06:00 UTC);

    fn cause(code: &str, message: &str, holder: &Holder) -> Cause {
        Refused { code, message, holder: Some(holder), at: AT }.read(POLICY, LookUp::Policy).cause
    }

    fn holder(permissions: &[&str], age: Duration) -> Holder {
        let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
        Holder { person: true, permissions, roles: Some(Vec::new()), issued: Some(AT - age) }
    }

    const DENIED: &str = "Authorization_RequestDenied";
    const GUARDED: &str = "The action is protected by a Conditional Access policy that this sign-in does not satisfy.";

    #[test]
    fn a_permission_or_a_role_that_is_named_after_policies_is_no_policy() {
        let (whole, none) = (holder(&["Policy.Read.All"], Duration::ZERO), holder(&[], Duration::ZERO));
        for message in [
            "Insufficient privileges; one of Policy.Read.All, Policy.ReadWrite.ApplicationConfiguration is needed.",
            "The caller must be a Conditional Access Administrator or Global Reader.",
            "Authorization failed due to missing permission scope Policy.Read.All for the policy.",
            "You cannot perform the requested operation, required scopes are missing in the token: policies.",
            r#"{"errorCode":"PermissionScopeNotGranted","message":"... of the policy"}"#,
        ] {
            assert_eq!(cause(DENIED, message, &whole), Cause::Role, "{message}");
            assert_eq!(cause(DENIED, message, &none), Cause::Permission, "{message}");
            assert_eq!(cause(DENIED, message, &holder(&[], Duration::HOUR)), Cause::OldToken, "{message}");
            assert!(Refused { code: DENIED, message, holder: None, at: AT }.call().is_none(), "{message}");
        }
    }

    #[test]
    fn a_token_that_lacks_the_permission_speaks_before_a_word_about_a_policy() {
        assert_eq!(cause(DENIED, GUARDED, &holder(&["Policy.Read.All"], Duration::ZERO)), Cause::Policy);
        assert_eq!(cause(DENIED, GUARDED, &holder(&[], Duration::ZERO)), Cause::Permission);
        assert_eq!(cause("AadPremiumLicenseRequired", "", &holder(&[], Duration::ZERO)), Cause::Licence);
        let opaque = Refused { code: DENIED, message: GUARDED, holder: None, at: AT };
        assert_eq!(opaque.read(POLICY, LookUp::Policy).cause, Cause::Policy);
    }
}
