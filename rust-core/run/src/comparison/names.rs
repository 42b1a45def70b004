//! What the objects are called that a reason speaks of: the index has their ids alone.

use std::collections::{BTreeMap, BTreeSet};

use pp_attributes::hazards::{Holder, Kind};
use pp_attributes::object_id::ObjectId;
use pp_graph::batch::{Answer, Item};
use pp_graph::error::GraphError;
use pp_graph::{Graph, entity};
use serde::Deserialize;

use super::index::as_it_was;

/// So many are looked up in one comparison: who has more conflicts than that doesn't read them one by one.
const MOST: usize = 10_000;

/// The names that were looked up. Each object is asked for once; what couldn't be read has none.
#[derive(Debug)]
pub struct Names {
    most: usize,
    asked: BTreeSet<ObjectId>,
    known: BTreeMap<ObjectId, String>,
    /// Nothing is looked up any more.
    is_over: bool,
}

impl Default for Names {
    fn default() -> Self {
        Self::up_to(MOST)
    }
}

impl Names {
    /// So many at most.
    pub fn up_to(most: usize) -> Self {
        Self { most, asked: BTreeSet::new(), known: BTreeMap::new(), is_over: false }
    }

    /// Looks up those that weren't yet. That one can't be read is no error; a caller who cancels is.
    pub fn look_up(
        &mut self,
        graph: &Graph<'_>,
        holders: impl IntoIterator<Item = Holder>,
        warning: &dyn Fn(&str),
    ) -> Result<(), GraphError> {
        if self.is_over {
            return Ok(());
        }
        let mut new: Vec<Holder> = Vec::new();
        for holder in holders {
            if self.asked.contains(&holder.id) {
                continue;
            }
            if self.asked.len() == self.most {
                warning(&format!(
                    "The names of {} objects were looked up: from here on a reason has their ids alone",
                    self.most
                ));
                self.is_over = true;
                break;
            }
            self.asked.insert(holder.id);
            new.push(holder);
        }
        let items: Vec<Item> = new.iter().map(|holder| Item::get(path(*holder))).collect();
        let answers = match graph.read(&items) {
            Ok(answers) => answers,
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                warning(&format!(
                    "Who else has an address can't be looked up ({error}): the reasons have object ids alone"
                ));
                self.is_over = true;
                return Ok(());
            }
        };
        for (holder, answer) in new.into_iter().zip(answers) {
            match answer {
                Ok(answer) => {
                    self.known.extend(name(holder, &answer).map(|name| (holder.id, name)));
                }
                Err(error) if error.is_cancelled() => return Err(error),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// A text in which these objects stand by their ids, with the names that are known before these.
    pub fn told(&self, text: &str, of: &[Holder]) -> String {
        let ids: BTreeSet<ObjectId> = of.iter().map(|holder| holder.id).collect();
        let named = ids.into_iter().filter_map(|id| Some((id.to_string(), self.known.get(&id)?)));
        named.fold(text.to_owned(), |text, (id, name)| text.replace(&id, &format!("{name} ({id})")))
    }
}

/// Where an object is read. A deleted one comes with the properties that it has unasked.
fn path(Holder { id, kind }: Holder) -> String {
    match kind {
        Kind::User => format!("/users/{id}?$select=userPrincipalName"),
        Kind::Group => format!("/groups/{id}?$select=displayName"),
        Kind::Contact => format!("/contacts/{id}?$select=displayName,mail"),
        Kind::DeletedUser | Kind::DeletedGroup => format!("/directory/deletedItems/{id}"),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    user_principal_name: Option<String>,
    display_name: Option<String>,
    mail: Option<String>,
}

/// The name that an admin finds it by: a user's to sign in with, else the one that is shown.
fn name(holder: Holder, answer: &Answer) -> Option<String> {
    let object: Object = entity(holder.kind.name(), answer).ok()?;
    let sign_in = object.user_principal_name.map(|name| as_it_was(&name, &holder.id.to_string()).to_owned());
    sign_in.or(object.display_name).or(object.mail).filter(|name| !name.is_empty())
}
