//! Ops that need no tenant.

use serde::Deserialize;

use crate::Op;
use crate::output::Output;
use pp_attributes::ATTRIBUTES;
use pp_report::catalogue as c;
use pp_report::clixml::Object;
use pp_report::error::OpError;

/// `attributes`: who owns which user attribute.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attributes {}

impl Op for Attributes {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let row = |attribute: &pp_attributes::Attribute| {
            Object::new("PPFederation.AttributeOwnership")
                .with("Attribute", attribute.name)
                .with("GraphProperty", attribute.graph.join(", "))
                .with("Owner", attribute.owner.name())
                .with("Effect", attribute.effect)
        };
        Ok(output.objects(&ATTRIBUTES.iter().map(row).collect::<Vec<_>>())?)
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
        let country = usage_location(&self.usage_location)?;
        let script = pp_portal::provisioning_script(&country);
        let object = Object::new("PPFederation.ProvisioningScript")
            .with("UsageLocation", country)
            .with("Script", script)
            .with("Note", pp_portal::SCRIPT_NOTE);
        Ok(output.object(&object)?)
    }
}

/// A country code, or the error that says what was wrong.
pub(crate) fn usage_location(given: &str) -> Result<String, OpError> {
    pp_portal::usage_location(given).map_err(|error| c::USAGE_LOCATION_INVALID.report(error.to_string()).into())
}
