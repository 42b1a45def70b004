//! A person signs in to a cloud that doesn't know one of the permissions that are asked for.

mod op;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use pp_report::error::OpError;
use pp_testing::TestResult;
use serde_json::json;
use tenant_twin::{Options, SignInSettings, Twin};

fn twin_without(names: &[&str]) -> Result<Arc<Twin>, Box<dyn Error>> {
    let twin = Arc::new(Twin::start(&Options { users: 1, latency: Duration::ZERO, ..Options::default() })?);
    twin.set_sign_in(SignInSettings { interval: 1, pending_polls: 0, ..SignInSettings::default() });
    twin.edit(|directory| names.iter().for_each(|name| directory.withhold(name)));
    Ok(twin)
}

fn sign_in(twin: &Twin) -> Result<(String, Result<(), OpError>), Box<dyn Error>> {
    op::run(&json!({
        "op": "connect", "tenantId": twin.tenant_id(), "environment": "Custom", "loginEndpoint": twin.login(),
        "graphEndpoint": twin.graph(), "credential": {"kind": "deviceCode"}
    }))
}

#[test]
fn it_is_asked_for_no_more_and_what_does_in_its_place_is() -> TestResult {
    for (unknown, instead) in [
        (&["OrgContact.Read.All"][..], Some("Directory.Read.All")),
        (&["OrgContact.Read.All", "GroupMember.Read.All", "Directory.Read.All"][..], None),
    ] {
        let twin = twin_without(unknown)?;
        let (objects, ended) = sign_in(&twin)?;
        assert!(ended.is_ok(), "{unknown:?}: {ended:?}");
        assert!(objects.contains("Organization.ReadWrite.All"), "{objects}");
        for name in unknown {
            assert!(!objects.contains(&format!("<S>{name}</S>")), "{name}: {objects}");
        }
        if let Some(instead) = instead {
            assert!(objects.contains(&format!("<S>{instead}</S>")), "{objects}");
        }
    }
    Ok(())
}

#[test]
fn one_without_which_a_step_cannot_write_ends_it() -> TestResult {
    let twin = twin_without(&["RoleManagement.ReadWrite.Directory"])?;
    let (_, ended) = sign_in(&twin)?;
    let Err(OpError::Failed(report)) = ended else { return Err(format!("{ended:?}").into()) };
    assert_eq!(report.id, "PPFederation.ScopeUnknown");
    assert!(report.message.contains("RoleManagement.ReadWrite.Directory"), "{}", report.message);
    Ok(())
}
