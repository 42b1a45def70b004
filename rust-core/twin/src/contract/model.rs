//! Graph's description, read.

use serde_json::Value;

use crate::schema::Object;

/// The description of Graph and its permission rules.
#[derive(Debug)]
pub(crate) struct Model {
    graph: Value,
    permissions: Value,
}

/// The type of a property, parameter or link.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type<'a> {
    /// `Edm.String`, or the name of an enum, complex or entity type.
    pub(super) name: &'a str,
    pub(super) collection: bool,
    pub(super) nullable: bool,
}

impl<'a> Type<'a> {
    pub(super) fn of(name: &'a str) -> Self {
        Self { name, collection: false, nullable: true }
    }

    pub(super) fn read(value: &'a Value) -> Self {
        Self {
            name: value["type"].as_str().unwrap_or_default(),
            collection: value["collection"] == Value::Bool(true),
            nullable: value["nullable"] != Value::Bool(false),
        }
    }

    pub(super) fn item(self) -> Self {
        Self { collection: false, ..self }
    }
}

impl Model {
    pub(super) fn new(graph: Value, permissions: Value) -> Self {
        Self { graph, permissions }
    }

    /// An entity set or singleton.
    pub(super) fn entry(&self, name: &str) -> Option<Type<'_>> {
        let entry = self.graph["entryPoints"].get(name)?;
        Some(Type { collection: entry["kind"] == "set", ..Type::read(entry) })
    }

    /// Whether the description says what is in the type; of many it names no more than the name.
    pub(super) fn knows(&self, type_name: &str) -> bool {
        self.graph["types"].get(type_name).is_some()
    }

    /// A type of the description by its name.
    pub(super) fn type_named(&self, name: &str) -> Option<&str> {
        self.graph["types"].as_object()?.get_key_value(name).map(|(name, _)| name.as_str())
    }

    /// A type and those it derives from.
    fn chain<'a>(&'a self, type_name: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let known = |name: &str| self.graph["types"].as_object().and_then(|types| types.get_key_value(name));
        let first = known(type_name);
        std::iter::successors(first, move |(_, current)| known(current["base"].as_str()?))
            .map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn derives(&self, type_name: &str, base: &str) -> bool {
        self.chain(type_name).any(|(name, _)| name == base)
    }

    pub(super) fn property(&self, type_name: &str, name: &str) -> Option<Type<'_>> {
        self.chain(type_name).find_map(|(_, known)| known["properties"].get(name)).map(Type::read)
    }

    pub(super) fn navigation(&self, type_name: &str, name: &str) -> Option<Type<'_>> {
        // The description leaves this singleton's type out; its page (rbacApplication) says what is below it.
        if (type_name, name) == ("roleManagement", "directory") {
            return Some(Type::of("rbacApplication"));
        }
        self.chain(type_name).find_map(|(_, known)| known["navigation"].get(name)).map(Type::read)
    }

    /// An action or function of a type, or of its collection.
    pub(super) fn operation(&self, type_name: &str, name: &str, on_collection: bool) -> Option<&Value> {
        let name = name.strip_prefix("microsoft.graph.").unwrap_or(name);
        let bound = self.chain(type_name).filter_map(|(known, _)| self.graph["operations"][known].as_array()).flatten();
        let mut fitting = bound.filter(|operation| (operation["onCollection"] == Value::Bool(true)) == on_collection);
        fitting.find(|operation| operation["name"] == name)
    }

    pub(super) fn is_alternate_key(&self, type_name: &str, name: &str) -> bool {
        let keys = self.graph["alternateKeys"][type_name].as_array().into_iter().flatten();
        keys.filter_map(|key| key.get(0)).any(|key| key == name)
    }

    pub(super) fn members(&self, enum_name: &str) -> Option<&Object> {
        self.graph["enums"][enum_name]["members"].as_object()
    }

    /// Whether a path such as `info/logoUrl` leads to a property; so does any on a type that is not described.
    pub(super) fn has_path(&self, type_name: &str, path: &str) -> bool {
        if !self.knows(type_name) || type_name.starts_with("Edm.") {
            return self.members(type_name).is_none() && !type_name.starts_with("Edm.");
        }
        let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let found = self.property(type_name, first).or_else(|| self.navigation(type_name, first));
        match (found, rest) {
            (Some(_), None | Some("$count")) => true,
            (Some(found), Some(rest)) => self.has_path(found.name, rest),
            // Directory extensions are named so on open types.
            (None, _) => first.starts_with("extension_"),
        }
    }

    /// The rule of a normalized path and method for tokens of applications.
    #[cfg(test)]
    pub(crate) fn rule(&self, path: &str, method: &str) -> Option<&Object> {
        self.permissions["rules"][path][method]["Application"].as_object()
    }

    /// The rule of a normalized path and method for tokens of people.
    #[cfg(test)]
    pub(crate) fn delegated_rule(&self, path: &str, method: &str) -> Option<&Object> {
        self.permissions["rules"][path][method]["DelegatedWork"].as_object()
    }

    /// The published permissions.
    #[cfg(test)]
    pub(crate) fn published(&self) -> &[Value] {
        self.permissions["permissions"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Whether a normalized path takes a method; `None` where the rules don't have the path.
    pub(super) fn has_method(&self, path: &str, method: &str) -> Option<bool> {
        self.permissions["rules"].get(path).map(|rule| rule.get(method).is_some())
    }
}
