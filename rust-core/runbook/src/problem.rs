//! Why a run can't be planned or carried out: what the caller or the tenant must change first.

use thiserror::Error;
use time::OffsetDateTime;

use crate::denial::of_then;
use crate::observed::Unread;
use crate::step::StepName;

/// An application, as far as an admin needs it to tell two apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppLabel {
    /// Name in the portal.
    pub display_name: String,
    /// Application (client) id.
    pub app_id: String,
    /// Object id.
    pub object_id: String,
}

impl std::fmt::Display for AppLabel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "'{}' (application id {}, object id {})", self.display_name, self.app_id, self.object_id)
    }
}

/// An app management policy that limits client secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitingPolicy {
    /// Its id.
    pub id: String,
    /// It is the application's own, of which there is one at most; else the tenant's.
    pub own: bool,
}

impl std::fmt::Display for LimitingPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whose = if self.own { "the application's own" } else { "the tenant's" };
        write!(f, "{whose} app management policy '{}'", self.id)
    }
}

/// A reason not to start, or not to go on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// Empty or only spaces.
    #[error("the display name is empty")]
    DisplayNameEmpty,
    /// Longer than the portal takes.
    #[error("the display name has {length} characters, {most} are allowed")]
    DisplayNameTooLong {
        /// Characters given.
        length: usize,
        /// Characters allowed.
        most: usize,
    },
    /// Lifetime that can't be.
    #[error("the lifetime of the client secret can't be '{given}': {why}")]
    LifetimeInvalid {
        /// What was given.
        given: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// One step both chosen and skipped.
    #[error("step {0} is named by both -Step and -Skip")]
    StepAndSkip(StepName),
    /// Every step skipped.
    #[error("no step is left to take")]
    NoStepLeft,
    /// A step builds on one that is neither taken nor done.
    #[error("step {step} needs step {needs}, which is not done in this tenant and not part of this run")]
    NeedsStep {
        /// The step.
        step: StepName,
        /// What it builds on.
        needs: StepName,
    },
    /// One app of the wanted name that this module did not make.
    #[error("the application {0} has this name already and was not made by this module")]
    NotAdopted(AppLabel),
    /// Several apps that could be meant.
    #[error("{} applications could be meant: {}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Ambiguous(Vec<AppLabel>),
    /// A deleted application keeps our alternate key, and nobody has said what becomes of it.
    #[error(
        "there is no application '{name}' in this tenant, and none can be made: the deleted application {deleted} keeps its unique name"
    )]
    ApplicationDeleted {
        /// The wanted name.
        name: String,
        /// Which one, since when and until when.
        deleted: String,
    },
    /// A deleted service principal can be restored, and nobody has said what becomes of it.
    #[error(
        "the application {app_id} has no service principal, and no new one is made: the deleted service principal {deleted} is its own, and \
         with it go its object id and what was assigned to it"
    )]
    ServicePrincipalDeleted {
        /// The application's (client) id.
        app_id: String,
        /// Which one, since when and until when.
        deleted: String,
    },
    /// No deleted application of ours, or none of this id.
    #[error("{}", nothing_to_restore(.given.as_deref(), .others))]
    NothingToRestore {
        /// The id that was given.
        given: Option<String>,
        /// Those that could be restored.
        others: Vec<AppLabel>,
    },
    /// Several deleted applications that could be meant.
    #[error("{} deleted applications could be restored: {}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    SeveralDeleted(Vec<AppLabel>),
    /// What was to be deleted for good is no longer what was read.
    #[error("the deleted application with the object id {id} is not deleted for good: {why}")]
    NotPurged {
        /// Object id.
        id: String,
        /// What the look just before showed.
        why: &'static str,
    },
    /// The service refuses a new application as there already, and no look shows one.
    #[error("the service refuses the application as there already, and {looked}: {refusal}")]
    NameTaken {
        /// The service's words.
        refusal: String,
        /// What was looked at.
        looked: String,
    },
    /// A service principal that is refused as there already, and that no look shows.
    #[error("the service principal is refused as there already ({refusal}), and no look has shown one in 30 s")]
    ServicePrincipalTaken {
        /// The service's words.
        refusal: String,
    },
    /// No app: in words, which.
    #[error("there is no application {0} in this tenant")]
    AppNotFound(String),
    /// Ours is another one.
    #[error("this module's application here is {}, not the one {meant}", .there.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    AppNotMeant {
        /// In words, which.
        meant: String,
        /// Ours.
        there: Vec<AppLabel>,
    },
    /// No client of one's own to sign in with.
    #[error("there is no sign-in client that this module made in this tenant")]
    NoSignInClient,
    /// A fact that the step can't do without could not be read.
    #[error("step {step} can't be judged: {unread}")]
    NotReadable {
        /// The step.
        step: StepName,
        /// The look-up that failed.
        unread: Unread,
    },
    /// The connection's token lacks permissions.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    PermissionMissing(Vec<Missing>),
    /// So it does, and something may have been granted since it was issued.
    #[error("{}; {}", .missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "), of_then(*.issued))]
    TokenOutdated {
        /// What it lacks.
        missing: Vec<Missing>,
        /// When it was issued.
        issued: OffsetDateTime,
    },
    /// No secret of this id.
    #[error("the application {application} has no client secret with the key id {key_id}")]
    SecretNotFound {
        /// The application.
        application: AppLabel,
        /// The id that was given.
        key_id: String,
    },
    /// The one that everything signs in with.
    #[error("{0} is the last client secret of the application that works")]
    LastSecret(String),
    /// A policy forbids client secrets.
    #[error("{0} forbids client secrets for applications")]
    SecretsForbidden(LimitingPolicy),
    /// A policy caps the lifetime.
    #[error("{policy} allows client secrets of {allowed} at most")]
    LifetimeForbidden {
        /// The policy.
        policy: LimitingPolicy,
        /// Longest lifetime.
        allowed: String,
    },
}

fn nothing_to_restore(given: Option<&str>, others: &[AppLabel]) -> String {
    let Some(given) = given else { return "this tenant has no deleted application that this module made".into() };
    let others: Vec<String> = others.iter().map(ToString::to_string).collect();
    let others = if others.is_empty() { "none".to_owned() } else { others.join("; ") };
    format!(
        "this tenant has no deleted application with the id '{given}' that this module made; those it has: {others}"
    )
}

/// A permission that a step's writes need and the token doesn't hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The step.
    pub step: StepName,
    /// One of these would do.
    pub any_of: &'static [&'static str],
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step {} needs the Microsoft Graph permission {}", self.step, self.any_of.join(" or "))
    }
}
