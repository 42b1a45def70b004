//! The classes of the bridge and the views of the module are what the definitions of the rows say. With `PPFEDERATION_WRITE`
//! set they are written.

#[path = "module_files/classes.rs"]
mod classes;
#[path = "module_files/format.rs"]
mod format;
#[path = "module_files/views.rs"]
mod views;

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

fn compare(file: &str, wanted: &str) -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../PowerShell").join(file);
    if env::var_os("PPFEDERATION_WRITE").is_some() {
        fs::write(&path, wanted)?;
    }
    let there = fs::read_to_string(&path)?.replace("\r\n", "\n");
    assert!(there == wanted, "{file} is out of date: run this test with PPFEDERATION_WRITE=1");
    Ok(())
}

#[test]
fn the_classes_of_the_bridge_are_what_the_rows_say() -> Result<(), Box<dyn Error>> {
    compare("Native/Rows.cs", &classes::text(&pp_report::rows::shown()))
}

#[test]
fn the_views_of_the_module_are_what_the_rows_say() -> Result<(), Box<dyn Error>> {
    compare("PPFederation/PPFederation.Format.ps1xml", &format::text(&pp_report::rows::shown())?)
}

#[test]
fn every_row_of_a_tenant_says_whose_it_is() {
    let of_no_tenant = [
        "PPFederation.AttributeOwnership",
        "PPFederation.MergedScript",
        "PPFederation.ProvisioningScript",
        "PPFederation.ScriptResult",
    ];
    for row in pp_report::rows::shown() {
        let names: Vec<&str> = row.columns.iter().map(|column| column.name).collect();
        let says = names.starts_with(&["TenantId", "TenantName"]);
        assert_eq!(says, !of_no_tenant.contains(&row.name), "{}", row.name);
    }
}

#[test]
fn no_column_is_there_twice() {
    for row in pp_report::rows::shown() {
        let mut names: Vec<String> = row.columns.iter().map(|column| column.name.to_lowercase()).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{}", row.name);
    }
}
