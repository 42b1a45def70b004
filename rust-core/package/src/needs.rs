//! What a built library needs of a system: which libraries, and on Linux which version of the C library.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use object::read::elf::{ElfFile64, SectionTable};
use object::{Object as _, SymbolIndex};

/// The version of glibc that README states. A library that was linked on a newer system can need a newer one.
const GLIBC: Version = (2, 34);

/// What every system with that glibc has.
const LINUX: [&str; 5] = [
    "libc.so.6",
    // A part of glibc: the numbers of provisioning scripts.
    "libm.so.6",
    // The dynamic linker itself, for thread-local storage.
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
    // Unwinding. .NET needs it too, so PowerShell does.
    "libgcc_s.so.1",
];

/// What Windows 10, Windows Server 2016 and later have in System32.
const WINDOWS: [&str; 15] = [
    // The system's interface: processes, threads, files, the registry, the user's profile.
    "advapi32.dll",
    "kernel32.dll",
    "ntdll.dll",
    "userenv.dll",
    // WaitOnAddress, for locks of the standard library.
    "api-ms-win-core-synch-l1-2-0.dll",
    // Random numbers.
    "bcrypt.dll",
    "bcryptprimitives.dll",
    // The certificate store and its keys.
    "crypt32.dll",
    "ncrypt.dll",
    // The C library of the system, which mingw-w64 links with.
    "msvcrt.dll",
    // The system's proxy settings, read by the crate windows-registry: errors, transactions, error texts.
    "api-ms-win-core-winrt-error-l1-1-0.dll",
    "ktmw32.dll",
    "oleaut32.dll",
    // Opening the browser.
    "shell32.dll",
    // Sockets.
    "ws2_32.dll",
];

/// Where macOS keeps what is its own.
const MACOS: [&str; 2] = ["/usr/lib/", "/System/Library/"];

/// Major and minor.
type Version = (u32, u32);

/// Fails if a library needs what the systems it is made for may lack; otherwise says what it needs.
pub(crate) fn check(library: &Path) -> Result<String> {
    let bytes = fs::read(library).with_context(|| format!("can't read {}", library.display()))?;
    describe(&bytes).with_context(|| library.display().to_string())
}

fn describe(bytes: &[u8]) -> Result<String> {
    let file = object::File::parse(bytes).context("no library of a known format")?;
    let mut libraries = BTreeSet::new();
    for each in file.import_libraries()? {
        libraries.insert(String::from_utf8_lossy(each?.name()).into_owned());
    }
    let (own, others): (Vec<String>, Vec<String>) =
        libraries.into_iter().partition(|name| is_part_of_the_system(&file, name));
    ensure!(
        others.is_empty(),
        "it needs what is not known to be on every system it is made for: {}",
        others.join(", ")
    );
    let needs = own.join(", ");
    let object::File::Elf64(elf) = &file else { return Ok(format!("needs {needs}")) };
    let (version, symbols) = newest_glibc(elf)?;
    if version > GLIBC {
        bail!("it needs glibc {} for {}; README states {}", text(version), symbols.join(", "), text(GLIBC));
    }
    Ok(format!("needs {needs}, glibc {} (for {}; README states {})", text(version), symbols.join(", "), text(GLIBC)))
}

fn is_part_of_the_system(file: &object::File<'_>, library: &str) -> bool {
    match file {
        object::File::Pe64(_) => WINDOWS.contains(&library.to_ascii_lowercase().as_str()),
        object::File::MachO64(_) => MACOS.iter().any(|folder| library.starts_with(folder)),
        _ => LINUX.contains(&library),
    }
}

/// The highest version of glibc that a symbol asks for, and the symbols that ask for it.
fn newest_glibc(elf: &ElfFile64<'_>) -> Result<(Version, Vec<String>)> {
    let sections: &SectionTable<'_, _> = elf.elf_section_table();
    let versions = sections.versions(elf.endian(), elf.data())?.context("its symbols have no versions")?;
    let table = elf.elf_dynamic_symbol_table();
    let (mut newest, mut symbols) = ((0, 0), Vec::new());
    for (index, symbol) in table.enumerate() {
        let index: SymbolIndex = index;
        let Some(asked) = versions.version(versions.version_index(elf.endian(), index).index())? else { continue };
        let Some(version) = glibc(asked.name()) else { continue };
        if version > newest {
            newest = version;
            symbols.clear();
        }
        if version == newest {
            symbols.push(String::from_utf8_lossy(table.symbol_name(elf.endian(), symbol)?).into_owned());
        }
    }
    symbols.sort();
    Ok((newest, symbols))
}

/// `GLIBC_2.17` and `GLIBC_2.2.5`, whose third part doesn't matter here.
fn glibc(name: &[u8]) -> Option<Version> {
    let mut parts = str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn text((major, minor): Version) -> String {
    format!("{major}.{minor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_glibc_is_read_as_numbers() {
        assert_eq!(glibc(b"GLIBC_2.2.5"), Some((2, 2)));
        assert_eq!(glibc(b"GLIBC_2.34"), Some((2, 34)));
        assert_eq!(glibc(b"GLIBC_PRIVATE"), None);
        assert_eq!(glibc(b"GCC_3.0"), None);
        assert!((2, 34) > (2, 9));
    }

    #[test]
    fn a_library_beyond_the_system_is_refused_by_name() -> Result<()> {
        // A program of this system, which needs what all do.
        let own = fs::read(std::env::current_exe()?)?;
        let file = object::File::parse(own.as_slice())?;
        assert!(!is_part_of_the_system(&file, "libssl.so.3"));
        assert!(!is_part_of_the_system(&file, "VCRUNTIME140.dll"));
        assert!(describe(b"text").is_err_and(|error| error.to_string().contains("no library of a known format")));
        Ok(())
    }
}
