//! Ops that need no tenant.

use serde::Deserialize;

use crate::Op;
use crate::output::Output;
use pp_attributes::ATTRIBUTES;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{self, AttributeOwnership};

/// `attributes`: who owns which user attribute.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attributes {}

impl Op for Attributes {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let row = |attribute: &pp_attributes::Attribute| AttributeOwnership {
            attribute: attribute.name,
            graph_property: attribute.graph.join(", "),
            owner: attribute.owner.name(),
            effect: attribute.effect,
            written_by: attribute.written_by,
            can_change: attribute.can_change,
        };
        Ok(output.rows(ATTRIBUTES.iter().map(row))?)
    }
}

/// `provisioningScript`: the script for the portal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ProvisioningScript {
    usage_location: String,
}

impl Op for ProvisioningScript {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let usage_location = usage_location(&self.usage_location)?;
        let script = pp_portal::provisioning_script(&usage_location);
        Ok(output.row(rows::ProvisioningScript { usage_location, script, note: pp_portal::SCRIPT_NOTE })?)
    }
}

/// A country code, or the error that says what was wrong.
pub(crate) fn usage_location(given: &str) -> Result<String, OpError> {
    pp_portal::usage_location(given).map_err(|error| c::USAGE_LOCATION_INVALID.report(error.to_string()).into())
}
