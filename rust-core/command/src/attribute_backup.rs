//! `backupAttributes`: the attributes of all users into a file. It is written beside its place and put there when it is whole; one
//! that was stopped is taken up where it stopped.

mod place;
pub(crate) mod read;

use std::collections::BTreeSet;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use crate::pace::Pace;
use place::{Begun, Open, Place};
use pp_attributes::account::SELECT;
use pp_attributes::backup::{Finished, Header, SCHEMA, Writer};
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_report::error::OpError;
use pp_report::rows::{AttributeBackup, Tenant};
use pp_run::user_changes::{BEGINNINGS, Walked, changes};
use pp_run::users::count;
use pp_runbook::observed::LookUp;
use pp_runbook::wanted::Wanted;

/// What a walk over all users is called.
pub(crate) const READING: &str = "Reading the users' attributes";

/// Most users that a warning names.
const NAMED: usize = 20;

/// `backupAttributes`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backup {
    pub(crate) connection: u64,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) force: bool,
}

impl Backup {
    /// What shows without writing of whether its file can be written.
    pub(crate) fn check(&self) -> Result<(), OpError> {
        place::check(&self.path, self.force)
    }
}

impl Op for Backup {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let place = Place::of(&self.path, self.force)?;
        operation.observe(output, &[LookUp::Organization], &Wanted::everything())?;
        let tenant = operation.tenant();
        let header = header(&tenant, &operation);
        let begun = place.begin(&header, output)?;
        let taken_up = begun.taken_up();
        let (time, finished) = match begun {
            Begun::Open(open) => operation
                .run(output, |graph, _| Writing { place: &place, header: &header, graph, output }.write(open))?,
            Begun::Whole(time, finished) => (time, finished),
        };
        place.put()?;
        let Finished { users, on_the_way, file_sha256 } = finished;
        warn_of(&on_the_way, output)?;
        let path = self.path;
        Ok(output.row(AttributeBackup { tenant, path, users, time, taken_up, hash: file_sha256 })?)
    }
}

/// Who stands in the backup under a name that is none to put back.
fn warn_of(on_the_way: &BTreeSet<String>, output: &Output) -> Result<(), OpError> {
    if on_the_way.is_empty() {
        return Ok(());
    }
    let named: Vec<&str> = on_the_way.iter().take(NAMED).map(String::as_str).collect();
    let more = on_the_way.len() - named.len();
    let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Ok(output.warning(format!(
        "Restore-PPAttribute, which was ended midway, has left users under a sign-in name for the time being (ppfederation-restore-...), \
         which is not put back from this backup: {}{and_more}. Run it with an earlier backup, or give them a sign-in name by hand, and \
         make the backup again",
        named.join(", ")
    ))?)
}

fn header(tenant: &Tenant, operation: &Operation) -> Header {
    Header {
        schema: SCHEMA.into(),
        tenant_id: tenant.id.clone(),
        tenant_name: tenant.name.clone(),
        time: operation.connection.now(),
        module: env!("CARGO_PKG_VERSION").into(),
        select: SELECT.into(),
    }
}

/// Why a walk ended early.
enum Stopped {
    Graph(GraphError),
    Other(OpError),
}

impl From<GraphError> for Stopped {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

impl From<Stopped> for OpError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Graph(error) => error.into(),
            Stopped::Other(error) => error,
        }
    }
}

/// What a backup is written with.
struct Writing<'a> {
    place: &'a Place,
    header: &'a Header,
    graph: Graph<'a>,
    output: &'a Output,
}

impl Writing<'_> {
    /// Writes it; when it was begun, and what came of it.
    fn write(&self, mut open: Open) -> Result<(OffsetDateTime, Finished), OpError> {
        for _ in 1..BEGINNINGS {
            match self.pages(open)? {
                Written::Whole(time, finished) => return Ok((time, finished)),
                Written::Lost(error) => {
                    let why = format!("Microsoft Graph no longer knows how far the users were read ({error})");
                    self.place.keep(&why, self.output)?;
                    open = self.place.anew()?;
                }
            }
        }
        match self.pages(open)? {
            Written::Whole(time, finished) => Ok((time, finished)),
            Written::Lost(error) => Err(error.into()),
        }
    }

    fn pages(&self, Open { file, from }: Open) -> Result<Written, Stopped> {
        let failed = |error: std::io::Error| Stopped::Other(self.place.not_written(&error));
        let time = from.as_ref().map_or(self.header.time, |from| from.header.time);
        let mut writer = match &from {
            Some(from) => Writer::go_on(file, from),
            None => Writer::begin(file, self.header).map_err(failed)?,
        };
        let next = from.as_ref().and_then(|from| from.next.as_deref());
        let mut delta = None;
        let pace = Pace::new(self.output, self.graph.clock, READING, count(&self.graph)?).after(writer.users());
        let walked = changes(&self.graph, next, |page| -> Result<(), Stopped> {
            writer.page(&page.rows, page.next.as_deref()).map_err(failed)?;
            delta = page.delta;
            pace.read("Users", page.rows.len()).map_err(|cancelled| Stopped::Other(cancelled.into()))
        })?;
        if let Walked::Lost(error) = walked {
            return Ok(Written::Lost(error));
        }
        let (file, finished) = writer.end(delta.as_deref()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok(Written::Whole(time, finished))
    }
}

/// How far a backup was written.
enum Written {
    /// To its end: when it was begun, and what it is.
    Whole(OffsetDateTime, Finished),
    /// The service doesn't go on with it.
    Lost(GraphError),
}
