//! Ops of a rotation: where it stands, and that a secret was put in place.

use std::borrow::Cow;

use serde::Deserialize;
use time::Duration;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use crate::sink::not_remembered;
use crate::which::WhichRequest;
use pp_report::catalogue as c;
use pp_report::error::{OpError, Report};
use pp_report::rows::{self, SecretRemoval, Tenant};
use pp_run::placed::{look_until_placed, remember};
use pp_run::unclaimed;
use pp_runbook::client_secrets::application;
use pp_runbook::observed::{AppIds, LookUp};
use pp_runbook::other_secrets::{named, removal, unclaimed as unclaimed_words};
use pp_runbook::placed::{has, shows, with_tag};
use pp_runbook::rotation::{Rotation, Terms, foresee, judge};
use pp_runbook::step::StepName;
use pp_runbook::types::{Application, PasswordCredential};
use pp_words::instant;

/// `rotation`: whether a new secret is due, and which older ones may go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Look {
    pub(crate) connection: u64,
    #[serde(default)]
    pub(crate) which: WhichRequest,
    pub(crate) overlap_seconds: u64,
    pub(crate) renew_within_seconds: Option<u64>,
    /// As it would be after a new secret, where one is due and none was put in place.
    #[serde(default)]
    pub(crate) foresee: bool,
    /// Key id of a secret that was put in place a moment ago: looks until it shows, or foresees that it does.
    pub(crate) placed: Option<String>,
    /// Key ids of secrets that count as gone, as those that a fleet removes before it: a replica may still show them.
    #[serde(skip)]
    pub(crate) gone: Vec<String>,
}

impl Op for Look {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = self.which.wanted(&[StepName::ClientSecret])?;
        let observed = match self.placed.as_ref().filter(|_| !self.foresee) {
            Some(key_id) => operation.run(output, |graph, _| look_until_placed(graph, &wanted, key_id))?,
            None => operation.observe(output, &[LookUp::Application], &wanted)?,
        };
        let application = self.remaining(application(&observed, &wanted)?);
        let now = operation.connection.now();
        let seconds = |seconds: u64| Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
        let terms =
            Terms { overlap: seconds(self.overlap_seconds), renew_within: self.renew_within_seconds.map(seconds) };
        let remembers = |key_id: &&String| has(&application, key_id) && !shows(&application, key_id);
        let foreseen = self.placed.as_ref().filter(|_| self.foresee).filter(remembers).map(|key_id| Application {
            tags: with_tag(&application, key_id, now),
            ..Application::clone(&application)
        });
        let judge = if self.foresee && self.placed.is_none() { foresee } else { judge };
        let rotation = judge(foreseen.as_ref().unwrap_or(&application), terms, now);
        // One that was put in place a moment ago and doesn't show it yet is no doubt: nothing is taken away by it.
        if self.placed.is_none() && !rotation.in_doubt.is_empty() {
            return Err(in_doubt(&rotation.in_doubt).into());
        }
        warn_of_unplaced(&rotation, output)?;
        Ok(output.row(row(rotation, &application.app_id, operation.tenant()))?)
    }
}

impl Look {
    /// The application without the secrets that count as gone.
    fn remaining<'a>(&self, application: &'a Application) -> Cow<'a, Application> {
        if self.gone.is_empty() {
            return Cow::Borrowed(application);
        }
        let is_gone = |key_id: &str| self.gone.iter().any(|gone| gone.eq_ignore_ascii_case(key_id));
        let mut remaining = application.clone();
        remaining.password_credentials.retain(|secret| !is_gone(&secret.key_id));
        Cow::Owned(remaining)
    }
}

/// Secrets that somebody may have entered by hand.
fn in_doubt(secrets: &[PasswordCredential]) -> Report {
    let names: Vec<String> = secrets.iter().map(named).collect();
    let held = secrets.iter().find(|secret| unclaimed::find(&secret.key_id).is_some());
    let here = held.map_or_else(String::new, |secret| {
        format!(". The {}; Save-PPClientSecret puts it in place", unclaimed_words(&secret.key_id))
    });
    c::SECRET_PLACE_UNKNOWN.report(format!(
        "no new client secret is made: none that works is known to have been put in place ({}), and whoever uses one would lose it by a new \
         one{here}",
        names.join("; ")
    ))
}

fn row(rotation: Rotation, app_id: &str, tenant: Tenant) -> rows::Rotation {
    let until = rotation.remove_after.map(instant).unwrap_or_default();
    let later = |key_id| SecretRemoval {
        tenant: tenant.clone(),
        app_id: app_id.to_owned(),
        key_id,
        result: "Later",
        detail: format!("Stays until {until}; from then on Update-PPClientSecret -Complete removes it."),
    };
    let Rotation { due, detail, remove, keep, .. } = rotation;
    let keep = keep.into_iter().map(later).collect();
    rows::Rotation { tenant, app_id: app_id.to_owned(), due, detail, remove, keep }
}

/// Where one is in place, a newer one is what a run left that was stopped, or somebody else's.
fn warn_of_unplaced(rotation: &Rotation, output: &Output) -> Result<(), OpError> {
    for secret in &rotation.unplaced {
        let (name, remove) = (named(secret), removal(&secret.key_id));
        let whose = match unclaimed::find(&secret.key_id) {
            Some(_) => format!("The {}. Save-PPClientSecret puts it in place; or", unclaimed_words(&secret.key_id)),
            None => "If nobody has its text,".to_owned(),
        };
        output.warning(format!("{name}, is not known to have been put in place. {whose} {remove} removes it"))?;
    }
    Ok(())
}

/// `secretPlaced`: the caller has put a secret in place, and so has claimed it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Placed {
    connection: u64,
    #[serde(default)]
    which: WhichRequest,
    key_id: String,
}

impl Op for Placed {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        unclaimed::claim(&self.key_id);
        let operation = Operation::on(self.connection)?;
        let wanted = self.which.wanted(&[StepName::ClientSecret])?;
        let observed = operation.observe(output, &[LookUp::Application], &wanted)?;
        let ids = AppIds::of(application(&observed, &wanted)?);
        let remembered = operation.run(output, |graph, _| remember(graph, &wanted, &ids, &self.key_id));
        remembered.map_err(|error| {
            let message = not_remembered(&self.key_id, &error);
            match OpError::from(error) {
                OpError::Failed(report) => OpError::Failed(Box::new(Report { message, ..*report })),
                cancelled @ OpError::Cancelled(_) => cancelled,
            }
        })
    }
}
