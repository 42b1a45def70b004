//! The tenant's facts that the verdicts build on, read in one batch; what can't be read stays unknown, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use pp_attributes::facts::{
    Admins, Authentication, Coverage, Domain, Domains, Facts, GlobalAdministrator, Known, Policy,
};
use pp_attributes::object_id::ObjectId;
use pp_graph::batch::{Item, ItemResult};
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_graph::{Graph, entity};
use pp_runbook::comparison::{DOMAINS, ROLE_GROUPS, ROLES, TOKEN_POLICY};
use pp_runbook::observed::{LookUp, Observed, Subject};
use pp_runbook::steps::global_administrator::GLOBAL_ADMINISTRATOR;
use pp_runbook::types::RoleAssignment;
use pp_words::lenient::flag;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::observe::unread;

const OF_ROLES: [&str; 2] =
    ["/roleManagement/directory/roleAssignments", "/roleManagement/directory/roleDefinitions?$select=id,displayName"];

const READS: [&str; 5] = [
    "/domains?$select=id,authenticationType,isVerified,isRoot",
    "/policies/federatedTokenValidationPolicy",
    OF_ROLES[0],
    OF_ROLES[1],
    // The only groups that can have a directory role (Microsoft Graph documentation, "group resource type").
    "/groups?$filter=isAssignableToRole%20eq%20true&$select=id",
];

/// Reads them. `observed` says which service principal is the application's; `federated` names the domains that are federated
/// with Practice Protect, or going to be, where the caller says so. The names of the Global Administrators are still missing:
/// they come with the users. What the facts leave open for all rows alike is warned of.
pub fn facts(
    graph: &Graph<'_>,
    observed: &Observed,
    federated: &[String],
    coverage: Coverage,
    warning: &dyn Fn(&str),
) -> Result<Facts, GraphError> {
    let mut next = answers(graph, &READS)?;
    let domains = known(domains(next()?));
    let policy = policy(next()?);
    let held = held(next()?, next()?);
    let groups = rows(ROLE_GROUPS, LookUp::GlobalAdministrators, next()?);
    let practice_protect_domains = practice_protect(&domains, federated);
    let practice_protect_is_assumed = federated.is_empty() && practice_protect_domains.get().is_ok();
    if let (true, Known::Is(names)) = (practice_protect_is_assumed, &practice_protect_domains) {
        warning(&assumed(&names.join(", ")));
    }
    if let Some(left_open) = roles_left_open(&held, groups) {
        warning(&left_open);
    }
    Ok(Facts {
        practice_protect_domains,
        practice_protect_is_assumed,
        domains,
        policy,
        application_roles: known(of_application(observed, &held)),
        admins: known(held.map(|held| of_users(&held))),
        me: me(graph)?,
        coverage,
    })
}

/// Who has a role of the directory, or why that isn't known. The names of the Global Administrators are missing.
pub fn admins(graph: &Graph<'_>) -> Result<Known<Admins>, GraphError> {
    let mut next = answers(graph, &OF_ROLES)?;
    Ok(known(held(next()?, next()?).map(|held| of_users(&held))))
}

/// The answers to these reads, one after the other; an error where the caller has cancelled.
fn answers(graph: &Graph<'_>, reads: &[&str]) -> Result<impl FnMut() -> Result<ItemResult, GraphError>, GraphError> {
    let items: Vec<Item> = reads.iter().map(|read| Item::get(*read)).collect();
    let mut results = graph.read(&items)?.into_iter();
    Ok(move || match results.next() {
        Some(Err(error)) if error.is_cancelled() => Err(error),
        Some(result) => Ok(result),
        None => Err(GraphError::unreadable("POST /$batch", "an answer is missing")),
    })
}

fn known<T>(read: Result<T, String>) -> Known<T> {
    match read {
        Ok(fact) => Known::Is(fact),
        Err(why) => Known::Unknown(why),
    }
}

#[derive(Deserialize)]
struct List<T> {
    value: Vec<T>,
}

/// The rows of a list, or why they aren't known.
fn rows<T: DeserializeOwned>(subject: Subject, look_up: LookUp, read: ItemResult) -> Result<Vec<T>, String> {
    let list = read.and_then(|answer| entity::<List<T>>(subject.what, &answer));
    list.map(|list| list.value).map_err(|error| unread(subject, look_up, &error).to_string())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfTenant {
    id: String,
    authentication_type: Option<String>,
    #[serde(default, deserialize_with = "flag::or_false")]
    is_verified: bool,
    #[serde(default, deserialize_with = "flag::or_false")]
    is_root: bool,
}

fn domains(read: ItemResult) -> Result<Domains, String> {
    let all: Vec<OfTenant> = rows(DOMAINS, LookUp::Organization, read)?;
    let domain = |domain: OfTenant| {
        let federated = domain.authentication_type.as_deref() == Some("Federated");
        Domain {
            name: domain.id,
            authentication: if federated { Authentication::Federated } else { Authentication::Managed },
            is_verified: domain.is_verified,
            is_root: domain.is_root,
        }
    };
    Ok(Domains(all.into_iter().map(domain).collect()))
}

fn assumed(domain: &str) -> String {
    format!(
        "No domain but {domain} is federated, so that is taken for the one that is with Practice Protect. If it is federated with another \
         identity provider, such as AD FS or Okta, name with -FederatedDomain the domain that will be Practice Protect's"
    )
}

/// What is federated with Practice Protect: what the caller names, else the one domain that is federated at all.
fn practice_protect(domains: &Known<Domains>, federated: &[String]) -> Known<Vec<String>> {
    if !federated.is_empty() {
        return Known::Is(federated.to_vec());
    }
    let all = match domains {
        Known::Is(all) => all,
        Known::Unknown(why) => return Known::Unknown(why.clone()),
    };
    let is_federated = |domain: &&Domain| domain.authentication == Authentication::Federated;
    let mut roots: Vec<&str> = all.0.iter().filter(is_federated).map(|domain| all.root(&domain.name)).collect();
    roots.sort_unstable();
    roots.dedup();
    match roots[..] {
        [one] => Known::Is(vec![one.to_owned()]),
        [] => Known::Unknown(
            "None of the tenant's domains is federated, so which one will be Practice Protect's isn't known: name it with \
             -FederatedDomain."
                .into(),
        ),
        _ => Known::Unknown(format!(
            "Several domains are federated ({}): name with -FederatedDomain which of them with Practice Protect.",
            roots.join(", ")
        )),
    }
}

/// A tenant without a policy of its own has the default.
fn policy(read: ItemResult) -> Known<Policy> {
    match read {
        Ok(answer) => Known::Is(Policy::of(&answer.body)),
        Err(error) if error.reaction() == Reaction::NotFound => Known::Is(Policy::Default),
        Err(error) => Known::Unknown(unread(TOKEN_POLICY, LookUp::Policy, &error).to_string()),
    }
}

/// A role that somebody has.
struct Held {
    principal: String,
    name: String,
    is_global: bool,
    /// In the whole directory, not in an administrative unit or for one application.
    is_tenant_wide: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    id: String,
    display_name: Option<String>,
}

fn held(assignments: ItemResult, definitions: ItemResult) -> Result<Vec<Held>, String> {
    let assignments: Vec<RoleAssignment> = rows(ROLES, LookUp::GlobalAdministrators, assignments)?;
    let definitions: Vec<Definition> = rows(ROLES, LookUp::GlobalAdministrators, definitions)?;
    let names: BTreeMap<&str, &str> =
        definitions.iter().filter_map(|role| Some((role.id.as_str(), role.display_name.as_deref()?))).collect();
    let role = |assignment: RoleAssignment| {
        let id = assignment.role_definition_id;
        let name = names.get(id.as_str()).map_or_else(|| format!("role {id}"), |name| (*name).to_owned());
        Held {
            principal: assignment.principal_id,
            name,
            is_global: id.eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR),
            is_tenant_wide: assignment.directory_scope_id.as_deref() == Some("/"),
        }
    };
    Ok(assignments.into_iter().map(role).collect())
}

fn of_users(held: &[Held]) -> Admins {
    let mut admins = Admins::default();
    for role in held {
        let Some(id) = ObjectId::parse(&role.principal) else { continue };
        let roles = admins.roles.entry(id).or_default();
        // In several administrative units, for one.
        if !roles.contains(&role.name) {
            roles.push(role.name.clone());
        }
        if role.is_global {
            admins.global.push(GlobalAdministrator {
                id,
                user_principal_name: String::new(),
                is_enabled: None,
                portal_names: Vec::new(),
            });
        }
    }
    admins
}

/// An object of which nothing but the id is asked for.
#[derive(Deserialize)]
struct Id {
    id: String,
}

/// What isn't known of who is an administrator, in a sentence.
fn roles_left_open(held: &Result<Vec<Held>, String>, groups: Result<Vec<Id>, String>) -> Option<String> {
    const UNSAID: &str =
        "of such a user no row says that it is an administrator, nor that Microsoft Graph may refuse the write";
    let held = match held {
        Ok(held) => held,
        Err(why) => return Some(format!("{why}. No row says whether its user is an administrator")),
    };
    let groups: BTreeSet<String> = match groups {
        Ok(groups) => groups.into_iter().map(|group| group.id).collect(),
        Err(why) => return Some(format!("{why}. Whether anybody has a role through a group isn't known: {UNSAID}")),
    };
    let of_groups: Vec<&Held> = held.iter().filter(|role| groups.contains(&role.principal)).collect();
    let names: BTreeSet<&str> = of_groups.iter().map(|role| role.name.as_str()).collect();
    let (many, names) = (of_groups.len(), names.into_iter().collect::<Vec<_>>().join(", "));
    let roles = if many > 0 {
        format!(", which have directory roles by {many} role assignment(s): {names}")
    } else {
        String::new()
    };
    // What a member is called takes the same roles where the group has none yet (Microsoft Graph documentation, "user resource type").
    (!groups.is_empty()).then(|| {
        format!(
            "There are {} group(s) that can have directory roles{roles}. Their members are not read, nor who is eligible for a role: {UNSAID}",
            groups.len()
        )
    })
}

fn of_application(observed: &Observed, held: &Result<Vec<Held>, String>) -> Result<Vec<String>, String> {
    let held = held.as_ref().map_err(Clone::clone)?;
    let principal = observed.service_principal.as_ref().map_err(ToString::to_string)?;
    let principal =
        principal.as_ref().ok_or("The application has no service principal yet: Invoke-PPRunbook makes it.")?;
    let own = held.iter().filter(|role| role.is_tenant_wide && role.principal == principal.id);
    Ok(own.map(|role| role.name.clone()).collect())
}

/// Whoever runs this, where it is a person.
fn me(graph: &Graph<'_>) -> Result<Option<ObjectId>, GraphError> {
    let token = graph.tokens.get(&graph.call)?;
    let person = token.claims.as_ref().filter(|claims| claims.is_of_a_person());
    Ok(person.and_then(|claims| ObjectId::parse(claims.oid.as_deref()?)))
}
