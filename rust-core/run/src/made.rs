//! What a run has made so far, which counts as there while a replica doesn't show it yet.

use std::sync::Arc;

use time::OffsetDateTime;

use pp_base::secret::SecretText;
use pp_runbook::observed::{Found, Observed};
use pp_runbook::other_secrets::unclaimed;
use pp_runbook::step::StepName;
use pp_runbook::types::{Application, PasswordCredential, ServicePrincipal};
use pp_runbook::wanted::SECRET_NAME;

/// A secret this run made. Its text is shown to nobody but the caller.
#[derive(Debug, Clone)]
pub struct MadeSecret {
    /// The secret's id.
    pub key_id: String,
    /// Valid to.
    pub end: OffsetDateTime,
    /// The text.
    pub text: Arc<SecretText>,
}

/// What this run has made so far.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) application: Option<Application>,
    pub(crate) principal: Option<ServicePrincipal>,
    pub(crate) secret: Option<MadeSecret>,
    /// Ids of secrets whose text was lost and which were removed.
    pub(crate) removed: Vec<String>,
    /// Starts of secrets whose answer was lost and that no look has shown: one may turn up yet.
    pub(crate) lost: Vec<OffsetDateTime>,
    /// What was done, by step, in words.
    pub(crate) actions: Vec<(StepName, String)>,
    /// Steps of which the service has said that something is there already, which a look may not show yet.
    pub(crate) found: Vec<StepName>,
}

impl Made {
    /// Puts what was made into what was read, and takes out what was removed, where a replica doesn't show it yet.
    pub(crate) fn complete(&self, observed: &mut Observed) {
        if let Ok(Found::Ours(application) | Found::SameName(application)) = &mut observed.application {
            application.password_credentials.retain(|secret| !self.removed.contains(&secret.key_id));
        }
        if let (Some(application), Ok(found @ Found::None)) = (&self.application, &mut observed.application) {
            *found = Found::Ours(application.clone());
        }
        if let (Some(principal), Ok(found @ None)) = (&self.principal, &mut observed.service_principal) {
            *found = Some(principal.clone());
        }
        if let (Some(secret), Ok(Found::Ours(application))) = (&self.secret, &mut observed.application)
            && !application.password_credentials.iter().any(|has| has.key_id == secret.key_id)
        {
            application.password_credentials.push(PasswordCredential {
                key_id: secret.key_id.clone(),
                display_name: Some(SECRET_NAME.into()),
                hint: None,
                start_date_time: None,
                end_date_time: Some(secret.end),
            });
        }
    }

    /// Where the secret is, as a sentence to be added to a warning: whoever stops at that gets no result.
    pub(crate) fn secret_words(&self) -> String {
        let words = |secret: &MadeSecret| format!(". If it has not gone to its sink, {}", unclaimed(&secret.key_id));
        self.secret.as_ref().map(words).unwrap_or_default()
    }

    pub(crate) fn did(&mut self, step: StepName, what: impl Into<String>) {
        self.actions.push((step, what.into()));
    }

    pub(crate) fn touched(&self, step: StepName) -> bool {
        self.actions.iter().any(|(touched, _)| *touched == step)
    }

    /// The steps that something was done for or found there, once for each thing.
    pub(crate) fn steps(&self) -> impl Iterator<Item = StepName> {
        self.actions.iter().map(|(step, _)| *step).chain(self.found.iter().copied())
    }
}
