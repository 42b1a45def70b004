//! Packs a module folder that `build.ps1 Package` assembled, and checks native libraries.
//!
//! `cargo run -p package -- pack ...` writes the zip for Azure Automation, the `NuGet` package for the PowerShell Gallery, the
//! bill of materials and the check sums. `-- needs <library>...` fails if a library needs more of a system than README states;
//! `-- scripts <library>` prints what of one the interpreter of provisioning scripts is.

mod bill;
mod crates;
mod folder;
mod needs;
mod notices;
mod nuget;
mod pack;
mod scripts;
mod zip;

use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "package", about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Writes everything that is released, beside the module folder.
    Pack(pack::Order),
    /// Fails if a native library needs more of a system than README states.
    Needs {
        /// The libraries, of any system.
        #[arg(required = true)]
        libraries: Vec<PathBuf>,
    },
    /// Prints what of a native library that isn't stripped the interpreter of provisioning scripts is, as lines of JSON.
    Scripts {
        /// The library.
        library: PathBuf,
    },
}

fn main() -> Result<()> {
    let said = match Arguments::parse().command {
        Command::Pack(order) => order.carry_out()?,
        Command::Needs { libraries } => {
            let said: Result<Vec<String>> = libraries.iter().map(|library| needs::check(library)).collect();
            said?.join("\n")
        }
        Command::Scripts { library } => scripts::share(&library)?,
    };
    writeln!(io::stdout(), "{said}")?;
    Ok(())
}
