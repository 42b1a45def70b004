//! Which application is meant, as far as the caller says: by a name, by an id.

use std::fmt;

use crate::observed::{Found, label};
use crate::pattern::Pattern;
use crate::problem::Problem;
use crate::steps::application::is_marked;
use crate::types::Application;
use crate::wanted::DEFAULT_DISPLAY_NAME;

/// Longest name the Entra portal takes for an app registration.
const LONGEST_DISPLAY_NAME: usize = 120;

/// A name of the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// Of a run: what it makes is called so, and one of this module's that is called otherwise is not taken for it.
    Made(String),
    /// Of a look or a removal: as PowerShell compares with `-like`, in any case.
    Like(Pattern),
}

/// Which application is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// None: this module's, whatever it is called; one made by hand has to have the default name.
    pub name: Option<Name>,
    /// Application (client) id, lower case.
    pub app_id: Option<String>,
    /// Object id, lower case.
    pub object_id: Option<String>,
    /// It becomes this module's: one that is so already isn't passed over, or there would be two.
    pub takes_over: bool,
}

impl Name {
    /// From its text, 1 to 120 characters: the name of what a run makes or takes over, or a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(given: &str, takes_over: bool) -> Result<Self, Problem> {
        checked_name(given)?;
        Ok(if takes_over { Self::Made(given.to_owned()) } else { Self::Like(Pattern::new(given)) })
    }

    /// As it was given.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Made(name) => name.clone(),
            Self::Like(pattern) => pattern.to_string(),
        }
    }

    fn admits(&self, name: &str) -> bool {
        match self {
            Self::Made(made) => made.to_lowercase() == name.to_lowercase(),
            Self::Like(pattern) => pattern.matches(name),
        }
    }
}

/// A display name: 1 to 120 characters.
pub(crate) fn checked_name(given: &str) -> Result<&str, Problem> {
    if given.trim().is_empty() {
        return Err(Problem::DisplayNameEmpty);
    }
    let length = given.chars().count();
    if length > LONGEST_DISPLAY_NAME {
        return Err(Problem::DisplayNameTooLong { length, most: LONGEST_DISPLAY_NAME });
    }
    Ok(given)
}

impl Which {
    /// What a new one is called.
    pub fn new_name(&self) -> &str {
        match &self.name {
            Some(Name::Made(name)) => name,
            Some(Name::Like(_)) | None => DEFAULT_DISPLAY_NAME,
        }
    }

    /// It is told by an id, so that none can be made for it.
    pub fn by_id(&self) -> bool {
        self.app_id.is_some() || self.object_id.is_some()
    }

    /// True where this is one that is meant.
    pub fn admits(&self, application: &Application) -> bool {
        let is =
            |wanted: &Option<String>, id: &str| wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(id));
        let name = application.display_name.as_deref().unwrap_or_default();
        is(&self.app_id, &application.app_id)
            && is(&self.object_id, &application.id)
            && self.name.as_ref().is_none_or(|wanted| wanted.admits(name))
    }

    /// What is meant of those that one way has found. One that carries our key or mark is ours, by whatever way it was found.
    pub(crate) fn narrow(&self, found: Vec<Application>) -> Found {
        let marked = |all: Vec<Application>| all.into_iter().partition::<Vec<_>, _>(is_marked);
        let (meant, others) = found.into_iter().partition::<Vec<_>, _>(|one| self.admits(one));
        let ((ours, by_hand), (others, _)) = (marked(meant), marked(others));
        match (ours.len(), by_hand.len()) {
            (0, 0) if others.is_empty() => Found::None,
            (0, 0) => Found::NotMeant(others),
            (0, _) => one_of(by_hand, Found::SameName),
            _ => one_of(ours, Found::Ours),
        }
    }

    /// What a surer way has found counts over what a less sure one has. Who only looks at one may pass over this module's own.
    pub(crate) fn prefer(&self, current: Found, surer: Found) -> Found {
        let looks = !self.takes_over;
        match (current, surer) {
            (current, Found::None) => current,
            (current @ (Found::Ours(_) | Found::SameName(_) | Found::Several(_)), Found::NotMeant(_)) if looks => {
                current
            }
            (_, surer) => surer,
        }
    }

    /// There is none of what is meant.
    pub fn not_found(&self) -> Problem {
        Problem::AppNotFound(self.to_string())
    }

    /// There are others of this module's.
    pub(crate) fn not_meant(&self, others: &[Application]) -> Problem {
        Problem::AppNotMeant { meant: self.to_string(), there: others.iter().map(label).collect() }
    }
}

fn one_of(mut several: Vec<Application>, one: fn(Application) -> Found) -> Found {
    if several.len() > 1 {
        return Found::Several(several);
    }
    several.pop().map_or(Found::None, one)
}

impl fmt::Display for Which {
    /// `'Practice Protect Federation'`, `with a name like 'Pra*'`, `with the application id ...`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.name {
            Some(Name::Made(name)) => Some(format!("'{name}'")),
            Some(Name::Like(pattern)) if pattern.is_plain() => Some(format!("'{pattern}'")),
            Some(Name::Like(pattern)) => Some(format!("with a name like '{pattern}'")),
            None if self.by_id() => None,
            None => Some(format!("'{DEFAULT_DISPLAY_NAME}'")),
        };
        let app_id = self.app_id.as_ref().map(|id| format!("with the application id {id}"));
        let object_id = self.object_id.as_ref().map(|id| format!("with the object id {id}"));
        let ids = [app_id, object_id].into_iter().flatten().collect::<Vec<_>>().join(" and ");
        f.write_str(format!("{} {ids}", name.unwrap_or_default()).trim())
    }
}
