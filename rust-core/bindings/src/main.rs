//! Writes the C header of the core from its source, and compares the C# declarations with it, so that neither can drift.
//!
//! `cargo run -p bindings` writes the header. `-- --check` fails if the one that is committed differs from what would be
//! written, or if the C# declarations say otherwise.
//! `-- --exports <library>` fails if a built library exports other `pp_` functions than the header declares.

mod declarations;
mod exports;
mod header;

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "usage: bindings [--check | --exports <library>]";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = match arguments.as_slice() {
        [] => write()?,
        ["--check"] => check()?,
        ["--exports", library] => exports::check(Path::new(library), &header::generate(&core_folder()?)?)?,
        ["--help" | "-h"] => USAGE.to_owned(),
        _ => bail!("{USAGE}"),
    };
    writeln!(io::stdout(), "{said}")?;
    Ok(())
}

/// The folder of the core, which this crate lies in.
fn core_folder() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let core = here.parent().context("the bindings crate lies in no folder")?;
    Ok(core.to_owned())
}

fn header_file() -> Result<PathBuf> {
    Ok(core_folder()?.join("include").join("ppfederation.h"))
}

fn csharp_file() -> Result<PathBuf> {
    let core = core_folder()?;
    let root = core.parent().context("the core lies in no folder")?;
    Ok(root.join("PowerShell").join("Native").join("NativeMethods.cs"))
}

fn write() -> Result<String> {
    let path = header_file()?;
    fs::write(&path, header::generate(&core_folder()?)?).with_context(|| format!("can't write {}", path.display()))?;
    Ok(format!("Wrote {}", path.display()))
}

/// Holds the committed header against the source, and the C# file against the header.
fn check() -> Result<String> {
    let generated = header::generate(&core_folder()?)?;
    let (header, csharp) = (header_file()?, csharp_file()?);
    if let Some(difference) = first_difference(&read(&header)?, &generated) {
        bail!(
            "{} is not what the source says; run `cargo run -p bindings` and commit it.\n{difference}",
            header.display()
        );
    }
    let declared = declarations::of_csharp(&read(&csharp)?).join("\n");
    if let Some(difference) = first_difference(&declared, &declarations::of_header(&generated).join("\n")) {
        bail!("{} does not declare what the header does.\n{difference}", csharp.display());
    }
    Ok(format!("As the source says: {}, {}", header.display(), csharp.display()))
}

/// A committed file; a checkout on Windows may have turned its line ends.
fn read(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(text.replace("\r\n", "\n"))
}

/// The first line that differs, in both forms.
fn first_difference(committed: &str, generated: &str) -> Option<String> {
    let (mut left, mut right) = (committed.lines(), generated.lines());
    for number in 1.. {
        let (was, is) = (left.next(), right.next());
        if was != is {
            let show = |line: Option<&str>| line.unwrap_or("(end of file)").to_owned();
            return Some(format!("line {number}\n  committed: {}\n  expected: {}", show(was), show(is)));
        }
        if was.is_none() {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_bindings_are_what_the_source_says() -> Result<()> {
        check().map(|_said| ())
    }

    #[test]
    fn a_difference_is_shown_with_its_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        let shown = first_difference("a\nb\n", "a\nc\n").unwrap_or_default();
        assert_eq!(shown, "line 2\n  committed: b\n  expected: c");
        let shown = first_difference("a\n", "a\nc\n").unwrap_or_default();
        assert_eq!(shown, "line 2\n  committed: (end of file)\n  expected: c");
    }
}
