//! `backupAttributes`: the attributes of all users into a file. It is written beside its place and put there when it is whole; one
//! that was stopped is taken up where it stopped.

mod place;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use crate::pace::Pace;
use place::{Begun, Place};
use pp_attributes::account::{Account, SELECT};
use pp_attributes::backup::{Finished, Header, SCHEMA, Writer};
use pp_graph::error::GraphError;
use pp_graph::{Graph, Page};
use pp_report::error::OpError;
use pp_report::rows::{AttributeBackup, Tenant};
use pp_run::attribute_backup::{is_too_old, walk};
use pp_run::users::count;
use pp_runbook::observed::LookUp;
use pp_runbook::wanted::Wanted;

/// What a walk over all users is called.
pub(crate) const READING: &str = "Reading the users' attributes";

/// `backupAttributes`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backup {
    connection: u64,
    path: String,
    #[serde(default)]
    force: bool,
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
        let (time, finished) =
            operation.run(output, |graph, _| Writing { place: &place, header: &header, graph, output }.write(begun))?;
        place.put()?;
        let Finished { users, file_sha256 } = finished;
        let path = self.path;
        Ok(output.row(AttributeBackup { tenant, path, users, time, taken_up, hash: file_sha256 })?)
    }
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
    fn write(&self, begun: Begun) -> Result<(OffsetDateTime, Finished), OpError> {
        let goes_on = begun.from.is_some();
        match self.pages(begun) {
            Err(Stopped::Graph(error)) if goes_on && is_too_old(&error) => {
                let words = "the service doesn't go on with the backup that was stopped any more; it is begun anew";
                self.output.warning(words)?;
                Ok(self.pages(self.place.anew(true)?)?)
            }
            other => Ok(other?),
        }
    }

    fn pages(&self, Begun { file, from }: Begun) -> Result<(OffsetDateTime, Finished), Stopped> {
        let failed = |error: std::io::Error| Stopped::Other(self.place.not_written(&error));
        let time = from.as_ref().map_or(self.header.time, |from| from.header.time);
        let mut writer = match &from {
            Some(from) => Writer::go_on(file, from),
            None => Writer::begin(file, self.header).map_err(failed)?,
        };
        let next = from.as_ref().map(|from| from.next.as_str());
        let mut delta = None;
        let pace = Pace::new(self.output, self.graph.clock, READING, count(&self.graph)?).after(writer.users());
        walk(&self.graph, next, |page: Page<Account>| -> Result<(), Stopped> {
            writer.page(&page.rows, page.next.as_deref()).map_err(failed)?;
            delta = page.delta;
            pace.read("Users", page.rows.len()).map_err(|cancelled| Stopped::Other(cancelled.into()))
        })?;
        let (file, finished) = writer.end(delta.as_deref()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok((time, finished))
    }
}
