//! Which application an op is about, as every such request says it.

use serde::Deserialize;

use crate::connect::guid;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_runbook::which::{Name, Which};

/// Without any of it: this module's own, or, to be taken with `adopt`, one of the default name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct WhichRequest {
    pub(crate) display_name: Option<String>,
    pub(crate) app_id: Option<String>,
    pub(crate) object_id: Option<String>,
    #[serde(default)]
    pub(crate) adopt: bool,
}

impl WhichRequest {
    /// Of a run of these steps.
    pub(crate) fn of_run(&self, steps: &[StepName]) -> Result<Which, OpError> {
        self.checked(steps.contains(&StepName::Application))
    }

    /// Of what reads or removes: the one that is meant is used for `steps`.
    pub(crate) fn wanted(&self, steps: &[StepName]) -> Result<Wanted, OpError> {
        let which = self.checked(false)?;
        Ok(Wanted { steps: steps.to_vec(), which, adopt: self.adopt, ..Wanted::everything() })
    }

    /// Which one is meant, in words; none where it is this module's own.
    pub(crate) fn told(&self) -> Result<Option<String>, OpError> {
        let named = self.display_name.is_some() || self.app_id.is_some() || self.object_id.is_some();
        let which = named.then(|| self.checked(true)).transpose()?;
        Ok(which.map(|which| which.to_string()))
    }

    fn checked(&self, takes_over: bool) -> Result<Which, OpError> {
        let name = self.display_name.as_deref().map(|name| Name::of(name, takes_over)).transpose()?;
        let (app_id, object_id) = (id("AppId", self.app_id.as_deref())?, id("ObjectId", self.object_id.as_deref())?);
        Ok(Which { name, app_id, object_id, takes_over })
    }
}

fn id(parameter: &str, given: Option<&str>) -> Result<Option<String>, OpError> {
    let Some(text) = given else { return Ok(None) };
    let id = guid(text).ok_or_else(|| {
        c::APP_ID_INVALID.report(format!("-{parameter} '{text}' is no id: it has to be a GUID")).target(text)
    })?;
    Ok(Some(id.to_string()))
}
