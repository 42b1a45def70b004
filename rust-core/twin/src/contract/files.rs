//! Where the description is, and reading it once for a process.

use std::collections::HashMap;
use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;
use serde_json::Value;

use super::Model;
use crate::options::Contract;

/// The folder with the description, from the environment.
const VARIABLE: &str = "PPFEDERATION_REFERENCE";

/// Where it lies beside a clone, from the root of the workspace.
const BESIDE: &str = "../shared/reference";

static READ: LazyLock<Mutex<HashMap<PathBuf, Arc<Model>>>> = LazyLock::new(Mutex::default);

/// The description that the options ask for; `None` for none.
pub(crate) fn find(wanted: &Contract) -> io::Result<Option<Arc<Model>>> {
    match wanted {
        Contract::Off => Ok(None),
        Contract::In(folder) => read(folder).map(Some),
        Contract::WhereFound => match env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
            Some(folder) => read(Path::new(&folder)).map(Some),
            None => beside().map(|folder| read(&folder)).transpose(),
        },
    }
}

/// The folder beside the clone, where Cargo runs this, and the files are there.
fn beside() -> Option<PathBuf> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let root = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file())?;
    let folder = root.join(BESIDE);
    folder.join("graph-contract.json").is_file().then_some(folder)
}

fn read(folder: &Path) -> io::Result<Arc<Model>> {
    if let Some(known) = READ.lock().get(folder) {
        return Ok(Arc::clone(known));
    }
    let graph = read_file(&folder.join("graph-contract.json"))?;
    let permissions = read_file(&folder.join("graph-permissions.json"))?;
    let model = Arc::new(Model::new(graph, permissions));
    READ.lock().insert(folder.to_owned(), Arc::clone(&model));
    Ok(model)
}

fn read_file(path: &Path) -> io::Result<Value> {
    let explained =
        |why: &dyn std::fmt::Display| format!("Graph's description {} can't be read: {why}", path.display());
    let text = std::fs::read(path).map_err(|error| io::Error::new(error.kind(), explained(&error)))?;
    serde_json::from_slice(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, explained(&error)))
}
