//! Where the bytes of a library go: by crate, as its symbols tell, and by section where no symbol tells.
//!
//! Counted is what is loaded, up to the last byte of the last section that is: a stripped library has its table of sections
//! besides, two or three thousand bytes. The symbols have to be there, so the library is one built like the one that ships but not
//! stripped; the bytes are the same. Only ELF says how long a symbol is.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SectionFlags, SectionIndex, SymbolKind, elf};
use serde_json::json;

use crate::owner;

/// How many crates are named.
const NAMED: usize = 10;

/// The library whose symbols others see.
const LIBRARY: &str = "ppfederation";

/// Bytes by name.
type Bytes = BTreeMap<String, u64>;

/// What a library is made of.
#[derive(Debug, Default)]
struct Sizes {
    total: u64,
    crates: Bytes,
    /// What no symbol names, by section: texts and numbers, tables for unwinding, what the loader fills in.
    rest: Bytes,
}

/// Lines of JSON: name, value, unit. The first is the total, and the others add up to it.
pub(crate) fn describe(library: &Path) -> Result<String> {
    let bytes = fs::read(library).with_context(|| format!("can't read {}", library.display()))?;
    let sizes = measure(&bytes).with_context(|| library.display().to_string())?;
    Ok(sizes.lines().join("\n"))
}

fn measure(bytes: &[u8]) -> Result<Sizes> {
    let file = object::File::parse(bytes).context("no library of a known format")?;
    ensure!(matches!(file, object::File::Elf64(_)), "only a library for Linux says how long its symbols are");
    let owned = spans(&file)?;
    ensure!(!owned.is_empty(), "it has no symbols: build it with CARGO_PROFILE_RELEASE_STRIP=none");
    let mut sizes = Sizes::default();
    let mut in_sections = 0;
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags, .. } = section.flags() else { continue };
        let Some((offset, length)) = section.file_range().filter(|_range| sh_flags.contains(elf::SHF_ALLOC)) else {
            continue;
        };
        sizes.total = sizes.total.max(offset + length);
        in_sections += length;
        let own = owned.get(&section.index()).map(Vec::as_slice).unwrap_or_default();
        let named = add(&mut sizes.crates, own);
        *sizes.rest.entry(section.name()?.to_owned()).or_default() += length - named;
    }
    sizes.rest.insert("headers and padding".to_owned(), sizes.total - in_sections);
    Ok(sizes)
}

/// Where a symbol begins and ends, and whose it is.
type Span = (u64, u64, String);

/// The symbols of each section, by address.
fn spans(file: &object::File<'_>) -> Result<HashMap<SectionIndex, Vec<Span>>> {
    let mut spans: HashMap<SectionIndex, Vec<Span>> = HashMap::new();
    let mut object_file = "";
    for symbol in file.symbols() {
        let name = symbol.name()?;
        match (symbol.kind(), symbol.section_index()) {
            (SymbolKind::File, _none) => object_file = name,
            // Thread-local: its address is no place in the file.
            (SymbolKind::Tls, _section) => {}
            (_code_or_data, Some(section)) if symbol.size() > 0 => {
                let owner = if symbol.is_global() { LIBRARY.to_owned() } else { owner::of(name, object_file) };
                let start = symbol.address();
                spans.entry(section).or_default().push((start, start + symbol.size(), owner));
            }
            _undefined => {}
        }
    }
    for each in spans.values_mut() {
        each.sort();
    }
    Ok(spans)
}

/// Adds the bytes of each owner, those under two names once, and says how many they were.
fn add(crates: &mut Bytes, spans: &[Span]) -> u64 {
    let (mut covered, mut sum) = (0, 0);
    for (start, end, owner) in spans {
        let new = end.saturating_sub(covered.max(*start));
        covered = covered.max(*end);
        sum += new;
        *crates.entry(owner.clone()).or_default() += new;
    }
    sum
}

impl Sizes {
    fn lines(&self) -> Vec<String> {
        let crates = descending(&self.crates);
        let (named, others) = crates.split_at(NAMED.min(crates.len()));
        let line = |name: String, bytes: u64| json!({ "name": name, "value": bytes, "unit": "bytes" }).to_string();
        let mut lines = vec![line("library size, all that is loaded".to_owned(), self.total)];
        lines.extend(named.iter().map(|(name, bytes)| line(format!("library size, crate {name}"), *bytes)));
        let others_sum = others.iter().map(|(_name, bytes)| bytes).sum();
        lines.push(line(format!("library size, {} other crates", others.len()), others_sum));
        let rest = descending(&self.rest);
        let (large, small): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(_name, bytes)| bytes * 100 >= self.total);
        lines.extend(large.iter().map(|(name, bytes)| line(format!("library size, not attributed, {name}"), *bytes)));
        let small_sum = small.iter().map(|(_name, bytes)| bytes).sum();
        lines.push(line("library size, not attributed, all else".to_owned(), small_sum));
        lines
    }
}

fn descending(bytes: &Bytes) -> Vec<(&str, u64)> {
    let mut sorted: Vec<(&str, u64)> = bytes.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    sorted.sort_by_key(|(_name, bytes)| std::cmp::Reverse(*bytes));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_under_two_names_count_once() {
        let span = |start, end, owner: &str| (start, end, owner.to_owned());
        let mut crates = Bytes::new();
        let sum = add(&mut crates, &[span(10, 20, "a"), span(10, 20, "b"), span(15, 30, "c"), span(40, 41, "a")]);
        assert_eq!(sum, 21);
        assert_eq!(crates, Bytes::from([("a".into(), 11), ("b".into(), 0), ("c".into(), 10)]));
    }

    #[test]
    fn ten_crates_are_named_and_all_lines_add_up_to_the_total() -> Result<()> {
        let crates: Bytes = (1..=12).map(|number| (format!("crate{number}"), number * 100)).collect();
        let rest = Bytes::from([(".eh_frame".to_owned(), 2000), (".plt".to_owned(), 7), (".init".to_owned(), 3)]);
        let lines = Sizes { total: 9810, crates, rest }.lines();
        let figures: Vec<serde_json::Value> =
            lines.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
        assert_eq!(figures[0], json!({ "name": "library size, all that is loaded", "value": 9810, "unit": "bytes" }));
        assert_eq!(figures[1]["name"], "library size, crate crate12");
        assert_eq!(figures[11], json!({ "name": "library size, 2 other crates", "value": 300, "unit": "bytes" }));
        assert_eq!(figures[12]["name"], "library size, not attributed, .eh_frame");
        assert_eq!(
            figures[13],
            json!({ "name": "library size, not attributed, all else", "value": 10, "unit": "bytes" })
        );
        assert_eq!(figures[1..].iter().filter_map(|figure| figure["value"].as_u64()).sum::<u64>(), 9810);
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn every_byte_that_is_loaded_is_counted_once() -> Result<()> {
        // This program, which is not stripped.
        let sizes = measure(&fs::read(std::env::current_exe()?)?)?;
        assert_eq!(sizes.crates.values().sum::<u64>() + sizes.rest.values().sum::<u64>(), sizes.total);
        for name in ["std", "package", "serde_json", "toml"] {
            assert!(sizes.crates.contains_key(name), "{name}");
        }
        assert!(!sizes.crates.contains_key("core"));
        Ok(())
    }

    #[test]
    fn what_is_no_library_is_refused() {
        assert!(measure(b"text").is_err_and(|error| error.to_string().contains("no library of a known format")));
    }
}
