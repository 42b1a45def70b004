//! Everything that is released, beside the module folder `<name>/<version>`: `<name>.zip`, `<name>.<version>.nupkg`,
//! `<name>.cdx.json` and `SHA256SUMS`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use sha2::{Digest as _, Sha256};

use crate::crates::{self, Crates, Sums};
use crate::zip::{self, Entry};
use crate::{bill, folder, notices, nuget};

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
    /// The licence of this repository.
    #[arg(long)]
    license: PathBuf,
}

fn platform(text: &str) -> Result<(String, String)> {
    let (name, triple) = text.split_once('=').context("a platform and its Rust target are written with =")?;
    Ok((name.to_owned(), triple.to_owned()))
}

impl Order {
    /// Writes the files and says how large they are.
    pub(crate) fn carry_out(&self) -> Result<String> {
        let (crates, sums) = (self.crates()?, crates::sums(&self.lock)?);
        let module = self.folder.join(&self.name).join(&self.version);
        self.license(&module, &crates, &sums)?;
        let files = folder::read(&module)?;
        let names: Vec<&str> = self.platforms.iter().map(|(name, _triple)| name.as_str()).collect();
        let mut said = folder::sizes(&files, &names)?;
        let packages = [
            // Azure Automation wants Name.zip/Name/Name.psd1, without a folder for the version.
            Entry { name: format!("{}.zip", self.name), data: zip::archive(&folder::under(&self.name, &files)?)? },
            Entry { name: format!("{}.{}.nupkg", self.name, self.version), data: self.nuget(&files)? },
            Entry {
                name: format!("{}.cdx.json", self.name),
                data: bill::write(&self.version, self.time, &crates, &sums)?.into_bytes(),
            },
        ];
        for Entry { name, data } in &packages {
            write(&self.folder.join(name), data)?;
            said.push(format!("{name}: {}", folder::megabytes(data.len())));
        }
        let unpacked = folder::under(&format!("{}/{}", self.name, self.version), &files)?;
        write(&self.folder.join("SHA256SUMS"), listing(packages.iter().chain(&unpacked))?.as_bytes())?;
        Ok(said.join("\n"))
    }

    fn nuget(&self, files: &[Entry]) -> Result<Vec<u8>> {
        let nuspec = fs::read(&self.nuspec).with_context(|| format!("can't read {}", self.nuspec.display()))?;
        zip::archive(&nuget::parts(&self.name, nuspec, files)?)
    }

    /// What the libraries of all platforms are made of.
    fn crates(&self) -> Result<Crates> {
        let mut all = Crates::new();
        for (platform, triple) in &self.platforms {
            crates::add(&mut all, platform, triple)?;
        }
        Ok(all)
    }

    /// Writes the module's licence, and after it those of the crates in its libraries.
    fn license(&self, module: &Path, crates: &Crates, sums: &Sums) -> Result<()> {
        let own =
            fs::read_to_string(&self.license).with_context(|| format!("can't read {}", self.license.display()))?;
        write(&module.join("LICENSE"), (own + &notices::write(crates, sums)?).as_bytes())
    }
}

/// As `sha256sum --check` reads it.
fn listing<'a>(files: impl Iterator<Item = &'a Entry>) -> Result<String> {
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
        assert_eq!(listing([file].iter())?, expected);
        Ok(())
    }

    #[test]
    fn a_platform_names_its_rust_target() -> Result<()> {
        assert_eq!(platform("a=b")?, ("a".to_owned(), "b".to_owned()));
        assert!(platform("a").is_err());
        Ok(())
    }
}
