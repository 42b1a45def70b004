//! How many bytes of a native library are the interpreter of provisioning scripts: `QuickJS`, its binding and the crate `pp-script`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SectionKind, SymbolKind};

/// The files that `QuickJS` is compiled from, as the symbols of a library name them.
const FILES: [&str; 5] = ["quickjs.c", "libregexp.c", "libunicode.c", "cutils.c", "dtoa.c"];

/// How the names begin that these files export.
const EXPORTED: [&str; 6] = ["JS_", "js_", "lre_", "cr_", "unicode_", "qjsc_"];

/// What stands in the names of symbols that Rust made for it.
const CRATES: [&str; 2] = ["rquickjs", "pp_script"];

/// Two figures of a library that isn't stripped, as lines of JSON. What is inlined counts for where it lands.
pub(crate) fn share(library: &Path) -> Result<String> {
    let bytes = fs::read(library).with_context(|| format!("can't read {}", library.display()))?;
    let file = object::File::parse(&*bytes).with_context(|| format!("{} is no library", library.display()))?;
    let (mut of, mut scripts) = (String::new(), 0);
    for symbol in file.symbols() {
        let name = symbol.name().unwrap_or_default();
        if symbol.kind() == SymbolKind::File {
            name.clone_into(&mut of);
        } else if is_of_scripts(if symbol.is_local() { &of } else { "" }, name) {
            scripts += symbol.size();
        }
    }
    ensure!(scripts > 0, "{} has no symbols of QuickJS: is it stripped?", library.display());
    let loaded = |kind| matches!(kind, SectionKind::Text | SectionKind::ReadOnlyData | SectionKind::Data);
    let whole: u64 = file.sections().filter(|section| loaded(section.kind())).map(|section| section.size()).sum();
    let line = |name, value| format!(r#"{{"name":"{name}","value":{value},"unit":"bytes"}}"#);
    Ok([line("code and data of the library", whole), line("of these the interpreter of scripts", scripts)].join("\n"))
}

fn is_of_scripts(file: &str, name: &str) -> bool {
    FILES.contains(&file)
        || EXPORTED.iter().any(|begin| name.starts_with(begin))
        || CRATES.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_scripts_is_known_by_file_export_and_crate() {
        assert!(is_of_scripts("quickjs.c", "gc_decref"));
        assert!(is_of_scripts("", "JS_NewContext"));
        assert!(is_of_scripts("", "_ZN9pp_script7sandbox3runE"));
        assert!(!is_of_scripts("aes_nohw.c", "aes_nohw_sub_bytes"));
        assert!(!is_of_scripts("", "_ZN6pp_run5apply3runE"));
    }

    #[test]
    fn a_program_without_scripts_is_refused() -> Result<()> {
        assert!(
            share(&std::env::current_exe()?).is_err_and(|error| error.to_string().contains("no symbols of QuickJS"))
        );
        Ok(())
    }
}
