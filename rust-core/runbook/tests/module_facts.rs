//! The facts that PowerShell's value sets, help and about topics are built with are what the code says. With
//! `PPFEDERATION_WRITE` set they are written.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use pp_runbook::permissions::{Kind, PERMISSIONS, of_kind};
use pp_runbook::step::StepName;
use serde_json::{Value, json};
use tenant_twin::Trouble;

fn facts() -> Value {
    let steps = StepName::ALL.map(StepName::name);
    let width = steps.iter().map(|name| name.len()).max().unwrap_or_default();
    let table = StepName::ALL.map(|step| format!("{:width$}  {}", step.name(), (step.step().action)(&[])));
    let demo_faults = Trouble::ALL.map(|trouble| format!("{}: {}.", trouble.name, trouble.meaning));
    json!({
        "Steps": steps,
        "StepCount": steps.len(),
        "StepTable": table.join("\n"),
        "PermissionCount": PERMISSIONS.len(),
        "DelegatedCount": of_kind(Kind::Delegated).count(),
        "ApplicationCount": of_kind(Kind::Application).count(),
        "DemoFaults": Trouble::ALL.map(|trouble| trouble.name),
        "DemoFaultTable": demo_faults.join("\n"),
        "Countries": pp_portal::countries().collect::<Vec<_>>(),
    })
}

#[test]
fn the_facts_of_the_module_are_what_the_code_says() -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../PowerShell/PPFederation/Facts.json");
    let wanted = facts();
    if env::var_os("PPFEDERATION_WRITE").is_some() {
        fs::write(&path, format!("{wanted:#}\n"))?;
    }
    let there: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    assert_eq!(there, wanted, "Facts.json is out of date: run this test with PPFEDERATION_WRITE=1");
    Ok(())
}
