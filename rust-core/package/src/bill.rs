//! The bill of materials: `CycloneDX` 1.5, JSON. <https://cyclonedx.org/docs/1.5/json/>

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Builder;

use crate::crates::{Crates, Key, Sums};

/// Where the names of crates are from.
const LIBRARY: &str = "ppfederation";

/// The bill of the libraries of a release.
pub(crate) fn write(version: &str, seconds: i64, crates: &Crates, sums: &Sums) -> Result<String> {
    let time = OffsetDateTime::from_unix_timestamp(seconds)?.format(&Rfc3339)?;
    let own = (LIBRARY.to_owned(), version.to_owned());
    let top = crates.get(&own).with_context(|| format!("cargo tree does not name {LIBRARY} {version}"))?;
    let mut bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "timestamp": time, "component": component(&own, &top.licence, sums) },
        "components": components(crates, &own, sums),
        "dependencies": dependencies(crates),
    });
    bill["serialNumber"] = json!(serial(&bill));
    Ok(serde_json::to_string_pretty(&bill)? + "\n")
}

fn component(key: &Key, licence: &str, sums: &Sums) -> Value {
    let (name, version) = key;
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(key),
        "name": name,
        "version": version,
        "licenses": [{ "expression": licence }],
        "purl": purl(key),
    });
    if let Some(sum) = sums.get(key) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    component
}

/// Every crate but the library itself, with the platforms whose library holds it.
fn components(crates: &Crates, own: &Key, sums: &Sums) -> Vec<Value> {
    let others = crates.iter().filter(|(key, _crate)| *key != own);
    let components = others.map(|(key, each)| {
        let mut component = component(key, &each.licence, sums);
        let platforms = each.platforms.iter().map(|name| json!({ "name": "ppfederation:platform", "value": name }));
        component["properties"] = platforms.collect();
        component
    });
    components.collect()
}

fn dependencies(crates: &Crates) -> Vec<Value> {
    let calls = |calls: &mut dyn Iterator<Item = &Key>| calls.map(purl).collect::<Vec<_>>();
    crates.iter().map(|(key, each)| json!({ "ref": purl(key), "dependsOn": calls(&mut each.calls.iter()) })).collect()
}

/// <https://github.com/package-url/purl-spec>
fn purl((name, version): &Key) -> String {
    // What follows a plus sign in a version is written in percent.
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

/// A number that follows from what is in the bill, so that a second build writes the same.
fn serial(bill: &Value) -> String {
    let hash = Sha256::digest(bill.to_string());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    format!("urn:uuid:{}", Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crates::Crate;

    fn crates() -> Crates {
        let leaf = ("leaf".to_owned(), "1.0.0+a".to_owned());
        let calls =
            Crate { licence: "MIT".into(), calls: [leaf.clone()].into(), platforms: ["win-x64".to_owned()].into() };
        let called = Crate { licence: "ISC".into(), platforms: ["win-x64".to_owned()].into(), ..Crate::default() };
        [((LIBRARY.to_owned(), "0.1.0".to_owned()), calls), (leaf, called)].into()
    }

    #[test]
    fn a_crate_has_its_licence_sum_and_place() -> Result<()> {
        let sums = Sums::from([(("leaf".to_owned(), "1.0.0+a".to_owned()), "ab".repeat(32))]);
        let bill: Value = serde_json::from_str(&write("0.1.0", 1_700_000_000, &crates(), &sums)?)?;
        assert_eq!(bill["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
        assert_eq!(bill["metadata"]["component"]["purl"], "pkg:cargo/ppfederation@0.1.0");
        let leaf = &bill["components"][0];
        assert_eq!(leaf["purl"], "pkg:cargo/leaf@1.0.0%2Ba");
        assert_eq!(leaf["licenses"][0]["expression"], "ISC");
        assert_eq!(leaf["hashes"][0]["content"], "ab".repeat(32));
        assert_eq!(leaf["properties"][0]["value"], "win-x64");
        assert_eq!(bill["dependencies"][1]["dependsOn"][0], leaf["purl"]);
        Ok(())
    }

    #[test]
    fn its_serial_number_follows_from_what_is_in_it() -> Result<()> {
        let (crates, sums) = (crates(), Sums::new());
        let first = write("0.1.0", 1, &crates, &sums)?;
        assert_eq!(first, write("0.1.0", 1, &crates, &sums)?);
        assert_ne!(first, write("0.1.0", 2, &crates, &sums)?);
        let bill: Value = serde_json::from_str(&first)?;
        let serial = bill["serialNumber"].as_str().unwrap_or_default();
        assert_eq!((serial.len(), serial.starts_with("urn:uuid:")), (45, true));
        Ok(())
    }

    #[test]
    fn a_bill_of_another_library_is_refused() {
        assert!(write("9.9.9", 1, &crates(), &Sums::new()).is_err());
    }
}
