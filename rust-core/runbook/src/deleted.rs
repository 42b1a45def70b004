//! Deleted applications: for 30 days each keeps its alternate key, so that no other can be made with it, and can be restored.
//! Source: Microsoft Graph documentation, deleted items; microsoftgraph/msgraph-bicep-types issues 137 and 202. Pure.

use pp_words::instant;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::observed::{Fact, Observed, label};
use crate::problem::Problem;
use crate::step::{Situation, StepName};
use crate::steps::application::is_marked;
use crate::types::{Application, ServicePrincipal};
use crate::wanted::{DeletedApp, UNIQUE_NAME, Wanted};
use pp_words::lenient::instant as written_instant;

/// How long a deleted object can be restored.
pub const KEPT: Duration = Duration::days(30);

/// An application that was deleted and can be restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedApplication {
    /// As it was, and as it is again when it is restored.
    #[serde(flatten)]
    pub application: Application,
    /// When it was deleted.
    #[serde(default, with = "written_instant")]
    pub deleted_date_time: Option<OffsetDateTime>,
}

/// A service principal that was deleted and can be restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedServicePrincipal {
    /// As it was.
    #[serde(flatten)]
    pub principal: ServicePrincipal,
    /// When it was deleted.
    #[serde(default, with = "written_instant")]
    pub deleted_date_time: Option<OffsetDateTime>,
}

impl DeletedApplication {
    /// True where no other application can be made with our alternate key, because this one has it.
    pub fn holds_name(&self) -> bool {
        self.application.unique_name.as_deref() == Some(UNIQUE_NAME)
    }

    /// True where either id is this one.
    fn has_id(&self, id: &str) -> bool {
        [&self.application.id, &self.application.app_id].iter().any(|own| own.eq_ignore_ascii_case(id.trim()))
    }

    /// Which one it is, when it was deleted, and until when it can be restored.
    pub fn words(&self, now: OffsetDateTime) -> String {
        restorable(&label(&self.application).to_string(), self.deleted_date_time, now)
    }
}

impl DeletedServicePrincipal {
    /// Likewise.
    pub fn words(&self, now: OffsetDateTime) -> String {
        restorable(&self.principal.id, self.deleted_date_time, now)
    }
}

fn restorable(which: &str, deleted: Option<OffsetDateTime>, now: OffsetDateTime) -> String {
    let Some(deleted) = deleted else { return format!("{which}, deleted at an unknown time") };
    let until = deleted.saturating_add(KEPT);
    let days = until.date().to_julian_day().saturating_sub(now.date().to_julian_day()).max(0);
    format!("{which}, deleted {}, restorable until {} ({days} days left)", instant(deleted), instant(until))
}

/// All that are known to be deleted.
fn all(observed: &Observed) -> &[DeletedApplication] {
    observed.deleted_applications.as_deref().unwrap_or_default()
}

/// Those that are ours, by alternate key or mark.
pub fn ours(observed: &Observed) -> impl Iterator<Item = &DeletedApplication> {
    all(observed).iter().filter(|deleted| is_marked(&deleted.application))
}

/// The one that keeps our alternate key: the directory lets only one have it.
pub fn holder(observed: &Observed) -> Option<&DeletedApplication> {
    all(observed).iter().find(|deleted| deleted.holds_name())
}

/// Those of the wanted name that aren't ours: they are in nobody's way.
pub fn same_name<'a>(observed: &'a Observed, wanted: &'a Wanted) -> impl Iterator<Item = &'a DeletedApplication> {
    let named = |deleted: &&DeletedApplication| {
        deleted.application.display_name.as_deref() == Some(wanted.which.new_name()) && !is_marked(&deleted.application)
    };
    all(observed).iter().filter(named)
}

/// What is to be restored, where there is no application and the caller wants it; or why it can't be told.
pub fn to_restore<'a>(observed: &'a Observed, wanted: &Wanted) -> Result<Option<&'a DeletedApplication>, Problem> {
    if !wanted.restores() || observed.app(wanted.adopt).is_some() {
        return Ok(None);
    }
    let candidates: Vec<&DeletedApplication> = ours(observed).collect();
    if let Some(id) = &wanted.deleted_id {
        let found = candidates.iter().copied().find(|deleted| deleted.has_id(id));
        return found.map(Some).ok_or_else(|| Problem::NothingToRestore {
            given: Some(id.clone()),
            others: candidates.iter().map(|deleted| label(&deleted.application)).collect(),
        });
    }
    match (holder(observed), candidates.as_slice()) {
        (Some(holder), _) => Ok(Some(holder)),
        (None, [only]) => Ok(Some(only)),
        (None, []) if wanted.deleted_app == Some(DeletedApp::RestoreOnly) => {
            Err(Problem::NothingToRestore { given: None, others: Vec::new() })
        }
        (None, []) => Ok(None),
        (None, several) => {
            Err(Problem::SeveralDeleted(several.iter().map(|deleted| label(&deleted.application)).collect()))
        }
    }
}

/// Whether the application that is there is the one whose id was given to be restored: two of ours are never made.
pub fn is_meant(observed: &Observed, wanted: &Wanted, there: &Application) -> Result<(), Problem> {
    let own = |id: &&String| [&there.id, &there.app_id].iter().any(|own| own.eq_ignore_ascii_case(id.trim()));
    let Some(id) = wanted.deleted_id.as_ref().filter(|id| !own(id)) else { return Ok(()) };
    if ours(observed).any(|deleted| deleted.has_id(id)) {
        let meant = format!("with the id {}, which is deleted", id.trim());
        return Err(Problem::AppNotMeant { meant, there: vec![label(there)] });
    }
    let others = ours(observed).map(|deleted| label(&deleted.application)).collect();
    Err(Problem::NothingToRestore { given: Some(id.clone()), others })
}

/// The same for a step that only builds on it: what is wrong with it the application's own step says.
pub(crate) fn restored<'a>(situation: &Situation<'a>) -> Option<&'a Application> {
    let deleted = to_restore(situation.observed, situation.wanted).ok().flatten();
    deleted.map(|deleted| &deleted.application)
}

/// The application that is there, or will be again, for such a step.
pub(crate) fn live_or_restored<'a>(situation: &Situation<'a>) -> Option<&'a Application> {
    situation.observed.app(situation.wanted.adopt).or_else(|| restored(situation))
}

/// The service principal that an application had, where it can be restored: the last of them.
pub fn principal_of<'a>(observed: &'a Observed, app_id: &str) -> Option<&'a DeletedServicePrincipal> {
    last_of(observed.deleted_principals.as_deref().unwrap_or_default(), app_id)
}

/// The same among these.
pub(crate) fn last_of<'a>(deleted: &'a [DeletedServicePrincipal], app_id: &str) -> Option<&'a DeletedServicePrincipal> {
    let own = deleted.iter().filter(|deleted| deleted.principal.app_id.eq_ignore_ascii_case(app_id));
    own.max_by_key(|deleted| deleted.deleted_date_time)
}

/// Whether the choice can be kept to: what is to be restored or deleted for good must be known.
pub(crate) fn must_be_known<T>(fact: &Fact<T>, wanted: &Wanted) -> Result<(), Problem> {
    match (fact, wanted.deleted_app) {
        (Err(unread), Some(DeletedApp::Restore | DeletedApp::RestoreOnly | DeletedApp::Purge))
            if unread.was_asked_for() =>
        {
            Err(Problem::NotReadable { step: StepName::Application, unread: unread.clone() })
        }
        _ => Ok(()),
    }
}

/// What must be said before a run that has to do with them.
pub fn doubts(observed: &Observed, wanted: &Wanted, now: OffsetDateTime) -> Vec<String> {
    if let Some(application) = observed.app(wanted.adopt) {
        return of_new_principal(observed, wanted, application, now).into_iter().collect();
    }
    if observed.application.is_err() || !wanted.includes(StepName::Application) {
        return Vec::new();
    }
    let unread = observed.deleted_applications.as_ref().err().filter(|unread| unread.was_asked_for());
    let unread = unread.map(|unread| {
        format!("whether a deleted application keeps the name '{UNIQUE_NAME}' isn't known: {unread}. The service would refuse a new one then")
    });
    unread.into_iter().chain(chosen(observed, wanted, now)).collect()
}

/// The same before an application that is there gets a new service principal.
fn of_new_principal(observed: &Observed, wanted: &Wanted, app: &Application, now: OffsetDateTime) -> Option<String> {
    let makes_one = wanted.includes(StepName::ServicePrincipal) && observed.service_principal == Ok(None);
    match &observed.deleted_principals {
        _ if !makes_one || wanted.restores() => None,
        Err(unread) if unread.was_asked_for() && !unread.lacking => Some(format!(
            "whether a deleted service principal of the application could be restored isn't known: {unread}. With a new one its object id, and \
             what was assigned to it, are lost"
        )),
        Err(_) => None,
        Ok(_) => principal_of(observed, &app.app_id).map(|deleted| {
            format!(
                "a new service principal is made, and what was assigned to the deleted one is lost: {} can't be restored while the new one \
                 is there",
                deleted.words(now)
            )
        }),
    }
}

/// What the caller's choice comes to.
fn chosen(observed: &Observed, wanted: &Wanted, now: OffsetDateTime) -> Option<String> {
    if let Some(deleted) = to_restore(observed, wanted).ok().flatten() {
        let live = |end: Option<OffsetDateTime>| end.is_none_or(|end| end > now);
        let secrets =
            deleted.application.password_credentials.iter().filter(|secret| live(secret.end_date_time)).count();
        return (secrets > 0).then(|| {
            format!(
                "with the application its client secrets that haven't ended ({secrets}) work again, for whoever has them: \
                 Get-PPClientSecret lists them, Remove-PPClientSecret removes them"
            )
        });
    }
    let holder = holder(observed)?;
    match wanted.deleted_app {
        Some(DeletedApp::Purge) => Some(format!(
            "the deleted application {} is deleted for good: it can't be restored after that",
            label(&holder.application)
        )),
        Some(DeletedApp::Ignore) => Some(format!(
            "the new application is found by its tag '{UNIQUE_NAME}', for good: the deleted one keeps the unique name for 30 days \
             from its deletion, and nobody has it then. Whoever restores the deleted one meanwhile has two applications \
             that could be meant, and no run goes on until one of them is deleted"
        )),
        Some(DeletedApp::Restore | DeletedApp::RestoreOnly) | None => None,
    }
}
