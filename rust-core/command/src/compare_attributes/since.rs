//! The backup that a comparison goes on from.

use std::fs::File;

use pp_attributes::account::SELECT;
use pp_attributes::backup::Since as Backup;
use pp_base::cancel::Stoppable;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_words::instant;

use crate::attribute_backup::read::{check_tenant, file_error, opened, refused};
use crate::operation::Operation;
use crate::output::Output;

/// A backup that was verified.
pub(super) struct Since {
    pub(super) path: String,
    pub(super) backup: Backup<Stoppable<File>>,
}

impl Since {
    /// Opens and verifies it. One that has no link to what has changed is warned of.
    pub(super) fn open(path: &str, operation: &Operation, output: &Output) -> Result<Self, OpError> {
        let file = Stoppable::new(opened(path)?, output.cancel());
        let backup = Backup::read(file).map_err(|error| output.unless_cancelled(file_error(path, error)))?;
        let header = &backup.verified().header;
        check_tenant(path, header, &operation.tenant().id)?;
        if header.select != SELECT {
            let why = format!("version {} has written other attributes into it", header.module);
            return Err(refused(c::BACKUP_NOT_READABLE, path, &why));
        }
        let since = Self { path: path.to_owned(), backup };
        if !since.has_link() {
            output.warning(
                "the backup has no link to what has changed since: all users are read, and those compared that differ from it",
            )?;
        }
        Ok(since)
    }

    /// Whether it has a link to what has changed since.
    pub(super) fn has_link(&self) -> bool {
        self.backup.verified().delta_link.is_some()
    }

    /// What wasn't judged.
    pub(super) fn tell(&self, judged: u64, output: &Output) -> Result<(), OpError> {
        let users = if judged == 1 { "1 user".to_owned() } else { format!("{judged} users") };
        let time = instant(self.backup.verified().header.time);
        Ok(output.warning(format!(
            "only those who have changed since the backup of {time} were compared: {users}. Of the others nothing is said, also where \
             another list of the portal, another script, or what has changed of domains, policies, roles and other users' addresses \
             concerns them: a comparison without -Since says that"
        ))?)
    }
}
