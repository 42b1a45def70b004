//! A backup that was verified, and where in it each user is that is meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader};

use crate::attribute_backup::READING;
use crate::attribute_backup::read::{check_tenant, file_error, opened};
use crate::output::Output;
use crate::pace::Pace;
use pp_attributes::account::{Account, Change};
use pp_attributes::backup::{BackupError, Header, user_at, verify};
use pp_attributes::object_id::ObjectId;
use pp_attributes::restore::is_on_the_way;
use pp_base::cancel::Stoppable;
use pp_graph::Graph;
use pp_graph::batch::MOST;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_run::users::{all, count, present};

/// So many users are read one by one; more, in one walk over the tenant.
const FEW: usize = 400;

/// Who is meant, in lower case; everybody where it is empty.
pub(super) struct Chosen(BTreeSet<String>);

impl Chosen {
    pub(super) fn of(names: &[String]) -> Self {
        Self(names.iter().map(|name| name.trim().to_lowercase()).collect())
    }

    /// The names that mean this user.
    fn names(&self, user: &Account) -> Vec<String> {
        let name = user.user_principal_name.as_deref().map(str::to_lowercase);
        [Some(user.id.to_lowercase()), name].into_iter().flatten().filter(|name| self.0.contains(name)).collect()
    }
}

/// A backup that was verified.
pub(super) struct Backup {
    path: String,
    file: BufReader<File>,
    /// The users that are meant, 24 bytes each: object id, and where the line begins. In the order of the ids.
    places: Vec<(ObjectId, u64)>,
}

/// Opens and verifies it; besides, those that it doesn't have.
pub(super) fn open(
    path: &str,
    chosen: &Chosen,
    tenant: &str,
    output: &Output,
) -> Result<(Backup, Vec<String>), OpError> {
    let file = opened(path)?;
    let read = chosen.read(Stoppable::new(&file, output.cancel()));
    let read = read.map_err(|error| output.unless_cancelled(file_error(path, error)))?;
    check_tenant(path, &read.header, tenant)?;
    let missing = chosen.0.difference(&read.found).cloned().collect();
    Ok((Backup { path: path.to_owned(), file: BufReader::new(file), places: read.places }, missing))
}

/// What a backup has of those who are chosen.
struct Read {
    header: Header,
    places: Vec<(ObjectId, u64)>,
    /// Who was chosen and is in it.
    found: BTreeSet<String>,
}

impl Chosen {
    /// Of a user who is in it more than once the first line counts, which is how it was before whatever befell it meanwhile: a backup may have
    /// been taken up after a provisioning. One with the name for the time being counts where there is no other.
    fn read(&self, file: impl io::Read) -> Result<Read, BackupError> {
        let (mut places, mut on_the_way, mut nobody) = (Vec::new(), Vec::new(), None);
        // A name means whoever had it last.
        let mut named = BTreeMap::new();
        let verified = verify(BufReader::new(file), |at, change| {
            // Who was deleted while it was written is told as one who was deleted since.
            let Change::Is(user) = change else { return };
            let called = self.names(&user);
            let Some(id) = ObjectId::parse(&user.id) else {
                if self.0.is_empty() || !called.is_empty() {
                    nobody = Some(user.id);
                }
                return;
            };
            named.extend(called.into_iter().map(|name| (name, id)));
            if is_on_the_way(&user) { on_the_way.push((id, at)) } else { places.push((id, at)) }
        })?;
        if let Some(id) = nobody {
            return Err(BackupError::Altered(format!("'{id}' is no object id")));
        }
        let meant: BTreeSet<ObjectId> = named.values().copied().collect();
        places.append(&mut on_the_way);
        places.retain(|(id, _)| self.0.is_empty() || meant.contains(id));
        // Stable: the first of those with one id is kept.
        places.sort_by_key(|(id, _)| *id);
        places.dedup_by_key(|(id, _)| *id);
        places.shrink_to_fit();
        Ok(Read { header: verified.header, places, found: named.into_keys().collect() })
    }
}

/// A user as it is; none where it isn't there.
pub(super) type Now<'a> = Result<Option<&'a Account>, GraphError>;

/// Whether an error of a read says something of its user alone.
fn is_of_one(error: &GraphError) -> bool {
    match error {
        GraphError::Service(error) => !matches!(error.reaction, Reaction::SignInAgain | Reaction::Throttled),
        GraphError::Unreadable { .. } => true,
        GraphError::Send(_)
        | GraphError::SignIn(_)
        | GraphError::EffectUnknown(_)
        | GraphError::Withheld(_)
        | GraphError::EndlessList { .. } => false,
    }
}

impl Backup {
    /// The user whose line begins there.
    pub(super) fn user(&mut self, at: u64) -> Result<Account, OpError> {
        user_at(&mut self.file, at).map_err(|error| {
            c::BACKUP_ALTERED.report(format!("the backup '{}': {error}", self.path)).target(&self.path).into()
        })
    }

    /// Each user that is meant, as it was and as it is, or why that isn't known of this one; none of one who isn't there.
    pub(super) fn compare(
        &mut self,
        graph: &Graph<'_>,
        output: &Output,
        each: impl FnMut(&Account, Now<'_>, u64) -> Result<(), OpError>,
    ) -> Result<(), OpError> {
        if self.places.len() <= FEW { self.one_by_one(graph, each) } else { self.in_one_walk(graph, output, each) }
    }

    fn one_by_one(
        &mut self,
        graph: &Graph<'_>,
        mut each: impl FnMut(&Account, Now<'_>, u64) -> Result<(), OpError>,
    ) -> Result<(), OpError> {
        let places: Vec<u64> = self.places.iter().map(|(_, at)| *at).collect();
        for chunk in places.chunks(MOST) {
            let users = chunk.iter().map(|at| self.user(*at)).collect::<Result<Vec<_>, _>>()?;
            let ids: Vec<&str> = users.iter().map(|user| user.id.as_str()).collect();
            for ((was, now), at) in users.iter().zip(present(graph, &ids)?).zip(chunk) {
                match now {
                    Ok(now) => each(was, Ok(now.as_ref()), *at)?,
                    Err(error) if is_of_one(&error) => each(was, Err(error), *at)?,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    fn in_one_walk(
        &mut self,
        graph: &Graph<'_>,
        output: &Output,
        mut each: impl FnMut(&Account, Now<'_>, u64) -> Result<(), OpError>,
    ) -> Result<(), OpError> {
        let mut seen = vec![false; self.places.len()];
        let pace = Pace::new(output, graph.clock, READING, count(graph)?);
        all(graph, |page| -> Result<(), Walk> {
            for now in &page {
                let Some(id) = ObjectId::parse(&now.id) else { continue };
                let Ok(found) = self.places.binary_search_by_key(&id, |(id, _)| *id) else { continue };
                // The list may show a user on two pages, where it changed while they were read.
                if std::mem::replace(&mut seen[found], true) {
                    continue;
                }
                let at = self.places[found].1;
                self.user(at).and_then(|was| each(&was, Ok(Some(now)), at)).map_err(Walk)?;
            }
            pace.read("Users", page.len()).map_err(|cancelled| Walk(cancelled.into()))
        })
        .map_err(|Walk(error)| error)?;
        for place in (0..seen.len()).filter(|place| !seen[*place]) {
            let at = self.places[place].1;
            each(&self.user(at)?, Ok(None), at)?;
        }
        Ok(())
    }
}

/// An error of the walk, or of what is done with its users.
struct Walk(OpError);

impl From<GraphError> for Walk {
    fn from(error: GraphError) -> Self {
        Self(error.into())
    }
}
