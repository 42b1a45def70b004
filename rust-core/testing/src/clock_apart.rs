//! Processes whose time of day isn't the machine's, as on machines whose clocks are apart: on Linux, by a library that the loader puts before the
//! C library. Elsewhere they have the machine's.

use std::io;
use std::path::Path;
use std::process::Command;

use time::Duration as Span;

/// Gives a process that is about to be started a time of day that is so far ahead of the machine's, or behind where that is negative.
/// The library comes into `folder`, once, by the C compiler that cargo links with.
pub fn set_apart(command: &mut Command, by: Span, folder: &Path) -> io::Result<()> {
    if cfg!(target_os = "linux") {
        let library = folder.join("clock_apart.so");
        if !library.is_file() {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/clock_apart.c");
            let built =
                Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status()?;
            if !built.success() {
                return Err(io::Error::other("cc can't build clock_apart.c"));
            }
        }
        command.env("LD_PRELOAD", library).env("PPFEDERATION_CLOCK_APART", by.whole_seconds().to_string());
    }
    Ok(())
}
