//! A backup that is read, and why it is refused.

use std::fs::File;

use pp_attributes::backup::{BackupError, Header};
use pp_report::catalogue::{self as c, Entry};
use pp_report::error::OpError;
use pp_words::of_system;

/// The error of a backup that can't be taken.
pub(crate) fn refused(entry: Entry, path: &str, why: &str) -> OpError {
    entry.report(format!("the backup '{path}': {why}")).target(path).into()
}

/// The file.
pub(crate) fn opened(path: &str) -> Result<File, OpError> {
    let file = File::open(path).map_err(|error| refused(c::BACKUP_NOT_READABLE, path, &of_system(&error)))?;
    if file.metadata().is_ok_and(|about| about.is_file()) {
        Ok(file)
    } else {
        Err(refused(c::BACKUP_NOT_READABLE, path, "it is no file"))
    }
}

/// Why it isn't what was written.
pub(crate) fn file_error(path: &str, error: BackupError) -> OpError {
    match error {
        BackupError::NotReadable(error) => refused(c::BACKUP_NOT_READABLE, path, &of_system(&error)),
        other => refused(c::BACKUP_ALTERED, path, &other.to_string()),
    }
}

/// That it is of the connection's tenant.
pub(crate) fn check_tenant(path: &str, header: &Header, tenant: &str) -> Result<(), OpError> {
    if header.tenant_id.eq_ignore_ascii_case(tenant) {
        return Ok(());
    }
    let name = header.tenant_name.as_deref().unwrap_or("no name known");
    let why = format!("it is of tenant {} ({name}), and the connection is to tenant {tenant}", header.tenant_id);
    Err(refused(c::BACKUP_OF_ANOTHER_TENANT, path, &why))
}
