//! The runbook as data: an ordered list of steps, each of which says what it reads, what it finds and what it would
//! change. What a step changes is carried out in `apply`, and turned round in [`crate::undo`].

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::change::Change;
use crate::observed::{LookUp, Observed, Unread};
use crate::problem::Problem;
use crate::sign_in_needs::Role;
use crate::steps;
use crate::wanted::Wanted;

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = $file:ident;)*) => {
        /// The steps by name, in the runbook's order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub enum StepName {
            $($(#[$doc])* $name,)*
        }

        impl StepName {
            /// All of them, in order.
            pub const ALL: [Self; [$(stringify!($name)),*].len()] = [$(Self::$name),*];

            /// The name in parameters and results.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// The step itself.
            pub fn step(self) -> &'static Step {
                match self {
                    $(Self::$name => &steps::$file::STEP,)*
                }
            }
        }

        /// By its name, in any case.
        impl TryFrom<String> for StepName {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let named = Self::ALL.into_iter().find(|step| step.name().eq_ignore_ascii_case(&text));
                named.ok_or_else(|| format!("'{text}' is not one of {}", Self::ALL.map(Self::name).join(", ")))
            }
        }
    };
}

steps! {
    /// Directory synchronization off.
    DirSync = directory_sync;
    /// The application and its declared permissions.
    Application = application;
    /// Its service principal.
    ServicePrincipal = service_principal;
    /// Admin consent for the delegated permissions.
    DelegatedConsent = delegated_consent;
    /// Admin consent for the application permissions.
    ApplicationConsent = application_consent;
    /// The directory role.
    GlobalAdministrator = global_administrator;
    /// The secret PPToken.
    ClientSecret = client_secret;
}

impl std::fmt::Display for StepName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How much a change weighs: PowerShell's ConfirmImpact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impact {
    /// Can be undone.
    Medium,
    /// Can't be undone, or hands out power.
    High,
}

/// One step of the runbook.
#[derive(Debug)]
pub struct Step {
    /// Its name.
    pub name: StepName,
    /// What it does by these changes, as a confirmation shows it; by none, what it does in a tenant that has nothing of it.
    pub action: fn(&[Change]) -> String,
    /// How much that weighs.
    pub impact: Impact,
    /// What it must read.
    pub reads: &'static [LookUp],
    /// The permissions its writes need: one of each list. Source: microsoft-graph-devx-content, permissions.json.
    pub needs: &'static [&'static [&'static str]],
    /// Directory roles, one of which a person needs to write. Source: Entra documentation, "Least privileged roles by task";
    /// Microsoft Graph documentation, the pages of the calls. Where they disagree, both are named.
    pub roles: &'static [Role],
    /// What it finds and what it would change. Pure: reads nothing, writes nothing.
    pub assess: fn(&Situation<'_>) -> Result<Assessment, Problem>,
}

/// What a step judges by.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The tenant as it was read.
    pub observed: &'a Observed,
    /// What the caller wants.
    pub wanted: &'a Wanted,
    /// Now.
    pub now: OffsetDateTime,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing to do.
    Done,
    /// Done on our side; the service is still at work.
    Pending,
    /// Something to change.
    NotDone,
    /// A look-up failed: never "clean".
    Unknown,
}

impl State {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Pending => "Pending",
            Self::NotDone => "NotDone",
            Self::Unknown => "Unknown",
        }
    }
}

/// What a step found and would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Where it stands.
    pub state: State,
    /// In a sentence.
    pub detail: String,
    /// What would be changed; empty unless [`State::NotDone`].
    pub changes: Vec<Change>,
    /// The look-up that failed, where the state is [`State::Unknown`].
    pub unread: Option<Box<Unread>>,
}

impl Assessment {
    /// Nothing to do.
    pub fn done(detail: impl Into<String>) -> Self {
        Self { state: State::Done, detail: detail.into(), changes: Vec::new(), unread: None }
    }

    /// Something to change.
    pub fn to_do(detail: impl Into<String>, changes: Vec<Change>) -> Self {
        Self { state: State::NotDone, detail: detail.into(), changes, unread: None }
    }
}
