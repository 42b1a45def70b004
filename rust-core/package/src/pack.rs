//! Everything that is released, beside the module folder `<name>/<version>`: `<name>.zip`, `<name>.<version>.nupkg`,
//! `<name>.cdx.json` and `SHA256SUMS`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use sha2::{Digest as _, Sha256};

use crate::crates::{self, Crates};
use crate::zip::{self, Entry};
use crate::{bill, folder, nuget};

/// What to pack.
#[derive(Debug, Args)]
pub(crate) struct Order {
    /// The folder in which the module folder lies, as <name>/<version>, and in which the packages are written.
    #[arg(long)]
    folder: PathBuf,
    /// The module's name.
    #[arg(long)]
    name: String,
    /// The module's version.
    #[arg(long)]
    version: String,
    /// The metadata of the `NuGet` package.
    #[arg(long)]
    nuspec: PathBuf,
    /// A platform of the module and its Rust target, as in linux-x64=x86_64-unknown-linux-gnu.
    #[arg(long = "platform", value_parser = platform, required = true)]
    platforms: Vec<(String, String)>,
    /// The time of the bill of materials, in seconds since 1970: that of the commit.
    #[arg(long)]
    time: i64,
    /// Cargo.lock.
    #[arg(long)]
    lock: PathBuf,
}

fn platform(text: &str) -> Result<(String, String)> {
    let (name, triple) = text.split_once('=').context("a platform and its Rust target are written with =")?;
    Ok((name.to_owned(), triple.to_owned()))
}

impl Order {
    /// Writes the files and says how large they are.
    pub(crate) fn carry_out(&self) -> Result<String> {
        let files = folder::read(&self.folder.join(&self.name).join(&self.version))?;
        let names: Vec<&str> = self.platforms.iter().map(|(name, _triple)| name.as_str()).collect();
        let mut said = folder::sizes(&files, &names)?;
        let packages = [
            // Azure Automation wants Name.zip/Name/Name.psd1, without a folder for the version.
            Entry { name: format!("{}.zip", self.name), data: zip::archive(&folder::under(&self.name, &files)?)? },
            Entry { name: format!("{}.{}.nupkg", self.name, self.version), data: self.nuget(&files)? },
            Entry { name: format!("{}.cdx.json", self.name), data: self.bill()?.into_bytes() },
        ];
        for Entry { name, data } in &packages {
            write(&self.folder.join(name), data)?;
            said.push(format!("{name}: {}", folder::megabytes(data.len())));
        }
        let unpacked = folder::under(&format!("{}/{}", self.name, self.version), &files)?;
        write(&self.folder.join("SHA256SUMS"), sums(packages.iter().chain(&unpacked))?.as_bytes())?;
        Ok(said.join("\n"))
    }

    fn nuget(&self, files: &[Entry]) -> Result<Vec<u8>> {
        let nuspec = fs::read(&self.nuspec).with_context(|| format!("can't read {}", self.nuspec.display()))?;
        zip::archive(&nuget::parts(&self.name, nuspec, files)?)
    }

    fn bill(&self) -> Result<String> {
        let mut all = Crates::new();
        for (platform, triple) in &self.platforms {
            crates::add(&mut all, platform, triple)?;
        }
        bill::write(&self.version, self.time, &all, &crates::sums(&self.lock)?)
    }
}

/// As `sha256sum --check` reads it.
fn sums<'a>(files: impl Iterator<Item = &'a Entry>) -> Result<String> {
    let mut text = String::new();
    for Entry { name, data } in files {
        writeln!(text, "{:x}  {name}", Sha256::digest(data))?;
    }
    Ok(text)
}

fn write(path: &Path, data: &[u8]) -> Result<()> {
    fs::write(path, data).with_context(|| format!("can't write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_sum_is_written_as_sha256sum_reads_it() -> Result<()> {
        let file = Entry { name: "a/b".to_owned(), data: b"hello\n".to_vec() };
        let expected = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  a/b\n";
        assert_eq!(sums([file].iter())?, expected);
        Ok(())
    }

    #[test]
    fn a_platform_names_its_rust_target() -> Result<()> {
        assert_eq!(platform("a=b")?, ("a".to_owned(), "b".to_owned()));
        assert!(platform("a").is_err());
        Ok(())
    }
}
