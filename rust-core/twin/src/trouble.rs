//! What a demonstration tenant can be told to go wrong with, by names that somebody knows who has never seen Microsoft Graph.

use std::time::Duration;

use serde_json::json;

use crate::faults::{ErrorBody, Fault, FaultKind, On, RetryAfter, Target};
use crate::options::Policy;
use crate::twin::Twin;

/// Something that goes wrong, from the tenant's start on.
#[derive(Debug)]
pub struct Trouble {
    /// What it is called.
    pub name: &'static str,
    /// What it is like, in a sentence without its full stop.
    pub meaning: &'static str,
    /// The kind of [`Client`](crate::Client) that meets it.
    pub client: &'static str,
    begin: fn(&Twin),
}

impl Trouble {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 9] = [
        Self::new("Throttled", "a fifth of all calls is answered with 429, and a wish to wait for a second", |twin| {
            twin.add_fault(
                Fault::new(On::every(Target::Call), FaultKind::Throttled(RetryAfter::Seconds(1))).chance(20, 1),
            );
        }),
        Self::new("Lag", "what is written is seen by later reads up to two seconds afterwards", |twin| {
            twin.edit(|directory| directory.set_max_lag(Duration::from_secs(2)));
        }),
        Self::new(
            "LostAnswers",
            "the answers to the first two writes are lost, and what they asked for is done",
            |twin| {
                let writes = On { write: Some(true), ..On::every(Target::Graph) };
                twin.add_fault(Fault::new(writes, FaultKind::AnswerLost { reset: true }).times(2));
            },
        ),
        Self::new("ServiceDown", "Microsoft Graph answers everything with 503", |twin| {
            let down = FaultKind::Failed { status: 503, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
            twin.add_fault(Fault::new(On::every(Target::Graph), down).for_ever());
        }),
        Self::new("SignInRefused", "Conditional Access refuses the sign-in (AADSTS53003)", |twin| {
            twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::SignInRefused(53003)).for_ever());
        }),
        Self { client: "reader", ..Self::new("PermissionMissing", "the sign-in may read and nothing else", |_| {}) },
        Self::new("RoleRefused", "the application can't be made Global Administrator", |twin| {
            let role = On::call("POST", "/roleManagement/directory/roleAssignments");
            twin.add_fault(Fault::new(role, FaultKind::Denied).for_ever());
        }),
        Self::new("PolicyForbidsSecrets", "the tenant's app management policy allows no client secret", |twin| {
            let policy = Policy { enabled: true, block_secrets: true, max_secret_lifetime: None };
            twin.edit(|directory| directory.set_policy(&policy));
        }),
        Self::new("DeletedApp", "the application was there, and somebody has deleted it", |twin| {
            twin.edit(|directory| {
                let app = directory.add_application("Practice Protect Federation");
                directory.set("applications", &app.object_id, "uniqueName", &json!("practice-protect-federation"));
                directory.delete_application(&app.object_id);
            });
        }),
    ];

    const fn new(name: &'static str, meaning: &'static str, begin: fn(&Twin)) -> Self {
        Self { name, meaning, client: "admin", begin }
    }

    /// The one of that name, in any case.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|trouble| trouble.name.eq_ignore_ascii_case(name))
    }

    /// Lets it begin.
    pub fn begin(&self, twin: &Twin) {
        (self.begin)(twin);
    }
}
