//! The C header, as cbindgen writes it.

use std::path::Path;

use anyhow::{Context as _, Result};

/// Where the ABI is declared. What is exported from elsewhere is not in the header, which `--exports` finds.
const SOURCES: [&str; 3] = ["codes.rs", "buffer.rs", "mod.rs"];

/// Has cbindgen write the header of the core.
pub(crate) fn generate(core: &Path) -> Result<String> {
    let settings = core.join("cbindgen.toml");
    let config = cbindgen::Config::from_file(&settings)
        .map_err(|error| anyhow::anyhow!("{} can't be read: {error}", settings.display()))?;
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(core.join("abi/src/ffi").join(source));
    }
    let bindings = builder.generate().context("cbindgen can't read rust-core/abi/src/ffi")?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    Ok(String::from_utf8(text)?)
}
