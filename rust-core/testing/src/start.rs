//! Where a run of the matrix starts, and what holds of a run from there whatever else goes wrong.

use std::env;
use std::error::Error;

use pp_graph::reaction::Reaction;
use pp_run::apply::RunError;
use pp_run::outcome::{Outcome, StepResult};
use pp_runbook::step::StepName;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, DeletedApp, Wanted};
use serde_json::{Value, json};
use tenant_twin::Twin;

use crate::shape::shape;
use crate::{Tenant, TestResult};

/// Where a run starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    /// An empty tenant.
    Fresh,
    /// What a run that was stopped has left.
    HalfDone,
    /// All of it is there.
    Finished,
    /// An empty tenant in a cloud that doesn't have one of the runbook's permissions.
    Lacking,
    /// The application of a finished tenant was deleted, and the run says what becomes of it.
    Deleted(DeletedApp),
    /// An empty tenant whose policy forbids client secrets and exempts some callers.
    Exempting {
        /// The run is one of these.
        caller: bool,
    },
    /// An empty tenant in which Conditional Access blocks the new application's sign-ins.
    Blocked,
    /// Half of it is there, synchronization is on, and the application was deactivated.
    Deactivated,
    /// The same, and Microsoft has disabled the service principal.
    DisabledByMicrosoft,
}

/// Every start.
pub const STARTS: [Start; 13] = [
    Start::Fresh,
    Start::HalfDone,
    Start::Finished,
    Start::Lacking,
    Start::Deleted(DeletedApp::Restore),
    Start::Deleted(DeletedApp::RestoreOnly),
    Start::Deleted(DeletedApp::Purge),
    Start::Deleted(DeletedApp::Ignore),
    Start::Exempting { caller: true },
    Start::Exempting { caller: false },
    Start::Blocked,
    Start::Deactivated,
    Start::DisabledByMicrosoft,
];

/// The starts whose name begins as one of those that `PPFEDERATION_START` lists, by commas; every start without it.
pub fn starts() -> Vec<Start> {
    let listed = env::var("PPFEDERATION_START").unwrap_or_default();
    let names: Vec<&str> = listed.split(',').collect();
    let is_listed = |start: &Start| names.iter().any(|name| format!("{start:?}").starts_with(name.trim()));
    STARTS.into_iter().filter(is_listed).collect()
}

impl Start {
    /// What a run from here wants.
    pub fn wanted(self) -> Wanted {
        let deleted_app = if let Self::Deleted(choice) = self { Some(choice) } else { None };
        Wanted { deleted_app, ..Wanted::everything() }
    }

    /// True where a run that ends well has made a secret.
    pub fn makes_secret(self) -> bool {
        matches!(self, Self::Fresh | Self::Lacking | Self::Exempting { .. } | Self::Blocked)
    }

    /// Makes the tenant so.
    pub fn arrange(self, tenant: &Tenant) -> TestResult {
        let twin = &tenant.twin;
        match self {
            Self::Fresh => {}
            Self::Lacking => twin.edit(|directory| directory.withhold("User.ManageIdentities.All")),
            Self::HalfDone => half_done(tenant, &Wanted::everything())?,
            Self::Finished => drop(tenant.apply(&Wanted::everything())?),
            Self::Deleted(_) => {
                let made = tenant.apply(&Wanted::everything())?.application.ok_or("no application")?;
                twin.edit(|directory| directory.delete_application(&made.id));
            }
            Self::Exempting { caller } => {
                forbid_secrets_but_for_the_exempt(twin);
                if caller {
                    exempt(twin)?;
                }
            }
            Self::Blocked => twin.block_workload_identities(Some(53003)),
            Self::Deactivated => {
                half_done(tenant, &without_sync())?;
                set_ours(twin, "applications", "isDisabled", &json!(true))?;
            }
            Self::DisabledByMicrosoft => {
                half_done(tenant, &without_sync())?;
                let status = json!("DisabledDueToViolationOfServicesAgreement");
                set_ours(twin, "servicePrincipals", "disabledByMicrosoftStatus", &status)?;
            }
        }
        Ok(())
    }

    /// Somebody lifts what keeps runs from here from their end. False where nothing does.
    pub fn lift(self, twin: &Twin) -> Result<bool, Box<dyn Error>> {
        match self {
            Self::Exempting { caller: false } => exempt(twin)?,
            Self::Blocked => twin.block_workload_identities(None),
            Self::Deactivated => set_ours(twin, "applications", "isDisabled", &json!(null))?,
            Self::DisabledByMicrosoft => {
                set_ours(twin, "servicePrincipals", "disabledByMicrosoftStatus", &json!(null))?;
            }
            Self::Fresh
            | Self::HalfDone
            | Self::Finished
            | Self::Lacking
            | Self::Deleted(_)
            | Self::Exempting { caller: true } => return Ok(false),
        }
        Ok(true)
    }

    /// What holds of every run from here until that is lifted: nothing that can't be taken back is done, and no row says more
    /// than is so.
    pub fn holds(self, tenant: &Tenant, ended: &Result<Outcome, RunError>) -> TestResult {
        if !matches!(
            self,
            Self::Exempting { caller: false } | Self::Blocked | Self::Deactivated | Self::DisabledByMicrosoft
        ) {
            return Ok(());
        }
        let end = shape(&tenant.twin.state());
        let sync = |result: StepResult| {
            let on = end["sync"] == json!(true) && result == StepResult::NotDone;
            if on { Ok(()) } else { Err(format!("synchronization was not held back: {result:?}, {}", end["sync"])) }
        };
        match (self, ended) {
            (Self::Exempting { caller: false }, Ok(_)) => return Err("a secret that the policy forbids".into()),
            (Self::Exempting { caller: false }, Err(_)) => {
                sync(StepResult::NotDone)?;
                let none = end["secrets"].as_array().into_iter().flatten().all(|count| *count == json!(0));
                none.then_some(()).ok_or("a secret that the policy forbids is there")?;
            }
            (Self::Blocked, Ok(outcome)) if outcome.secret.is_some() => {
                sync(result(outcome, StepName::DirSync)?)?;
                expect(outcome, StepName::ClientSecret, &[StepResult::NotConfirmed])?;
            }
            (Self::Deactivated | Self::DisabledByMicrosoft, Ok(outcome)) => {
                sync(result(outcome, StepName::DirSync)?)?;
                expect(outcome, self.switched_off(), &[StepResult::NotDone, StepResult::Unknown])?;
            }
            (Self::Deactivated | Self::DisabledByMicrosoft, Err(_)) => sync(StepResult::NotDone)?,
            _ => {}
        }
        Ok(())
    }

    /// How a run ends in which nothing else goes wrong: the row concerned says so at once, and only that one.
    pub fn refuses(self, ended: &Result<Outcome, RunError>) -> TestResult {
        let outcome = match (self, ended) {
            (Self::Exempting { caller: false }, Err(RunError::Graph { step, error })) => {
                let refused = *step == Some(StepName::ClientSecret) && error.reaction() == Reaction::Policy;
                return if refused { Ok(()) } else { Err(format!("another refusal: {step:?} {error}").into()) };
            }
            (_, Ok(outcome)) => outcome,
            (_, Err(error)) => return Err(format!("under it: {error}").into()),
        };
        let concerned = match self {
            Self::Blocked if outcome.secret.is_none() => return Ok(()),
            Self::Blocked => StepName::ClientSecret,
            _ => self.switched_off(),
        };
        let others = outcome.steps.iter().filter(|row| ![StepName::DirSync, concerned].contains(&row.step));
        let open: Vec<_> =
            others.filter(|row| !matches!(row.result, StepResult::Done | StepResult::AlreadyDone)).collect();
        if open.is_empty() { Ok(()) } else { Err(format!("rows that have nothing to do with it: {open:?}").into()) }
    }

    fn switched_off(self) -> StepName {
        if self == Self::DisabledByMicrosoft { StepName::ServicePrincipal } else { StepName::Application }
    }
}

fn result(outcome: &Outcome, step: StepName) -> Result<StepResult, &'static str> {
    outcome.steps.iter().find(|row| row.step == step).map(|row| row.result).ok_or("a row is missing")
}

fn expect(outcome: &Outcome, step: StepName, results: &[StepResult]) -> TestResult {
    let result = result(outcome, step)?;
    if results.contains(&result) { Ok(()) } else { Err(format!("{step} is {result:?}").into()) }
}

/// The tenant's policy forbids client secrets, and limits them, but for who has a custom security attribute. Source: the
/// tenant of a report from the field (michev.info 7894).
pub fn forbid_secrets_but_for_the_exempt(twin: &Twin) {
    let exemption = json!({
        "@odata.type": "#microsoft.graph.customSecurityAttributeStringValueExemption",
        "id": "Federation_MakesSecrets", "operator": "equals", "value": "yes"
    });
    let rule = |kind: &str, limit: Value| {
        json!({ "restrictionType": kind, "state": "enabled", "maxLifetime": limit,
            "restrictForAppsCreatedAfterDateTime": null, "excludeActors": { "customSecurityAttributes": [exemption] } })
    };
    let rules = json!([rule("passwordAddition", json!(null)), rule("passwordLifetime", json!("P180D"))]);
    let policy = "defaultAppManagementPolicy";
    twin.edit(|directory| {
        directory.set(policy, policy, "applicationRestrictions", &json!({ "passwordCredentials": rules }));
        directory.set(policy, policy, "isEnabled", &json!(true));
    });
}

/// Gives the client that runs this attribute.
pub fn exempt(twin: &Twin) -> TestResult {
    let client = twin.client("admin").ok_or("no such client")?.client_id.clone();
    set_where(
        twin,
        "servicePrincipals",
        ("appId", &client),
        "customSecurityAttributes",
        &json!({
            "Federation": { "@odata.type": "#microsoft.graph.customSecurityAttributeValue", "MakesSecrets": "yes" }
        }),
    )
}

fn set_ours(twin: &Twin, collection: &str, property: &str, value: &Value) -> TestResult {
    set_where(twin, collection, ("displayName", DEFAULT_DISPLAY_NAME), property, value)
}

fn set_where(twin: &Twin, collection: &str, (key, is): (&str, &str), property: &str, value: &Value) -> TestResult {
    let all = twin.state()[collection].as_array().cloned().unwrap_or_default();
    let one = all.iter().find(|object| object[key] == is).ok_or("nothing to set it on")?;
    let id = one["id"].as_str().unwrap_or_default();
    let done = twin.edit(|directory| directory.set(collection, id, property, value));
    if done { Ok(()) } else { Err("it could not be set".into()) }
}

fn without_sync() -> Wanted {
    Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() }
}

/// What a run that was stopped in the middle of its consents leaves.
fn half_done(tenant: &Tenant, wanted: &Wanted) -> TestResult {
    tenant.apply(wanted)?;
    let lost = half_of(&tenant.twin.state());
    tenant.twin.edit(|directory| lost.iter().all(|(collection, id)| directory.erase(collection, id)));
    Ok(())
}

/// What it lacks: the role, and every second app role assignment.
fn half_of(state: &Value) -> Vec<(&'static str, String)> {
    let all = |name: &str| state[name].as_array().cloned().unwrap_or_default();
    let ours = all("servicePrincipals").into_iter().find(|sp| sp["displayName"] == DEFAULT_DISPLAY_NAME);
    let principal = ours.map(|sp| sp["id"].clone()).unwrap_or_default();
    let of_ours = |name: &'static str| {
        let mine = all(name).into_iter().filter(|object| object["principalId"] == principal);
        mine.map(|object| (name, object["id"].as_str().unwrap_or_default().to_owned())).collect::<Vec<_>>()
    };
    let mut lost: Vec<_> = of_ours("appRoleAssignments").into_iter().step_by(2).collect();
    lost.extend(of_ours("roleAssignments"));
    lost
}
