//! The licences of the crates in a library, which whoever passes the library on must pass on with it.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::crates::{Crates, Key, Sums};

const HEAD: &str = "\n\
    ----------------------------------------------------------------------------------------------------\n\n\
    The native libraries in bin are made of the crates below and of the Rust standard library (MIT OR Apache-2.0,\n\
    https://github.com/rust-lang/rust). Where a crate may be taken under one of several licences, it is taken under MIT.\n";

/// Every licence text once, with the crates that it is of.
pub(crate) fn write(crates: &Crates, sums: &Sums) -> Result<String> {
    let folders = folders()?;
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // What has no check sum is of this repository, and under its licence.
    for ((name, version), each) in crates.iter().filter(|(key, _crate)| sums.contains_key(*key)) {
        let folder = folders.get(&(name.clone(), version.clone()));
        let folder = folder.with_context(|| format!("cargo metadata does not name {name} {version}"))?;
        for text in licences(folder, &each.licence)? {
            texts.entry(text).or_default().insert(format!("{name} {version}"));
        }
    }
    let mut sorted: Vec<(String, String)> =
        texts.into_iter().map(|(text, names)| (names.into_iter().collect::<Vec<_>>().join(", "), text)).collect();
    sorted.sort();
    let mut all = HEAD.to_owned();
    for (names, text) in sorted {
        write!(all, "\n---- {names}\n\n{text}\n")?;
    }
    Ok(all)
}

/// The part of cargo's metadata that matters here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    manifest_path: PathBuf,
}

/// Where the source of each crate lies.
fn folders() -> Result<BTreeMap<Key, PathBuf>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let answer = Command::new(cargo).args(["metadata", "--locked", "--format-version", "1"]).output()?;
    ensure!(answer.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&answer.stderr));
    let metadata: Metadata = serde_json::from_slice(&answer.stdout)?;
    let folders = metadata.packages.into_iter().filter_map(|each| {
        let folder = each.manifest_path.parent()?.to_owned();
        Some(((each.name, each.version), folder))
    });
    Ok(folders.collect())
}

/// The texts in a crate's folder; a crate that brings none is named with the licence that it names.
fn licences(folder: &Path, licence: &str) -> Result<Vec<String>> {
    let mut names = names_in(folder)?;
    // The C sources that a crate brings have their own licence beside them, as QuickJS.
    for below in names.clone().iter().filter(|name| folder.join(name).is_dir()) {
        let licence = |name: &String| ["LICENSE", "LICENCE", "COPYING"].contains(&name.as_str());
        names.extend(
            names_in(&folder.join(below))?.iter().filter(|name| licence(name)).map(|name| format!("{below}/{name}")),
        );
    }
    let mut texts = Vec::new();
    for name in wanted(&names, licence) {
        let path = folder.join(name);
        if path.is_file() {
            let bytes = fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
            texts.push(String::from_utf8_lossy(&bytes).replace("\r\n", "\n").trim().to_owned());
        }
    }
    if texts.is_empty() {
        texts.push(format!("Licence: {licence}"));
    }
    Ok(texts)
}

/// What is in a folder, by name.
fn names_in(folder: &Path) -> Result<Vec<String>> {
    let items = fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    let mut names = Vec::new();
    for item in items {
        names.push(item?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Of the files of a crate, those that must go with it.
fn wanted<'a>(names: &'a [String], licence: &str) -> Vec<&'a str> {
    let has = |name: &str, words: &[&str]| words.iter().any(|word| name.to_ascii_uppercase().contains(word));
    let legal = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];
    let files: Vec<&str> = names.iter().map(String::as_str).filter(|name| has(name, &legal)).collect();
    let by_choice = licence.split(" OR ").any(|choice| choice == "MIT") && files.iter().any(|name| has(name, &["MIT"]));
    let kept = |name: &str| has(name, &["MIT", "THIRD-PARTY", "COPYRIGHT", "NOTICE"]);
    files.into_iter().filter(|name| !by_choice || kept(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn of_several_licences_to_choose_from_the_one_that_is_taken_goes_along() {
        let files = names(&["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "LICENSE-THIRD-PARTY"]);
        assert_eq!(wanted(&files, "MIT OR Apache-2.0"), ["LICENSE-MIT", "LICENSE-THIRD-PARTY"]);
        assert_eq!(wanted(&files, "Apache-2.0 AND MIT"), ["LICENSE-APACHE", "LICENSE-MIT", "LICENSE-THIRD-PARTY"]);
        assert_eq!(wanted(&names(&["LICENSE", "src"]), "ISC"), ["LICENSE"]);
    }

    #[test]
    fn every_crate_of_the_library_is_named() -> Result<()> {
        let mut crates = Crates::new();
        crate::crates::add(&mut crates, "win-x64", "x86_64-pc-windows-gnu")?;
        let sums = crate::crates::sums(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock"))?;
        let text = write(&crates, &sums)?;
        for (name, version) in crates.keys().filter(|key| sums.contains_key(*key)) {
            assert!(text.contains(&format!("{name} {version}")), "{name}");
        }
        assert!(text.contains("Redistributions in binary form"), "BSD-3-Clause of subtle");
        assert!(text.contains("Fabrice Bellard"), "QuickJS in rquickjs-sys");
        Ok(())
    }
}
