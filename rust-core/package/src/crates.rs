//! Which crates a library is really made of: what `cargo tree` says for the package with its features and one platform,
//! without what only builds or tests it, with the check sums of Cargo.lock.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// A crate in one or more of the libraries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Crate {
    /// As SPDX writes it; empty where the crate names none.
    pub(crate) licence: String,
    /// The crates that it calls.
    pub(crate) calls: BTreeSet<Key>,
    /// The platforms whose library holds it.
    pub(crate) platforms: BTreeSet<String>,
}

/// Name and version.
pub(crate) type Key = (String, String);

/// Crates by name and version.
pub(crate) type Crates = BTreeMap<Key, Crate>;

/// The check sums of Cargo.lock, SHA-256 in hexadecimal. A crate of this repository has none.
pub(crate) type Sums = BTreeMap<Key, String>;

/// Adds what the library of a platform is made of.
pub(crate) fn add(crates: &mut Crates, platform: &str, triple: &str) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let answer = Command::new(cargo)
        .args(["tree", "--locked", "--package", "ppfederation", "--edges", "normal,no-proc-macro", "--target", triple])
        .args(["--prefix", "depth", "--format", "{p}|{l}"])
        .output()
        .context("can't run cargo tree")?;
    ensure!(answer.status.success(), "cargo tree failed: {}", String::from_utf8_lossy(&answer.stderr));
    parse(crates, platform, &String::from_utf8(answer.stdout)?)
}

/// Reads lines such as `2libc v0.2.191|MIT OR Apache-2.0`: how deep the crate lies below the library, and what it is. What
/// was shown before ends with `(*)` and isn't shown with what it calls again.
fn parse(crates: &mut Crates, platform: &str, tree: &str) -> Result<()> {
    let mut path: Vec<Key> = Vec::new();
    for line in tree.lines() {
        let unknown = || format!("not a line of cargo tree: {line}");
        let digits = line.find(|character: char| !character.is_ascii_digit()).with_context(unknown)?;
        let depth: usize = line[..digits].parse().with_context(unknown)?;
        let (what, licence) = line[digits..].split_once('|').with_context(unknown)?;
        let mut words = what.split(' ');
        let name = words.next().with_context(unknown)?.to_owned();
        let version = words.next().and_then(|word| word.strip_prefix('v')).with_context(unknown)?.to_owned();
        let key = (name, version);
        path.truncate(depth);
        if let Some(caller) = path.last() {
            crates.entry(caller.clone()).or_default().calls.insert(key.clone());
        }
        let entry = crates.entry(key.clone()).or_default();
        entry.licence = spdx(licence);
        entry.platforms.insert(platform.to_owned());
        path.push(key);
    }
    Ok(())
}

/// Older crates write `MIT/Apache-2.0`.
fn spdx(licence: &str) -> String {
    let plain = licence.trim_end_matches(" (*)");
    plain.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

/// The part of Cargo.lock that matters here.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// Reads Cargo.lock.
pub(crate) fn sums(lock: &Path) -> Result<Sums> {
    let text = std::fs::read_to_string(lock).with_context(|| format!("can't read {}", lock.display()))?;
    let lock: Lock = toml::from_str(&text)?;
    let sums = lock.package.into_iter().filter_map(|each| Some(((each.name, each.version), each.checksum?)));
    Ok(sums.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, version: &str) -> Key {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn a_tree_says_what_calls_what() -> Result<()> {
        let tree = "0top v0.1.0 (/a b/top)|MIT\n1left v1.0.0|MIT/Apache-2.0\n2leaf v2.0.0|ISC\n1right v3.0.0|MIT\n2leaf v2.0.0|ISC (*)\n";
        let mut crates = Crates::new();
        parse(&mut crates, "linux-x64", tree)?;
        parse(&mut crates, "win-x64", "0top v0.1.0 (C:\\top)|MIT\n1left v1.0.0|MIT/Apache-2.0\n")?;
        assert_eq!(crates.len(), 4);
        let top = &crates[&key("top", "0.1.0")];
        assert_eq!(top.calls, BTreeSet::from([key("left", "1.0.0"), key("right", "3.0.0")]));
        let leaf = &crates[&key("leaf", "2.0.0")];
        assert_eq!((leaf.licence.as_str(), leaf.platforms.len()), ("ISC", 1));
        assert_eq!(crates[&key("right", "3.0.0")].calls, BTreeSet::from([key("leaf", "2.0.0")]));
        let left = &crates[&key("left", "1.0.0")];
        assert_eq!((left.licence.as_str(), left.platforms.len()), ("MIT OR Apache-2.0", 2));
        Ok(())
    }

    #[test]
    fn the_library_holds_what_it_calls_and_nothing_that_only_tests_or_builds_it() -> Result<()> {
        let mut crates = Crates::new();
        add(&mut crates, "linux-x64", "x86_64-unknown-linux-gnu")?;
        add(&mut crates, "win-x64", "x86_64-pc-windows-gnu")?;
        let platforms = |name: &str| {
            let versions = crates.iter().filter(|((each, _version), _crate)| each == name);
            versions.flat_map(|(_key, each)| each.platforms.iter().map(String::as_str)).collect::<BTreeSet<_>>()
        };
        for both in ["ppfederation", "tenant-twin", "reqwest", "rustls", "ring"] {
            assert_eq!(platforms(both), BTreeSet::from(["linux-x64", "win-x64"]), "{both}");
        }
        assert_eq!(platforms("windows-sys"), BTreeSet::from(["win-x64"]));
        for none in ["serde_derive", "proptest", "quick-xml", "cc", "cbindgen", "syn"] {
            assert!(platforms(none).is_empty(), "{none}");
        }
        Ok(())
    }

    #[test]
    fn every_crate_from_elsewhere_has_a_check_sum() -> Result<()> {
        let sums = sums(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock"))?;
        let mut crates = Crates::new();
        add(&mut crates, "linux-x64", "x86_64-unknown-linux-gnu")?;
        for ((name, version), each) in crates {
            let own = name.starts_with("pp-") || ["ppfederation", "tenant-twin"].contains(&name.as_str());
            let sum = sums.get(&(name.clone(), version));
            assert_eq!(sum.is_none(), own, "{name}");
            assert!(sum.is_none_or(|sum| sum.len() == 64), "{name}");
            assert!(!each.licence.is_empty(), "{name} has no licence");
        }
        Ok(())
    }
}
