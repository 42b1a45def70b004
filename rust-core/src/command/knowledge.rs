//! Ops that need no tenant.

use serde::Deserialize;

use super::Op;
use crate::attributes::ATTRIBUTES;
use crate::catalogue as c;
use crate::clixml::Object;
use crate::error::OpError;
use crate::job::Output;
use crate::portal;

/// `attributes`: who owns which user attribute.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attributes {}

impl Op for Attributes {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let row = |attribute: &crate::attributes::Attribute| {
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
pub(super) struct ProvisioningScript {
    usage_location: String,
}

impl Op for ProvisioningScript {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let country = usage_location(&self.usage_location)?;
        let script = portal::provisioning_script(&country);
        let object = Object::new("PPFederation.ProvisioningScript")
            .with("UsageLocation", country)
            .with("Script", script)
            .with("Note", portal::SCRIPT_NOTE);
        Ok(output.object(&object)?)
    }
}

/// A country code, or the error that says what was wrong.
pub(super) fn usage_location(given: &str) -> Result<String, OpError> {
    portal::usage_location(given).map_err(|error| c::USAGE_LOCATION_INVALID.report(error.to_string()).into())
}
