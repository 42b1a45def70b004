//! One object as a list or a filter looks at it, kept or made for it.

use std::borrow::Cow;

use serde_json::Value;

use super::{Crowd, fields};
use crate::directory::shapes::text;
use crate::graph_permissions;
use crate::schema::Object;

/// An object that the store keeps, or one of a crowd.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Row<'a> {
    Kept(&'a Object),
    Made(&'a Crowd, u32),
}

impl<'a> Row<'a> {
    /// What a property is; `None` where there is none.
    pub(crate) fn value(&self, name: &str) -> Option<Cow<'a, Value>> {
        match self {
            Self::Kept(object) => graph_permissions::property(object, name).map(Cow::Borrowed),
            Self::Made(crowd, place) => crowd.value(*place, name).map(Cow::Owned),
        }
    }

    /// Whether a property is this text.
    pub(crate) fn has(&self, name: &str, text: &str) -> bool {
        self.value(name).is_some_and(|value| value.as_str() == Some(text))
    }

    /// The object's id; empty where it has none.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Kept(object) => text(object, "id").to_owned(),
            Self::Made(crowd, place) => crowd.id(*place).to_string(),
        }
    }

    /// The names of its properties, the twin's own among them.
    pub(crate) fn names(&self) -> Vec<&'a str> {
        match self {
            Self::Kept(object) => {
                let implied =
                    |list: &&str| !object.contains_key(*list) && graph_permissions::property(object, list).is_some();
                let lists = graph_permissions::LISTS.into_iter().filter(implied);
                object.keys().map(String::as_str).chain(lists).collect()
            }
            Self::Made(crowd, _) => fields::names(crowd.kind).to_vec(),
        }
    }

    /// The whole object.
    pub(crate) fn object(&self) -> Cow<'a, Object> {
        match self {
            Self::Kept(object) => Cow::Borrowed(object),
            Self::Made(crowd, place) => Cow::Owned(crowd.object(*place)),
        }
    }
}
