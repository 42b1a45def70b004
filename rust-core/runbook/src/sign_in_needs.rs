//! What a sign-in needs for each step: Microsoft Graph permissions, and for a person the directory role without which the
//! permissions open nothing.

use time::OffsetDateTime;

use crate::comparison;
use crate::facts::subjects;
use crate::plan::reads;
use crate::step::StepName;
use crate::steps::global_administrator::GLOBAL_ADMINISTRATOR;

/// What a sign-in holds, as its token tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// A person signed in, and not an application by itself.
    pub person: bool,
    /// Microsoft Graph permissions.
    pub permissions: Vec<String>,
    /// Template ids of directory roles; `None` where the token doesn't say.
    pub roles: Option<Vec<String>>,
    /// When the token was issued, where it says so.
    pub issued: Option<OffsetDateTime>,
}

/// One of these permissions will do.
#[derive(Debug, Clone, Copy)]
struct AnyOf {
    names: &'static [&'static str],
    /// What is needed to write is needed by its name; to read, a permission to write will do.
    by_name: bool,
}

impl AnyOf {
    fn is_met_by(&self, held: &str) -> bool {
        self.names.iter().any(|name| held == *name || (!self.by_name && covers(held, name)))
    }

    fn is_met<T: AsRef<str>>(&self, held: &[T]) -> bool {
        held.iter().any(|held| self.is_met_by(held.as_ref()))
    }
}

/// Reaches only applications that the client made itself; there is no delegated permission of this name.
const OWNED: &str = "Application.ReadWrite.OwnedBy";

/// A directory role: name and template id. Source: Entra documentation, "Microsoft Entra built-in roles".
pub type Role = (&'static str, &'static str);

pub(crate) const GLOBAL: Role = ("Global Administrator", GLOBAL_ADMINISTRATOR);
/// Id from general knowledge, not from the page.
pub(crate) const PRIVILEGED_ROLE: Role = ("Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814");
pub(crate) const APPLICATION: Role = ("Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3");
pub(crate) const CLOUD_APPLICATION: Role = ("Cloud Application Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7");
pub(crate) const GLOBAL_READER: Role = ("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451");
pub(crate) const HYBRID_IDENTITY: Role = ("Hybrid Identity Administrator", "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2");

/// One of these lets attributes of users be written, least first. Source: Microsoft Graph documentation, "Update user";
/// `User.ReadUpdate.All` is newer than the permission data and not offered in every cloud.
pub const WRITES_USERS: [&str; 3] = ["User.ReadUpdate.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];

/// What a person asks for who restores attributes: the one of them that every cloud has.
const RESTORES: AnyOf = AnyOf { names: &["User.ReadWrite.All"], by_name: true };

/// The roles one of which changes sign-in names and Immutable IDs of administrators; an application needs it, too. Source:
/// Microsoft Graph documentation, "user resource type", sensitive actions. The first one's id is from general knowledge.
#[derive(Debug, Clone, Copy)]
pub struct ChangesAdministrators([Role; 2]);

/// Those.
pub const CHANGES_ADMINISTRATORS: ChangesAdministrators = ChangesAdministrators([
    ("Privileged Authentication Administrator", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"),
    GLOBAL,
]);

impl ChangesAdministrators {
    /// Whether one of them is among these template ids.
    fn is_held(&self, held: &[String]) -> bool {
        self.0.iter().any(|(_, id)| held.iter().any(|wid| wid.eq_ignore_ascii_case(id)))
    }
}

impl std::fmt::Display for ChangesAdministrators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [(least, _), (other, _)] = self.0;
        write!(f, "{least} or {other}")
    }
}

/// The role that a person usually needs to change attributes of users; administrators aside ([`CHANGES_ADMINISTRATORS`]). Source:
/// Microsoft Graph documentation, "user resource type", sensitive actions.
pub const CHANGES_USERS: Role = ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1");

/// More roles that change attributes of users. Source: Entra documentation, "Microsoft Entra built-in roles",
/// `microsoft.directory/users/basic/update`; ids from general knowledge.
const CHANGE_USERS_TOO: [Role; 3] = [
    ("Authentication Administrator", "c4e39bd9-1100-46d3-8c65-fb160da0071f"),
    ("Directory Writers", "9360feb5-f418-4baa-8175-e2a00bac4301"),
    ("Intune Administrator", "3a2c62db-5318-420d-8d74-23affee5d9d5"),
];

impl Holder {
    /// Whether it is a person whose token shows its roles, and none of them changes users. Custom roles and roles on single objects are
    /// not in a token.
    pub fn shows_no_role_that_changes_users(&self) -> bool {
        let ChangesAdministrators(administrators) = CHANGES_ADMINISTRATORS;
        let roles = [&[CHANGES_USERS][..], &CHANGE_USERS_TOO, &administrators].concat();
        has_one(self, &roles) == Some(false)
    }

    /// Whether its token shows a role that changes administrators; none where it shows no roles.
    pub fn shows_role_that_changes_administrators(&self) -> Option<bool> {
        self.roles.as_ref().map(|held| CHANGES_ADMINISTRATORS.is_held(held))
    }
}

/// A row of what a token holds against what a step needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepNeeds {
    /// The step.
    pub step: StepName,
    /// Permissions, a line for each: one of those in it will do.
    pub needs: Vec<String>,
    /// Those of them that the token holds; `None` where it can't be read.
    pub held: Option<Vec<String>>,
    /// The lines of which it holds none; `None` where it can't be read.
    pub missing: Option<Vec<String>>,
    /// Directory roles, one of which the person should have; empty where no person signed in.
    pub roles: Vec<&'static str>,
    /// Whether the token shows one of them; `None` where no person signed in, or where it doesn't say.
    pub has_role: Option<bool>,
}

/// Each step's row.
pub fn rows(steps: &[StepName], holder: Option<&Holder>) -> Vec<StepNeeds> {
    steps.iter().map(|step| row(*step, holder)).collect()
}

fn row(step: StepName, holder: Option<&Holder>) -> StepNeeds {
    let person = holder.is_some_and(|holder| holder.person);
    let wanted = needs(step);
    let held = holder.map(|holder| &holder.permissions);
    let line = |any_of: &AnyOf| {
        let named: Vec<&str> = any_of.names.iter().copied().filter(|name| !person || *name != OWNED).collect();
        named.join(" or ")
    };
    let missing = held.map(|held| wanted.iter().filter(|any_of| !any_of.is_met(held)).map(line).collect());
    let useful = |held: &Vec<String>| {
        let useful = held.iter().filter(|held| wanted.iter().any(|any_of| any_of.is_met_by(held)));
        useful.cloned().collect()
    };
    StepNeeds {
        step,
        needs: wanted.iter().map(line).collect(),
        held: held.map(useful),
        missing,
        roles: if person { step.step().roles.iter().map(|(name, _)| *name).collect() } else { Vec::new() },
        has_role: holder.and_then(|holder| has_one(holder, step.step().roles)),
    }
}

/// What the step writes and reads, without what another of its lines covers.
fn needs(step: StepName) -> Vec<AnyOf> {
    let writes = step.step().needs.iter().map(|names| AnyOf { names, by_name: true });
    let mut needs: Vec<AnyOf> = writes.collect();
    for subject in reads(&[step]).into_iter().flat_map(subjects) {
        let read = AnyOf { names: subject.permissions, by_name: false };
        if !needs.iter().any(|known| known.names.iter().all(|held| read.is_met_by(held))) {
            needs.push(read);
        }
    }
    needs
}

/// What the chosen steps take, and where all are chosen, what a comparison of attributes reads.
fn needs_of(steps: &[StepName]) -> Vec<AnyOf> {
    let mut all: Vec<AnyOf> = steps.iter().flat_map(|step| needs(*step)).collect();
    if StepName::ALL.iter().all(|step| steps.contains(step)) {
        all.extend(comparison::READS.map(|subject| AnyOf { names: subject.permissions, by_name: false }));
    }
    all
}

/// The delegated permissions to ask for: the least that let the steps read what they judge by and write what they change. Whoever
/// wants no more than some steps names them; else the attributes can be compared, too.
pub fn delegated(steps: &[StepName]) -> Vec<&'static str> {
    least(needs_of(steps))
}

/// The same for one who restores users' attributes besides.
pub fn delegated_and_restoring(steps: &[StepName]) -> Vec<&'static str> {
    least(needs_of(steps).into_iter().chain([RESTORES]).collect())
}

fn least(mut all: Vec<AnyOf>) -> Vec<&'static str> {
    // What writes goes first: it often lets read too. So does what there is less choice for.
    all.sort_by_key(|any_of| (!any_of.by_name, any_of.names.len()));
    let mut chosen: Vec<&'static str> = Vec::new();
    for any_of in all {
        if !any_of.is_met(&chosen) {
            chosen.extend(any_of.names.first());
        }
    }
    chosen
}

/// The same where these permissions are unknown: what lets read or write in their place, as far as there is something. What is
/// only read is then left out; `None` where something can't be written without an unknown one.
pub fn delegated_without(asked: &[String], unknown: &[String]) -> Option<Vec<&'static str>> {
    let known = |name: &&&str| !unknown.iter().any(|unknown| unknown == **name);
    let whole = needs_of(&StepName::ALL).into_iter().chain([RESTORES]);
    let mut all: Vec<AnyOf> = whole.filter(|any_of| any_of.is_met(asked)).collect();
    all.sort_by_key(|any_of| (!any_of.by_name, any_of.names.len()));
    let mut chosen: Vec<&'static str> = Vec::new();
    for any_of in all {
        if any_of.is_met(&chosen) {
            continue;
        }
        match any_of.names.iter().filter(|name| **name != OWNED).find(known) {
            Some(name) => chosen.push(name),
            None if any_of.by_name => return None,
            None => {}
        }
    }
    Some(chosen)
}

/// Who may write may read. Source: microsoft-graph-devx-content, permissions.json, for the paths used here.
fn covers(held: &str, needed: &str) -> bool {
    held.replace(".ReadWrite.", ".Read.") == needed || (held == OWNED && needed == "Application.Read.All")
}

/// Whether a person's token shows one of these roles; `None` of no person, or where it doesn't say.
pub(crate) fn has_one(holder: &Holder, roles: &[Role]) -> Option<bool> {
    let held = holder.roles.as_ref().filter(|_| holder.person)?;
    Some(roles.iter().any(|(_, id)| held.iter().any(|wid| wid.eq_ignore_ascii_case(id))))
}

/// Whether a permission lets read what takes one of these.
pub(crate) fn lets_read(held: &str, names: &'static [&'static str]) -> bool {
    AnyOf { names, by_name: false }.is_met_by(held)
}

/// The permissions of the token that a step's writes use.
pub(crate) fn permissions_of(step: StepName, holder: &Holder) -> Vec<String> {
    let used = |held: &&String| step.step().needs.iter().flat_map(|any_of| any_of.iter()).any(|name| held == name);
    holder.permissions.iter().filter(used).cloned().collect()
}

/// What a person may turn out not to be allowed, a sentence each. Advice and no more: custom roles and roles on single
/// objects are not in a token.
pub fn doubts(steps: impl Iterator<Item = StepName>, holder: &Holder) -> Vec<String> {
    let doubtful = steps.filter(|step| has_one(holder, step.step().roles) == Some(false));
    let sentence = |step: StepName| {
        let names: Vec<&str> = step.step().roles.iter().map(|(name, _)| *name).collect();
        format!(
            "the token of the person who signed in shows no role that step {step} usually takes: {}",
            names.join(" or ")
        )
    };
    doubtful.map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_runbook_and_a_comparison_ask_for_no_more_than_they_use() {
        let mut asked = delegated(&StepName::ALL);
        asked.sort_unstable();
        let mut wanted = vec![
            "AppRoleAssignment.ReadWrite.All",
            "Application.Read.All",
            "Application.ReadWrite.All",
            "DelegatedPermissionGrant.ReadWrite.All",
            "Domain.Read.All",
            "Group.Read.All",
            "OrgContact.Read.All",
            "Organization.ReadWrite.All",
            "Policy.Read.All",
            "RoleManagement.ReadWrite.Directory",
            "User.Read.All",
        ];
        wanted.sort_unstable();
        assert_eq!(asked, wanted);
    }

    #[test]
    fn who_restores_attributes_asks_for_writing_users_in_place_of_reading_them() {
        let asked = delegated_and_restoring(&[StepName::DirSync]);
        assert!(asked.contains(&"User.ReadWrite.All") && !asked.contains(&"User.Read.All"), "{asked:?}");
        let asked: Vec<String> = asked.into_iter().map(str::to_owned).collect();
        let without = delegated_without(&asked, &["GroupMember.Read.All".into()]).unwrap_or_default();
        assert!(without.contains(&"User.ReadWrite.All"), "{without:?}");
    }

    #[test]
    fn one_step_asks_for_its_own() {
        let sync = ["Organization.ReadWrite.All", "User.Read.All", "OrgContact.Read.All", "GroupMember.Read.All"];
        assert_eq!(delegated(&[StepName::DirSync]), sync);
        let consent = delegated(&[StepName::ApplicationConsent]);
        assert_eq!(consent, ["AppRoleAssignment.ReadWrite.All", "Application.Read.All"]);
        for step in StepName::ALL {
            assert!(!delegated(&[step]).contains(&OWNED), "{step}");
        }
    }
}
