//! The files of a module folder, and what holds for them: short paths, and a size that is worth downloading.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::zip::Entry;

/// Azure Automation takes no longer path in a module.
/// <https://learn.microsoft.com/azure/automation/shared-resources/modules>
const LONGEST_PATH: usize = 139;

/// What one platform may take of a disk.
const LARGEST: usize = 15_000_000;

/// Every file under a folder, by name, with the names that they have in it.
pub(crate) fn read(folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    collect(folder, "", &mut entries)?;
    ensure!(!entries.is_empty(), "{} is empty", folder.display());
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(entries)
}

fn collect(folder: &Path, prefix: &str, entries: &mut Vec<Entry>) -> Result<()> {
    for item in fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))? {
        let item = item?;
        let name = item.file_name().into_string().map_err(|name| anyhow::anyhow!("{} is no text", name.display()))?;
        let name = format!("{prefix}{name}");
        if item.file_type()?.is_dir() {
            collect(&item.path(), &format!("{name}/"), entries)?;
        } else {
            let data = fs::read(item.path()).with_context(|| format!("can't read {}", item.path().display()))?;
            entries.push(Entry { name, data });
        }
    }
    Ok(())
}

/// The same files in a folder of an archive; fails where a path is too long for Azure Automation.
pub(crate) fn under(folder: &str, entries: &[Entry]) -> Result<Vec<Entry>> {
    let placed: Vec<Entry> = entries
        .iter()
        .map(|entry| Entry { name: format!("{folder}/{}", entry.name), data: entry.data.clone() })
        .collect();
    for Entry { name, .. } in &placed {
        ensure!(name.len() <= LONGEST_PATH, "the path {name} has more than {LONGEST_PATH} characters");
    }
    Ok(placed)
}

/// What each platform takes, with the files that all share; fails where that is too much.
pub(crate) fn sizes(entries: &[Entry], platforms: &[&str]) -> Result<Vec<String>> {
    let total = |wanted: &dyn Fn(&str) -> bool| -> usize {
        entries.iter().filter(|entry| wanted(&entry.name)).map(|entry| entry.data.len()).sum()
    };
    let shared = total(&|name| name.strip_prefix("bin/").is_none_or(|rest| !rest.contains('/')));
    let mut lines = Vec::new();
    for platform in platforms {
        let own = total(&|name| name.starts_with(&format!("bin/{platform}/")));
        ensure!(own > 0, "the module has no library for {platform}");
        let all = own + shared;
        lines.push(format!("{platform}: {} (its library {})", megabytes(all), megabytes(own)));
        ensure!(all < LARGEST, "{platform} takes {}: more than {}", megabytes(all), megabytes(LARGEST));
    }
    Ok(lines)
}

/// For people: `4.52 MB`, of a million bytes.
pub(crate) fn megabytes(bytes: usize) -> String {
    format!("{}.{:02} MB", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, size: usize) -> Entry {
        Entry { name: name.to_owned(), data: vec![0; size] }
    }

    #[test]
    fn a_path_that_azure_automation_refuses_is_refused() {
        let name = "a".repeat(LONGEST_PATH - "M/".len());
        assert!(under("M", &[entry(&name, 0)]).is_ok());
        assert!(under("M", &[entry(&format!("{name}a"), 0)]).is_err());
    }

    #[test]
    fn a_size_is_that_of_the_platform_and_of_what_all_share() -> Result<()> {
        let entries = [entry("a.psm1", 10_000), entry("bin/a.dll", 30_000), entry("bin/win-x64/a.dll", 2_000_000)];
        assert_eq!(sizes(&entries, &["win-x64"])?, ["win-x64: 2.04 MB (its library 2.00 MB)"]);
        assert!(sizes(&entries, &["linux-x64"]).is_err());
        assert!(sizes(&[entry("bin/win-x64/a.dll", LARGEST)], &["win-x64"]).is_err());
        Ok(())
    }
}
