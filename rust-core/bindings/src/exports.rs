//! Whether a built library exports what the header declares, and nothing else of that prefix.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use object::Object as _;

use crate::declarations;

/// Every function of the ABI starts with it.
const PREFIX: &str = "pp_";

/// Compares the exports of a library (ELF, PE or Mach-O) with the functions of a header.
pub(crate) fn check(library: &Path, header: &str) -> Result<String> {
    let declared = declarations::of_header(header);
    let declared: BTreeSet<String> =
        declared.iter().filter_map(|line| declarations::function(line)).map(str::to_owned).collect();
    let exported = exported(library)?;
    let missing: Vec<&String> = declared.difference(&exported).collect();
    let extra: Vec<&String> = exported.difference(&declared).collect();
    if !missing.is_empty() || !extra.is_empty() {
        bail!("{} does not match the header: it lacks {missing:?} and exports {extra:?} beyond it", library.display());
    }
    Ok(format!("{} exports the {} functions of the header", library.display(), declared.len()))
}

fn exported(library: &Path) -> Result<BTreeSet<String>> {
    let bytes = fs::read(library).with_context(|| format!("can't read {}", library.display()))?;
    let file = object::File::parse(bytes.as_slice())
        .with_context(|| format!("{} is no library of a known format", library.display()))?;
    let mut names = BTreeSet::new();
    for export in file.exports()? {
        let export = export?;
        // An export without a name has a number, which no caller of ours uses.
        let identity = export.name();
        let Some(name) = identity.name().map(String::from_utf8_lossy) else { continue };
        // Mach-O puts an underscore before every name.
        let name = name.strip_prefix('_').unwrap_or(&name);
        if name.starts_with(PREFIX) {
            names.insert(name.to_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_library_is_said_to_be_none() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let refused = check(&here, "").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains("no library of a known format"), "{refused}");
    }

    #[test]
    fn a_library_without_the_functions_is_refused_by_name() -> Result<()> {
        // This test program is a library of none of them.
        let refused = check(&std::env::current_exe()?, "int32_t pp_gone(void);").err();
        let message = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains("lacks [\"pp_gone\"]"), "{message}");
        Ok(())
    }
}
