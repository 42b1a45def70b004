//! Writes the C header of the core from its source, and the C# declarations from that header, so that neither can drift.
//!
//! `cargo run -p bindings` writes both. `-- --check` fails if what is committed differs from what would be written.
//! `-- --exports <library>` fails if a built library exports other `pp_` functions than the header declares.

mod csharp;
mod exports;
mod header;

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "usage: bindings [--check | --exports <library>]";

/// A file that this program makes.
struct Generated {
    path: PathBuf,
    text: String,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = match arguments.as_slice() {
        [] => write(&generate()?)?,
        ["--check"] => check(&generate()?)?,
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

fn generate() -> Result<[Generated; 2]> {
    let core = core_folder()?;
    let root = core.parent().context("the core lies in no folder")?;
    let header = header::generate(&core)?;
    let declarations = csharp::generate(&header::parse(&header)?)?;
    Ok([
        Generated { path: core.join("include").join("ppfederation.h"), text: header },
        Generated { path: root.join("PowerShell").join("Native").join("NativeMethods.g.cs"), text: declarations },
    ])
}

fn write(files: &[Generated]) -> Result<String> {
    for Generated { path, text } in files {
        let folder = path.parent().context("a generated file lies in no folder")?;
        fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
        fs::write(path, text).with_context(|| format!("can't write {}", path.display()))?;
    }
    Ok(format!("Wrote {}", list(files)))
}

fn check(files: &[Generated]) -> Result<String> {
    for Generated { path, text } in files {
        let committed = fs::read_to_string(path)
            .with_context(|| format!("can't read {}; `cargo run -p bindings` writes it", path.display()))?;
        // A checkout on Windows may have turned the line ends.
        if let Some(difference) = first_difference(&committed.replace("\r\n", "\n"), text) {
            bail!(
                "{} is not what the source says; run `cargo run -p bindings` and commit it.\n{difference}",
                path.display()
            );
        }
    }
    Ok(format!("As the source says: {}", list(files)))
}

fn list(files: &[Generated]) -> String {
    let paths: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
    paths.join(", ")
}

/// The first line that differs, in both forms.
fn first_difference(committed: &str, generated: &str) -> Option<String> {
    let (mut left, mut right) = (committed.lines(), generated.lines());
    for number in 1.. {
        let (was, is) = (left.next(), right.next());
        if was != is {
            let show = |line: Option<&str>| line.unwrap_or("(end of file)").to_owned();
            return Some(format!("line {number}\n  committed: {}\n  generated: {}", show(was), show(is)));
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
        check(&generate()?).map(|_said| ())
    }

    #[test]
    fn a_difference_is_shown_with_its_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        let shown = first_difference("a\nb\n", "a\nc\n").unwrap_or_default();
        assert_eq!(shown, "line 2\n  committed: b\n  generated: c");
        let shown = first_difference("a\n", "a\nc\n").unwrap_or_default();
        assert_eq!(shown, "line 2\n  committed: (end of file)\n  generated: c");
    }
}
